"""Nitrogen's two polynomials, their gate, and the spectrum as a witness from outside."""

import math

import numpy as np
import pytest

from mixlib.domains import heat_capacity as nitrogen


def test_room_temperature_as_tabulated():
    # 29.124 J/(mol K) at 298.15 K, NIST-JANAF tables
    assert 8.314462618 * nitrogen.gated(298.15) == pytest.approx(29.124, rel=2e-4)


@pytest.mark.parametrize(("temperature", "bound"), [((200, 1000), 0.01), ((1000, 3000), 0.02), ((3000, 6000), 0.03)])
def test_the_gated_pair_agrees_with_the_spectrum(temperature, bound):
    grid = np.linspace(*temperature, 200)
    assert np.abs(nitrogen.gated(grid) / nitrogen.spectroscopic(grid) - 1).max() < bound


def test_no_expert_alone_covers_the_range():
    grid = np.linspace(nitrogen.LOWEST, nitrogen.HIGHEST, 200)
    error = np.abs(nitrogen.experts(grid)[..., 0] / nitrogen.spectroscopic(grid)[:, None] - 1).max(axis=0)
    assert error[0] > 100
    assert error[1] > 0.08


def test_the_experts_meet_where_the_gate_switches():
    cold, hot = nitrogen.experts(nitrogen.SWITCH)[:, 0]
    assert cold == pytest.approx(hot, rel=1e-8)


def test_the_gate_chooses_the_expert_of_the_range():
    np.testing.assert_allclose(nitrogen.gated([500, 3000]), [nitrogen.experts(500)[0, 0], nitrogen.experts(3000)[1, 0]])


def test_prior_weights_move_the_switch():
    weights, softness = np.array([0.8, 0.2]), 50.0
    moved = nitrogen.SWITCH + softness * math.log(4)
    gate = nitrogen.handover(moved, softness)
    np.testing.assert_allclose(gate(weights, nitrogen.experts(moved)), [0.5, 0.5])


def test_infinite_softness_leaves_the_prior():
    grid, weights = np.linspace(200, 2000, 10), np.array([0.3, 0.7])
    expected = nitrogen.experts(grid)[..., 0] @ weights
    np.testing.assert_allclose(nitrogen.gated(grid, math.inf, weights=weights), expected)


def test_a_gate_without_softness_is_refused():
    with pytest.raises(ValueError, match="temperature"):
        nitrogen.gated(500, softness=0)
