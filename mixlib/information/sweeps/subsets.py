"""Subsets by number: in lexicographic order within each size, or by the bits of a mask."""

import math
import operator
from functools import cache

import numpy as np
from array_api_compat import array_namespace, device

LARGEST = np.iinfo(np.int64).max
LOWEST = 3  # order; of two variables Omega is 0


def check_orders(orders, n):
    """The lowest and highest order that ``orders`` names: None or "all" from 3 on, an int, a pair, a range, "3-5".

    Raises
    ------
    ValueError
        If it names something else, or orders below ``LOWEST`` or above ``n``.
    """
    if orders is None or (isinstance(orders, str) and orders == "all"):
        orders = (LOWEST, n)
    elif isinstance(orders, str):
        orders = orders.replace("-", " ").split()
    try:
        numbers = [operator.index(orders)] if not hasattr(orders, "__iter__") else [_integer(part) for part in orders]
    except (TypeError, ValueError):
        numbers = []
    if not numbers or (len(numbers) > 2 and numbers != list(range(numbers[0], numbers[-1] + 1))):
        raise ValueError(f"orders: got {orders!r}; expected an int, a pair (lowest, highest), a range or '3-5'")
    lowest, highest = numbers[0], numbers[-1]
    if not LOWEST <= lowest <= highest <= n:
        raise ValueError(
            f"orders: got {lowest} to {highest} for {n} variables; expected {LOWEST} <= lowest <= highest <= {n} (of "
            "two variables, Omega is always 0)"
        )
    return lowest, highest


def count_subsets(n, lowest, highest):
    """How many subsets of ``n`` variables have between ``lowest`` and ``highest`` members."""
    return sum(math.comb(n, order) for order in range(lowest, highest + 1))


def rank(subset, n):
    """The number of a sorted subset among all of its size in lexicographic order."""
    size = len(subset)
    return math.comb(n, size) - 1 - sum(math.comb(n - 1 - v, size - i) for i, v in enumerate(subset))


def unrank(ranks, n, size):
    """The subsets of ``size`` with these numbers, an array or tensor (m,): integers (m, size) of the same kind.

    The number of the mirrored subset, counted from the end, is a sum of binomials, which is taken apart greedily.
    """
    xp = array_namespace(ranks)
    left = math.comb(n, size) - 1 - ranks
    members = []
    for place in range(size):
        table = xp.asarray(_binomials(n, size - place), device=device(ranks))
        mirrored = xp.searchsorted(table, left, side="right") - 1
        left = left - table[mirrored]
        members.append(n - 1 - mirrored)
    return xp.stack(members, axis=-1)


def from_masks(masks, n, width):
    """The subsets whose members are the set bits of ``masks``: an int array (m, width), padded with -1."""
    member = np.asarray(masks, dtype=np.int64)[:, None] >> np.arange(n) & 1
    subsets = np.sort(np.where(member, np.arange(n), n), axis=1)[:, :width]
    return np.where(subsets < n, subsets, -1)


@cache
def _binomials(n, k):
    """How many subsets of ``k`` have 0 to ``n - 1`` variables, as far as an integer can hold it."""
    return np.array([min(math.comb(v, k), LARGEST) for v in range(n)])


def _integer(part):
    return int(part) if isinstance(part, str) else operator.index(part)
