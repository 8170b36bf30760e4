"""The reactive kernels: closed forms of kinetics and equilibrium, conservation, limits, and named errors."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from mixlib import simplex
from mixlib.kernels.reactive import Equilibrium, Reactive, equilibrium

R = 8.314462618  # J/(mol K)
AB = np.array([[1.0, 0.0], [0.0, 1.0]])
# H2, O2, H2O, OH, H with elements H, O: two reactions that run both ways
WATER = np.array([[2.0, 0, 2, 1, 1], [0, 2, 1, 1, 0]])
WATER_STEPS = np.array([[-2.0, -1, 2, 0, 0], [2, 1, -2, 0, 0], [0, 0, -1, 1, 1], [0, 0, 1, -1, -1]])


def test_first_order_decay_is_exponential():
    kernel = Reactive(((-1, 1),), rates=0.7, time=2.0)
    np.testing.assert_allclose(kernel([0.3, 0.7], AB), [0.3 * math.exp(-1.4), 1 - 0.3 * math.exp(-1.4)], rtol=1e-8)


def test_second_order_reaction_of_unequal_amounts_is_the_closed_form():
    a, b, k, t, volume = 0.6, 0.4, 3.0, 1.5, 2.0
    kernel = Reactive(((-1, -1, 1),), rates=k, time=t, volume=volume)
    grown = math.exp((a - b) / volume * k * t)
    made = a * b * (grown - 1) / (a * grown - b)
    np.testing.assert_allclose(kernel([a, b], np.eye(3)[:2]), [a - made, b - made, made], rtol=1e-8)


def test_rate_constants_follow_arrhenius():
    energy, kelvin = 50e3, 350.0
    hot = Reactive(((-1, 1),), rates=1e7, activation_energies=energy, temperature=kelvin, time=3.0)
    left = math.exp(-3e7 * math.exp(-energy / (R * kelvin)))
    assert 0.1 < left < 0.9
    np.testing.assert_allclose(hot([1.0, 0.0], AB)[0], left, rtol=1e-8)


def test_given_orders_replace_the_stoichiometric_ones():
    kernel = Reactive(((-2, 1),), orders=((1, 0),), time=0.5)
    np.testing.assert_allclose(kernel([1.0, 0.0], AB), [math.exp(-1), (1 - math.exp(-1)) / 2], rtol=1e-8)


def test_a_reaction_of_half_order_stops_when_its_reactant_is_used_up():
    kernel = Reactive(((-1, 1),), orders=((0.5, 0),), rates=0.8)
    for time in (1.0, 100.0):
        left = max(1 - 0.4 * time, 0) ** 2
        np.testing.assert_allclose(replace(kernel, time=time)([1.0, 0.0], AB), [left, 1 - left], atol=1e-8)


def test_an_empty_batch_stays_empty():
    assert Reactive()(np.full((0, 2), 0.5), np.ones((0, 2, 3))).shape == (0, 3)


@pytest.mark.parametrize("kernel", [Reactive(time=0.0), Reactive(activation_energies=math.inf), Reactive(rates=0.0)])
def test_no_time_or_an_infinite_barrier_is_linear(kernel):
    rng = np.random.default_rng(41)
    weights, parts = simplex.sample(4, 5, rng=1), rng.uniform(0, 1, (5, 4, 3))
    np.testing.assert_allclose(kernel(weights, parts), (weights[:, None] @ parts)[:, 0], rtol=1e-14)


def test_in_the_end_the_scarce_reagent_is_used_up():
    scarce_b = Reactive(time=1e6)([0.5, 0.5], np.array([[4.0, 0, 0], [0, 1, 0]]))
    np.testing.assert_allclose(scarce_b, [1, 0, 1], atol=1e-9)
    scarce_a = Reactive(time=1e9)([0.5, 0.5], np.array([[1.0, 0, 0], [0, 4, 0]]))
    np.testing.assert_allclose(scarce_a, [0, 1.75, 0.5], atol=1e-8)


@given(
    rates=st.lists(st.floats(0, 1e4), min_size=4, max_size=4),
    time=st.floats(1e-3, 1e3),
    seed=st.integers(0, 2**32 - 1),
)
@examples(25)
def test_elements_are_conserved_and_amounts_stay_positive(rates, time, seed):
    kernel = Reactive(WATER_STEPS, rates=rates, time=time, elements=WATER)
    weights, parts = simplex.sample(3, rng=seed), np.random.default_rng(seed).uniform(0, 1, (3, 5))
    mixture = kernel(weights, parts)
    assert np.all(mixture >= 0)
    np.testing.assert_allclose(WATER @ mixture, WATER @ (weights @ parts), rtol=1e-8)


def test_reversible_reactions_end_where_the_gibbs_energy_is_least():
    potentials, kelvin = np.array([0.0, -2e3]), 400.0
    back = math.exp(potentials[1] / (R * kelvin))  # detailed balance: forward over back is exp(-change / RT)
    kinetics = Reactive(((-1, 1), (1, -1)), rates=(1.0, back), time=100.0)
    settled = Equilibrium(((1, 1),), potentials, kelvin)
    np.testing.assert_allclose(kinetics([0.9, 0.1], AB), settled([0.9, 0.1], AB), rtol=1e-7)


def test_further_species_are_inert_and_batches_are_stacks():
    rng = np.random.default_rng(41)
    weights, parts = simplex.sample(3, 4, rng=2), rng.uniform(0, 1, (4, 3, 5))
    mixture = Reactive()(weights, parts)
    np.testing.assert_allclose(mixture[:, 3:], (weights[:, None] @ parts)[:, 0, 3:], rtol=1e-14)
    np.testing.assert_array_equal(mixture[2], Reactive()(weights[2], parts[2]))


def test_the_order_of_parts_does_not_change_a_bit():
    rng = np.random.default_rng(41)
    weights, parts, order = simplex.sample(6, rng=3), rng.uniform(0, 1, (6, 3)), rng.permutation(6)
    np.testing.assert_array_equal(Reactive()(weights[order], parts[order]), Reactive()(weights, parts))


@pytest.mark.parametrize("kernel", [Reactive(), Equilibrium(((1, 1, 2),), (0.0, 0.0, 1e3), 300.0)])
def test_tensors_come_back_as_tensors_but_have_no_gradient(kernel):
    rng = np.random.default_rng(41)
    weights, parts = simplex.sample(3, rng=4), rng.uniform(0.1, 1, (3, 3))
    tensor = kernel(torch.tensor(weights), torch.tensor(parts))
    np.testing.assert_array_equal(tensor.numpy(), kernel(weights, parts))
    assert kernel(None, torch.tensor(parts, dtype=torch.float32)).dtype == torch.float32
    with pytest.raises(ValueError, match="requires a gradient"):
        kernel(torch.tensor(weights), torch.tensor(parts).requires_grad_())
    with pytest.raises(ValueError, match="requires a gradient"):
        kernel(torch.tensor(weights).requires_grad_(), torch.tensor(parts))


@pytest.mark.parametrize("change", [-40e3, -1e3, 5e3, 40e3, 300e3])
@pytest.mark.parametrize("pressure", [1e5, 7e5])
def test_dissociation_is_the_closed_form(change, pressure):
    constant = math.exp(-change / (R * 500)) * 1e5 / pressure
    degree = math.sqrt(constant / (constant + 4))  # A <-> 2 B: K = 4 x^2 / (1 - x^2)
    settled = equilibrium([1.5, 0.0], [[2, 1]], [0.0, change / 2], 500.0, pressure=pressure)
    np.testing.assert_allclose(settled, [1.5 * (1 - degree), 3 * degree], rtol=1e-7)


@given(elements=st.integers(1, 4), species=st.integers(2, 9), scale=st.floats(1e2, 1e6), seed=st.integers(0, 2**32 - 1))
@examples(60)
def test_no_reaction_lowers_the_gibbs_energy_further(elements, species, scale, seed):
    rng = np.random.default_rng(seed)
    atoms = rng.integers(0, 4, (elements, species)) + (
        np.arange(elements)[:, None] == rng.integers(elements, size=species)
    )
    start = rng.uniform(0, 1, species) * (rng.random(species) < 0.7)
    potentials, kelvin = scale * rng.normal(size=species), rng.uniform(300, 3000)
    settled = equilibrium(start, atoms, potentials, kelvin)
    assert np.all(settled >= 0)
    np.testing.assert_allclose(atoms @ settled, atoms @ start, atol=1e-9)

    def gibbs(amounts):
        there = amounts > 0
        share = np.where(there, amounts, 1) / max(amounts.sum(), 1e-300)
        return amounts @ (potentials / (R * kelvin) + np.where(there, np.log(share), 0))

    # convex: from any other feasible blend the energy must fall towards the solution
    for toward in (start, *(equilibrium(start, atoms, scale * rng.normal(size=species), kelvin) for _ in range(2))):
        for step in (1.0, 1e-2):
            other = (1 - step) * settled + step * toward
            assert gibbs(settled) <= gibbs(other) + 1e-9 * (1 + abs(gibbs(other)))


def test_species_that_cannot_form_are_absent():
    potentials = [0.0, 0.0, -200e3, 30e3, 200e3]
    np.testing.assert_array_equal(equilibrium([1.0, 0, 0, 0, 0], WATER, potentials, 300.0)[[1, 2, 3]], 0)
    np.testing.assert_array_equal(equilibrium(np.zeros(5), WATER, potentials, 300.0), 0)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"stoichiometry": (-1, 1)}, "stoichiometry: got shape"),
        ({"rates": (1.0, 2.0)}, "rates: got shape"),
        ({"rates": -1.0}, "rates: .*>= 0"),
        ({"rates": math.inf}, "rates: .*finite"),
        ({"activation_energies": math.nan}, "activation_energies: "),
        ({"temperature": 0.0}, "temperature: got 0.0"),
        ({"volume": -1.0}, "volume: got -1.0"),
        ({"tolerance": 1e-15}, "tolerance: got 1e-15"),
        ({"time": math.inf}, "time: got inf"),
        ({"orders": ((1, 1),)}, "orders: .*shape"),
        ({"orders": ((0, 1, 0),)}, "orders: .*order 0"),
        ({"elements": ((1, 0, 1), (0, 1, 1))}, "stoichiometry: reaction 0 makes 1 atoms of element 1"),
        ({"elements": ((1, 1),)}, "elements: got shape"),
        ({"elements": ((1, 0, 1),)}, r"elements: species \[1\]"),
    ],
)
def test_bad_fields_are_named(fields, message):
    with pytest.raises(ValueError, match=message):
        Reactive(**fields)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (np.ones((2, 2)), "parts: 2 species"),
        (np.array([[1.0, 1.0, -0.5], [1.0, 1.0, 1.0]]), "parts: smallest amount -0.5"),
    ],
)
def test_bad_parts_are_named(parts, message):
    with pytest.raises(ValueError, match=message):
        Reactive()(None, parts)


def test_a_reaction_that_runs_away_is_named():
    with pytest.raises(ValueError, match="runs away"):
        Reactive(((-1, 0), (1, 0)), orders=((1, 0), (2, 0)), rates=(0.0, 10.0))([1.0, 0.0], AB)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"amounts": [1.0, -1.0]}, "amounts: "),
        ({"elements": [[2, 1, 1]]}, "elements: got shape"),
        ({"elements": [[2, 0]]}, r"elements: species \[1\]"),
        ({"standard_potentials": [0.0]}, "standard_potentials: got shape"),
        ({"temperature": -5.0}, "temperature: got -5.0"),
        ({"pressure": 0.0}, "pressure: got 0.0"),
    ],
)
def test_bad_equilibria_are_named(change, message):
    given = {"amounts": [1.0, 0.0], "elements": [[2, 1]], "standard_potentials": [0.0, 1.0], "temperature": 300.0}
    with pytest.raises(ValueError, match=message):
        equilibrium(**(given | change))
