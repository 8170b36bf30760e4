"""Predictions: what specialists say is read off their rows, document by document."""

import numpy as np
import pytest

from mixlib.federation import KneserNey, Predictions, Stream


def test_of_models_is_what_the_models_say():
    rng = np.random.default_rng(0)
    stream = Stream(rng.integers(0, 6, 50), np.array([0, 20, 35]))
    models = [KneserNey(6, order).fit(rng.integers(0, 6, 200)) for order in (2, 3)]
    text = Predictions.of(models, stream)
    kept = Predictions.of(models, stream, keep=True)
    assert kept.rows(1) is kept.rows(1)
    np.testing.assert_array_equal(kept.rows(1), text.rows(1))
    expected = np.stack([m.target_log_probs(stream.tokens, stream.document_starts) for m in models])
    np.testing.assert_allclose(text.log_probs, expected, atol=1e-6)
    for document, (begin, end) in enumerate(text.documents()):
        rows = text.rows(document)
        assert rows.shape == (2, end - begin, 6)
        np.testing.assert_allclose(-(np.exp(rows) * rows).sum(-1), text.entropies[:, begin:end], atol=1e-6)


def test_from_rows_and_without_resets(text):
    whole = np.concatenate([text.rows(d) for d in range(3)], axis=1)
    assert whole.shape == (3, 120, 7)
    np.testing.assert_allclose(-(np.exp(whole) * whole).sum(axis=-1), text.entropies, atol=1e-12)
    assert [tuple(map(int, span)) for span in text.documents()] == [(0, 40), (40, 80), (80, 120)]
    assert [tuple(map(int, span)) for span in text.without_resets().documents()] == [(0, 120)]


@pytest.mark.parametrize(
    ("rows", "tokens", "message"),
    [
        (np.zeros((2, 3)), np.zeros(3, int), "rows, targets: expected shapes"),
        (np.zeros((2, 3, 1)), np.zeros(4, int), "rows, targets: expected shapes"),
        (np.zeros((2, 3, 1)), np.zeros(3), "targets: expected integers, got dtype float64"),
        (np.zeros((2, 3, 1)), np.ones(3, int), r"targets: holds 1, expected 0 \.\. 0"),
    ],
)
def test_bad_rows_are_named(rows, tokens, message):
    with pytest.raises(ValueError, match=message):
        Predictions.from_rows(rows, tokens)


def test_bad_entropies_are_named():
    with pytest.raises(ValueError, match=r"entropies: expected .* shape \(2, 3\), got \(3,\)"):
        Predictions(np.zeros((2, 3)), (0,), np.zeros(3))
