r"""What variables together tell of a target: total information, the redundancy-synergy index (RSI), MMI, gradient.

All follow from the mutual information :math:`I(T; Y)` of sets of sources with the target.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np

from mixlib.arrays import generator, whole
from mixlib.information.orders import every_subset, ranks, some_orders, table_of
from mixlib.information.result import NATS_PER_UNIT, check_units
from mixlib.information.shared import Shared
from mixlib.information.table import columns_of, read_table
from mixlib.information.uncertainty import METHODS, standard_errors, warn_of_series

__all__ = ["TargetInformation", "target_information", "target_sweep"]

MEASURES = ("information", "rsi", "redundancy", "synergy", "gradient")


@dataclass(frozen=True, kw_only=True)
class TargetInformation:
    """What ``n`` sources tell of a target.

    Attributes
    ----------
    information : float
        Of all sources together: total information.
    rsi : float
        Redundancy-synergy index: above 0 for synergy, below for redundancy.
    redundancy, synergy : float
        Of the decomposition by minimum mutual information (MMI).
    gradient : float
        Of O-information by the target: above 0 for redundancy, below for synergy.
    alone, without : array (n,)
        Information of each source by itself, and of all but it.
    errors : dict
        Standard errors by name: of all of these but the arrays.
    units : {"nats", "bits"}
        Unit of everything here; :meth:`to` changes it.
    estimator : str
        Which one was used.
    sources : tuple of str or None
        Their names, if the samples had any, and
    target : str or None
        that of the target.
    note : str
        What makes the result doubtful, if anything.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information import target_information
    >>> first, second = np.random.default_rng(0).integers(2, size=(2, 500))
    >>> told = target_information(np.column_stack([first, second, first ^ second]), 2, "plugin")
    >>> told.to("bits")
    TargetInformation(information=1, rsi=0.995, redundancy=0.000322, synergy=0.995, gradient=-0.995, bits, plugin)
    """

    information: float
    rsi: float
    redundancy: float
    synergy: float
    gradient: float
    alone: Any
    without: Any
    errors: dict = field(default_factory=dict)
    units: str = "nats"
    estimator: str = "gaussian"
    sources: tuple | None = None
    target: str | None = None
    note: str = ""

    def to(self, units):
        """The same result in ``"nats"`` or ``"bits"``.

        Raises
        ------
        ValueError
            If ``units`` is neither.
        """
        factor = NATS_PER_UNIT[self.units] / NATS_PER_UNIT[check_units(units)]
        scaled = {name: factor * getattr(self, name) for name in (*MEASURES, "alone", "without")}
        return replace(
            self, **scaled, errors={name: factor * error for name, error in self.errors.items()}, units=units
        )

    def __repr__(self):
        values = ", ".join(f"{name}={getattr(self, name):.3g}" for name in MEASURES)
        return f"TargetInformation({values}, {self.units}, {self.estimator})"


def target_information(
    samples,
    target,
    estimator="gaussian",
    *,
    units="nats",
    groups=None,
    error="auto",
    resamples=50,
    block=None,
    rng=None,
    **options,
):
    r"""Redundancy-synergy index and relatives: what all other variables together tell of a target.

    .. math::
        \mathrm{RSI} &= I(X; Y) - \sum_i I(X_i; Y), \\
        \mathrm{Red}_{\mathrm{MMI}} &= \min_i I(X_i; Y), \qquad
        \mathrm{Syn}_{\mathrm{MMI}} = I(X; Y) - \max_i I(X_{-i}; Y), \\
        \partial_Y \Omega &= \Omega(X, Y) - \Omega(X) = (1 - n)\, I(X; Y) + \sum_i I(X_{-i}; Y)

    For two sources the gradient is minus the index, and the index is synergy less redundancy.

    Source: Chechik et al. 2001 for the index, Barrett 2015 for MMI, Scagliarini et al. 2023 for the gradient.

    Parameters
    ----------
    samples : array (T, N), list of rows or DataFrame
        As for :func:`mixlib.o_information`.
    target : int or str
        The target's number, or its name in a DataFrame or among the keys of ``groups``.
    estimator : {"gaussian", "gaussian-copula", "ksg", "plugin"}, default="gaussian"
        As for :func:`mixlib.o_information`. For "ksg" every mutual information has neighbours of its own, so their
        biases do not cancel in differences.
    units : {"nats", "bits"}, default="nats"
        Unit of the result.
    groups : None, list of lists, or dict of lists, default=None
        Columns that together form one variable; columns in no group are left out.
    error : {"auto", "jackknife", "bootstrap", None}, default="auto"
        Where standard errors come from: as for :func:`mixlib.o_information`, but they leave out a bias.
    resamples : int, default=50
        Of the bootstrap, or number of half samples. More make the errors steadier and take longer.
    block : None, int or "auto", default=None
        For rows that are a series, as for :func:`mixlib.o_information`.
    rng : None, int or numpy.random.Generator, default=None
        Deals and draws samples, breaks ties for "ksg"; ``None`` is seed 0.
    **options
        Of the estimator, as for :func:`mixlib.o_information`.

    Returns
    -------
    TargetInformation

    Raises
    ------
    ValueError
        If the target does not exist, fewer than two sources are left, or as :func:`mixlib.o_information`.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information import target_information
    >>> x, y, noise = np.random.default_rng(0).normal(size=(3, 1000))
    >>> told = target_information(np.column_stack([x, y, x + y + noise]), target=2)
    >>> print(f"{told.rsi:.2f} ± {told.errors['rsi']:.2f} nats")  # positive: synergy
    0.12 ± 0.02 nats
    """
    check_units(units)
    if error not in METHODS:
        raise ValueError(f"error: got {error!r}, expected one of {', '.join(map(repr, METHODS))}")
    whole(resamples, "resamples", 2)
    rng = generator(rng)
    table = read_table(samples, groups)
    names = table.variables or tuple(range(len(table.groups)))
    place = _place(target, names)
    if len(names) < 3:
        raise ValueError(f"samples: {len(names)} variables leave fewer than two sources beside the target; add some")
    made = _Told(table, place, Shared(table, estimator, rng=rng, **options))
    found = made.measures(made.shared)
    if block is None and error is not None:
        warn_of_series(table.values)
    spread = standard_errors(made, error, rng=rng, resamples=resamples, block=block).errors
    return TargetInformation(
        **{name: value if name in ("alone", "without") else float(value) for name, value in found.items()},
        errors=spread,
        estimator=estimator,
        sources=table.variables and tuple(name for number, name in enumerate(names) if number != place),
        target=table.variables and names[place],
        note=made.shared.note,
    ).to(units)


def target_sweep(
    samples,
    target,
    orders=2,
    estimator="gaussian",
    *,
    top=None,
    by="rsi",
    units="nats",
    rng=None,
    progress=None,
    **options,
):
    r"""Redundancy-synergy index and relatives of many subsets of sources: all of some orders.

    The measures are those of :func:`target_information`. A mutual information that several subsets need is computed
    once: Gaussian ones take about a microsecond each.

    Source: as for :func:`target_information`.

    Parameters
    ----------
    samples : array (T, N), list of rows or DataFrame
        As for :func:`mixlib.o_information`; three more than the highest order are enough.
    target : int or str
        Its number, or its name in a DataFrame.
    orders : int, pair of int, range or str, default=2
        How many sources the subsets have: 2, (2, 4) for 2 to 4, "2-4", "all".
    estimator : {"gaussian", "gaussian-copula", "ksg", "plugin"}, default="gaussian"
        As for :func:`target_information`.
    top : None or int, default=None
        Keep so many subsets of lowest ``by`` and as many of highest. ``None`` keeps all.
    by : {"information", "rsi", "redundancy", "synergy", "gradient"}, default="rsi"
        What the table is sorted by, the highest first.
    units : {"nats", "bits"}, default="nats"
        Unit of the result.
    rng : None, int or numpy.random.Generator, default=None
        Breaks ties for "ksg"; ``None`` is seed 0.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.
    **options
        Of the estimator, as for :func:`mixlib.o_information`.

    Returns
    -------
    DataFrame
        A row a subset: ``variables`` (a tuple of names, or of numbers), ``order`` and the five measures.

    Raises
    ------
    ValueError
        If the target does not exist, orders are none of 2 to the number of sources, or as :func:`target_information`.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information import target_sweep
    >>> samples = np.random.default_rng(0).normal(size=(1000, 6))
    >>> samples[:, 5] += samples[:, 0] + samples[:, 1]
    >>> target_sweep(samples, target=5, orders="2-3", top=1)[["variables", "rsi", "synergy"]].round(3)
       variables    rsi  synergy
    0  (0, 1, 4)  0.172    0.001
    1     (0, 2) -0.001   -0.000
    """
    factor = NATS_PER_UNIT[check_units(units)]
    if by not in MEASURES:
        raise ValueError(f"by: got {by!r}, expected one of {', '.join(map(repr, MEASURES))}")
    if top is not None:
        whole(top, "top", 1)
    shared = Shared(samples, estimator, rng=rng, progress=progress, **options)
    place = _place(target, shared.names)
    sources = np.array([column for column in range(len(shared.names)) if column != place])
    lowest, highest = some_orders(orders, len(sources), 2)
    if highest + 3 > len(shared.table.values):
        raise ValueError(f"orders: {len(shared.table.values)} samples are too few for {highest} sources and the target")
    told, subsets = {}, {}
    for order in sorted({1, *range(lowest - 1, highest + 1)}):
        subsets[order] = every_subset(len(sources), order)
        beside = np.full((len(subsets[order]), 1), place)
        told[order] = shared.between(sources[subsets[order]], beside) / factor
    wanted, parts = [subsets[order] for order in range(lowest, highest + 1)], []
    for some in wanted:
        order = some.shape[1]
        without = [told[order - 1][ranks(np.delete(some, i, axis=1), len(sources))] for i in range(order)]
        parts.append(_measures(told[order], told[1][some].T, np.array(without)))
    measures = {name: [part[name] for part in parts] for name in MEASURES}
    sequence = np.argsort(-np.concatenate(measures[by]), kind="stable")
    if top is not None and 2 * top < len(sequence):
        sequence = np.concatenate([sequence[:top], sequence[-top:]])
        wanted, measures, sequence = _only(sequence, wanted, measures)
    names = [shared.names[source] for source in sources]
    return table_of(names, wanted, **measures).iloc[sequence].reset_index(drop=True)


class _Told:
    """What standard errors ask of an estimator, for the measures of one target."""

    leaves_bias, fewest = False, 4

    def __init__(self, table, place, shared):
        self.values, self.shared, self.bears_repeats = table.values, shared, shared.bears_repeats
        self.error_method = "jackknife" if self.bears_repeats else "bootstrap"
        self.sources = [columns for variable, columns in enumerate(table.groups) if variable != place]
        self.target = table.groups[place]

    def totals(self, rows):
        runs = [self.measures(self.shared.of_rows(chosen)) for chosen in rows]
        return {name: np.array([run[name] for run in runs]) for name in MEASURES}

    def measures(self, shared):
        """The measures, and the information of each source by itself and of all but it."""
        every = range(len(self.sources))
        alone = np.array([self._told_by(shared, [source]) for source in every])
        without = np.array([self._told_by(shared, [other for other in every if other != out]) for out in every])
        return _measures(self._told_by(shared, every), alone, without) | {"alone": alone, "without": without}

    def _told_by(self, shared, sources):
        return shared.between([columns_of(self.sources, sources)], [self.target])[0]


def _measures(together, alone, without):
    """The five measures from the information of all sources, of each alone (n, ...), and of all but each (n, ...)."""
    n = len(alone)
    return {
        "information": together,
        "rsi": together - alone.sum(axis=0),
        "redundancy": alone.min(axis=0),
        "synergy": together - without.max(axis=0),
        "gradient": (1 - n) * together + without.sum(axis=0),
    }


def _only(rows, subsets, measures):
    """Subsets and measures of these ``rows`` of all orders, and in which sequence the rows now stand."""
    ends = np.cumsum([0, *map(len, subsets)])
    kept = [np.sort(rows[(rows >= first) & (rows < last)]) - first for first, last in pairwise(ends)]
    subsets = [some[few] for some, few in zip(subsets, kept, strict=True)]
    measures = {
        name: [values[few] for values, few in zip(parts, kept, strict=True)] for name, parts in measures.items()
    }
    return subsets, measures, np.searchsorted(np.sort(rows), rows)


def _place(target, names):
    """The number of a variable by its name or number."""
    names = list(names)
    if isinstance(names[0], str) and names.count(str(target)) == 1:
        return names.index(str(target))
    if isinstance(target, (int, np.integer)) and not isinstance(target, bool) and 0 <= target < len(names):
        return int(target)
    raise ValueError(f"target: {target!r} does not exist; variables are {', '.join(map(str, names))}")
