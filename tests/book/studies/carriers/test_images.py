"""Means of pictures, and which power mean a mean is."""

import numpy as np
import pytest

from mixbook.studies.carriers import images


def test_nothing_is_nearer_to_both_ends_than_the_barycenter():
    table = images.nearness(2, rng=1).set_index("mean")
    assert (table.loc["barycenter", ["cost", "way"]].round(9) == [1, 0.5]).all().all()
    assert (table.drop(index="barycenter")["cost"] > 1).all()
    assert set(table["system"]) == {"laws on the line", "clouds in the plane", "pictures"}


def test_pictures_become_atoms_of_equal_mass_and_padding_of_none():
    positions, masses = images.as_atoms(np.array([[[0, 0.5], [0.5, 0]], [[0, 0], [1, 0]]]))
    assert positions.tolist() == [[[0, 1], [1, 0]], [[1, 0], [0, 0]]]
    assert masses.tolist() == [[0.5, 0.5], [1, 0]]


@pytest.mark.parametrize(("mean", "power"), [(2.5, 1), (2, 0), (1.6, -1), (2.25, 0.5), (np.sqrt(8.5), 2)])
def test_exponents_of_known_means_of_one_and_four(mean, power):
    assert images.exponent(mean, 1, 4) == pytest.approx(power, abs=1e-6)


def test_barycenter_of_numbers_on_two_scales():
    assert images.means_of_numbers([[1, 4]]) == pytest.approx(2.5)
    assert images.means_of_numbers([[1, 4]], "logarithmic") == pytest.approx(2)
    assert list(images.exponents([[1.0, 4.0]]).round(6).iloc[0]) == [1, 0.5, 0, -1]


def test_pictures_start_and_end_as_they_are():
    pictures = images.shapes(24)
    np.testing.assert_allclose(pictures.sum(axis=(1, 2)), 1)
    means = images.picture_means(pictures, (0, 0.5, 1))
    np.testing.assert_allclose(means["average"][[0, 2]], pictures)
    assert np.abs(means["transport, debiased"][[0, 2]] - pictures).sum(axis=(1, 2)).max() < 0.3  # sharp edges
    blurred, sharp = ((means[f"transport, {name}"][1] ** 2).sum() for name in ("blurred", "debiased"))
    assert sharp > 1.1 * blurred
