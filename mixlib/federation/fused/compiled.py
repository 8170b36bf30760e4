"""Mixtures on processors: compiled loops over blocks that stay in the first cache, rows shared out to threads.

The loops take addresses, so that separate arrays need not be stacked. What they cannot read directly (half precision,
outcomes that do not lie side by side) is copied some rows at a time.
"""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from array_api_compat import array_namespace, is_torch_array
from llvmlite import ir
from numba import carray, config, njit, types
from numba.extending import intrinsic

from mixlib.federation.fused.elementary import bits, exp, log

BLOCK = 512  # outcomes
AHEAD = 3072  # bytes that are fetched before they are needed, so that memory and arithmetic work at the same time
LINE = 64  # bytes fetched at once
COPIED = 2**18  # numbers copied at a time of what cannot be read directly
TASK = 2**18  # numbers that are worth a thread of their own
FAR = 1e17  # a block's sum above which its reference is too far below its maximum
SMALLEST = {np.dtype(np.float32): np.float32(1e-30), np.dtype(np.float64): 1e-290}  # less has lost its accuracy
LOOP = {"error_model": "numpy", "nogil": True, "cache": True}
VECTOR = LOOP | {"fastmath": {"contract", "reassoc"}}  # sums in any order: in lanes


def mix(parts, scales, log_weights, normalise):
    r"""The pool's log-probabilities (T, V) in the parts' own dtype, and the log of each row's mass.

    Parameters
    ----------
    parts : list of N arrays (T, V)
        Log-probabilities, or with ``normalise`` logits.
    scales : array (N,)
        Factors of the logits, not used without ``normalise``.
    log_weights : array (N, T) or (N, 1)
    normalise : bool

    Returns
    -------
    pooled : array (T, V)
    log_mass : NumPy array (N, T)
        :math:`\log \sum_v \exp(s_i x_{iv})`; not finite for rows that have no distribution.
    """
    xp, work = array_namespace(parts[0]), _work(parts[0])
    shape = tuple(parts[0].shape)
    whole = str(parts[0].dtype).endswith(work.name)
    pooled = _like(np.empty(shape, work), parts[0]) if whole else xp.empty(shape, dtype=parts[0].dtype)
    log_mass = np.empty((len(parts), shape[0]))
    log_weights = np.broadcast_to(_numpy(log_weights), log_mass.shape)
    loop = _mix_logits if normalise else _mix_log_probs
    for rows, some in _readable(parts, work):
        mixed = _numpy(pooled[rows]) if whole else np.empty((len(some[0]), shape[1]), work)
        mass = np.empty((len(parts), len(mixed)))
        arguments = *_addresses(some), _numpy(scales, float), _numpy(log_weights[:, rows], float), mixed, mass
        _in_threads(lambda first, last, given=arguments: loop(*given, SMALLEST[work], first, last), *mixed.shape)
        log_mass[:, rows] = mass
        if not whole:
            with np.errstate(over="ignore"):  # below the range of half precision is -inf
                pooled[rows] = _like(mixed, pooled)
    return pooled, log_mass


def at_targets(parts, scales, targets):
    """Log-probabilities (N, T) of the targets (T,) given logits, and the log of each row's mass (N, T), as NumPy."""
    work, (rows, columns) = _work(parts[0]), parts[0].shape
    found, tops, log_sums = np.empty((3, len(parts), rows))
    scales, targets = _numpy(scales, float), _numpy(targets, np.int64)
    for few, some in _readable(parts, work):
        top, log_sum = np.empty((2, len(parts), len(some[0])))
        arguments = *_addresses(some), scales, np.empty(0, work), columns, top, log_sum
        _in_threads(lambda first, last, given=arguments: _log_sums(*given, first, last), len(some[0]), columns)
        tops[:, few], log_sums[:, few] = top, log_sum
        found[:, few] = [part[np.arange(len(part)), targets[few]] for part in some]
    with np.errstate(invalid="ignore"):  # rows without a distribution
        return (found - tops) * scales[:, None] - log_sums, tops * scales[:, None] + log_sums


def _work(array):
    return np.dtype(np.float64 if "float64" in str(array.dtype) else np.float32)


def _numpy(array, dtype=None):
    array = array.detach().cpu().numpy() if is_torch_array(array) else np.asarray(array)
    return array if dtype is None else np.ascontiguousarray(array, dtype=dtype)


def _like(array, other):
    if not is_torch_array(other):
        return array
    import torch

    return torch.from_numpy(array)  # NumPy asks the system for large pages, which saves a fifth of the time


def _readable(parts, work):
    """Slices of rows, and the parts' arrays of them in the dtype of the computation with outcomes side by side."""
    xp, (rows, columns) = array_namespace(parts[0]), parts[0].shape
    if str(parts[0].dtype).endswith(work.name):
        direct = [_numpy(part) for part in parts]
        if all(part.strides[1] == work.itemsize or columns == 1 for part in direct):
            yield slice(0, rows), direct
            return
    step = max(1, COPIED // (len(parts) * columns))
    for start in range(0, rows, step):
        few = slice(start, min(start + step, rows))
        yield few, [_numpy(xp.astype(part[few], getattr(xp, work.name)), work) for part in parts]


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


@intrinsic
def _pointer(typing, address, like):
    to = types.CPointer(like.dtype)
    return to(address, like), lambda context, builder, _, args: builder.inttoptr(args[0], context.get_value_type(to))


@intrinsic
def _wide(typing):
    """Ask for the widest vectors, which the compiler by default leaves aside; llvmlite does not know this attribute."""

    def generate(context, builder, signature, args):
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def _prefetch(typing, address):
    def generate(context, builder, signature, args):
        pointer, flag = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [pointer, flag, flag, flag])
        call = builder.module.declare_intrinsic("llvm.prefetch", [pointer], kind)
        to_read, second_cache, data = flag(0), flag(2), flag(1)
        builder.call(call, [builder.inttoptr(args[0], pointer), to_read, second_cache, data])
        return context.get_dummy_value()

    return types.void(address), generate


@njit(**LOOP)
def _block(address, size, like):
    """The array at this address; what follows is fetched meanwhile."""
    for byte in range(0, size * like.itemsize, LINE):
        _prefetch(address + byte + AHEAD)
    return carray(_pointer(address, like), (size,))


@njit(**LOOP)
def _mix_log_probs(addresses, strides, scales, log_weights, out, log_mass, smallest, first, last):
    r"""Fill rows of ``out`` with :math:`\log \sum_i w_i \exp(x_i)` and of ``log_mass``.

    The exponentials are not shifted, so the mass of each row comes for nothing; blocks that fall too low are redone.
    """
    n, columns, size = len(addresses), out.shape[1], out.itemsize
    nothing, ones, weights = np.zeros(n), np.ones(n), np.empty(n, out.dtype)
    for t in range(first, last):
        log_mass[:, t] = 0.0
        weights[:] = np.exp(log_weights[:, t])
        for start in range(0, columns, BLOCK):
            mixed = out[t, start : start + BLOCK]
            for i in range(n):
                x = _block(addresses[i] + t * strides[i] + start * size, mixed.size, out)
                log_mass[i, t] += _add_exponentials(x, weights[i], mixed, i == 0)
            if not _logarithms(mixed, smallest):
                _redo(addresses, strides, t, start, nothing, ones, log_weights[:, t], mixed)
        for i in range(n):
            log_mass[i, t] = math.log(log_mass[i, t])


@njit(**LOOP)
def _mix_logits(addresses, strides, scales, log_weights, out, log_mass, smallest, first, last):
    r"""Fill rows of ``out`` with :math:`\log \sum_i w_i \exp(s_i x_i) / \sum_v \exp(s_i x_{iv})` and of ``log_mass``.

    Each logit is read once: its exponential is kept, one row at a time, until the row's sum is known.
    """
    n, columns = len(addresses), out.shape[1]
    kept, references = np.empty(columns, out.dtype), np.empty((columns + BLOCK - 1) // BLOCK)
    tops, offsets, factor = np.empty(n), np.empty(n), out.dtype.type(0)
    for t in range(first, last):
        for i in range(n):
            row = addresses[i] + t * strides[i]
            tops[i], total = _exponentials(row, columns, scales[i], kept, references)
            offsets[i] = log_weights[i, t] - math.log(total)
            log_mass[i, t] = tops[i] * scales[i] + math.log(total)
            for b in range(len(references)):
                here = slice(b * BLOCK, (b + 1) * BLOCK)
                mixed = out[t, here]
                if b == 0 or references[b] != references[b - 1]:
                    factor = out.dtype.type(math.exp((references[b] - tops[i]) * scales[i] + offsets[i]))
                _add(kept[here], factor, mixed, i == 0)
                if i == n - 1 and not _logarithms(mixed, smallest):
                    _redo(addresses, strides, t, b * BLOCK, tops, scales, offsets, mixed)


@njit(**LOOP)
def _log_sums(addresses, strides, scales, nowhere, columns, tops, log_sums, first, last):
    """Fill in the references of logits, and the logs of their sums of exponentials; ``nowhere`` has their dtype."""
    references = np.empty((columns + BLOCK - 1) // BLOCK)
    for t in range(first, last):
        for i in range(len(addresses)):
            row = addresses[i] + t * strides[i]
            tops[i, t], total = _exponentials(row, columns, scales[i], nowhere, references)
            log_sums[i, t] = math.log(total)


@njit(**LOOP)
def _exponentials(row, columns, scale, kept, references):
    """A reference for a row of logits, and their sum of exponentials; keep these, if there is room, by blocks.

    Each block has as its reference the greatest logit that was known before, so that one pass is enough, or its own
    maximum where that is far greater.
    """
    top, total, size = -np.inf, 0.0, kept.itemsize
    for start in range(0, columns, BLOCK):
        x = _block(row + start * size, min(BLOCK, columns - start), kept)
        if start == 0:
            top = _greatest(x[:16])
        here = kept[start : start + BLOCK]
        part = _shifted(x, top, scale, here) if top > -np.inf else np.inf
        if part > FAR:
            before, top = top, _greatest(x)
            total *= math.exp((before - top) * scale) if before > -np.inf else 0.0
            part = _shifted(x, top if top > -np.inf else 0.0, scale, here)
        references[start // BLOCK] = top
        total += part if top > -np.inf else 0.0 * part  # NaN stays NaN
    return top, total


@njit(**LOOP)
def _redo(addresses, strides, t, start, tops, scales, offsets, mixed):
    r"""Fill a block with :math:`\log \sum_i \exp(s_i (x_i - m_i) + o_i)`, the greatest term taken out."""
    greatest = np.full_like(mixed, -np.inf)
    place = start * mixed.itemsize
    for i in range(len(addresses)):
        x = _block(addresses[i] + t * strides[i] + place, mixed.size, mixed)
        _raise_to(x, tops[i], scales[i], offsets[i], greatest)
    mixed[:] = 0
    for i in range(len(addresses)):
        x = _block(addresses[i] + t * strides[i] + place, mixed.size, mixed)
        _add_terms(x, tops[i], scales[i], offsets[i], greatest, mixed)
    _finish(greatest, mixed)


@njit(**LOOP)
def _greatest(x):
    greatest = x.dtype.type(-np.inf)
    for j in range(x.size):
        if x[j] > greatest:
            greatest = x[j]
    return greatest


@njit(**VECTOR)
def _add_exponentials(x, weight, mixed, fresh):
    _wide()
    total = x.dtype.type(0)
    for j in range(x.size):
        e = exp(x[j])
        total += e
        mixed[j] = weight * e if fresh else mixed[j] + weight * e
    return total


@njit(**VECTOR)
def _shifted(x, reference, scale, kept):
    """Sum of ``exp(scale * (x - reference))``, each of which is kept if there is room."""
    _wide()
    real = x.dtype.type
    total, reference, scale = real(0), real(reference), real(scale)
    if kept.size == 0:
        for j in range(x.size):
            total += exp((x[j] - reference) * scale)
    else:
        for j in range(x.size):
            e = exp((x[j] - reference) * scale)
            total += e
            kept[j] = e
    return total


@njit(**VECTOR)
def _add(kept, factor, mixed, fresh):
    _wide()
    for j in range(kept.size):
        mixed[j] = factor * kept[j] if fresh else mixed[j] + factor * kept[j]


@njit(**VECTOR)
def _logarithms(mixed, smallest):
    """Replace sums by their logarithms; whether none was too small."""
    _wide()
    least = bits(smallest)
    for j in range(mixed.size):
        least = min(least, bits(mixed[j]))  # positive floats are ordered as their bits
        mixed[j] = log(mixed[j])
    return least >= bits(smallest)


@njit(**VECTOR)
def _raise_to(x, top, scale, offset, greatest):
    real = x.dtype.type
    top, scale, offset = real(top), real(scale), real(offset)
    for j in range(x.size):
        term = (x[j] - top) * scale + offset
        greatest[j] = term if term > greatest[j] else greatest[j]


@njit(**VECTOR)
def _add_terms(x, top, scale, offset, greatest, mixed):
    real = x.dtype.type
    top, scale, offset, nothing = real(top), real(scale), real(offset), real(-np.inf)
    for j in range(x.size):
        term = (x[j] - top) * scale + offset
        mixed[j] += exp(term - greatest[j] if greatest[j] > nothing else real(0))


@njit(**VECTOR)
def _finish(greatest, mixed):
    nothing = mixed.dtype.type(-np.inf)
    for j in range(mixed.size):
        mixed[j] = greatest[j] + log(mixed[j]) if greatest[j] > nothing else nothing
