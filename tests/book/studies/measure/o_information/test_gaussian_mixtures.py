"""O-information of Gaussian mixtures by quadrature: limits, another way, and independence."""

import numpy as np
import pytest

from mixbook.studies.measure.o_information import gaussian_mixtures


def test_far_components_are_the_bits_that_name_them():
    far = {name: gaussian_mixtures.measure(means) for name, means in gaussian_mixtures.placements(16.0).items()}
    np.testing.assert_allclose(far["two, along the diagonal"], [2, 1, 1], atol=1e-9)
    np.testing.assert_allclose(far["four, on alternate corners of a cube"], [1, 2, -1], atol=1e-9)
    np.testing.assert_allclose(far["eight, on all corners"], 0, atol=1e-9)


def test_one_component_has_no_structure():
    np.testing.assert_allclose(gaussian_mixtures.measure([[1.0, -2.0, 0.5]]), 0, atol=1e-9)


def test_a_finer_grid_says_the_same(monkeypatch):
    means = np.random.default_rng(1).normal(scale=2, size=(4, 3))
    coarse = gaussian_mixtures.measure(means)
    monkeypatch.setattr(gaussian_mixtures, "STEP", 0.2)
    np.testing.assert_allclose(coarse, gaussian_mixtures.measure(means), atol=1e-4)


def test_total_correlation_agrees_with_samples():
    means = np.array([[0.0, 0.0, 0.0], [2.0, 2.0, 2.0]])
    rng = np.random.default_rng(3)
    points = means[rng.integers(2, size=200_000)] + rng.normal(size=(200_000, 3))
    each = np.exp(-0.5 * (points[:, None] - means) ** 2)  # (T, component, axis), up to constants that cancel
    logs = np.log2(each.prod(axis=2).mean(axis=1)) - np.log2(each.mean(axis=1)).sum(axis=1)
    assert logs.mean() == pytest.approx(gaussian_mixtures.measure(means)[0], abs=0.01)


def test_independent_mixtures_share_nothing_and_scattered_ones_do():
    assert np.abs(gaussian_mixtures.independent_variables(3, rng=1)).max() < 1e-9
    assert np.abs(gaussian_mixtures.scattered(3, 5, rng=1)).max() > 0.05


def test_distances_of_every_placement():
    table = gaussian_mixtures.over_distance([1.0, 3.0])
    assert len(table) == 6
    assert table.set_index(["placement", "distance"]).loc[("two, along the diagonal", 3.0), "omega"] > 0.4
