"""The decomposition of Williams and Beer in its known cases, and against the O-information."""

import numpy as np
import pytest

from mixlib.information import from_pmf, williams_beer


def gate(table):
    """The pmf of a function of two fair bits."""
    pmf = np.zeros((2, 2, 2))
    for a in (0, 1):
        for b in (0, 1):
            pmf[a, b, table[a][b]] = 0.25
    return pmf


AND, XOR = gate([[0, 0], [0, 1]]), gate([[0, 1], [1, 0]])
COPIED = np.zeros((2, 2, 2))  # one fair bit, three times
COPIED[0, 0, 0] = COPIED[1, 1, 1] = 0.5
FIRST = gate([[0, 0], [1, 1]])  # the target is the first source


@pytest.mark.parametrize(
    ("pmf", "redundancy", "unique", "synergy"),
    [
        (AND, 0.311278, (0, 0), 0.5),  # Williams & Beer 2010
        (XOR, 0, (0, 0), 1),
        (COPIED, 1, (0, 0), 0),
        (FIRST, 0, (1, 0), 0),
    ],
    ids=["and", "xor", "copy", "first"],
)
def test_known_cases(pmf, redundancy, unique, synergy):
    found = williams_beer(pmf, units="bits")
    assert found.redundancy == pytest.approx(redundancy, abs=1e-6)
    assert found.unique == pytest.approx(unique, abs=1e-6)
    assert found.synergy == pytest.approx(synergy, abs=1e-6)
    assert williams_beer(pmf).total == pytest.approx(found.total * np.log(2))


def test_two_independent_bits_that_are_both_copied_share_a_bit_by_this_measure():
    # the well-known objection: two sources that have nothing in common
    pmf = np.zeros((2, 2, 4))
    for a in (0, 1):
        for b in (0, 1):
            pmf[a, b, 2 * a + b] = 0.25
    found = williams_beer(pmf, units="bits")
    assert (found.redundancy, found.synergy) == pytest.approx((1, 1))


def test_parts_add_up_and_give_the_o_information_of_any_law():
    rng = np.random.default_rng(0)
    for shape in ((2, 3, 4), (4, 4, 2), (3, 1, 3)):
        pmf = rng.dirichlet(np.full(np.prod(shape), 0.3)).reshape(shape)
        found = williams_beer(pmf)
        first = pmf.sum(axis=1)
        alone = np.sum(first * np.log(np.where(first > 0, first, 1) / np.outer(first.sum(1), first.sum(0))))
        assert found.redundancy + found.unique[0] == pytest.approx(alone)
        assert min(found.redundancy, *found.unique, found.synergy) >= 0
        # the co-information is redundancy less synergy, and of three variables it is the O-information
        assert found.redundancy - found.synergy == pytest.approx(from_pmf(pmf).omega, abs=1e-12)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"^pmf: expected an axis"):
        williams_beer(np.full((2, 2), 0.25))
    with pytest.raises(ValueError, match=r"^pmf"):
        williams_beer(np.full((2, 2, 2), 0.2))
    with pytest.raises(ValueError, match=r"^units"):
        williams_beer(XOR, units="bytes")
