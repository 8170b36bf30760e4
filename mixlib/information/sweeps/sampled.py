"""Sweeps that must go back to the samples for every subset: nearest neighbours, counted states, and all others."""

import math
from functools import cached_property

import numpy as np

from mixlib.arrays import generator
from mixlib.information.estimators.ksg import KSG
from mixlib.information.estimators.plugin import TOO_MANY_STATES, Plugin
from mixlib.information.result import totals_from_entropy
from mixlib.information.sweeps.base import Dependent, Engine, Lexicographic, cut


class _SampledEngine(Lexicographic, Engine):
    """One order after the other; subclasses say how subsets are measured, and how many are worth being a task."""

    least = 1

    @cached_property
    def tasks(self):
        return cut(self.n_subsets, self.least)

    def blocks(self, task, with_tc=False):
        return self.small_blocks(task)

    def measure(self, subsets):
        totals = list(self._totals([subset[subset >= 0].tolist() for subset in subsets]))
        return tuple(np.array([float(total[name][0]) for total in totals]) for name in ("omega", "tc"))


class OneByOne(_SampledEngine):
    """Any estimator, made anew for each subset; ``values`` (T, n) are samples in the form that it takes."""

    least = 16

    def __init__(self, kind, values, lowest, highest, options, **names):
        super().__init__(values.shape[1], lowest, highest)
        self.kind, self.values, self.options = kind, values, options
        # what continuous columns share is infinite if they depend on each other, whatever an estimator says
        self.dependent = Dependent(np.corrcoef(values, rowvar=False), **names) if "continuous" in kind.kinds else None

    def identity(self):
        return self.values, f"{self.kind.__name__} {self.options!r}"

    def measure(self, subsets):
        omega, tc = super().measure(subsets)
        if self.dependent is not None and self.dependent.possible:
            infinite = np.isnan(self.dependent.measure(subsets, small=True)[0])
            omega[infinite], tc[infinite] = np.nan, np.nan
        return omega, tc

    def _totals(self, subsets):
        every = np.arange(len(self.values))
        for subset in subsets:
            groups = [[i] for i in range(len(subset))]
            yield self.kind(self.values[:, subset], groups, generator(None), **self.options).totals([every])


class Neighbours(OneByOne):
    """The k-nearest-neighbour estimator; ``points`` (T, n) are its normal scores."""

    def __init__(self, points, lowest, highest, k=3, **names):
        super().__init__(KSG, points, lowest, highest, {"k": k, "scores": False}, **names)


class States(_SampledEngine):
    """The plug-in estimator; ``values`` (T, n) are discrete. A task counts each pair of its variables once."""

    least = 256

    def __init__(self, values, lowest, highest, **options):
        super().__init__(values.shape[1], lowest, highest)
        self.values, self.options = values, options

    def identity(self):
        return self.values, repr(self.options)

    @property
    def note(self):
        most = math.prod(sorted(self._states)[-self.highest :])
        if most <= TOO_MANY_STATES * len(self.values):
            return ""
        return (
            f"{self.highest} variables may have {most} joint states, too many to be counted well in {len(self.values)} "
            "samples: entropies are biased, compare with the null"
        )

    @cached_property
    def _states(self):
        return [int(codes.max()) + 1 for codes in self._plugin().codes]

    def strata(self, keys):
        # how many variables have how many states, as digits of one number; bias and spread depend on little else
        place = {number: place for place, number in enumerate(sorted(set(self._states)))}
        digits = np.array([*((self.highest + 1) ** place[number] for number in self._states), 0], dtype=object)
        return digits[self.subsets(keys)].sum(axis=1)

    def strata_of(self, block):
        return self.strata(np.arange(block.first, block.first + len(block.omega)))

    def _plugin(self):
        groups = [[i] for i in range(self.n)]
        return Plugin(self.values, groups, None, **self.options)

    def _totals(self, subsets):
        entropy = self._plugin().entropies([np.arange(len(self.values))])
        for subset in subsets:
            yield totals_from_entropy(lambda v, s=subset: entropy(tuple(s[i] for i in v)), len(subset))
