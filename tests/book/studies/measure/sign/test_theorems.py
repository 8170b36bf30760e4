"""The theorems on the sign hold, and the checks would notice if they did not."""

import numpy as np

from mixbook.studies.measure.sign import theorems
from mixlib.information import from_pmf, systems


def test_pairs_have_no_o_information_though_they_depend():
    table = theorems.two_variables(100, rng=2)
    assert table["omega"].abs().max() < 1e-12
    assert table["tc"].max() > 0.1


def test_independent_parts_are_never_redundant_with_their_mixture():
    table = theorems.independent_parts(200, rng=3)
    assert table["omega"].max() < 1e-12
    np.testing.assert_allclose(table["omega"], table["identity"], atol=1e-12)
    assert table["omega"].min() < -0.5
    assert set(table["n"]) == {2, 3, 4}


def test_dependent_parts_break_the_theorem():
    joint = systems.channel(systems.copy(2), systems.deterministic((2, 2), lambda a, b: a & b))
    assert from_pmf(joint).omega > 0.5


def test_names_of_the_mixtures_states_do_not_matter():
    table = theorems.relabelled_mixtures(100, rng=4)
    np.testing.assert_allclose(table["omega"], table["after"], atol=1e-12)


def test_seeds_repeat():
    assert theorems.independent_parts(5, rng=6).equals(theorems.independent_parts(5, rng=np.random.default_rng(6)))
