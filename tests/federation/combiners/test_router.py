"""The router: sees only what it asked for, renormalises, looks around when in doubt, and counts."""

import numpy as np
import pytest

from mixlib.federation import FixedShare, Router, log_probs_along, weights_along


def test_it_asks_the_best_and_all_in_doubt():
    router = Router(3, doubt=0.3, share=0.1)
    np.testing.assert_array_equal(router.chosen, [0, 1, 2])  # equal weights: two thirds lie outside any one
    router.update(np.log([0.05, 0.9, 0.05]))
    np.testing.assert_array_equal(router.chosen, [1])
    np.testing.assert_array_equal(router.state, [0, 1, 0])
    np.testing.assert_array_equal(Router(3, 2, doubt=0.4).chosen, [0, 1])


def test_the_prediction_is_the_renormalised_mixture_of_those_asked():
    router = Router(3, 2, doubt=0.4)
    rows = np.log([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])
    np.testing.assert_allclose(np.exp(router.predict(rows)), [0.4, 0.25, 0.35])


def test_who_was_not_asked_keeps_weight_but_for_sharing():
    router, share = Router(3, 2, doubt=1, share=0.05), 0.05
    router.update(np.log([0.8, 0.2]))
    before = np.array([2 / 3 * 0.8, 2 / 3 * 0.2, 1 / 3])
    np.testing.assert_allclose(router.posterior.state, (1 - share) * before + share * (1 - before) / 2)


def test_what_was_not_asked_for_cannot_matter(text):
    router = Router(3, doubt=0.2, share=0.05)
    rows = text.log_probs.copy()
    asked = []
    for t in range(40):
        chosen = router.chosen
        asked.append(chosen)
        router.update(rows[chosen, t])
    belief, changed = router.posterior.state, rows[:, :40].copy()
    for t, chosen in enumerate(asked):
        changed[np.setdiff1d(range(3), chosen), t] = np.nan
    again = Router(3, doubt=0.2, share=0.05)
    for t in range(40):
        again.update(changed[again.chosen, t])
    np.testing.assert_array_equal(again.posterior.state, belief)
    assert 40 < again.queries.sum() < 120


def test_sharing_brings_doubt_back():
    router = Router(2, doubt=0.05, share=0.01)
    router.update(np.log([0.999, 0.001]))
    quiet = 0
    while len(router.chosen) == 1:
        router.update(np.log([0.5]))
        quiet += 1
    assert quiet == pytest.approx(0.05 / 0.01, abs=2)


def test_no_doubt_allowed_is_fixed_share(text):
    router = Router(3, doubt=0, share=0.05)
    np.testing.assert_allclose(log_probs_along(router, text), log_probs_along(FixedShare(3, 0.05), text), atol=1e-12)
    assert router.cost == 3


def test_queries_are_counted_by_specialist_and_kept_at_a_reset(text):
    router = Router(3, doubt=0.3, share=0.05)
    assert np.isnan(router.cost)
    weights = weights_along(router, text)
    np.testing.assert_array_equal(router.queries, (weights > 0).sum(axis=1))
    assert router.tokens == text.log_probs.shape[1]
    assert 1 < router.cost == router.queries.sum() / router.tokens < 3
    router.reset()
    assert router.tokens == text.log_probs.shape[1]


def test_a_fit_is_not_counted(validation):
    router = Router(3).fit(validation)
    assert router.tokens == router.queries.sum() == 0


def test_bad_settings_are_named():
    for k in (0, 4):
        with pytest.raises(ValueError, match=f"k: got {k}, expected a whole number, from 1 to 3"):
            Router(3, k)
    with pytest.raises(ValueError, match=r"doubt: expected a weight in \[0, 1\], got 1.5"):
        Router(3, doubt=1.5)
