"""Alloys: melts freeze at their parts' points when pure and below when mixed, and liquids part above chi of two."""

import numpy as np
import pytest

from mixlib.domains import DOMAINS
from mixlib.domains.alloys import FUSION, MELT, MELTING, binodal, dissolved, eutectic, gaps, liquidus

MELTS, HEATS = (np.array([table[metal] for metal in ("bismuth", "cadmium")]) for table in (MELTING, FUSION))


def test_a_pure_melt_freezes_at_its_own_point_and_a_mixed_one_below_the_line():
    np.testing.assert_allclose(liquidus(np.eye(2), MELTS, HEATS), MELTS)
    shares = np.linspace(0.01, 0.99, 99)
    weights = np.column_stack([1 - shares, shares])
    assert (liquidus(weights, MELTS, HEATS) < weights @ MELTS).all()


def test_the_eutectic_is_where_both_lines_meet():
    temperature, weights = eutectic(MELTS, HEATS)
    assert weights.sum() == pytest.approx(1)
    assert liquidus(weights, MELTS, HEATS) == pytest.approx(temperature)
    shares = np.linspace(0, 1, 2001)
    lowest = liquidus(np.column_stack([1 - shares, shares]), MELTS, HEATS).min()
    assert lowest == pytest.approx(temperature, abs=0.5)
    np.testing.assert_allclose(dissolved(liquidus([0.8, 0.2], MELTS, HEATS), MELTS[0], HEATS[0]), 0.8)


def test_it_is_the_measured_one():
    assert abs(MELT.mixture() - MELT.known)[0] < MELT.tolerance < (MELT.parts.min() - MELT.known[0]) / 10
    np.testing.assert_allclose(DOMAINS["alloys"].mixture(), DOMAINS["alloys"].known, atol=0.02)
    assert gaps(0.0).tolist() == [1.519, 0.417]


def test_liquids_part_above_two():
    assert binodal(1.0) == binodal(2.0) == 0.5
    for chi in (2.001, 2.1, 3.0, 8.0):
        x = binodal(chi)
        assert 0 < x < 0.5
        assert np.log((1 - x) / x) / (1 - 2 * x) == pytest.approx(chi)
    assert binodal(2.1) > binodal(2.2)
