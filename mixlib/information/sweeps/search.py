"""Subsets of extreme Omega where there are too many to look at all: a greedy search, and simulated annealing."""

import numpy as np

from mixlib.information.sweeps.keep import Best
from mixlib.information.sweeps.runner import run
from mixlib.progress import followed

COOLING = 1e-3  # the last temperature over the first


class Listed:
    """Subsets in a list, an int array (m, k) padded with -1; keys are its rows."""

    def __init__(self, rows):
        self.rows = rows

    def every_key(self):
        """All keys."""
        return np.arange(len(self.rows))

    def subsets(self, keys):
        """The subsets with these keys."""
        return self.rows[keys]

    def orders(self, keys):
        """How many variables they have."""
        return (self.rows[keys] >= 0).sum(axis=1)


def greedy(make_engine, orders, top, *, progress=None):
    """Grow the best triples by one variable at a time, from every order the ``top`` best of both signs.

    Parameters
    ----------
    make_engine : callable
        ``make_engine(lowest, highest)`` gives the engine for these orders.
    orders : pair of int
    top : int
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.

    Returns
    -------
    dict
        Fields of a :class:`Sweep`.
    """
    lowest, highest = orders
    triples, engine = make_engine(3, 3), make_engine(3, highest)
    best = run(triples, Best(top), progress=progress, label="triples")
    rows = triples.subsets(best["kept_keys"])
    found = _Found(highest, top)
    found.add(rows, best["omega"], best["tc"], keep=lowest == 3)
    found.measured = triples.n_subsets
    beams = [rows[np.argsort(sign * best["omega"], kind="stable")[:top]] for sign in (1, -1)]
    for order in followed(range(4, highest + 1), progress, "growing", "orders"):
        for side, sign in enumerate((1, -1)):
            rows = _grown(beams[side], engine.n)
            omega, tc = engine.measure(rows)
            found.add(rows, omega, tc, keep=order >= lowest)
            beams[side] = rows[np.lexsort((*rows.T[::-1], sign * omega))[:top]]
    return found.fields()


def anneal(engine, top, *, steps, rng, progress=None):
    """For every order and sign, chains that exchange one variable at a time, ever less willing to get worse.

    Parameters
    ----------
    engine : Engine
    top : int
        How many to return of both signs, and how many chains to run, but at least 32.
    steps : int
        Exchanges that each chain tries.
    rng : numpy Generator
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.

    Returns
    -------
    dict
        Fields of a :class:`Sweep`.

    Notes
    -----
    Source: Kirkpatrick, Gelatt & Vecchi 1983.
    """
    found = _Found(engine.highest, top)
    every = np.arange(max(top, 32))
    sides = [(order, sign) for order in range(engine.lowest, engine.highest + 1) for sign in (1, -1)]
    for order, sign in followed(sides, progress, "annealing", "chains"):
        # each row a permutation of the variables, of which the first ones form the subset
        chains = rng.permuted(np.tile(np.arange(engine.n), (len(every), 1)), axis=1)
        omega = found.measure(engine, chains[:, :order])
        if order == engine.n:
            continue
        for temperature in np.std(omega) * COOLING ** np.linspace(0, 1, steps):
            out, into = rng.integers(order, size=len(every)), rng.integers(order, engine.n, size=len(every))
            tried = chains.copy()
            tried[every, out], tried[every, into] = chains[every, into], chains[every, out]
            new_omega = found.measure(engine, tried[:, :order])
            accepted = sign * (new_omega - omega) <= temperature * rng.exponential(size=len(every))
            chains[accepted], omega[accepted] = tried[accepted], new_omega[accepted]
    return found.fields()


class _Found:
    """The ``top`` best of both signs among the subsets seen so far, none twice."""

    def __init__(self, width, top):
        self.top, self.measured = top, 0
        self.rows = np.empty((0, width), dtype=np.int64)
        self.omega, self.tc = np.empty(0), np.empty(0)

    def fields(self):
        return {"engine": Listed(self.rows), "omega": self.omega, "tc": self.tc, "n_subsets": self.measured}

    def measure(self, engine, rows):
        """Measure subsets (m, k) and return their Omega."""
        rows = np.sort(rows, axis=1)
        omega, tc = engine.measure(rows)
        self.add(rows, omega, tc)
        return omega

    def add(self, rows, omega, tc, keep=True):
        self.measured += len(rows)
        if keep and len(self.omega) >= 2 * self.top:
            # most of what comes is no better than what is there
            better = (omega <= self.omega[self.top - 1]) | (omega >= self.omega[-self.top])
            rows, omega, tc = rows[better], omega[better], tc[better]
        if not keep or not len(rows):
            return
        padded = np.full((len(rows), self.rows.shape[1]), -1)
        padded[:, : rows.shape[1]] = rows
        rows, first = np.unique(np.concatenate([self.rows, padded]), axis=0, return_index=True)
        omega, tc = np.concatenate([self.omega, omega])[first], np.concatenate([self.tc, tc])[first]
        order = np.argsort(omega, kind="stable")
        if len(order) > 2 * self.top:
            order = np.concatenate([order[: self.top], order[-self.top :]])
        self.rows, self.omega, self.tc = rows[order], omega[order], tc[order]


def _grown(rows, n):
    """Every subset of ``rows`` (m, k) with one of ``n`` variables more, once."""
    outside = np.ones((len(rows), n), dtype=bool)
    outside[np.arange(len(rows))[:, None], rows] = False
    which, variable = np.nonzero(outside)
    return np.unique(np.sort(np.column_stack([rows[which], variable]), axis=1), axis=0)
