"""Competitive binding: what is special to it."""

import numpy as np
import pytest
import torch

from mixlib import hull_escape, simplex
from mixlib.kernels import CompetitiveBinding, Linear

RNG = np.random.default_rng(14)
PARTS = RNG.normal(size=(4, 3))


@pytest.mark.parametrize("shape", [(4,), (4, 3)])
def test_is_the_textbook_formula_with_the_efficacies_of_the_pure_responses(shape):
    rng = np.random.default_rng(14)
    weights, binding = simplex.sample(4, 20, rng=1), rng.lognormal(size=shape)
    bound = binding if len(shape) == 2 else binding[:, None]
    efficacy = PARTS * (1 + bound) / bound
    occupied = weights[..., None] * bound
    expected = (efficacy * occupied).sum(-2) / (1 + occupied.sum(-2))
    np.testing.assert_allclose(CompetitiveBinding(binding)(weights, PARTS), expected, rtol=1e-10)


def test_binding_follows_the_response_unless_given():
    parts, weights = np.exp(PARTS), simplex.sample(4, 20, rng=2)
    mixture = CompetitiveBinding()(weights, parts)
    np.testing.assert_allclose(mixture, CompetitiveBinding(parts)(weights, parts), rtol=1e-12)
    assert np.all(mixture > Linear()(weights, parts))  # strong responders bind tightly, and win


def test_each_receptor_stays_between_its_pure_responses_and_the_vector_of_them_escapes():
    rng = np.random.default_rng(14)
    parts, weights = rng.normal(size=(50, 3, 3)), simplex.sample(3, 50, rng=3)
    mixture = CompetitiveBinding(rng.lognormal(sigma=2, size=(3, 3)))(weights, parts)
    assert np.all(mixture >= parts.min(-2))
    assert np.all(mixture <= parts.max(-2))
    assert np.mean(hull_escape(mixture, parts).distance > 0.01) > 0.8


@pytest.mark.parametrize(
    "binding", [0.1, 7.0, np.full(4, 30.0), np.tile([0.1, 1.0, 10.0], (4, 1)), 1e-12 * np.arange(1, 5)]
)
def test_equal_or_weak_binding_is_the_linear_pool(binding):
    weights = simplex.sample(4, 20, rng=4)
    np.testing.assert_allclose(CompetitiveBinding(binding)(weights, PARTS), Linear()(weights, PARTS), rtol=1e-9)


def test_a_tight_binder_masks_the_others_whatever_its_response():
    parts = np.array([[0.0], [5.0], [7.0]])
    assert CompetitiveBinding([1e12, 1.0, 1.0])([0.01, 0.5, 0.49], parts)[0] < 1e-6
    assert CompetitiveBinding([1e12, 1.0, 1.0])([0.0, 0.5, 0.5], parts)[0] == 6.0


def test_a_silent_part_has_no_binding_of_its_own_and_only_dilutes():
    mixture = CompetitiveBinding()([0.5, 0.5], np.array([[0.0], [3.0]]))
    np.testing.assert_allclose(mixture, [3 * 0.5 * 4 / (0.5 + 0.5 * 4)])


def test_derivatives_reach_the_binding_in_torch():
    binding = torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)
    parts = torch.tensor([[1.0, 2.0], [4.0, -3.0]], dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda q: CompetitiveBinding(q)(None, parts), (binding,))


@pytest.mark.parametrize(
    ("binding", "message"),
    [
        (np.ones(3), r"one number, \(4,\) or \(4, 3\) .* got shape \(3,\)"),
        (np.ones((3, 4)), r"got shape \(3, 4\)"),
        (0.0, "holds 0; C / k must be positive"),
        ([1.0, -2.0, 1.0, 1.0], "holds -2"),
        (np.inf, "infinity"),
    ],
)
def test_bad_bindings_are_named(binding, message):
    with pytest.raises(ValueError, match=f"binding: .*{message}"):
        CompetitiveBinding(binding)(None, PARTS)


def test_negative_responses_need_a_binding():
    with pytest.raises(ValueError, match=r"parts: holds a negative value .* pass binding="):
        CompetitiveBinding()(None, PARTS)
    assert CompetitiveBinding(1.0)(None, PARTS).shape == (3,)
