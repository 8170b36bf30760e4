"""Intrinsic means of angles, held against a search over the whole circle."""

import numpy as np
import pytest
import torch
from scipy.stats import circmean

from mixlib.carriers import Circle

CIRCLE = Circle()


def degrees(*angles):
    return np.radians(np.array(angles, dtype=float))[:, None]


def arcs(a, b):
    return np.abs((a - b + np.pi) % (2 * np.pi) - np.pi)


def by_search(angles, weights):
    """The best of a fine grid, then of a finer one around it."""
    grid, width = np.linspace(0, 2 * np.pi, 3601)[:-1], 2 * np.pi / 3600
    for _ in range(3):
        best = grid[np.argmin((weights * arcs(grid[:, None], angles) ** 2).sum(axis=-1))]
        grid, width = best + np.linspace(-width, width, 2001), width / 1000
    return best


@pytest.mark.parametrize("k", [1, 2, 3, 5, 12])
def test_the_mean_is_the_best_angle_of_all(k):
    rng = np.random.default_rng(k)
    for _ in range(8):
        angles, weights = rng.uniform(-9, 9, size=k), rng.dirichlet(np.ones(k))
        mean = CIRCLE.mean(angles[:, None], weights).item()
        assert 0 <= mean < 2 * np.pi
        assert arcs(mean, by_search(angles, weights)) < 1e-7


def test_a_compass_at_350_and_10_degrees_points_north():
    assert arcs(CIRCLE.mean(degrees(350, 10)), 0).item() < 1e-14
    assert np.degrees(CIRCLE.wrong_mean(degrees(350, 10))).item() == pytest.approx(180)
    assert CIRCLE.failure(np.array([np.pi]), degrees(350, 10)) == pytest.approx(8.5)
    assert CIRCLE.failure(np.array([0.0]), degrees(350, 10)) == pytest.approx(0.5)


def test_the_chordal_mean_of_directional_statistics_is_another_one():
    angles = degrees(0, 10, 80)
    assert np.degrees(CIRCLE.mean(angles)).item() == pytest.approx(30)
    assert np.degrees(circmean(angles)) == pytest.approx(28.2, abs=0.1)


@pytest.mark.parametrize(
    ("angles", "weights"),
    [((0, 180), None), ((0, 120, 240), None), ((10, 190, 100), (0.5, 0.5, 0)), ((0, 90, 180, 270), None)],
)
def test_angles_that_balance_out_have_no_one_mean(angles, weights):
    with pytest.raises(ValueError, match="points: the mean is not unique"):
        CIRCLE.mean(degrees(*angles), weights)
    with pytest.raises(ValueError, match="points: the mean is not unique"):
        CIRCLE.mean(torch.asarray(degrees(*angles), dtype=torch.float32), weights)


def test_opposite_angles_of_unequal_weight_have_two_ways_round_and_still_tie():
    with pytest.raises(ValueError, match="not unique"):
        CIRCLE.mean(degrees(0, 180), [0.9, 0.1])  # 18 degrees to either side
    assert np.degrees(CIRCLE.mean(degrees(0, 179), [0.9, 0.1])).item() == pytest.approx(17.9)
    assert np.degrees(CIRCLE.mean(degrees(0, 181), [0.9, 0.1])).item() == pytest.approx(360 - 17.9)


def test_each_angle_of_a_torus_has_its_own_mean():
    points = np.concatenate([degrees(350, 10, 30), degrees(90, 100, 110)], axis=1)
    np.testing.assert_allclose(np.degrees(CIRCLE.mean(points)), [10, 100])
    assert CIRCLE.distance(points[0], points[1]) == pytest.approx(np.radians(np.hypot(20, 10)))
    wrong = np.radians([180.0, 100.0])
    assert CIRCLE.failure(wrong, points) == pytest.approx(170 / 40)


@pytest.mark.parametrize("gap", [1e-6, 1e-10, 1e-15])
def test_close_angles_keep_their_digits(gap):
    points = np.array([[0.0], [gap]])
    # of the mean, which is rounded at the size of a whole turn, as many as that leaves
    assert CIRCLE.mean(points, [0.25, 0.75]).item() == pytest.approx(0.75 * gap, rel=1e-9, abs=2e-15)
    assert CIRCLE.distance(*points) == pytest.approx(gap, rel=1e-12, abs=0)
    assert CIRCLE.geodesic(*points, 0.25).item() == pytest.approx(gap / 4, rel=1e-12, abs=0)


def test_points_that_are_the_same_do_not_fail_by_rounding():
    points = np.repeat(degrees(123), 5, axis=0)
    assert CIRCLE.failure(CIRCLE.mean(points, [0.1, 0.2, 0.3, 0.3, 0.1]), points) <= 1
    assert CIRCLE.failure(np.array([1.0]), points) > 1e6


def test_a_right_mean_never_fails_whatever_the_weights():
    rng = np.random.default_rng(0)
    for _ in range(300):
        points, weights = rng.uniform(0, 2 * np.pi, size=(3, 1)), rng.dirichlet(np.full(3, 0.5))
        assert CIRCLE.failure(CIRCLE.mean(points, weights), points) <= 1 + 1e-9


def test_close_angles_on_both_sides_of_zero_do_not_fail_by_rounding():
    points = np.array([[-1.5e-14], [7.3e-14], [8.8e-14], [-1.4e-13]])
    assert CIRCLE.failure(CIRCLE.mean(points, [0.0, 0.01, 0.98, 0.01]), points) <= 1
    assert CIRCLE.failure(np.array([1e-3]), points) > 1e6
    assert CIRCLE.failure(np.array([np.pi]), degrees(340, 10, 20)) == pytest.approx(170 / 40)
    assert CIRCLE.failure(np.array([0.0]), degrees(170, 200)) == pytest.approx(170 / 30)


def test_a_coarse_angle_below_a_turn_is_no_whole_turn():
    mean = CIRCLE.mean(torch.tensor([[-1e-9], [-1e-9]], dtype=torch.float32))
    assert mean.dtype == torch.float32
    assert 0 <= mean.item() < 2 * np.pi


def test_bad_pairs_are_named():
    with pytest.raises(ValueError, match="b: is opposite to a"):
        CIRCLE.geodesic(np.array([0.0]), np.array([np.pi]), 0.5)
    with pytest.raises(ValueError, match="b: has 1 angles where a has 2"):
        CIRCLE.distance(np.zeros(2), np.zeros(1))
