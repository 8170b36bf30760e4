"""The rows that estimators are judged by."""

import numpy as np
import pytest

from mixbook.studies.measure.score import families, score_trials

COPULA = {"gaussian-copula": {}}


def test_a_row_for_each_estimator_and_measure():
    found = score_trials.untrained(families.phases(), 1, samples=1000, estimators=COPULA)
    assert len(found) == 3
    assert not found["found"].any()  # the copula is blind here
    assert np.allclose(found["estimate"] - found["exact"], found["error"])
    assert (found["seconds"] >= 0).all()
    known = score_trials.untrained(families.control(), 0, samples=10_000, estimators=COPULA)
    assert known["found"].all()


def test_counting_is_left_out_where_states_are_many():
    counted = {"plugin": {"bins": 8}}
    few, many = families.opinions(), families.side_by_side("six", families.opinions(), families.phases())
    assert len(score_trials.untrained(few, 0, samples=1600, estimators=counted)) == 3
    assert len(score_trials.untrained(few, 0, samples=1500, estimators=counted)) == 0
    assert len(score_trials.untrained(many, 0, samples=1600, estimators=counted)) == 0


def test_training_sees_the_same_samples_and_starts_at_the_copula():
    system = families.control()
    plain = score_trials.untrained(system, 3, samples=2000, estimators=COPULA)
    rows, estimate = score_trials.learned(system, 3, steps=0, samples=2000)
    assert rows["estimate"].to_numpy() == pytest.approx(plain["estimate"].to_numpy(), abs=1e-3)
    assert rows["stated"].gt(0).all()
    assert estimate.step == 0
