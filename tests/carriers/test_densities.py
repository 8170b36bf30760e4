"""Barycenters of densities on one grid: by both ways of computing, against closed forms and quantiles."""

import numpy as np
import pytest
import torch
from scipy.stats import norm

from mixlib import simplex
from mixlib.carriers import Quantile, densities, density_barycenter, from_density, to_density

GRID = np.linspace(-5, 15, 200)
STEP = GRID[1] - GRID[0]
PAIR = np.stack([norm.pdf(GRID, 0, 1), norm.pdf(GRID, 10, 1)])


@pytest.fixture(params=[np.inf, 0], ids=["arrays", "compiled"])
def patience(request, monkeypatch):
    monkeypatch.setattr(densities._sweep, "patience", request.param)
    return request.param


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize(("weights", "mean"), [(None, 5), ([0.7, 0.3], 3), ([1, 0], 0)])
def test_normals_move_as_a_whole(weights, mean):
    found = density_barycenter(GRID, PAIR, weights)
    assert np.abs(found - norm.pdf(GRID, mean, 1)).sum() * STEP < 2e-3
    assert np.trapezoid(found, GRID) == pytest.approx(1, abs=1e-4)


@pytest.mark.usefixtures("patience")
def test_widths_are_averaged_and_quantiles_lead_to_the_same():
    grid, weights = np.linspace(-10, 30, 1201), [0.2, 0.5, 0.3]
    laws = np.stack([norm.pdf(grid, 0, 1), norm.pdf(grid, 10, 2), norm.pdf(grid, 4, 3)])
    found = density_barycenter(grid, laws, weights)
    assert np.abs(found - norm.pdf(grid, 6.2, 2.1)).sum() * (grid[1] - grid[0]) < 1e-3
    by_quantiles = to_density(Quantile().mean(from_density(grid, laws, 4096), weights), grid)
    assert np.abs(found - by_quantiles).sum() * (grid[1] - grid[0]) < 2e-3


@pytest.mark.usefixtures("patience")
def test_equal_densities_are_their_barycenter_with_gaps_and_steep_ends():
    rng = np.random.default_rng(1)
    for _ in range(50):
        grid = np.sort(rng.normal(size=9))
        law = rng.random(9) * (rng.random(9) > 0.5)
        law[rng.integers(9)] += 0.1
        found = density_barycenter(grid, np.stack([law, 3 * law]), [0.4, 0.6])
        np.testing.assert_allclose(found, law / np.trapezoid(law, grid), atol=1e-7)


def test_both_ways_agree_on_batches(monkeypatch):
    rng = np.random.default_rng(2)
    laws = rng.random((4, 3, 20)) * (rng.random((4, 3, 20)) > 0.4) + 0.01 * (np.arange(20) == 7)
    grid, weights = np.sort(rng.normal(size=20)), simplex.sample(3, 4, rng=2)
    results = []
    for patience in (np.inf, 0):
        monkeypatch.setattr(densities._sweep, "patience", patience)
        results.append(density_barycenter(grid, laws, weights))
    np.testing.assert_allclose(*results, atol=1e-7)
    np.testing.assert_allclose(results[1][2], density_barycenter(grid, laws[2], weights[2]), rtol=1e-12)
    # the order of laws does not matter, a mirrored line mirrors the barycenter
    np.testing.assert_allclose(density_barycenter(grid, laws[:, ::-1], weights[:, ::-1]), results[1], atol=1e-7)
    mirrored = density_barycenter(-grid[::-1], laws[..., ::-1], weights)
    np.testing.assert_allclose(mirrored[:, ::-1], results[1], atol=1e-7)


def test_torch_and_dtype():
    found = density_barycenter(torch.asarray(GRID).float(), torch.asarray(PAIR).float())
    assert found.dtype == torch.float32
    np.testing.assert_allclose(found.numpy(), density_barycenter(GRID, PAIR), atol=1e-3)


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: density_barycenter(GRID[::-1], PAIR), "grid: expected ascending"),
        (lambda: density_barycenter(GRID, -PAIR), "densities: holds a negative value"),
        (lambda: density_barycenter(GRID, PAIR * np.nan), "densities: holds NaN"),
        (lambda: density_barycenter(GRID, PAIR * 0), "densities: a density is 0 everywhere"),
        (lambda: density_barycenter(GRID, PAIR[0]), r"densities: expected shape \(..., k, 200\)"),
        (lambda: density_barycenter(GRID, PAIR[:, 1:]), r"densities: expected shape \(..., k, 200\)"),
        (lambda: density_barycenter(GRID, PAIR, [0.5, 0.4]), "weights: sums to 0.9"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
