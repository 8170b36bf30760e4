"""Designs: every kernel on every carrier, judged by what the mixture was meant to keep."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from mixlib.arrays import generator
from mixlib.carriers import from_density, to_density
from mixlib.domains import light, paint
from mixlib.information.estimate import o_information
from mixlib.kernels import ZOO

SIGNAL_TO_NOISE = 10.0
MIXES = 0.5  # halfway from the nearer part to the midpoint
REACTIVE_TOLERANCE = 1e-6  # a design needs no more, and the integrator is the slowest of all kernels


@dataclass(frozen=True)
class Chart:
    """A carrier as coordinates in which a kernel mixes: into them, and back."""

    name: str
    to: Callable
    back: Callable


@dataclass(frozen=True)
class Aim:
    """What a mixture should keep or reach.

    Attributes
    ----------
    judge : callable
        ``judge(mixtures (n, d), parts (n, 2, d))`` gives one signed number, 0 where the aim is met exactly.
    surplus_is_fine : bool
        Whether only values below 0 are a loss.
    """

    judge: Callable
    surplus_is_fine: bool = False

    def loss(self, value):
        """What is lost: how far ``value`` is from 0, or how far below 0."""
        return max(0.0, -value) if self.surplus_is_fine else abs(value)


@dataclass(frozen=True)
class Problem:
    """What is to be mixed, on which carriers, and to what end.

    Attributes
    ----------
    draw : callable
        ``draw(n, rng)`` gives ``n`` pairs of parts (n, 2, d).
    charts : tuple of Chart
    project : callable
        Brings any array (n, d) back to the points of the carrier.
    read : callable
        What an onlooker sees of points (..., d): coordinates (..., c), the variables of O-information.
    aims : dict
        :class:`Aim` by name.
    """

    draw: Callable
    charts: tuple
    project: Callable
    read: Callable
    aims: dict


# ---- paint: two dyes on paper, and chroma to be kept

DARKEST = 0.02  # the reflectance of the blackest dye
WHITE = light.tristimulus(np.ones(light.WAVELENGTHS.size))  # of a surface that reflects everything


def draw_dyes(n, rng, k=2):
    """Reflectances (n, k, 81) of sets of synthetic dyes: each reflects one side of a random wavelength, or a band."""
    edge, width = rng.uniform(450, 650, (n, k, 1)), rng.uniform(8, 25, (n, k, 1))
    kind = rng.integers(0, 3, (n, k, 1))
    above = 1 / (1 + np.exp(-(light.WAVELENGTHS - edge) / width))
    band = np.exp(-0.5 * ((light.WAVELENGTHS - edge) / (2 * width)) ** 2)
    return DARKEST + (0.95 - DARKEST) * np.choose(kind, [above, 1 - above, band])


def lab(reflectance):
    """CIELAB coordinates (..., 3) of reflectances (..., 81) under equal-energy light."""
    return light.lab(light.tristimulus(reflectance), white=WHITE)


def chroma_kept(mixtures, parts):
    """Mean chroma of the mixtures over that of their parts, less 1."""
    return float(light.chroma(lab(mixtures)).mean() / light.chroma(lab(parts)).mean() - 1)


PAINT = Problem(
    draw_dyes,
    (
        Chart("reflectance", lambda r: r, lambda r: r),
        Chart("log reflectance", np.log, np.exp),
        Chart("Kubelka-Munk K/S", paint.absorption, lambda q: paint.from_absorption(np.maximum(q, 0))),
    ),
    lambda r: np.clip(r, DARKEST / 10, 1),
    lab,
    {"chroma kept": Aim(chroma_kept, surplus_is_fine=True)},
)


# ---- forecasts: two normal laws, and their spread to be kept

GRID = np.linspace(0.0, 30.0, 121)
STEP = GRID[1] - GRID[0]
FLOOR = 1e-12  # so that a density has a logarithm everywhere
N_LEVELS = 1024  # the tails beyond the outermost levels are lost: 1% of the variance


def draw_forecasts(n, rng, k=2):
    """Densities (n, k, 121) of sets of normal laws of any place and width."""
    mean, deviation = rng.uniform(9, 21, (n, k, 1)), rng.uniform(0.8, 2.0, (n, k, 1))
    return _normalise(np.exp(-0.5 * ((GRID - mean) / deviation) ** 2))


def _normalise(density):
    density = np.where(np.isfinite(density), np.maximum(density, 0), 0) + FLOOR
    return density / (density.sum(axis=-1, keepdims=True) * STEP)


def _from_quantiles(quantiles):
    # a kernel that does not keep the order leaves a sample: sorted, it is a law again
    ordered = np.sort(np.clip(quantiles, GRID[0], GRID[-1]), axis=-1)
    return to_density(ordered + 1e-9 * np.arange(N_LEVELS), GRID)


def moments(density):
    """Mean and logarithm of the variance (..., 2)."""
    mean = (density * GRID).sum(axis=-1) * STEP
    variance = (density * (GRID - mean[..., None]) ** 2).sum(axis=-1) * STEP
    return np.stack([mean, np.log(variance)], axis=-1)


def entropy(density):
    """Differential entropy (...) in nats."""
    return -(density * np.log(density)).sum(axis=-1) * STEP


FORECASTS = Problem(
    draw_forecasts,
    (
        Chart("density", lambda f: f, lambda f: f),
        Chart("log density", np.log, lambda u: np.exp(u - u.max(axis=-1, keepdims=True))),
        Chart("root density", np.sqrt, np.square),
        Chart("quantiles", lambda f: from_density(GRID, f, N_LEVELS), _from_quantiles),
    ),
    _normalise,
    moments,
    {
        "entropy kept": Aim(lambda mixtures, parts: float(entropy(mixtures).mean() - entropy(parts).mean())),
        "variance kept": Aim(
            lambda mixtures, parts: float(moments(mixtures)[..., 1].mean() - moments(parts)[..., 1].mean())
        ),
    },
)

# ---- taste: two ingredients, and a response to be reached that neither has


def draw_responses(n, rng, k=2):
    """Responses (n, k, 3) of three receptors to each of k ingredients, between half and twice the unit."""
    return np.exp(rng.uniform(np.log(0.5), np.log(2.0), (n, k, 3)))


TASTE = Problem(
    draw_responses,
    (
        Chart("response", lambda y: y, lambda y: y),
        Chart("log response", np.log, np.exp),
        Chart("root response", np.sqrt, np.square),
    ),
    lambda y: y,
    lambda y: y,
    {
        "synergy reached": Aim(
            lambda mixtures, parts: float((mixtures / parts.max(axis=-2)).mean() - 1), surplus_is_fine=True
        )
    },
)

PROBLEMS = {"paint": PAINT, "forecasts": FORECASTS, "taste": TASTE}


def kernels(rng):
    """One kernel of each kind in the zoo, with its own constants where the defaults would be linear or slow."""
    special = {
        "stochastic": {"rng": rng},
        "reactive": {"tolerance": REACTIVE_TOLERANCE},
        "time-resolved": {"rates": (0.0, 1.0)},
    }
    return {name: kind(**special.get(name, {})) for name, kind in ZOO.items()}


def try_designs(problem, *, instances=192, rng=None):
    r"""Mix random pairs half and half by every kernel in every chart, and judge the mixtures.

    A mixture that is one of its parts keeps everything and mixes nothing. The column ``middle`` tells: the median of
    :math:`2 \min_i |m - p_i| / |p_1 - p_2|` as read, 0 for a part and 1 for the midpoint; a design is ``eligible``
    from MIXES on.

    Parameters
    ----------
    problem : Problem
    instances : int
        Random pairs of parts.
    rng : numpy Generator or int, optional
        By default seed 0.

    Returns
    -------
    pandas.DataFrame
        A row an aim and a design: ``aim``, ``kernel``, ``carrier``, ``value`` (signed), ``loss`` (NaN where the kernel
        is not defined on that chart), ``middle``, ``omega`` (nats; of both parts and the mixture as read, at a
        signal-to-noise ratio of 10; NaN where all mixtures read the same) and ``eligible`` (defined, and mixes).
    """
    rng = generator(0 if rng is None else rng)
    parts = problem.draw(instances, rng)
    read = problem.read(parts)
    noise = rng.standard_normal((instances, read.shape[-1]))
    rows = []
    for name, kernel in kernels(rng).items():
        for chart in problem.charts:
            mixtures = _mix(kernel, chart, problem, parts)
            measured = {} if mixtures is None else _measure(problem.read(mixtures), read, noise)
            for aim, target in problem.aims.items():
                value = np.nan if mixtures is None else target.judge(mixtures, parts)
                judged = {"value": value, "loss": np.nan if mixtures is None else target.loss(value)}
                rows.append({"aim": aim, "kernel": name, "carrier": chart.name} | judged | measured)
    designs = pd.DataFrame(rows)
    return designs.assign(eligible=(designs["middle"] >= MIXES) & designs["omega"].notna())


def compare_choices(problem, seeds, *, instances=192):
    """What a design costs that is chosen by O-information, and one that is chosen by its loss on other pairs.

    Returns
    -------
    pandas.DataFrame
        A row a seed and an aim: Kendall's rank correlation ``tau`` of loss and Omega over the eligible designs, the
        design that has the lowest Omega (``by_omega``) and the lowest loss (``by_loss``), and the regret of both on
        fresh pairs: what they lose beyond the best design there, as a share of the range of losses.
    """
    rows = []
    for seed in seeds:
        seen, fresh = (try_designs(problem, instances=instances, rng=[seed, k]) for k in range(2))
        for aim in problem.aims:
            known = seen[(seen["aim"] == aim) & seen["eligible"]]
            row = {"aim": aim, "seed": seed, "tau": kendalltau(known["loss"], known["omega"]).statistic}
            losses = fresh["loss"][known.index]
            for by in ("omega", "loss"):
                which = known[by].idxmin()
                row[f"by_{by}"] = f"{known.kernel[which]} on {known.carrier[which]}"
                row[f"regret_by_{by}"] = (losses[which] - losses.min()) / (losses.max() - losses.min())
            rows.append(row)
    return pd.DataFrame(rows)


def failure_modes(numbers, *, instances=192, rng=None):
    """Mud, the muddled middle and collapse, as more and more parts are mixed in equal shares.

    Returns
    -------
    pandas.DataFrame
        A row a number of parts. Mud: mean CIELAB ``lightness`` and ``chroma`` of dyes averaged in reflectance, and in
        its logarithm. Muddle: the mean variance over that of the parts of forecasts averaged in density, and in
        quantiles. Collapse: the variance from mixture to mixture over that from part to part, of responses averaged.
    """
    rng = generator(0 if rng is None else rng)
    rows = {}
    for k in numbers:
        dyes, laws, responses = (draw(instances, rng, k) for draw in (draw_dyes, draw_forecasts, draw_responses))
        row = {}
        for chart in PAINT.charts[:2]:
            seen = lab(chart.back(chart.to(dyes).mean(axis=-2)))
            row |= {f"lightness, {chart.name}": seen[:, 0].mean(), f"chroma, {chart.name}": light.chroma(seen).mean()}
        for chart in (FORECASTS.charts[0], FORECASTS.charts[3]):
            middle = _normalise(chart.back(chart.to(laws).mean(axis=-2)))
            ratio = np.exp(moments(middle)[:, 1]) / np.exp(moments(laws)[..., 1]).mean(axis=-1)
            row[f"variance, {chart.name}"] = ratio.mean()
        row["spread, response"] = responses.mean(axis=-2).var(axis=0).mean() / responses.var(axis=0).mean()
        rows[k] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("parts")


def _mix(kernel, chart, problem, parts):
    """The mixtures (n, d), or None where the kernel does not take the chart's coordinates."""
    coordinates = chart.to(parts)
    try:
        kernel.check_parts(coordinates)
    except ValueError:
        return None
    return problem.project(chart.back(kernel(None, coordinates)))


def _measure(mixtures, parts, noise):
    away = np.linalg.norm(mixtures[:, None] - parts, axis=-1).min(axis=-1)
    middle = float(np.median(2 * away / np.linalg.norm(parts[:, 0] - parts[:, 1], axis=-1)))
    return {"middle": middle, "omega": _omega(mixtures, parts, noise)}


def _omega(mixtures, parts, noise):
    spread = mixtures.std(axis=0)
    if np.any(spread < 1e-12):
        return np.nan
    seen = mixtures + noise * spread / np.sqrt(SIGNAL_TO_NOISE)
    c = seen.shape[-1]
    groups = np.arange(3 * c).reshape(3, c).tolist()
    return o_information(np.hstack([parts.reshape(len(parts), -1), seen]), groups=groups).omega
