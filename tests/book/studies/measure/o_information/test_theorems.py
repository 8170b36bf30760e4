"""The statements about O-information hold, and the checks would notice if they did not."""

import numpy as np
import pandas as pd

from mixbook.studies.measure.o_information import theorems
from mixlib.information import systems


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


def test_independent_systems_share_nothing():
    table = theorems.definition_of(theorems.independent_systems(20, rng=1))
    assert len(table) == 20
    np.testing.assert_allclose(table, 0, atol=1e-12)


def test_random_pairs_depend():
    table = theorems.definition_of(theorems.random_pairs(20, rng=1))
    assert table["tc"].max() > 0.1
    np.testing.assert_allclose(table["omega"], 0, atol=1e-12)
