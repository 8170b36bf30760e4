"""Weights on the simplex."""

import numpy as np
import pytest
import torch

from mixlib.simplex import check_weights, sample, uniform

LIKE = np.zeros(3)


def test_lists_and_missing_weights_become_arrays_of_the_right_kind():
    like = torch.zeros(3, dtype=torch.float32)
    for weights in ([0.2, 0.3, 0.5], None, np.array([0.2, 0.3, 0.5])):
        checked = check_weights(weights, 3, like=like)
        assert isinstance(checked, torch.Tensor)
        assert checked.dtype == torch.float32
        assert float(checked.sum()) == pytest.approx(1)


def test_torch_weights_keep_their_gradient():
    logits = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    like = torch.zeros(3, dtype=torch.float32)
    check_weights(torch.softmax(logits, -1), 3, like=like)[0].backward()
    np.testing.assert_allclose(logits.grad.numpy(), [2 / 9, -1 / 9, -1 / 9], rtol=1e-6)


def test_torch_weights_with_a_gradient_are_refused_as_clearly():
    weights = torch.tensor([0.5, 0.25, 0.5], requires_grad=True)
    with pytest.raises(ValueError, match=r"weights: sums to 1.25"):
        check_weights(weights, 3, like=weights)


def test_weights_may_lie_along_another_axis():
    weights = np.array([[0.2, 0.5], [0.8, 0.5]])
    np.testing.assert_array_equal(check_weights(weights, 2, like=LIKE, axis=0), weights)
    with pytest.raises(ValueError, match="sums to"):
        check_weights(weights, 2, like=LIKE, axis=-1)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([0.5, 0.5], r"expected 3 along axis -1, one per part, got shape \(2,\)"),
        (1.0, r"got shape \(\)"),
        ([0.5, np.nan, 0.5], "NaN"),
        ([0.5, np.inf, 0.5], "infinity"),
        ([1.5, -0.25, -0.25], "negative weight .smallest -0.25"),
        ([0.5, 0.25, 0.2], "sums to 0.95"),
    ],
)
def test_weights_off_the_simplex_are_named(weights, message):
    with pytest.raises(ValueError, match=f"prior: .*{message}"):
        check_weights(weights, 3, like=LIKE, name="prior")


def test_rounded_weights_pass_and_near_misses_do_not():
    check_weights(np.full(7, 1 / 7, dtype=np.float32), 7, like=LIKE)
    with pytest.raises(ValueError, match="sums to"):
        check_weights([0.5, 0.25, 0.25001], 3, like=LIKE)


def test_uniform():
    np.testing.assert_array_equal(uniform(4), [0.25] * 4)
    with pytest.raises(ValueError, match="n: got 0, expected a whole number, 1 or more"):
        uniform(0)


def test_sample_is_seeded_and_on_the_simplex():
    drawn = sample(4, (5, 2), rng=3)
    np.testing.assert_array_equal(drawn, sample(4, (5, 2), rng=np.random.default_rng(3)))
    check_weights(drawn, 4, like=LIKE)
    assert sample(4, 2000, concentration=0.05, rng=1).max(-1).mean() > 0.8
    with pytest.raises(ValueError, match="concentration"):
        sample(4, concentration=0.0)
