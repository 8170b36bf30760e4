"""Designs: every kernel on every carrier, judged by what the mixture was meant to keep."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from mixlib.arrays import generator
from mixlib.carriers import from_density, to_density
from mixlib.domains import light, paint
from mixlib.information.estimate import o_information
from mixlib.instruments.pairs import tabulate_pair
from mixlib.kernels import ZOO

SIGNAL_TO_NOISE = 10.0
ESTIMATORS = ("gaussian-copula", "ksg")  # of the O-information of a design
MIXES = 0.5  # halfway from the nearer part to the midpoint
COLLAPSED = 0.25  # of the parts' spread; the average of two independent parts keeps a half
FEW = 0.1  # of the mixtures: as many may have more peaks than a part
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
    failures : dict
        Failure modes by name: ``failed(mixtures, parts)`` says whether a design has it. None of them is an aim.
    """

    draw: Callable
    charts: tuple
    project: Callable
    read: Callable
    aims: dict
    failures: dict = field(default_factory=dict)


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


def muddy(mixtures, parts):
    """Whether the mixtures are darker than the darker of their parts, on average."""
    return bool(lab(mixtures)[..., 0].mean() < lab(parts)[..., 0].min(axis=-1).mean())


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
    {"mud": muddy},
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


def peaks(density):
    """How many peaks densities (n, g) have; steps of less than a millionth of the highest are none."""
    steps = np.diff(density, axis=-1)
    directions = np.where(np.abs(steps) < 1e-6 * density.max(axis=-1, keepdims=True), 0, np.sign(steps))
    turns = [np.diff(row[row != 0]) for row in directions]
    return np.array([np.sum(turn < 0) for turn in turns])


def muddled(mixtures, parts):
    """Whether more than a tenth of the mixtures have several peaks; each of the parts has one."""
    return bool((peaks(mixtures) > 1).mean() > FEW)


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
    {"muddle": muddled},
)

# ---- taste: two ingredients, and a response to be reached that neither has


LOWEST, HIGHEST = 0.5, 2.0  # responses to a pure ingredient


def draw_responses(n, rng, k=2):
    """Responses (n, k, 3) of three receptors to each of k ingredients, between half and twice the unit."""
    return np.exp(rng.uniform(np.log(LOWEST), np.log(HIGHEST), (n, k, 3)))


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


def try_designs(problem, *, instances=192, estimators=ESTIMATORS, rng=None):
    r"""Mix random pairs half and half by every kernel in every chart, and judge the mixtures.

    A mixture that is one of its parts keeps everything and mixes nothing. The column ``middle`` tells: the median of
    :math:`2 \min_i |m - p_i| / |p_1 - p_2|` as read, 0 for a part and 1 for the midpoint; a design is ``eligible``
    from MIXES on. It is ``clear`` of the failure modes if it has none of the problem's own and has not collapsed: as
    read, its mixtures vary by COLLAPSED of what the parts vary by, or more.

    Parameters
    ----------
    problem : Problem
    instances : int
        Random pairs of parts.
    estimators : sequence of str
        Of the O-information of both parts and the mixture as read, at a signal-to-noise ratio of 10.
    rng : numpy Generator or int, optional
        By default seed 0.

    Returns
    -------
    pandas.DataFrame
        A row an aim and a design: ``aim``, ``kernel``, ``carrier``, ``value`` (signed), ``loss`` (NaN where the kernel
        is not defined on that chart), ``middle``, ``eligible`` (defined, mixes, and does not always read the same),
        ``clear``, and the O-information in nats by each estimator.
    """
    rng = generator(0 if rng is None else rng)
    parts = problem.draw(instances, rng)
    read = problem.read(parts)
    noise = rng.standard_normal((instances, read.shape[-1]))
    rows = []
    for name, kernel in kernels(rng).items():
        for chart in problem.charts:
            mixtures = _mix(kernel, chart, problem, parts)
            measured = {"eligible": False, "clear": False}
            if mixtures is not None:
                failed = any(mode(mixtures, parts) for mode in problem.failures.values())
                measured = _measure(problem.read(mixtures), read, failed, noise, estimators)
            for aim, target in problem.aims.items():
                value = np.nan if mixtures is None else target.judge(mixtures, parts)
                judged = {"value": value, "loss": np.nan if mixtures is None else target.loss(value)}
                rows.append({"aim": aim, "kernel": name, "carrier": chart.name} | judged | measured)
    return pd.DataFrame(rows)


def try_twice(problem, seed, *, instances=256, fresh=128):
    """The designs on pairs to choose by, and on fresh pairs to judge by: two tables as of :func:`try_designs`.

    The first has the Gaussian estimate of O-information, too, for comparison.
    """
    return (
        try_designs(problem, instances=instances, estimators=("gaussian", *ESTIMATORS), rng=[seed, 0]),
        try_designs(problem, instances=fresh, estimators=(), rng=[seed, 1]),
    )


def compare_choices(seen, fresh):
    """What designs lose on fresh pairs that were chosen by several rules, beyond the best design there.

    Parameters
    ----------
    seen, fresh : pandas.DataFrame
        As of :func:`try_twice`.

    Returns
    -------
    pandas.DataFrame
        A row an aim: the regret of each rule as a share of the range of the losses of eligible designs. For each
        estimator ``"lowest ..."`` is the eligible design of lowest Omega, ``"clear, lowest ..."`` the lowest of those
        clear of the failure modes; ``"clear, any"`` is the mean over these and ``"any"`` over all; ``"lowest loss"``
        has the lowest loss on the pairs seen. ``"design ..."`` names what was chosen, ``"tau ..."`` is Kendall's rank
        correlation of Omega and loss over the eligible designs.
    """
    rows = {}
    for aim in seen["aim"].unique():
        known = seen[(seen["aim"] == aim) & seen["eligible"]]
        clear = known[known["clear"]]
        losses = fresh["loss"][known.index]
        regret = (losses - losses.min()) / (losses.max() - losses.min())
        chosen = {"lowest loss": known["loss"].idxmin()}
        row = {"any": regret.mean(), "clear, any": regret[clear.index].mean()}
        for by in ESTIMATORS:
            chosen |= {f"lowest {by}": known[by].idxmin(), f"clear, lowest {by}": clear[by].idxmin()}
            row[f"tau {by}"] = kendalltau(known["loss"].round(9), known[by].round(9)).statistic  # ties count as such
        row |= {rule: regret[which] for rule, which in chosen.items()}
        row |= {f"design {rule}": f"{known.kernel[at]} on {known.carrier[at]}" for rule, at in chosen.items()}
        rows[aim] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("aim")


def choose_blind(seen, fresh):
    """What it costs to choose the kernel without knowing the carrier, for each aim.

    The kernel for all carriers is, among those that mix on all of them, the one whose largest regret over the carriers
    is the smallest on the pairs seen. The regret on a carrier is what the kernel loses beyond the best kernel there, as
    a share of the range of the losses of eligible designs.

    Returns
    -------
    pandas.DataFrame
        A row an aim: ``blind``, the kernel for all carriers; ``cost_blind``, its largest regret over the carriers on
        fresh pairs; ``cost_informed``, the largest regret of the kernels chosen for each carrier; ``best``, these.
    """
    rows = {}
    for aim in seen["aim"].unique():
        known, later = (_by_carrier(frame[(frame["aim"] == aim) & seen["eligible"]]) for frame in (seen, fresh))
        best = known.idxmin()
        blind = known.dropna().max(axis=1).idxmin()
        informed = max(later.loc[kernel, carrier] for carrier, kernel in best.items())
        rows[aim] = {
            "blind": blind,
            "cost_blind": later.loc[blind].max(),
            "cost_informed": informed,
            "best": ", ".join(f"{kernel} on {carrier}" for carrier, kernel in best.items()),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("aim")


def exact_taste():
    """O-information in nats of the designs for taste by quadrature: no samples, no assumption about laws.

    The coordinates are independent and mixed one by one, so that it is three times that of one; the reactive kernel,
    whose coordinates react, and the one that draws are left out.

    Returns
    -------
    pandas.Series
        By kernel and carrier.
    """

    def sampler(uniform):
        return LOWEST * (HIGHEST / LOWEST) ** uniform

    found = {}
    for name, kernel in kernels(None).items():
        for chart in TASTE.charts:
            if name in ("reactive", "stochastic") or _mix(kernel, chart, TASTE, np.full((1, 2, 1), LOWEST)) is None:
                continue
            pair = tabulate_pair(
                lambda _, parts, kernel=kernel, chart=chart: _mix(kernel, chart, TASTE, parts), sampler=sampler
            )
            found[name, chart.name] = 3 * pair.omega(0.0, SIGNAL_TO_NOISE)
    return pd.Series(found).rename_axis(["kernel", "carrier"])


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


def _by_carrier(designs):
    """Regrets on each carrier, a row a kernel; NaN where it is not eligible."""
    losses = designs.pivot(index="kernel", columns="carrier", values="loss")
    return (losses - losses.min()) / (designs["loss"].max() - designs["loss"].min())


def _measure(mixtures, parts, failed, noise, estimators):
    away = np.linalg.norm(mixtures[:, None] - parts, axis=-1).min(axis=-1)
    middle = float(np.median(2 * away / np.linalg.norm(parts[:, 0] - parts[:, 1], axis=-1)))
    left = (mixtures.var(axis=0) / parts.reshape(-1, parts.shape[-1]).var(axis=0)).mean()
    alive = bool(np.all(mixtures.std(axis=0) >= 1e-12))
    eligible = middle >= MIXES and alive
    return {
        "middle": middle,
        "eligible": eligible,
        "clear": eligible and not failed and bool(left >= COLLAPSED),
        **{name: _omega(mixtures, parts, noise, name) if alive else np.nan for name in estimators},
    }


def _omega(mixtures, parts, noise, estimator):
    seen = mixtures + noise * mixtures.std(axis=0) / np.sqrt(SIGNAL_TO_NOISE)
    c = seen.shape[-1]
    groups = np.arange(3 * c).reshape(3, c).tolist()
    samples = np.hstack([parts.reshape(len(parts), -1), seen])
    return o_information(samples, estimator, groups=groups, error=None, gradient=False).omega
