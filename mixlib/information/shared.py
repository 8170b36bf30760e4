"""Entropies and mutual information of many sets of columns of one table at a time, by any estimator that counts."""

from functools import cache, cached_property

import numpy as np
import pandas as pd
from scipy.special import digamma

from mixlib.arrays import generator, whole
from mixlib.information.estimators import ESTIMATORS
from mixlib.information.estimators.base import SMALLEST, EntropyEstimator, fewest_dependent, reject_nominal
from mixlib.information.estimators.gaussian import Gaussian, entropy_bias
from mixlib.information.estimators.ksg import KSG, neighbour_counts
from mixlib.information.result import NATS_PER_UNIT, check_units
from mixlib.information.table import Table, read_table
from mixlib.progress import followed

__all__ = ["Shared", "mutual_information"]

ENTRIES = 2**16  # of matrices that are factored at a time
FEWEST = 6  # rows, of a past and a future of two columns each


class Shared:
    r"""What sets of columns share, in nats: :math:`I(A; B \mid C)` of as many sets A, B and C as you like.

    Gaussian entropies are those of the whole table's covariance, their bias for Gaussian samples removed, many
    log-determinants at a time. For "ksg" each triple of sets has neighbours of its own, one radius for its entropies.

    Source: Cover & Thomas 2006; Kraskov et al. 2004 and Frenzel & Pompe 2007 for neighbours.

    Parameters
    ----------
    samples : array (T, N), list of rows or DataFrame
        As for :func:`mixlib.o_information`.
    estimator : {"gaussian", "gaussian-copula", "ksg", "plugin"}, default="gaussian"
        As for :func:`mixlib.o_information`.
    rng : None, int or numpy.random.Generator, default=None
        Breaks ties for "ksg"; ``None`` is seed 0.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.
    **options
        Of the estimator.

    Raises
    ------
    ValueError
        If the estimator is unknown or has no entropies, or the samples are not for it.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information.shared import Shared
    >>> x, y, noise = np.random.default_rng(0).normal(size=(3, 1000))
    >>> shared = Shared(np.column_stack([x, y, x + y + noise]))
    >>> shared.between([[0]], [[1]], [[2]]).round(2)  # two independent columns, given their sum
    array([0.12])
    """

    def __init__(self, samples, estimator="gaussian", *, rng=None, progress=None, **options):
        able = [name for name, kind in ESTIMATORS.items() if issubclass(kind, (EntropyEstimator, KSG))]
        if estimator not in able:
            raise ValueError(f"estimator: got {estimator!r}, expected one of {', '.join(map(repr, able))}")
        kind = ESTIMATORS[estimator]
        if unknown := [name for name in options if name not in kind.options()]:
            known = ", ".join(kind.options()) or "none"
            raise ValueError(f"{unknown[0]}: is no option of estimator {estimator!r}, which has {known}")
        self.table = samples if isinstance(samples, Table) else read_table(samples, together=1)
        self.estimator, self._progress = estimator, progress
        columns = [[column] for column in range(len(self.table.labels))]
        rng = generator(rng)
        self._make = lambda values: kind(values, columns, rng, **options)
        self._made = self._make(self.table.values)
        if isinstance(self._made, Gaussian):
            reject_nominal(self.table, "a Gaussian estimator")  # dependent columns matter where they come together
        else:
            self._made.check(self.table)

    @property
    def names(self):
        """Names of the columns, or their numbers."""
        return self.table.variables or tuple(range(len(self.table.labels)))

    @property
    def note(self):
        """What makes the result doubtful, if anything."""
        return self._made.note

    @property
    def bears_repeats(self):
        """Whether rows may be given twice, as a bootstrap does."""
        return self._made.bears_repeats

    def of_rows(self, rows):
        """The same of some of the rows, which are not checked anew."""
        part = object.__new__(type(self))
        part.table, part.estimator, part._progress, part._make = self.table, self.estimator, False, self._make
        part._made = self._make(self.table.values[rows])
        return part

    def entropy(self, columns):
        """Entropies in nats (m,) of sets of columns, an int array (m, k); Gaussian ones less ``log(2 pi e) / 2`` each.

        Raises
        ------
        ValueError
            If columns depend on each other, or the estimator is "ksg", which has no entropies.
        """
        columns = np.asarray(columns, dtype=int)
        if columns.shape[1] == 0:
            return np.zeros(len(columns))
        if isinstance(self._made, KSG):
            raise ValueError("estimator: 'ksg' has no entropies of its own; use 'gaussian-copula' or 'plugin'")
        if isinstance(self._made, Gaussian):
            at_once = max(ENTRIES // columns.shape[1] ** 2, 1)
            parts = [self._half_log_dets(columns[first : first + at_once]) for first in range(0, len(columns), at_once)]
            return np.concatenate(parts) - float(entropy_bias(len(self._made.values), columns.shape[1]))
        sets = followed(columns, self._progress, "entropies", "sets")
        return np.array([self._one_entropy(tuple(sorted(chosen.tolist()))) for chosen in sets])

    def between(self, first, second, given=None):
        """Mutual information in nats (m,) between sets of columns ``first`` (m, a) and ``second`` (m, b).

        It is conditional on the columns ``given`` (m, c), if there are some.

        Raises
        ------
        ValueError
            As for :meth:`entropy`, but for "ksg".
        """
        first, second = (np.asarray(columns, dtype=int) for columns in (first, second))
        given = np.empty((len(first), 0), dtype=int) if given is None else np.asarray(given, dtype=int)
        if isinstance(self._made, KSG):
            rows = followed(range(len(first)), self._progress, "neighbours", "sets")
            return np.array([self._by_neighbours(first[row], second[row], given[row]) for row in rows])
        beside = np.hstack([second, given])
        both = self.entropy(np.hstack([first, given])) + self.entropy(beside)
        return both - self.entropy(given) - self.entropy(np.hstack([first, beside]))

    def _by_neighbours(self, *sets):
        groups = [chosen.tolist() for chosen in sets if len(chosen)]
        alone, without = neighbour_counts(self._made.points, groups, self._made.k)
        if alone.min() < 0:
            raise ValueError(
                f"samples: more than k = {self._made.k} are equal, so neighbours have no distance; use scores=True, "
                "which breaks ties at random, a larger k, or estimator='plugin'"
            )
        near = [digamma(counts + 1.0).mean() for counts in (*alone, *without)]
        if len(groups) == 2:
            return digamma(len(self._made.points)) + digamma(self._made.k) - near[0] - near[1]
        return digamma(self._made.k) + near[2] - near[3] - near[4]

    @cached_property
    def _covariance(self):
        (cov,) = self._made.covariances(np.arange(len(self._made.values))[None])
        return cov

    @cached_property
    def _one_entropy(self):
        of = self._made.entropies([np.arange(len(self._made.values))])
        return cache(lambda columns: float(of(columns)[0]))

    def _half_log_dets(self, columns):
        blocks = self._covariance[columns[:, :, None], columns[:, None, :]]
        try:
            pivots = np.linalg.diagonal(np.linalg.cholesky(blocks))
        except np.linalg.LinAlgError:
            pivots = np.zeros((1, 1))
        if pivots.min() ** 2 <= SMALLEST:
            self._refuse(columns)
        return np.log(pivots).sum(axis=-1)

    def _refuse(self, columns):
        """Name the fewest columns that depend on each other."""
        spread = np.sqrt(np.diag(self._covariance))
        correlation = self._covariance / spread[:, None] / spread
        shares = [np.linalg.eigvalsh(correlation[np.ix_(chosen, chosen)])[0] for chosen in columns]
        *others, last = (self.table.labels[i] for i in fewest_dependent(correlation, columns[np.argmin(shares)]))
        raise ValueError(
            f"samples: {last} is a linear function of {', '.join(others)}, so their information is infinite; drop it"
        )


def mutual_information(samples, estimator="gaussian", *, units="nats", lag=0, rng=None, progress=None, **options):
    r"""Mutual information between every two columns: :math:`I(X_i; X_j) = H(X_i) + H(X_j) - H(X_i, X_j)`.

    Source: Shannon 1948; Kraskov et al. 2004 for "ksg".

    Parameters
    ----------
    samples : array (T, N), list of rows or DataFrame
        As for :func:`mixlib.o_information`.
    estimator : {"gaussian", "gaussian-copula", "ksg", "plugin"}, default="gaussian"
        As for :func:`mixlib.o_information`.
    units : {"nats", "bits"}, default="nats"
        Unit of the result.
    lag : int, default=0
        For rows that are a series: between a column (row of the result) and each column (its columns) so many rows
        later, itself included.
    rng : None, int or numpy.random.Generator, default=None
        Breaks ties for "ksg"; ``None`` is seed 0.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.
    **options
        Of the estimator, as for :func:`mixlib.o_information`.

    Returns
    -------
    DataFrame (N, N)
        With NaN on the diagonal without a lag: what a column tells of itself is its entropy.

    Raises
    ------
    ValueError
        As :func:`mixlib.o_information`, and if ``lag`` is negative or leaves too few rows.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information import mutual_information
    >>> x, y = np.random.default_rng(0).normal(size=(2, 1000))
    >>> mutual_information(np.column_stack([x, x + y, y]), units="bits").round(2)
          0     1     2
    0   NaN  0.51  0.00
    1  0.51   NaN  0.58
    2  0.00  0.58   NaN
    """
    factor = NATS_PER_UNIT[check_units(units)]
    table = read_table(samples, together=1)
    n = len(table.labels)
    if whole(lag, "lag", 0):
        table = lagged(table, lag)
    shared = Shared(table, estimator, rng=rng, progress=progress, **options)
    found = np.full((n, n), np.nan)
    rows, columns = np.indices((n, n)).reshape(2, -1, 1) if lag else np.array(np.triu_indices(n, 1))[..., None]
    found[rows[:, 0], columns[:, 0]] = shared.between(rows, columns + n if lag else columns) / factor
    if not lag:
        found = np.fmax(found, found.T)
    return pd.DataFrame(found, index=shared.names[:n], columns=shared.names[:n])


def lagged(table, lag):
    """A :class:`Table` of twice the columns: each row beside the one that comes ``lag`` rows later.

    Raises
    ------
    ValueError
        If ``lag`` is not a whole number from 1 on, or leaves fewer than ``FEWEST`` rows.
    """
    whole(lag, "lag", 1)
    rows, n = len(table.values) - lag, len(table.labels)
    if rows < FEWEST:
        raise ValueError(f"lag: {lag} leaves {max(rows, 0)} of {len(table.values)} rows, too few; take a smaller one")
    values = np.hstack([table.values[:-lag], table.values[lag:]])
    constant = np.flatnonzero(np.ptp(values, axis=0) == 0)
    if len(constant):
        raise ValueError(f"samples: {table.labels[constant[0] % n]} is constant but for {lag} rows at an end; drop it")
    later = tuple(f"{label} later" for label in table.labels)
    return Table(values, [[i] for i in range(2 * n)], table.labels + later, table.nominal * 2, table.variables)
