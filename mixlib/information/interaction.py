"""Co-information, also called topological or interaction information: what variables have in common, order by order."""

from itertools import combinations

import numpy as np

from mixlib.information.orders import every_subset, ranks, some_orders, table_of
from mixlib.information.result import NATS_PER_UNIT, check_units
from mixlib.information.shared import Shared

__all__ = ["co_information"]


def co_information(samples, orders="2-3", estimator="gaussian", *, units="nats", progress=None, **options):
    r"""Co-information of all subsets of some orders: topological information.

    .. math:: I_k(X_1; \dots; X_k) = \sum_{i=1}^{k} (-1)^{i - 1} \sum_{T \subseteq X, |T| = i} H(T)

    Of two variables it is their mutual information, of three their O-information: above zero for redundancy, below for
    synergy. Of four or more its sign no longer says which prevails. A subset of order k takes :math:`2^k` entropies.
    It has no standard errors; that of three is in :func:`mixlib.o_information` of the three.

    Source: McGill 1954, Bell 2003; Baudot et al. 2019 as topological information.

    Parameters
    ----------
    samples : array (T, N), list of rows or DataFrame
        As for :func:`mixlib.o_information`; two more than the highest order are enough.
    orders : int, pair of int, range or str, default="2-3"
        How many variables the subsets have: 3, (2, 4), "2-4", "all".
    estimator : {"gaussian", "gaussian-copula", "plugin"}, default="gaussian"
        As for :func:`mixlib.o_information`. Neighbours have no entropies, so "ksg" is refused.
    units : {"nats", "bits"}, default="nats"
        Unit of the result.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.
    **options
        Of the estimator, as for :func:`mixlib.o_information`.

    Returns
    -------
    DataFrame
        A row a subset: ``variables`` (a tuple of names, or of numbers), ``order`` and ``co_information``.

    Raises
    ------
    ValueError
        If orders are none of 2 to N, columns depend on each other, or as :func:`mixlib.o_information`.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information import co_information
    >>> x, y, noise = np.random.default_rng(0).normal(size=(3, 1000))
    >>> co_information(np.column_stack([x, y, x + y + noise])).round(2)
       variables  order  co_information
    0     (0, 1)      2            0.00
    1     (0, 2)      2            0.20
    2     (1, 2)      2            0.25
    3  (0, 1, 2)      3           -0.12
    """
    factor = NATS_PER_UNIT[check_units(units)]
    shared = Shared(samples, estimator, progress=progress, **options)
    n = len(shared.names)
    lowest, highest = some_orders(orders, n, 2)
    if highest + 2 > len(shared.table.values):
        raise ValueError(f"orders: {len(shared.table.values)} samples are too few for {highest} variables")
    subsets = {order: every_subset(n, order) for order in range(1, highest + 1)}
    entropies = {order: shared.entropy(some) for order, some in subsets.items()}
    found = []
    for order in range(lowest, highest + 1):
        total = np.zeros(len(subsets[order]))
        for size in range(1, order + 1):
            sign = 1 if size % 2 else -1
            for places in combinations(range(order), size):
                total += sign * entropies[size][ranks(subsets[order][:, places], n)]
        found.append(total / factor)
    return table_of(shared.names, [subsets[order] for order in range(lowest, highest + 1)], co_information=found)
