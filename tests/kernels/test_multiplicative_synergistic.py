"""The quadratic blending model: what is special to it."""

import numpy as np
import pytest
import torch

from mixlib import simplex
from mixlib.kernels import Linear, Synergistic

RNG = np.random.default_rng(13)
PARTS = RNG.normal(size=(4, 3))


def symmetric(n):
    rng = np.random.default_rng(13)
    half = rng.normal(size=(n, n))
    return half + half.T


def test_by_hand():
    parts = np.array([[2.0, 1.0], [4.0, 0.0], [1.0, 3.0]])
    # 1.75 + 3 * (0.5 * 0.25 * 8 + 0.5 * 0.25 * 2 + 0.25 * 0.25 * 4), and the like
    mixture = Synergistic(interaction=3.0)([0.5, 0.25, 0.25], parts)
    np.testing.assert_allclose(mixture, [2.25 + 3 * 1.5, 1.25 + 3 * 0.375])


def test_each_pair_has_its_own_coefficient():
    weights, interaction = simplex.sample(4, rng=1), symmetric(4)
    expected = weights @ PARTS
    for i in range(4):
        for j in range(i):
            expected += interaction[i, j] * weights[i] * weights[j] * PARTS[i] * PARTS[j]
    np.testing.assert_allclose(Synergistic(interaction)(weights, PARTS), expected, rtol=1e-12)


def test_the_diagonal_is_not_used():
    weights, interaction = simplex.sample(4, rng=2), symmetric(4)
    other = interaction + np.diag([1.0, 2.0, 3.0, 4.0])
    np.testing.assert_allclose(Synergistic(other)(weights, PARTS), Synergistic(interaction)(weights, PARTS), rtol=1e-12)


@pytest.mark.parametrize("interaction", [0.0, np.zeros((4, 4))])
def test_without_interaction_it_is_the_linear_pool(interaction):
    weights = simplex.sample(4, 20, rng=3)
    mixture = Synergistic(interaction)(weights, PARTS)
    np.testing.assert_allclose(mixture, Linear()(weights, PARTS), rtol=1e-12)


def test_a_blend_exceeds_both_parts_if_and_only_if_the_coefficient_exceeds_their_difference():
    shares = np.linspace(0, 1, 2001)[1:-1]
    weights = np.stack([shares, 1 - shares], axis=-1)
    for first, second in ((1.0, 2.0), (3.0, 1.0), (2.0, 2.0)):
        parts = np.array([[first], [second]])
        for excess in (-0.1, 0.1):
            blending = abs(first - second) + excess
            mixture = Synergistic(blending / (first * second))(weights, parts)
            assert (mixture.max() > max(first, second)) == (excess > 0)
            below = Synergistic(-blending / (first * second))(weights, parts)
            assert (below.min() < min(first, second)) == (excess > 0)


def test_derivatives_reach_a_coefficient_in_torch():
    interaction = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    parts = torch.tensor([[2.0], [3.0]], dtype=torch.float64)
    Synergistic(interaction)(None, parts).sum().backward()
    np.testing.assert_allclose(interaction.grad.item(), 0.25 * 6)


@pytest.mark.parametrize(
    ("interaction", "message"),
    [
        (np.ones(4), r"one number or a matrix \(4, 4\) for 4 parts, got shape \(4,\)"),
        (np.ones((3, 3)), r"got shape \(3, 3\)"),
        (np.triu(np.ones((4, 4))), "not symmetric"),
        (np.nan, "NaN"),
        ("strong", "expected a number"),
    ],
)
def test_bad_interactions_are_named(interaction, message):
    with pytest.raises(ValueError, match=f"interaction: .*{message}"):
        Synergistic(interaction)(None, PARTS)
