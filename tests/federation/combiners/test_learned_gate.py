"""The learned gate: its gradient, its optimum, and that it can only improve on what it starts from."""

import numpy as np
import pytest
from scipy.optimize import check_grad

from mixlib.federation import FixedShare, LearnedGate, Predictions, log_probs_along
from mixlib.federation.combiners.learned_gate import loss_and_gradient


def test_the_gradient_is_that_of_the_loss():
    rng = np.random.default_rng(0)
    clues, log_probs = rng.normal(size=(30, 3, 4)), np.log(rng.uniform(0.01, 1, (30, 3)))
    log_probs[3, 1] = -np.inf
    at = rng.normal(size=7)
    off = check_grad(
        lambda p: loss_and_gradient(p, clues, log_probs)[0], lambda p: loss_and_gradient(p, clues, log_probs)[1], at
    )
    assert off < 1e-6


def test_on_its_own_text_it_is_at_least_as_good_as_the_weights_it_starts_from(text):
    gate = LearnedGate(3, share=0.05).fit(text)
    assert log_probs_along(gate, text).mean() > log_probs_along(FixedShare(3, 0.05), text).mean()


def test_it_learns_whom_entropies_speak_for():
    rng = np.random.default_rng(1)  # the surer of two is right, on every token anew
    entropies = rng.uniform(0, 3, (2, 400))
    log_probs = np.where(entropies == entropies.min(axis=0), np.log(0.9), np.log(0.01))
    text = Predictions(log_probs, (0, 200), entropies)
    gate = LearnedGate(2).fit(text)
    assert gate.coefficients[1] > 1
    assert log_probs_along(gate, text).mean() > log_probs_along(FixedShare(2), text).mean() + 0.5


def test_it_learns_a_standing_bias():
    log_probs = np.log(np.full((2, 300), [[0.6], [0.2]]))
    log_probs[:, ::3] = log_probs[::-1, ::3]
    text = Predictions(log_probs, np.arange(0, 300, 3), np.ones((2, 300)))
    gate = LearnedGate(2, half_lives=[1]).fit(text)
    gate.reset()
    gate.see(np.ones(2))
    assert gate.state[1] > 0.7  # every document begins with an outcome that the second specialist predicts better


def test_recent_averages_halve_as_told():
    gate = LearnedGate(2, half_lives=(1, 4))
    gate.update(np.array([-1.0, -2.0]))
    first = gate.recent.copy()
    for _ in range(4):
        gate.update(np.array([0.0, 0.0]))
    np.testing.assert_allclose(gate.recent, first * [1 / 16, 1 / 2])


def test_same_text_same_gate(text):
    a, b = (LearnedGate(3).fit(text) for _ in range(2))
    np.testing.assert_array_equal(a.coefficients, b.coefficients)


def test_an_excluded_outcome_does_not_silence_a_specialist(text):
    log_probs = text.log_probs.copy()
    log_probs[0, 0] = -np.inf
    log_probs[:, 5] = -np.inf
    some = Predictions(log_probs, text.document_starts, text.entropies)
    weights = LearnedGate(3).fit(some).weights_along(some)
    assert np.isfinite(weights).all()
    assert weights[0, 20:40].max() > 0.5
    with pytest.raises(ValueError, match="nothing to fit"):
        LearnedGate(3).fit(Predictions(np.full((3, 4), -np.inf), (0,), np.ones((3, 4))))


def test_bad_settings_are_named():
    for half_lives in ((), (2, 0)):
        with pytest.raises(ValueError, match="half_lives: expected positive"):
            LearnedGate(2, half_lives=half_lives)
    with pytest.raises(ValueError, match="share"):
        LearnedGate(2, share=1)
