"""The table of diabetes patients holds two formulas."""

import numpy as np

from mixbook.studies.measure import sweep as diabetes


def test_the_table_has_442_complete_rows_in_its_own_units():
    table = diabetes.load()
    assert table.shape == (442, 10)
    assert table.notna().all(axis=None)
    assert table["age"].between(19, 79).all()
    assert "sex" not in table


def test_ldl_was_calculated_to_the_last_digit():
    table = diabetes.load()
    calculated = diabetes.friedewald(table["cholesterol"], table["HDL"], np.exp(table["log TG"]))
    assert np.median(np.abs(calculated - table["LDL"])) < 0.001
    assert np.abs(calculated - table["LDL"]).max() < 0.5


def test_friedewald_on_round_numbers():
    assert diabetes.friedewald(200, 50, 150) == 120


def test_the_ratio_is_cholesterol_over_hdl_up_to_rounding():
    table = diabetes.load()
    quotient = table["cholesterol"] / table["HDL"]
    assert (quotient - table["ratio"]).abs().max() < 0.7
    assert (table["ratio"] % 1 == 0).mean() > 0.8  # most are rounded to whole numbers
