"""Two levels: the second hears what the first gave, follows the better, and costs only what the first asks."""

import numpy as np
import pytest

from mixlib.federation import (
    BayesPosterior,
    EMWeights,
    FixedShare,
    GeometricMixing,
    LearnedGate,
    Predictions,
    Router,
    Stacked,
    log_probs_along,
)


def test_a_posterior_on_top_is_the_posterior_over_combiners(text):
    below = [FixedShare(3), GeometricMixing(3, 0.002)]
    stack = log_probs_along(Stacked(below, BayesPosterior(2)), text)
    outcomes = np.stack([log_probs_along(combiner, text) for combiner in below])
    for begin, end in text.documents():
        chained = np.logaddexp(*outcomes[:, begin:end].sum(axis=1)) - np.log(2)
        assert stack[begin:end].sum() == pytest.approx(chained)


def test_it_follows_the_better_one_within_a_few_nats(text):
    below = [FixedShare(3), EMWeights().fit(text)]
    losses = [-log_probs_along(combiner, text).sum() for combiner in below]
    switches = len(text.document_starts)
    assert -log_probs_along(Stacked(below, BayesPosterior(2)), text).sum() <= min(losses) + switches * np.log(2)


def test_one_below_is_that_one(text):
    alone = log_probs_along(FixedShare(3), text)
    np.testing.assert_allclose(log_probs_along(Stacked([FixedShare(3)], FixedShare(1)), text), alone, atol=1e-12)


def test_it_needs_only_what_its_levels_need(text):
    bare = Predictions(text.log_probs, text.document_starts)
    assert np.isfinite(log_probs_along(Stacked([FixedShare(3), BayesPosterior(3)], FixedShare(2)), bare)).all()
    assert Stacked([FixedShare(3), LearnedGate(3)], FixedShare(2)).uses == "entropies"
    assert Stacked([FixedShare(3), FixedShare(3)], LearnedGate(2)).uses == "rows"


def test_routers_below_ask_together():
    stack = Stacked([Router(3, doubt=1), Router(3, doubt=1)], FixedShare(2))
    stack.below[1].posterior.update(np.log([0.1, 0.1, 0.9]))
    np.testing.assert_array_equal(stack.chosen, [0, 2])
    rows = np.log([[0.9, 0.1], [0.2, 0.8]])
    np.testing.assert_allclose(np.exp(stack.predict(rows)), [0.55, 0.45])
    stack.update(rows[:, 0])
    assert [router.queries.tolist() for router in stack.below] == [[1, 0, 0], [0, 0, 1]]


def test_both_levels_are_fitted(validation):
    stack = Stacked([EMWeights(), LearnedGate(3)], EMWeights()).fit(validation)
    assert stack.below[0].state.shape == (3,)
    assert stack.top.state[1] > 0.5


def test_bad_levels_are_named():
    with pytest.raises(ValueError, match="below: empty"):
        Stacked([], FixedShare(1))
    with pytest.raises(ValueError, match="top: is for 3 inputs, below are 2"):
        Stacked([FixedShare(3), FixedShare(3)], FixedShare(3))
