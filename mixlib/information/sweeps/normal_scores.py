"""Normal scores of many columns: ranking them would take longer than many a sweep."""

from functools import lru_cache

import numpy as np

from mixlib.compiled import compiled
from mixlib.information.ranks import normal_scores

PATIENCE = 2**19  # values that are ranked without a compiler
DIGIT, DIGITS = 11, 3  # bits of a radix sort's digit, and how many are sorted by


def quick_normal_scores(values):
    """What :func:`normal_scores` gives for ``values`` (T, N), to the last bit, in half the time."""
    if not _rank.is_worth(values.size):
        return normal_scores(values)
    size = len(values)
    quantiles, scores = _quantiles(size), np.empty_like(values)
    order, keys = np.empty((2, size), dtype=np.int64), np.empty((2, size), dtype=np.int64)
    counts = np.empty((DIGITS, 1 << DIGIT), dtype=np.int64)
    slow = []
    for column in range(values.shape[1]):
        contiguous = values[:, column].copy()
        if not _rank(contiguous, contiguous.view(np.int64), quantiles, order, keys, counts, scores[:, column]):
            slow.append(column)
    if slow:
        scores[:, slow] = normal_scores(values[:, slow])
    return scores


@lru_cache(maxsize=1)
def _quantiles(size):
    return normal_scores(np.arange(size, dtype=float)[:, None])[:, 0]


@compiled(patience=PATIENCE, nogil=True)
def _rank(values, bits, quantiles, order, keys, counts, scores):
    """Give the t-th smallest of ``values`` the t-th of ``quantiles``; False if some are equal, or too many nearly so.

    A radix sort by the leading bits, after which few are out of place.
    """
    size = values.size
    counts[:] = 0
    for t in range(size):
        sign = bits[t] >> 63  # the order of floats is that of their bits, the negative ones turned over
        key = ((bits[t] ^ (sign & 0x7FFFFFFFFFFFFFFF)) >> (64 - DIGIT * DIGITS)) + (1 << (DIGIT * DIGITS - 1))
        keys[0, t], order[0, t] = key, t
        for digit in range(DIGITS):
            counts[digit, (key >> (DIGIT * digit)) & ((1 << DIGIT) - 1)] += 1
    for digit in range(DIGITS):
        before = 0
        for value in range(1 << DIGIT):
            counts[digit, value], before = before, before + counts[digit, value]
        now, then = digit % 2, 1 - digit % 2
        for t in range(size):
            key = keys[now, t]
            value = (key >> (DIGIT * digit)) & ((1 << DIGIT) - 1)
            place = counts[digit, value]
            counts[digit, value] += 1
            keys[then, place], order[then, place] = key, order[now, t]
    sorted_by = order[DIGITS % 2]
    moves = 0
    for t in range(1, size):
        row, place = sorted_by[t], t
        while place > 0 and values[sorted_by[place - 1]] > values[row]:
            sorted_by[place] = sorted_by[place - 1]
            place -= 1
            moves += 1
        sorted_by[place] = row
        if moves > size:
            return False
    for t in range(size):
        if t > 0 and values[sorted_by[t]] == values[sorted_by[t - 1]]:
            return False
        scores[sorted_by[t]] = quantiles[t]
    return True
