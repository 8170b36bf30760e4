"""Closed forms of other averages of Gaussian laws, held against quadrature."""

import numpy as np
import pytest
import torch
from scipy.stats import norm

from mixlib.carriers import fisher_rao_geodesic, linear_pool_moments, logarithmic_pool
from mixlib.kernels import Linear, LogLinear

GRID = np.linspace(-60, 80, 40001)
LAWS = (np.array([[0.0], [10.0]]), np.array([[[1.0]], [[4.0]]]))


def moments(density):
    density = density / density.sum()
    mean = density @ GRID
    return mean, density @ (GRID - mean) ** 2


@pytest.mark.parametrize("weights", [[0.5, 0.5], [0.2, 0.8]])
def test_pools_have_the_moments_of_the_pooled_densities(weights):
    densities = np.stack([norm.pdf(GRID, 0, 1), norm.pdf(GRID, 10, 2)])
    for pool, kernel in ((linear_pool_moments, Linear()), (logarithmic_pool, LogLinear(normalise=True))):
        mean, covariance = pool(LAWS, weights)
        np.testing.assert_allclose([mean[0], covariance[0, 0]], moments(kernel(weights, densities)), rtol=1e-8)


def test_the_two_pairs_of_the_book():
    first = (LAWS[0], np.ones((2, 1, 1)))
    for points, linear, logarithmic in ((first, (5, 26), (5, 1)), (LAWS, (5, 27.5), (2, 1.6))):
        for pool, known in ((linear_pool_moments, linear), (logarithmic_pool, logarithmic)):
            np.testing.assert_allclose(np.concatenate([part.ravel() for part in pool(points)]), known)


def test_logarithmic_pool_in_the_plane_is_the_mode_of_the_product():
    rng = np.random.default_rng(1)
    means, roots = rng.normal(size=(3, 2)), rng.normal(size=(3, 2, 2))
    covariances, weights = roots @ np.swapaxes(roots, -1, -2) + np.eye(2), np.array([0.2, 0.3, 0.5])
    mean, covariance = logarithmic_pool((means, covariances), weights)
    gradient = sum(w * np.linalg.solve(c, mean - m) for w, m, c in zip(weights, means, covariances, strict=True))
    np.testing.assert_allclose(gradient, 0, atol=1e-14)
    np.testing.assert_allclose(np.linalg.inv(covariance), np.tensordot(weights, np.linalg.inv(covariances), 1))


def fisher_length(path):
    steps = np.diff(path, axis=0)
    mid = (path[1:] + path[:-1]) / 2
    return np.sqrt((steps[:, 0] ** 2 + 2 * steps[:, 1] ** 2) / mid[:, 1] ** 2)


@pytest.mark.parametrize(("a", "b"), [((0, 1), (10, 1)), ((0, 1), (10, 4)), ((3, 1), (3, 9)), ((0, 1), (0.2, 1.3))])
def test_fisher_rao_path_has_constant_speed_and_no_shorter_neighbour(a, b):
    ends = [(np.array([float(m)]), np.array([[float(v)]])) for m, v in (a, b)]
    steps = np.linspace(0, 1, 801)
    path = np.array([[law[0][0], np.sqrt(law[1][0, 0])] for law in (fisher_rao_geodesic(*ends, t) for t in steps)])
    lengths = fisher_length(path)
    np.testing.assert_allclose(lengths, lengths.mean(), rtol=1e-4)
    for bump in (0.05, -0.05):
        for coordinate in (0, 1):
            bent = path.copy()
            bent[:, coordinate] += bump * np.sin(np.pi * steps)
            # a vertical path that is bent along itself keeps its length
            assert fisher_length(bent).sum() > lengths.sum() - 1e-6


def test_fisher_rao_midpoint_by_hand():
    mean, variance = fisher_rao_geodesic((np.zeros(1), np.ones((1, 1))), (np.full(1, 10.0), np.ones((1, 1))), 0.5)
    # the half-circle through both points is centred between them: radius^2 = 25 / 2 + 1
    np.testing.assert_allclose([mean[0], variance[0, 0]], [5, 13.5])
    same = fisher_rao_geodesic((np.ones(1), np.full((1, 1), 4.0)), (np.ones(1), np.full((1, 1), 4.0)), 0.3)
    np.testing.assert_allclose([same[0][0], same[1][0, 0]], [1, 4])
    scale = fisher_rao_geodesic((np.ones(1), np.full((1, 1), 1.0)), (np.ones(1), np.full((1, 1), 81.0)), 0.5)
    np.testing.assert_allclose([scale[0][0], scale[1][0, 0]], [1, 9])


def test_torch():
    tensors = tuple(map(torch.asarray, LAWS))
    for function in (linear_pool_moments, logarithmic_pool):
        for ours, theirs in zip(function(LAWS), function(tensors), strict=True):
            assert isinstance(theirs, torch.Tensor)
            np.testing.assert_allclose(theirs.numpy(), ours)
    ends = [(tensors[0][i], tensors[1][i]) for i in (0, 1)]
    assert isinstance(fisher_rao_geodesic(*ends, 0.5)[1], torch.Tensor)


def test_bad_input_is_named():
    line, plane = (np.zeros(1), np.ones((1, 1))), (np.zeros(2), np.eye(2))
    with pytest.raises(ValueError, match=r"b: expected a one-dimensional law, .* got \(2,\) and \(2, 2\)"):
        fisher_rao_geodesic(line, plane, 0.5)
    with pytest.raises(ValueError, match=r"a: a covariance is not positive definite \(smallest eigenvalue -1\)"):
        fisher_rao_geodesic((np.zeros(1), -np.ones((1, 1))), line, 0.5)
    for pool in (linear_pool_moments, logarithmic_pool):
        with pytest.raises(ValueError, match="weights: sums to"):
            pool(LAWS, [0.5, 0.6])
        with pytest.raises(ValueError, match=r"points: expected means and covariances of shapes \(\.\.\., k, d\)"):
            pool(plane)
