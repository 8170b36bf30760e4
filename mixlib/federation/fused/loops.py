"""The compiled loops of mixtures on processors: line by line from addresses, fetched ahead and written past the caches.

One row at a time, by blocks: each block's sum is added up by itself, and what fell out of range is computed again.
"""

import math

import numpy as np
from numba import carray, types
from numba.extending import intrinsic

from mixlib.compiled import compiled
from mixlib.federation.fused.elementary import PER_NAT, exp, exp2, log
from mixlib.federation.fused.lanes import LINE, least_of, lesser, line_of, load, prefetch, settle, store, stream, sum_of

BLOCK = 128 * LINE  # bytes
AHEAD = 4096  # bytes that are fetched before they are needed, so that memory and arithmetic work at the same time
KEPT = 2**20  # bytes of exponentials that stay in the second cache; one row of one specialist at least
FAR = 1e17  # a block's sum above which its reference is too far below its maximum
SMALLEST = {np.dtype(np.float32): np.float32(1e-30), np.dtype(np.float64): 1e-290}  # less has lost its accuracy
LOOP = {"error_model": "numpy", "nogil": True}
VECTOR = LOOP | {"fastmath": {"contract", "reassoc"}}


@compiled(**LOOP)
def mix_log_probs(addresses, strides, scales, log_weights, out, log_mass, smallest, first, last):
    r"""Fill rows of ``out`` with :math:`\log \sum_i w_i \exp(x_i)` and of ``log_mass``.

    The exponentials are not shifted, so the mass of each row comes for nothing; blocks that fall too low are redone.
    """
    n, size = len(addresses), out.shape[1] * out.itemsize
    nothing, ones, logs, weights = np.zeros(n), np.ones(n), np.empty(n), np.empty(n, out.dtype)
    rows, sums = np.empty(n, np.int64), _lines(n, out)
    pads = _lines(n + 1, out)
    for t in range(first, last):
        for i in range(n):
            log_mass[i, t], logs[i], weights[i] = 0.0, log_weights[i, t], np.exp(log_weights[i, t])
        row, start = _place(out[t]), 0
        while start < size:
            block = _block(size - start)
            for i in range(n):
                rows[i] = _whole_lines(addresses[i] + t * strides[i] + start, block, pads, i)
            _put(0, sums)
            to = row + start if block >= LINE else _place(pads) + n * LINE
            least = _mix_lines(rows, to, max(block, LINE), weights, sums, _past(to, out))
            for i in range(n):
                log_mass[i, t] += sum_of(load(_place(sums) + i * LINE, smallest))
            if not least >= smallest:
                _redo(addresses, strides, t, start, nothing, ones, logs, _array(row + start, block, out))
            elif block < LINE:
                _copy(_array(to, block, out), _array(row + start, block, out))
            start += block
        for i in range(n):
            log_mass[i, t] = math.log(log_mass[i, t])
    settle()


@compiled(**LOOP)
def mix_logits(addresses, strides, scales, log_weights, out, log_mass, smallest, first, last):
    r"""Fill rows of ``out`` with :math:`\log \sum_i w_i \exp(s_i x_i) / \sum_v \exp(s_i x_{iv})` and of ``log_mass``.

    Each logit is read once. The exponentials of one row are kept until its sum is known, of as many specialists as
    there is room for; the mixture of these goes with those of the next.
    """
    n, size = len(addresses), out.shape[1] * out.itemsize
    width, blocks = size // LINE * LINE + 2 * LINE, size // BLOCK + 3
    few = min(n, max(1, KEPT // width))
    kept, pads = _lines((few + 1) * width // LINE, out), _lines(1, out)
    tops, offsets, references = np.empty(n), np.empty(n), np.empty((few, blocks))
    rows, factors = np.empty(few + 1, np.int64), np.ones(few + 1, out.dtype)
    for t in range(first, last):
        row, base = _place(out[t]), _place(kept)  # named here, an array lives as long as the loop
        for begin in range(0, n, few):
            end = min(n, begin + few)
            for i in range(begin, end):
                x, k = addresses[i] + t * strides[i], i - begin
                tops[i], total = _exponentials(x, size, scales[i], base + k * width, references[k], pads, out)
                offsets[i] = log_weights[i, t] - math.log(total)
                log_mass[i, t] = tops[i] * scales[i] + math.log(total)
            start, place, b = 0, 0, 0
            while start < size:
                block = _block(size - start)
                for i in range(begin, end):
                    k = i - begin
                    rows[k] = base + k * width + place
                    if b == 0 or references[k, b] != references[k, b - 1]:
                        factors[k] = math.exp((references[k, b] - tops[i]) * scales[i] + offsets[i])
                mixture = base + few * width + place
                count = end - begin
                if begin > 0:
                    rows[count], factors[count] = mixture, 1
                    count += 1
                if end < n:
                    _add_lines(rows[:count], mixture, max(block, LINE), factors)
                else:
                    to = row + start if block >= LINE else _place(pads)
                    least = _log_lines(rows[:count], to, max(block, LINE), factors, _past(to, out))
                    if not least >= smallest:
                        _redo(addresses, strides, t, start, tops, scales, offsets, _array(row + start, block, out))
                    elif block < LINE:
                        _copy(_array(to, block, out), _array(row + start, block, out))
                start, place, b = start + block, place + max(block, LINE), b + 1
    settle()


@compiled(**LOOP)
def log_sums(addresses, strides, scales, like, columns, tops, sums, first, last):
    """Fill in the references of logits, and the logs of their sums of exponentials; ``like`` has their dtype."""
    size = columns * like.itemsize
    references, pads = np.empty(size // BLOCK + 3), _lines(1, like)
    for i in range(len(addresses)):  # one after the other, since memory is quickest in a row
        for t in range(first, last):
            x = addresses[i] + t * strides[i]
            tops[i, t], total = _exponentials(x, size, scales[i], 0, references, pads, like)
            sums[i, t] = math.log(total)


@compiled(**LOOP)
def _exponentials(x, size, scale, kept, references, pads, like):
    """A reference for a row of logits, and their sum of exponentials; keep these, if there is a place, by blocks.

    Each block has as its reference the greatest logit that was known before, so that one pass is enough, or its own
    maximum where that is far greater.
    """
    top, total = _greatest(_array(x, min(LINE, size), like)), 0.0
    start, b = 0, 0
    while start < size:
        block = _block(size - start)
        lines = _whole_lines(x + start, block, pads, 0)
        part = _shifted(lines, max(block, LINE), top, scale, kept, like) if top > -np.inf else np.inf
        if part > FAR:
            before, top = top, _greatest(_array(x + start, block, like))
            total *= math.exp((before - top) * scale) if before > -np.inf else 0.0
            part = _shifted(lines, max(block, LINE), top if top > -np.inf else 0.0, scale, kept, like)
        references[b] = top
        total += part if top > -np.inf else 0.0 * part  # NaN stays NaN
        start, b, kept = start + block, b + 1, kept + max(block, LINE) if kept else 0
    return top, total


@compiled(**LOOP)
def _redo(addresses, strides, t, start, tops, scales, offsets, mixed):
    r"""Fill a block with :math:`\log \sum_i \exp(s_i (x_i - m_i) + o_i)`, the greatest term taken out."""
    greatest, size = np.empty_like(mixed), mixed.size * mixed.itemsize
    _put(-np.inf, greatest)
    for i in range(len(addresses)):
        x = _array(addresses[i] + t * strides[i] + start, size, mixed)
        _raise_to(x, tops[i], scales[i], offsets[i], greatest)
    _put(0, mixed)
    for i in range(len(addresses)):
        x = _array(addresses[i] + t * strides[i] + start, size, mixed)
        _add_terms(x, tops[i], scales[i], offsets[i], greatest, mixed)
    _finish(greatest, mixed)


@compiled(**LOOP)
def _block(left):
    """Bytes of the next block, given those that are left: whole lines, or the part of a line at the end."""
    return min(BLOCK, left // LINE * LINE) if left >= LINE else left


@compiled(**LOOP)
def _past(address, out):
    """Whether to write past the caches: whole lines of memory, of a result that no cache would hold."""
    return address % LINE == 0 and out.size * out.itemsize > KEPT


@compiled(**LOOP)
def _whole_lines(address, size, pads, i):
    """The address of what has whole lines, else of a copy in line ``i`` of ``pads`` that nothing but -inf follows."""
    if size >= LINE:
        return address
    pad = _array(_place(pads) + i * LINE, LINE, pads)
    _put(-np.inf, pad)
    _copy(_array(address, size, pads), pad)
    return _place(pad)


@compiled(**LOOP)
def _put(value, to):
    """Fill an array; like `_copy` a loop, since assignments to slices take the compiler several times as long."""
    for j in range(to.size):
        to[j] = value


@compiled(**LOOP)
def _copy(x, to):
    for j in range(x.size):
        to[j] = x[j]


@compiled(**LOOP)
def _place(array):
    return np.int64(array.ctypes.data)


@compiled(**LOOP)
def _lines(count, like):
    """An array of so many whole lines of memory."""
    per_line = LINE // like.itemsize
    room = np.empty((count + 1) * per_line, like.dtype)
    first = -_place(room) % LINE // like.itemsize
    return room[first : first + count * per_line]


@intrinsic
def _pointer(typing, address, like):
    to = types.CPointer(like.dtype)
    return to(address, like), lambda context, builder, _, args: builder.inttoptr(args[0], context.get_value_type(to))


@compiled(**LOOP)
def _array(address, size, like):
    """The array of so many bytes at this address."""
    return carray(_pointer(address, like), (size // like.itemsize,))


@compiled(**LOOP)
def _write(address, line, past):
    if past:
        stream(address, line)
    else:
        store(address, line)


@compiled(**LOOP)
def _mix_lines(rows, out, size, weights, sums, past):
    """Write the logarithms of weighted sums, add to the sums of each row, and return the least weighted sum."""
    real, to = weights.dtype.type, _place(sums)
    least = line_of(real(np.inf))
    for place in range(0, size, LINE):
        mixed = line_of(real(0))
        for i in range(len(rows)):
            x = rows[i] + place
            prefetch(x + AHEAD)
            e = exp(load(x, real(0)))
            store(to + i * LINE, load(to + i * LINE, real(0)) + e)
            mixed = mixed + e * weights[i]
        least = lesser(mixed, least)
        _write(out + place, log(mixed), past)
    return least_of(least)


@compiled(**LOOP)
def _shifted(x, size, reference, scale, kept, like):
    """Sum of ``exp(scale * (x - reference))``, each of which is kept if there is a place."""
    real = like.dtype.type
    rate, reference = real(scale * PER_NAT), real(reference)
    total = line_of(real(0))
    for place in range(0, size, LINE):
        prefetch(x + place + AHEAD)
        e = exp2((load(x + place, rate) - reference) * rate)
        total = total + e
        if kept:
            store(kept + place, e)
    return sum_of(total)


@compiled(**LOOP)
def _add_lines(rows, out, size, factors):
    """Write weighted sums; ``out`` may be one of the rows."""
    real = factors.dtype.type
    for place in range(0, size, LINE):
        mixed = line_of(real(0))
        for i in range(len(rows)):
            mixed = mixed + load(rows[i] + place, real(0)) * factors[i]
        store(out + place, mixed)


@compiled(**LOOP)
def _log_lines(rows, out, size, factors, past):
    """Write the logarithms of weighted sums, and return the least of these sums."""
    real = factors.dtype.type
    least = line_of(real(np.inf))
    for place in range(0, size, LINE):
        mixed = line_of(real(0))
        for i in range(len(rows)):
            mixed = mixed + load(rows[i] + place, real(0)) * factors[i]
        least = lesser(mixed, least)
        _write(out + place, log(mixed), past)
    return least_of(least)


@compiled(**LOOP)
def _greatest(x):
    greatest = x.dtype.type(-np.inf)
    for j in range(x.size):
        if x[j] > greatest:
            greatest = x[j]
    return greatest


@compiled(**VECTOR)
def _raise_to(x, top, scale, offset, greatest):
    real = x.dtype.type
    top, scale, offset = real(top), real(scale), real(offset)
    for j in range(x.size):
        term = (x[j] - top) * scale + offset
        greatest[j] = term if term > greatest[j] else greatest[j]


@compiled(**VECTOR)
def _add_terms(x, top, scale, offset, greatest, mixed):
    real = x.dtype.type
    top, scale, offset, nothing = real(top), real(scale), real(offset), real(-np.inf)
    for j in range(x.size):
        term = (x[j] - top) * scale + offset
        mixed[j] += exp(term - greatest[j] if greatest[j] > nothing else real(0))


@compiled(**VECTOR)
def _finish(greatest, mixed):
    nothing = mixed.dtype.type(-np.inf)
    for j in range(mixed.size):
        mixed[j] = greatest[j] + log(mixed[j]) if greatest[j] > nothing else nothing
