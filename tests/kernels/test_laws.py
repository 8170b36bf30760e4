"""Laws that every kernel of the zoo obeys or declares not to, each tested over the whole zoo.

A law that a kernel declares is asserted to hold exactly where it is declared: ``==`` on an instance where breaking it
shows, ``<=`` (declared implies holds) on the instances that hypothesis makes up.
"""

from dataclasses import fields

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mixlib import simplex
from mixlib.kernels import ZOO

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
RNG = np.random.default_rng(7)


def in_zoo(kind):
    """The kernel with its default constants; a seed makes one that draws repeat its draws."""
    return kind(rng=0) if "rng" in {field.name for field in fields(kind)} else kind()


pytestmark = pytest.mark.parametrize("kernel", [in_zoo(kind) for kind in ZOO.values()], ids=list(ZOO))
few = settings(max_examples=12, deadline=None, derandomize=True)


def positive_parts(*shape, rng=RNG):
    return rng.uniform(0.1, 1.0, shape)


def per_part(kernel, values):
    """The kernel with constants that belong to parts, or as it is if it has none."""
    made = kernel.per_part(values)
    return kernel if made is None else made


def same(one, other, rtol=1e-10):
    return np.allclose(one, other, rtol=rtol, atol=0)


@st.composite
def problems(draw, batch=None):
    """Weights on the simplex, zeros included, and positive parts, with the batch given or made up."""
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=2)) if batch is None else batch
    n, d = draw(st.integers(1, 5)), draw(st.integers(3, 4))
    raw = draw(hnp.arrays(float, (*batch, n), elements=st.floats(0, 1, allow_subnormal=False)))
    raw = np.where(raw.sum(-1, keepdims=True) > 0, raw, 1.0)
    parts = draw(hnp.arrays(float, (*batch, n, d), elements=st.floats(0.1, 10)))
    return raw / raw.sum(-1, keepdims=True), parts


@few
@given(problem=problems())
def test_shape_and_repetition(kernel, problem):
    weights, parts = problem
    mixture = kernel(weights, parts)
    assert mixture.shape == (*parts.shape[:-2], parts.shape[-1])
    assert np.all(np.isfinite(mixture))
    np.testing.assert_array_equal(kernel(weights, parts), mixture)


@few
@given(problem=problems(batch=(3,)))
def test_a_batch_of_any_problems_is_the_stack_of_its_instances(kernel, problem):
    weights, parts = problem
    apart = np.stack([kernel(w, p) for w, p in zip(weights, parts, strict=True)])
    assert kernel.deterministic <= same(kernel(weights, parts), apart)


def test_batch_is_the_stack_of_its_instances_where_the_kernel_says_so(kernel):
    weights, parts = simplex.sample(4, 9, rng=2), positive_parts(9, 4, 3)
    apart = np.stack([kernel(w, p) for w, p in zip(weights, parts, strict=True)])
    assert same(kernel(weights, parts), apart, rtol=1e-12) == kernel.deterministic


def test_batches_broadcast(kernel):
    weights, parts = simplex.sample(4, 6, rng=3), positive_parts(5, 1, 4, 3)
    spelled_out = kernel(np.broadcast_to(weights, (5, 6, 4)), np.broadcast_to(parts, (5, 6, 4, 3)))
    np.testing.assert_allclose(kernel(weights, parts), spelled_out, rtol=1e-12)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_kind_dtype_and_device_are_kept(kernel, dtype, device):
    weights, parts = simplex.sample(4, rng=4).astype(dtype), positive_parts(4, 3).astype(dtype)
    out = kernel(weights, parts)
    assert isinstance(out, np.ndarray)
    assert out.dtype == dtype
    tensor = kernel(torch.asarray(weights, device=device), torch.asarray(parts, device=device))
    assert isinstance(tensor, torch.Tensor)
    assert tensor.dtype == getattr(torch, dtype)
    assert tensor.device.type == device
    np.testing.assert_allclose(tensor.cpu().numpy(), out, rtol=1e-5)


@few
@given(problem=problems())
def test_torch_gives_the_numbers_of_numpy(kernel, problem):
    weights, parts = problem
    tensor = kernel(torch.asarray(weights), torch.asarray(parts))
    np.testing.assert_allclose(tensor.numpy(), kernel(weights, parts), rtol=1e-10)


def test_no_weights_means_equal_weights(kernel):
    parts = positive_parts(4, 3)
    np.testing.assert_allclose(kernel(None, parts), kernel([0.25] * 4, parts), rtol=1e-12)


@few
@given(problem=problems(), data=st.data())
def test_any_order_of_parts_and_their_constants_gives_the_same(kernel, problem, data):
    weights, parts = problem
    n = weights.shape[-1]
    order = data.draw(st.permutations(range(n)))
    values = data.draw(hnp.arrays(float, n, elements=st.floats(0.1, 10)))
    moved = per_part(kernel, values[order])(weights[..., order], parts[..., order, :])
    assert kernel.deterministic <= same(moved, per_part(kernel, values)(weights, parts))


def test_order_of_the_parts_does_not_matter_where_the_kernel_says_so(kernel):
    rng = np.random.default_rng(7)
    weights, parts = simplex.sample(5, 20, rng=5), positive_parts(20, 5, 3)
    order, values = [2, 0, 3, 4, 1], rng.uniform(0.5, 2.0, 5)
    mixture = per_part(kernel, values)(weights, parts)
    moved = per_part(kernel, values[order])(weights[:, order], parts[:, order])
    assert same(moved, mixture, rtol=1e-12) == kernel.deterministic
    # constants that belong to parts must matter, and move along
    assert same(per_part(kernel, values[order])(weights, parts), mixture) == (kernel.per_part(values) is None)


@few
@given(problem=problems(batch=()))
def test_all_weight_on_any_part_returns_it(kernel, problem):
    _, parts = problem
    assert kernel.exact_at_vertices <= same(kernel(np.eye(len(parts)), parts), parts)


def test_all_weight_on_one_part_returns_it_where_the_kernel_says_so(kernel):
    parts = positive_parts(4, 3)
    assert same(kernel(np.eye(4), parts), parts, rtol=1e-12) == kernel.exact_at_vertices


@few
@given(problem=problems())
def test_any_equal_parts_return_themselves(kernel, problem):
    weights, parts = problem
    parts = np.broadcast_to(parts[..., :1, :], parts.shape)
    assert kernel.idempotent <= same(kernel(weights, parts), parts[..., 0, :])


def test_equal_parts_return_themselves_where_the_kernel_says_so(kernel):
    part = positive_parts(3)
    mixture = kernel(simplex.sample(4, 8, rng=6), np.tile(part, (4, 1)))
    assert same(mixture, part, rtol=1e-12) == kernel.idempotent


def test_small_changes_of_weights_and_parts_move_the_mixture_little_where_the_kernel_says_so(kernel):
    weights, parts = simplex.sample(4, rng=7), positive_parts(4, 3)
    other, shift = simplex.sample(4, rng=8), positive_parts(4, 3)
    steps = np.array([0, 1e-3, 1e-5, 1e-7])[:, None]
    moved = kernel((1 - steps) * weights + steps * other, parts + steps[..., None] * shift)
    moves = np.abs(moved - moved[0]).max(axis=-1)
    little = moves[1] < 0.1 and moves[2] < 0.02 * moves[1] and moves[3] < 0.02 * moves[2]
    assert little == kernel.deterministic


def test_torch_derivatives_are_those_of_the_formula_where_the_kernel_says_so(kernel):
    rng = np.random.default_rng(7)
    parts = torch.asarray(positive_parts(2, 3, 3)).requires_grad_()
    logits = torch.asarray(rng.normal(size=(2, 3))).requires_grad_()
    assert weights_get_a_gradient(kernel, torch.softmax(logits, -1), parts) == kernel.differentiable
    if kernel.differentiable:
        assert torch.autograd.gradcheck(lambda a, p: kernel(torch.softmax(a, -1), p), (logits, parts))


def weights_get_a_gradient(kernel, weights, parts):
    weights = weights.detach().requires_grad_()
    try:
        mixture = kernel(weights, parts)
    except ValueError as refusal:
        assert "requires a gradient" in str(refusal)  # noqa: PT017, giving none and refusing are both fine
        return False
    return torch.autograd.grad(mixture.sum(), weights, allow_unused=True)[0] is not None


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
