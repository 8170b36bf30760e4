"""One-dimensional Wasserstein geometry by quantiles, held against POT and closed forms."""

import numpy as np
import ot
import pytest
import torch
from scipy.stats import norm

from mixlib import simplex
from mixlib.carriers import Quantile, from_density, to_density

W2 = Quantile()
GRID = np.linspace(-10, 20, 1201)


def normal_quantiles(mean, deviation, n_levels=1024):
    return norm.ppf((np.arange(n_levels) + 0.5) / n_levels, mean, deviation)


def test_distance_of_samples_agrees_with_pot():
    rng = np.random.default_rng(1)
    a, b = np.sort(rng.normal(size=(2, 50)))
    assert W2.distance(a, b) == pytest.approx(np.sqrt(ot.emd2_1d(a, b)))


def test_mean_minimises_the_squared_distance_and_is_the_geodesic():
    points, weights = np.sort(np.random.default_rng(2).gamma(2, size=(3, 40))), simplex.sample(3, rng=2)
    centre = W2.mean(points, weights)
    cost = weights @ W2.distance(centre, points) ** 2
    for other in (W2.geodesic(centre, points[0], 0.05), centre + 0.01, 1.01 * centre):
        assert weights @ W2.distance(other, points) ** 2 > cost
    np.testing.assert_allclose(W2.geodesic(points[0], points[1], 0.3), W2.mean(points[:2], [0.7, 0.3]))
    t = np.array([0.2, 0.9])
    path = W2.geodesic(points[0], points[1], t)
    np.testing.assert_allclose(W2.distance(points[0], path), t * W2.distance(points[0], points[1]))


@pytest.mark.parametrize(("mean", "deviation"), [(0, 1), (10, 2)])
def test_quantiles_of_a_density_and_back(mean, deviation):
    density = norm.pdf(GRID, mean, deviation)
    quantiles = from_density(GRID, density)
    np.testing.assert_allclose(quantiles, normal_quantiles(mean, deviation), atol=2e-3)
    back = to_density(quantiles, GRID)
    assert np.abs(back - density).sum() * (GRID[1] - GRID[0]) < 3e-3


def test_density_that_is_linear_between_points_is_inverted_exactly():
    levels = (np.arange(8) + 0.5) / 8
    np.testing.assert_allclose(from_density(np.array([0.0, 1.0]), np.array([0.0, 7.0]), 8), np.sqrt(levels))
    np.testing.assert_allclose(from_density(np.array([0.0, 1.0]), np.array([3.0, 0.0]), 8), 1 - np.sqrt(1 - levels))
    with_gap = from_density(np.array([0.0, 1.0, 1.001, 2.0, 2.001, 3.0]), np.array([1.0, 1, 0, 0, 1, 1]), 4)
    np.testing.assert_allclose(with_gap, [0.25, 0.75, 2.25, 2.75], atol=2e-3)


def test_barycenter_of_two_normals():
    densities = np.stack([norm.pdf(GRID, 0, 1), norm.pdf(GRID, 10, 2)])
    points = from_density(GRID, densities)
    barycenter = to_density(W2.mean(points), GRID)
    assert np.abs(barycenter - norm.pdf(GRID, 5, 1.5)).sum() * (GRID[1] - GRID[0]) < 3e-3


def test_failure_tells_the_linear_pool_from_the_barycenter():
    densities = np.stack([norm.pdf(GRID, 0, 1), norm.pdf(GRID, 10, 1)])
    points = from_density(GRID, densities)
    assert W2.failure(W2.mean(points), points) == pytest.approx(1)
    assert W2.failure(from_density(GRID, densities.mean(0)), points) == pytest.approx(26, rel=0.01)


def test_batch_torch_and_dtype():
    points = np.sort(np.random.default_rng(3).normal(size=(4, 3, 20)))
    weights = simplex.sample(3, 4, rng=3)
    np.testing.assert_allclose(W2.mean(points, weights)[2], W2.mean(points[2], weights[2]))
    tensors = torch.asarray(points).float()
    mean = W2.mean(tensors, torch.asarray(weights).float())
    assert mean.dtype == W2.distance(mean, tensors[:, 0]).dtype == W2.failure(mean, tensors).dtype == torch.float32
    np.testing.assert_allclose(mean.numpy(), W2.mean(points, weights), atol=1e-6)
    grid = torch.linspace(-10, 20, 1201, dtype=torch.float64)
    density = torch.exp(-(grid**2) / 2).expand(2, 1201)
    quantiles = from_density(grid, density)
    np.testing.assert_allclose(quantiles[1].numpy(), normal_quantiles(0, 1), atol=2e-3)
    assert to_density(quantiles, grid).shape == (2, 1201)


ASCENDING = np.arange(6.0).reshape(2, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: W2.mean(ASCENDING[:, ::-1]), "points: quantiles descend somewhere; sort"),
        (lambda: W2.mean(ASCENDING[0]), r"points: expected shape \(..., k, q\), got \(3,\)"),
        (lambda: W2.mean(ASCENDING.astype(int)), "points: expected a floating dtype, got int64"),
        (lambda: W2.mean(ASCENDING * np.nan), "points: holds NaN"),
        (lambda: W2.mean(ASCENDING.tolist()), "points: expected a NumPy array .* got list"),
        (lambda: W2.mean(ASCENDING, [0.5, 0.4]), "weights: sums to 0.9"),
        (lambda: W2.distance(ASCENDING[0], ASCENDING[0, :2]), "b: has 2 quantiles where a has 3"),
        (lambda: to_density(np.array([0.0, 1.0, 1.0]), GRID), "quantiles: .* an atom has no density"),
        (lambda: to_density(np.array([0.0, 1.0]), GRID), "quantiles: .* at least 3 distinct quantiles, got 2"),
        (lambda: from_density(GRID[::-1], GRID**2), "grid: expected ascending"),
        (lambda: from_density(GRID, GRID), "density: holds a negative value"),
        (lambda: from_density(GRID, 0 * GRID), "density: a density is 0 everywhere"),
        (lambda: from_density(GRID, GRID[:5] ** 2), r"density: shape \(5,\) does not end in the grid's length 1201"),
        (lambda: from_density(GRID, GRID**2, 0), "n_levels: got 0, expected a whole number, 1 or more"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
