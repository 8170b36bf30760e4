"""Bayes' gate against counting, and mixup against its definition."""

import math

import numpy as np
import pytest

from mixlib import hull_escape
from mixlib.domains import DOMAINS
from mixlib.domains import machine_learning as ml
from mixlib.kernels import Gated, Linear


def test_bayes_by_hand():
    # 0.4 * 0.6^2 * 0.3 * 0.1 against 0.6 * 0.2^2 * 0.3 * 0.5: 0.00432 to 0.0036
    first = 0.00432 / (0.00432 + 0.0036)
    expected = first * ml.SPECIALISTS[0] + (1 - first) * ml.SPECIALISTS[1]
    np.testing.assert_allclose(DOMAINS["machine-learning"].mixture(), expected)


@pytest.mark.parametrize("past", [[0, 0, 0], [3, 0, 0], [0, 2, 2]])
def test_counting_texts_agrees_with_the_gate(past):
    shares, kept = ml.count_next(ml.SPECIALISTS, ml.AUTHORS, past, texts=100_000, rng=3)
    told = Gated(ml.bayes_gate(past))(ml.AUTHORS, ml.SPECIALISTS)
    np.testing.assert_allclose(shares, told, atol=4 * math.sqrt(0.25 / kept))
    assert kept == 100_000 or sum(past)


def test_a_wrong_rule_would_be_seen():
    domain = DOMAINS["machine-learning"]
    for wrong in (Linear(), Gated(ml.bayes_gate(ml.PAST, temperature=2.0))):
        assert np.abs(wrong(domain.weights, domain.parts) - domain.known).max() > 2 * domain.tolerance


def test_hot_gates_do_not_look_and_cold_ones_ask_one():
    parts, weights = ml.SPECIALISTS, np.array([0.3, 0.7])
    hot = Gated(ml.bayes_gate([0, 0, 3], temperature=math.inf))(weights, parts)
    np.testing.assert_allclose(hot, Linear()(weights, parts))
    np.testing.assert_allclose(Gated(ml.bayes_gate([0, 0, 3], temperature=1e-3))(weights, parts), parts[1])


def test_a_past_that_one_cannot_have_written_rules_it_out():
    parts = np.array([[1.0, 0.0], [0.5, 0.5]])
    np.testing.assert_allclose(Gated(ml.bayes_gate([5, 0]))(None, parts), (parts[0] * 32 + parts[1]) / 33)


def test_mixup_is_inside_by_definition():
    rng = np.random.default_rng(0)
    inputs, targets = rng.normal(size=(3, 20, 4)), np.eye(2)[rng.integers(2, size=(3, 20))]
    mixed, labels, partner, share = ml.mixup(inputs, targets, alpha=0.3, rng=1)
    j = partner[2, 5]
    np.testing.assert_allclose(mixed[2, 5], (1 - share[2, 5]) * inputs[2, 5] + share[2, 5] * inputs[2, j])
    np.testing.assert_allclose(labels[2, 5], (1 - share[2, 5]) * targets[2, 5] + share[2, 5] * targets[2, j])
    assert hull_escape(mixed, inputs[:, None]).distance.max() < 1e-12
    assert mixed.astype(np.float32).dtype == ml.mixup(inputs.astype(np.float32), targets)[0].dtype
    np.testing.assert_array_equal(np.sort(partner, axis=-1), np.broadcast_to(np.arange(20), (3, 20)))


def test_a_small_alpha_hardly_blends():
    inputs = np.random.default_rng(0).normal(size=(500, 1))
    share = ml.mixup(inputs, inputs, alpha=0.05)[3]
    assert np.mean(np.minimum(share, 1 - share) < 0.01) > 0.6


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: ml.bayes_gate([1, -1]), "past"),
        (lambda: ml.count_next(ml.SPECIALISTS, [0.5, 0.6], [1, 0, 0]), "weights"),
        (lambda: ml.count_next(ml.SPECIALISTS, [0.5, 0.5], [0, 0, 30], texts=100), "past"),
        (lambda: ml.mixup(np.zeros((3, 2)), np.zeros((4, 1))), "targets"),
        (lambda: ml.mixup(np.zeros((3, 2)), np.zeros((3, 1)), alpha=0.0), "alpha"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=rf"^{named}"):
        call()
