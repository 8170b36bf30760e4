"""Entropies of groups of variables agree with the library and with values by hand."""

import numpy as np
import pytest

from mixbook.studies.measure.o_information import entropies
from mixlib.information import from_pmf, systems


def test_measures_agree_with_the_library():
    pmfs = entropies.random_systems(4, 20, rng=1)
    exact = [from_pmf(pmf, units="bits") for pmf in pmfs]
    np.testing.assert_allclose(entropies.total_correlation(pmfs, range(4)), [one.tc for one in exact], atol=1e-12)
    np.testing.assert_allclose(entropies.dual_total_correlation(pmfs), [one.dtc for one in exact], atol=1e-12)


def test_informations_of_parity_by_hand():
    parity = systems.parity(3)[None]
    assert entropies.entropy(parity, [0, 1, 2]) == pytest.approx(2)
    assert entropies.information(parity, [0], [1]) == pytest.approx(0)
    assert entropies.information(parity, [0], [1], given=[2]) == pytest.approx(1)
    assert entropies.information(parity, [0, 1], [2]) == pytest.approx(1)


def test_conditional_entropy_is_a_difference_of_entropies():
    pmf = entropies.random_pmf((2, 3, 2), np.random.default_rng(2))
    expected = entropies.entropy(pmf[None], range(3)) - entropies.entropy(pmf[None], [0, 2])
    assert entropies.conditional_entropy(pmf, 1) == pytest.approx(expected.item())
