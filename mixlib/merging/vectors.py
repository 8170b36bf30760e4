"""Large vectors, NumPy's or torch's: their lengths and angles in one pass over memory, and their sums in another."""

import numpy as np
from array_api_compat import is_torch_array

from mixlib.arrays import as_numpy
from mixlib.merging.finite import not_finite

__all__ = []

CHUNK = 1 << 17  # elements of a vector at a time: those of a few vectors stay in the cache
BLOCK = 1 << 12  # summed in their own precision, before sums go on in float64
LINEARLY = "average linearly (method='linear', --method linear)"  # what is always possible
NEARLY = 1e-6  # how near to zero a sum of vectors comes before it counts as zero, and cosines to 1 or -1
SAFE = 1e-28, 1e28  # squared lengths that float32 has no trouble with


def lengths_and_cosines(tensors, name="tensors", called=None):
    """Lengths (k,) of tensors and the cosines (k, k) between them, in float64; those of a zero tensor are zero.

    ``called`` (k,) is what messages call the tensors, by default number 0, number 1.

    Raises
    ------
    ValueError
        If an entry is not finite.
    """
    flat = [tensor.reshape(-1) for tensor in tensors]

    def pieces(least):
        work = _work_dtype(flat[0], least)
        for start in range(0, len(flat[0]), CHUNK):
            yield [_chunk(tensor, slice(start, start + CHUNK), work) for tensor in flat]

    return lengths_and_cosines_of(pieces, len(tensors), name, called)


def lengths_and_cosines_of(pieces, k, name="tensors", called=None):
    """The same of ``k`` tensors that come in pieces.

    ``pieces(dtype)`` goes through lists of flat NumPy arrays, one a tensor, of this dtype or a longer one; it is called
    again with float64 where float32 does not reach.
    """
    gram = _gram(pieces(np.float32), k)
    squares = np.diag(gram)
    if not np.all((squares == 0) | ((squares > SAFE[0]) & (squares < SAFE[1]))) or np.any(squares == 0):
        gram = _gram(pieces(np.float64), k)
    if not np.isfinite(gram).all():
        worst = int(np.argmin(np.isfinite(np.diag(gram))))
        raise not_finite(name, f"number {worst}" if called is None else called[worst])
    lengths = np.sqrt(np.diag(gram))
    inverse = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return lengths, np.clip(gram * inverse[:, None] * inverse, -1, 1)


def models(k):
    """What messages call models: they count from 1, as they are given."""
    return np.array([f"model {i}" for i in range(1, k + 1)])


def sum_length(sizes, cosines, name):
    """Length of the sum of vectors of these sizes (k,), with these cosines between them.

    Raises
    ------
    ValueError
        If they balance out: what is left of their length is rounding.
    """
    length = np.sqrt(max(sizes @ cosines @ sizes, 0))
    if length < NEARLY * np.abs(sizes).sum():
        raise ValueError(f"{name}: they balance out to zero, which has no direction; change the weights, or {LINEARLY}")
    return length


def combine(tensors, coefficients):
    """``sum_i c_i x_i`` in one pass over memory: computed in float32 or float64, and rounded once to the dtype."""
    first, work = tensors[0], _work_dtype(tensors[0], np.float32)
    flat = [tensor.reshape(-1) for tensor in tensors]
    merged = _empty_like(flat[0])
    whole = _view(merged, work)
    partial, product = (np.empty(min(CHUNK, len(merged)), work) for _ in range(2))
    for start in range(0, len(merged), CHUNK):
        part = slice(start, min(start + CHUNK, len(merged)))
        total = partial[: part.stop - start] if whole is None else whole[part]
        np.multiply(_chunk(flat[0], part, work), work(coefficients[0]), out=total)
        for tensor, coefficient in zip(flat[1:], coefficients[1:], strict=True):
            total += np.multiply(_chunk(tensor, part, work), work(coefficient), out=product[: len(total)])
        if whole is None:
            merged[part] = _like(merged, total)
    return merged.reshape(first.shape)


def _gram(pieces, k):
    """Inner products (k, k) in float64, from sums of blocks."""
    gram = np.zeros((k, k))
    with np.errstate(over="ignore", invalid="ignore"):
        for rows in pieces:
            whole = len(rows[0]) // BLOCK * BLOCK
            blocks, rest = [row[:whole].reshape(-1, BLOCK) for row in rows], [row[whole:] for row in rows]
            for i in range(k):
                for j in range(i + 1):
                    sums = np.vecdot(blocks[i], blocks[j])
                    gram[i, j] += sums.sum(dtype=float) + float(rest[i] @ rest[j])
    return gram + np.tril(gram, -1).T


def _work_dtype(tensor, least):
    """The NumPy type that a tensor is computed in."""
    double = str(tensor.dtype).endswith("float64") or least == np.float64
    return np.float64 if double else np.float32


def _view(flat, work):
    """The memory of a flat array as NumPy's, if it has this type; else None."""
    if str(flat.dtype).removeprefix("torch.") != work.__name__ or str(flat.device) != "cpu":
        return None
    return as_numpy(flat)


def _chunk(flat, part, work):
    """A part of a flat array in this type: its own memory where it can be."""
    view = _view(flat, work)
    if view is not None:
        return view[part]
    if not is_torch_array(flat):
        return flat[part].astype(work)
    return as_numpy(flat[part].double() if work is np.float64 else flat[part].float())


def _empty_like(flat):
    """A new array of this kind, dtype and device; NumPy takes large pages from the system, which torch does not."""
    if is_torch_array(flat):
        import torch

        large = {torch.float32: np.float32, torch.float64: np.float64}.get(flat.dtype)
        cpu = large is not None and flat.device.type == "cpu"
        return torch.from_numpy(np.empty(len(flat), large)) if cpu else torch.empty_like(flat)
    return np.empty_like(flat)


def _like(merged, values):
    """NumPy values as what is written into ``merged``."""
    if is_torch_array(merged):
        import torch

        return torch.from_numpy(values)
    return values
