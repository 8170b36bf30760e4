"""Hull escape in every dtype, scale and place: against exact rational arithmetic, and where rounding decides."""

from fractions import Fraction
from itertools import combinations, permutations

import numpy as np
import pytest
import torch

from mixlib import hull_escape, simplex
from mixlib.kernels import Linear, LogLinear

UNIT = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
DTYPES = ["float16", "bfloat16", "float32", "float64"]


def as_dtype(values, dtype):
    return torch.tensor(np.asarray(values, dtype=float)).to(getattr(torch, dtype))


def cross(a, b, c):
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def square(a, b):
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2


def to_segment(m, a, b):
    length = square(a, b)
    along = ((m[0] - a[0]) * (b[0] - a[0]) + (m[1] - a[1]) * (b[1] - a[1])) / length if length else Fraction(0)
    along = min(max(along, Fraction(0)), Fraction(1))
    return square(m, (a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1])))


def exact(mixture, parts):
    """Distance and depth over the diameter, in the plane, rational but for the roots; no depth of a flat hull."""
    m, *corners = (tuple(map(Fraction, map(float, row))) for row in (mixture, *parts))
    pairs = list(combinations(corners, 2))
    diameter = max(square(a, b) for a, b in pairs)
    inside = any(
        cross(a, b, m) >= 0 and cross(b, c, m) >= 0 and cross(c, a, m) >= 0 and cross(a, b, c) > 0
        for a, b, c in permutations(corners, 3)
    )
    distance = 0 if inside else min(to_segment(m, a, b) for a, b in pairs) / diameter
    if all(cross(a, b, c) == 0 for a, b, c in combinations(corners, 3)):
        return float(distance) ** 0.5, np.nan
    walls = []
    for a, b in permutations(corners, 2):
        if a != b and all(cross(a, b, c) >= 0 for c in corners):
            walls.append(cross(a, b, m) ** 2 / square(a, b) / diameter)
    return float(distance) ** 0.5, -(float(min(walls)) ** 0.5) if inside else float(distance) ** 0.5


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e-30, 1e-6, 1.0, 1e4, 1e30, 1e154, 1e300])
def test_against_rational_arithmetic(dtype, scale):
    info, rng = torch.finfo(getattr(torch, dtype)), np.random.default_rng(0)
    if not 1e4 * info.tiny < scale < info.max / 1e3:
        return
    for offset in (0, 1, 0.01 / info.eps):
        for n in (2, 3, 4, 6):
            for _ in range(6):
                parts = scale * (rng.normal(size=(n, 2)) + offset * (scale < 1e300))
                mixture = scale * (rng.choice([0.3, 2]) * rng.normal(size=2) + offset * (scale < 1e300))
                check(as_dtype(mixture, dtype), as_dtype(parts, dtype))


def check(mixture, parts):
    escape, n = hull_escape(mixture, parts), len(parts)
    distance, depth = exact(mixture.double().tolist(), parts.double().tolist())
    info, p = torch.finfo(parts.dtype), parts.double().numpy()
    top, p = np.abs(p).max(), p / np.abs(p).max()
    step = np.linalg.norm(np.abs(p).max(axis=0) + info.tiny / top) / np.linalg.norm(p[:, None] - p, axis=-1).max()
    slack = 4 * info.eps * distance + 1e-14 * (1 + step)
    assert abs(float(escape.distance) - distance) <= slack
    assert bool(escape.inside) == (distance <= (n + 4) * info.eps * step + 2.3e-13)
    found = float(escape.depth)
    if np.isfinite(found):
        assert abs(found - depth) <= 4 * info.eps * abs(depth) + 1e-12 * (1 + step)
    else:
        assert n < 3 or np.linalg.svd(p - p.mean(axis=0))[1][-1] < 5 * n * info.eps * step + 1e-14
    assert escape.distance.dtype == escape.depth.dtype == parts.dtype


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_far_outside_is_outside_in_every_precision(dtype):
    parts, eps = as_dtype(UNIT, dtype), torch.finfo(getattr(torch, dtype)).eps
    for mixture, distance in (([2, 2], 1.5), ([10, 10], 9.5), ([1, 1], 0.5), ([-0.25, 0], 0.25 / 2**0.5)):
        escape = hull_escape(as_dtype(mixture, dtype), parts)
        assert float(escape.distance) == pytest.approx(distance, rel=2 * eps)
        assert not escape.inside
    shift = 0.002 / eps
    for far, inside in (([0.5, 0.5], True), ([1, 1], False), ([0.25, 0.25], True)):
        moved = hull_escape(as_dtype(np.array(far) + round(shift), dtype), as_dtype(UNIT + round(shift), dtype))
        assert bool(moved.inside) == inside


def test_float32_far_from_the_origin():
    shift = np.float32(1e4)
    parts = (UNIT + shift).astype(np.float32)
    assert not hull_escape(np.array([1, 1], np.float32) + shift, parts).inside
    assert hull_escape(np.array([0.3, 0.3], np.float32) + shift, parts).inside


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("offset", [0, 1, 30])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 100.0])
def test_what_kernels_mix_in_their_dtype_is_inside(dtype, offset, scale):
    rng = np.random.default_rng(1)
    offset = min(offset, 0.05 / torch.finfo(getattr(torch, dtype)).eps)
    for n, d in [(2, 2), (3, 2), (8, 3), (30, 5), (4, 60)]:
        places = rng.normal(size=(30, n, d)) + offset
        places[:, 1, 0] = places[:, 0, 0] + 1  # they do not coincide
        parts = as_dtype(scale * places, dtype)
        raw = as_dtype(simplex.sample(n, 30, rng=rng), dtype)
        for weights in (raw, torch.softmax(torch.randn(30, n).to(raw.dtype), -1)):
            total = weights / weights.sum(-1, keepdim=True)
            if float((total.sum(-1) - 1).abs().max()) <= max(1e-6, 4 * torch.finfo(raw.dtype).eps):
                assert hull_escape(Linear()(total, parts), parts).inside.all()
                one_by_one = sum(total[:, i, None] * parts[:, i] for i in range(n))
                assert hull_escape(one_by_one, parts).inside.all()
                cone = sum(3 * total[:, i, None] * parts[:, i] for i in range(n))
                assert hull_escape(cone, parts, design="addition").inside.all()
                if n <= 8:
                    positive = as_dtype(scale * np.exp(rng.normal(size=(30, n, d))), dtype)
                    assert hull_escape(LogLinear()(total, positive), positive, chart="log").inside.all()


def test_parts_in_a_line_have_no_depth_wherever_they_lie():
    rng = np.random.default_rng(2)
    for dtype in ("float32", "float64"):
        for _ in range(300):
            n, d = rng.integers(2, 7), rng.integers(2, 4)
            along, start = rng.normal(size=d), 10.0 ** rng.uniform(-3, 4) * rng.normal(size=d)
            parts = (start + rng.normal(size=(n, 1)) * along).astype(dtype)
            escape = hull_escape(parts.mean(axis=0), parts)
            assert np.isnan(escape.depth)
            assert escape.inside
    plane = rng.normal(size=(40, 6, 2)) @ rng.normal(size=(2, 3)) + 1e6
    assert np.isnan(hull_escape(plane.mean(axis=1), plane).depth).all()


def test_two_parts_in_the_plane_have_no_depth():
    rng = np.random.default_rng(3)
    parts = 10.0 ** rng.uniform(-6, 6, (1000, 1, 1)) * (rng.normal(size=(1000, 2, 2)) + rng.normal(size=(1000, 1, 1)))
    assert np.isnan(hull_escape(rng.normal(size=(1000, 2)), parts).depth).all()


@pytest.mark.parametrize("thickness", [1e-2, 1e-6, 1e-9, 1e-12])
def test_thin_hulls_have_their_depth(thickness):
    rng = np.random.default_rng(4)
    for n in (3, 4, 9):
        parts = rng.normal(size=(20, n, 2)) * [1, thickness]
        mixtures = Linear()(simplex.sample(n, 20, rng=rng), parts)
        depth = hull_escape(mixtures, parts).depth
        theirs = [exact(m, p)[1] for m, p in zip(mixtures, parts, strict=True)]
        np.testing.assert_allclose(depth, theirs, rtol=1e-2, atol=1e-15)


@pytest.mark.parametrize("scale", [5e-324, 1e-320, 1e-308, 1e-300, 1e-160, 1e154, 1e300, 1e308])
@pytest.mark.parametrize("design", ["substitution", "addition"])
def test_extreme_scales_are_right_or_refused(scale, design):
    rng = np.random.default_rng(5)
    parts, mixtures = rng.uniform(-1, 1, (40, 4, 2)), rng.uniform(-1, 1, (40, 2))
    plain, exact_step = hull_escape(mixtures, parts, design=design), 5e-324 / scale
    if scale == 5e-324:
        with pytest.raises(ValueError, match="coincide"):
            hull_escape(scale * mixtures, scale * parts, design=design)
        return
    scaled = hull_escape(scale * mixtures, scale * parts, design=design)
    for name in ("distance", "off_affine", "in_affine", "depth"):
        np.testing.assert_allclose(getattr(scaled, name), getattr(plain, name), atol=1e-13 + 30 * exact_step)
    clear = np.abs(plain.distance) > 1e-12 + 100 * exact_step
    np.testing.assert_array_equal(scaled.inside[clear], plain.inside[clear])


@pytest.mark.parametrize(
    ("mixture", "parts", "message"),
    [
        (np.array([1.0, 1.0]), 1e-300 * UNIT, "mixture: lies more than 1e[+]140 diameters"),
        (np.array([1e308, 1.0]), 1e-300 * UNIT, "mixture: lies more than"),
        (np.array([3.0, 1.0]), np.stack([UNIT, 1e-200 * UNIT]), r"diameters of the parts away at batch index \(1,\)"),
        (np.array([1e16, 1.0]), UNIT + 1e16, "parts: all 3 coincide"),
        (np.array([6e4, 0], np.float16), (1e-2 * UNIT).astype(np.float16), "does not fit into float16; convert"),
        (np.array([1001], np.float16), np.array([[1000], [1001]], np.float16), "coincide.*exact ones in float64"),
    ],
)
def test_what_cannot_be_measured_is_refused(mixture, parts, message):
    with pytest.raises(ValueError, match=message):
        hull_escape(mixture, parts)
