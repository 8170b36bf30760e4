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
