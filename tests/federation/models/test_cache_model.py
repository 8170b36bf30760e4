"""The cache model: counts by hand, its fitted weight, and rows that agree with targets."""

import numpy as np
import pytest

from mixlib.federation import CacheModel


def test_by_hand():
    model = CacheModel(3).fit(np.array([0, 0, 1, 2]))
    np.testing.assert_allclose(model.unigrams, np.array([2.5, 1.5, 1.5]) / 5.5)
    rows = np.exp(model.log_probs(np.array([2, 2, 0, 1]), np.array([0, 3]), dtype=np.float64))
    np.testing.assert_allclose(rows[0], model.unigrams)  # nothing to remember yet
    np.testing.assert_allclose(rows[2], (1 - model.weight) * model.unigrams + model.weight * np.array([0, 0, 1]))
    np.testing.assert_allclose(rows[3], model.unigrams)  # a new document
    longer = np.exp(model.log_probs(np.array([2, 2, 0, 1]), dtype=np.float64))
    np.testing.assert_allclose(longer[3], (1 - model.weight) * model.unigrams + model.weight * np.array([1, 0, 2]) / 3)


def test_rows_are_normalised_and_agree_with_targets():
    rng = np.random.default_rng(0)
    tokens, starts = rng.integers(30, size=300), np.array([0, 1, 120])
    model = CacheModel(40).fit(tokens, starts)
    rows = model.log_probs(tokens, starts, dtype=np.float64)
    np.testing.assert_allclose(np.exp(rows).sum(axis=1), 1)
    np.testing.assert_allclose(model.target_log_probs(tokens, starts), rows[np.arange(300), tokens])


def test_weight_is_fitted_to_how_much_documents_repeat():
    rng = np.random.default_rng(1)
    topics = [rng.choice(1000, 20) for _ in range(60)]
    tokens = np.concatenate([rng.choice(topic, 100) for topic in topics])
    starts = 100 * np.arange(60)
    model = CacheModel(1000).fit(tokens, starts)
    fitted, best = model.target_log_probs(tokens, starts).mean(), model.weight
    assert best > 0.5
    for other in (best - 0.05, best + 0.05):
        model.weight = other
        assert model.target_log_probs(tokens, starts).mean() < fitted
    assert CacheModel(1000).fit(rng.integers(1000, size=6000), starts).weight < 0.2


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="vocabulary"):
        CacheModel(0)
    with pytest.raises(ValueError, match="call fit"):
        CacheModel(3).log_probs(np.array([0]))
    with pytest.raises(ValueError, match="tokens: 5 is unknown"):
        CacheModel(3).fit(np.array([0, 5]))
