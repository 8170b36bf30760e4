"""Sweeps over subsets: exact values, what is kept, and refusals."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import scipy.linalg
import torch
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from mixlib.information import from_covariance, systems
from mixlib.information.estimate import o_information
from mixlib.information.sweeps import o_information_sweep
from mixlib.information.sweeps.choose import forking_is_quicker
from mixlib.information.sweeps.elimination import FACTORS
from mixlib.information.sweeps.prefixes import GaussianPrefixes
from mixlib.information.sweeps.selection import empty_profile, tally
from mixlib.information.sweeps.tree import FORKED, GaussianTree


def random_correlation(n, seed, rows=2):
    return np.corrcoef(np.random.default_rng(seed).normal(size=(n, rows * n)))


def by_log_determinants(correlation, subset):
    """Omega and TC from one determinant for each entropy."""

    def h(variables):
        return np.linalg.slogdet(correlation[np.ix_(variables, variables)])[1] / 2 if variables else 0.0

    subset = list(subset)
    rests = [h([j for j in subset if j != i]) for i in subset]
    return (len(subset) - 2) * h(subset) - sum(rests), -h(subset)


def values_by_subset(result):
    subsets = [tuple(subset[subset >= 0].tolist()) for subset in result.subsets]
    assert len(set(subsets)) == len(subsets)
    return dict(zip(subsets, zip(result.omega, result.tc, strict=True), strict=True))


@pytest.mark.parametrize(
    ("n", "orders"),
    [(3, "all"), (4, (3, 4)), (9, None), (9, (5, 7)), (9, 9), (FORKED + 1, None), (FORKED + 2, (4, 6)), (40, 3)],
)
def test_every_subset_once_and_as_by_log_determinants(n, orders):
    correlation = random_correlation(n, seed=n)
    values = values_by_subset(o_information_sweep(covariance=correlation, orders=orders))
    lowest, highest = (3, n) if orders in (None, "all") else np.broadcast_to(orders, 2)
    expected = [subset for k in range(lowest, highest + 1) for subset in combinations(range(n), k)]
    assert sorted(values) == sorted(expected)
    rng = np.random.default_rng(0)
    for place in rng.choice(len(expected), min(len(expected), 400), replace=False):
        np.testing.assert_allclose(
            values[expected[place]], by_log_determinants(correlation, expected[place]), atol=1e-10, rtol=0
        )


@given(n=st.integers(3, 8), seed=st.integers(0, 2**31), data=st.data())
@examples(30)
def test_both_engines_agree(n, seed, data):
    lowest = data.draw(st.integers(3, n))
    highest = data.draw(st.integers(lowest, n))
    correlation = random_correlation(n, seed)
    found = []
    for kind in (GaussianTree, GaussianPrefixes):
        engine = kind(correlation, lowest, highest, n_samples=50)
        values = {}
        for task in engine.tasks:
            for block in engine.blocks(task, with_tc=True):
                there = np.flatnonzero(~np.isnan(block.omega))
                for place, subset in zip(there, engine.subsets(block.first + there), strict=True):
                    assert block.levels[place] + block.shift == (subset >= 0).sum()
                    values[tuple(subset)] = block.omega[place], block.tc[place]
        assert len(values) == engine.n_subsets == sum(map(engine.size, engine.tasks))
        found.append(values)
    assert found[0].keys() == found[1].keys()
    for subset, value in found[0].items():
        np.testing.assert_allclose(value, found[1][subset], atol=1e-10, rtol=0)


@pytest.mark.parametrize("kind", [GaussianTree, GaussianPrefixes])
def test_several_tasks_and_blocks_make_no_difference(kind, monkeypatch):
    module = __import__(kind.__module__, fromlist=["TASK"])
    correlation = random_correlation(15, seed=1)
    whole = kind(correlation, 4, 5)
    together = np.concatenate([block.omega.copy() for task in whole.tasks for block in whole.blocks(task)])
    monkeypatch.setattr(module, "TASK", 1 if kind is GaussianTree else 100)
    if kind is GaussianPrefixes:
        monkeypatch.setattr(module, "BLOCK", 1)
    parts = kind(correlation, 4, 5)
    assert len(parts.tasks) > len(whole.tasks) == 1
    apart = np.concatenate([block.omega.copy() for task in reversed(parts.tasks) for block in parts.blocks(task)])
    assert np.array_equal(np.sort(together[~np.isnan(together)]), np.sort(apart[~np.isnan(apart)]))


@pytest.mark.parametrize(("rho", "relative"), [(0.5, 1e-12), (1 - 1e-11, 1e-4)])
def test_many_large_factors_do_not_overflow(rho, relative):
    n = FORKED + 2 * FACTORS  # 32 precisions of 1e11 are more than a number can hold
    correlation = systems.equicorrelated(n, rho)
    exact = from_covariance(correlation)
    last = 1 << (n - FORKED)
    (block,) = GaussianTree(correlation, 3, n).blocks((last - 1, last), with_tc=True)
    np.testing.assert_allclose([block.omega[-1], block.tc[-1]], [exact.omega, exact.tc], rtol=relative)
    whole = o_information_sweep(covariance=correlation, orders=n)
    np.testing.assert_allclose([whole.omega[0], whole.tc[0]], [exact.omega, exact.tc], rtol=relative)


def test_known_systems_add_up_in_a_sweep():
    cov = np.zeros((7, 7))
    cov[:4, :4], cov[4:, 4:] = systems.equicorrelated(4, 0.7), systems.synergistic(3, 0.6)
    values = values_by_subset(o_information_sweep(covariance=cov))
    assert values[0, 1, 2, 3][0] == pytest.approx(0.584437, abs=6e-6)
    assert values[4, 5, 6][0] == pytest.approx(-0.123918, abs=6e-6)
    assert values[tuple(range(7))][0] == pytest.approx(0.584437 - 0.123918, abs=1.2e-5)
    assert values[0, 4, 5][0] == pytest.approx(0, abs=1e-12)


def test_bias_is_removed_as_for_one_subset():
    samples = np.random.default_rng(2).normal(size=(40, 6)) @ np.random.default_rng(3).normal(size=(6, 6))
    values = values_by_subset(o_information_sweep(samples))
    for subset in [(0, 1, 2), (1, 2, 4, 5), tuple(range(6))]:
        one = o_information(samples[:, subset])
        np.testing.assert_allclose(values[subset], (one.omega, one.tc), atol=1e-10)
    again = o_information_sweep(covariance=np.cov(samples, rowvar=False), n_samples=40)
    np.testing.assert_allclose(again.omega, o_information_sweep(samples).omega, atol=1e-10)


@pytest.mark.parametrize("estimator", ["gaussian-copula", "ksg", "plugin"])
def test_other_estimators_give_what_they_give_for_one_subset(estimator):
    samples = np.random.default_rng(4).normal(size=(120, 5)) ** 3
    samples[:, 2] += samples[:, 0]
    if estimator == "plugin":
        samples = samples > 0
    sweep = o_information_sweep(samples, orders=(3, 4), estimator=estimator)
    assert sweep.n_subsets == 15
    for subset, values in values_by_subset(sweep).items():
        one = o_information(samples[:, subset], estimator, error=None)
        np.testing.assert_allclose(values, (one.omega, one.tc), atol=1e-10)


def test_options_reach_the_estimator():
    samples = np.random.default_rng(5).normal(size=(60, 4))
    one = o_information(samples[:, :3], "ksg", k=7, error=None)
    assert o_information_sweep(samples, orders=3, estimator="ksg", k=7).omega[0] == pytest.approx(one.omega, abs=1e-12)
    one = o_information(samples[:, :3], "plugin", bins=2, correction=None, error=None)
    sweep = o_information_sweep(samples, orders=3, estimator="plugin", bins=2, correction=None)
    assert sweep.omega[0] == pytest.approx(one.omega, abs=1e-12)


@pytest.mark.parametrize(("n", "orders", "top"), [(9, None, 5), (9, (3, 4), 40), (14, None, 3), (5, 4, 100)])
def test_top_keeps_the_extremes_of_all(n, orders, top):
    correlation = random_correlation(n, seed=7)
    every = o_information_sweep(covariance=correlation, orders=orders, n_samples=200)
    best = o_information_sweep(covariance=correlation, orders=orders, n_samples=200, top=top)
    frame = every.to_frame()
    count = min(2 * top, len(frame))
    expected = frame if count == len(frame) else pd.concat([frame[:top], frame[-top:]], ignore_index=True)
    assert best.n_subsets == every.n_subsets == len(frame)
    found = best.to_frame()
    assert list(found["variables"]) == list(expected["variables"])
    np.testing.assert_allclose(found[["tc", "omega"]], expected[["tc", "omega"]], atol=1e-12)
    pd.testing.assert_frame_equal(best.by_order(), every.by_order())


def test_equal_values_are_kept_by_their_number():
    # ten independent copies of one pair make ties of every kind
    cov = np.kron(np.eye(5), [[1.0, 0.5], [0.5, 1.0]])
    best = o_information_sweep(covariance=cov, orders=(3, 4), top=4)
    again = o_information_sweep(covariance=cov, orders=(3, 4), top=7)
    assert set(map(tuple, best.subsets)) <= set(map(tuple, again.subsets))


def test_what_the_result_says():
    frame = pd.DataFrame(np.random.default_rng(8).normal(size=(50, 5)), columns=list("abcde"))
    result = o_information_sweep(frame, orders="3-4", units="bits")
    assert repr(result).startswith("Sweep(all of 15 subsets of 5 variables, orders 3 to 4, omega -0.")
    table = result.to_frame()
    assert list(table.columns) == ["variables", "order", "tc", "dtc", "omega", "s_information"]
    assert table["omega"].is_monotonic_increasing
    assert set(table["variables"].map(len)) == {3, 4}
    assert set().union(*table["variables"]) == set("abcde")
    np.testing.assert_allclose(table["tc"] - table["dtc"], table["omega"])
    np.testing.assert_allclose(table["tc"] + table["dtc"], table["s_information"])
    np.testing.assert_allclose(result.omega * np.log(2), o_information_sweep(frame, orders=(3, 4)).omega)
    assert result.synergistic(2)["omega"].tolist() == table["omega"][:2].tolist()
    assert result.redundant(1)["omega"].tolist() == table["omega"][-1:].tolist()
    orders = result.by_order()
    assert orders.index.tolist() == [3, 4]
    assert orders["subsets"].tolist() == [10, 5]
    of_three = table.loc[table["order"] == 3, "omega"]
    expected = [(of_three < 0).mean(), of_three.mean(), of_three.std(ddof=0), of_three.min(), of_three.max()]
    np.testing.assert_allclose(orders.loc[3].to_list()[1:], expected)
    assert orders.loc[3].to_list() == pytest.approx(result.to("nats").to("bits").by_order().loc[3].to_list())


def test_what_rounding_leaves_of_nothing_is_no_synergy():
    pairs = scipy.linalg.block_diag(*(np.array([[1, r], [r, 1]]) for r in (0.3, 0.5, 0.7, 0.9)))
    result = o_information_sweep(covariance=pairs, orders=(3, 4))
    assert -1e-14 < result.omega.min() < 0
    assert result.by_order()["synergistic"].tolist() == [0, 0]
    profile = empty_profile(3, 4)
    tally(np.array([-1e-17, -1e-9, 0.0, 1e-17]), np.zeros(4, np.uint8), 0, profile)
    assert profile[0, :2].tolist() == [4, 1]


def test_plot():
    from matplotlib.figure import Figure

    samples = np.random.default_rng(9).normal(size=(100, 6))
    samples[:, 5] = samples[:, :2].sum(axis=1)
    samples[:, 5] += np.random.default_rng(10).normal(size=100)
    result = o_information_sweep(samples, top=4, null=1, error="jackknife")
    axes = Figure().subplots()
    assert result.plot(axes, count=3) is axes
    assert len(axes.patches) == 6
    assert axes.get_xlabel() == "O-information (nats)"
    low, high = result.synergistic(3), result.redundant(3)
    bars = [bar for frame in (high, low) for bar in frame["omega"]]
    np.testing.assert_allclose([bar.get_width() for bar in axes.patches], bars)
    drawn = [part.lines[2][0].get_segments() for part in axes.containers if hasattr(part, "has_xerr")]
    errors = np.concatenate([frame["standard_error"] for frame in (high, low)])
    np.testing.assert_allclose([line[1, 0] - line[0, 0] for lines in drawn for line in lines], 4 * errors)


@pytest.mark.parametrize("kind", [np.asarray, torch.tensor, pd.DataFrame, np.ndarray.tolist])
def test_every_kind_of_input_gives_the_same(kind):
    samples = np.random.default_rng(11).normal(size=(30, 4))
    cov = np.cov(samples, rowvar=False)
    assert np.array_equal(o_information_sweep(kind(samples)).omega, o_information_sweep(samples).omega)
    found = o_information_sweep(covariance=kind(cov))
    assert np.array_equal(found.omega, o_information_sweep(covariance=cov).omega)
    assert found.n_samples is None


def test_samples_are_left_alone():
    samples = np.random.default_rng(11).normal(size=(30, 4)) + 5
    before = samples.copy()
    for estimator in ("gaussian", "gaussian-copula", "ksg"):
        o_information_sweep(samples, estimator=estimator, null=1)
        assert np.array_equal(samples, before)


def test_more_variables_than_samples():
    samples = np.random.default_rng(12).normal(size=(20, 15))
    cov = np.cov(np.random.default_rng(13).normal(size=(30, 12)))  # rank 11
    result = o_information_sweep(covariance=cov, n_samples=12, orders=3, top=2)
    assert np.isfinite(result.omega).all()
    assert o_information_sweep(samples, orders=3, top=2).n_subsets == 455


@pytest.mark.parametrize("estimator", ["gaussian", "gaussian-copula", "ksg", "plugin", "auto"])
def test_samples_suffice_that_are_two_more_than_the_highest_order(estimator):
    samples = np.random.default_rng(17).normal(size=(6, 9))
    samples = (
        np.random.default_rng(17).permuted(np.tile([0, 1], (9, 3)), axis=1).T if estimator == "plugin" else samples
    )
    options = {"k": 1} if estimator == "ksg" else {}
    assert np.isfinite(o_information_sweep(samples, orders=4, estimator=estimator, **options).omega).all()
    with pytest.raises(ValueError, match="orders: subsets of 5 variables need at least 7 samples, got 6; lower the"):
        o_information_sweep(samples, orders=(3, 5), estimator=estimator, **options)
    with pytest.raises(ValueError, match="samples: 4 samples of 9 columns are too few, at least 5"):
        o_information_sweep(samples[:4], orders=3, estimator=estimator, **options)


def test_many_states_are_said_to_be_doubtful():
    samples = np.random.default_rng(5).normal(size=(60, 4))
    assert not o_information_sweep(samples > 0, orders=3, estimator="plugin").note
    note = o_information_sweep(samples, orders=(3, 4), estimator="plugin", bins=3).note
    assert note.startswith("4 variables may have 81 joint states, too many to be counted well in 60 samples")


def test_auto_says_why():
    result = o_information_sweep(np.random.default_rng(14).integers(2, size=(200, 4)), orders=3, estimator="auto")
    assert result.estimator == "plugin"
    assert "discrete" in result.note


def test_the_quicker_engine_is_taken():
    assert forking_is_quicker(15, 3, 15)
    assert forking_is_quicker(24, 3, 20)
    assert not forking_is_quicker(20, 3, 5)
    assert not forking_is_quicker(100, 3, 4)
    assert not forking_is_quicker(100, 3, 100)


SAMPLES = np.random.default_rng(15).normal(size=(30, 5))
COPIED = np.column_stack([SAMPLES, 2 * SAMPLES[:, 1]])
SUMMED = np.column_stack([SAMPLES, SAMPLES[:, 0] + SAMPLES[:, 1]])
LATE = np.random.default_rng(16).normal(size=(30, 16))
LATE[:, 14] = LATE[:, 2] - 0.01 * LATE[:, 5]
LATE[:, 15] = LATE[:, :9].sum(axis=1)  # a second one, which is found when the first is gone


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "samples, covariance: give one of the two"),
        ({"samples": SAMPLES, "covariance": np.eye(3)}, "give one of the two"),
        ({"samples": SAMPLES, "n_samples": 30}, "n_samples: samples have their own"),
        ({"samples": SAMPLES, "orders": 2}, "orders: got 2 to 2 for 5 variables; expected 3 <="),
        ({"samples": SAMPLES, "orders": (3, 6)}, "orders: got 3 to 6 for 5 variables"),
        ({"samples": SAMPLES, "orders": (4, 3)}, "orders: got 4 to 3"),
        ({"samples": SAMPLES, "orders": [3, 5, 4]}, r"orders: got \[3, 5, 4\]; expected an int, a pair"),
        ({"samples": SAMPLES, "orders": "three"}, "orders: got .*expected an int"),
        ({"samples": SAMPLES, "orders": 3.0}, "orders: got 3.0; expected an int"),
        ({"samples": SAMPLES, "top": 0}, "top: got 0, expected a whole number, 1 or more"),
        ({"samples": SAMPLES, "top": 2.5}, "top: got 2.5"),
        ({"samples": SAMPLES, "null": True}, "null: got True"),
        ({"samples": SAMPLES, "memory": "1 GB"}, "memory: got '1 GB', expected a whole number, 1 or more"),
        ({"samples": SAMPLES, "resamples": 1}, "resamples: got 1, expected a whole number, 2 or more"),
        ({"samples": SAMPLES, "null": None}, "null: got None, expected a whole number, 0 or more"),
        ({"samples": SAMPLES, "memory": None}, "memory: got None, expected a whole number, 1 or more"),
        ({"samples": SAMPLES, "error": "bootstrap", "resamples": None}, "resamples: got None"),
        ({"samples": SAMPLES, "search": "annealing", "top": 2, "steps": None}, "steps: got None"),
        ({"samples": SAMPLES, "checkpoint": "no/such/state"}, "checkpoint: got no/such/state, but there is no folder"),
        ({"samples": SAMPLES, "units": "bans"}, "units: got 'bans'"),
        ({"samples": SAMPLES, "estimator": "score"}, "estimator: got 'score', expected one of 'gaussian'"),
        ({"samples": SAMPLES, "estimator": "plugin"}, "samples: column 0 has 30 different values"),
        ({"samples": SAMPLES, "k": 3}, "k: is no option of estimator 'gaussian', which has none"),
        ({"samples": SAMPLES, "search": "lucky"}, "search: got 'lucky', expected 'exhaustive'"),
        ({"samples": SAMPLES, "search": "greedy"}, "search: 'greedy' needs top"),
        ({"samples": SAMPLES, "error": "magic"}, "error: got 'magic'"),
        ({"samples": SAMPLES, "memory": 100}, "memory: 16 subsets take .*keep the best with top=100"),
        (
            {"samples": np.random.default_rng(0).normal(size=(60, 100)), "orders": (3, 50), "top": 5},
            r"orders: 6.84e\+29 subsets of 3 to 50 variables are too many to look at all; .* use search='greedy'",
        ),
        ({"samples": SAMPLES, "executor": 3}, "executor: got int; expected a dask"),
        ({"samples": COPIED}, "samples: column 1 and column 5 are the same up to scale"),
        ({"samples": SUMMED}, "samples: column 0, column 1, column 5 are linearly dependent"),
        ({"samples": SUMMED, "orders": 3}, "samples: column 0, column 1, column 5 are linearly dependent"),
        ({"covariance": np.eye(3), "null": 5}, "covariance: estimator='gaussian' only, without null"),
        ({"covariance": np.eye(3), "estimator": "ksg"}, "covariance: estimator='gaussian' only"),
        ({"covariance": np.eye(2)}, r"covariance: expected shape \(N, N\) with N >= 3, got \(2, 2\)"),
        ({"covariance": np.full((3, 3), np.nan)}, "covariance: holds NaN"),
        ({"covariance": np.diag([1.0, 0.0, 1.0])}, "covariance: the variance of column 1 is 0"),
        ({"covariance": np.eye(3) + np.eye(3, k=1) / 2}, "covariance: not symmetric .correlations differ by 0.5"),
        ({"covariance": systems.equicorrelated(4, -0.6)}, "covariance: not positive semi-definite"),
        (
            {"covariance": systems.equicorrelated(3, -0.5)},
            "covariance: column 0, column 1, column 2 are linearly dependent",
        ),
        ({"samples": LATE}, "samples: column 2, column 5, column 14 are linearly dependent, so .*; drop one of them"),
        (
            {"covariance": np.cov(np.random.default_rng(0).normal(size=(16, 5)))},
            "covariance: column 0, column 1, column 2, column 3, column 4 are linearly dependent",
        ),
        ({"covariance": np.ones((3, 3))}, "covariance: column 0 and column 1 are the same up to scale"),
        ({"covariance": np.eye(5), "n_samples": 6}, "orders: subsets of 5 variables need at least 7 samples, got 6"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        o_information_sweep(**arguments)
