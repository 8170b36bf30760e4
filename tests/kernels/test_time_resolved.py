"""The time-resolved kernel: fading weights, their limits, and the hull that is never left."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from mixlib import hull_escape, simplex
from mixlib.kernels.time_resolved import TimeResolved

CORNERS = np.eye(3)


def test_by_hand():
    kernel = TimeResolved(rates=(math.log(2), math.log(4)), time=2.0)  # a quarter and a sixteenth are left
    np.testing.assert_allclose(kernel([0.5, 0.5], np.array([[5.0, 0.0], [0.0, 10.0]])), [4.0, 2.0])


def test_at_time_zero_and_with_equal_rates_it_is_linear():
    rng = np.random.default_rng(42)
    weights, parts = simplex.sample(3, 5, rng=1), rng.normal(size=(5, 3, 4))
    linear = (weights[:, None] @ parts)[:, 0]
    for kernel in (TimeResolved((1, 2, 3), 0.0), TimeResolved((2, 2, 2), 7.0), TimeResolved(2.0, 1e6)):
        np.testing.assert_allclose(kernel(weights, parts), linear, rtol=1e-12)


def test_only_differences_of_rates_matter():
    weights = simplex.sample(3, rng=2)
    later, sooner = TimeResolved((1, 2, 4)), TimeResolved((101, 102, 104))
    np.testing.assert_allclose(later(weights, CORNERS), sooner(weights, CORNERS), rtol=1e-12)


def test_weights_solve_the_replicator_equation():
    rates, weights, step = np.array([0.3, 1.0, 2.5]), simplex.sample(3, rng=3), 1e-5
    before, now, after = (TimeResolved(rates, 1 + h)(weights, CORNERS) for h in (-step, 0, step))
    np.testing.assert_allclose((after - before) / (2 * step), now * (now @ rates - rates), rtol=1e-7)


@given(time=st.floats(0, 1e3), seed=st.integers(0, 2**32 - 1))
@examples(40)
def test_it_never_leaves_the_hull(time, seed):
    rng = np.random.default_rng(seed)
    parts = rng.normal(size=(4, 3))
    assert hull_escape(TimeResolved(rng.exponential(size=4), time)(simplex.sample(4, rng=rng), parts), parts).inside


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_in_the_end_the_slowest_part_with_weight_is_left(dtype):
    kernel = TimeResolved((5.0, 1.0, 0.1), time=1e5)
    parts = CORNERS.astype(dtype)
    np.testing.assert_array_equal(kernel([0.6, 0.3, 0.1], parts), [0, 0, 1])
    np.testing.assert_array_equal(kernel([0.6, 0.4, 0.0], parts), [0, 1, 0])


def test_parts_and_rates_change_places_together():
    rng = np.random.default_rng(42)
    weights, rates, parts, order = (
        simplex.sample(4, rng=4),
        rng.exponential(size=4),
        rng.normal(size=(4, 2)),
        [2, 0, 3, 1],
    )
    moved = TimeResolved(rates[order])(weights[order], parts[order])
    np.testing.assert_allclose(moved, TimeResolved(rates)(weights, parts), rtol=1e-12)


def test_derivatives_reach_weights_parts_rates_and_time():
    rng = np.random.default_rng(42)
    parts = torch.tensor(rng.normal(size=(3, 2)), requires_grad=True)
    logits = torch.tensor(rng.normal(size=3), requires_grad=True)
    rates = torch.tensor([0.2, 1.0, 3.0], dtype=torch.float64, requires_grad=True)
    time = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)

    def mixture(logits, parts, rates, time):
        return TimeResolved(rates, time)(torch.softmax(logits, -1), parts)

    assert torch.autograd.gradcheck(mixture, (logits, parts, rates, time))


def test_gradients_are_finite_beside_weights_of_zero():
    weights = torch.tensor([1.0, 0.0], dtype=torch.float64, requires_grad=True)
    mixture = TimeResolved((1e4, 0.0), time=1.0)(weights, torch.eye(2, dtype=torch.float64))
    np.testing.assert_array_equal(mixture.detach().numpy(), [1, 0])
    mixture[0].backward()
    assert torch.isfinite(weights.grad).all()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"rates": -1.0}, "rates: .*>= 0"),
        ({"rates": (1.0, math.nan)}, "rates: .*finite"),
        ({"rates": ((1.0, 2.0),)}, r"rates: got shape \(1, 2\)"),
        ({"time": -1.0}, "time: got -1.0"),
        ({"time": math.inf}, "time: got inf"),
    ],
)
def test_bad_fields_are_named(fields, message):
    with pytest.raises(ValueError, match=message):
        TimeResolved(**fields)


def test_rates_that_do_not_fit_the_parts_are_named():
    with pytest.raises(ValueError, match="rates: got 2 rates for 3 parts"):
        TimeResolved((1.0, 2.0))(None, CORNERS)
