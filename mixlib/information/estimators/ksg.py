r"""O-information by nearest neighbours, with one radius for all entropies so that the radius cancels.

The distance of two samples is the largest over the columns. For sample ``t`` let :math:`n_S(t)` be the number of
samples strictly nearer in the columns of :math:`S` than its k-th neighbour is in all columns. Then

.. math::
    \Omega = (n - 2)\,[\psi(T) - \psi(k)] + \sum_i \bigl\langle \psi(n_{-i} + 1) - \psi(n_i + 1) \bigr\rangle_t .

Entropies that each have a radius of their own do not let the biases cancel.

Source: Kraskov, Stoegbauer & Grassberger 2004.
"""

import numpy as np
from scipy.special import digamma

from mixlib.arrays import whole
from mixlib.compiled import compiled
from mixlib.information.estimators.base import Estimator, dependence_note, reject_dependent
from mixlib.information.ranks import normal_scores

PATIENCE = 2**24  # distances that are computed without a compiler, in a third of a second


class KSG(Estimator):
    """Nearest neighbours among the normal scores of the columns, ties broken at random.

    ``k`` is the number of neighbours: few have little bias, many little spread. With ``scores=False`` distances are
    taken in the samples' own units, and the result depends on them.
    """

    assumes = "a smooth density, of about six columns at most"
    kinds = ("continuous", "discrete", "nominal")
    cost = "T^2 N"
    reference = "kraskov2004"
    place = 3
    error_method = "bootstrap"
    bears_repeats = False
    sweep_options = ("k",)

    def __init__(self, values, groups, rng, *, k=3, scores=True):
        super().__init__(values, groups, rng)
        self.k, self.scores = whole(k, "k", 1, len(values) // 2 - 2), scores
        # the width of neighbourhoods shrinks by this power, and with it what leans over an edge of the density
        self.slowest_bias, self.fewest = 1 / values.shape[1], 2 * k + 4
        self.points = normal_scores(values, rng=rng) if scores else values

    def check(self, table):
        reject_dependent(self.points, table.labels)
        tied = [name for column, name in enumerate(table.labels) if not table.looks_continuous(column)]
        if tied and not self.scores:
            raise ValueError(
                f"scores: False takes distances of values as they are, but {', '.join(tied)} has too many equal ones; "
                "use scores=True, which breaks ties at random, or estimator='plugin'"
            )
        self.note = dependence_note(table)

    def totals(self, rows):
        runs = [_totals(self.points[chosen], self.groups, self.k) for chosen in rows]
        return {name: np.array([run[name] for run in runs]) for name in runs[0]}

    def gradient(self):
        every = self._omega(self.groups)
        without = [self.groups[:i] + self.groups[i + 1 :] for i in range(len(self.groups))]
        return every - np.array([self._omega(groups) for groups in without])

    def _omega(self, groups):
        return _totals(self.points, groups, self.k)["omega"] if len(groups) > 2 else 0.0


def neighbour_counts(points, groups, k):
    """How many samples are strictly nearer than the k-th neighbour: by each variable alone, and by all but it.

    Parameters
    ----------
    points : array (T, N)
    groups : list of lists of int
        The columns of each of ``n`` variables.
    k : int

    Returns
    -------
    alone, without : arrays (n, T) of int
    """
    columns = np.ascontiguousarray(points[:, [column for group in groups for column in group]].T)
    owner = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    if _neighbour_counts.is_worth(len(groups) * columns.shape[1] ** 2):
        return _neighbour_counts(columns, owner, len(groups), k)
    return _counts_by_numpy(columns, owner, len(groups), k)


def _totals(points, groups, k):
    n, size = len(groups), digamma(len(points))
    counts = neighbour_counts(points, groups, k)
    if counts[0].min() < 0:  # the k-th neighbour is at distance 0, and nothing is nearer
        raise ValueError(
            f"samples: more than k = {k} are equal in all columns but one at most, so neighbours have no distance; "
            "use scores=True, which breaks ties at random, a larger k, or estimator='plugin'"
        )
    digammas = digamma(np.arange(1.0, len(points) + 1))  # of every count that there can be, plus 1
    alone, without = (digammas[count].mean(axis=-1) for count in counts)
    tc = (n - 1) * size + digamma(k) - alone.sum()
    dtc = size + (n - 1) * digamma(k) - without.sum()
    omega = (n - 2) * (size - digamma(k)) + (without - alone).sum()
    return {"tc": tc, "dtc": dtc, "omega": omega, "s_information": tc + dtc}


def _counts_by_numpy(columns, owner, n, k):
    """As :func:`_neighbour_counts`, all pairs at once."""
    distance = np.zeros((n, columns.shape[1], columns.shape[1]))
    for values, variable in zip(columns, owner, strict=True):
        np.maximum(distance[variable], np.abs(values - values[:, None]), out=distance[variable])
    first, second = np.zeros((2, *distance.shape[1:]))
    for row in distance:
        np.maximum(second, np.minimum(first, row), out=second)
        np.maximum(first, row, out=first)
    np.fill_diagonal(first, np.inf)
    radius = np.partition(first, k - 1, axis=-1)[:, k - 1, None]
    near = distance < radius
    only_far = ~near & (second < radius)
    return near.sum(axis=-1) - 1, (first < radius).sum(axis=-1) + only_far.sum(axis=-1)


@compiled(patience=PATIENCE, nogil=True)
def _neighbour_counts(columns, owner, n, k):
    # all pairs: the largest and second largest distance over the variables give that over all but any one of them
    size = columns.shape[1]
    alone, without = np.zeros((n, size), np.int64), np.zeros((n, size), np.int64)
    distance, nearest = np.empty((n, size)), np.empty(k)
    for t in range(size):
        distance[:] = 0.0
        for column in range(len(columns)):
            values, row = columns[column], distance[owner[column]]
            for s in range(size):
                row[s] = max(row[s], abs(values[s] - values[t]))
        first, second = np.zeros(size), np.zeros(size)
        for i in range(n):
            row = distance[i]
            for s in range(size):
                second[s] = max(second[s], min(first[s], row[s]))
                first[s] = max(first[s], row[s])
        first[t] = np.inf
        nearest[:] = np.inf
        for s in range(size):
            if first[s] < nearest[-1]:
                place = k - 1
                while place > 0 and nearest[place - 1] > first[s]:
                    nearest[place] = nearest[place - 1]
                    place -= 1
                nearest[place] = first[s]
        radius = nearest[-1]
        inside = 0
        for s in range(size):
            inside += first[s] < radius
        for i in range(n):
            row = distance[i]
            near, only_far = 0, 0
            for s in range(size):
                near += row[s] < radius
                only_far += (row[s] >= radius) & (second[s] < radius)
            alone[i, t] = near - 1
            without[i, t] = inside + only_far
    return alone, without
