"""Closed forms of Gaussian systems: two ways to the same numbers, and known values."""

import numpy as np
import pytest

from mixbook.studies.measure.o_information import closed_forms


def test_the_closed_forms_are_what_the_library_computes():
    table = closed_forms.gaussian()
    np.testing.assert_allclose(table[["tc", "dtc"]], table[["known tc", "known dtc"]], rtol=0, atol=1e-12)
    np.testing.assert_allclose(table["omega"], table["tc"] - table["dtc"], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("system", "omega"),
    [
        ("equal correlations .5, n = 3", 0.08495),
        ("equal correlations .5, n = 5", 0.396912),
        ("equal correlations .7, n = 4", 0.584437),
        ("one cause, three noisy looks", 0.400795),
        ("a chain, each step .8", 0.263478),
        ("two parts and their noisy sum", -0.510826),
        ("one between two, rho = .6", -0.123918),
        ("the same beside equal correlations .6", 0.147369 - 0.123918),
    ],
)
def test_known_values_in_nats(system, omega):
    assert closed_forms.gaussian().loc[system, "omega"] * np.log(2) == pytest.approx(omega, abs=1e-6)
