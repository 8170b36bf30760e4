"""Three knobs: one real mixture a kernel with a value found by another route, what weights leave out, what they do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.integrate import solve_ivp

from mixlib.arrays import generator
from mixlib.carriers import CARRIERS
from mixlib.domains import DOMAINS, chemistry, decay, epidemics, heat_capacity, heredity, society, taste
from mixlib.information import o_information
from mixlib.instruments import hull_escape, interaction_share
from mixlib.kernels import (
    CompetitiveBinding,
    Emergent,
    Gated,
    Linear,
    LogLinear,
    Spatial,
    Stochastic,
    Synergistic,
)

EXACT, SOLVED, COUNTED, MEASURED = 1e-9, 1e-4, 0.01, 0.02  # what a route may be off by, as a share of its value
COUNTS = 400_000  # photons, children and atoms that are drawn
LINEAR = 1e-9  # a mixture of averaged parts that differs by less from the averaged mixtures is rounding


# ---- ten mixtures, each by its kernel and by a route that does not use the kernel's formula


@dataclass(frozen=True)
class Case:
    """A mixture of known value: a kernel, weights and parts; ``known`` by ``route``, which may be off by a share.

    ``coordinate`` of the mixture is compared.
    """

    mixture: str
    kernel: Callable
    weights: Any
    parts: Any
    known: float
    route: str
    allowed: float
    coordinate: int = 0


def cases(rng):
    """A :class:`Case` for each of the ten kernels of the founding document."""
    dyes, shares, half = np.array([[0.3], [0.7]]), np.array([0.4, 0.6]), np.array([0.5, 0.5])
    plants, hybrid = np.array([[1.0], [2.0]]), 1.8  # heights of both pure lines, and of what they have together
    dominance = Synergistic(2 * (hybrid - plants.mean()) / plants.prod())
    sites, strength = np.array([2.0, 8.0]), np.array([3.0, 1.0])
    pure = (strength * sites / (1 + sites))[:, None]
    hot, crowd, air = 1500.0, DOMAINS["society"], chemistry.OZONE  # K
    gate = Gated(heat_capacity.handover(hot, 1e-3))
    peas = np.array(list(heredity.MENDEL.values())).sum(axis=0)
    forms, people = np.array([[1.0], [0.0]]), np.array([[epidemics.MEASLES], [0.0]])
    dyed, grown = _photons(shares, dyes[:, 0], rng), _children(shares, (plants[0, 0], hybrid, plants[1, 0]), rng)
    capacity, ozone = float(heat_capacity.spectroscopic(hot)), float(air.known[1])
    taken, metals = bound(shares * sites, strength), np.array([[1.0], [9.0]])
    aged = decay.forward(1e9)  # years
    return {
        "linear": Case(
            "an ox, by nineteen guesses", Linear(), crowd.weights, crowd.parts, society.OX_MEAN, "mean of all", MEASURED
        ),
        "log-linear": Case("light through two dyes", LogLinear(), shares, dyes, dyed, "photons counted", COUNTED),
        "multiplicative-synergistic": Case(
            "height of crossed plants", dominance, shares, plants, grown, "children counted", COUNTED
        ),
        "masking-saturating": Case(
            "two odours at a receptor",
            CompetitiveBinding(sites),
            shares,
            pure,
            taken,
            "binding in time",
            SOLVED,
        ),
        "gated-routed": Case(
            "heat capacity of nitrogen", gate, half, heat_capacity.experts(hot), capacity, "its spectrum", MEASURED
        ),
        "stochastic": Case(
            *("dominant form among peas", Stochastic(rng=0, draws=int(peas.sum())), np.array([0.75, 0.25]), forms),
            *(peas[0] / peas.sum(), "Mendel's counts", MEASURED),
        ),
        "reactive": Case(
            "ozone after exhaust", air.kernel, air.weights, air.parts, ozone, "closed form", SOLVED, coordinate=1
        ),
        "emergent": Case(
            *("measles, four fifths immune", Emergent(epidemics.final_size), np.array([0.2, 0.8]), people),
            *(_epidemic(0.2, epidemics.MEASLES), "epidemic in time", SOLVED),
        ),
        "time-resolved": Case(
            "uranium in a billion years",
            aged,
            half,
            np.eye(2),
            _survivors(1e9, rng),
            "atoms counted",
            COUNTED,
        ),
        "spatial": Case(
            *("chessboard of two metals", Spatial(dimension=2), half, metals),
            *(float(np.sqrt(metals.prod())), "Keller's theorem", EXACT),
        ),
    }


def known_mixtures(rng=None):
    """Every case by the one interface, held against the other route; and what plain averaging would say.

    Returns
    -------
    pandas.DataFrame
        A row a kernel: ``mixture``, ``found``, ``known``, ``route``, ``allowed``, and the relative differences ``off``
        and ``averaging_off`` of the kernel and of the linear one from what is known.
    """
    rows = {}
    for name, case in cases(generator(0 if rng is None else rng)).items():
        found, averaged = (
            float(kernel(case.weights, case.parts)[case.coordinate]) for kernel in (case.kernel, Linear())
        )
        rows[name] = {
            "mixture": case.mixture,
            "found": found,
            "known": float(case.known),
            "route": case.route,
            "allowed": case.allowed,
            "off": abs(found / case.known - 1),
            "averaging_off": abs(averaged / case.known - 1),
            **holds(case.kernel.expected(), case.weights, case.parts),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("kernel")


# ---- ten domains, all by the same lines: nothing here asks which domain it is


TEN = ("taste", "smell", "chemistry", "light", "paint")
TEN += ("machine-learning", "society", "sound", "alloys", "statistics")  # with pages; others may come


def of_domains(names=TEN):
    """Domains by the one interface, held against their value by another route; and what their kernels hold.

    Returns
    -------
    pandas.DataFrame
        A row a domain: ``mixture``, ``found`` and ``known`` (the largest coordinate), ``unit``, ``route``, ``off`` and
        ``averaging_off`` (the largest difference over the coordinates of the kernel and of averaging from what is
        known, over what the route may be off by), and the columns of :func:`holds`.
    """
    rows = {}
    for name in names:
        one, kernel = DOMAINS[name], DOMAINS[name].mean_kernel()
        found, averaged = one.kernel(one.weights, one.parts), Linear()(one.weights, one.parts)
        largest = np.abs(one.known).argmax()
        rows[name] = {
            "mixture": one.about,
            "found": float(found[largest]),
            "known": float(one.known[largest]),
            "unit": one.unit,
            "route": one.route,
            "off": float(np.abs(found - one.known).max() / one.tolerance),
            "averaging_off": float(np.abs(averaged - one.known).max() / one.tolerance),
            **holds(kernel, one.weights, one.parts),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("domain")


def holds(kernel, weights, parts):
    """What of the parts a kernel brings along by itself, beside what it is told.

    Returns
    -------
    dict of bool
        ``places``: it knows the parts by their place, since the mixture is another one when parts and weights change
        places together. ``scale``: it holds a number in the unit of the parts, since half of every part is not half of
        the mixture. ``elsewhere``: the mixture has not the shape of a part.
    """
    weights, parts = np.asarray(weights, dtype=float), np.asarray(parts, dtype=float)
    mixture, turned = kernel(weights, parts), kernel(weights[::-1], parts[::-1])
    off = LINEAR * np.abs(mixture).max()
    return {
        "places": bool(np.abs(turned - mixture).max() > off),
        "scale": bool(np.abs(2 * kernel(weights, parts / 2) - mixture).max() > off),
        "elsewhere": np.shape(mixture) != parts.shape[1:],
    }


def contract(domain):
    """What is asked of every domain: a carrier of the library, a finite mixture, and three instruments that run."""
    moved, kernel = domain.nearby(40), domain.mean_kernel()
    mixed = kernel(domain.weights, moved)[..., :1]
    seen = mixed + np.random.default_rng(1).normal(0, mixed.std() + 1e-3 * np.abs(mixed).max(), mixed.shape)
    liveliest = moved.var(axis=0).argmax(axis=-1)[:2]
    pair = np.stack([moved[:, i, liveliest[i]] for i in (0, 1)], axis=-1)
    mixture = domain.mixture()
    # a mixture that is no point among the parts has no place in their hull
    at_home = np.shape(mixture) == domain.parts.shape[1:] and domain.part_unit == ""
    return {
        "carrier": type(domain.carrier) in CARRIERS.values(),
        "mixture": bool(np.isfinite(mixture).all()),
        "hull": bool(hull_escape(mixture, domain.parts).distance >= 0) if at_home else None,
        "interaction": bool(
            np.isfinite(interaction_share(kernel, moved, weights=domain.weights, points=8, scrambles=2).share)
        ),
        "O-information": bool(
            np.isfinite(o_information(np.hstack([pair, seen]) / np.abs(pair).max(), error=None).omega)
        ),
    }


# ---- what weights on the simplex leave out: how much there is of everything together


def doubled(rng=None):
    """Mixtures at the same weights with once and twice as much of every part, told by what does not simply double.

    Returns
    -------
    pandas.DataFrame
        A row a system: ``once`` and ``twice`` by a route that knows the amounts, and ``kernel``, what the kernel says
        of twice as much when the amounts are put into the parts.
    """
    total, half = float(taste.total_of_gain(8)), np.array([0.5, 0.5])
    sites, strength = np.array([1.0, 3.0]), np.array([2.0, 1.0])
    air, lamps = chemistry.OZONE, DOMAINS["light"].parts

    def strong(amount):
        return float(taste.umami(amount / 2, amount / 2) / amount)

    def reacted(after, before):
        return float(1 - after[1] / before[1])

    def colour(lights):
        return float(lights[0] / lights.sum())

    def spent(times):
        poured = times * air.parts.mean(axis=0)
        return reacted(chemistry.ozone_loss_exact(poured, 60.0), poured)

    twice = 2 * sites
    rows = {
        "umami of glutamate and inosinate (times glutamate's)": (
            *(strong(total), strong(2 * total), float(taste.blend(half, 2 * total) / (2 * total))),
        ),
        "ozone spent on exhaust (share)": (
            *(spent(1), spent(2), reacted(air.kernel(half, 2 * air.parts), 2 * air.parts.mean(axis=0))),
        ),
        "receptor that binds two odours (response)": (
            *(bound(half * sites, strength), bound(half * twice, strength)),
            float(CompetitiveBinding(twice)(half, (strength * twice / (1 + twice))[:, None])[0]),
        ),
        "colour of three lamps (x)": (
            *(colour(lamps.sum(axis=0)), colour((2 * lamps).sum(axis=0)), colour(Linear()(None, 2 * lamps))),
        ),
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["once", "twice", "kernel"]).rename_axis("system")
    return table.assign(change=table["twice"] / table["once"] - 1)


# ---- what weights do


def way(kernel, share, parts):
    """How far a ``share`` of the second part moves the mixture away from the first part's, in distances of the parts.

    Parameters
    ----------
    kernel : callable
    share : float
    parts : array (T, 2, d)

    Returns
    -------
    array (T,)
    """
    start, moved = (np.asarray(kernel(np.array([1 - s, s]), parts), dtype=float) for s in (0.0, share))
    return np.linalg.norm(moved - start, axis=-1) / np.linalg.norm(parts[:, 0] - parts[:, 1], axis=-1)


def is_linear(kernel, parts):
    """Whether the mixture of averaged parts is the average of the mixtures, at equal weights, on pairs (T, 2, d)."""
    other = parts[::-1]
    averaged, mixtures = kernel(None, (parts + other) / 2), (kernel(None, parts) + kernel(None, other)) / 2
    return bool(np.abs(averaged - mixtures).max() < LINEAR * np.abs(mixtures).max())


# ---- the other routes


def bound(occupancies, strength):
    """Response of a receptor whose sites fill and empty until nothing changes; ``occupancies`` w C / k (n,)."""

    def change(_, taken):
        return occupancies * (1 - taken.sum()) - taken

    settled = solve_ivp(change, (0, 60), np.zeros(len(occupancies)), rtol=1e-9, atol=1e-12)
    return float(settled.y[:, -1] @ strength)


def _photons(shares, transmittance, rng):
    """Share of photons that meet no dye molecule on their way."""
    met = rng.poisson(-shares * np.log(transmittance), (COUNTS, len(shares)))
    return float((met.sum(axis=1) == 0).mean())


def _children(shares, heights, rng):
    """Mean height of children who draw a gene from the pool twice; heights of both kinds and the hybrid between."""
    genes = (rng.random((COUNTS, 2)) < shares[1]).sum(axis=1)
    return float(np.array(heights)[genes].mean())


def _epidemic(susceptible, reproduction):
    """Share of the susceptible people whom an epidemic reaches, followed over time from one case in a billion."""

    def change(_, state):
        caught = reproduction * state[0] * state[1]
        return [-caught, caught - state[1]]

    course = solve_ivp(change, (0, 100), [susceptible, 1e-9], rtol=1e-9, atol=1e-14)
    return float(1 - course.y[0, -1] / susceptible)


def _survivors(years, rng):
    """Share of U-235 among the atoms that are left of as many of U-235 as of U-238, each with a drawn lifetime."""
    lifetimes = rng.exponential(1 / decay.decay_rates(), (COUNTS, 2))
    left = (lifetimes > years).sum(axis=0)
    return float(left[0] / left.sum())
