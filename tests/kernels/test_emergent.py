"""The emergent kernel: the Kuramoto transition, its simulation, and order parameters of one's own."""

import math

import numpy as np
import pytest
import torch
from array_api_compat import array_namespace

from mixlib import simplex
from mixlib.kernels.emergent import Emergent, Kuramoto, simulate_kuramoto

UNIT = Kuramoto(width=0.5)  # critical coupling 1


def test_synchrony_above_the_threshold_is_the_known_curve():
    assert UNIT.critical_coupling == 1
    np.testing.assert_allclose(UNIT(np.array([1.5, 2.0, 4.0])), [0.577, 0.707, 0.866], atol=5e-4)


def test_synchrony_solves_the_self_consistent_equation():
    # the locked oscillators carry r: 1 = K * integral of cos^2(a) g(K r sin a) da over the half circle
    angles = np.linspace(-np.pi / 2, np.pi / 2, 20001)
    for coupling in (1.2, 3.0):
        r = UNIT(np.array(coupling))
        density = 0.5 / np.pi / ((coupling * r * np.sin(angles)) ** 2 + 0.25)
        np.testing.assert_allclose(coupling * np.trapezoid(np.cos(angles) ** 2 * density, angles), 1, rtol=1e-7)


def test_there_is_no_synchrony_up_to_the_threshold():
    np.testing.assert_array_equal(UNIT(np.array([-1.0, 0.0, 0.5, 1.0])), 0)
    assert 0 < UNIT(np.array(1.0001)) < 0.02


@pytest.mark.parametrize("coupling", [1.5, 2.0, 4.0])
def test_a_finite_population_agrees_within_its_size(coupling):
    n, seeds = 1000, range(3)
    found = np.mean([simulate_kuramoto(coupling, 0.5, n, seed, time=60.0) for seed in seeds])
    assert abs(found - UNIT(np.array(coupling))) < 3 / math.sqrt(n * len(seeds))


def test_a_finite_population_below_the_threshold_shows_noise_only():
    assert simulate_kuramoto(0.3, 0.5, 1000, 0, time=60.0) < 3 / math.sqrt(1000)


def test_the_same_seed_gives_the_same_run():
    runs = [simulate_kuramoto(2.0, 0.5, 50, seed, time=5.0) for seed in (1, np.random.default_rng(1), 2)]
    assert runs[0] == runs[1] != runs[2]


def test_the_whole_has_what_no_part_has():
    # no population synchronises alone: each part couples one of two; their blend with a third part couples both
    parts = np.array([[0.9, 3.0], [3.0, 0.9]])
    kernel = Emergent(UNIT)
    assert kernel([1.0, 0.0], parts)[0] == kernel([0.0, 1.0], parts)[1] == 0
    np.testing.assert_allclose(kernel(None, parts), math.sqrt(1 - 1 / 1.95), rtol=1e-12)


def test_default_reads_every_coordinate_of_the_blend():
    rng = np.random.default_rng(43)
    weights, parts = simplex.sample(4, 5, rng=1), rng.uniform(0.1, 1, (5, 4, 3))
    np.testing.assert_allclose(Emergent()(weights, parts), np.sqrt(1 - 0.05 / (weights[:, None] @ parts)[:, 0]))


def test_any_order_parameter_serves():
    def polarisation(blend):  # of a blend of directions: its length
        xp = array_namespace(blend)
        return xp.sqrt(xp.sum(blend**2, axis=-1, keepdims=True))

    directions = np.eye(3)
    np.testing.assert_allclose(Emergent(polarisation)(None, directions), [3**-0.5])
    assert Emergent(polarisation)(None, torch.eye(3)).shape == (1,)


def test_derivatives_are_those_of_the_formula_away_from_the_threshold():
    couplings = torch.tensor([[0.2, 3.0], [0.6, 1.2]], dtype=torch.float64, requires_grad=True)
    logits = torch.tensor([0.1, 0.4], dtype=torch.float64, requires_grad=True)
    kernel = Emergent(UNIT)
    assert torch.autograd.gradcheck(lambda a, p: kernel(torch.softmax(a, -1), p), (logits, couplings))
    at_threshold = torch.ones((1, 1), dtype=torch.float64, requires_grad=True)
    kernel(None, at_threshold).sum().backward()
    assert at_threshold.grad.item() == 0


@pytest.mark.parametrize("width", [0.0, -1.0, math.nan, math.inf])
def test_bad_widths_are_named(width):
    with pytest.raises(ValueError, match="width: got"):
        Kuramoto(width)
    with pytest.raises(ValueError, match="width: got"):
        simulate_kuramoto(1.0, width, 10, 0)


@pytest.mark.parametrize(
    ("order_parameter", "message"),
    [
        (3.0, "got float"),
        (lambda blend: 1.0, "returned float"),
        (lambda blend: torch.ones(2), "returned Tensor"),
        (lambda blend: blend.sum(), "returned (float64|shape)"),
        (lambda blend: blend.sum(-1), "returned shape"),
        (lambda blend: blend * np.nan, "NaN"),
    ],
)
def test_bad_order_parameters_are_named(order_parameter, message):
    with pytest.raises(ValueError, match=f"order_parameter: .*{message}"):
        Emergent(order_parameter)(None, np.ones((4, 3, 2)))


@pytest.mark.parametrize(
    ("change", "message"),
    [({"coupling": math.nan}, "coupling"), ({"n": 0}, "n, step"), ({"step": 9.0}, "n, step"), ({"time": 0.0}, "time")],
)
def test_bad_simulations_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        simulate_kuramoto(**({"coupling": 1.0, "width": 0.5, "n": 10, "rng": 0, "time": 10.0} | change))
