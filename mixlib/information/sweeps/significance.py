"""How often shuffled samples give an Omega as extreme as those that a sweep has kept."""

from dataclasses import replace

import numpy as np

from mixlib.compiled import compiled

PATIENCE = 2**15  # values that are counted without a compiler, some microseconds each


class Exceedances:
    """Counts, for each kept subset, the null Omegas of its stratum that are not above it, and not below.

    To be used in a sweep like ``Everything`` and ``Best``, over an engine made of shuffled samples.
    """

    def __init__(self, strata, omega):
        self.strata, place = np.unique(strata, return_inverse=True)
        self.order = np.lexsort((omega, place))
        self.omega = omega[self.order]
        self.starts = np.searchsorted(place[self.order], np.arange(len(self.strata) + 1))

    def start(self, engine):
        """The empty state: between, and exactly at, the sorted Omegas of each stratum."""
        return {"counts": np.zeros(2 * (len(self.omega) + len(self.strata)), dtype=np.int64)}

    def of_task(self, engine, task):
        """The part of one task."""
        state = self.start(engine)
        for block in engine.blocks(task):
            codes = engine.strata_of(block)
            place = np.minimum(np.searchsorted(self.strata, codes), len(self.strata) - 1)
            place = np.where(self.strata[place] == codes, place, -1).astype(np.int64)
            count = _count if _count.is_worth(block.omega.size) else _count.plain
            count(block.omega, place, self.omega, self.starts, state["counts"])
        return state

    def add(self, state, index, part):
        """Put the part of a task into the state."""
        state["counts"] += part["counts"]

    def finish(self, engine, state):
        """Three arrays (m,): null values at or below each kept Omega, at or above it, and in its stratum at all."""
        below, above, total = np.zeros((3, len(self.omega)), dtype=np.int64)
        for s, (start, end) in enumerate(zip(self.starts[:-1], self.starts[1:], strict=True)):
            counts = state["counts"][2 * (start + s) : 2 * (end + s + 1)]
            upto = np.cumsum(counts)
            first = np.searchsorted(self.omega[start:end], self.omega[start:end])  # equal ones share their counts
            chosen = self.order[start:end]
            below[chosen] = upto[1:-1:2][first]
            above[chosen] = upto[-1] - upto[0:-2:2][first]
            total[chosen] = upto[-1]
        return below, above, total


def compare_with_shuffled(result, engines, files, sweep):
    """``result`` with two-sided ``p_values`` and ``q_values``.

    Parameters
    ----------
    result : Sweep
    engines : iterable of Engine
        The same sweep of shuffled samples, each made when its turn comes.
    files : iterable of path or None
        Where to keep the state of each.
    sweep : callable
        ``sweep(engine, keep, checkpoint=, label=)`` runs it.
    """
    counts = Exceedances(result.engine.strata(result.keys), result.omega)
    found = []
    for number, (engine, file) in enumerate(zip(engines, files, strict=True)):
        found.append(sweep(engine, counts, checkpoint=file, label=f"null {number + 1}"))
    p_values = two_sided(*np.sum(found, axis=0))
    return replace(result, p_values=p_values, q_values=false_discovery_rates(p_values, result.n_subsets))


def two_sided(below, above, total):
    """P-values, the observed value itself counted, from counts of null values at or below, at or above, and at all."""
    return np.minimum(1.0, 2 * (np.minimum(below, above) + 1) / (total + 1))


def false_discovery_rates(p_values, n_tests):
    """Benjamini-Hochberg adjusted p-values of some of ``n_tests`` tests, the others taken to have p = 1.

    Source: Benjamini & Hochberg 1995.
    """
    if len(p_values) == 0:
        return p_values
    order = np.argsort(p_values)
    raised = p_values[order] * n_tests / np.arange(1, len(p_values) + 1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum.accumulate(raised[::-1])[::-1]
    return np.minimum(1.0, adjusted)


@compiled(patience=PATIENCE, nogil=True)
def _count(omega, place, sorted_omega, starts, counts):
    for t in range(omega.size):
        w, stratum = omega[t], place[t]
        if stratum < 0 or w != w:
            continue
        low, high = starts[stratum], starts[stratum + 1]
        end = high
        while low < high:
            middle = (low + high) // 2
            if sorted_omega[middle] < w:
                low = middle + 1
            else:
                high = middle
        bin = 2 * (low + stratum)
        counts[bin + (low < end and sorted_omega[low] == w)] += 1
