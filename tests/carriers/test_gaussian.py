"""Bures-Wasserstein geometry of Gaussian laws, held against POT and closed forms."""

import numpy as np
import ot
import pytest
import torch
from scipy.optimize import minimize

from mixlib import simplex
from mixlib.carriers import Gaussian, linear_pool_moments

W2 = Gaussian()


def random_laws(*shape, seed=0):
    rng = np.random.default_rng(seed)
    roots = rng.normal(size=(*shape, shape[-1]))
    return rng.normal(size=shape), roots @ np.swapaxes(roots, -1, -2) + 0.1 * np.eye(shape[-1])


def law(mean, variance):
    return np.array([float(mean)]), np.array([[float(variance)]])


def pair(a, b):
    return np.stack([a[0], b[0]]), np.stack([a[1], b[1]])


@pytest.mark.parametrize(("k", "d"), [(2, 1), (3, 2), (5, 4), (10, 10)])
def test_mean_agrees_with_pot_and_solves_the_fixed_point(k, d):
    points, weights = random_laws(k, d, seed=[k, d]), simplex.sample(k, rng=1)
    mean, covariance = W2.mean(points, weights)
    theirs = ot.gaussian.bures_wasserstein_barycenter(*points, weights, num_iter=10000, eps=1e-12)
    np.testing.assert_allclose(mean, theirs[0], atol=1e-12)
    np.testing.assert_allclose(covariance, theirs[1], rtol=1e-7, atol=1e-8)
    assert W2.residual((mean, covariance), points, weights) < 1e-12
    assert W2.residual((mean, 1.01 * covariance), points, weights) > 1e-3
    assert W2.residual((mean + 0.1, covariance), points, weights) > 1e-3


def test_mean_of_commuting_covariances_averages_standard_deviations():
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))[0]
    deviations, weights = np.array([[1.0, 2.0, 3.0], [4.0, 1.0, 0.5]]), np.array([0.25, 0.75])
    covariances = np.stack([turn @ np.diag(s**2) @ turn.T for s in deviations])
    _, covariance = W2.mean((np.zeros((2, 3)), covariances), weights)
    np.testing.assert_allclose(covariance, turn @ np.diag((weights @ deviations) ** 2) @ turn.T, atol=1e-12)


def test_mean_minimises_the_mean_squared_distance():
    points, weights = random_laws(4, 3, seed=3), simplex.sample(4, rng=3)
    centre = W2.mean(points, weights)

    def cost(candidate):
        return weights @ np.array([W2.distance(candidate, (m, c)) ** 2 for m, c in zip(*points, strict=True)])

    rng = np.random.default_rng(4)
    for _ in range(20):
        shift, root = 0.05 * rng.normal(size=3), 0.05 * rng.normal(size=(3, 3))
        bent = (np.eye(3) + root) @ centre[1] @ (np.eye(3) + root).T
        assert cost((centre[0] + shift, bent)) > cost(centre)


def test_one_dimension_by_hand():
    mean, covariance = W2.mean(pair(law(0, 1), law(10, 4)))
    np.testing.assert_allclose([mean[0], covariance[0, 0]], [5, 2.25])
    assert W2.distance(law(0, 1), law(10, 4)) == pytest.approx(np.sqrt(101))


@pytest.mark.parametrize("d", [1, 2, 5])
def test_distance_agrees_with_pot(d):
    (means, covariances), (others, other_covariances) = random_laws(d + 1, d, seed=5), random_laws(d + 1, d, seed=6)
    ours = W2.distance((means, covariances), (others, other_covariances))
    theirs = [
        ot.gaussian.bures_wasserstein_distance(*laws)
        for laws in zip(means, others, covariances, other_covariances, strict=True)
    ]
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_distance_is_a_metric_and_keeps_its_digits_for_close_laws():
    points = random_laws(6, 3, seed=7)
    gaps = W2.distance((points[0][:, None], points[1][:, None]), points)
    np.testing.assert_allclose(gaps, gaps.T, atol=1e-13)
    assert np.all(np.diag(gaps) < 1e-14)
    assert np.all(gaps <= gaps[:, :, None].transpose(0, 2, 1) + gaps.T[None] + 1e-12)
    assert W2.distance(law(0, 1), law(0, (1 + 1e-9) ** 2)) == pytest.approx(1e-9, rel=1e-6)


def test_geodesic_runs_at_constant_speed_through_the_mean():
    (means, covariances) = random_laws(2, 3, seed=8)
    a, b = (means[0], covariances[0]), (means[1], covariances[1])
    length = W2.distance(a, b)
    t = np.array([0.0, 0.25, 0.7, 1.0])
    path = W2.geodesic(a, b, t)
    np.testing.assert_allclose(W2.distance(a, path), t * length, atol=1e-7)
    np.testing.assert_allclose(W2.distance(path, b), (1 - t) * length, atol=1e-7)
    third = W2.geodesic(a, b, 0.25)
    barycenter = W2.mean((means, covariances), [0.75, 0.25])
    np.testing.assert_allclose(third[0], barycenter[0])
    np.testing.assert_allclose(third[1], barycenter[1], rtol=1e-9)


def test_failure_tells_the_linear_pool_from_the_barycenter():
    points = pair(law(0, 1), law(10, 1))
    assert W2.failure(W2.mean(points), points) == pytest.approx(1)
    assert W2.failure(linear_pool_moments(points), points) == pytest.approx(26)


def test_batch_is_the_stack_of_its_instances():
    points, weights = random_laws(5, 4, 3, seed=9), simplex.sample(4, 5, rng=9)
    means, covariances = W2.mean(points, weights)
    one = W2.mean((points[0][3], points[1][3]), weights[3])
    np.testing.assert_allclose(means[3], one[0])
    np.testing.assert_allclose(covariances[3], one[1], rtol=1e-10)
    assert W2.failure((means, covariances), points).shape == W2.residual((means, covariances), points, weights).shape


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_torch_and_dtypes(dtype):
    points = tuple(part.astype(dtype) for part in random_laws(3, 2, seed=10))
    tensors = tuple(map(torch.asarray, points))
    ours, theirs = W2.mean(points, [0.2, 0.3, 0.5]), W2.mean(tensors, [0.2, 0.3, 0.5])
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.dtype == dtype
        assert other.dtype == getattr(torch, dtype)
        np.testing.assert_allclose(other.numpy(), mine, rtol=1e-4)
    a, b = ((tensors[0][i], tensors[1][i]) for i in (0, 1))
    assert W2.distance(a, b).dtype == W2.geodesic(a, b, 0.5)[1].dtype == getattr(torch, dtype)


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_a_law_of_weight_0_may_be_of_any_size(size):
    means, covariances = random_laws(3, 2, seed=16)
    others = np.concatenate([means, means[:1]]), np.concatenate([covariances, size * covariances[:1]])
    both = W2.mean((means, covariances), [0.2, 0.3, 0.5]), W2.mean(others, [0.2, 0.3, 0.5, 0.0])
    np.testing.assert_allclose(both[1][1], both[0][1], rtol=1e-12)


def test_giving_up_is_said():
    with pytest.raises(RuntimeError, match=r"relative residual .* after 1 rounds"):
        Gaussian(max_rounds=1).mean(random_laws(3, 3, seed=11))


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.ones((2, 2)), "expected a pair of arrays .* got ndarray"),
        ((np.ones((2, 3)), np.ones((2, 3))), r"got shapes \(2, 3\) and \(2, 3\)"),
        ((np.ones(2), np.eye(2)), r"got shapes \(2,\) and \(2, 2\)"),
        ((np.ones((2, 1)), np.ones((2, 1, 1), dtype="float32")), "one floating dtype, got float64 and float32"),
        ((np.full((2, 1), np.nan), np.ones((2, 1, 1))), "NaN"),
        ((np.ones((1, 2)), np.array([[[1.0, 0.5], [0.0, 1.0]]])), "not symmetric"),
        ((np.ones((1, 2)), np.ones((1, 2, 2))), "not positive definite"),
        ((np.ones((2, 1)), np.array([[[1.0]], [[-1.0]]])), "not positive definite .smallest eigenvalue -1"),
    ],
)
def test_bad_points_are_named(points, message):
    with pytest.raises(ValueError, match=f"points: .*{message}"):
        W2.mean(points)


def test_bad_weights_are_named():
    with pytest.raises(ValueError, match="weights: sums to 2"):
        W2.mean(random_laws(2, 2), [1.0, 1.0])


FISHER, MIXTURE = Gaussian(metric="fisher-rao"), Gaussian(metric="mixture")


def lines(seed, k=5):
    rng = np.random.default_rng(seed)
    return 10 ** rng.uniform(-2, 2) * rng.normal(size=(k, 1)), np.exp(2 * rng.normal(size=(k, 1, 1)))


@pytest.mark.parametrize("seed", range(3))
def test_the_mean_under_fisher_rao_has_no_gradient_and_a_general_solver_finds_it(seed):
    points, weights = lines(seed), simplex.sample(5, rng=seed)
    mean = FISHER.mean(points, weights)
    assert FISHER.residual(mean, points, weights) < 1e-11
    assert FISHER.residual((mean[0] + 0.1, mean[1]), points, weights) > 1e-4

    def cost(place):
        return weights @ FISHER.distance((place[:1], np.exp(place[1:, None])), points) ** 2

    start = np.array([np.average(points[0][:, 0]), np.log(points[1]).mean()])
    found = minimize(cost, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 2000})
    np.testing.assert_allclose([mean[0][0], np.log(mean[1][0, 0])], found.x, rtol=1e-4, atol=1e-4)


def test_fisher_rao_by_hand():
    # laws of equal means average their deviations geometrically, and d = sqrt(2) log of their ratio
    same = pair(law(3, 1), law(3, 16))
    assert FISHER.distance(law(3, 1), law(3, 16)) == pytest.approx(2**0.5 * np.log(4))
    np.testing.assert_allclose(FISHER.mean(same, [0.25, 0.75])[1], [[8]])
    # laws of one half-circle around 0
    circle = np.array([-0.8, -0.3, 0.3, 0.8])
    points = (2**0.5 * circle)[:, None], (1 - circle**2)[:, None, None]
    mean = FISHER.mean(points)
    np.testing.assert_allclose([mean[0][0], mean[1][0, 0]], [0, 1], atol=1e-12)
    assert FISHER.failure(mean, points) == pytest.approx(1)
    assert FISHER.failure(law(0, 0.9), points) > 1.01
    assert FISHER.failure(law(0, 1), (np.zeros((1, 1)), np.ones((1, 1, 1)))) == 0


def test_the_mixture_has_the_moments_of_the_pool_and_the_least_divergence():
    points, weights = random_laws(3, 2, seed=12), simplex.sample(3, rng=12)
    mean = MIXTURE.mean(points, weights)
    for ours, pool in zip(mean, linear_pool_moments(points, weights), strict=True):
        np.testing.assert_allclose(ours, pool)
    assert MIXTURE.residual(mean, points, weights) < 1e-15

    def divergence(centre):
        precision = np.linalg.inv(centre[1])
        gaps = points[0] - centre[0]
        quadratic = np.einsum("ki,ij,kj->k", gaps, precision, gaps) + np.einsum("ij,kji->k", precision, points[1])
        return weights @ (quadratic + np.linalg.slogdet(centre[1])[1])

    rng = np.random.default_rng(13)
    for _ in range(20):
        root = np.eye(2) + 0.05 * rng.normal(size=(2, 2))
        assert divergence((mean[0] + 0.05 * rng.normal(size=2), root @ mean[1] @ root.T)) > divergence(mean)


@pytest.mark.parametrize(("carrier", "t"), [(MIXTURE, 2.0), (MIXTURE, -1.0), (W2, -1.5)])
def test_a_geodesic_ends_where_there_is_no_law(carrier, t):
    a, b = law(0, 1), law(5, 4)
    assert carrier.geodesic(a, b, 1.05)[1] > 0
    with pytest.raises(ValueError, match=rf"t: got {t:g}, where .*from 0 to 1"):
        carrier.geodesic(a, b, np.array([0.5, t]))


def test_moments_of_close_laws_far_from_zero_keep_their_digits():
    a, b = law(1e6, 1), law(1e6 + 1e-3, 1)
    assert MIXTURE.distance(a, b) == pytest.approx(1e-3 * np.hypot(1, 2e6 + 1e-3), rel=1e-6)
    np.testing.assert_allclose(MIXTURE.geodesic(a, b, 0.5)[1], [[1 + 0.25e-6]], rtol=1e-9)


def test_fisher_rao_refuses_the_plane_and_unknown_metrics_are_named():
    with pytest.raises(ValueError, match=r"points: expected a one-dimensional law.*\(3, 2\).*metric='bures'"):
        FISHER.mean(random_laws(3, 2))
    with pytest.raises(ValueError, match="metric: got 'fisher'; expected one of 'bures'"):
        Gaussian(metric="fisher")


@pytest.mark.parametrize(("k", "d", "least"), [(2, 2, 1e-12), (3, 10, 1e-6), (5, 4, 1e-9)])
def test_nearly_singular_covariances_have_a_mean_too(k, d, least):
    roots = np.random.default_rng(14).normal(size=(k, d, d))
    points = np.zeros((k, d)), roots @ np.swapaxes(roots, -1, -2) + least * np.eye(d)
    assert W2.residual(W2.mean(points), points) < 1e-12


def test_a_problem_that_is_solved_at_once_stays_so_beside_a_hard_one():
    (means, covariances), same = random_laws(4, 3, seed=15), np.broadcast_to(np.eye(3), (4, 3, 3))
    both = W2.mean((np.stack([means, means]), np.stack([covariances, same])))
    np.testing.assert_allclose(both[1][1], np.eye(3), atol=1e-14)
    np.testing.assert_allclose(both[1][0], W2.mean((means, covariances))[1], rtol=1e-11)
