"""Subsets of some orders, all of them, and where each stands."""

import math
import operator

import numpy as np

from mixlib.information.sweeps.subsets import unrank

MOST = 10**8  # subsets whose members fit into memory


def some_orders(orders, n, least):
    """The lowest and highest order that ``orders`` names: an int, a pair, a range, "2-4", or "all" from ``least`` on.

    Raises
    ------
    ValueError
        If it names something else, or orders below ``least`` or above ``n``.
    """
    if isinstance(orders, str):
        orders = (least, n) if orders == "all" else orders.split("-")
    try:
        numbers = [int(part) if isinstance(part, str) else operator.index(part) for part in orders]
    except (TypeError, ValueError):
        numbers = [orders] if isinstance(orders, (int, np.integer)) and not isinstance(orders, bool) else []
    if not numbers or (len(numbers) > 2 and numbers != list(range(numbers[0], numbers[-1] + 1))):
        raise ValueError(f"orders: got {orders!r}; expected an int, a pair (lowest, highest), a range, '2-4' or 'all'")
    lowest, highest = int(numbers[0]), int(numbers[-1])
    if not least <= lowest <= highest <= n:
        raise ValueError(f"orders: got {lowest} to {highest}; expected {least} <= lowest <= highest <= {n} variables")
    count = sum(math.comb(n, order) for order in range(lowest, highest + 1))
    if count > MOST:
        raise ValueError(f"orders: {count:.3g} subsets are too many to keep; lower the highest order")
    return lowest, highest


def every_subset(n, order):
    """All subsets of one size in lexicographic order, an int array (m, order)."""
    return unrank(np.arange(math.comb(n, order)), n, order)


def ranks(subsets, n):
    """Where sorted subsets (m, k) stand among all of their size in lexicographic order, an int array (m,)."""
    size = subsets.shape[1]
    found = np.full(len(subsets), math.comb(n, size) - 1)
    for place in range(size):
        after = np.array([math.comb(n - 1 - member, size - place) for member in range(n)])
        found -= after[subsets[:, place]]
    return found


def table_of(names, subsets, **measures):
    """A pandas table of subsets of several orders, a row each: ``variables``, ``order`` and the measures.

    Parameters
    ----------
    names : sequence
        Of all variables.
    subsets : list of int arrays (m, k)
        One for each order.
    measures : list of arrays (m,)
        One for each order.
    """
    import pandas as pd

    labels = np.array(names, dtype=object)
    members = [tuple(row) for some in subsets for row in labels[some].tolist()]
    orders = np.repeat([some.shape[1] for some in subsets], [len(some) for some in subsets])
    values = {name: np.concatenate(parts) for name, parts in measures.items()}
    return pd.DataFrame({"variables": members, "order": orders} | values)
