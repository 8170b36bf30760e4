"""Mixtures on processors: what the compiled loops are given, and their rows shared out to threads.

The loops take addresses, so that separate arrays need not be stacked. What they cannot read directly (half precision,
outcomes that do not lie side by side) is copied some rows at a time.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from array_api_compat import array_namespace, is_torch_array
from numba import config

from mixlib.arrays import as_numpy
from mixlib.federation.fused.loops import SMALLEST, log_sums, mix_log_probs, mix_logits

COPIED = 2**18  # numbers copied at a time of what cannot be read directly
TASK = 2**18  # numbers that are worth a thread of their own


def mix(parts, scales, log_weights, normalise, out=None):
    r"""The pool's log-probabilities (T, V) in the parts' own dtype, and the log of each row's mass.

    Parameters
    ----------
    parts : list of N arrays (T, V)
        Log-probabilities, or with ``normalise`` logits.
    scales : array (N,)
        Factors of the logits, not used without ``normalise``.
    log_weights : array (N, T) or (N, 1)
    normalise : bool
    out : array (T, V), optional
        Where the result goes.

    Returns
    -------
    pooled : array (T, V)
    log_mass : NumPy array (N, T)
        :math:`\log \sum_v \exp(s_i x_{iv})`; not finite for rows that have no distribution.
    """
    xp, work = array_namespace(parts[0]), _work(parts[0])
    shape = tuple(parts[0].shape)
    whole = str(parts[0].dtype).endswith(work.name)
    pooled = out
    if out is None:
        pooled = _like(np.empty(shape, work), parts[0]) if whole else xp.empty(shape, dtype=parts[0].dtype)
    log_mass = np.empty((len(parts), shape[0]))
    log_weights = np.broadcast_to(as_numpy(log_weights), log_mass.shape)
    loop = mix_logits if normalise else mix_log_probs
    for rows, some in _readable(parts, work):
        mixed = as_numpy(pooled[rows]) if whole else np.empty((len(some[0]), shape[1]), work)
        mass = np.empty((len(parts), len(mixed)))
        arguments = *_addresses(some), as_numpy(scales, float), as_numpy(log_weights[:, rows], float), mixed, mass
        _in_threads(lambda first, last, given=arguments: loop(*given, SMALLEST[work], first, last), *mixed.shape)
        log_mass[:, rows] = mass
        if not whole:
            with np.errstate(over="ignore"):  # below the range of half precision is -inf
                pooled[rows] = _like(mixed, pooled)
    return pooled, log_mass


def at_targets(parts, scales, targets):
    """Log-probabilities (N, T) of the targets (T,) given logits, and the log of each row's mass (N, T), as NumPy."""
    found, targets = np.empty((len(parts), len(parts[0]))), as_numpy(targets, np.int64)

    def look_up(few, some):
        found[:, few] = [part[np.arange(len(part)), targets[few]] for part in some]

    tops, sums = _sums(parts, as_numpy(scales, float), look_up)
    scales = as_numpy(scales, float)[:, None]
    with np.errstate(invalid="ignore", over="ignore"):  # rows without a distribution; logits of opposite ends
        return (found - tops) * scales - sums, tops * scales + sums


def log_masses(parts):
    """The log of each row's mass (N, T), as NumPy; not finite for rows that have no distribution."""
    tops, sums = _sums(parts, np.ones(len(parts)))
    with np.errstate(invalid="ignore"):
        return tops + sums


def _sums(parts, scales, also=lambda rows, some: None):
    """A reference and the log of the sum of exponentials from there, of each row; ``also`` sees the rows too."""
    work, (rows, columns) = _work(parts[0]), parts[0].shape
    tops, sums = np.empty((2, len(parts), rows))
    for few, some in _readable(parts, work):
        top, log_sum = np.empty((2, len(parts), len(some[0])))
        arguments = *_addresses(some), scales, np.empty(0, work), columns, top, log_sum
        _in_threads(lambda first, last, given=arguments: log_sums(*given, first, last), len(some[0]), columns)
        tops[:, few], sums[:, few] = top, log_sum
        also(few, some)
    return tops, sums


def _work(array):
    return np.dtype(np.float64 if "float64" in str(array.dtype) else np.float32)


def _like(array, other):
    if not is_torch_array(other):
        return array
    import torch

    return torch.from_numpy(array)  # NumPy asks the system for large pages, which saves a fifth of the time


def _readable(parts, work):
    """Slices of rows, and the parts' arrays of them in the dtype of the computation with outcomes side by side."""
    xp, (rows, columns) = array_namespace(parts[0]), parts[0].shape
    if str(parts[0].dtype).endswith(work.name):
        direct = [as_numpy(part) for part in parts]
        if all(part.strides[1] == work.itemsize or columns == 1 for part in direct):
            yield slice(0, rows), direct
            return
    step = max(1, COPIED // (len(parts) * columns))
    for start in range(0, rows, step):
        few = slice(start, min(start + step, rows))
        yield few, [as_numpy(xp.astype(part[few], getattr(xp, work.name)), work) for part in parts]


def _addresses(parts):
    return np.array([part.ctypes.data for part in parts]), np.array([part.strides[0] for part in parts])


def _in_threads(loop, rows, columns):
    """Share rows out. Threads of our own, since those of compiled loops can neither be nested nor survive a fork."""
    threads = min(config.NUMBA_NUM_THREADS, rows, 1 + rows * columns // TASK)
    if threads <= 1:
        loop(0, rows)
        return
    cuts = np.linspace(0, rows, 4 * threads + 1).astype(int)  # more shares than threads, since some are slower
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(loop, cuts[:-1], cuts[1:]))
