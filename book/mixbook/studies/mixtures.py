"""Taste and smell side by side: which kernel fits the recipes of which, and one dish with fat for both."""

import itertools

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

from mixbook.studies.domains.smell import LIKES_FAT, LIKES_WATER, over
from mixlib.domains import smell, taste
from mixlib.kernels import ZOO, CompetitiveBinding, Linear, LogLinear, Spatial, Synergistic, TimeResolved
from mixlib.kernels.spatial import ARRANGEMENTS

SHARES = np.linspace(0, 1, 25)
FITTED = np.array([2, 6, 10, 14, 18, 22])  # recipes that set the constants; the others judge
TOTALS, TRACES = (0.01, 0.0246, 0.05), (0.001, 0.01)  # g/100 mL
SEEDS = tuple(range(5))
RECEPTORS = 30
LOOSE = 1e-6
TILTS = 12.0  # the logarithm of the largest ratio of two bindings that is tried


def umami_curves():
    """Umami of the blends of six pairs of two kinds, in broths with a trace of glutamate, by the share of the second.

    Returns
    -------
    array (k, 25)
        A row a pair, total and trace.
    """
    rows = []
    for u, v in itertools.product(taste.AMINO_ACIDS.values(), taste.NUCLEOTIDES.values()):
        for total, trace in itertools.product(TOTALS, TRACES):
            rows.append(taste.umami(trace + u * total * (1 - SHARES), v * total * SHARES))
    return np.array(rows)


def receptor_curves(seed):
    """Answers of the receptors of a drawn nose to two odours, by the share of the second: (receptors, 25)."""
    nose = smell.draw_nose(2, RECEPTORS, rng=seed)
    return np.array([nose([1 - share, share]) for share in SHARES]).T


def best_fit(kernel, curve):
    """A kernel of the zoo with the constants that suit six recipes best, at all recipes: (25,).

    Parameters
    ----------
    kernel : str
        A key of ``FAMILIES``.
    curve : array (25,)
    """
    parts = curve[[0, -1], None]
    candidates, scale = FAMILIES[kernel], np.ptp(curve) or 1.0
    weights = np.stack([1 - SHARES, SHARES], axis=-1)

    def mixed(constant):
        return candidates(constant, parts)(weights, parts)[:, 0]

    def missed(constant):
        return np.sum(((mixed(constant) - curve)[FITTED] / scale) ** 2)

    if kernel in CHOICES:
        return mixed(min(CHOICES[kernel], key=missed))
    grid = np.linspace(-1, 1, 21)
    start = grid[np.argmin([missed(constant) for constant in grid])]
    step = grid[1] - grid[0]
    found = minimize_scalar(missed, bounds=(start - step, start + step), method="bounded", options={"xatol": 1e-12})
    return mixed(found.x)


def _synergistic(constant, parts):
    # from −1 to 1: the bonus of halves, in hundreds of the mean part
    strength = 100 * constant**3 * parts.mean() / (parts.prod() / 4)
    return Synergistic(float(strength))


def _binding(constant, parts):
    # only the ratio of both (1 + q) matters: one odour hardly binds, the other as tightly as the constant says
    tilt = TILTS * constant
    return CompetitiveBinding(np.expm1([max(-tilt, 0.0) + LOOSE, max(tilt, 0.0) + LOOSE])[:, None])


def _fading(constant, parts):
    tilt = TILTS * constant
    return TimeResolved(rates=[max(tilt, 0.0), max(-tilt, 0.0)], time=1.0)


FAMILIES = {
    "linear": lambda _, parts: Linear(),
    "log-linear": lambda _, parts: LogLinear(),
    "multiplicative-synergistic": _synergistic,
    "masking-saturating": _binding,
    "time-resolved": _fading,
    "spatial": lambda arrangement, parts: Spatial(arrangement),
}
CHOICES = {"linear": (None,), "log-linear": (None,), "spatial": ARRANGEMENTS}
assert set(FAMILIES) <= set(ZOO)


def misses():
    """How far each kernel is off on recipes that it was not fitted to, over the range of the mixtures.

    Returns
    -------
    taste, smell : pandas.DataFrame
        A column a kernel; a row a pair in a broth, and a row a receptor, by nose.
    """
    judged = np.setdiff1d(np.arange(len(SHARES)), FITTED)

    def off(curves):
        return [
            {kernel: np.abs(best_fit(kernel, curve) - curve)[judged].max() / np.ptp(curve) for kernel in FAMILIES}
            for curve in curves
        ]

    noses = {seed: pd.DataFrame(off(receptor_curves(seed))) for seed in SEEDS}
    return pd.DataFrame(off(umami_curves())), pd.concat(noses, names=["nose", "receptor"])


def dish(share, fat, total=0.0246):
    """One dish of which a share is fat: umami and an accord of peaches and butter.

    Parameters
    ----------
    share : float
        Of the second part: inosinate of the umami, butter of the accord.
    fat : float
        Of the volume.
    total : float, default=0.0246
        Of glutamate and inosinate, in g/100 mL of dish.

    Returns
    -------
    umami : float
        In g/100 mL of glutamate that would taste as strong.
    pattern : array (receptors,)
        What the accord does in a drawn nose.
    parts : array (2, receptors)
        What peaches and butter do alone, over water.
    """
    there = taste.in_water(fat)
    umami = float(taste.umami(total * (1 - share) * there, total * share * there))
    nose = smell.draw_nose(2, RECEPTORS, rng=0)
    return umami, over(nose, [1 - share, share], fat, (LIKES_FAT, LIKES_WATER)), nose.parts
