"""Mud, measured tints, and lights under which matches part."""

import numpy as np
import pytest

from mixbook.studies.domains import paint as study
from mixlib.domains import paint


def test_daylight_shows_white_as_white_whatever_its_power():
    white = np.ones(study.W.size)
    for lamp in study.LIGHTS.values():
        np.testing.assert_allclose(study.lab(white, lamp), [100, 0, 0], atol=1e-9)
    one, other = paint.reflectance("red", "cyan")
    dimmed = study.difference(one, other, study.LIGHTS["D65, dimmed"])
    assert dimmed == pytest.approx(study.difference(one, other))


def test_mud_has_a_row_for_every_mixture_and_rule():
    told = study.mud()
    assert len(told) == 3 * 63
    averages = told[told["rule"] == "average of reflectances"]
    assert averages["escape"].max() < 1e-9
    stirred = told[told["rule"] == "Kubelka-Munk"]
    assert stirred["escape in K/S"].max() < 1e-9
    assert stirred.loc[stirred["pigments"] > 1, "escape"].min() > 0.01


def test_a_rule_that_made_a_tint_has_no_error(monkeypatch):
    parts, weights, _ = paint.tint("blue")
    made = paint.kubelka_munk(weights, parts)
    monkeypatch.setattr(paint, "tint", lambda name: (parts, weights, made))
    told = study.tints().set_index(["tint", "rule"])
    assert told.loc[("blue", "Kubelka-Munk"), "off"] < 1e-12
    assert told.loc[("blue", "average of reflectances"), "off"] > 0.1


def test_a_metamer_matches_by_daylight_and_is_another_paint():
    goal, twin = study.metamers(("blue", "yellow"), ("green", "red", "magenta", "cyan", "white", "black"))
    assert study.difference(goal, twin) < 0.01
    assert np.abs(goal - twin).max() > 0.02


def test_random_shares_lose_colour_and_light_by_both_rules():
    for rows in study.recipes(0, count=5).values():
        assert rows.shape == (6, 2)
        assert (rows[5] < rows[0]).all()


def test_two_pigments_may_be_outside_in_colour_and_all_six_are_not():
    told = study.outside_in_colour().set_index("pigments")["escape"]
    assert len(told) == 57
    assert told[2].max() > 0.01 > told[6]


def test_another_chart_moves_a_mixture_and_percent_does_not():
    told = study.charts()
    assert told["percent"].max() < 1e-12
    assert (told[["K/S", "logarithm"]] > 0.05).all(axis=None)


def test_a_dimmed_lamp_parts_no_twins():
    one, other = paint.reflectance("red", "cyan")
    told = study.lights_on({"red + cyan": [(one, one), (one, other)]}).loc["red + cyan"]
    assert told["D65 (daylight)"] == pytest.approx(told["parts"]) == pytest.approx(told["D65, dimmed"])
    assert told["A (light bulb)"] != pytest.approx(told["parts"])
