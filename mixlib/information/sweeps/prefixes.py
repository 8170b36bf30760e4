"""Gaussian sweep of a few orders: subsets that begin alike share their elimination."""

import math
from functools import cached_property

import numpy as np

from mixlib.compiled import compiled
from mixlib.information.estimators.base import SMALLEST
from mixlib.information.sweeps.base import Block, GaussianEngine, Lexicographic, cut
from mixlib.information.sweeps.elimination import FACTORS
from mixlib.information.sweeps.subsets import rank

BLOCK = 2**13  # subsets at a time, so that they stay in the processor's cache
TASK = 2**20  # subsets, the least that is worth sending to another process


class GaussianPrefixes(Lexicographic, GaussianEngine):
    r"""Subsets of one order after the other, lexicographically; keys count them.

    All but the last two variables ``q < j`` of a subset form its prefix ``P``. Eliminating ``P`` once leaves the
    covariance ``R`` of the rest, and for each pair

    .. math:: -2 \Omega = 2 \log\det \Sigma_{PP} + \log (R_{qq} R_{jj}) + \sum_{i \in P} \log K_{ii},

    where :math:`K_{ii}` grows from the prefix's own inverse by one square for ``q`` and one for ``j``.
    """

    @cached_property
    def tasks(self):
        # a prefix belongs to one task
        starts = sorted({0, *(self._start_of_prefix(start) for start, _ in cut(self.n_subsets, TASK)[1:])})
        return list(zip(starts, [*starts[1:], self.n_subsets], strict=True))

    def quick_blocks(self, task, with_tc=False):
        rest = self.n - self.lowest + 2
        room = min(self.size(task), max(BLOCK, rest * (rest - 1) // 2))
        omega, tc, dets, products = (np.empty(room) for _ in range(4))
        levels = np.zeros(room, dtype=np.uint8)
        for order, key, end in self.runs(task):
            prefix = self.subsets([key])[0, : order - 2]
            stack, ready = _stack(self.correlation, order - 2), 0
            while key < end:
                count, ready = _fill(end - key, prefix, ready, *stack, omega, tc, dets, products)
                done = slice(count)
                _finish(omega[done], _log(products[done]), self.omega_bias[order])
                if with_tc:
                    _finish(tc[done], _log(dets[done]), self.tc_bias[order])
                yield Block(key, levels[done], order, omega[done], tc[done] if with_tc else None)
                key += count

    def _start_of_prefix(self, key):
        subset = self.subsets([key])[0]
        order = int((subset >= 0).sum())
        prefix = subset[: order - 2].tolist()
        return self.first_keys[order] + rank([*prefix, prefix[-1] + 1, prefix[-1] + 2], self.n)


@np.errstate(all="ignore")
def _log(values):
    # in NumPy, whose logarithm takes several at a time
    return np.log(values, out=values)


def _stack(correlation, p):
    """Room for what is left after each variable of a prefix: covariances, weights, precisions, log-determinants."""
    n = len(correlation)
    residuals = np.empty((p + 1, n, n))
    residuals[0] = correlation
    return residuals, np.empty((p + 1, p, n)), np.empty((p + 1, p)), np.zeros(p + 1)


@compiled(nogil=True, error_model="numpy")
def _fill(left, prefix, ready, residuals, weights, precisions, log_dets, omega, tc, dets, products):
    """Fill the arrays for as many whole prefixes as fit, and move ``prefix`` on.

    ``omega`` still lacks half the logarithm of ``products``, ``tc`` half that of ``dets``; NaN marks variables that
    depend on each other. Levels up to ``ready`` of the stack belong to the prefix. Returns how many subsets were
    filled, and the new ``ready``.
    """
    n, p = residuals.shape[1], prefix.size
    slope, inverse, variances, grown = np.empty(n), np.empty(n), np.empty(n), np.empty(p)
    filled = 0
    while filled < left:
        rest = n - 1 - prefix[p - 1]
        if filled + rest * (rest - 1) // 2 > omega.size:
            break
        for level in range(ready, p):
            _eliminate_next(prefix[level], level, residuals, weights, precisions, log_dets)
        residual, weight, precision, log_det = residuals[p], weights[p], precisions[p], log_dets[p]
        for j in range(n - rest, n):
            variances[j] = residual[j, j]
        for q in range(n - rest, n - 1):
            variance, reciprocal = variances[q], 1 / variances[q]
            start = -log_det if variance > SMALLEST else np.nan
            for i in range(p):
                grown[i] = precision[i] + weight[i, q] ** 2 * reciprocal
            m = n - 1 - q
            run = slice(filled, filled + m)
            omega_run, tc_run, dets_run, products_run = omega[run], tc[run], dets[run], products[run]
            with_q, others = residual[q, q + 1 : n], variances[q + 1 : n]
            for j in range(m):
                slope[j] = with_q[j] * reciprocal
                pivot = others[j] - with_q[j] * slope[j]
                inverse[j] = 1 / pivot
                dets_run[j] = variance * pivot
                products_run[j] = variance * others[j]
                omega_run[j] = start if pivot > SMALLEST else np.nan
                tc_run[j] = start / 2
            for i in range(p):
                if i % FACTORS == FACTORS - 1:
                    for j in range(m):
                        omega_run[j] -= math.log(products_run[j]) / 2
                        products_run[j] = 1.0
                at_q, base, row = weight[i, q], grown[i], weight[i, q + 1 : n]
                for j in range(m):
                    share = row[j] - at_q * slope[j]
                    products_run[j] *= base + share * share * inverse[j]
            filled += m
        ready = _advance(prefix, n - 2)
    return filled, ready


@compiled(nogil=True, error_model="numpy")
def _eliminate_next(pivot, level, residuals, weights, precisions, log_dets):
    """Eliminate variable ``pivot`` from one level of the stack to the next, as far as later variables are concerned."""
    n = residuals.shape[1]
    before, after, weight = residuals[level], residuals[level + 1], weights[level]
    variance = before[pivot, pivot]
    log_dets[level + 1] = log_dets[level] + (math.log(variance) if variance > SMALLEST else np.nan)
    slope = weights[level + 1, level]
    for column in range(pivot + 1, n):
        slope[column] = before[pivot, column] / variance
    precisions[level + 1, level] = 1 / variance
    for i in range(level):
        share = weight[i, pivot]
        precisions[level + 1, i] = precisions[level, i] + share * share / variance
        for column in range(pivot + 1, n):
            weights[level + 1, i, column] = weight[i, column] - share * slope[column]
    for row in range(pivot + 1, n):
        share = before[pivot, row]
        for column in range(row, n):
            after[row, column] = before[row, column] - share * slope[column]


@compiled(nogil=True)
def _finish(values, logs, bias):
    for t in range(values.size):
        values[t] -= logs[t] / 2 + bias


@compiled(nogil=True)
def _advance(prefix, n):
    """Turn ``prefix`` into the next subset of its size among ``n`` variables; tells how many entries stay."""
    i = prefix.size - 1
    while i > 0 and prefix[i] == n - prefix.size + i:
        i -= 1
    prefix[i] += 1
    for j in range(i + 1, prefix.size):
        prefix[j] = prefix[j - 1] + 1
    return i
