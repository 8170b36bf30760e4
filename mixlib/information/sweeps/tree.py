"""Gaussian sweep of all orders: a tree that forks at every variable, left out or eliminated."""

import math
from functools import cached_property

import numpy as np

from mixlib.compiled import compiled
from mixlib.information.sweeps.base import Block, GaussianEngine, cut
from mixlib.information.sweeps.elimination import FACTORS, eliminate, gather
from mixlib.information.sweeps.subsets import from_masks

FORKED = 13  # variables forked within a block: its tree then just fits into the processor's cache
TASK = 2**7  # blocks, the least that are worth sending to another process


class GaussianTree(GaussianEngine):
    r"""All subsets in the order of their bit masks, which are the keys.

    The last variables are fixed for a block: those of its high bits, ``P``, are eliminated at its start. Then each of
    the first ``FORKED`` variables forks every matrix of the tree into its remaining block (variable left out) and the
    Schur complement (variable in), the masks along the contiguous axis. With ``ld`` the log-determinants of the block,

    .. math:: 2 \Omega(S) = (k - 2)\, \mathrm{ld}(S) - \sum_{i \in S} \mathrm{ld}(S \setminus i),

    where the terms of the forked variables are looked up in the block, and those of ``P`` come from the diagonal of the
    inverse, which is forked along.
    """

    def __init__(self, correlation, lowest, highest, n_samples=None, **names):
        super().__init__(correlation, lowest, highest, n_samples, **names)
        self.forked = min(FORKED, self.n)

    @cached_property
    def tasks(self):
        return cut(1 << (self.n - self.forked), TASK)

    def size(self, task):
        low = [math.comb(self.forked, j) for j in range(self.forked + 1)]
        within = np.array(
            [sum(low[max(self.lowest - high, 0) : max(self.highest - high + 1, 0)]) for high in range(self.n + 1)]
        )
        return int(within[np.bitwise_count(np.arange(*task))].sum())

    def every_key(self):
        orders = np.bitwise_count(np.arange(1 << self.n, dtype=np.uint64))
        return np.flatnonzero((orders >= self.lowest) & (orders <= self.highest))

    def subsets(self, keys):
        return from_masks(keys, self.n, self.highest)

    def orders(self, keys):
        return np.bitwise_count(keys)

    def small_blocks(self, task):
        size = 1 << self.forked
        for high in range(*task):
            keys = np.arange(high * size, (high + 1) * size)
            orders = np.bitwise_count(keys)
            there = (orders >= self.lowest) & (orders <= self.highest)
            omega, tc = np.full((2, size), np.nan)
            omega[there], tc[there] = self.measure(self.subsets(keys[there]))
            yield Block(high * size, orders, 0, omega, tc)

    def quick_blocks(self, task, with_tc=False):
        size = 1 << self.forked
        levels = np.bitwise_count(np.arange(size)).astype(np.uint8)
        fork = np.empty(_row(self.forked, self.forked, self.forked))
        log_dets, products, inverses, weight, precision, rest, omega, tc = (np.empty(size) for _ in range(8))
        for high in range(*task):
            chosen = np.flatnonzero(high >> np.arange(self.n - self.forked) & 1) + self.forked
            shift = len(chosen)
            if shift > self.highest or shift + self.forked < self.lowest:
                continue
            work = fork, inverses, weight, precision
            variables = np.concatenate([chosen, np.arange(self.forked)])
            log_det = _fork(self.correlation, variables, self.forked, *work, log_dets, products, rest)
            with np.errstate(all="ignore"):  # of dependent subsets
                np.log(log_dets, out=log_dets)
                np.log(products, out=products)
            products += rest
            _gather_omega(log_det, log_dets, products, levels, self.omega_bias[shift:], omega)
            if with_tc:
                _total_correlation(log_det, log_dets, levels, self.tc_bias[shift:], tc)
            yield Block(high * size, levels, shift, omega, tc if with_tc else None)


@compiled(nogil=True, error_model="numpy")
def _fork(correlation, variables, depth, fork, inverses, weight, precision, dets, products, rest):
    """Grow the tree: for each mask its relative determinant, and the product of the precisions of the chosen.

    The last ``depth`` of ``variables`` are forked, the others chosen. Logarithms of products that grow too large go to
    ``rest``. Returns the log-determinant of the chosen.

    Given each mask of the first ``r`` variables, ``fork`` holds the covariances of variable ``r`` with itself and later
    ones, ``inverses[2**r:]`` its reciprocal variance, and ``weight[2**r:]`` how one of the chosen depends on it.
    """
    n = variables.size
    count = n - depth
    residual, weights, precisions = np.empty((n, n)), np.empty((count, n)), np.empty(count)
    gather(correlation, variables, residual)
    log_det = eliminate(residual, weights, precisions, count)
    for r in range(depth):
        for c in range(r, depth):
            fork[_row(depth, r, c)] = residual[count + r, count + c]
    slope = np.empty(dets.size // 2)
    dets[0] = 1.0
    for d in range(depth):
        half = 1 << d
        pivot, inverse = fork[_row(depth, d, d) :], inverses[half:]
        for t in range(half):
            inverse[t] = 1 / pivot[t]
            dets[half + t] = dets[t] * pivot[t]
        for r in range(d + 1, depth):
            with_r = fork[_row(depth, d, r) :]
            for t in range(half):
                slope[t] = with_r[t] * inverse[t]
            for c in range(r, depth):
                with_c, between = fork[_row(depth, d, c) :], fork[_row(depth, r, c) :]
                for t in range(half):
                    between[half + t] = between[t] - slope[t] * with_c[t]
    products[:], rest[:] = 1.0, 0.0
    for i in range(count):
        if i % FACTORS == FACTORS - 1:
            for t in range(dets.size):
                rest[t] += math.log(products[t])
                products[t] = 1.0
        precision[0] = precisions[i]
        for r in range(depth):
            weight[1 << r] = weights[i, count + r]
        for d in range(depth):
            half = 1 << d
            of_d, inverse = weight[half:], inverses[half:]
            for t in range(half):
                slope[t] = of_d[t] * inverse[t]
                precision[half + t] = precision[t] + of_d[t] * slope[t]
            for c in range(d + 1, depth):
                with_c, of_c = fork[_row(depth, d, c) :], weight[1 << c :]
                for t in range(half):
                    of_c[half + t] = of_c[t] - slope[t] * with_c[t]
        for t in range(dets.size):
            products[t] *= precision[t]
    return log_det


@compiled(nogil=True)
def _row(depth, r, c):
    """Where the covariances of ``r <= c`` begin: ``depth - r`` rows of ``2**r``, one ``r`` after the other."""
    return ((depth + 2 + c - 2 * r) << r) - depth - 2


@compiled(nogil=True)
def _gather_omega(log_det, log_dets, precisions, levels, bias, omega):
    """Omega of each mask, from relative log-determinants and the sum of logarithms of the chosen's precisions."""
    size = omega.size
    for start in range(0, size, 4):
        none, first, second = log_dets[start], log_dets[start + 1], log_dets[start + 2]
        omega[start], omega[start + 1], omega[start + 2], omega[start + 3] = 0.0, none, none, first + second
    step = 4
    while step < size:
        for start in range(0, size, 2 * step):
            without, into = log_dets[start : start + step], omega[start + step : start + 2 * step]
            for t in range(step):
                into[t] += without[t]
        step *= 2
    for t in range(size):
        level = levels[t]
        omega[t] = ((level - 2.0) * log_dets[t] - omega[t] - precisions[t]) / 2 - log_det - bias[level]


@compiled(nogil=True)
def _total_correlation(log_det, log_dets, levels, bias, tc):
    for t in range(tc.size):
        tc[t] = -(log_det + log_dets[t]) / 2 - bias[levels[t]]
