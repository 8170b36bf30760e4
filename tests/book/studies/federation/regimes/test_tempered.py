"""Tempered pools against pooling the tempered rows, and the prior divided out against Bayes' rule."""

import numpy as np
import pytest
from scipy.special import log_softmax

from mixbook.studies.federation.guarantees import independent_evidence
from mixbook.studies.federation.regimes import tempered
from mixlib.federation import log_linear_combine, mixture_combine, product_combine

B = (0.5, 1.0, 1.7)


def rows(n=3, t=40, v=60, seed=0, scale=4.0):
    rng = np.random.default_rng(seed)
    return log_softmax(scale * rng.normal(size=(n, t, v)), axis=-1), rng.integers(v, size=t)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-10), (np.float32, 1e-4)])
def test_tempered_pools_are_the_pools_of_tempered_rows(dtype, tolerance):
    log_probs, tokens = rows()
    pooled = tempered.tempered_pools(log_probs.astype(dtype), tokens, B)
    here = np.arange(len(tokens)), tokens
    for k, b in enumerate(B):
        cooled = log_softmax(b * log_probs, axis=-1)
        np.testing.assert_allclose(pooled.singles[:, k], cooled[:, *here], atol=tolerance)
        np.testing.assert_allclose(pooled.product[k], product_combine(cooled)[here], atol=tolerance)
        np.testing.assert_allclose(pooled.log_pool[k], log_linear_combine(cooled)[here], atol=tolerance)
        np.testing.assert_allclose(pooled.mixture[k], mixture_combine(cooled)[here], atol=tolerance)


def test_probability_zero_is_no_trouble_unless_nothing_is_left():
    with np.errstate(divide="ignore"):
        log_probs = np.log([[[0.5, 0.5, 0.0]], [[0.2, 0.4, 0.4]]])
        apart = np.log([[[1.0, 0.0]], [[0.0, 1.0]]])
    pooled = tempered.tempered_pools(log_probs, np.array([1]), (1.0,))
    np.testing.assert_allclose(np.exp([pooled.product[0], pooled.mixture[0]]), [[2 / 3], [0.45]])
    with pytest.raises(ValueError, match="no outcome is possible"):
        tempered.tempered_pools(apart, np.array([0]))


def test_product_without_prior_is_bayes():
    prior = np.random.default_rng(0).dirichlet(np.ones(5))
    reports, exact, *_ = independent_evidence(prior, specialists=3, signals=3, rng=1)
    tokens = np.random.default_rng(1).integers(5, size=27)
    found = tempered.product_without_prior(reports, tokens, prior)
    np.testing.assert_allclose(found, exact[np.arange(27), tokens], atol=1e-10)


def test_voices_are_points_of_one_curve():
    log_probs, tokens = rows()
    pooled = tempered.tempered_pools(log_probs, tokens, (1 / 3, 1.0))
    curve = tempered.by_voices(pooled, (1 / 3, 1.0))
    assert curve.index.tolist() == pytest.approx([1 / 3, 1.0, 3.0])
    here = np.arange(len(tokens)), tokens
    assert curve.iloc[1] == pytest.approx(-log_linear_combine(log_probs)[here].mean())
    assert curve.iloc[2] == pytest.approx(-product_combine(log_probs)[here].mean())


def test_smoothed_counts():
    np.testing.assert_allclose(tempered.smoothed(np.array([0, 0, 2]), 3), np.array([2.5, 0.5, 1.5]) / 4.5)


def test_bad_input_is_named():
    log_probs, tokens = rows()
    for bad in ((), (0.0,), (1.0, np.nan), ((1.0,),)):
        with pytest.raises(ValueError, match="confidences"):
            tempered.tempered_pools(log_probs, tokens, bad)
    with pytest.raises(ValueError, match="log_probs, tokens"):
        tempered.tempered_pools(log_probs, tokens[:-1])
    with pytest.raises(ValueError, match="tokens: expected 0"):
        tempered.tempered_pools(log_probs, tokens + 60)
    with pytest.raises(ValueError, match="prior: expected 60"):
        tempered.product_without_prior(log_probs, tokens, np.ones(60))
