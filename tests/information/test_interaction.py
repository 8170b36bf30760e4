"""Co-information: exact states, closed forms, and the recursion over conditional information."""

import itertools

import numpy as np
import pandas as pd
import pytest

from mixlib import o_information
from mixlib.information import co_information
from mixlib.information.shared import Shared

BITS = np.array(list(itertools.product([0, 1], repeat=3)))
PARITY = np.column_stack([BITS, BITS.sum(axis=1) % 2])
COPIES = np.repeat([[0, 0, 0, 0], [1, 1, 1, 1]], 4, axis=0)


@pytest.mark.parametrize(("rows", "wanted"), [(PARITY, [0] * 10 + [1]), (COPIES, [1] * 11)])
def test_exact_states(rows, wanted):
    """Parity of four has one bit as copies have, although the one is synergy and the other redundancy."""
    found = co_information(np.tile(rows, (5, 1)), "2-4", "plugin", correction=None, units="bits")
    assert found["co_information"].tolist() == pytest.approx(wanted, abs=1e-12)
    assert found["order"].tolist() == [2] * 6 + [3] * 4 + [4]


def test_of_three_it_is_o_information():
    table = np.random.default_rng(0).normal(size=(300, 4)) @ np.random.default_rng(1).normal(size=(4, 4))
    found = co_information(table, 3)
    for variables, value in zip(found["variables"], found["co_information"], strict=True):
        assert value == pytest.approx(o_information(table[:, variables], error=None).omega, abs=1e-12)


def test_one_more_variable_takes_off_what_is_shared_given_it():
    table = np.random.default_rng(0).normal(size=(300, 5)) @ np.random.default_rng(1).normal(size=(5, 5))
    shared = Shared(table)

    def given(variables, condition):
        if len(variables) == 2:
            return shared.between([variables[:1]], [variables[1:]], [condition])[0]
        return given(variables[:-1], condition) - given(variables[:-1], [*condition, variables[-1]])

    found = co_information(table, "2-5").set_index("variables")["co_information"]
    for variables in [(0, 3), (1, 2, 4), (0, 1, 3, 4), (0, 1, 2, 3, 4)]:
        assert found[variables] == pytest.approx(given(list(variables), []), abs=1e-11)


def test_names_and_refusals():
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(6, 5)), columns=list("abcde"))
    assert co_information(table, 2)["variables"][1] == ("a", "c")
    with pytest.raises(ValueError, match="6 samples are too few for 5"):
        co_information(table, "all")
    with pytest.raises(ValueError, match="expected 2 <= lowest"):
        co_information(table, 1)
    with pytest.raises(ValueError, match="'ksg' has no entropies"):
        co_information(np.random.default_rng(0).normal(size=(50, 3)), 2, "ksg")
