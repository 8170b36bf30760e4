"""Gated mixtures: the kernel, and the gates that come with it."""

import math

import numpy as np
import pytest
import torch

from mixlib import hull_escape, simplex
from mixlib.kernels import Gated, Linear, softmax_gate, top_k_gate

RNG = np.random.default_rng(15)
PARTS = RNG.normal(size=(4, 3))


def test_softmax_by_hand():
    gate = softmax_gate(score=np.log([1.0, 4.0, 2.0, 0.5]), temperature=1)
    np.testing.assert_allclose(gate(np.array([0.4, 0.1, 0.1, 0.4]), PARTS), np.array([4, 4, 2, 2]) / 12)


def test_scores_may_be_a_function_of_the_parts_or_of_each_instance():
    rng = np.random.default_rng(15)
    weights, parts = simplex.sample(4, 5, rng=1), rng.normal(size=(5, 4, 3))
    first = Gated(softmax_gate(score=lambda parts: parts[..., 0]))(weights, parts)
    np.testing.assert_allclose(Gated(softmax_gate(score=parts[..., 0]))(weights, parts), first)
    mean = Gated(softmax_gate(score=lambda parts: parts.mean(-1)))(weights, parts)
    np.testing.assert_allclose(Gated()(weights, parts), mean)


def test_infinite_temperature_is_the_prior():
    weights = simplex.sample(4, 20, rng=2)
    np.testing.assert_allclose(
        Gated(softmax_gate(temperature=math.inf))(weights, PARTS), Linear()(weights, PARTS), rtol=1e-12
    )
    assert not np.allclose(Gated()(weights, PARTS), Linear()(weights, PARTS))


def test_zero_temperature_is_the_best_part_that_has_weight():
    score = [3.0, 1.0, 2.0, 9.0]
    mixture = Gated(softmax_gate(score, temperature=1e-3))([0.01, 0.5, 0.49, 0.0], PARTS)
    np.testing.assert_allclose(mixture, PARTS[0])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_absent_part_of_an_enormous_score_does_no_harm(dtype):
    score, parts = np.array([0.0, 1e5, -1.0, 0.0], dtype), PARTS.astype(dtype)
    weights = np.array([0.5, 0.0, 0.0, 0.5], dtype)
    np.testing.assert_allclose(Gated(softmax_gate(score))(weights, parts), parts[[0, 3]].mean(0), rtol=1e-6)


def test_every_mixture_is_in_the_hull_of_its_parts():
    rng = np.random.default_rng(15)
    weights, parts = simplex.sample(5, 50, rng=3), rng.normal(size=(50, 5, 3))
    for gate in (softmax_gate(temperature=0.3), top_k_gate(2), top_k_gate(3, softmax_gate())):
        assert hull_escape(Gated(gate)(weights, parts), parts).distance.max() < 1e-9


def test_top_k_by_hand():
    gate = top_k_gate(2)
    np.testing.assert_allclose(gate(np.array([0.1, 0.3, 0.5, 0.1]), PARTS), [0, 0.375, 0.625, 0])


def test_top_k_of_all_parts_is_the_prior_and_of_one_the_argmax():
    weights = simplex.sample(4, 20, rng=4)
    np.testing.assert_allclose(Gated(top_k_gate(4))(weights, PARTS), Linear()(weights, PARTS), rtol=1e-12)
    np.testing.assert_allclose(Gated(top_k_gate(1))(weights, PARTS), PARTS[weights.argmax(-1)])


def test_top_k_thins_another_gate():
    weights, score = np.full(4, 0.25), np.log([1.0, 4.0, 2.0, 0.5])
    np.testing.assert_allclose(top_k_gate(2, softmax_gate(score))(weights, PARTS), [0, 2 / 3, 1 / 3, 0])


def test_top_k_keeps_ties_together():
    np.testing.assert_allclose(top_k_gate(2)(np.array([0.5, 0.2, 0.2, 0.1]), PARTS), np.array([5, 2, 2, 0]) / 9)


@pytest.mark.parametrize("gate", [softmax_gate(temperature=0.5), top_k_gate(2), top_k_gate(2, softmax_gate())])
def test_derivatives_pass_through_the_gate(gate):
    rng = np.random.default_rng(15)
    logits = torch.asarray(rng.normal(size=(3, 4))).requires_grad_()
    parts = torch.asarray(rng.normal(size=(3, 4, 2))).requires_grad_()
    assert torch.autograd.gradcheck(lambda a, p: Gated(gate)(torch.softmax(a, -1), p), (logits, parts))


@pytest.mark.parametrize(
    ("gate", "message"),
    [
        (lambda weights, parts: weights * 2, "gate: sums to 2"),
        (lambda weights, parts: weights[:-1], "gate: expected 4"),
        (lambda weights, parts: weights * np.nan, "gate: holds NaN"),
        (lambda weights, parts: np.full(4, 0.25), "gate: gives weight to a part whose own weight is 0"),
        (softmax_gate(score=[1.0, 2.0]), r"score: expected \(..., 4\).* got shape \(2,\)"),
        (softmax_gate(score=1.0), r"score: .* got shape \(\)"),
        (softmax_gate(score=[1.0, 2.0, np.inf, 0.0]), "score: holds NaN or infinity"),
        (top_k_gate(5), "k: asks for 5 of 4 parts"),
    ],
)
def test_bad_gates_are_named(gate, message):
    with pytest.raises(ValueError, match=message):
        Gated(gate)([0.0, 0.5, 0.25, 0.25], PARTS)


@pytest.mark.parametrize("temperature", [0, -1.0, math.nan])
def test_bad_temperatures_are_named(temperature):
    with pytest.raises(ValueError, match="temperature: expected a positive number"):
        softmax_gate(temperature=temperature)


def test_top_k_needs_a_part():
    with pytest.raises(ValueError, match="k: got 0, expected a whole number, 1 or more"):
        top_k_gate(0)
