"""Learned weights: likelihood never falls, the posterior is Bayes, shares recover, documents reset."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from mixlib.federation import BayesPosterior, EMWeights, FixedShare, weights_along


def stream(n=3, t=400, seed=0):
    return np.log(np.random.default_rng(seed).uniform(0.01, 1, (n, t)))


def test_em_finds_the_most_likely_weights():
    lp = stream(2)
    fitted = EMWeights().fit(lp).state
    loss = minimize_scalar(
        lambda w: -np.log(w * np.exp(lp[0]) + (1 - w) * np.exp(lp[1])).sum(), bounds=(0, 1), options={"xatol": 1e-9}
    )
    assert fitted[0] == pytest.approx(loss.x, abs=1e-4)


def test_em_meets_the_optimality_condition_beside_a_specialist_that_excludes_all():
    lp = stream(3)
    lp[2] = -np.inf
    weights = EMWeights().fit(lp).state
    mixed = weights @ np.exp(lp)
    assert weights[2] == 0
    np.testing.assert_allclose((np.exp(lp[:2]) / mixed).mean(axis=1), 1, atol=1e-4)


def test_em_gives_all_to_a_specialist_that_is_always_better():
    lp = stream(2)
    lp[1] = lp[0] - 1
    np.testing.assert_allclose(EMWeights().fit(lp).state, [1, 0], atol=1e-6)


def test_em_weights_are_constant_along_a_text():
    lp = stream()
    combiner = EMWeights().fit(lp, [0, 100])
    weights = weights_along(combiner, lp, [0, 100])
    assert (weights == combiner.state[:, None]).all()


def test_posterior_is_bayes_and_resets():
    lp, starts = stream(), [0, 150]
    weights = weights_along(BayesPosterior(3, prior=[0.5, 0.3, 0.2]), lp, starts)
    np.testing.assert_allclose(weights[:, 0], [0.5, 0.3, 0.2])
    np.testing.assert_allclose(weights[:, 150], [0.5, 0.3, 0.2])
    posterior = np.array([0.5, 0.3, 0.2]) * np.exp(lp[:, 150:155].sum(1))
    np.testing.assert_allclose(weights[:, 155], posterior / posterior.sum())


def test_posterior_mixture_has_the_likelihood_of_the_document():
    lp = stream(t=30)
    weights = weights_along(BayesPosterior(3), lp)
    chained = np.log((weights * np.exp(lp)).sum(0)).sum()
    assert chained == pytest.approx(np.log(np.exp(lp.sum(1)).mean()))


def test_fixed_share_by_hand_and_its_floor():
    combiner = FixedShare(3, share=0.3)
    combiner.update(np.log([0.8, 0.1, 0.1]))
    np.testing.assert_allclose(combiner.state, [0.7 * 0.8 + 0.15 * 0.2, *[0.7 * 0.1 + 0.15 * 0.9] * 2])
    for _ in range(50):
        combiner.update(np.array([0.0, -50.0, -50.0]))
    np.testing.assert_allclose(combiner.state, [0.7, 0.15, 0.15])


def test_fixed_share_follows_a_switch_that_the_posterior_misses():
    good, bad = np.log(0.9), np.log(0.1)
    lp = np.array([[good] * 100 + [bad] * 100, [bad] * 100 + [good] * 100])
    followed, stuck = (weights_along(c, lp) for c in (FixedShare(2, 0.05), BayesPosterior(2)))
    assert followed[1, 110] > 0.9
    assert stuck[1, 110] < 1e-6


def test_an_outcome_that_all_exclude_changes_nothing():
    combiner = FixedShare(2)
    before = combiner.state.copy()
    combiner.update(np.array([-np.inf, -np.inf]))
    np.testing.assert_array_equal(combiner.state, before)


def test_fit_learns_the_prior_from_whole_documents():
    lp = np.array([[0.0] * 30, [-1.0] * 30])
    lp[:, 20:] = lp[::-1, 20:]
    combiner = FixedShare(2).fit(lp, [0, 10, 20])
    np.testing.assert_allclose(combiner.state, [2 / 3, 1 / 3], atol=1e-4)


@pytest.mark.parametrize(
    ("lp", "starts", "message"),
    [
        (np.zeros(3), [0], r"\(N, T\)"),
        (np.full((2, 3), np.nan), [0], "NaN"),
        (np.ones((2, 3)), [0], "above 1"),
        (np.zeros((2, 3)), [1], "document_starts"),
        (np.zeros((2, 3)), [0, 3], "document_starts"),
    ],
)
def test_bad_streams_are_named(lp, starts, message):
    for call in (EMWeights().fit, FixedShare(2).fit, lambda x, s: weights_along(FixedShare(2), x, s)):
        with pytest.raises(ValueError, match=message):
            call(lp, starts)


def test_bad_settings_are_named():
    with pytest.raises(ValueError, match=r"share: expected a number in \[0, 1\), got 1"):
        FixedShare(2, share=1)
    with pytest.raises(ValueError, match=r"prior: sums to 0\.9"):
        FixedShare(2, prior=[0.5, 0.4])
    with pytest.raises(ValueError, match="there are 3 specialists"):
        weights_along(FixedShare(2), stream())
    with pytest.raises(ValueError, match="fit it"):
        weights_along(EMWeights(), stream())
    with pytest.raises(ValueError, match="nothing to fit"):
        EMWeights().fit(np.full((2, 3), -np.inf))
