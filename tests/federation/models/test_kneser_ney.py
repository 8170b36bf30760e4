"""Kneser-Ney against a plain dictionary reference, as a distribution, and on bad input."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from mixlib.federation import KneserNey

START = object()


def documents_of(tokens, starts):
    return [list(map(int, d)) for d in np.split(tokens, starts[1:])]


class Reference:
    """The recursion of the docstring, token by token, with dictionaries."""

    def __init__(self, documents, vocabulary, order):
        self.vocabulary, self.counts = vocabulary, []
        for k in range(1, order + 1):
            left = defaultdict(set)
            occurrences = Counter()
            for document in documents:
                for i in range(len(document) - k + 1):
                    gram = tuple(document[i : i + k])
                    occurrences[gram] += 1
                    left[gram].add(document[i - 1] if i else START)
            self.counts.append(occurrences if k == order else {gram: len(seen) for gram, seen in left.items()})

    def discount(self, k, count):
        n = [sum(c == j for c in self.counts[k - 1].values()) for j in (1, 2, 3, 4)]
        if 0 in n:
            return 0.75
        y = n[0] / (n[0] + 2 * n[1])
        discounts = [j - (j + 1) * y * n[j] / n[j - 1] for j in (1, 2, 3)]
        return discounts[min(count, 3) - 1] if min(discounts) > 0 else 0.75

    def p(self, history, w):
        k = len(history) + 1
        lower = 1 / self.vocabulary if k == 1 else self.p(history[1:], w)
        followers = {g[-1]: c for g, c in self.counts[k - 1].items() if g[:-1] == history}
        if not followers:
            return lower
        total = sum(followers.values())
        mine = followers.get(w, 0)
        gamma = sum(self.discount(k, c) for c in followers.values()) / total
        return (mine - self.discount(k, mine) if mine else 0) / total + gamma * lower


@pytest.mark.parametrize(("order", "length"), [(1, 30), (2, 60), (3, 200), (4, 200), (4, 3)])
def test_matches_the_dictionary_reference(order, length):
    rng = np.random.default_rng(order)
    tokens = rng.zipf(1.6, length).clip(max=9) - 1
    starts = np.array([0, 1, length // 2]) if length > 3 else np.array([0])
    vocabulary = 9
    model = KneserNey(vocabulary, order).fit(tokens, starts)
    reference = Reference(documents_of(tokens, starts), vocabulary, order)

    text, text_starts = np.array([0, 1, 0, 8, 2, 2, 0, 1, 0, 0]), np.array([0, 4])
    rows = np.exp(model.log_probs(text, text_starts, dtype=np.float64))
    for t in range(len(text)):
        begin = text_starts[text_starts <= t].max()
        history = tuple(map(int, text[max(begin, t - order + 1) : t]))
        expected = [reference.p(history, w) for w in range(vocabulary)]
        np.testing.assert_allclose(rows[t], expected, rtol=1e-10)


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(0)
    return KneserNey(50, 4).fit(rng.zipf(1.3, 5000).clip(max=50) - 1, np.arange(0, 5000, 100))


def test_rows_are_distributions_and_targets_are_their_entries(model):
    tokens = np.random.default_rng(1).integers(0, 50, 300)
    starts = [0, 7, 8, 120]
    rows = model.log_probs(tokens, starts)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.exp(rows.astype(float)).sum(1), 1, atol=1e-5)
    assert np.isfinite(rows).all()
    picked = rows[np.arange(300), tokens]
    np.testing.assert_allclose(model.target_log_probs(tokens, starts), picked, rtol=1e-5)


def test_no_history_crosses_a_document_start(model):
    first, second = np.array([3, 1, 4, 1]), np.array([0, 2, 1, 0])
    together = model.target_log_probs(np.concatenate([first, second]), [0, 4])
    apart = np.concatenate([model.target_log_probs(first), model.target_log_probs(second)])
    np.testing.assert_array_equal(together, apart)
    assert not np.allclose(model.target_log_probs(np.concatenate([first, second])), apart)


def test_a_prediction_does_not_see_what_it_predicts(model):
    a, b = np.array([1, 2, 3, 4]), np.array([1, 2, 3, 9])
    np.testing.assert_array_equal(model.log_probs(a), model.log_probs(b))


def test_training_text_is_more_likely_with_longer_histories():
    tokens = np.tile(np.array([0, 1, 2, 0, 2, 1, 3]), 60)
    scores = [KneserNey(4, k).fit(tokens).target_log_probs(tokens).mean() for k in (1, 2, 3)]
    assert scores == sorted(scores)
    assert scores[2] - scores[0] > 0.5


@pytest.mark.parametrize(
    ("tokens", "starts", "message"),
    [
        ([0, 50], [0], "50 is unknown to a vocabulary of 50"),
        ([-1], [0], "-1 is unknown"),
        ([], [0], "at least one token"),
        ([0.5], [0], "dtype float64"),
        ([[0, 1]], [0], r"shape \(T,\)"),
        ([0, 1, 2], [1], "document_starts"),
        ([0, 1, 2], [0, 2, 2], "document_starts"),
        ([0, 1, 2], [0, 3], "document_starts"),
        ([0, 1, 2], [], "document_starts"),
    ],
)
def test_bad_text_is_named(model, tokens, starts, message):
    for call in (KneserNey(50).fit, model.log_probs, model.target_log_probs):
        with pytest.raises(ValueError, match=message):
            call(np.array(tokens), starts)


def test_every_token_stays_possible_whatever_the_counts():
    tokens = np.tile(np.repeat(np.arange(6), 2), 40)  # pairs abound, so the estimated discounts are not usable
    assert np.isfinite(KneserNey(9, 3).fit(tokens).log_probs(tokens)).all()


def test_bad_settings_are_named():
    with pytest.raises(ValueError, match="lower the order to 3"):
        KneserNey(100_000, 4)
    with pytest.raises(ValueError, match="order: got 0, expected a whole number, 1 or more"):
        KneserNey(10, 0)
    with pytest.raises(ValueError, match="call fit"):
        KneserNey(10).log_probs(np.array([1]))
