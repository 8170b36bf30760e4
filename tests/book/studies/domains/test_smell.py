"""What the page on smell computes: patterns outside while receptors are between, fat, and what a receptor tells."""

import numpy as np
import pytest

from mixbook.studies.domains import smell as study


def test_patterns_are_outside_and_receptors_between():
    found = study.escapes(counts=(2, 3), seeds=(0, 1))
    assert (found["escape"] > 0.2).all()
    assert (found["receptors_outside"] == 0).all()
    assert (found["control"] < 1e-9).all()
    alike = study.escapes(counts=(2,), seeds=(0, 1), decades=1e-6)
    assert (alike["escape"] < 1e-4).all(), "odours that bind nearly alike stay inside"


def test_fat_moves_a_pattern_away_from_what_likes_it():
    moved = study.dishes(seeds=(0, 1))
    assert (moved["moved"] > 0.1).all()
    assert (moved["control"] < 1e-12).all()
    assert (moved["after"] < moved["before"]).all()
    np.testing.assert_allclose(study.dishes(fat=0.0, seeds=(0,))["moved"], 0, atol=1e-12)


def test_a_receptor_of_one_odour_has_no_synergy_and_a_blocker_has():
    told = study.ensembles(count=2000)
    blocked, single = told["a blocker"], told["the first alone"]
    assert blocked.omega < -0.1 < single.omega
    assert blocked.parts.synergy > 10 * single.parts.synergy
    for one in told.values():
        assert one.parts.redundancy - one.parts.synergy == pytest.approx(one.binned, abs=1e-12)


def test_the_panel_is_told_whole():
    judged = study.panel()
    assert len(judged) == 15
    assert set(judged["count"]) == {2, 3, 4}
    assert (judged["measured"] >= judged["stronger"]).all()


def test_little_fat_moves_little_and_none_moves_nothing():
    share = study.fat_that_moves(0.05, [0.0, 0.001, 0.5], seeds=(0, 1))
    assert share == 0.5 or share == 0.001
    assert np.isnan(study.fat_that_moves(0.05, [0.0], seeds=(0, 1)))
