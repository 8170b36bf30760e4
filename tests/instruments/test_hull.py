"""Hull escape: hand cases, an independent solver, and invariances."""

from itertools import combinations

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from mixlib import hull_escape, simplex
from mixlib.kernels import Linear, LogLinear

TRIANGLE = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]])  # diameter 5


@pytest.mark.parametrize(
    ("mixture", "off_affine", "in_affine", "weights", "depth"),
    [
        ([1.0, 1.0], 0, 0, [5 / 12, 1 / 3, 1 / 4], -1 / 5),
        ([3.0, 4.0], 0, 12 / 25, [0, 9 / 25, 16 / 25], 12 / 25),
        ([-2.0, 1.0], 0, 2 / 5, [3 / 4, 0, 1 / 4], 2 / 5),
        ([-3.0, -4.0], 0, 1, [1, 0, 0], 1),
        ([0.0, 2.0], 0, 0, [1 / 2, 0, 1 / 2], 0),
    ],
)
def test_triangle_by_hand(mixture, off_affine, in_affine, weights, depth):
    escape = hull_escape(np.array(mixture), TRIANGLE)
    np.testing.assert_allclose(escape.off_affine, off_affine, atol=1e-14)
    np.testing.assert_allclose(escape.in_affine, in_affine, atol=1e-14)
    np.testing.assert_allclose(escape.weights, weights, atol=1e-13)
    np.testing.assert_allclose(escape.depth, depth, atol=1e-14)
    assert escape.inside == (in_affine == 0)


def test_segment_in_space_splits_off_and_in():
    escape = hull_escape(np.array([5.0, 3.0, 4.0]), np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 0.0]]))
    assert escape.off_affine == pytest.approx(5 / 2)
    assert escape.in_affine == pytest.approx(3 / 2)
    assert escape.distance == pytest.approx(np.sqrt(34) / 2)
    np.testing.assert_allclose(escape.weights, [0, 1], atol=1e-15)
    assert np.isnan(escape.depth)


def reference(mixture, parts):
    """Sequential quadratic programming from every corner and the centre, polished on the support it finds."""
    n = len(parts)
    starts = [np.full(n, 1 / n), *np.eye(n)]
    runs = [
        minimize(
            lambda w: np.sum((w @ parts - mixture) ** 2),
            start,
            jac=lambda w: 2 * parts @ (w @ parts - mixture),
            bounds=[(0, 1)] * n,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(n)},
            method="SLSQP",
            options={"ftol": 1e-15, "maxiter": 500},
        )
        for start in starts
    ]
    return np.sqrt(min(run.fun for run in runs))


@pytest.mark.parametrize(("n", "d"), [(3, 2), (4, 4), (5, 3), (6, 2), (4, 8), (8, 5)])
def test_agrees_with_sequential_quadratic_programming(n, d):
    rng = np.random.default_rng([n, d])
    parts, mixtures = rng.normal(size=(25, n, d)), 1.5 * rng.normal(size=(25, d))
    diameters = np.linalg.norm(parts[:, :, None] - parts[:, None], axis=-1).max(axis=(1, 2))
    ours = hull_escape(mixtures, parts).distance * diameters
    theirs = [reference(m, p) for m, p in zip(mixtures, parts, strict=True)]
    # the reference minimises the square, so it knows a distance near 0 only to the root of its precision
    np.testing.assert_allclose(ours**2, np.square(theirs), atol=1e-9)
    far = ours > 0.05
    assert far.sum() >= 5
    np.testing.assert_allclose(ours[far], np.array(theirs)[far], atol=1e-9)


@pytest.mark.parametrize("shift", [0, 1e4])
@pytest.mark.parametrize("reach", [1e-6, 1, 1e4])
def test_duality_gap_vanishes(reach, shift):
    # y is nearest iff no part lies further towards the mixture than y itself
    rng = np.random.default_rng(5)
    for n, d in [(3, 2), (5, 12), (20, 3), (60, 10)]:
        parts = rng.normal(size=(10, n, d))
        inside = Linear()(simplex.sample(n, 10, rng=rng), parts)
        mixtures = inside + reach * rng.normal(size=(10, d))
        escape = hull_escape(mixtures + shift, parts + shift)
        nearest = Linear()(escape.weights, parts)
        towards = mixtures - nearest
        gap = np.einsum("bnd,bd->bn", parts - nearest[:, None], towards).max(-1)
        assert np.all(escape.weights >= 0)
        np.testing.assert_allclose(escape.weights.sum(-1), 1)
        assert np.all(gap <= 1e-9 * max(1, reach) * (1 + shift))


def test_split_is_pythagorean_and_off_affine_ignores_the_hull():
    rng = np.random.default_rng(6)
    parts, mixtures = rng.normal(size=(30, 4, 7)), rng.normal(size=(30, 7))
    escape = hull_escape(mixtures, parts)
    np.testing.assert_allclose(escape.distance**2, escape.off_affine**2 + escape.in_affine**2, rtol=1e-12)
    # stretching the hull within its span leaves the orthogonal part (in absolute length) alone
    stretched = parts[:, :1] + 3 * (parts - parts[:, :1])
    np.testing.assert_allclose(hull_escape(mixtures, stretched).off_affine * 3, escape.off_affine, rtol=1e-10)


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_scale_shift_and_rotation_do_not_matter(scale):
    rng = np.random.default_rng(7)
    parts, mixtures = rng.normal(size=(20, 4, 3)), rng.normal(size=(20, 3))
    rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    before = hull_escape(mixtures, parts)
    after = hull_escape(scale * (mixtures @ rotation + 10), scale * (parts @ rotation + 10))
    for name in ("distance", "in_affine", "depth", "weights"):
        np.testing.assert_allclose(getattr(after, name), getattr(before, name), atol=1e-12)
    np.testing.assert_array_equal(after.inside, before.inside)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("offset", [0, 100])
def test_convex_combinations_are_inside_in_every_precision(dtype, offset):
    rng = np.random.default_rng(8)
    for n, d in [(2, 5), (5, 3), (12, 40)]:
        parts = (rng.normal(size=(40, n, d)) + offset).astype(dtype)
        weights = simplex.sample(n, 40, rng=rng).astype(dtype)
        assert hull_escape(Linear()(weights, parts), parts).inside.all()


def test_degenerate_hulls():
    square = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0], [0.5, 0.5, 1.0]])
    escape = hull_escape(np.array([0.5, 2.0, 2.0]), square)  # flat in space, with a part in the middle
    np.testing.assert_allclose([escape.off_affine, escape.in_affine], np.sqrt([0.5, 0.5]))
    assert np.isnan(escape.depth)
    doubled = hull_escape(np.array([1.0, 1.0]), np.concatenate([TRIANGLE, TRIANGLE]))
    np.testing.assert_allclose(doubled.depth, -1 / 5)
    for parts in (np.ones((3, 2)), np.array([[1.0, 2.0]]), np.array([[0.1], [0.1 + 2e-17]])):
        with pytest.raises(ValueError, match=r"parts: all \d coincide, so their hull has diameter 0"):
            hull_escape(parts[0], parts)
    with pytest.raises(ValueError, match=r"at batch index \(1,\)"):
        hull_escape(np.zeros((2, 2)), np.stack([TRIANGLE, np.ones((3, 2))]))


@pytest.mark.parametrize(("n", "d"), [(2, 1), (5, 1), (4, 3), (9, 3), (7, 5)])
def test_depth_of_inner_points_is_the_distance_to_the_nearest_plane_through_parts(n, d):
    rng = np.random.default_rng([n, d])
    parts = rng.normal(size=(n, d))
    diameter = np.linalg.norm(parts[:, None] - parts, axis=-1).max()
    mixture = parts.mean(axis=0)
    walls = []
    for corners in combinations(range(n), d):
        plane = parts[list(corners)]
        normal = np.linalg.svd(plane[1:] - plane[0])[2][-1] if d > 1 else np.ones(1)
        sides = (parts - plane[0]) @ normal
        if np.all(sides >= -1e-12) or np.all(sides <= 1e-12):
            walls.append(abs((mixture - plane[0]) @ normal))
    np.testing.assert_allclose(hull_escape(mixture, parts).depth, -min(walls) / diameter, rtol=1e-9)


def test_depth_of_a_simplex_agrees_with_its_facets():
    rng = np.random.default_rng(9)
    parts, mixtures = rng.normal(size=(20, 4, 3)), 0.3 * rng.normal(size=(20, 3))
    redundant = np.concatenate([parts, parts.mean(axis=1, keepdims=True)], axis=1)  # takes the general route
    general = hull_escape(mixtures, redundant).depth
    np.testing.assert_allclose(hull_escape(mixtures, parts).depth, general, atol=1e-12)


def test_log_chart_holds_the_geometric_mean_that_the_linear_chart_does_not():
    parts = np.random.default_rng(10).uniform(0.1, 1, (10, 3, 6))
    mixture = LogLinear()(None, parts)
    assert hull_escape(mixture, parts, chart="log").inside.all()
    assert not hull_escape(mixture, parts).inside.any()


def test_addition_takes_the_cone():
    parts = np.array([[1.0, 0.0], [1.0, 1.0]])
    total = hull_escape(np.array([5.0, 2.0]), parts, design="addition")
    assert total.inside
    assert not hull_escape(np.array([5.0, 2.0]), parts).inside
    np.testing.assert_allclose(total.weights, [3, 2])
    beside = hull_escape(np.array([2.0, -1.0]), parts, design="addition")
    assert beside.distance == pytest.approx(1 / np.sqrt(2))  # the diameter counts the origin
    np.testing.assert_allclose(beside.weights, [2, 0])
    assert np.isnan(beside.depth)
    ray = hull_escape(np.array([0.0, 3.0, 4.0]), np.array([[1.0, 0.0, 0.0]]), design="addition")
    np.testing.assert_allclose([ray.off_affine, ray.in_affine, ray.distance], [5, 0, 5])


def test_tolerance_decides_inside():
    outside = TRIANGLE[1] + [0.05, 0.0]
    assert not hull_escape(outside, TRIANGLE).inside
    assert hull_escape(outside, TRIANGLE, tolerance=0.011).inside
    assert not hull_escape(outside, TRIANGLE, tolerance=0.009).inside


def test_batches_and_torch():
    rng = np.random.default_rng(13)
    parts, mixtures = rng.normal(size=(2, 1, 4, 3)), rng.normal(size=(5, 3))
    ours = hull_escape(mixtures, parts)
    assert ours.distance.shape == ours.inside.shape == ours.depth.shape == (2, 5)
    assert ours.weights.shape == (2, 5, 4)
    one = hull_escape(mixtures[3], parts[1, 0])
    assert ours.distance[1, 3] == one.distance
    assert ours.depth[1, 3] == one.depth
    tensor = hull_escape(torch.asarray(mixtures).float().requires_grad_(), torch.asarray(parts).float())
    for name in ("distance", "off_affine", "in_affine", "weights", "depth"):
        value = getattr(tensor, name)
        assert isinstance(value, torch.Tensor)
        assert value.dtype == torch.float32
        np.testing.assert_allclose(value.numpy(), getattr(ours, name), atol=1e-5)
    assert tensor.inside.dtype == torch.bool


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((np.ones(3), TRIANGLE), {}, r"mixture: shape \(3,\) does not fit parts of shape \(3, 2\)"),
        ((np.ones((2, 2)), np.stack([TRIANGLE] * 3)), {}, "mixture: batch shape .* does not broadcast"),
        ((np.array([np.nan, 0]), TRIANGLE), {}, "mixture: holds NaN"),
        ((np.ones(2), TRIANGLE + np.inf), {}, "parts: holds NaN or infinity"),
        ((np.ones(2), TRIANGLE.astype(int)), {}, "parts: expected a floating dtype, got int64"),
        ((np.ones(2, dtype="float32"), TRIANGLE), {}, "mixture: dtype float32 differs from float64"),
        (([1.0, 1.0], TRIANGLE), {}, "mixture: expected a NumPy array or torch tensor, got list"),
        ((np.ones(2), TRIANGLE), {"chart": "log"}, "parts: smallest value 0, but the log chart"),
        ((np.ones(2), TRIANGLE), {"chart": "sqrt"}, "chart: got 'sqrt', expected one of 'linear', 'log'"),
        ((np.ones(2), TRIANGLE), {"design": "sum"}, "design: got 'sum', expected one of"),
        *[((np.ones(2), TRIANGLE), {"tolerance": bad}, "tolerance: got") for bad in ("a", np.nan, -1, np.inf, [0.1])],
    ],
)
def test_bad_input_is_named(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        hull_escape(*arguments, **options)
