"""Measures older than the O-information, held against what is known of them."""

import numpy as np
import pytest

from mixbook.studies.seams import older
from mixlib.information import from_pmf, williams_beer

XOR = np.array([[[0.25, 0.0], [0.0, 0.25]], [[0.0, 0.25], [0.25, 0.0]]])
COPY = np.zeros((2, 2, 2))
COPY[0, 0, 0] = COPY[1, 1, 1] = 0.5


def test_of_three_bits_all_are_omega():
    for pmf, bits in ((XOR, -1), (COPY, 1)):
        assert from_pmf(pmf).omega / np.log(2) == pytest.approx(bits)
        assert older.interaction_information(pmf) / np.log(2) == pytest.approx(bits)
        assert older.redundancy_less_synergy(pmf) / np.log(2) == pytest.approx(bits)


def test_the_decomposition_is_that_of_the_library():
    for seed in range(5):
        pmf = np.random.default_rng(seed).dirichlet(np.ones(12)).reshape(2, 3, 2)
        known = williams_beer(pmf)
        assert older.redundancy_less_synergy(pmf) == pytest.approx(known.redundancy - known.synergy, abs=1e-12)


def test_of_four_bits_they_part():
    copies = np.zeros((2, 2, 2, 2))
    copies[0, 0, 0, 0] = copies[1, 1, 1, 1] = 0.5
    assert older.interaction_information(copies) / np.log(2) == pytest.approx(1)
    assert from_pmf(copies).omega / np.log(2) == pytest.approx(2)
    assert older.redundancy_less_synergy(copies) / np.log(2) == pytest.approx(1)
    parity = (
        np.array([[[[(a + b + c + d) % 2 == 0 for d in (0, 1)] for c in (0, 1)] for b in (0, 1)] for a in (0, 1)]) / 8
    )
    assert older.interaction_information(parity) / np.log(2) == pytest.approx(1)  # of even sets it has the other sign
    assert from_pmf(parity).omega / np.log(2) == pytest.approx(-2)


def test_systems_repeat():
    one, again = older.compare(3, systems=4), older.compare(3, systems=4)
    assert one.equals(again)
    assert list(one) == ["omega", "interaction", "decomposition"]
