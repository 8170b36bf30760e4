"""What every estimator offers, and what several of them refuse: above all columns that depend on each other."""

import functools
import inspect
from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from mixlib.information.result import gradient_from_entropy, totals_from_entropy

SMALLEST = 1e-12  # share of a variance: rounding decides below it


class Estimator(ABC):
    """What :func:`mixlib.o_information` asks of an estimator; made for one table.

    Attributes
    ----------
    assumes : str
        What has to hold for the result to be right.
    kinds : tuple of {"continuous", "discrete", "nominal"}
        Columns that it takes: many different values, few, and categories without an order.
    cost : str
        How its time grows with ``T`` samples of ``N`` columns.
    reference : str
        BibTeX key of the source.
    place : int, optional
        Where it stands in lists; estimators without one come last, in the order of their names.
    error_method : str
        How standard errors are found by default: "jackknife", "bootstrap" or "own" (by ``uncertainty()``).
    bears_repeats : bool
        Whether rows may be given twice, as a bootstrap does.
    leaves_bias : bool
        Whether a bias is left that leaving out samples betrays.
    slowest_bias : float
        The least power of the number of samples by which that bias may fall.
    fewest : int
        Samples that it can do with.
    sweep_options : tuple of str or None
        The options that :func:`mixlib.o_information_sweep` may pass on; None if a sweep is beyond it.
    note : str
        What makes the result doubtful, if anything.
    """

    assumes: ClassVar[str]
    kinds: ClassVar[tuple]
    cost: ClassVar[str]
    reference: ClassVar[str]
    place: ClassVar[int]
    error_method = "jackknife"
    bears_repeats = True
    leaves_bias = True
    slowest_bias = 1.0
    fewest = 4
    sweep_options = ()
    note = ""

    def __init__(self, values, groups, rng):
        self.values, self.groups, self.rng = values, groups, rng

    @classmethod
    def options(cls):
        """Names of the options that :func:`mixlib.o_information` may pass on."""
        return [*keywords(cls)]

    def check(self, table):  # noqa: B027, a hook that most estimators do not need
        """Refuse a table that the estimator is not for, and say what is doubtful."""

    @abstractmethod
    def totals(self, rows):
        """TC, DTC, Omega and S in nats, a dict of arrays (R,): one entry for each of R arrays of row numbers."""

    @abstractmethod
    def gradient(self):
        """What each variable adds to Omega in nats, from all rows: an array (n,)."""


class EntropyEstimator(Estimator):
    """One that balances entropies."""

    @abstractmethod
    def entropies(self, rows):
        """A function from a sorted tuple of variables to their entropies (R,) in nats."""

    def totals(self, rows):
        return totals_from_entropy(self.entropies(rows), len(self.groups))

    def gradient(self):
        return gradient_from_entropy(self.entropies([np.arange(len(self.values))]), len(self.groups))[0]


def reject_nominal(table, who):
    """Raise a ValueError if a column's numbers stand for categories without an order."""
    for label, nominal in zip(table.labels, table.nominal, strict=True):
        if nominal:
            raise ValueError(
                f"samples: {label} holds categories without an order, which {who} cannot use; use "
                "estimator='plugin', 'ksg' or 'score', or order them with pandas.Categorical(..., ordered=True)"
            )


def reject_dependent(values, labels):
    """Raise a ValueError if a column is a linear function of others: what continuous columns then share is infinite."""
    found = dependence(values, labels)
    if found:
        raise ValueError(f"samples: {found}")


def dependence(values, labels):
    """Which column is a linear function of which others, in words; nothing if none is."""
    correlation = np.corrcoef(values, rowvar=False)
    equal = np.argwhere(np.triu(1 - correlation**2 <= SMALLEST, k=1))
    if len(equal):
        first, second = (labels[k] for k in equal[0])
        return f"{first} and {second} are duplicates up to scale, so their information is infinite; drop one"
    if not are_dependent(correlation):
        return ""
    *others, last = (labels[member] for member in fewest_dependent(correlation, range(len(labels))))
    return f"{last} is a linear function of {', '.join(others)}, so their information is infinite; drop it"


def dependence_note(table):
    """The same of a table whose ties are broken at random: only continuous columns then share without end."""
    continuous = all(map(table.looks_continuous, range(len(table.labels))))
    return dependence(table.values, table.labels) if continuous else ""


def smallest_share(correlation):
    """The smallest share of a variance (n, n) that the others leave unexplained; 0 if rounding decides."""
    try:
        inverse = np.linalg.inv(np.linalg.cholesky(correlation))  # for few variables in one thread, unlike SciPy's
    except np.linalg.LinAlgError:
        return 0.0
    precisions = (inverse**2).sum(axis=0)
    return 1 / float(precisions.max()) if np.isfinite(precisions).all() else 0.0


def are_dependent(correlation):
    r"""Whether variables are linearly dependent: one rule for every estimator and every sweep.

    They are if the others leave no more than ``SMALLEST`` of a variable's variance unexplained,

    .. math:: \min_i \frac{1}{(R^{-1})_{ii}} \le 10^{-12},

    with ``R`` their correlation matrix. Entries of ``R`` are rounded by about 1e-16, so that of a share of 1e-12 some
    three digits are known, and of a much smaller one none. A variable more can only take from a share: if all together
    are independent, so is every subset.
    """
    return smallest_share(correlation) <= SMALLEST


def fewest_dependent(correlation, subset):
    """Members of a dependent ``subset`` that are so among themselves, and none of them superfluous: a list."""
    members = list(subset)
    for member in sorted(members, reverse=True):
        rest = [other for other in members if other != member]
        if len(rest) > 1 and are_dependent(correlation[np.ix_(rest, rest)]):
            members = rest
    return members


@functools.cache  # reading a signature takes a sixth of a small estimate
def keywords(function):
    """Names of the parameters that a function takes by keyword only."""
    parameters = inspect.signature(function).parameters.values()
    return tuple(parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY)
