"""The statements about O-information hold, and the checks would notice if they did not."""

import numpy as np
import pandas as pd
import pytest

from mixbook.studies.measure.o_information import theorems
from mixlib.information import from_pmf, systems


def test_classical_systems_have_their_closed_forms():
    table = theorems.canonical()
    np.testing.assert_allclose(table[["tc", "dtc"]], table[["known tc", "known dtc"]], atol=1e-12)
    assert len(table) == 9


def test_measures_of_named_systems():
    table = theorems.measure({"copies": systems.copy(3), "parity": systems.parity(3)})
    assert list(table.columns) == ["tc", "dtc", "omega"]
    np.testing.assert_allclose(table.loc["copies"], [2, 1, 1], atol=1e-12)
    np.testing.assert_allclose(table.loc["parity"], [1, 2, -1], atol=1e-12)


def test_largest_gap_sees_every_column_and_both_signs():
    table = pd.DataFrame({"a": [1.0, 2.0], "b": [5.0, 5.0], "known a": [1.0, 2.5], "known b": [4.0, 5.0]})
    assert theorems.largest_gap(table, "a", "known a") == 0.5
    assert theorems.largest_gap(table, ["a", "b"], ["known a", "known b"]) == 1


def test_both_definitions_of_each_measure_agree():
    table = theorems.definition(100, rng=1)
    np.testing.assert_allclose(table["tc"], table["tc_divergence"], atol=1e-12)
    np.testing.assert_allclose(table["dtc"], table["dtc_conditional"], atol=1e-12)
    assert table["omega"].min() < -0.1 < 0.1 < table["omega"].max()


def test_gaussian_systems_depend_and_are_measured_in_bits():
    table = theorems.gaussian_systems(50, rng=1)
    assert len(table) == 50
    assert (table[["tc", "dtc"]] > 0).all(axis=None)
    np.testing.assert_allclose(table["omega"], table["tc"] - table["dtc"], atol=1e-12)
    roots = np.random.default_rng(1).normal(size=(50, 4, 6))
    covariances = roots @ roots.swapaxes(-1, -2)
    variances = np.diagonal(covariances, axis1=-2, axis2=-1)
    np.testing.assert_allclose(table["tc"], np.log2(variances.prod(-1) / np.linalg.det(covariances)) / 2)


def test_independent_variables_share_nothing():
    table = theorems.independent_variables(20, rng=1)
    assert len(table) == 20
    np.testing.assert_allclose(table, 0, atol=1e-12)


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


def test_excess_over_pairs_is_omega_only_for_three_variables():
    three = theorems.joint_against_pairs(100, n=3, rng=5)
    np.testing.assert_allclose(three["excess"], -three["omega"], atol=1e-12)
    four = theorems.joint_against_pairs(500, n=4, rng=5)
    assert ((four["omega"] < -0.01) & (four["excess"] < -0.01)).any()
    assert ((four["omega"] > 0.01) & (four["excess"] > 0.01)).any()
    assert theorems.pairwise_information(systems.copy(4)) == pytest.approx(6)


def test_seeds_repeat():
    assert theorems.independent_parts(5, rng=6).equals(theorems.independent_parts(5, rng=np.random.default_rng(6)))
