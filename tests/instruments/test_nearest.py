"""Nearest points against an exhaustive quadratic programme, on random and on degenerate hulls and cones."""

from itertools import combinations

import numpy as np
import pytest

from mixlib import hull_escape
from mixlib.instruments import nearest

SIZES = [(2, 1), (3, 2), (4, 4), (4, 8), (6, 3), (6, 12)]


def spread(rng, n, d):
    return rng.normal(size=(n, d)), rng.normal(size=d)


def flat(rng, n, d):
    rank = (d + 1) // 2
    return rng.normal(size=(n, rank)) @ rng.normal(size=(rank, d)), rng.normal(size=d)


def repeated(rng, n, d):
    parts = rng.normal(size=(n, d))
    parts[n // 2 + 1 :] = parts[0]
    return parts, rng.normal(size=d)


def inside(rng, n, d):
    parts = rng.normal(size=(n, d))
    return parts, rng.dirichlet(np.ones(n)) @ parts


def on_a_face(rng, n, d):
    parts = rng.normal(size=(n, d))
    return parts, rng.dirichlet(np.ones(n - 1)) @ parts[1:]


def far(rng, n, d):
    return rng.normal(size=(n, d)), 1e5 * rng.normal(size=d)


def thin(rng, n, d):
    parts, mixture = spread(rng, n, d)
    parts[:, -1] *= 1e-6 if d > 1 else 1
    return parts, mixture


def exhaustive(parts, target, cone):
    """The least distance over every set of parts that may carry weight, each by plain least squares."""
    best = np.linalg.norm(target) if cone else np.inf
    for size in range(1, len(parts) + 1):
        for chosen in map(np.array, combinations(parts, size)):
            base, steps = (np.zeros_like(target), chosen) if cone else (chosen[0], chosen[1:] - chosen[0])
            weights = np.linalg.lstsq(steps.T, target - base)[0] if len(steps) else np.zeros(0)
            held = weights if cone else [1 - weights.sum(), *weights]
            if np.min(held) >= -1e-12:
                best = min(best, np.linalg.norm(base + weights @ steps - target))
    return best


@pytest.mark.parametrize("design", ["substitution", "addition"])
@pytest.mark.parametrize("draw", [spread, flat, repeated, inside, on_a_face, far, thin], ids=lambda f: f.__name__)
@pytest.mark.parametrize(("n", "d"), SIZES)
def test_agrees_with_an_exhaustive_quadratic_programme(n, d, draw, design):
    rng = np.random.default_rng([n, d])
    parts, mixtures = map(np.array, zip(*(draw(rng, n, d) for _ in range(12)), strict=True))
    corners = np.pad(parts, ((0, 0), (1, 0), (0, 0))) if design == "addition" else parts
    diameters = np.linalg.norm(corners[:, :, None] - corners[:, None], axis=-1).max(axis=(1, 2))
    theirs = np.array([exhaustive(p, m, design == "addition") for m, p in zip(mixtures, parts, strict=True)])
    escape = hull_escape(mixtures, parts, design=design)
    np.testing.assert_allclose(escape.distance, theirs / diameters, rtol=1e-9, atol=1e-9)
    reached = np.linalg.norm(np.einsum("bn,bnd->bd", escape.weights, parts) - mixtures, axis=-1)
    # recombining the parts rounds to what they and the mixture measure
    lengths = np.einsum("bn,bn->b", escape.weights, np.linalg.norm(parts, axis=-1))
    rounding = 1e-14 * (lengths + np.linalg.norm(mixtures, axis=-1)) / diameters
    assert np.all(np.abs(escape.distance - reached / diameters) <= rounding)


@pytest.fixture
def systems():
    rng = np.random.default_rng(3)
    parts, targets = rng.normal(size=(50, 6, 4)), 1.5 * rng.normal(size=(50, 4))
    return parts - parts.mean(axis=1, keepdims=True), targets


@pytest.mark.parametrize("cone", [False, True])
def test_many_parts_take_the_other_solver_to_the_same_answer(systems, cone, monkeypatch):
    compiled = nearest.nearest_weights(*systems, cone)
    monkeypatch.setattr(nearest, "MOST_PARTS", 5)
    monkeypatch.setattr(nearest, "_exchange", None)
    for ours, theirs in zip(compiled, nearest.nearest_weights(*systems, cone), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_what_is_not_certified_is_solved_again(systems, monkeypatch):
    compiled = nearest.nearest_weights(*systems)
    exchange = nearest._exchange

    def unsure(*arguments):
        weights, solved = exchange(*arguments)
        assert solved.all()
        weights[::2], solved[::2] = np.nan, False
        return weights, solved

    monkeypatch.setattr(nearest, "_exchange", unsure)
    np.testing.assert_allclose(nearest.nearest_weights(*systems)[2], compiled[2], atol=1e-12)


def test_a_hundred_parts_and_a_thousand_dimensions():
    rng = np.random.default_rng(4)
    parts = rng.normal(size=(2, 100, 3))
    wide = parts @ np.linalg.qr(rng.normal(size=(1000, 3)))[0].T
    mixture = np.array([3.0, 0.0, 0.0])
    lifted = np.linalg.lstsq(parts[0], wide[0])[0].T @ mixture
    np.testing.assert_allclose(
        hull_escape(lifted, wide[0]).distance, hull_escape(mixture, parts[0]).distance, rtol=1e-10
    )


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("patience", [0, 10**9])  # compiled, and in Python
@pytest.mark.parametrize(
    "parts",
    [
        [[32.5, 32.75, 33.0], [33.75, 33.5, 32.25], [32.5, 32.5, 34.5]],
        [[168.0] * 8, [168.0, 168.0, 169.0] + [168.0] * 5, [168.0] * 6 + [169.0, 169.0]],
    ],
)
def test_a_part_without_weight_may_stay_without(parts, patience, monkeypatch):
    monkeypatch.setattr(nearest._span_coordinates, "patience", patience)
    parts = np.array(parts)
    for part in parts:
        escape = hull_escape(part, parts, design="addition")
        assert escape.distance < 1e-10
        assert escape.inside
