"""What the engines share: a sweep is a list of tasks, a task a run of blocks, a block an array of Omegas."""

import math
from abc import ABC, abstractmethod
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np

from mixlib.information.estimators.base import SMALLEST, fewest_dependent, smallest_share
from mixlib.information.estimators.gaussian import entropy_bias
from mixlib.information.sweeps.elimination import measure_side_by_side, measure_subsets
from mixlib.information.sweeps.selection import empty_profile, select_best, tally
from mixlib.information.sweeps.subsets import LARGEST, LOWEST, count_subsets, unrank

MOST_TASKS = 4096
SMALL = 2**19  # entries of all matrices of a sweep that NumPy eliminates in a moment, without a compiler
AT_ONCE = 2**14  # subsets whose members are written out
DOUBTFUL_TC = -math.log(100 * SMALLEST) / 2  # below, no share is near the limit


class Block(NamedTuple):
    """Values in nats of the subsets with the keys ``first, first + 1, ...``; valid until the next block is made.

    ``omega`` is NaN where a key stands for no subset of the sweep, or for a dependent one that is left out; ``tc`` is
    None if it was not asked for. The order of a subset is ``levels + shift``.
    """

    first: int
    levels: Any
    shift: int
    omega: Any
    tc: Any


class Engine(ABC):
    """Every subset of ``lowest`` to ``highest`` of ``n`` variables, each with an integer key.

    A task is a tuple of ints. What it yields depends on nothing but the engine and the task, so tasks may be done
    anywhere, in any order, and again. ``note`` says what makes the values doubtful, if anything.
    """

    note = ""

    def __init__(self, n, lowest, highest):
        self.n, self.lowest, self.highest = n, lowest, highest
        self.n_subsets = count_subsets(n, lowest, highest)

    @property
    @abstractmethod
    def tasks(self):
        """All tasks, a list; their keys increase."""

    @abstractmethod
    def size(self, task):
        """The number of subsets of a task."""

    @abstractmethod
    def blocks(self, task, with_tc=False):
        """Yield the :class:`Block` s of a task."""

    def best(self, task, top):
        """The extremes of a task: ``keys`` and ``values`` (2, top) of Omega and of minus Omega, and the ``profile``."""
        keys, values = np.full((2, top), LARGEST), np.full((2, top), np.inf)
        profile = empty_profile(self.lowest, self.highest)
        for block in self.blocks(task):
            tally(block.omega, block.levels, block.shift - self.lowest, profile)
            for side, sign in enumerate((1.0, -1.0)):
                select_best(block.omega, block.first, sign, keys[side], values[side])
        return {"keys": keys, "values": values, "profile": profile}

    @abstractmethod
    def every_key(self):
        """The keys of all subsets, an increasing int array."""

    @abstractmethod
    def subsets(self, keys):
        """The subsets with these keys: an int array (m, highest), padded with -1."""

    @abstractmethod
    def orders(self, keys):
        """How many variables the subsets with these keys have: an int array (m,)."""

    @abstractmethod
    def measure(self, subsets):
        """Omega and TC in nats of any subsets, padded with -1: two arrays (m,)."""

    @abstractmethod
    def identity(self):
        """What the results depend on, apart from the orders: a tuple of numbers, strings and arrays."""

    def strata(self, keys):
        """A number for each key; of independent variables, subsets of the same number have the same distribution."""
        return self.orders(keys)

    def strata_of(self, block):
        """The same for the keys of a block."""
        return block.levels + np.int64(block.shift)


class Lexicographic:
    """Keys that count the subsets of one order after the other, each in lexicographic order; tasks are runs of keys."""

    @cached_property
    def first_keys(self):
        """The key of the first subset of each order, a dict."""
        sizes = [math.comb(self.n, order) for order in range(self.lowest, self.highest + 1)]
        return {order: sum(sizes[: order - self.lowest]) for order in range(self.lowest, self.highest + 1)}

    def size(self, task):
        start, end = task
        return end - start

    def every_key(self):
        return np.arange(self.n_subsets)

    def subsets(self, keys):
        keys = np.asarray(keys, dtype=np.int64)
        subsets = np.full((len(keys), self.highest), -1)
        for order, first in self.first_keys.items():
            chosen = (keys >= first) & (keys < first + math.comb(self.n, order))
            subsets[chosen, :order] = unrank(keys[chosen] - first, self.n, order)
        return subsets

    def orders(self, keys):
        return self.lowest - 1 + np.searchsorted(list(self.first_keys.values()), keys, side="right")

    def runs(self, task):
        """Yield the order, first key and last key + 1 of the parts of a task that are of one order."""
        start, end = task
        for order, first in self.first_keys.items():
            after = first + math.comb(self.n, order)
            if start < after and first < end:
                yield order, max(start, first), min(end, after)

    def small_blocks(self, task):
        """Yield the :class:`Block` s of a task, measured one subset after the other."""
        for order, first, last in self.runs(task):
            for start in range(first, last, AT_ONCE):
                keys = np.arange(start, min(start + AT_ONCE, last))
                omega, tc = self.measure(self.subsets(keys))
                yield Block(start, np.zeros(len(keys), dtype=np.uint8), order, omega, tc)


class Dependent:
    """Which subsets are linearly dependent, by the correlation matrix (n, n) of all variables, and what to do then.

    ``labels`` name the variables in messages, ``source`` the argument that they come from. Unless told to ``refuse``,
    such subsets are left out.
    """

    def __init__(self, correlation, labels=None, source="covariance", refuse=True):
        self.correlation = np.ascontiguousarray(correlation)
        self.labels = labels or tuple(f"column {i}" for i in range(len(correlation)))
        self.source, self.refuse = source, refuse
        # only then can a subset be dependent; ten times the limit, since this is rounded too
        self.possible = smallest_share(self.correlation) <= 10 * SMALLEST

    def measure(self, subsets, small):
        """Omega and TC in nats of subsets, padded with -1, without a bias removed; NaN where dependent."""
        subsets = np.ascontiguousarray(subsets, dtype=np.int64)
        omega, tc = (measure_side_by_side if small else measure_subsets)(self.correlation, subsets)
        if self.refuse and np.isnan(omega).any():
            self._refuse(subsets[np.argmax(np.isnan(omega))])
        return omega, tc

    def _refuse(self, subset):
        members = fewest_dependent(self.correlation, subset[subset >= 0].tolist())
        names = ", ".join(self.labels[i] for i in members)
        lower = f", or lower the highest order below {len(members)}" if len(members) > LOWEST else ""
        raise ValueError(
            f"{self.source}: {names} are linearly dependent, so their information is infinite; drop one of them{lower}"
        )


class GaussianEngine(Engine):
    """What the Gaussian engines share: a correlation matrix (n, n), the bias of each order, and dependent subsets.

    Subclasses have ``quick_blocks``, whose values are wrong for dependent subsets but never lack total correlation.
    """

    def __init__(self, correlation, lowest, highest, n_samples=None, **names):
        super().__init__(len(correlation), lowest, highest)
        self.dependent = Dependent(correlation, **names)
        self.correlation = self.dependent.correlation
        self.omega_bias, self.tc_bias = np.full((2, self.n + 1), np.nan)
        h = {k: _bias(n_samples, k) for k in (1, *range(lowest - 1, highest + 1))}
        for k in range(lowest, highest + 1):
            self.omega_bias[k] = (k - 2) * h[k] + k * (h[1] - h[k - 1])
            self.tc_bias[k] = k * h[1] - h[k]

    @abstractmethod
    def quick_blocks(self, task, with_tc=False):
        """Yield the :class:`Block` s of a task, where no variables depend on each other."""

    @abstractmethod
    def small_blocks(self, task):
        """Yield the :class:`Block` s of a task, measured one subset after the other."""

    def blocks(self, task, with_tc=False):
        if self.small:
            yield from self.small_blocks(task)
            return
        if not self.dependent.possible:
            yield from self.quick_blocks(task, with_tc)
            return
        for block in self.quick_blocks(task, with_tc=True):
            self._measure_doubtful(block)
            yield block if with_tc else block._replace(tc=None)

    def measure(self, subsets):
        omega, tc = self.dependent.measure(subsets, self.small)
        orders = (np.asarray(subsets) >= 0).sum(axis=1)
        return omega - self.omega_bias[orders], tc - self.tc_bias[orders]

    @property
    def small(self):
        """Whether the subsets are so few that a compiler would take far longer than they do."""
        return self.n_subsets * self.highest**2 <= SMALL

    def identity(self):
        return self.correlation, self.omega_bias

    def _measure_doubtful(self, block):
        """Measure subsets anew that may be dependent, all engines in the same way."""
        orders = np.arange(self.n + 1)
        # a share is never below the determinant, exp(-2 TC)
        most = np.where((orders >= self.lowest) & (orders <= self.highest), DOUBTFUL_TC - self.tc_bias, np.inf)
        order = block.levels + np.int64(block.shift)
        there = (order >= self.lowest) & (order <= self.highest)
        places = np.flatnonzero(there & ~(block.tc < most[np.minimum(order, self.n)]))
        for start in range(0, len(places), AT_ONCE):
            some = places[start : start + AT_ONCE]
            block.omega[some], block.tc[some] = self.measure(self.subsets(block.first + some))


@cache
def _bias(n_samples, order):
    return 0.0 if n_samples is None else float(entropy_bias(n_samples, order))


def cut(total, least):
    """Cut ``total`` things into at most ``MOST_TASKS`` equal runs of at least ``least``: a list of starts and ends."""
    step = max(least, -(-total // MOST_TASKS))
    return [(start, min(start + step, total)) for start in range(0, total, step)]
