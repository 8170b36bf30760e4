"""On which side of the hull each kernel's mixtures lie, by scale, law of the parts and dimension; who is additive."""

import numpy as np
import pandas as pd

from mixlib import simplex
from mixlib.instruments.hull import hull_escape
from mixlib.kernels import ZOO

PARTS, DRAWS, FEW = 6, 200, 12  # random mixtures, and of kernels that cost a millisecond or more
DIMENSIONS = (2, 3, 6)
SPECIES = 3  # a reaction needs as many coordinates
CHARTS = {"as measured": "linear", "in logarithms": "log"}
LAWS = {
    "uniform": lambda rng, shape: rng.uniform(0.1, 1.9, size=shape),
    "lognormal": lambda rng, shape: rng.lognormal(-0.5, 1, size=shape),  # of mean 1 as well
}


def outside(seeds):
    """The share of mixtures outside the hull, a row a kernel, chart, law, dimension and seed.

    Left out is what is not defined: a reaction in two dimensions, and logarithms of a synchrony that is zero.
    Columns ``kernel``, ``scale``, ``law``, ``dimension``, ``seed``, ``share``.
    """
    rows = []
    for name, kind in ZOO.items():
        for law, dimension, seed in ((w, d, s) for w in LAWS for d in DIMENSIONS for s in seeds):
            if name == "reactive" and dimension < SPECIES:
                continue
            mixtures, parts = mix(kind, law, dimension, seed)
            for scale, chart in CHARTS.items():
                if chart == "log" and not (mixtures > 0).all():
                    continue
                share = 1 - np.mean(hull_escape(mixtures, parts, chart=chart).inside)
                rows.append((name, scale, law, dimension, seed, share))
    return pd.DataFrame(rows, columns=["kernel", "scale", "law", "dimension", "seed", "share"])


def mix(kind, law, dimension, seed):
    """Mixtures (T, d) of random parts by a kernel of the zoo, and these parts (T, n, d)."""
    rng = np.random.default_rng([seed, dimension])
    draws = FEW if kind.costly else DRAWS
    parts = LAWS[law](rng, (draws, PARTS, dimension))
    return kind.for_comparison(PARTS)(simplex.sample(PARTS, draws, rng=rng), parts), parts


def non_additivity(seeds, dimension=SPECIES):
    """How much two parts do together that neither does alone, as a share of what they do: a row a kernel.

    Two parts are each taken to another place. Additive means that what both moves do is the sum of what each does,
    so the mixed difference vanishes; it is divided by the size of the sum. A kernel that draws uses the same draw.
    """
    return pd.Series(
        {name: max(_mixed_difference(kind, dimension, seed) for seed in seeds) for name, kind in ZOO.items()}
    )


def _mixed_difference(kind, dimension, seed):
    rng = np.random.default_rng([seed, dimension])
    draws = FEW if kind.costly else DRAWS
    parts, other = (LAWS["uniform"](rng, (draws, PARTS, dimension)) for _ in range(2))
    weights = simplex.sample(PARTS, draws, rng=rng)
    corners = {}
    for first in (False, True):
        for second in (False, True):
            moved = parts.copy()
            moved[:, 0] = other[:, 0] if first else parts[:, 0]
            moved[:, 1] = other[:, 1] if second else parts[:, 1]
            corners[first, second] = kind.for_comparison(PARTS)(weights, moved)
    base = corners[False, False]
    alone = corners[True, False] - base, corners[False, True] - base
    together = corners[True, True] - base - sum(alone)
    return float(np.abs(together).mean() / np.mean([np.abs(move).mean() for move in alone]))
