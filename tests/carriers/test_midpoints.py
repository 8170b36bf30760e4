"""Averages of two normal laws on several carriers."""

import numpy as np
import pytest

from mixlib.carriers import Gaussian, fisher_rao_geodesic, linear_pool_moments, logarithmic_pool, midpoints


@pytest.mark.parametrize("second", [(10, 1), (10, 2)])
@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.3, 0.7)])
def test_densities_have_the_moments_of_the_closed_forms(second, weights):
    points = midpoints.as_laws((0, 1), second)
    ends = [(points[0][i], points[1][i]) for i in (0, 1)]
    closed = {
        "linear pool": linear_pool_moments(points, weights),
        "logarithmic pool": logarithmic_pool(points, weights),
        "Wasserstein": Gaussian().mean(points, weights),
        "Fisher-Rao": fisher_rao_geodesic(*ends, weights[1]),
    }
    densities = midpoints.averages((0, 1), second, weights)
    assert set(densities) == set(closed)
    for name, density in densities.items():
        known = [part.item() for part in closed[name]]
        np.testing.assert_allclose(midpoints.moments(density), known, rtol=2e-3, err_msg=name)


def test_description():
    table = midpoints.describe(midpoints.averages((0, 1), (10, 1)), (0, 1), (10, 1))
    assert table["modes"].to_dict() == {"linear pool": 2, "logarithmic pool": 1, "Wasserstein": 1, "Fisher-Rao": 1}
    assert table.loc["linear pool", "failure"] == pytest.approx(26, rel=1e-3)
    assert table.loc["linear pool", "escape"] == pytest.approx(0, abs=1e-9)
    assert (table["escape"].drop("linear pool") > 0.4).all()


def test_modes():
    normal = midpoints.normal_density
    assert midpoints.count_modes(normal(0, 1) + normal(10, 1)) == 2
    assert midpoints.count_modes(normal(0, 1) + normal(1.9, 1)) == 1  # closer than two deviations
    assert midpoints.count_modes(normal(0, 1) + normal(2.1, 1)) == 2
    assert midpoints.count_modes(np.array([0.0, 1.0, 1.0, 0.0])) == 1
    assert midpoints.count_modes(np.array([2.0, 1.0, 1.0, 3.0])) == 2


def test_gap_of_disjoint_and_equal_densities():
    near, far = midpoints.normal_density(0, 1), midpoints.normal_density(20, 1)
    assert midpoints.total_variation_gap(near, far) == pytest.approx(2)
    assert midpoints.total_variation_gap(near, near) == 0


def test_carriers_disagree_on_random_instances():
    table = midpoints.carrier_gaps(3, rng=1)
    assert table.equals(midpoints.carrier_gaps(3, rng=np.random.default_rng(1)))
    assert (table["largest gap"] > 0.5).all()
    assert (table["smallest gap"] <= table["largest gap"]).all()
