"""Compiled sums over the outcomes of each row: entropies of mixtures, and masses of powers."""

import numpy as np

from mixlib.compiled import compiled
from mixlib.federation.fused.elementary import exp, log

LOWEST = -80.0  # log-probabilities below have no share in an entropy


@compiled(error_model="numpy", fastmath={"contract", "reassoc"})
def diverge(rows, members, out):
    """Fill ``out`` (G, T) with the Jensen-Shannon divergences of groups of ``rows`` (N, T, V)."""
    real = rows.dtype.type
    n, size = rows.shape[0], rows.shape[2]
    p, h = np.empty((n, size), rows.dtype), np.empty(n)
    for t in range(rows.shape[1]):
        for i in range(n):
            x, q, total = rows[i, t], p[i], real(0)
            for j in range(size):
                low = max(x[j], real(LOWEST))
                q[j] = exp(low)
                total -= q[j] * low
            h[i] = total
        for g in range(members.shape[0]):
            count = members[g].sum()
            mixed, share, alone = np.zeros(size, rows.dtype), real(1) / real(count), 0.0
            for i in range(n):
                if members[g, i]:
                    alone += h[i]
                    q = p[i]
                    for j in range(size):
                        mixed[j] += share * q[j]
            entropy = real(0)
            for j in range(size):
                entropy -= mixed[j] * log(mixed[j])
            out[g, t] = entropy - alone / count


@compiled(error_model="numpy", fastmath={"contract", "reassoc"})
def add_powers(rows, exponents, out):
    """Fill ``out`` (E, T) with the logarithms of the masses of powers of ``rows`` (T, V)."""
    real = rows.dtype.type
    for t in range(rows.shape[0]):
        x = rows[t]
        top = real(-np.inf)
        for j in range(x.size):
            top = max(top, x[j])
        for e in range(exponents.size):
            power, total = exponents[e], real(0)
            for j in range(x.size):
                total += exp((x[j] - top) * power)
            out[e, t] = power * top + np.log(total) if top > real(-np.inf) else -np.inf
