"""Entropy weights: the formula, the fitted temperature, entropies of rows with zeros."""

import numpy as np
import pytest
from scipy.stats import entropy as reference

from mixlib.federation import EntropyWeights, Predictions, log_probs_along
from mixlib.federation.combiners.base import entropy


def test_weights_by_hand():
    combiner = EntropyWeights(2, temperature=0.5)
    combiner.see([1.0, 2.0])
    np.testing.assert_allclose(combiner.state, np.array([1, np.exp(-2)]) / (1 + np.exp(-2)))


def test_limits_of_the_temperature(text):
    uniform = np.logaddexp.reduce(text.log_probs, axis=0) - np.log(3)
    np.testing.assert_allclose(log_probs_along(EntropyWeights(3, 1e9), text), uniform, atol=1e-6)
    surest = text.log_probs[text.entropies.argmin(axis=0), np.arange(text.log_probs.shape[1])]
    np.testing.assert_allclose(log_probs_along(EntropyWeights(3, 1e-6), text), surest, atol=1e-6)


def test_the_fitted_temperature_is_the_best_of_a_grid():
    rng = np.random.default_rng(0)  # who is sure is right more often, but not always
    entropies = rng.uniform(0, 2, (2, 500))
    log_probs = -entropies * rng.exponential(1, (2, 500))
    text = Predictions(log_probs, (0,), entropies)
    fitted = EntropyWeights(2).fit(text)
    best = -log_probs_along(fitted, text).mean()
    grid = [-log_probs_along(EntropyWeights(2, t), text).mean() for t in np.geomspace(0.05, 50, 40)]
    assert best <= min(grid) + 1e-6
    assert 0.05 < fitted.temperature < 50


def test_entropy_of_rows_with_zeros():
    probs = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.2, 0.3, 0.5]])
    with np.errstate(divide="ignore"):
        rows = np.log(probs)
    np.testing.assert_allclose(entropy(rows), reference(probs, axis=1), atol=1e-12)
    assert entropy(rows.astype(np.float32)).dtype == np.float64


def test_bad_settings_are_named():
    for temperature in (0, -1, np.inf):
        with pytest.raises(ValueError, match="temperature: expected a positive number of nats"):
            EntropyWeights(2, temperature)
    with pytest.raises(ValueError, match="n: got 0, expected a whole number, 1 or more"):
        EntropyWeights(0)
