"""The log-linear pool: what is special to it."""

import numpy as np
import pytest
import torch

from mixlib import simplex
from mixlib.kernels import LogLinear


def test_by_hand():
    np.testing.assert_allclose(LogLinear()([0.5, 0.5], np.array([[1.0, 9.0], [4.0, 1.0]])), [2.0, 3.0])


def test_stays_between_the_smallest_and_largest_part():
    rng = np.random.default_rng(12)
    parts = rng.uniform(0.01, 1, (50, 4, 3))
    mixture = LogLinear()(simplex.sample(4, 50, rng=1), parts)
    assert np.all(mixture >= parts.min(-2))
    assert np.all(mixture <= parts.max(-2))


def test_is_the_power_mean_of_vanishing_exponent():
    rng = np.random.default_rng(12)
    weights, parts, r = simplex.sample(4, rng=2), rng.uniform(0.1, 1, (4, 3)), 1e-6
    np.testing.assert_allclose((weights @ parts**r) ** (1 / r), LogLinear()(weights, parts), rtol=1e-5)


def test_pool_of_distributions_is_a_distribution_and_ignores_factors():
    rng = np.random.default_rng(12)
    parts, weights = rng.dirichlet(np.ones(6), (20, 3)), simplex.sample(3, 20, rng=3)
    pool = LogLinear(normalise=True)(weights, parts)
    np.testing.assert_allclose(pool.sum(-1), 1)
    scaled = parts * rng.uniform(0.1, 10, (20, 3, 1))
    np.testing.assert_allclose(LogLinear(normalise=True)(weights, scaled), pool, rtol=1e-12)


def test_tiny_probabilities_do_not_underflow():
    parts = np.array([[1e-300, 2e-300], [1e-300, 1e-300], [3e-300, 1e-300]])
    np.testing.assert_allclose(LogLinear()(None, parts), [3 ** (1 / 3) * 1e-300, 2 ** (1 / 3) * 1e-300])


def test_a_zero_part_vetoes_only_if_it_has_weight():
    parts = np.array([[0.0, 0.5, 0.5], [0.2, 0.2, 0.6]])
    np.testing.assert_allclose(LogLinear()([0.0, 1.0], parts), parts[1])
    assert LogLinear()([0.5, 0.5], parts)[0] == 0
    pool = LogLinear(normalise=True)([0.5, 0.5], parts)
    assert pool[0] == 0
    np.testing.assert_allclose(pool.sum(), 1)


@pytest.mark.parametrize("normalise", [False, True])
def test_gradients_are_finite_beside_zeros(normalise):
    parts = torch.tensor([[0.0, 0.5, 0.5], [0.2, 0.2, 0.6]], dtype=torch.float64, requires_grad=True)
    weights = torch.tensor([0.5, 0.5], dtype=torch.float64, requires_grad=True)
    LogLinear(normalise)(weights, parts)[1:].prod().backward()
    assert torch.isfinite(parts.grad).all()
    assert torch.isfinite(weights.grad).all()
    assert parts.grad[1, 1] != 0


def test_negative_parts_are_named():
    with pytest.raises(ValueError, match="parts: holds a negative value"):
        LogLinear()(None, np.array([[1.0, -0.5], [1.0, 1.0]]))


def test_disjoint_supports_cannot_be_normalised():
    parts = np.array([[1.0, 0.0], [0.0, 1.0]])
    np.testing.assert_array_equal(LogLinear()(None, parts), [0, 0])
    with pytest.raises(ValueError, match="parts: supports are disjoint"):
        LogLinear(normalise=True)(None, parts)
