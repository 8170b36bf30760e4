"""Draws from a finite mixture: what is special to them."""

import numpy as np
import pytest
import torch

from mixlib import simplex
from mixlib.kernels import Linear, Stochastic

RNG = np.random.default_rng(16)
PARTS = RNG.normal(size=(4, 3))
WEIGHTS = np.array([0.1, 0.2, 0.3, 0.4])
MANY = 40_000


def chosen(mixtures):
    """Which part each mixture is, -1 if none."""
    same = (mixtures[..., None, :] == PARTS).all(-1)
    return np.where(same.any(-1), same.argmax(-1), -1)


@pytest.fixture(scope="module")
def mixtures():
    return Stochastic(rng=1)(np.tile(WEIGHTS, (MANY, 1)), PARTS)


def test_every_draw_is_a_part_as_often_as_its_weight_says(mixtures):
    counts = np.bincount(chosen(mixtures), minlength=4)
    assert counts.sum() == MANY
    deviation = (counts - MANY * WEIGHTS) / np.sqrt(MANY * WEIGHTS * (1 - WEIGHTS))
    assert np.abs(deviation).max() < 4


def test_the_mean_is_the_linear_pool_and_the_variance_that_of_the_parts(mixtures):
    mean = Linear()(WEIGHTS, PARTS)
    spread = (WEIGHTS * ((PARTS - mean) ** 2).sum(-1)).sum()
    assert np.linalg.norm(mixtures.mean(0) - mean) < 4 * np.sqrt(spread / MANY)
    np.testing.assert_allclose(((mixtures - mean) ** 2).sum(-1).mean(), spread, rtol=0.03)


def test_averaging_divides_the_variance_by_the_draws(mixtures):
    averaged = Stochastic(rng=2, draws=10)(np.tile(WEIGHTS, (MANY, 1)), PARTS)
    np.testing.assert_allclose(mixtures.var(0).sum() / averaged.var(0).sum(), 10, rtol=0.05)


def test_many_draws_approach_the_linear_pool():
    mixture = Stochastic(rng=3, draws=10**8)(WEIGHTS, PARTS)
    np.testing.assert_allclose(mixture, Linear()(WEIGHTS, PARTS), atol=1e-3)


def test_a_part_without_weight_is_never_drawn():
    weights = np.tile([0.5, 0.0, 0.5, 0.0], (1000, 1))
    assert set(chosen(Stochastic(rng=4)(weights, PARTS))) == {0, 2}


def test_a_seed_repeats_and_a_generator_goes_on():
    weights = np.tile(WEIGHTS, (50, 1))
    seeded, going_on = Stochastic(rng=5), Stochastic(rng=np.random.default_rng(5))
    np.testing.assert_array_equal(seeded(weights, PARTS), seeded(weights, PARTS))
    first = going_on(weights, PARTS)
    np.testing.assert_array_equal(first, seeded(weights, PARTS))
    assert np.any(going_on(weights, PARTS) != first)
    np.testing.assert_array_equal(Stochastic()(weights, PARTS), Stochastic(rng=0)(weights, PARTS))


def test_mixtures_of_a_batch_of_parts_are_drawn_one_by_one():
    assert len(set(chosen(Stochastic(rng=6)(WEIGHTS, np.tile(PARTS, (50, 1, 1)))))) == 4


def test_derivatives_reach_the_drawn_part_and_not_the_weights():
    weights = torch.asarray(WEIGHTS).requires_grad_()
    parts = torch.asarray(PARTS).requires_grad_()
    mixture = Stochastic(rng=7)(weights, parts)
    mixture.sum().backward()
    assert weights.grad is None
    drawn = chosen(mixture.detach().numpy())
    np.testing.assert_array_equal(parts.grad.numpy(), np.eye(4)[drawn][:, None] * np.ones(3))


def test_float32_weights_can_be_drawn_from():
    weights = simplex.sample(9, 500, rng=8).astype(np.float32)
    assert Stochastic(rng=9)(weights, np.ones((9, 2), np.float32)).dtype == np.float32


@pytest.mark.parametrize("draws", [0, -1, 1.5, None])
def test_bad_draws_are_named(draws):
    with pytest.raises(ValueError, match=r"draws: got .*, expected a whole number, 1 or more"):
        Stochastic(draws=draws)
