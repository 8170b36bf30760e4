"""Averages of two normal laws on several carriers."""

import numpy as np
import pytest
from scipy.stats import norm

from mixbook.studies.carriers import wasserstein as midpoints


@pytest.mark.parametrize("second", [(10, 1), (10, 2)])
@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.3, 0.7)])
def test_densities_have_the_moments_of_the_closed_forms(second, weights):
    closed = midpoints.closed_forms((0, 1), second, weights)
    densities = midpoints.averages((0, 1), second, weights)
    assert list(densities) == list(closed.index)
    for name, density in densities.items():
        np.testing.assert_allclose(midpoints.moments(density), closed.loc[name], rtol=2e-3, err_msg=name)


def test_closed_forms_by_hand():
    halfway = midpoints.closed_forms((0, 1), (10, 2))
    assert list(halfway.columns) == ["mean", "variance"]
    known = {"linear pool": (5, 27.5), "logarithmic pool": (2, 1.6), "Wasserstein": (5, 2.25)}
    np.testing.assert_allclose(halfway.loc[list(known)], list(known.values()))
    # on the half-circle through both laws, whose top is midway between equal deviations
    equal = midpoints.closed_forms((0, 1), (10, 1)).loc["Fisher-Rao"]
    np.testing.assert_allclose(equal, (5, 1 + 5**2 / 2))
    uneven = midpoints.closed_forms((0, 1), (10, 2), (0.3, 0.7))
    np.testing.assert_allclose(uneven.loc["Wasserstein"], (7, 1.7**2))
    np.testing.assert_allclose(uneven.loc["linear pool"], (7, 0.3 * 1 + 0.7 * 4 + 0.3 * 0.7 * 10**2))


def test_description():
    table = midpoints.describe(midpoints.averages((0, 1), (10, 1)), (0, 1), (10, 1))
    assert table["modes"].to_dict() == {"linear pool": 2, "logarithmic pool": 1, "Wasserstein": 1, "Fisher-Rao": 1}
    assert table.loc["linear pool", "failure"] == pytest.approx(26, rel=1e-3)
    assert table.loc["linear pool", "escape"] == pytest.approx(0, abs=1e-9)
    assert (table["escape"].drop("linear pool") > 0.4).all()


def test_comparison_with_a_known_density():
    target = midpoints.normal_density(5, 1)
    candidates = {
        "the same, not normalised": 3 * target,
        "far away": midpoints.normal_density(25, 2),
        "two hills": midpoints.averages((0, 1), (10, 1))["linear pool"],
    }
    table = midpoints.compare(candidates, target)
    assert list(table.columns) == ["mean", "variance", "modes", "error"]
    np.testing.assert_allclose(table["mean"], [5, 25, 5], rtol=1e-5)
    np.testing.assert_allclose(table["variance"], [1, 4, 26], rtol=1e-3)
    assert table["modes"].tolist() == [1, 1, 2]
    crossing = 2.5 - np.log(2) / 5  # there half of N(0, 1) is as high as N(5, 1)
    overlap = 2 * (norm.cdf(crossing - 5) + norm.sf(crossing) / 2)
    np.testing.assert_allclose(table["error"], [0, 2, 2 - 2 * overlap], atol=1e-3)


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


def test_typical_means_by_hand():
    table = midpoints.typicality((0, 1), (10, 1))
    np.testing.assert_allclose(table["width"], [26, 1, 1, 13.5])
    # half of the mass stays, the other half goes the whole way: the root of 1/2, less what the hills' shapes save
    assert 0.6 < table.loc["linear pool", "way"] < np.sqrt(0.5)
    assert table.loc["Wasserstein", "way"] == pytest.approx(0.5, abs=1e-3)
    # the divergence of N(0, 1) from N(5, 1) is half the squared distance; that from half of itself log 2
    np.testing.assert_allclose(table.loc[["Wasserstein", "linear pool"], "loss"], [12.5, np.log(2)], rtol=1e-5)


def test_an_ellipse_lies_one_deviation_away():
    curve = midpoints.ellipse((np.array([1.0, 2.0]), np.array([[4.0, 1.0], [1.0, 2.0]])))
    inverse = np.linalg.inv([[4.0, 1.0], [1.0, 2.0]])
    np.testing.assert_allclose(np.einsum("pi,ij,pj->p", curve - [1, 2], inverse, curve - [1, 2]), 1)
