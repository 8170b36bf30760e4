"""Laws between snapshots: means of known pairs, distances of known pairs, and what the processes claim to be."""

import numpy as np
import pytest

from mixbook.studies.carriers.augmentation import interpolation


def test_means_of_equal_hills_are_known():
    first, last = (interpolation.density([(1.0, place, 1.0)]) for place in (0.0, 4.0))
    found = interpolation.means(first, last)
    middle = interpolation.density([(1.0, 2.0, 1.0)])
    np.testing.assert_allclose(found["Wasserstein"], middle, atol=3e-3)
    np.testing.assert_allclose(found["logarithmic"], middle, atol=1e-9)
    np.testing.assert_allclose(found["linear"], (first + last) / 2)


def test_the_earth_mover_measures_a_shift():
    first, last = (interpolation.density([(1.0, place, 0.7)]) for place in (1.0, 3.5))
    assert interpolation.earth_mover(first, last) == pytest.approx(2.5, abs=1e-6)


@pytest.mark.parametrize("name", interpolation.PROCESSES)
def test_halfway_is_between_the_snapshots_and_is_no_mean_of_them(name):
    for seed in range(5):
        ends, middle = interpolation.PROCESSES[name](np.random.default_rng(seed))
        first, last, middle = (sum(share * mean for share, mean, _ in parts) for parts in (*ends, middle))
        assert first < middle < last
        assert middle - first > 1.05 * (last - middle)  # both slow down


def test_the_winner_follows_the_process():
    for name, better in (("drawn to a place", "Wasserstein"), ("kinds in exchange", "linear")):
        other = {"Wasserstein": "linear", "linear": "Wasserstein"}[better]
        for distance in interpolation.errors(name, 3, 11):
            assert (distance[better] < distance[other]).all()
