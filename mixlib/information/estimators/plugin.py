"""Entropies of relative frequencies, for columns of few values."""

import warnings
from functools import cache

import numpy as np

from mixlib.arrays import whole
from mixlib.information.estimators.base import EntropyEstimator
from mixlib.information.ranks import mean_ranks
from mixlib.information.table import columns_of

BATCH = 2**16  # rows that are counted at a time
TOO_MANY_STATES = 1 / 3  # of the samples: beyond, Miller-Madow leaves a bias that the standard error does not cover


class Plugin(EntropyEstimator):
    r"""Entropies of relative frequencies plus :math:`(m - 1) / 2T` for ``m`` seen values (Miller-Madow).

    ``correction=None`` leaves Miller-Madow out. ``bins`` cuts columns with more values into so many of equal counts.
    """

    assumes = "fewer joint states than a third of the samples"
    kinds = ("discrete", "nominal")
    cost = "T N^2"
    reference = "miller1955"
    place = 4
    sweep_options = ("correction", "bins")

    def __init__(self, values, groups, rng, *, correction="miller-madow", bins=None):
        super().__init__(values, groups, rng)
        if correction not in ("miller-madow", None):
            raise ValueError(f"correction: got {correction!r}, expected 'miller-madow' or None")
        self.correction, self.bins = correction, None if bins is None else whole(bins, "bins", 2)
        self.codes = [self._code(column) for column in values.T]
        self.states = cache(self._states)

    def check(self, table):
        for column, label in enumerate(table.labels):
            if self.bins is None and table.looks_continuous(column):
                raise ValueError(
                    f"samples: {label} has {table.distinct[column]} different values in {len(table.values)} samples "
                    "and looks continuous; the plug-in estimator counts discrete states, use "
                    "estimator='gaussian-copula', or cut columns with bins=4"
                )
        n_states = self.n_states()
        if n_states > TOO_MANY_STATES * len(table.values):
            self.note = f"{n_states} joint states in {len(table.values)} samples are too many to be counted well"
            warnings.warn(
                f"plugin: {len(table.values)} samples show {n_states} joint states, too many to be counted well; "
                "entropies are biased. Use more samples or fewer states.",
                stacklevel=3,
            )

    def n_states(self):
        """How many joint states occur."""
        return int(self.states(tuple(range(len(self.groups)))).max()) + 1

    def entropies(self, rows):
        n = np.array([len(chosen) for chosen in rows])

        @cache
        def entropy(variables):
            joint = self.states(variables)
            width = joint.max() + 1
            # one count of several sets: the states of each come after those of the set before
            places = ([joint[chosen] + width * k for k, chosen in enumerate(batch)] for batch in _batches(rows))
            counts = np.concatenate([np.bincount(np.concatenate(p), minlength=width * len(p)) for p in places])
            counts = counts.reshape(len(rows), width)
            logs = np.log(np.maximum(counts, 1))
            frequencies = np.log(n) - (counts * logs).sum(axis=-1) / n
            if self.correction is None:
                return frequencies
            return frequencies + ((counts > 0).sum(axis=-1) - 1) / (2 * n)

        return entropy

    def _code(self, column):
        codes = np.unique(column, return_inverse=True)[1]
        if self.bins is None or codes.max() < self.bins:
            return codes
        levels = np.floor(self.bins * (mean_ranks(column[:, None])[:, 0] - 0.5) / len(column))
        return np.unique(levels, return_inverse=True)[1]

    def _states(self, variables):
        """An integer a row that numbers the joint states that occur."""
        first, *others = columns_of(self.groups, variables)
        joint = self.codes[first]
        for column in others:
            joint = np.unique(joint * (self.codes[column].max() + 1) + self.codes[column], return_inverse=True)[1]
        return joint


def _batches(rows):
    """The sets of rows in lists, each of about as many rows as fit into the cache of a processor."""
    together = max(BATCH // max(len(chosen) for chosen in rows), 1)
    return (rows[first : first + together] for first in range(0, len(rows), together))
