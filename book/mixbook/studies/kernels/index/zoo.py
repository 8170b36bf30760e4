"""The whole zoo under one protocol: what each kernel is, which laws it keeps, and what three instruments say of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.polynomial import chebyshev

from mixlib import simplex
from mixlib.arrays import generator
from mixlib.instruments.hull import hull_escape
from mixlib.instruments.interaction import interaction_share
from mixlib.instruments.pairs import tabulate_pair
from mixlib.kernels import ZOO

FEW, MANY = 100, 2000  # random mixtures for the hull escape, of costly kernels and of others
NODES = 13  # of the interpolation of costly ones; of the amounts that react it is off by less than 1e-4 mol
COARSE, FINE = 41, 61  # nodes of the quadrature; both give a root, and their difference its error
LAW_CHECKS = 8  # random problems on which a law must hold


@dataclass(frozen=True)
class Specimen:
    """A kernel as the protocol needs it.

    Attributes
    ----------
    make : callable
        ``make(n)`` gives a kernel for ``n`` parts.
    formula, field, carrier, setting : str
        What it computes, where it is used, what its parts are, and which constants it gets and why.
    pair : callable, optional
        The kernel on two scalar parts at equal weights, ``pair(weights, parts)`` with parts (T, 2, 1), for kernels
        whose ``make(2)`` does not take them; all outcomes (T, k) for a kernel that draws.
    probabilities : tuple
        Of these outcomes.
    expected : callable, optional
        ``expected(n)`` gives the kernel of the mean over draws; by default ``make``, which draws nothing.
    instances : int
        Random mixtures for the hull escape.
    """

    make: Callable
    formula: str = ""
    field: str = ""
    carrier: str = ""
    setting: str = ""
    pair: Callable | None = None
    probabilities: tuple = (1.0,)
    expected: Callable | None = None
    instances: int = MANY

    @classmethod
    def of(cls, kind):
        """What a class of kernels says of itself."""
        pair, probabilities = kind.pair_for_comparison()
        return cls(
            kind.for_comparison,
            **{text: getattr(kind, text) for text in ("formula", "field", "carrier", "setting")},
            pair=interpolated(pair) if kind.costly else pair,
            probabilities=probabilities,
            expected=lambda n: kind.for_comparison(n).expected(),
            instances=FEW if kind.costly else MANY,
        )


def specimens():
    """A :class:`Specimen` for each kernel of the zoo, a dict by its name."""
    return {name: Specimen.of(kind) for name, kind in ZOO.items()}


def overview():
    """What each kernel of the zoo does to the parts and where it is met, a pandas table with a row for each."""
    rows = {name: {"what happens to the parts": kind.effect, "met in": kind.field} for name, kind in ZOO.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("kernel")


def interpolated(pair):
    """A costly pair of one outcome as a function that costs little: Chebyshev polynomials through 13 x 13 pairs.

    The parts (..., 2, 1) may reach from 0 to 2; weights are equal, and None.
    """

    @cache
    def coefficients():
        nodes = chebyshev.chebpts1(NODES)
        first, second = np.meshgrid(1 + nodes, 1 + nodes, indexing="ij")
        to_coefficients = np.linalg.inv(chebyshev.chebvander(nodes, NODES - 1))
        mixtures = pair(None, np.stack([first, second], axis=-1)[..., None])
        return to_coefficients @ mixtures[..., 0] @ to_coefficients.T

    def interpolate(weights, parts):
        """The mixture (..., 1); a ValueError if weights are given, or parts lie elsewhere."""
        if weights is not None:
            raise ValueError("weights: the table is made for equal weights; pass None")
        if parts.min() < 0 or parts.max() > 2:
            raise ValueError(f"parts: from {parts.min():.3g} to {parts.max():.3g}; the table reaches from 0 to 2")
        return chebyshev.chebval2d(parts[..., 0, 0] - 1, parts[..., 1, 0] - 1, coefficients())[..., None]

    return interpolate


@dataclass(frozen=True)
class Measurement:
    """All instruments on one kernel.

    Attributes
    ----------
    idempotent, commutes, in_steps : bool
        Whether equal parts return themselves; whether swapping two parts of equal weight changes nothing; whether
        mixing two parts first and the third one later gives what mixing all at once does.
    escape, escape_error, outside : float
        Mean hull escape over random mixtures, its standard error, and the share of mixtures outside.
    interaction, interaction_error : float
        Interaction share of an independent pair, and its standard error.
    nonlinearity : float
        What the best linear fit of the mixture to an independent pair leaves unexplained, by :func:`nonlinearity`.
    omega_low, omega_high : float
        O-information of pair and noisy mixture in bits, for independent and for overlapping parts.
    rho_star, rho_star_error : float
        The correlation at which Omega turns positive (NaN if it does not), and the error of the quadrature.
    """

    idempotent: bool
    commutes: bool
    in_steps: bool
    escape: float
    escape_error: float
    outside: float
    interaction: float
    interaction_error: float
    nonlinearity: float
    omega_low: float
    omega_high: float
    rho_star: float
    rho_star_error: float


@dataclass(frozen=True)
class Zoo:
    """Several kernels under one protocol, each by its name.

    Attributes
    ----------
    specimens : dict of str to Specimen
    measurements : dict of str to Measurement
    pairs : dict of str to Pair
        Two parts and their mixture, to ask for Omega at other correlations.
    """

    specimens: dict
    measurements: dict
    pairs: dict

    def to_frame(self):
        """A pandas table, one row a kernel: formula, field, carrier, setting, and the fields of `Measurement`."""
        rows = {
            name: {text: getattr(self.specimens[name], text) for text in ("formula", "field", "carrier", "setting")}
            | vars(measured)
            for name, measured in self.measurements.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index")


def inputs(spread=0.9):
    """The sampler of the protocol: parts uniform between ``1 - spread`` and ``1 + spread``.

    Positive, so that all kernels take them, and of mean 1, so that the kernels' constants have one size to fit.

    Raises
    ------
    ValueError
        If ``spread`` is not between 0 and 1.
    """
    if not 0 < spread < 1:
        raise ValueError(f"spread: got {spread}; expected a number between 0 and 1, so that parts stay positive")
    return lambda uniform: 1 + spread * (2 * np.asarray(uniform) - 1)


def measure_zoo(chosen=None, *, spread=0.9, overlap=0.9, signal_to_noise=10.0, n_parts=4, n_coordinates=3, rng=None):
    """Measure kernels by hull escape, interaction share and O-information, all under one protocol.

    Every number a kernel gets is drawn from one law, :func:`inputs`. Escape: mixtures of ``n_parts`` parts of
    ``n_coordinates`` with weights uniform on the simplex. Interaction and Omega: two independent or overlapping parts
    of one coordinate at equal weights, the overlap a correlation of normal scores, the mixture with normal noise.
    For a kernel that works coordinate by coordinate one is enough: the share is the same for any number of them, and
    Omega a multiple.

    A kernel that draws is a function of parts and draw in the interaction share, and judged by its probabilities
    wherever two of its mixtures are compared.

    Source: Rosas et al. 2019; Sobol 1993.

    Parameters
    ----------
    chosen : dict of str to Specimen, optional
        By default :func:`specimens`, one for each kernel of the zoo.
    spread : float
        Of :func:`inputs`.
    overlap, signal_to_noise : float
        For Omega.
    n_parts, n_coordinates : int
        For the escape.
    rng : numpy Generator or int, optional
        By default seed 0; each kernel gets the same draws.

    Returns
    -------
    Zoo

    Raises
    ------
    ValueError
        If ``spread`` is out of range, or as the instruments do.
    """
    chosen = dict(specimens() if chosen is None else chosen)
    sampler, seed = inputs(spread), generator(0 if rng is None else rng).integers(2**32)
    measurements, pairs = {}, {}
    for name, specimen in chosen.items():
        draws = np.random.default_rng(seed)
        pair = specimen.pair or specimen.make(2)
        tables = [
            tabulate_pair(pair, sampler=sampler, probabilities=specimen.probabilities, nodes=nodes)
            for nodes in (COARSE, FINE)
        ]
        coarse, fine = (table.sign_change(signal_to_noise) for table in tables)
        pairs[name] = tables[1]
        low, high = (pairs[name].omega(rho, signal_to_noise, units="bits") for rho in (0.0, overlap))
        measurements[name] = Measurement(
            **_laws(specimen, n_coordinates, sampler, draws),
            **_escape(specimen, (n_parts, n_coordinates), sampler, draws),
            **_interaction(pair, specimen.probabilities, sampler, draws),
            nonlinearity=nonlinearity(tables[1]),
            omega_low=low,
            omega_high=high,
            rho_star=fine,
            rho_star_error=abs(fine - coarse),
        )
    return Zoo(chosen, measurements, pairs)


def nonlinearity(pair):
    r"""What the best linear fit to two independent parts leaves of the variance of their mixture.

    .. math:: 1 - R^2, \qquad \min_{a, b} \operatorname{Var}(m - a_1 p_1 - a_2 p_2 - b) \,/\, \operatorname{Var}(m)

    0 for a linear kernel. Unlike the interaction share it counts curvature in a single part, too. A draw that decides
    the mixture counts as unexplained.

    Parameters
    ----------
    pair : mixlib.instruments.pairs.Pair
    """
    chances = np.exp(-0.5 * pair.scores**2)
    root = np.sqrt(pair.probabilities[:, None, None] * chances[:, None] * chances).ravel()
    outcomes = pair.mixtures.ravel()
    parts = np.broadcast_to(pair.parts, (*pair.mixtures.shape, 2)).reshape(-1, 2)
    linear = root[:, None] * np.column_stack([np.ones(len(parts)), parts])
    left, around = (
        np.sum((target - columns @ np.linalg.lstsq(columns, target, rcond=None)[0]) ** 2)
        for columns, target in ((linear, root * outcomes), (linear[:, :1], root * outcomes))
    )
    return float(left / around)


def weight_sensitivity(kernel, parts, *, steps=21):
    r"""How far the weights alone can move the mixture of two parts, in units of the parts' distance.

    .. math:: \max_{w, w'} |K(w, p) - K(w', p)| \,/\, |p_1 - p_2|

    A kernel that returns a part for all the weight on it reaches at least 1, and the linear one exactly 1.

    Parameters
    ----------
    kernel : Kernel or callable
    parts : array (T, 2, d)
    steps : int
        Even steps along the simplex.

    Returns
    -------
    array (T,)

    Raises
    ------
    ValueError
        If the parts are no pairs, or two of them coincide.
    """
    if parts.ndim != 3 or parts.shape[1] != 2:
        raise ValueError(f"parts: got shape {parts.shape}; expected pairs (T, 2, d)")
    apart = np.linalg.norm(parts[:, 0] - parts[:, 1], axis=-1)
    if not np.all(apart > 0):
        raise ValueError("parts: a pair coincides, so it has no distance to measure in; draw other parts")
    first = np.linspace(0, 1, steps)
    weights = np.stack([first, 1 - first], axis=-1)[:, None]
    mixtures = np.asarray(kernel(weights, parts[None]), dtype=float)
    moves = np.linalg.norm(mixtures[:, None] - mixtures[None], axis=-1)
    return moves.max(axis=(0, 1)) / apart


def rank_correlations(frames, columns):
    """Spearman's rank correlation of each pair of columns, over several tables of the same kernels.

    Returns
    -------
    pandas.DataFrame
        One row a table, one column a pair, named ``"a ~ b"``.
    """
    pairs = [(a, b) for i, a in enumerate(columns) for b in columns[i + 1 :]]
    rows = []
    for frame in frames:
        ranks = frame[list(columns)].corr(method="spearman")
        rows.append({f"{a} ~ {b}": ranks.loc[a, b] for a, b in pairs})
    return pd.DataFrame(rows)


def _laws(specimen, d, sampler, rng):
    two, three = (specimen.expected or specimen.make)(2), (specimen.expected or specimen.make)(3)
    parts, weights = sampler(rng.random((LAW_CHECKS, 3, d))), simplex.sample(3, LAW_CHECKS, rng=rng)
    same = np.repeat(parts[:, :1], 3, axis=1)
    head = weights[:, :2].sum(axis=-1, keepdims=True)
    before = two(weights[:, :2] / head, parts[:, :2])
    later = two(np.concatenate([head, 1 - head], axis=-1), np.stack([before, parts[:, 2]], axis=1))
    return {
        "idempotent": _equal(specimen.make(3)(weights, same), same[:, 0]),
        "commutes": _equal(two(None, parts[:, :2]), two(None, parts[:, 1::-1])),
        "in_steps": _equal(later, three(weights, parts)),
    }


def _equal(one, other):
    return bool(np.allclose(one, other, rtol=1e-6, atol=0))


def _escape(specimen, shape, sampler, rng):
    parts = sampler(rng.random((specimen.instances, *shape)))
    weights = simplex.sample(shape[0], specimen.instances, rng=rng)
    escape = hull_escape(specimen.make(shape[0])(weights, parts), parts)
    distance = np.where(escape.inside, 0, escape.distance)  # less is rounding
    return {
        "escape": float(distance.mean()),
        "escape_error": float(distance.std(ddof=1) / np.sqrt(specimen.instances)),
        "outside": float(np.mean(distance > 0)),
    }


def _interaction(pair, probabilities, sampler, rng):
    if len(probabilities) == 1:
        measured = interaction_share(pair, sampler=sampler, rng=rng)
    else:
        edges = np.cumsum(probabilities)[:-1]

        def drawn(uniform):
            """The pair's mixture, its last input being the draw."""
            outcomes = pair(None, sampler(uniform[:, :2, None]))
            return np.take_along_axis(outcomes, np.searchsorted(edges, uniform[:, 2:]), axis=-1)

        measured = interaction_share(drawn, n_parts=3, rng=rng)
    return {"interaction": measured.share, "interaction_error": measured.standard_error}
