"""Means of positive definite matrices: closed forms, other routes, invariances, and matrices at the edge."""

import numpy as np
import pytest
import scipy.linalg

from mixlib import simplex
from mixlib.carriers import SPD, Gaussian

METRICS = [carrier.metric for carrier in SPD.variants()]
AFFINE, LOGARITHMIC, BURES, CHOLESKY = SPD.variants()


def matrices(*shape, condition=100.0, seed=0):
    """Random matrices of that condition number, of shape (..., d)."""
    rng = np.random.default_rng(seed)
    turns = np.linalg.qr(rng.normal(size=(*shape, shape[-1])))[0]
    values = condition ** rng.uniform(-0.5, 0.5, size=shape)
    found = turns * values[..., None, :] @ np.swapaxes(turns, -1, -2)
    return (found + np.swapaxes(found, -1, -2)) / 2


def gradient(mean, points, weights):
    """The sum of the weighted logarithms, by general matrix functions."""
    root = scipy.linalg.sqrtm(mean)
    inverse = np.linalg.inv(root)
    return sum(w * scipy.linalg.logm(inverse @ p @ inverse) for w, p in zip(weights, points, strict=True))


@pytest.mark.parametrize(("k", "d", "condition"), [(2, 2, 1e3), (3, 1, 10), (5, 4, 1e2), (9, 3, 1e6), (4, 20, 1e3)])
def test_the_logarithms_at_the_affine_mean_cancel(k, d, condition):
    points, weights = matrices(k, d, condition=condition, seed=[k, d]), simplex.sample(k, rng=d)
    assert np.linalg.norm(gradient(AFFINE.mean(points, weights), points, weights)) < 1e-8


def test_the_affine_mean_of_two_is_their_geometric_mean():
    a, b = matrices(2, 4, seed=1)
    root = scipy.linalg.sqrtm(a)
    inverse = np.linalg.inv(root)
    way = scipy.linalg.fractional_matrix_power(inverse @ b @ inverse, 0.3)
    np.testing.assert_allclose(AFFINE.mean(np.stack([a, b]), [0.7, 0.3]), root @ way @ root, rtol=1e-9, atol=1e-10)
    distance = np.sqrt((np.log(scipy.linalg.eigvalsh(b, a)) ** 2).sum())
    assert AFFINE.distance(a, b) == pytest.approx(distance)


def test_the_affine_mean_goes_with_units_coordinates_and_inversion():
    points, weights = matrices(5, 3, seed=2), simplex.sample(5, rng=2)
    mean = AFFINE.mean(points, weights)
    rng = np.random.default_rng(3)
    for mixing in (rng.normal(size=(3, 3)), np.diag([1e-3, 1.0, 1e4]), np.tril(rng.normal(size=(3, 3)))):
        moved = AFFINE.mean(mixing @ points @ mixing.T, weights)
        np.testing.assert_allclose(moved, mixing @ mean @ mixing.T, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(AFFINE.mean(np.linalg.inv(points), weights), np.linalg.inv(mean), rtol=1e-9)
    np.testing.assert_allclose(
        LOGARITHMIC.mean(np.linalg.inv(points), weights), np.linalg.inv(LOGARITHMIC.mean(points, weights)), rtol=1e-9
    )
    others = [SPD(metric=metric).mean(np.linalg.inv(points), weights) for metric in ("bures", "cholesky")]
    for metric, other in zip(("bures", "cholesky"), others, strict=True):
        assert not np.allclose(other, np.linalg.inv(SPD(metric=metric).mean(points, weights)), rtol=1e-2)


def test_the_logarithmic_mean_and_distance_are_those_of_matrix_logarithms():
    points, weights = matrices(4, 3, seed=4), simplex.sample(4, rng=4)
    logs = [scipy.linalg.logm(point) for point in points]
    total = sum(w * log for w, log in zip(weights, logs, strict=True))
    np.testing.assert_allclose(LOGARITHMIC.mean(points, weights), scipy.linalg.expm(total), rtol=1e-9)
    assert LOGARITHMIC.distance(*points[:2]) == pytest.approx(np.linalg.norm(logs[0] - logs[1]))


def test_the_bures_mean_is_that_of_centred_gaussians():
    points, weights = matrices(4, 3, seed=5), simplex.sample(4, rng=5)
    laws = np.zeros((4, 3)), points
    np.testing.assert_allclose(BURES.mean(points, weights), Gaussian().mean(laws, weights)[1], rtol=1e-12)
    ends = [(np.zeros(3), point) for point in points[:2]]
    assert BURES.distance(*points[:2]) == pytest.approx(Gaussian().distance(*ends))
    np.testing.assert_allclose(BURES.geodesic(*points[:2], 0.3), Gaussian().geodesic(*ends, 0.3)[1], rtol=1e-12)


def test_the_cholesky_mean_by_hand():
    points = np.array([[[4.0, 2.0], [2.0, 2.0]], [[1.0, 3.0], [3.0, 25.0]]])  # factors [[2,0],[1,1]] and [[1,0],[3,4]]
    root = np.array([[2**0.5, 0], [2, 2]])
    np.testing.assert_allclose(CHOLESKY.mean(points), root @ root.T, rtol=1e-12)
    assert CHOLESKY.distance(*points) == pytest.approx(np.sqrt(4 + np.log(2) ** 2 + np.log(4) ** 2))
    turned = points[:, ::-1, ::-1]
    assert not np.allclose(CHOLESKY.mean(turned), CHOLESKY.mean(points)[::-1, ::-1], rtol=1e-2)


@pytest.mark.parametrize("metric", ["affine-invariant", "log-euclidean", "cholesky"])
def test_the_determinant_of_the_mean_is_the_geometric_mean_of_determinants(metric):
    points, weights = matrices(2, 6, 4, seed=6), simplex.sample(6, 2, rng=6)
    found = np.linalg.slogdet(SPD(metric=metric).mean(points, weights))[1]
    np.testing.assert_allclose(found, (weights * np.linalg.slogdet(points)[1]).sum(axis=-1), atol=1e-10)


def test_the_bures_mean_swells_in_determinant_and_not_in_its_own_size():
    points = np.stack([np.diag([9.0, 1.0]), np.diag([1.0, 9.0])])
    np.testing.assert_allclose(BURES.mean(points), 4 * np.eye(2), rtol=1e-12)
    assert AFFINE.failure(BURES.mean(points), points) == pytest.approx(16 / 9)
    assert BURES.failure(BURES.mean(points), points) == pytest.approx(1)
    assert AFFINE.failure(BURES.wrong_mean(points), points) == pytest.approx(25 / 9)
    assert BURES.failure(BURES.wrong_mean(points), points) == pytest.approx(np.sqrt(20) / 4)


@pytest.mark.parametrize("metric", METRICS)
def test_a_right_mean_never_fails_by_its_own_statistic(metric):
    carrier, rng = SPD(metric=metric), np.random.default_rng(7)
    for k, d in ((2, 2), (3, 5), (6, 3)):
        points, weights = matrices(50, k, d, condition=1e4, seed=[k, d]), rng.dirichlet(np.ones(k), size=50)
        assert (carrier.failure(carrier.mean(points, weights), points) < 1 + 1e-9).all()


@pytest.mark.parametrize("metric", METRICS)
def test_one_point_one_dimension_and_points_without_weight(metric):
    carrier, points = SPD(metric=metric), matrices(3, 4, seed=8)
    np.testing.assert_allclose(carrier.mean(points[:1]), points[0], rtol=1e-10)
    np.testing.assert_allclose(carrier.mean(points, [0, 1, 0]), points[1], rtol=1e-10)
    np.testing.assert_allclose(carrier.mean(points, [0.4, 0.6, 0]), carrier.mean(points[:2], [0.4, 0.6]), rtol=1e-9)
    numbers = np.array([1.0, 4.0, 16.0]).reshape(3, 1, 1)
    assert carrier.mean(numbers).item() == pytest.approx((49 / 9) if metric == "bures" else 4)


@pytest.mark.parametrize("metric", METRICS)
def test_close_points_keep_their_digits(metric):
    carrier, a, turn = SPD(metric=metric), matrices(1, 3, seed=9)[0], matrices(1, 3, seed=10)[0]
    near, far = (a + gap * turn for gap in (1e-6, 1e-4))
    assert carrier.distance(a, far) == pytest.approx(100 * carrier.distance(a, near), rel=1e-2)
    assert carrier.distance(a, a + 1e-11 * turn) == pytest.approx(1e-5 * carrier.distance(a, near), rel=1e-2)
    middle = carrier.mean(np.stack([a, near]), [0.25, 0.75])
    np.testing.assert_allclose(middle - a, 0.75e-6 * turn, rtol=1e-4, atol=1e-11)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("unit", [1e-120, 1e-20, 1e-9, 1e30, 1e120])
def test_no_unit_is_too_small_or_too_large(metric, unit):
    carrier, points, weights = SPD(metric=metric), matrices(2, 4, 3, seed=13), simplex.sample(4, rng=13)
    mean = carrier.mean(points, weights)
    expected = unit**0.5 if metric == "bures" else 1  # the other distances are of ratios, or of logarithms
    if metric != "cholesky":  # what is below the diagonal of the factors has a unit, and what is on it has none
        assert carrier.distance(*(unit * points[0, :2])) == pytest.approx(expected * carrier.distance(*points[0, :2]))
        np.testing.assert_allclose(carrier.mean(unit * points, weights) / unit, mean, rtol=1e-8, atol=1e-11)
    assert (carrier.failure(carrier.mean(unit * points, weights), unit * points) <= 1 + 1e-9).all()


@pytest.mark.parametrize("condition", [1e8, 1e12, 1e14])
def test_nearly_singular_points_have_an_affine_mean(condition):
    points, weights = matrices(6, 3, condition=condition, seed=11), simplex.sample(6, rng=11)
    found = np.linalg.slogdet(AFFINE.mean(points, weights))[1]
    assert found == pytest.approx(weights @ np.linalg.slogdet(points)[1], abs=1e-3)
    scaled = np.diag([1e-5, 1.0, 1e5])  # badly scaled coordinates are no trouble: the metric does not see them
    mean = AFFINE.mean(scaled @ matrices(6, 3, seed=12) @ scaled, weights)
    expected = scaled @ AFFINE.mean(matrices(6, 3, seed=12), weights) @ scaled
    np.testing.assert_allclose(mean, expected, rtol=1e-8)


def test_a_singular_mean_is_smaller_than_all_points():
    assert AFFINE.failure(np.diag([1.0, 0.0]), np.stack([np.eye(2)] * 2)) == 0
    assert BURES.failure(np.diag([1.0, 0.0]), np.stack([np.eye(2)] * 2)) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="mean: a matrix is not positive definite"):
        AFFINE.failure(np.diag([1.0, -1e-6]), np.stack([np.eye(2)] * 2))


def test_what_is_no_such_matrix_is_named():
    with pytest.raises(ValueError, match="metric: got 'flat', expected one of affine-invariant"):
        SPD(metric="flat")
    with pytest.raises(ValueError, match="points: a matrix is not positive definite"):
        AFFINE.mean(np.stack([np.eye(2), np.diag([1.0, -1.0])]))
    with pytest.raises(ValueError, match="points: a matrix is not symmetric"):
        AFFINE.mean(np.stack([np.eye(2), np.array([[1.0, 0.5], [0.0, 1.0]])]))
    with pytest.raises(ValueError, match=r"points: expected shape \(\.\.\., k, d, d\), got \(2, 2\)"):
        AFFINE.mean(np.eye(2))
    with pytest.raises(ValueError, match="a: float16 is too coarse"):
        AFFINE.distance(np.eye(2, dtype="float16"), np.eye(2))
    with pytest.raises(ValueError, match="b: has 3 rows where a has 2"):
        AFFINE.geodesic(np.eye(2), np.eye(3), 0.5)
    with pytest.raises(RuntimeError, match=r"SPD.mean: the gradient is .* after 1 rounds"):
        SPD(max_rounds=1).mean(matrices(5, 4, condition=1e6))
