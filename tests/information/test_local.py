"""Local values: densities by SciPy, counts by hand, neighbours by brute force, and means that are the measures."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from scipy.special import digamma
from scipy.stats import multivariate_normal

from mixlib import o_information
from mixlib.information import local_o_information

MEASURES = ("tc", "dtc", "omega", "s_information")


def samples(rows=200, seed=0):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(rows, 4))
    table[:, 3] += table[:, 0] + table[:, 1]
    table[:, 2] += 0.7 * table[:, 3]
    return table


@pytest.mark.parametrize("estimator", ["gaussian", "gaussian-copula", "ksg", "plugin"])
@pytest.mark.parametrize("groups", [None, [[0], [1, 2], [3]]])
def test_the_means_are_the_measures(estimator, groups):
    table = np.digitize(samples(), [-0.5, 0.8]) if estimator == "plugin" else samples()
    local = local_o_information(table, estimator, groups=groups, units="bits")
    whole = o_information(table, estimator, groups=groups, units="bits", error=None, gradient=False)
    for name in MEASURES:
        values = getattr(local, name)
        assert values.shape == (200,)
        assert values.mean() == pytest.approx(getattr(whole, name), abs=1e-12)
        assert values.std() > 0.1


def test_normal_samples_by_their_log_densities():
    table = samples(5000)
    cov = np.cov(table, rowvar=False)

    def h(*columns):
        chosen = table[:, columns]
        return -multivariate_normal(chosen.mean(axis=0), cov[np.ix_(columns, columns)]).logpdf(chosen)

    omega = 2 * h(0, 1, 2, 3) + h(0) - h(1, 2, 3) + h(1) - h(0, 2, 3) + h(2) - h(0, 1, 3) + h(3) - h(0, 1, 2)
    found = local_o_information(table).omega
    bias = (found - omega).mean()  # the correction, which is the same for all samples
    assert abs(bias) < 1e-3
    assert np.abs(found - omega - bias).max() < 1e-10


def test_states_by_their_counts():
    rows = np.random.default_rng(0).integers(3, size=(300, 3))
    rows[:, 2] = (rows[:, 0] + rows[:, 1]) % 3
    found = local_o_information(rows, "plugin", correction=None)

    def h(*columns):
        keys = [tuple(row) for row in rows[:, columns]]
        counts = Counter(keys)
        return np.array([-np.log(counts[key] / 300) for key in keys])

    singles, pairs = h(0) + h(1) + h(2), h(0, 1) + h(0, 2) + h(1, 2)
    assert found.tc == pytest.approx(singles - h(0, 1, 2))
    assert found.omega == pytest.approx(h(0, 1, 2) + singles - pairs)


def test_neighbours_by_brute_force():
    table = samples(60)
    found = local_o_information(table, "ksg", k=4, scores=False)
    apart = np.abs(table[:, None] - table[None])

    def near(*columns):
        distance = apart[:, :, columns].max(axis=-1)
        return (distance < radius[:, None]).sum(axis=1) - 1

    radius = np.sort(apart.max(axis=-1), axis=1)[:, 4]
    rest = [[j for j in range(4) if j != i] for i in range(4)]
    sums = sum(digamma(near(*rest[i]) + 1.0) - digamma(near(i) + 1.0) for i in range(4))
    assert found.omega == pytest.approx(2 * (digamma(60) - digamma(4)) + sums)


@pytest.mark.parametrize("estimator", ["gaussian-copula", "ksg"])
def test_a_column_may_be_stretched(estimator):
    table = samples()
    stretched = np.column_stack([np.exp(table[:, 0]), table[:, 1:] ** 3])
    before, after = (local_o_information(values, estimator).omega for values in (table, stretched))
    assert np.array_equal(before, after)


def test_a_pattern_that_is_shared_stands_out():
    table = samples()
    table[0] = 6.0  # all of them high together
    omega = local_o_information(table[:, 1:]).omega
    assert omega.argmax() == 0 or omega[0] > np.quantile(omega, 0.95)


def test_units_frames_and_what_they_say():
    local = local_o_information(pd.DataFrame(samples(), columns=list("abcd")))
    bits = local.to("bits")
    assert bits.omega * np.log(2) == pytest.approx(local.omega)
    assert bits.to_frame().shape == (200, 4)
    assert "200 samples, bits, gaussian" in repr(bits)
    with pytest.raises(ValueError, match="units: got 'hartley'"):
        local.to("hartley")


def skewed(rng, rows):
    table = rng.exponential(size=(rows, 3))
    table[:, 2] += table[:, 0] + table[:, 1]
    return table


def states(rng, rows):
    table = rng.integers(2, size=(rows, 3))
    table[:, 2] = np.where(rng.random(rows) < 0.2, table[:, 2], table[:, 0] ^ table[:, 1])
    return table


@pytest.mark.parametrize(("estimator", "draw"), [("gaussian", skewed), ("gaussian-copula", skewed), ("plugin", states)])
def test_errors_of_the_means_are_the_spread_over_draws(estimator, draw):
    truth = local_o_information(draw(np.random.default_rng(10**6), 100_000), estimator)
    drawn = [local_o_information(draw(np.random.default_rng(seed), 500), estimator) for seed in range(200)]
    for name in ("tc", "dtc", "omega"):
        off = np.array([getattr(one, name).mean() - getattr(truth, name).mean() for one in drawn])
        errors = np.array([one.errors[name] for one in drawn])
        assert (np.abs(off) < 1.96 * errors).mean() > 0.88  # of 95%, of which 200 draws leave three standard errors
        assert 0.8 < errors.mean() / off.std() < 1.25


def test_errors_have_units_and_neighbours_none():
    local = local_o_information(samples())
    assert local.to("bits").errors["omega"] * np.log(2) == pytest.approx(local.errors["omega"])
    assert local.errors["tc"] == pytest.approx(local.tc.std() / np.sqrt(200))
    assert local_o_information(samples(), "ksg").errors == {}


@pytest.mark.parametrize(
    ("estimator", "options", "message"),
    [
        ("score", {}, "estimator: got 'score', expected one of 'gaussian'"),
        ("gaussian", {"k": 3}, "k: is no option of estimator 'gaussian', which has none"),
        ("plugin", {}, "looks continuous"),
    ],
)
def test_what_has_no_local_values_is_refused(estimator, options, message):
    with pytest.raises(ValueError, match=message):
        local_o_information(samples(), estimator, **options)


def test_equal_rows_have_no_neighbours():
    table = np.repeat(samples(40), 5, axis=0)
    with pytest.raises(ValueError, match="scores"):
        local_o_information(table, "ksg", scores=False)


def test_tensors_come_out_as_they_went_in():
    torch = pytest.importorskip("torch")
    table = torch.tensor(samples(), dtype=torch.float32)
    found = local_o_information(table)
    assert found.omega.dtype == torch.float32
    assert found.omega.numpy() == pytest.approx(local_o_information(table.numpy()).omega, abs=1e-5)
