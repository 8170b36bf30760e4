"""Sweeps over columns that depend on each other: only subsets that do are refused, by every engine alike."""

from itertools import combinations

import numpy as np
import pytest

from mixlib.information import o_information
from mixlib.information.sweeps import o_information_sweep, tree
from mixlib.information.sweeps.base import DOUBTFUL_TC
from mixlib.information.sweeps.prefixes import GaussianPrefixes
from mixlib.information.sweeps.sampled import Neighbours
from mixlib.information.sweeps.tree import GaussianTree

WAYS = [{}, {"error": "jackknife"}, {"null": 2}, {"search": "greedy"}, {"search": "annealing", "steps": 20}]


def engines():
    """Functions of a correlation matrix, the lowest and the highest order."""
    made = {"tree": GaussianTree, "prefixes": GaussianPrefixes}
    try:
        from mixlib.information.sweeps.on_device import SubsetsOnDevice, TreeOnDevice
    except ImportError:
        return made
    return made | {
        "tree in torch": lambda *problem: TreeOnDevice(*problem, device="cpu"),
        "subsets in torch": lambda *problem: SubsetsOnDevice(*problem, device="cpu"),
    }


def values_of(engine):
    found = {}
    for task in engine.tasks:
        for block in engine.blocks(task, with_tc=True):
            for place in np.flatnonzero(~np.isnan(block.omega)):
                (subset,) = engine.subsets([block.first + place])
                found[tuple(subset[subset >= 0].tolist())] = block.omega[place], block.tc[place]
    return found


def direct(correlation, subset):
    """Omega and TC by a log-determinant for each entropy."""

    def h(chosen):
        return np.linalg.slogdet(correlation[np.ix_(chosen, chosen)])[1] / 2

    rests = [h([j for j in subset if j != i]) for i in subset]
    return (len(subset) - 2) * h(subset) - sum(rests), -h(subset)


def share(correlation, subset):
    """The smallest share of a variance that the other members leave unexplained, by eigenvalues."""
    sizes, directions = np.linalg.eigh(correlation[np.ix_(subset, subset)])
    return 1 / (directions**2 / np.maximum(sizes, 1e-17)).sum(axis=1).max()


def awkward(seed):
    """The correlation matrix of few samples, low rank, copies, sums with weights of any size, or few values."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(4, 8))
    values = rng.normal(size=(int(rng.integers(5, 30)), n))
    one, other, *rest = rng.permutation(n)
    match seed % 6:
        case 0:
            values = values[:5]
        case 1:
            values = values[:, : n - 1] @ rng.normal(size=(n - 1, n))
        case 2:
            values[:, one] = -3 * values[:, other]
        case 3:
            values[:, one] = 10.0 ** rng.uniform(-5, 3) * values[:, other] + values[:, rest[0]]
        case 4:
            values[:, one] = values[:, other] + 10.0 ** -rng.integers(3, 10) * values[:, one]
        case 5:
            values = (2 * values).round()
            values[:, one] = values[:, other] + values[:, rest[0]]
    return np.corrcoef(values, rowvar=False)


@pytest.mark.parametrize("forked", [2, 13])
def test_engines_refuse_dependent_subsets_and_no_others(forked, monkeypatch):
    monkeypatch.setattr(tree, "FORKED", forked)
    refused = measured = 0
    for seed in range(24):
        correlation = awkward(seed)
        n = len(correlation)
        lowest, highest = 3, int(np.random.default_rng(seed).integers(3, n + 1))
        subsets = [list(s) for k in range(3, highest + 1) for s in combinations(range(n), k)]
        shares = [share(correlation, subset) for subset in subsets]
        if 1e-13 < min(shares) < 1e-11:  # where rounding decides
            continue
        for make in engines().values():
            if min(shares) < 1e-12:
                with pytest.raises(ValueError, match=r"covariance: column .* linearly dependent") as caught:
                    values_of(make(correlation, lowest, highest))
                named = [int(word.strip(",")) for word in str(caught.value).split() if word.strip(",").isdigit()]
                named = named[:-1] if "lower the highest order" in str(caught.value) else named
                assert len(named) <= highest
                assert share(correlation, named) < 1e-12
                refused += 1
            else:
                found = values_of(make(correlation, lowest, highest))
                assert len(found) == len(subsets)
                for subset, least in zip(subsets, shares, strict=True):
                    expected = direct(correlation, subset)
                    np.testing.assert_allclose(found[tuple(subset)], expected, atol=1e-9 + 1e-13 / least, rtol=0)
                measured += 1
    assert min(refused, measured) > 15


@pytest.mark.parametrize("estimator", ["gaussian", "gaussian-copula", "ksg"])
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_fewer_samples_than_columns_are_enough(estimator, way):
    samples = np.random.default_rng(0).normal(size=(10, 12))
    options = {"estimator": estimator, "orders": (3, 5) if estimator == "ksg" else (3, 7), "top": 3, **way}
    if estimator == "ksg":
        options["k"] = 1
    found = o_information_sweep(samples, **options)
    for subset, omega in zip(found.subsets, found.omega, strict=True):
        chosen = {"k": 1} if estimator == "ksg" else {}
        one = o_information(samples[:, subset[subset >= 0]], estimator, error=None, **chosen)
        assert omega == pytest.approx(one.omega, abs=1e-9)


def test_orders_up_to_the_rank_of_a_covariance_can_be_swept():
    factors = np.random.default_rng(1).normal(size=(13, 12))
    cov = factors @ factors.T
    for orders in ((3, 8), (3, 12)):
        found = o_information_sweep(covariance=cov, orders=orders, top=5)
        correlation = cov / np.sqrt(np.outer(np.diag(cov), np.diag(cov)))
        for subset, omega, tc in zip(found.subsets, found.omega, found.tc, strict=True):
            np.testing.assert_allclose((omega, tc), direct(correlation, subset[subset >= 0].tolist()), atol=1e-8)
    with pytest.raises(ValueError, match=r"are linearly dependent, .* or lower the highest order below 13"):
        o_information_sweep(covariance=cov, top=5)


@pytest.mark.parametrize("search", ["exhaustive", "greedy", "annealing"])
def test_a_sum_is_refused_where_subsets_can_hold_it(search):
    samples = np.random.default_rng(2).normal(size=(20, 6))
    samples[:, 5] = samples[:, :3].sum(axis=1)
    assert np.isfinite(o_information_sweep(samples, orders=3, top=3, search=search, steps=50).omega).all()
    with pytest.raises(ValueError, match="column 0, column 1, column 2, column 5 are linearly dependent"):
        o_information_sweep(samples, orders=4, top=3, search=search, steps=500)


def test_neighbours_refuse_the_dependent_subsets_of_their_scores():
    scores = np.random.default_rng(4).permuted(np.tile(np.arange(9.0), (4, 1)), axis=1).T
    scores[:, 3] = -scores[:, 1]
    with pytest.raises(ValueError, match="column 1 and column 3 are the same"):
        o_information_sweep(scores**3, orders=3, estimator="ksg", k=1)
    engine = Neighbours(np.column_stack([scores[:, :3], scores[:, 0] + scores[:, 1]]), 3, 3, k=1)
    with pytest.raises(ValueError, match="column 0, column 1, column 3 are linearly dependent"):
        engine.measure(np.array([[0, 1, 2], [0, 1, 3]]))


def test_shuffled_samples_that_depend_on_each_other_by_chance_are_left_out():
    rows = [[0, 0, 1, 0], [0, 1, 0, 1], [1, 0, 0, 1], [1, 1, 1, 0], [0, 1, 1, 1], [0, 1, 0, 0]]
    found = o_information_sweep(np.array(rows, dtype=float), orders=3, null=200)  # some columns become copies
    assert np.isfinite(found.p_values).all()
    assert (found.p_values > 0).all()


@pytest.mark.parametrize("scale", [1e-200, 1e200, 1e300])
def test_the_size_of_numbers_is_no_dependence(scale):
    samples = np.random.default_rng(3).normal(size=(30, 5))
    expected = o_information_sweep(samples, orders=3).omega
    np.testing.assert_allclose(o_information_sweep(scale * samples, orders=3).omega, expected, atol=1e-12)


def test_what_may_be_dependent_is_told_from_its_total_correlation():
    # a determinant is at most the smallest share: what has less total correlation than the limit needs no second look
    assert np.exp(-2 * DOUBTFUL_TC) == pytest.approx(1e-10)
