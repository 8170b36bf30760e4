"""Witnesses: channels, exact posteriors, counted reports, and which rule gives the posterior."""

import numpy as np
import pytest

from mixbook.studies.federation.regimes.witnesses import DIVIDED, CountedReports, Witnesses, trial

TEXTS = [" the", "the", " a", "cat", "dog", " dog", "ing", "\n", "x", ""]
PRIOR = np.arange(1, 11) / 55


@pytest.fixture(scope="module")
def heard():
    return Witnesses.of_tokens(TEXTS, PRIOR, noise=0.2)


def test_channels_garble_one_in_five(heard):
    for channel in heard.channels:
        np.testing.assert_allclose(channel.sum(axis=1), 1)
        np.testing.assert_allclose(channel.max(axis=1), 0.8 + 0.2 / channel.shape[1])
    first, last, length = (channel.argmax(axis=1) for channel in heard.channels)
    assert first[0] == first[1]
    assert first[0] != first[2]
    assert last[4] == last[5] == last[6]  # dog, dog, ing
    assert length[1] == length[3]
    assert length[0] == length[5] != length[1]


def test_samples_follow_prior_and_channel(heard):
    tokens, signals = heard.sample(40_000, rng=1)
    np.testing.assert_allclose(np.bincount(tokens, minlength=10) / 40_000, PRIOR, atol=0.01)
    for channel, caught in zip(heard.channels, signals, strict=True):
        seen = np.bincount(caught[tokens == 9], minlength=channel.shape[1])
        np.testing.assert_allclose(seen / seen.sum(), channel[9], atol=0.02)
    again = heard.sample(40_000, rng=1)
    assert np.array_equal(again[0], tokens)
    assert np.array_equal(again[1], signals)


def test_posterior_is_bayes(heard):
    _, signals = heard.sample(20, rng=2)
    joint = PRIOR * np.prod([c.T[s] for c, s in zip(heard.channels, signals, strict=True)], axis=0)
    np.testing.assert_allclose(np.exp(heard.posterior(signals)), joint / joint.sum(-1, keepdims=True))
    alone = PRIOR * heard.channels[1].T[signals[1]]
    np.testing.assert_allclose(np.exp(heard.reports(signals)[1]), alone / alone.sum(-1, keepdims=True))


def test_counted_reports_by_hand():
    learned = CountedReports(np.array([0, 0, 1, 2]), np.array([[0, 0, 0, 1]]), vocabulary=3, alphabets=[3])
    prior = np.array([2.5, 1.5, 1.5]) / 5.5
    np.testing.assert_allclose(learned.prior, prior)
    rows = np.exp(learned.reports(np.array([[0, 1, 2]])))[0]
    np.testing.assert_allclose(rows[0], (np.array([2, 1, 0]) + 2 * prior) / 5)
    np.testing.assert_allclose(rows[1], (np.array([0, 0, 1]) + prior) / 2)
    np.testing.assert_allclose(rows[2], prior)  # a signal never heard tells nothing


def test_product_without_prior_is_right_and_learning_comes_closer(heard):
    frame = trial(heard, learned_from=(100, 100_000), size=2000, rng=0)
    assert frame.loc[DIVIDED, "exact"] == pytest.approx(frame.loc["all signals", "exact"])
    assert frame.loc["product", "exact"] > 1.01 * frame.loc[DIVIDED, "exact"]
    assert frame.loc["mixture", "exact"] > 1.3 * frame.loc[DIVIDED, "exact"]
    near, far = (frame.loc[DIVIDED, column] / frame.loc["all signals", "exact"] for column in frame.columns[:0:-1])
    assert 0.98 < near < 1.02 < far
    flat = trial(heard.with_prior(np.full(10, 0.1)), size=500, rng=0)
    assert flat.loc["product", "exact"] == pytest.approx(flat.loc["all signals", "exact"])


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="prior: expected 10"):
        Witnesses.of_tokens(TEXTS, PRIOR[:9])
    for noise in (0, 1):
        with pytest.raises(ValueError, match="noise"):
            Witnesses.of_tokens(TEXTS, PRIOR, noise)
