"""Taste: which pairs of umami leave their hull and on which scale, and what oil did to tastes that were measured."""

import itertools

import numpy as np
import pandas as pd

from mixlib.domains import taste
from mixlib.instruments import hull_escape
from mixlib.kernels import Linear

TOTALS = np.array([0.01, 0.02, 0.05, 0.1])  # g/100 mL
TRACES = np.array([1e-4, 1e-3, 0.01])  # g/100 mL of glutamate that a broth holds by itself
SHARES = np.linspace(0, 1, 101)
SCALES = {"amount": lambda y: y, "logarithm": np.log, "power 0.8": lambda y: y**0.8, "power 1.4": lambda y: y**1.4}


def pairs():
    """All pairs of two umami substances: of two kinds, which have synergy, and of one kind.

    Returns
    -------
    dict of tuple to bool
        Whether a pair is of two kinds.
    """
    names = (*taste.AMINO_ACIDS, *taste.NUCLEOTIDES)
    return {
        pair: (pair[0] in taste.AMINO_ACIDS) != (pair[1] in taste.AMINO_ACIDS)
        for pair in itertools.combinations(names, 2)
    }


def in_broth(pair, total, trace, shares=SHARES):
    """Umami (s,) of the blends of a pair in a broth with a trace of glutamate, by the share of the second."""
    amino, nucleotide = trace, 0.0
    for name, amount in zip(pair, (total * (1 - shares), total * shares), strict=True):
        if name in taste.AMINO_ACIDS:
            amino = amino + taste.AMINO_ACIDS[name] * amount
        else:
            nucleotide = nucleotide + taste.NUCLEOTIDES[name] * amount
    return taste.umami(amino, nucleotide) + np.zeros_like(shares)


def escapes(scale):
    """How far the strongest blend of each pair is outside its parts, in their diameters, in every broth.

    Parameters
    ----------
    scale : str
        A key of ``SCALES``: what umami is told in.

    Returns
    -------
    pandas.DataFrame
        A row a pair and broth: ``first``, ``second``, ``two_kinds``, ``total``, ``trace``, ``escape``.
    """
    rows = []
    for (pair, two_kinds), total, trace in itertools.product(pairs().items(), TOTALS, TRACES):
        told = SCALES[scale](in_broth(pair, total, trace))
        parts = told[[0, -1], None]
        rows.append((*pair, two_kinds, total, trace, float(hull_escape(told.max()[None], parts).distance)))
    return pd.DataFrame(rows, columns=["first", "second", "two_kinds", "total", "trace", "escape"])


# ---- measured in emulsions: what oil in place of as much water did, and what a panel or an instrument said
# (taste, substance, log10 of its partition between octanol and water or None for ions and where none is known,
# whether the study calls it soluble in fat, measured: +1 stronger, -1 weaker, 0 as before, study)
EMULSIONS = (
    ("salty", "sodium chloride", None, False, +1, "Metcalf 2002"),
    ("sweet", "sucrose", -3.70, False, +1, "Metcalf 2002"),
    ("sour", "citric acid", -1.64, False, +1, "Metcalf 2002"),
    ("umami", "glutamate", -3.69, False, +1, "Metcalf 2002"),
    ("bitter", "quinine", 3.44, True, -1, "Metcalf 2002"),
    ("butter (odour)", "diacetyl", -1.34, False, +1, "Guyot 1996"),
    ("cheese (odour)", "butyric acid", 0.79, False, +1, "Guyot 1996"),
    ("peach (odour)", "δ-decalactone", None, True, -1, "Guyot 1996"),
    ("salty", "sodium chloride", None, False, +1, "Torrico 2015"),
    ("salty", "potassium chloride", None, False, +1, "Torrico 2015"),
    ("bitter", "potassium chloride", None, False, 0, "Torrico 2015"),
    ("bitter", "caffeine", -0.07, False, -1, "Torrico 2015"),
)
MILKFAT = -1.0  # what milkfat dissolves less than octanol, as a logarithm: Berg 2005


def emulsions():
    """What oil does to twelve tastes and odours: by the partition between oil and water, and as it was measured.

    Returns
    -------
    pandas.DataFrame
        ``taste``, ``substance``, ``partition`` (fat over water; 0 for ions, NaN where only the study's word is known),
        ``predicted`` and ``measured`` (+1 stronger, 0 as before, -1 weaker), ``study``.
    """
    rows = []
    for name, substance, octanol, likes_fat, measured, study in EMULSIONS:
        partition = 10 ** (octanol + MILKFAT) if octanol is not None else (np.nan if likes_fat else 0.0)
        above = likes_fat if octanol is None else partition > 1
        rows.append((name, substance, partition, -1 if above else 1, measured, study))
    return pd.DataFrame(rows, columns=["taste", "substance", "partition", "predicted", "measured", "study"])


def average_is_inside():
    """Largest escape of the plain average of two broths, which is what the synergy is compared with."""
    rng = np.random.default_rng(0)
    parts, weights = rng.lognormal(size=(200, 2, 1)), rng.dirichlet(np.ones(2), size=200)
    return float(hull_escape(Linear()(weights, parts), parts).distance.max())
