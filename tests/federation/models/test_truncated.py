"""Bounds from the top k: sound for any full rows that agree with what was sent, and reached by some of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax

from mixlib.federation import TopK, mixture_bounds, mixture_combine, mixture_target_bounds

CLOSE = 1e-12


@st.composite
def federations(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n, v, t = draw(st.integers(1, 4)), draw(st.integers(2, 12)), draw(st.integers(1, 3))
    sharpness = draw(st.sampled_from([0.0, 0.5, 3.0, 30.0]))
    log_probs = log_softmax(sharpness * rng.normal(size=(n, t, v)), axis=-1)
    ks = [draw(st.integers(1, v)) for _ in range(n)]
    return log_probs, ks, rng.dirichlet(np.ones(n), t).T, rng.integers(0, v, t)


@given(federations())
def test_the_full_mixture_lies_within(case):
    log_probs, ks, weights, targets = case
    sent = [TopK.of(row, k) for row, k in zip(log_probs, ks, strict=True)]
    bounds, truth = mixture_bounds(sent, weights), np.exp(mixture_combine(log_probs, weights))
    assert (np.exp(bounds.lower) <= truth + CLOSE).all()
    assert (np.exp(bounds.upper) >= truth - CLOSE).all()
    np.testing.assert_allclose(np.exp(bounds.estimate).sum(axis=-1), 1)
    assert (np.exp(bounds.lower) <= np.exp(bounds.estimate) + CLOSE).all()
    assert (np.exp(bounds.estimate) <= np.exp(bounds.upper) + CLOSE).all()
    at = mixture_target_bounds(sent, targets, weights)
    for name in ("lower", "upper", "estimate"):
        picked = np.exp(getattr(bounds, name)[np.arange(len(targets)), targets])
        np.testing.assert_allclose(np.exp(getattr(at, name)), picked, atol=CLOSE)


def completion(sent, token, most):
    """Full rows that agree with what was sent and give ``token`` as much, or as little, as they can."""
    row = np.zeros(sent.vocabulary)
    row[sent.tokens] = np.exp(sent.log_probs)
    others = [v for v in range(sent.vocabulary) if v not in sent.tokens]
    order = sorted(others, key=lambda v: (v == token) != most)  # who is filled first
    left, cap = 1 - row.sum(), np.exp(sent.log_probs.min())
    for v in order:
        row[v] = min(cap, max(left, 0))
        left -= row[v]
    assert abs(row.sum() - 1) < 1e-9, "the rest does not fit below the k-th"
    return row


@given(federations())
def test_some_full_rows_reach_each_bound(case):
    log_probs, ks, weights, _ = case
    log_probs, weights = log_probs[:, 0], weights[:, 0]
    sent = [TopK.of(row, k) for row, k in zip(log_probs, ks, strict=True)]
    bounds = mixture_bounds(sent, weights)
    for token in range(log_probs.shape[-1]):
        for most, bound in ((True, bounds.upper), (False, bounds.lower)):
            reached = weights @ np.stack([completion(one, token, most) for one in sent])
            assert reached[token] == pytest.approx(np.exp(bound[token]), abs=1e-9)


def test_everything_sent_leaves_nothing_open():
    log_probs = log_softmax(np.random.default_rng(0).normal(size=(3, 5, 40)), axis=-1)
    bounds = mixture_bounds([TopK.of(row, 40) for row in log_probs])
    np.testing.assert_allclose(bounds.lower, bounds.upper, atol=1e-10)
    np.testing.assert_allclose(bounds.estimate, mixture_combine(log_probs), atol=1e-10)


def test_more_tokens_narrow_the_bounds():
    log_probs = log_softmax(3 * np.random.default_rng(1).normal(size=(3, 50, 40)), axis=-1)
    widths = []
    for k in (1, 2, 5, 10, 39):
        bounds = mixture_bounds([TopK.of(row, k) for row in log_probs])
        widths.append((np.exp(bounds.upper) - np.exp(bounds.lower)).mean())
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 1e-12


@pytest.mark.parametrize(("dtype", "decimals"), [(np.float32, None), (np.float16, None), (np.float64, 2)])
def test_rounding_on_the_way_is_allowed_for(dtype, decimals):
    truth = log_softmax(2 * np.random.default_rng(2).normal(size=(2, 200, 30)), axis=-1)
    rows = truth.astype(dtype) if decimals is None else np.round(truth, decimals)
    rounding = None if decimals is None else 0.5 * 10.0**-decimals
    sent = []
    for row in rows:
        tokens = np.argsort(row, axis=-1)[:, -8:]
        sent.append(TopK(tokens, np.take_along_axis(np.minimum(row, 0), tokens, axis=-1), 30, rounding))
    bounds, mixture = mixture_bounds(sent), mixture_combine(truth)
    assert (bounds.lower <= mixture).all()
    assert (mixture <= bounds.upper).all()


HALF = np.log([0.5, 0.3])


def test_what_was_not_sent_holds_the_rest_up_to_rounding():
    least, most = TopK([0, 1], HALF, 5, 0.01).missing
    assert (least, most) == pytest.approx((1 - 0.8 * np.exp(0.01), 1 - 0.8 * np.exp(-0.01)))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TopK([0, 0], HALF, 5), "one comes twice"),
        (lambda: TopK([0, 5], HALF, 5), r"expected 0 \.\. 4"),
        (lambda: TopK([0.0, 1.0], HALF, 5), "tokens: expected integers"),
        (lambda: TopK([0, 1, 2], HALF, 5), r"tokens' shape \(3,\)"),
        (lambda: TopK([0, 1], np.log([0.9, 0.3]), 5), "sum to probability 1.2"),
        (lambda: TopK([0, 1], [np.nan, -1.0], 5), "holds nan"),
        (lambda: TopK([0, 1], np.log([0.5, 0.1]), 3), "probability of 0.4 for 1 tokens"),
        (lambda: TopK.of(np.log([0.5, 0.5]), 3), "k: got 3, expected a whole number, from 1 to 2"),
        (lambda: mixture_bounds([np.log([0.5, 0.5])]), "expected TopK objects, got ndarray"),
        (lambda: mixture_bounds([]), "got none"),
        (lambda: mixture_bounds([TopK([0, 1], HALF, 5), TopK([0, 1], HALF, 6)]), "over 6 tokens, number 0"),
        (lambda: mixture_bounds([TopK([0, 1], HALF, 5)], [[0.5], [0.5]]), "weights: expected 1"),
        (lambda: mixture_target_bounds([TopK([0, 1], HALF, 5)], 7), r"expected 0 \.\. 4"),
        (lambda: mixture_target_bounds([TopK([0, 1], HALF, 5)], [1]), r"integers of shape \(\)"),
    ],
)
def test_what_cannot_be_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
