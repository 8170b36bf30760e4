"""Taste: which pairs of umami leave their hull and on which scale, and what oil did to tastes that were measured."""

import itertools

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from mixlib.domains import taste
from mixlib.instruments import hull_escape

TOTALS = np.array([0.01, 0.02, 0.05])  # g/100 mL, up to that of the measured curve
TRACES = np.array([1e-4, 1e-3, 0.01])  # g/100 mL of glutamate that a broth holds by itself
SHARES = np.linspace(0, 1, 101)
SCALES = {"amount": lambda y: y, "logarithm": np.log, "power 0.8": lambda y: y**0.8, "power 1.3": lambda y: y**1.3}


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


def gains(totals):
    """Equal parts of every pair, over as much of the stronger of the two; 0 where neither tastes.

    Returns
    -------
    two_kinds, one_kind : pandas.DataFrames
        A row a total in g/100 mL, a column a pair.
    """
    columns = {True: {}, False: {}}
    for pair, two_kinds in pairs().items():
        first, both, second = np.transpose([in_broth(pair, c, 0.0, np.array([0.0, 0.5, 1.0])) for c in totals])
        stronger = np.maximum(first, second)
        columns[two_kinds][" + ".join(pair)] = both / np.where(stronger == 0, 1, stronger)
    return tuple(pd.DataFrame(columns[kind], index=totals) for kind in (True, False))


def totals_of(factor):
    """The total in g/100 mL at which equal parts of each pair of two kinds have a gain, found by bisection."""

    def missing(total, name):
        return gains([total])[0][name].iloc[0] - factor

    names = [" + ".join(pair) for pair, two_kinds in pairs().items() if two_kinds]
    return pd.Series({name: brentq(missing, 1e-4, 10, args=(name,)) for name in names})


def escapes():
    """How far the strongest blend of each pair is outside its two broths, in their distance, on every scale.

    Returns
    -------
    pandas.DataFrame
        A row a pair, broth and scale: ``pair``, ``two_kinds``, ``total``, ``trace``, ``scale``, ``escape``, and
        ``times``, the umami of that blend over that of the stronger broth.
    """
    rows = []
    for (pair, two_kinds), total, trace in itertools.product(pairs().items(), TOTALS, TRACES):
        umami = in_broth(pair, total, trace)
        times = umami.max() / umami[[0, -1]].max()
        for scale, told in ((name, change(umami)) for name, change in SCALES.items()):
            escape = hull_escape(told.max()[None], told[[0, -1], None]).distance
            rows.append((" + ".join(pair), two_kinds, total, trace, scale, float(escape), times))
    return pd.DataFrame(rows, columns=["pair", "two_kinds", "total", "trace", "scale", "escape", "times"])


def moved_by_fat(fat, partition=0.0):
    """How far equal parts of each pair of two kinds move in a dish with ``fat``, in the distance of its parts in water.

    Returns
    -------
    pandas.DataFrame
        A row a total in g/100 mL, a column a pair.
    """
    ends = np.array([0.0, 0.5, 1.0])
    columns = {}
    for pair in (pair for pair, two_kinds in pairs().items() if two_kinds):
        first, both, second = np.transpose([in_broth(pair, c, 0.0, ends) for c in TOTALS])
        more = np.array([in_broth(pair, c * taste.in_water(fat, partition), 0.0, ends)[1] for c in TOTALS])
        columns[" + ".join(pair)] = np.abs(more - both) / np.abs(first - second)
    return pd.DataFrame(columns, index=TOTALS)


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
