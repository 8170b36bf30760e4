"""The best of many values, and what all of them are like."""

import numpy as np

from mixlib.compiled import compiled
from mixlib.information.result import NOTHING

PATIENCE = 2**18  # values that are looked through without a compiler, in a thirtieth of a second
PROFILE = ("subsets", "negative", "total", "squares", "lowest", "highest")  # of Omega in nats, for each order


def empty_profile(lowest, highest):
    """A profile of no subsets: a row an order, with the columns ``PROFILE``."""
    profile = np.zeros((highest - lowest + 1, len(PROFILE)))
    profile[:, 4], profile[:, 5] = np.inf, -np.inf
    return profile


def merge_best(keys, values, top):
    """The ``top`` lowest values, of equal ones those of lower keys, with their keys: two arrays, sorted."""
    best = np.lexsort((keys, values))[:top]
    return keys[best], values[best]


def tally(omega, levels, shift, profile):
    """Add values, some of them NaN, to the rows ``levels + shift`` of a profile."""
    if _tally.is_worth(omega.size):
        _tally(omega, levels, shift, profile)
        return
    there = ~np.isnan(omega)
    w, rows = omega[there], levels[there] + np.int64(shift)
    for column, values in enumerate((1, w < -NOTHING, w, w * w)):
        np.add.at(profile[:, column], rows, values)
    np.minimum.at(profile[:, 4], rows, w)
    np.maximum.at(profile[:, 5], rows, w)


def select_best(omega, first, sign, keys, values):
    """Keep the smallest of ``sign * omega`` in a heap whose root is the worst of those kept."""
    if _select_best.is_worth(omega.size):
        _select_best(omega, first, sign, keys, values)
        return
    signed = sign * omega
    found = np.flatnonzero(signed <= values[0])
    found_keys, found_values = np.concatenate([keys, first + found]), np.concatenate([values, signed[found]])
    best_keys, best = merge_best(found_keys, found_values, keys.size)
    keys[:], values[:] = best_keys[::-1], best[::-1]  # falling values are such a heap


@compiled(patience=PATIENCE, nogil=True)
def _tally(omega, levels, shift, profile):
    for t in range(omega.size):
        w = omega[t]
        if w == w:
            row = profile[levels[t] + shift]
            row[0] += 1
            row[1] += w < -NOTHING
            row[2] += w
            row[3] += w * w
            row[4] = min(row[4], w)
            row[5] = max(row[5], w)


@compiled(patience=PATIENCE, nogil=True)
def _select_best(omega, first, sign, keys, values):
    for t in range(omega.size):
        value = sign * omega[t]
        if value <= values[0] and (value < values[0] or first + t < keys[0]):
            place, child = 0, 1
            while child < keys.size:
                after = child + 1
                if after < keys.size and (
                    values[after] > values[child] or (values[after] == values[child] and keys[after] > keys[child])
                ):
                    child = after
                if values[child] < value or (values[child] == value and keys[child] < first + t):
                    break
                values[place], keys[place] = values[child], keys[child]
                place, child = child, 2 * child + 1
            values[place], keys[place] = value, first + t
