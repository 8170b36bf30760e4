"""Smell: how far mixtures of invented odours are outside, over water or fat, and what a receptor tells of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixlib.domains import smell
from mixlib.information import from_pmf, o_information, williams_beer
from mixlib.instruments import hull_escape

RECEPTORS = 300
SEEDS = tuple(range(20))
LIKES_FAT, LIKES_WATER = 100.0, 10**-2.34  # fat over water: an odour like that of peaches, and that of butter

# what a panel called accords of five odours: how many there were, and how many were new, like none of their parts
# (the others were between them): Lindqvist et al. 2012
ACCORDS = {"pairs": (10, 0), "larger accords": (5, 5)}

# how strong mixtures of benzenes smelled: odours, logarithms of their activities, panel, and the stronger one alone
PANEL = (
    ("toluene + ethylbenzene", (3.36, 3.54), 5.4, 3.8),
    ("toluene + ethylbenzene", (3.03, 2.44), 4.0, 3.2),
    ("toluene + ethylbenzene", (2.67, 2.44), 3.3, 2.9),
    ("toluene + styrene", (1.65, 2.04), 2.7, 2.2),
    ("toluene + styrene", (3.36, 2.04), 4.5, 3.6),
    ("toluene + styrene", (2.34, 4.53), 6.2, 4.8),
    ("toluene + ethylbenzene + xylene", (2.34, 3.54, 2.80), 3.8, 3.8),
    ("toluene + ethylbenzene + xylene", (2.34, 2.44, 3.49), 5.0, 3.7),
    ("toluene + ethylbenzene + xylene", (1.65, 1.78, 2.15), 3.5, 2.3),
    ("ethylbenzene + propylbenzene + styrene", (3.54, 2.20, 3.83), 5.4, 4.1),
    ("ethylbenzene + propylbenzene + styrene", (4.24, 2.20, 4.53), 6.8, 4.8),
    ("ethylbenzene + propylbenzene + styrene", (2.82, 2.20, 2.65), 4.5, 3.0),
    ("toluene + ethylbenzene + xylene + styrene", (4.24, 2.20, 3.83, 2.15), 4.8, 4.5),
    ("toluene + ethylbenzene + xylene + styrene", (2.20, 3.15, 2.20, 2.15), 4.5, 3.4),
    ("toluene + ethylbenzene + xylene + styrene", (1.85, 1.77, 2.20, 2.15), 3.5, 2.4),
)


def escapes(counts=(2, 3, 5, 8), seeds=SEEDS, decades=1.0):
    """Escapes of equal shares of several odours at 300 receptors, and how many receptors are outside by themselves.

    Returns
    -------
    pandas.DataFrame
        A row a nose: ``odours``, ``seed``, ``escape``, ``receptors_outside``, and ``control``, the escape with one
        binding for all odours.
    """
    rows = []
    for count in counts:
        for seed in seeds:
            nose, even = smell.draw_nose(count, RECEPTORS, decades=decades, rng=seed), np.full(count, 1 / count)
            alike = smell.Nose(np.broadcast_to(nose.binding[:1], nose.binding.shape), nose.efficacy)
            mixture, parts = nose(even), nose.parts
            outside = (mixture < parts.min(axis=0) - 1e-12) | (mixture > parts.max(axis=0) + 1e-12)
            far, control = (float(hull_escape(one(even), one.parts).distance) for one in (nose, alike))
            rows.append((count, seed, far, int(outside.sum()), control))
    return pd.DataFrame(rows, columns=["odours", "seed", "escape", "receptors_outside", "control"])


def over(nose, weights, fat, partitions):
    """Answers (d,) to odours of a dish, of which a share is fat; the air over it thins each odour."""
    there = smell.over_dish(fat, np.asarray(partitions))
    return smell.Nose(nose.binding * there[:, None], nose.efficacy)(weights)


def dishes(fat=0.5, seeds=SEEDS):
    """How far a pattern moves when half of a dish is fat, in distances of the two odours over water.

    Returns
    -------
    pandas.DataFrame
        A row a nose: ``moved`` with one odour that likes fat and one that likes water, ``control`` with two that
        dissolve in fat as in water, ``before`` and ``after``, the correlation with the odour that likes fat.
    """
    rows, even = [], np.array([0.5, 0.5])
    for seed in seeds:
        nose = smell.draw_nose(2, RECEPTORS, rng=seed)
        size = np.linalg.norm(nose.parts[0] - nose.parts[1])
        before, after = (over(nose, even, share, (LIKES_FAT, LIKES_WATER)) for share in (0.0, fat))
        alike = over(nose, even, fat, (1.0, 1.0))
        told = [np.corrcoef(pattern, nose.parts[0])[0, 1] for pattern in (before, after)]
        rows.append((seed, np.linalg.norm(after - before) / size, np.linalg.norm(alike - before) / size, *told))
    return pd.DataFrame(rows, columns=["seed", "moved", "control", "before", "after"])


def fat_that_moves(limit, shares, seeds=SEEDS):
    """The least share of fat at which the median pattern moves by more than a limit; NaN where none does."""
    for share in shares:
        if dishes(share, seeds)["moved"].median() > limit:
            return share
    return np.nan


@dataclass(frozen=True, eq=False)
class Told:
    """What an ensemble tells: Omega of samples with its error, of three bins, and the decomposition of these."""

    omega: float
    error: float
    estimator: str
    binned: float
    parts: object


def ensembles(count=4000, seed=0, noise=0.03):
    """Two odours in random amounts, and a receptor: one that binds both, one that binds the first alone.

    Returns
    -------
    dict of Told
        By receptor; ``"binds none"`` answers by noise alone.
    """
    rng = np.random.default_rng(seed)
    amounts = 10 ** rng.normal(0, 0.5, (count, 2))
    kinds = {"both odours": (1.0, 1.0), "a blocker": (1.0, 1.0), "the first alone": (1.0, 0.0), "none": (0.0, 0.0)}
    answers = {"both odours": (1.0, 0.6), "a blocker": (1.0, 0.0), "the first alone": (1.0, 0.0), "none": (0.0, 0.0)}
    found = {}
    for kind, binding in kinds.items():
        seated = amounts * binding
        response = (seated @ answers[kind]) / (1 + seated.sum(axis=1)) + rng.normal(0, noise, count)
        columns = np.column_stack([np.log10(amounts), response])
        told = o_information(columns, gradient=False, rng=seed)
        ranks = columns.argsort(axis=0).argsort(axis=0) * 3 // count
        pmf = np.zeros((3, 3, 3))
        np.add.at(pmf, tuple(ranks.T), 1 / count)
        found[kind] = Told(
            omega=told.omega,
            error=told.standard_error,
            estimator=told.estimator,
            binned=from_pmf(pmf / pmf.sum()).omega,
            parts=williams_beer(pmf / pmf.sum()),
        )
    return found


def panel():
    """The mixtures of benzenes: odours, their activities, how strong they smelled, and the stronger one alone."""
    rows = [(name, len(logs), max(logs), measured, stronger) for name, logs, measured, stronger in PANEL]
    return pd.DataFrame(rows, columns=["odours", "count", "log_activity", "measured", "stronger"])
