"""Gaussian elimination of variables, one after the other: what every Gaussian sweep is made of."""

import math

import numpy as np

from mixlib.compiled import compiled
from mixlib.information.estimators.base import SMALLEST

FACTORS = 16  # entries of an inverse, at most 1 / SMALLEST each, whose product cannot overflow


@compiled(nogil=True, error_model="numpy")
def eliminate(residual, weights, precisions, count):
    r"""Eliminate the first ``count`` variables of a covariance in place and return their log-determinant.

    Afterwards, with ``P`` the eliminated variables, ``residual`` (n, n; upper triangle, from row ``count`` on) is the
    covariance of the others given ``P``, ``weights`` (count, n) is :math:`\Sigma_{PP}^{-1} \Sigma_{P\cdot}` and
    ``precisions`` (count,) the diagonal of :math:`\Sigma_{PP}^{-1}`. NaN if a variable is a function of earlier ones.
    """
    n = residual.shape[0]
    log_det = 0.0
    for pivot in range(count):
        variance = residual[pivot, pivot]
        log_det += math.log(variance) if variance > SMALLEST else np.nan
        precisions[pivot] = 1 / variance
        for column in range(pivot + 1, n):
            weights[pivot, column] = residual[pivot, column] / variance
        for earlier in range(pivot):
            share = weights[earlier, pivot]
            precisions[earlier] += share * share / variance
            for column in range(pivot + 1, n):
                weights[earlier, column] -= share * weights[pivot, column]
        for row in range(pivot + 1, n):
            share = residual[pivot, row]
            for column in range(row, n):
                residual[row, column] -= share * weights[pivot, column]
    return log_det


def measure_side_by_side(correlation, subsets):
    """As :func:`measure_subsets`, an entry of all matrices at a time, by NumPy."""
    omega, tc = np.full((2, len(subsets)), np.nan)
    sizes = (subsets >= 0).sum(axis=1)
    for size in np.unique(sizes):
        rows, chosen = np.flatnonzero(sizes == size), range(size)
        variables = subsets[rows, :size].T
        residual = correlation[variables[:, None], variables]
        weights, precisions, log_det = np.zeros((size, size, len(rows))), np.zeros((size, len(rows))), 0.0
        with np.errstate(all="ignore"):  # NaN marks variables that depend on each other
            for pivot in chosen:
                variance, later = residual[pivot, pivot], slice(pivot + 1, None)
                log_det = log_det + np.log(np.where(variance > SMALLEST, variance, np.nan))
                weights[pivot, later] = residual[pivot, later] / variance
                share = weights[:pivot, pivot]
                precisions[:pivot] += share * share / variance
                precisions[pivot] = 1 / variance
                weights[:pivot, later] -= share[:, None] * weights[pivot, later]
                residual[later, later] -= residual[pivot, later][:, None] * weights[pivot, later]
            fine = ((precisions > 0) & (precisions < 1 / SMALLEST)).all(axis=0)
            log_det = np.where(fine, log_det, np.nan)
            omega[rows], tc[rows] = -log_det - np.log(precisions).sum(axis=0) / 2, -log_det / 2
    return omega, tc


@compiled(nogil=True)
def gather(correlation, variables, residual):
    """Copy the upper triangle of the block of ``variables`` into ``residual``."""
    for row in range(variables.size):
        for column in range(row, variables.size):
            residual[row, column] = correlation[variables[row], variables[column]]


@compiled(nogil=True, error_model="numpy")
def measure_subsets(correlation, subsets):
    r"""Omega and TC in nats of ``subsets`` (m, k), padded at the end with -1: two arrays (m,).

    With :math:`K = \Sigma_S^{-1}` of a correlation matrix,

    .. math:: \mathrm{TC} = -\tfrac12 \log\det \Sigma_S, \qquad
              \Omega = -\log\det \Sigma_S - \tfrac12 \sum_{i \in S} \log K_{ii},

    since :math:`K_{ii} = \det \Sigma_{S \setminus i} / \det \Sigma_S`. Both are NaN for a subset that is linearly
    dependent: where some :math:`1 / K_{ii}` is ``SMALLEST`` or less.
    """
    count, longest = subsets.shape
    omega, tc = np.empty(count), np.empty(count)
    residual, weights, precisions = np.empty((longest, longest)), np.empty((longest, longest)), np.empty(longest)
    for row in range(count):
        size = longest
        while size and subsets[row, size - 1] < 0:
            size -= 1
        gather(correlation, subsets[row, :size], residual)
        log_det = eliminate(residual[:size, :size], weights[:size, :size], precisions[:size], size)
        omega[row], tc[row] = -log_det, -log_det / 2
        for i in range(size):
            if not 0 < precisions[i] < 1 / SMALLEST:
                omega[row], tc[row] = np.nan, np.nan
            omega[row] -= math.log(abs(precisions[i])) / 2
    return omega, tc
