"""Laws that every kernel of the zoo obeys, each tested over the whole zoo."""

import numpy as np
import pytest
import torch

from mixlib import simplex
from mixlib.kernels import ZOO

pytestmark = pytest.mark.parametrize("kernel", [kernel() for kernel in ZOO.values()], ids=list(ZOO))
RNG = np.random.default_rng(7)


def positive_parts(*shape, rng=RNG):
    return rng.uniform(0.1, 1.0, shape)


@pytest.mark.parametrize("batch", [(), (4,), (2, 3)])
def test_shape(kernel, batch):
    mixture = kernel(simplex.sample(5, batch, rng=1), positive_parts(*batch, 5, 3))
    assert mixture.shape == (*batch, 3)


def test_batch_is_the_stack_of_its_instances(kernel):
    weights, parts = simplex.sample(4, 6, rng=2), positive_parts(6, 4, 3)
    together = kernel(weights, parts)
    apart = np.stack([kernel(w, p) for w, p in zip(weights, parts, strict=True)])
    np.testing.assert_allclose(together, apart, rtol=1e-12)


def test_batches_broadcast(kernel):
    weights, parts = simplex.sample(4, 6, rng=3), positive_parts(4, 3)
    np.testing.assert_allclose(kernel(weights, parts)[2], kernel(weights[2], parts), rtol=1e-12)
    batch = positive_parts(5, 1, 4, 3)
    assert kernel(weights, batch).shape == (5, 6, 3)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_kind_and_dtype_are_kept(kernel, dtype):
    weights, parts = simplex.sample(4, rng=4).astype(dtype), positive_parts(4, 3).astype(dtype)
    out = kernel(weights, parts)
    assert isinstance(out, np.ndarray)
    assert out.dtype == dtype
    tensor = kernel(torch.asarray(weights), torch.asarray(parts))
    assert isinstance(tensor, torch.Tensor)
    assert tensor.dtype == getattr(torch, dtype)
    np.testing.assert_allclose(tensor.numpy(), out, rtol=1e-5)


def test_no_weights_means_equal_weights(kernel):
    parts = positive_parts(4, 3)
    np.testing.assert_allclose(kernel(None, parts), kernel([0.25] * 4, parts), rtol=1e-12)


def test_order_of_the_parts_does_not_matter(kernel):
    weights, parts, order = simplex.sample(5, rng=5), positive_parts(5, 3), RNG.permutation(5)
    np.testing.assert_allclose(kernel(weights[order], parts[order]), kernel(weights, parts), rtol=1e-12)


def test_all_weight_on_one_part_returns_it_where_the_kernel_says_so(kernel):
    parts = positive_parts(4, 3)
    assert np.allclose(kernel(np.eye(4), parts), parts, rtol=1e-12, atol=0) == kernel.exact_at_vertices


def test_equal_parts_return_themselves_where_the_kernel_says_so(kernel):
    part = positive_parts(3)
    mixture = kernel(simplex.sample(4, 8, rng=6), np.tile(part, (4, 1)))
    assert np.allclose(mixture, part, rtol=1e-12, atol=0) == kernel.idempotent


def test_small_changes_of_weights_and_parts_move_the_mixture_little(kernel):
    weights, parts = simplex.sample(4, rng=7), positive_parts(4, 3)
    other, shift = simplex.sample(4, rng=8), positive_parts(4, 3)
    steps = np.array([1e-3, 1e-5, 1e-7])[:, None]
    moved = kernel((1 - steps) * weights + steps * other, parts + steps[..., None] * shift)
    moves = np.abs(moved - kernel(weights, parts)).max(axis=-1)
    assert moves[0] < 0.1
    assert moves[1] < 0.02 * moves[0]
    assert moves[2] < 0.02 * moves[1]


def test_torch_derivatives_are_those_of_the_formula(kernel):
    parts = torch.asarray(positive_parts(2, 3, 2)).requires_grad_()
    logits = torch.asarray(RNG.normal(size=(2, 3))).requires_grad_()
    assert torch.autograd.gradcheck(lambda a, p: kernel(torch.softmax(a, -1), p), (logits, parts))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([0.5, 0.6, -0.1], "negative"),
        ([0.5, 0.5, 0.5], "sums to 1.5"),
        ([0.5, np.nan, 0.5], "NaN"),
        ([0.5, 0.5], "expected 3"),
        (np.full((4, 3), 1 / 3), "does not broadcast"),
        (np.full(3, 1 / 3, dtype=np.float32), "dtype float32 differs"),
        (np.array([1, 0, 0]), "dtype int64 differs"),
    ],
)
def test_bad_weights_are_named(kernel, weights, message):
    with pytest.raises(ValueError, match=f"weights: .*{message}"):
        kernel(weights, positive_parts(2, 3, 5))


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (np.ones(3), r"got \(3,\)"),
        (np.ones((0, 3)), r"got \(0, 3\)"),
        (np.ones((3, 0)), r"got \(3, 0\)"),
        (np.ones((3, 2), dtype=int), "dtype, got int64"),
        (torch.ones((3, 2), dtype=torch.bool), "dtype, got bool"),
        (np.array([[0.5, np.nan]] * 3), "NaN"),
        (np.array([[0.5, np.inf]] * 3), "infinity"),
        ([[0.5, 0.5]] * 3, "got list"),
    ],
)
def test_bad_parts_are_named(kernel, parts, message):
    with pytest.raises(ValueError, match=f"parts: .*{message}"):
        kernel(None, parts)
