"""What a system's past tells of its future: transfer entropy, dynamic O-information, and decomposition (PhiID)."""

import numpy as np
import pandas as pd

from mixlib.information.orders import every_subset, ranks, some_orders, table_of
from mixlib.information.result import NATS_PER_UNIT, check_units
from mixlib.information.shared import Shared, lagged
from mixlib.information.table import read_table

__all__ = ["double_redundancy", "dynamic_o_information", "phi_id", "transfer_entropy"]

ATOMS = [f"{past}t{future}" for past in "rxys" for future in "rxys"]
# of redundancy, each one's own, and synergy: what lies at or below each, and so is part of what it tells
BELOW = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 1, 1]])


def transfer_entropy(samples, estimator="gaussian", *, lag=1, units="nats", rng=None, progress=None, **options):
    r"""Transfer entropy from every column to every other one.

    .. math:: T_{i \to j} = I\bigl( X_i(t - \tau);\, X_j(t) \mid X_j(t - \tau) \bigr)

    It has no standard errors: rows of a series are not independent, and the spread of local values, right for
    independent rows, came out a fifth too small for a slow one. At 0 it would not be normal either.

    Source: Schreiber 2000; Frenzel & Pompe 2007 for "ksg".

    Parameters
    ----------
    samples : array (T, N), list of rows or DataFrame
        Rows are successive times; otherwise as for :func:`mixlib.o_information`.
    estimator : {"gaussian", "gaussian-copula", "ksg", "plugin"}, default="gaussian"
        As for :func:`mixlib.o_information`.
    lag : int, default=1
        Rows from the past to the future.
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
    DataFrame (N, N)
        From the row's column to the column's; NaN on the diagonal.

    Raises
    ------
    ValueError
        If ``lag`` is below 1 or leaves too few rows, or as :func:`mixlib.o_information`.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information import transfer_entropy
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 1000))
    >>> follows = np.roll(x, 1) + noise
    >>> transfer_entropy(np.column_stack([x, follows])).round(2)
         0     1
    0  NaN  0.34
    1 -0.0   NaN
    """
    factor = NATS_PER_UNIT[check_units(units)]
    shared, names = _past_and_future(samples, estimator, lag, rng, progress, options)
    n = len(names)
    rows, columns = np.nonzero(~np.eye(n, dtype=bool))
    found = np.full((n, n), np.nan)
    found[rows, columns] = shared.between(rows[:, None], columns[:, None] + n, columns[:, None]) / factor
    return pd.DataFrame(found, index=names, columns=names)


def dynamic_o_information(
    samples, orders=3, estimator="gaussian", *, lag=1, units="nats", rng=None, progress=None, **options
):
    r"""Dynamic O-information of all subsets of some orders: what the others' past tells of each one's future.

    .. math::
        \mathrm{d}\Omega = \sum_j \Bigl[ (2 - n)\, I(X_{-j}; X'_j \mid X_j)
        + \sum_{i \ne j} I(X_{-ij}; X'_j \mid X_j) \Bigr]

    with :math:`X = X(t - \tau)` and :math:`X' = X(t)`. Above zero where the others tell of the future redundantly,
    below where synergistically, beyond what each one's own past tells. Without standard errors, for the reasons of
    :func:`transfer_entropy`.

    Source: Stramaglia et al. 2021, and its sum over targets Robiglio et al. 2025.

    Parameters
    ----------
    samples : array (T, N), list of rows or DataFrame
        Rows are successive times; otherwise as for :func:`mixlib.o_information`.
    estimator : {"gaussian", "gaussian-copula", "ksg", "plugin"}, default="gaussian"
        As for :func:`mixlib.o_information`.
    lag : int, default=1
        Rows from the past to the future.
    units : {"nats", "bits"}, default="nats"
        Unit of the result.
    rng : None, int or numpy.random.Generator, default=None
        Breaks ties for "ksg"; ``None`` is seed 0.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.
    **options
        Of the estimator, as for :func:`mixlib.o_information`.
    orders : int, pair of int, range or str, default=3
        How many variables the subsets have, from 3 on: 3, (3, 5), "3-5", "all".

    Returns
    -------
    DataFrame
        A row a subset: ``variables`` (a tuple of names, or of numbers), ``order`` and ``omega``.

    Raises
    ------
    ValueError
        If orders are none of 3 to N, or as :func:`transfer_entropy`.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information import dynamic_o_information
    >>> x, y, noise = np.random.default_rng(0).normal(size=(3, 1000))
    >>> follows = np.roll(x + y, 1) + noise
    >>> dynamic_o_information(np.column_stack([x, y, follows])).round(2)
       variables  order  omega
    0  (0, 1, 2)      3  -0.13
    """
    factor = NATS_PER_UNIT[check_units(units)]
    shared, names = _past_and_future(samples, estimator, lag, rng, progress, options)
    n = len(names)
    lowest, highest = some_orders(orders, n, 3)
    if highest + 3 > len(shared.table.values):
        raise ValueError(f"orders: {len(shared.table.values)} rows with a past are too few for {highest} variables")
    # of each subset and each of its members, what the others tell of that member's future
    subsets = {order: every_subset(n, order) for order in range(lowest - 1, highest + 1)}
    told = {
        order: np.column_stack([_told(shared, some, j, n) for j in range(order)]) for order, some in subsets.items()
    }
    found = []
    for order in range(lowest, highest + 1):
        total = (2 - order) * told[order].sum(axis=1)
        for out in range(order):
            rest = np.delete(subsets[order], out, axis=1)
            total += told[order - 1][ranks(rest, n)].sum(axis=1)
        found.append(total / factor)
    return table_of(names, [subsets[order] for order in range(lowest, highest + 1)], omega=found)


def phi_id(samples, estimator="gaussian", *, lag=1, units="nats", rng=None, progress=None, **options):
    r"""Integrated information decomposition (PhiID) of every pair of columns, by minimum mutual information.

    What the past of two variables tells of their future, :math:`I(X, Y; X', Y')`, falls into 16 atoms: ``r``
    (redundant), ``x`` and ``y`` (of one alone) or ``s`` (synergistic) in the past, then ``t`` for "to", then the same
    in the future: ``rtr`` is what both pasts tell of both futures, ``sts`` what only the pair tells of only the pair.
    The atoms solve

    .. math:: \sum_{\alpha' \le \alpha,\, \beta' \le \beta} \mathrm{atom}(\alpha' \to \beta')
              = \min_{a \in \alpha,\, b \in \beta} I(a; b').

    Without standard errors: a minimum has none by local values where two of its terms tie.

    Source: Mediano et al. 2021; Barrett 2015 for minimum mutual information.

    Parameters
    ----------
    samples : array (T, N), list of rows or DataFrame
        Rows are successive times; otherwise as for :func:`mixlib.o_information`.
    estimator : {"gaussian", "gaussian-copula", "ksg", "plugin"}, default="gaussian"
        As for :func:`mixlib.o_information`.
    lag : int, default=1
        Rows from the past to the future.
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
        A row a pair: ``variables`` (two names, or numbers), ``order`` (2) and the atoms, from ``rtr`` to ``sts``.

    Raises
    ------
    ValueError
        As :func:`transfer_entropy`.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information import phi_id
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 1000))
    >>> follows = np.roll(x, 1) + noise
    >>> phi_id(np.column_stack([x, follows]))[["xty", "yts", "sts"]].round(2)
        xty  yts  sts
    0  0.34  0.0 -0.0
    """
    factor = NATS_PER_UNIT[check_units(units)]
    shared, names = _past_and_future(samples, estimator, lag, rng, progress, options)
    n = len(names)
    pairs = every_subset(n, 2)
    sets = [pairs[:, :1], pairs[:, 1:], pairs]
    told = np.array([[shared.between(past, future + n) for future in sets] for past in sets])
    members = [[0, 1], [0], [1], [2]]  # what is redundant is in both
    least = np.array([[told[np.ix_(past, future)].min(axis=(0, 1)) for future in members] for past in members])
    undo = np.linalg.inv(BELOW)
    atoms = np.einsum("ab,bcm,dc->adm", undo, least, undo) / factor
    columns = {name: [values] for name, values in zip(ATOMS, atoms.reshape(16, -1), strict=True)}
    return table_of(names, [pairs], **columns)


def double_redundancy(
    samples, orders=2, estimator="gaussian", *, lag=1, units="nats", rng=None, progress=None, **options
):
    r"""Double redundancy of all subsets of some orders: what every member's past tells of every member's future.

    .. math:: \min_{i, j} I\bigl( X_i(t - \tau);\, X_j(t) \bigr)

    Of two variables it is the atom ``rtr`` of :func:`phi_id`, and without standard errors for the same reason.

    Source: Mediano et al. 2021.

    Parameters
    ----------
    samples : array (T, N), list of rows or DataFrame
        Rows are successive times; otherwise as for :func:`mixlib.o_information`.
    estimator : {"gaussian", "gaussian-copula", "ksg", "plugin"}, default="gaussian"
        As for :func:`mixlib.o_information`.
    lag : int, default=1
        Rows from the past to the future.
    units : {"nats", "bits"}, default="nats"
        Unit of the result.
    rng : None, int or numpy.random.Generator, default=None
        Breaks ties for "ksg"; ``None`` is seed 0.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.
    **options
        Of the estimator, as for :func:`mixlib.o_information`.
    orders : int, pair of int, range or str, default=2
        How many variables the subsets have, from 2 on: 2, (2, 4), "2-4", "all".

    Returns
    -------
    DataFrame
        A row a subset: ``variables`` (a tuple of names, or of numbers), ``order`` and ``redundancy``.

    Raises
    ------
    ValueError
        If orders are none of 2 to N, or as :func:`transfer_entropy`.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information import double_redundancy
    >>> walk = np.cumsum(np.random.default_rng(0).normal(size=300))
    >>> noise = np.random.default_rng(1).normal(size=(2, 300))
    >>> double_redundancy(np.column_stack([walk, *(walk + noise)]), "2-3").round(2)
       variables  order  redundancy
    0     (0, 1)      2        1.18
    1     (0, 2)      2        1.22
    2     (1, 2)      2        1.18
    3  (0, 1, 2)      3        1.18
    """
    factor = NATS_PER_UNIT[check_units(units)]
    shared, names = _past_and_future(samples, estimator, lag, rng, progress, options)
    n = len(names)
    lowest, highest = some_orders(orders, n, 2)
    rows, columns = np.indices((n, n)).reshape(2, -1, 1)
    told = shared.between(rows, columns + n).reshape(n, n)
    subsets = [every_subset(n, order) for order in range(lowest, highest + 1)]
    found = [told[some[:, :, None], some[:, None, :]].min(axis=(1, 2)) / factor for some in subsets]
    return table_of(names, subsets, redundancy=found)


def _past_and_future(samples, estimator, lag, rng, progress, options):
    """What is shared among the columns now (0 to n - 1) and later (n to 2 n - 1), and the names of the n."""
    table = lagged(read_table(samples, together=1), lag)
    shared = Shared(table, estimator, rng=rng, progress=progress, **options)
    n = len(table.labels) // 2
    return shared, shared.names[:n]


def _told(shared, subsets, place, n):
    """What the others of each subset tell of the future of the member at ``place``, beyond its own past."""
    member = subsets[:, place : place + 1]
    return shared.between(np.delete(subsets, place, axis=1), member + n, member)
