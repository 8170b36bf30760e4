"""Means of rotations, held against unit quaternions, matrix logarithms and SciPy, and where there is none."""

import numpy as np
import pytest
import scipy.linalg
import torch
from scipy.spatial.transform import Rotation

from mixlib import simplex
from mixlib.carriers import Orthogonal, Sphere, chordal_mean

ROTATIONS, BOTH = Orthogonal.variants()


def about(axis, *degrees):
    turns = np.radians(degrees)[:, None] * (np.array(axis, dtype=float) / np.linalg.norm(axis))
    return Rotation.from_rotvec(turns).as_matrix()


def gradient(mean, points, weights):
    return sum(w * scipy.linalg.logm(mean.T @ point).real for w, point in zip(weights, points, strict=True))


@pytest.mark.parametrize(("k", "d"), [(2, 2), (4, 3), (6, 4), (5, 7), (30, 3)])
def test_the_logarithms_at_the_mean_cancel(k, d):
    points, weights = ROTATIONS.sample(k, d, rng=[k, d]), simplex.sample(k, rng=d)
    mean = ROTATIONS.mean(points, weights)
    assert np.linalg.norm(gradient(mean, points, weights)) < 1e-10
    np.testing.assert_allclose(mean.T @ mean, np.eye(d), atol=1e-14)
    assert np.linalg.det(mean) == pytest.approx(1)


def test_in_space_it_is_the_mean_of_quaternions_on_their_sphere():
    points, weights = ROTATIONS.sample(5, 3, rng=1), simplex.sample(5, rng=1)
    quaternions = Rotation.from_matrix(points).as_quat()
    quaternions *= np.sign(quaternions[:, 3:])  # all on the half of the identity
    expected = Rotation.from_quat(Sphere().mean(quaternions, weights)).as_matrix()
    np.testing.assert_allclose(ROTATIONS.mean(points, weights), expected, atol=1e-11)


@pytest.mark.parametrize("d", [2, 3, 4, 5])
def test_distance_is_the_length_of_the_logarithm(d):
    a, b = ROTATIONS.sample(2, d, rng=d)
    assert ROTATIONS.distance(a, b) == pytest.approx(np.linalg.norm(scipy.linalg.logm(a.T @ b)) / np.sqrt(2))


@pytest.mark.parametrize("angle", [0, 1e-13, 1e-8, 1e-3, 90, 179.9, 180 - 1e-9, 180])
def test_in_space_the_distance_is_the_angle_with_all_its_digits(angle):
    a, b = about([1, 2, 3], 0, angle)
    assert ROTATIONS.distance(a, b) == pytest.approx(np.radians(angle), rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("angle", [1e-9, 1e-4, 60, 175, 179.99])
def test_the_way_between_two_rotations_about_an_axis_turns_about_it(angle):
    ends = about([1, -1, 2], 10, 10 + angle)
    expected = about([1, -1, 2], 10 + 0.3 * angle)[0]
    np.testing.assert_allclose(ROTATIONS.geodesic(*ends, 0.3), expected, atol=1e-12)
    np.testing.assert_allclose(ROTATIONS.mean(ends, [0.7, 0.3]), expected, atol=1e-11)


def test_two_planes_turn_each_by_its_own_angle():
    def turn(x):
        return np.array([[np.cos(x), -np.sin(x)], [np.sin(x), np.cos(x)]])

    b = scipy.linalg.block_diag(turn(0.4), turn(2.9), 1.0)
    assert ROTATIONS.distance(np.eye(5), b) == pytest.approx(np.hypot(0.4, 2.9))
    middle = ROTATIONS.geodesic(np.eye(5), b, 0.5)
    np.testing.assert_allclose(middle, scipy.linalg.block_diag(turn(0.2), turn(1.45), 1.0), atol=1e-12)


def test_the_chordal_mean_is_that_of_scipy_and_another_one():
    points, weights = about([0, 0, 1], 0, 10, 80), np.array([0.3, 0.3, 0.4])
    chordal = chordal_mean(points, weights)
    np.testing.assert_allclose(chordal, Rotation.from_matrix(points).mean(weights).as_matrix(), atol=1e-12)
    assert ROTATIONS.distance(chordal, ROTATIONS.mean(points, weights)) > np.radians(1)
    points = ROTATIONS.sample(6, 4, rng=2)
    best = np.linalg.norm(points - chordal_mean(points), axis=(-2, -1)) ** 2
    for other in chordal_mean(points) @ ROTATIONS.sample(20, 4, rng=3):
        assert (np.linalg.norm(points - other, axis=(-2, -1)) ** 2).sum() > best.sum()
    with pytest.raises(ValueError, match="matrices: several are equally near"):
        chordal_mean(about([0, 0, 1], 0, 180))
    with pytest.raises(ValueError, match="matrices: some are rotations"):
        chordal_mean(np.stack([np.eye(3), -np.eye(3)]))


@pytest.mark.parametrize(
    "points",
    [about([0, 0, 1], 0, 180), about([0, 0, 1], 0, 120, 240), np.stack([np.eye(4), -np.eye(4)])],
    ids=["half a turn", "all around", "two half turns"],
)
def test_points_without_one_mean_are_refused(points):
    for weights in (None, np.append(0.9, np.full(len(points) - 1, 0.1 / (len(points) - 1)))):
        with pytest.raises(ValueError, match="points: the mean is not unique"):
            ROTATIONS.mean(points, weights)


def test_a_far_point_of_little_weight_is_within_a_right_angle_of_the_middle():
    np.testing.assert_allclose(
        ROTATIONS.mean(about([0, 1, 0], 0, 170), [0.9, 0.1]), about([0, 1, 0], 17)[0], atol=1e-11
    )


def test_a_point_without_weight_does_not_count():
    points = np.concatenate([about([0, 0, 1], 0, 90, 200), -np.eye(3)[None]])
    np.testing.assert_allclose(BOTH.mean(points, [0.5, 0.5, 0, 0]), about([0, 0, 1], 45)[0], atol=1e-12)


def test_reflections_have_a_mean_among_themselves_alone():
    points, mirror = ROTATIONS.sample(4, 3, rng=4), np.diag([1.0, -1.0, 1.0])
    np.testing.assert_allclose(BOTH.mean(points), ROTATIONS.mean(points), atol=1e-12)
    np.testing.assert_allclose(BOTH.mean(mirror @ points), mirror @ ROTATIONS.mean(points), atol=1e-12)
    mixed = np.concatenate([points, mirror[None]])
    with pytest.raises(ValueError, match="points: some are rotations and some reflections"):
        BOTH.mean(mixed)
    with pytest.raises(ValueError, match=r"points: a matrix is a reflection.*special=False"):
        ROTATIONS.mean(mixed)
    for of in (BOTH.distance, lambda a, b: BOTH.geodesic(a, b, 0.5)):
        with pytest.raises(ValueError, match="b: of a and b, one is a rotation"):
            of(points[0], mirror)
    assert BOTH.mean(np.array([[[-1.0]], [[-1.0]]])).item() == -1


def test_the_arithmetic_mean_shrinks():
    points = about([0, 0, 1], -60, 60)
    assert ROTATIONS.failure(ROTATIONS.wrong_mean(points), points) == pytest.approx(2)
    assert ROTATIONS.failure(2 * np.eye(3), points) == pytest.approx(2)
    assert ROTATIONS.failure(np.diag([1.0, 1.0, 0.0]), points) == np.inf


def test_single_precision_is_measured_in_double():
    points = ROTATIONS.sample(4, 3, rng=5)
    low = torch.asarray(points, dtype=torch.float32)
    mean = ROTATIONS.mean(low)
    assert mean.dtype == torch.float32
    np.testing.assert_allclose(mean, ROTATIONS.mean(points), atol=3e-7)


def test_what_is_no_rotation_is_named():
    with pytest.raises(ValueError, match="points: a matrix is not orthogonal, off by 3"):
        ROTATIONS.mean(np.stack([np.eye(2), 2 * np.eye(2)]))
    with pytest.raises(ValueError, match="b: is a half turn away"):
        ROTATIONS.geodesic(*about([1, 1, 1], 0, 180), 0.5)
    with pytest.raises(ValueError, match="b: has 3 rows where a has 2"):
        ROTATIONS.distance(np.eye(2), np.eye(3))
    with pytest.raises(RuntimeError, match=r"Orthogonal.mean: .* after 1 rounds"):
        Orthogonal(max_rounds=1).mean(ROTATIONS.sample(4, 3, rng=0), [0.7, 0.1, 0.1, 0.1])
