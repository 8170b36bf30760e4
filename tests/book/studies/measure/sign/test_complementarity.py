"""Conditions on the parts of synergistic mixtures, by hand and against the library."""

import numpy as np
import pytest

from mixbook.studies.measure.o_information import entropies
from mixbook.studies.measure.sign import complementarity
from mixlib.information import from_pmf, systems


def test_conditions_of_parity_and_copies_by_hand():
    table = complementarity.conditions(np.stack([systems.parity(4), systems.copy(4)]))
    np.testing.assert_allclose(table["omega"], [-2, 2], atol=1e-12)
    np.testing.assert_allclose(table["over pairs"], [1, 3 - 6], atol=1e-12)
    np.testing.assert_allclose(table["over parts"], [1, 1 - 3], atol=1e-12)
    np.testing.assert_allclose(table["least added"], [1, 0], atol=1e-12)


def test_of_three_variables_both_excesses_are_minus_omega():
    table = complementarity.over_systems(2, 50, rng=1)
    np.testing.assert_allclose(table["over pairs"], -table["omega"], atol=1e-12)
    np.testing.assert_allclose(table["over parts"], -table["omega"], atol=1e-12)


def test_five_states_are_synergistic_without_an_excess():
    pmf = complementarity.equally_likely(complementarity.FEWER_THAN_PAIRS)
    assert pmf.sum() == pytest.approx(1)
    assert pmf[0, 1, 0, 1, 1] == pytest.approx(1 / 5)
    exact = from_pmf(pmf[0], units="bits")
    pairs = sum(entropies.information(pmf, [i], [j]).item() for i in range(4) for j in range(i))
    assert exact.omega < -0.05
    assert exact.tc < pairs - 0.01


@pytest.mark.parametrize("share", [complementarity.share_redundant, complementarity.share_redundant_linear])
def test_overlap_makes_mixtures_redundant(share):
    apart, close = share(3, [0.0, 0.95], 60, rng=1)
    assert apart < 0.05
    assert close > 0.9
