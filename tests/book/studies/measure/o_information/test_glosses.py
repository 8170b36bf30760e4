"""The glosses of the sign as comparisons, by hand and over random systems."""

import numpy as np
import pytest

from mixbook.studies.measure.o_information import entropies, glosses
from mixlib.information import from_pmf, systems


def test_comparisons_of_parity_and_copies_by_hand():
    table = glosses.compare(np.stack([systems.parity(3), systems.copy(3)]))
    np.testing.assert_allclose(table["omega"], [-1, 1], atol=1e-12)
    np.testing.assert_allclose(table["by all parts"], [1, 0], atol=1e-12)
    np.testing.assert_allclose(table["by one part"], [0, 0], atol=1e-12)
    np.testing.assert_allclose(table["as shares"], [1, 0], atol=1e-12)
    np.testing.assert_allclose(table["shared"], [1, 0], atol=1e-12)
    np.testing.assert_allclose(table["told"], [1, 0], atol=1e-12)


def test_two_parts_before_and_after_the_mixture_is_known():
    table = glosses.dependent(2, 50, rng=1)
    np.testing.assert_allclose(table["before and after"], table["omega"], atol=1e-12)
    assert table["omega"].min() < -0.05 < 0.05 < table["omega"].max()


def test_independent_parts_are_independent_and_make_synergy():
    table = glosses.independent(3, 50, rng=2)
    assert (table["omega"] < 1e-12).all()
    assert table["omega"].min() < -0.1
    assert (table["by all parts"] > 0).all()


def test_readings_of_a_hidden_bit():
    two = glosses.readings_of_a_hidden_bit(0.1, readings=2)
    flipped = 0.18  # of either, not of both
    entropy = -flipped * np.log2(flipped) - (1 - flipped) * np.log2(1 - flipped)
    assert entropies.information(two, [0], [1]) == pytest.approx(1 - entropy)
    three = glosses.readings_of_a_hidden_bit(0.1)
    assert glosses.compare(three)["omega"][0] == pytest.approx(from_pmf(three[0], units="bits").omega)
