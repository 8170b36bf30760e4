"""Laws that every carrier obeys, tried on its own points and motions."""

import contextlib
import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import torch

from mixlib import carriers, simplex
from mixlib.carriers import CARRIERS, Carrier

ROOT = Path(__file__).parents[2]
K, D = 4, 3
STEP = 1e-3  # of the numerical derivative along a geodesic

VARIANTS = [carrier for kind in CARRIERS.values() for carrier in kind.variants()]

pytestmark = pytest.mark.parametrize("carrier", VARIANTS, ids=lambda carrier: carrier.label)


def each(change, points):
    """Points with every array of theirs changed; a point is an array, or a named tuple of arrays."""
    return type(points)(*map(change, points)) if isinstance(points, tuple) else change(points)


def arrays_of(points):
    return points if isinstance(points, tuple) else (points,)


def one(points, i):
    return each(lambda array: array[i], points)


def assert_same(one, other, rtol=1e-9, atol=1e-9):
    for ours, theirs in zip(arrays_of(one), arrays_of(other), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol)


@pytest.fixture
def points(carrier):
    return carrier.sample(K, D, rng=0)


@pytest.fixture
def weights():
    return simplex.sample(K, rng=0)


def cost(carrier, centre, points, weights):
    return sum(w * carrier.distance(centre, one(points, i)) ** 2 for i, w in enumerate(weights))


def slopes(carrier, centre, points, weights):
    """By how much of itself the cost of a centre falls along the ways to other points, over their lengths."""
    found, others = [], carrier.sample(6, D, rng=1)
    for i in range(6):
        way = carrier.distance(centre, one(others, i))
        costs = [cost(carrier, carrier.geodesic(centre, one(others, i), t * STEP), points, weights) for t in range(3)]
        derivative = (-3 * costs[0] + 4 * costs[1] - costs[2]) / (2 * STEP)
        found.append(derivative / way / np.sqrt(costs[0]))
    return np.array(found)


def test_a_carrier_says_what_it_is(carrier):
    assert isinstance(carrier, Carrier)
    for text in (carrier.points, carrier.wrong_name, carrier.statistic):
        assert text.strip() == text != ""
    keys = re.findall(r"@\w+\{([^,]+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"))
    assert carrier.reference in keys
    assert getattr(carriers, type(carrier).__name__) is type(carrier)
    with pytest.raises(AttributeError):  # options are set once, and by name
        carrier.tolerance = 1.0
    assert all(field.kw_only for field in fields(carrier))
    assert type(carrier)() in type(carrier).variants(), "the default is not tried"
    assert len({other.label for other in VARIANTS}) == len(VARIANTS)


def test_points_have_their_axis_first_and_the_same_seed_gives_the_same(carrier, points):
    assert {len(array) for array in arrays_of(points)} == {K}
    assert_same(points, carrier.sample(K, D, rng=np.random.default_rng(0)), rtol=0, atol=0)
    alike = [carrier.distance(one(points, 0), one(points, i)) < 1e-6 for i in range(1, K)]
    assert not any(alike)


def test_equal_points_are_their_mean(carrier, points, weights):
    same = each(lambda array: np.repeat(array[:1], K, axis=0), points)
    assert_same(carrier.mean(same, weights), one(points, 0))


def test_all_weight_on_a_point_returns_it(carrier, points):
    assert_same(carrier.mean(points, np.eye(K)[2]), one(points, 2), rtol=1e-6, atol=1e-6)


def test_a_point_of_weight_0_does_not_count(carrier, points, weights):
    more = carrier.sample(K + 1, D, rng=3)
    joined = each_of(np.concatenate, [one(more, slice(0, 1)), points])
    mean = carrier.mean(joined, np.append(0, weights))
    assert_same(mean, carrier.mean(points, weights))
    assert carrier.distance(mean, one(more, 0)) > 1e-3


def test_the_order_of_points_does_not_matter(carrier, points, weights):
    order = [2, 0, 3, 1]
    mean = carrier.mean(points, weights)
    assert_same(carrier.mean(one(points, order), weights[order]), mean)
    with pytest.raises(AssertionError):
        assert_same(carrier.mean(one(points, order), weights), mean, atol=1e-3)


def test_no_weights_are_equal_weights(carrier, points):
    assert_same(carrier.mean(points), carrier.mean(points, [1 / K] * K))


def test_moving_all_points_moves_the_mean_along(carrier, points, weights):
    move = carrier.isometry(D, rng=2)
    mean = carrier.mean(points, weights)
    again = carrier.mean(move(points), weights)
    if carrier.step:  # of several that cost the same, any
        again, costs = move(again), cost(carrier, mean, points, weights)
        assert cost(carrier, again, points, weights) == pytest.approx(costs)
    else:
        assert_same(again, move(mean))
    assert_same(carrier.failure(move(mean), move(points)), carrier.failure(mean, points))
    a, b = one(points, 0), one(points, 1)
    assert carrier.distance(move(a), move(b)) == pytest.approx(carrier.distance(a, b))
    assert carrier.distance(a, move(a)) > 1e-3


def test_distance_is_a_metric(carrier, points):
    a, b, c = (one(points, i) for i in range(3))
    assert carrier.distance(a, a) == pytest.approx(0, abs=1e-7)
    assert carrier.distance(a, b) == pytest.approx(carrier.distance(b, a))
    assert carrier.distance(a, c) <= carrier.distance(a, b) + carrier.distance(b, c)


def test_a_geodesic_runs_at_constant_speed_and_its_middle_is_the_mean(carrier, points):
    a, b = one(points, 0), one(points, 1)
    length = carrier.distance(a, b)
    for t in (0.0, 0.3, 0.5, 1.0):
        on_way = carrier.geodesic(a, b, t)
        assert carrier.distance(a, on_way) == pytest.approx(t * length, abs=carrier.step / 2 + 1e-6)
        assert carrier.distance(on_way, b) == pytest.approx((1 - t) * length, abs=carrier.step / 2 + 1e-6)
    ends = one(points, [0, 1])
    for t, weights in ((0.5, None), (0.3, [0.7, 0.3])):
        mean, on_way = carrier.mean(ends, weights), carrier.geodesic(a, b, t)
        if carrier.step:
            costs = [cost(carrier, point, ends, weights or [0.5, 0.5]) for point in (mean, on_way)]
            assert costs[1] == pytest.approx(costs[0])
        else:
            assert_same(mean, on_way, atol=1e-7)


def test_beyond_its_ends_a_geodesic_goes_on_or_says_that_it_cannot(carrier, points):
    a, b = one(points, 0), one(points, 1)
    for t in (-2.0, -0.02, 1.02, 2.0):
        beyond, refused = None, ""
        try:
            beyond = carrier.geodesic(a, b, t)
        except ValueError as error:
            refused = str(error)
        if refused:
            assert refused.startswith(f"t: got {t:.6g}, where ")
        elif abs(t) == 2:  # it may have been around the carrier
            assert np.isfinite(carrier.distance(a, beyond))
        else:
            assert carrier.distance(a, beyond) == pytest.approx(abs(t) * carrier.distance(a, b), abs=1e-7)
            ends, back = ((beyond, b), -t / (1 - t)) if t < 0 else ((a, beyond), 1 / t)
            assert_same(carrier.geodesic(*ends, back), a if t < 0 else b, atol=1e-7)
    for t in (np.nan, np.inf):
        with pytest.raises(ValueError, match="t: "):
            carrier.geodesic(a, b, t)


def test_in_no_direction_does_the_mean_get_nearer_to_the_points(carrier, points, weights):
    mean = carrier.mean(points, weights)
    found = slopes(carrier, mean, points, weights)
    assert found.min() > -1e-5
    assert carrier.corners or found.max() < 1e-5
    if carrier.step:
        pytest.skip("nothing lies beside a point; its own tests try the steps")
    aside = carrier.geodesic(mean, one(points, 0), 0.05)
    assert slopes(carrier, aside, points, weights).min() < -1e-2


def test_the_failure_statistic_tells_a_wrong_mean_from_the_right_one(carrier, points, weights):
    right, wrong = carrier.mean(points, weights), carrier.wrong_mean(points, weights)
    assert carrier.failure(right, points) <= 1 + 1e-6 < carrier.failure(wrong, points)
    with contextlib.suppress(ValueError):  # the wrong mean is no point of the carrier at all
        assert cost(carrier, wrong, points, weights) > cost(carrier, right, points, weights) * (1 + 1e-3)


def test_a_batch_is_the_stack_of_its_instances(carrier):
    sets, rows = [carrier.sample(K, D, rng=seed) for seed in range(3)], simplex.sample(K, 3, rng=0)
    batch = each_of(np.stack, sets)
    for of in (carrier.mean, carrier.wrong_mean):
        assert_same(of(batch, rows), each_of(np.stack, [of(*case) for case in zip(sets, rows, strict=True)]))
    means = carrier.mean(batch, rows)
    apart = [carrier.failure(one(means, i), sets[i]) for i in range(3)]
    np.testing.assert_allclose(carrier.failure(means, batch), apart)
    ends = [each(lambda array, i=i: array[:, i], batch) for i in (0, 1)]
    t = np.array([0.1, 0.5, 0.8])
    ways = [carrier.geodesic(one(ends[0], i), one(ends[1], i), t[i]) for i in range(3)]
    assert_same(carrier.geodesic(*ends, t), each_of(np.stack, ways))
    np.testing.assert_allclose(carrier.distance(*ends), [carrier.distance(one(s, 0), one(s, 1)) for s in sets])


def each_of(change, several):
    """Several points made into one, array by array."""
    if isinstance(several[0], tuple):
        return type(several[0])(*(change(arrays) for arrays in zip(*several, strict=True)))
    return change(several)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_torch_gives_the_numbers_of_numpy_and_the_dtype_stays(carrier, points, weights, dtype):
    low = each(lambda array: array.astype(dtype), points)
    tensors, shares = each(torch.asarray, low), torch.asarray(weights.astype(dtype))
    tolerance = 1e-3 if dtype == "float32" else 1e-9
    for of in (carrier.mean, carrier.wrong_mean):
        found = of(tensors, shares)
        assert all(array.dtype == getattr(torch, dtype) for array in arrays_of(found))
        assert_same(each(lambda array: array.numpy(), found), of(points, weights), rtol=tolerance, atol=tolerance)
        assert all(array.dtype == dtype for array in arrays_of(of(low, weights.astype(dtype))))
    failure = carrier.failure(carrier.mean(tensors, shares), tensors)
    assert failure.dtype == getattr(torch, dtype)
    a, b = one(tensors, 0), one(tensors, 1)
    assert carrier.distance(a, b).item() == pytest.approx(carrier.distance(one(points, 0), one(points, 1)), rel=1e-4)
    assert all(array.dtype == getattr(torch, dtype) for array in arrays_of(carrier.geodesic(a, b, 0.5)))
    middle = carrier.geodesic(one(low, 0), one(low, 1), np.float64(0.5))
    assert all(array.dtype == dtype for array in arrays_of(middle))


@pytest.mark.parametrize(
    ("weights", "message"), [([0.5] * K, "sums to 2"), ([1.0], f"expected {K}"), ([2.0, -1.0, 0.0, 0.0], "negative")]
)
def test_bad_weights_are_named(carrier, points, weights, message):
    for of in (carrier.mean, carrier.wrong_mean):
        with pytest.raises(ValueError, match=f"weights: .*{message}"):
            of(points, weights)


def test_points_that_are_none_are_named(carrier, points):
    for broken in (each(lambda array: array * np.nan, points), "points", None, 0.5, each(np.ravel, points)):
        with pytest.raises(ValueError, match="points: "):
            carrier.mean(broken)
