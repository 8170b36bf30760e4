"""Systems of known information, and the rows that estimators are judged by."""

import math

import numpy as np
import pytest

from mixbook.studies.measure.score import score_trials

COPULA = {"gaussian-copula": {}}


def test_truths_are_those_of_the_literature():
    exact = {name: score_trials.gaussian(name, 0.6).exact.omega for name in score_trials.GAUSSIANS}
    assert exact == pytest.approx({"red": 0.147369, "syn": -0.123918, "mix": 0.023451}, abs=2e-6)
    hidden = score_trials.hidden_parity(1).exact
    assert (hidden.tc, hidden.dtc) == pytest.approx((math.log(2), math.log(4)))
    assert score_trials.hidden_parity(0).exact.tc == pytest.approx(0)


def test_hidden_parity_shows_in_all_three_signs_only():
    drawn = score_trials.hidden_parity(0.6).draw(40_000, np.random.default_rng(0))
    signs = np.sign(drawn)
    assert signs.prod(axis=1).mean() == pytest.approx(-0.6, abs=0.02)  # an even number is positive
    assert np.abs(np.corrcoef(signs, rowvar=False) - np.eye(3)).max() < 0.02
    assert drawn.std(axis=0) == pytest.approx(1, abs=0.02)


def test_a_row_for_each_seed_estimator_and_measure():
    found = score_trials.untrained(score_trials.hidden_parity(1), (0, 1), samples=1000, estimators=COPULA)
    assert len(found) == 2 * 3
    assert not found["found"].any()  # the copula is blind here
    assert np.allclose(found["estimate"] - found["exact"], found["error"])
    known = score_trials.untrained(score_trials.gaussian("red", 0.6), [0], estimators=COPULA)
    assert known["found"].all()


def test_counting_is_left_out_where_states_are_many():
    counted = {"plugin": {"bins": 8}}
    few, many = score_trials.gaussian("red", 0.6), score_trials.gaussian("mix", 0.6)
    assert len(score_trials.untrained(few, [0], samples=2100, estimators=counted)) == 3
    assert len(score_trials.untrained(few, [0], samples=2000, estimators=counted)) == 0
    assert len(score_trials.untrained(many, [0], samples=2100, estimators=counted)) == 0


def test_training_sees_the_same_samples_and_starts_at_the_copula():
    system = score_trials.gaussian("red", 0.6)
    plain = score_trials.untrained(system, [3], samples=2000, estimators=COPULA)
    rows, estimate = score_trials.learned(system, 3, steps=0, samples=2000)
    assert rows["estimate"].to_numpy() == pytest.approx(plain["estimate"].to_numpy(), abs=1e-3)
    assert rows["monte_carlo"].eq(0).all()
    assert estimate.step == 0
