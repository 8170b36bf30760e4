"""Karcher means of directions, held against closed forms, plain descent, and what makes them ambiguous."""

import numpy as np
import pytest
import torch
from scipy.stats import directional_stats

from mixlib import simplex
from mixlib.carriers import Sphere, karcher_coefficients

SPHERE = Sphere()


def at(*degrees):
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def gradient(mean, points, weights):
    """The sum of the weighted logarithms, written with arc cosines."""
    angles = np.arccos(np.clip(points @ mean, -1, 1))
    tangents = points - (points @ mean)[:, None] * mean
    return (weights * angles / np.linalg.norm(tangents, axis=-1)) @ tangents


def by_descent(points, weights, rounds=4000):
    mean = weights @ points
    for _ in range(rounds):
        mean = mean / np.linalg.norm(mean)
        down = gradient(mean, points, weights)
        mean = np.cos(np.linalg.norm(down)) * mean + np.sinc(np.linalg.norm(down) / np.pi) * down
    return mean


@pytest.mark.parametrize(("k", "d"), [(3, 2), (4, 3), (5, 40), (30, 3)])
def test_mean_is_where_descent_ends_and_its_gradient_is_zero(k, d):
    points, weights = SPHERE.sample(k, d, rng=[k, d]), simplex.sample(k, rng=1)
    mean = SPHERE.mean(points, weights)
    np.testing.assert_allclose(mean, by_descent(points, weights), atol=1e-9)
    assert np.linalg.norm(gradient(mean, points, weights)) < 1e-10
    assert np.linalg.norm(mean) == pytest.approx(1, abs=1e-14)


def test_on_the_circle_angles_are_averaged():
    mean = SPHERE.mean(at(0, 10, 80), [0.5, 0.3, 0.2])
    np.testing.assert_allclose(mean, at(19)[0], atol=1e-12)
    chordal = directional_stats(at(0, 10, 80)).mean_direction  # the arithmetic mean over its length is another mean
    assert SPHERE.distance(SPHERE.mean(at(0, 10, 80)), chordal) > np.radians(1)


def test_two_points_of_equal_weight_have_their_sum_over_its_length():
    points = SPHERE.sample(2, 50, rng=0)
    total = points.sum(axis=0)
    np.testing.assert_allclose(SPHERE.mean(points), total / np.linalg.norm(total), atol=1e-14)


@pytest.mark.parametrize("gap", [1e-3, 1e-7, 1e-12, 1e-15])
def test_close_points_keep_their_digits(gap):
    a, b = at(0)[0], np.array([1.0, gap]) / np.hypot(1, gap)
    assert SPHERE.distance(a, b) == pytest.approx(np.arctan(gap), rel=1e-12)
    mean = SPHERE.mean(np.stack([a, b]), [0.25, 0.75])
    assert mean[1] == pytest.approx(np.sin(0.75 * np.arctan(gap)), rel=1e-3 if gap < 1e-14 else 1e-9)
    assert SPHERE.geodesic(a, b, 0.75)[1] == pytest.approx(np.sin(0.75 * np.arctan(gap)), rel=1e-9)


@pytest.mark.parametrize("apart", [0, 1e-17, 1e-15, 1e-12, 1e-9])
def test_points_that_rounding_alone_tells_apart_have_their_mean(apart):
    rng = np.random.default_rng(0)
    for _ in range(100):
        points = rng.normal(size=3) + apart * rng.normal(size=(4, 3))
        points /= np.linalg.norm(points, axis=-1, keepdims=True)
        weights = rng.dirichlet(np.ones(4))
        flat = weights @ points
        np.testing.assert_allclose(SPHERE.mean(points, weights), flat / np.linalg.norm(flat), atol=1e-15)
        coefficients = karcher_coefficients(points @ points.T, weights)
        np.testing.assert_allclose(coefficients @ points, flat / np.linalg.norm(flat), atol=1e-14)


def test_nearly_opposite_points_are_almost_pi_apart():
    assert np.pi - SPHERE.distance(at(0)[0], at(180 - 1e-6)[0]) == pytest.approx(np.radians(1e-6), rel=1e-6)


@pytest.mark.parametrize(
    "points",
    [at(0, 180), at(0, 120, 240), np.concatenate([np.eye(3), -np.eye(3)[:1]]), np.array([[1.0], [-1.0]])],
    ids=["antipodal", "all around", "a half circle and more", "both ends of a line"],
)
@pytest.mark.parametrize("weights", ["equal", "uneven"])
def test_points_outside_a_hemisphere_are_refused(points, weights):
    k = len(points)
    weights = None if weights == "equal" else np.append(np.full(k - 1, 0.1 / (k - 1)), 0.9)
    with pytest.raises(ValueError, match=r"^points: the mean is not unique.*hemisphere"):
        SPHERE.mean(points, weights)


def test_a_point_without_weight_does_not_count():
    np.testing.assert_allclose(SPHERE.mean(at(0, 90, 200), [0.5, 0.5, 0.0]), at(45)[0], atol=1e-12)


def test_a_far_point_of_little_weight_is_within_a_hemisphere_of_the_others():
    mean = SPHERE.mean(at(0, 170), [0.9, 0.1])  # more than a right angle from the mean
    np.testing.assert_allclose(mean, at(17)[0], atol=1e-12)


def test_points_near_the_edge_of_a_hemisphere_converge():
    rng = np.random.default_rng(0)
    for angle in (1.4, 1.55, 1.57):
        aside = rng.normal(size=(9, 2))
        aside /= np.linalg.norm(aside, axis=-1, keepdims=True)
        points = np.column_stack([np.full(9, np.cos(angle)), np.sin(angle) * aside])
        weights = rng.dirichlet(np.full(9, 0.3))
        assert np.linalg.norm(gradient(SPHERE.mean(points, weights), points, weights)) < 1e-10


def test_coefficients_combine_to_the_mean_and_need_no_points():
    points, weights = SPHERE.sample(4, 10, rng=3), np.array([0.1, 0.0, 0.4, 0.5])
    gram = points @ points.T
    found = karcher_coefficients(gram, weights)
    np.testing.assert_allclose(found @ points, SPHERE.mean(points, weights), atol=1e-12)
    assert found[1] == 0
    twice = karcher_coefficients(torch.asarray(np.stack([gram, gram])), weights)
    np.testing.assert_allclose(twice.numpy(), [found, found], atol=1e-12)
    same = karcher_coefficients(np.ones((3, 3)))  # one and the same point three times
    np.testing.assert_allclose(same, 1 / 3, atol=1e-12)
    with pytest.raises(ValueError, match=r"gram: .*lengths"):
        karcher_coefficients(2 * gram)
    with pytest.raises(ValueError, match="gram: "):
        karcher_coefficients(gram[:, :3])
    with pytest.raises(ValueError, match="not unique"):
        karcher_coefficients(np.array([[1.0, -1.0], [-1.0, 1.0]]))


def test_what_are_no_inner_products_of_directions_is_refused():
    points = SPHERE.sample(3, 10, rng=3)
    gram = points @ points.T
    for wrong, said in (
        (np.triu(gram), "gram: is not symmetric, off by"),
        (np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]]), "gram: no vectors have these products"),
        (np.array([[1.0, 2.0], [2.0, 1.0]]), "gram: no vectors .* its smallest eigenvalue is -1; expected 0 or more"),
        (np.array([[1.0, np.nan], [np.nan, 1.0]]), "gram: holds NaN"),
    ):
        for given in (wrong, np.stack([np.eye(len(wrong)), wrong])):
            with pytest.raises(ValueError, match=said):
                karcher_coefficients(given)
    half = torch.asarray(gram).bfloat16()  # of which rounding makes a smallest eigenvalue below 0
    np.testing.assert_allclose(karcher_coefficients(half), karcher_coefficients(gram), atol=2e-2)
    for options, said in (({"tolerance": "x"}, "tolerance: got 'x'"), ({"tolerance": 0}, "tolerance: got 0, expected")):
        with pytest.raises(ValueError, match=said):
            karcher_coefficients(gram, **options)
        with pytest.raises(ValueError, match=said):
            type(SPHERE)(**options)
    with pytest.raises(ValueError, match="max_rounds: got 0"):
        karcher_coefficients(gram, max_rounds=0)


def test_long_vectors_are_read_in_pieces(monkeypatch):
    points, weights = SPHERE.sample(3, 30, rng=4), simplex.sample(3, rng=4)
    whole = SPHERE.mean(points, weights)
    monkeypatch.setattr("mixlib.carriers.sphere.CHUNK", 7)
    np.testing.assert_allclose(SPHERE.mean(points, weights), whole, atol=1e-14)


def test_coarse_dtypes_come_back_as_they_came():
    points = torch.asarray(SPHERE.sample(4, 300, rng=5))
    mean = SPHERE.mean(points)
    for dtype, tolerance in ((torch.float32, 1e-7), (torch.bfloat16, 5e-3), (torch.float16, 1e-3)):
        low = SPHERE.mean(points.to(dtype))
        assert low.dtype == dtype
        assert (low.double() - mean).abs().max() < tolerance


def test_failure_is_the_missing_length_either_way():
    assert SPHERE.failure(SPHERE.wrong_mean(np.eye(4)), np.eye(4)) == pytest.approx(2)
    assert SPHERE.failure(np.eye(4).sum(axis=0), np.eye(4)) == pytest.approx(2)
    assert SPHERE.failure(np.zeros(2), at(0, 180)) == np.inf


def test_input_that_is_no_direction_is_named():
    with pytest.raises(ValueError, match=r"points: .*not of length 1, off by 1"):
        SPHERE.mean(2 * np.eye(3))
    with pytest.raises(ValueError, match="b: is antipodal"):
        SPHERE.geodesic(at(0)[0], at(180)[0], 0.5)
    with pytest.raises(ValueError, match="b: has 3 coordinates"):
        SPHERE.distance(at(0)[0], np.eye(3)[0])
    with pytest.raises(RuntimeError, match="after 1 rounds"):
        Sphere(max_rounds=1).mean(SPHERE.sample(4, 3, rng=0), [0.7, 0.1, 0.1, 0.1])
