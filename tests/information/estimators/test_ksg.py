"""Nearest neighbours: counts by the definition, and what the common radius is good for."""

import numpy as np
import pytest
from scipy.spatial import cKDTree
from scipy.special import digamma

from mixlib import o_information
from mixlib.information import from_covariance, from_pmf, systems
from mixlib.information.estimators.ksg import neighbour_counts


def counts_by_definition(points, groups, k):
    distances = np.abs(points[:, None] - points[None, :])
    by_variable = np.stack([distances[..., group].max(axis=-1) for group in groups])
    whole = by_variable.max(axis=0)
    np.fill_diagonal(whole, np.inf)
    radius = np.sort(whole, axis=1)[:, k - 1]
    near = by_variable < radius[:, None]
    alone = near.sum(axis=-1) - 1
    without = np.stack([np.delete(near, i, axis=0).all(axis=0).sum(axis=-1) - 1 for i in range(len(groups))])
    return alone, without


@pytest.mark.parametrize("k", [1, 3, 7])
@pytest.mark.parametrize("groups", [[[0], [1], [2]], [[3, 0], [1], [2, 4]], [[1], [0]], [[0], [1], [2], [3], [4]]])
def test_counts_are_strict_and_of_the_radius_in_all_columns(groups, k):
    points = np.random.default_rng(k).normal(size=(80, 5))
    np.testing.assert_array_equal(neighbour_counts(points, groups, k), counts_by_definition(points, groups, k))


@pytest.mark.parametrize(
    "cov",
    [systems.equicorrelated(3, 0.6), systems.synergistic(3, 0.6), systems.sum_with_noise(2, 0.5), np.eye(4)],
)
def test_gaussian_truth(cov):
    exact = from_covariance(cov)
    runs = [o_information(systems.sample_gaussian(cov, 3000, rng=seed), "ksg", error=None) for seed in range(4)]
    for name in ("tc", "dtc", "omega"):
        assert np.mean([getattr(run, name) for run in runs]) == pytest.approx(getattr(exact, name), abs=0.03)


def test_neighbours_see_the_parity_that_no_pair_shows():
    samples = systems.sign_lift(systems.sample(systems.noisy_parity(0.1), 3000, rng=1), rng=2)
    exact = from_pmf(systems.noisy_parity(0.1))
    result = o_information(samples, "ksg")
    assert result.omega == pytest.approx(exact.omega, abs=0.06)
    np.testing.assert_allclose(result.gradient, exact.gradient, atol=0.06)


def test_random_ties_keep_the_information_of_discrete_columns():
    exact = from_pmf(systems.noisy_copy(0.1))
    result = o_information(systems.sample(systems.noisy_copy(0.1), 3000, rng=3), "ksg")
    for name in ("tc", "dtc", "omega"):
        assert getattr(result, name) == pytest.approx(getattr(exact, name), abs=0.06)


def test_distances_in_the_samples_own_units_depend_on_the_units():
    samples = systems.sample_gaussian(systems.sum_with_noise(2, 0.5), 1000, rng=4)
    in_metres, in_millimetres = (
        o_information(samples * [1, 1, scale], "ksg", scores=False, error=None).omega for scale in (1, 1000)
    )
    assert in_metres == pytest.approx(-0.51, abs=0.1)
    assert in_millimetres > -0.05


def own_radius(points, k=3):
    """Omega from entropies that each have the radius of their own columns, cut off at 0 as some packages do."""

    def entropy(columns):
        radius = cKDTree(points[:, columns]).query(points[:, columns], [k + 1], p=np.inf)[0]
        return max(0, digamma(len(points)) - digamma(k) + len(columns) * np.mean(np.log(2 * radius)))

    n = points.shape[1]
    rests = [entropy([j for j in range(n) if j != i]) for i in range(n)]
    return (n - 2) * entropy(list(range(n))) + sum(entropy([i]) for i in range(n)) - sum(rests)


def test_a_naive_sum_of_entropies_vanishes_in_other_units_and_ours_does_not_move():
    samples = systems.sample_gaussian(systems.equicorrelated(3, 0.6), 1000, rng=5)
    assert own_radius(samples) == pytest.approx(0.147, abs=0.1)
    assert own_radius(samples / 50) == 0
    ours = [o_information(points, "ksg", error=None).omega for points in (samples, samples / 50)]
    assert ours[0] == ours[1] == pytest.approx(0.147, abs=0.06)


def test_few_neighbours_have_less_bias_and_many_less_spread():
    cov, runs = systems.sum_with_noise(2, 0.5), {}
    draws = [systems.sample_gaussian(cov, 300, rng=seed) for seed in range(20)]
    for k in (2, 20):
        runs[k] = [o_information(samples, "ksg", k=k, error=None).omega for samples in draws]
    bias = {k: abs(np.mean(values) - from_covariance(cov).omega) for k, values in runs.items()}
    assert bias[2] < 0.5 * bias[20]
    assert np.std(runs[20]) < np.std(runs[2])


@pytest.mark.parametrize("k", [0, 24, 1000])
def test_bad_number_of_neighbours_is_named(k):
    with pytest.raises(ValueError, match=f"k: got {k}, expected a whole number, from 1 to 23"):
        o_information(np.random.default_rng(0).normal(size=(50, 3)), "ksg", k=k)
