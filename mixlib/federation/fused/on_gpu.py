"""Mixtures on CUDA devices, by Triton: rows that fit into registers are read once, longer ones twice.

As on processors the kernels take addresses, so that separate tensors need not be stacked.
"""

import torch
import triton
import triton.language as tl

BLOCK = 4096  # outcomes
WHOLE = 16384  # longest row that fits into the registers of a multiprocessor


def mix(parts, scales, log_weights, normalise, out=None):
    """As :func:`mixlib.federation.fused.compiled.mix`, for tensors; the log of the mass is a tensor too."""
    rows, columns = parts[0].shape
    pooled = torch.empty_like(parts[0], memory_format=torch.contiguous_format) if out is None else out
    log_weights = log_weights.to(scales.dtype).expand(len(parts), rows).contiguous()
    inputs, sizes = _inputs(parts, scales), {"parts": len(parts), "columns": columns, "real": _real(scales)}
    if rows == 0:
        return pooled, _by_row(parts, scales, 1)[0]
    if normalise and columns <= WHOLE:
        (log_mass,) = _by_row(parts, scales, 1)
        block = triton.next_power_of_2(columns)
        _whole_rows[(rows,)](
            *inputs, log_weights, pooled, log_mass, rows, **sizes, block=block, num_warps=_warps(block)
        )
        return pooled, log_mass
    tops, log_sums = (
        _row_sums(parts, inputs, scales, sizes) if normalise else torch.zeros_like(_by_row(parts, scales, 2))
    )
    block = min(BLOCK, triton.next_power_of_2(columns))
    blocks = triton.cdiv(columns, block)
    masses = torch.zeros((len(parts), rows, 1 if normalise else blocks), dtype=scales.dtype, device=scales.device)
    given = *inputs, log_weights, tops, log_sums, pooled, masses
    _mix_blocks[(rows, blocks)](
        *given, rows, blocks, **sizes, normalise=normalise, block=block, num_warps=_warps(block)
    )
    return pooled, tops * scales[:, None] + log_sums if normalise else masses.sum(-1).log()


def at_targets(parts, scales, targets):
    """As :func:`mixlib.federation.fused.compiled.at_targets`, for tensors."""
    sizes = {"columns": parts[0].shape[1], "real": _real(scales)}
    tops, log_sums = _row_sums(parts, _inputs(parts, scales), scales, sizes)
    found = torch.stack([part.gather(-1, targets[:, None])[:, 0] for part in parts]).to(scales.dtype)
    return (found - tops) * scales[:, None] - log_sums, tops * scales[:, None] + log_sums


def _row_sums(parts, inputs, scales, sizes):
    """The greatest logit of each row, and the log of its sum of exponentials taken from there: (2, N, T)."""
    tops, log_sums = out = _by_row(parts, scales, 2)
    rows, columns = parts[0].shape
    block = min(BLOCK, triton.next_power_of_2(columns))
    if rows:
        sizes = {name: size for name, size in sizes.items() if name != "parts"}
        _log_sums[(rows, len(parts))](*inputs, tops, log_sums, rows, **sizes, block=block, num_warps=_warps(block))
    return out


def _by_row(parts, scales, count):
    return torch.empty((count, len(parts), len(parts[0])), dtype=scales.dtype, device=scales.device)


def _inputs(parts, scales):
    """A tensor of the parts' dtype, their addresses, and how many numbers lie between rows and between outcomes."""
    layout = [[part.data_ptr(), *part.stride()] for part in parts]
    return parts[0], torch.tensor(layout, dtype=torch.int64).to(scales.device), scales


def _real(scales):
    return tl.float64 if scales.dtype == torch.float64 else tl.float32


def _warps(block):
    return min(max(block // 512, 1), 32)


@triton.jit
def _load(like, layout, i, t, at, columns, real: tl.constexpr):
    """A block of row ``t`` of specialist ``i``; beyond its end -inf."""
    start = tl.load(layout + 3 * i).to(tl.pointer_type(like.dtype.element_ty))
    offsets = t * tl.load(layout + 3 * i + 1) + at.to(tl.int64) * tl.load(layout + 3 * i + 2)
    return tl.load(start + offsets, mask=at < columns, other=-float("inf")).to(real)


@triton.jit
def _finite(top):
    """What may be subtracted from terms with this maximum: terms of -inf stay so."""
    return tl.where(top == -float("inf"), 0.0, top)


@triton.jit
def _log_sums(like, layout, scales, tops, log_sums, rows, columns, real: tl.constexpr, block: tl.constexpr):
    t, i = tl.program_id(0).to(tl.int64), tl.program_id(1)
    scale = tl.load(scales + i)
    top = tl.full((), -float("inf"), real)
    total = tl.full((), 0.0, real)
    for start in range(0, columns, block):
        x = _load(like, layout, i, t, start + tl.arange(0, block), columns, real)
        greater = tl.maximum(top, tl.max(x, 0))
        total = total * tl.exp((top - _finite(greater)) * scale) + tl.sum(tl.exp((x - _finite(greater)) * scale), 0)
        top = greater
    tl.store(tops + i * rows + t, top)
    tl.store(log_sums + i * rows + t, tl.log(total))


@triton.jit
def _mix_blocks(
    like,
    layout,
    scales,
    log_weights,
    tops,
    log_sums,
    pooled,
    masses,
    rows,
    blocks,
    parts,
    columns,
    real: tl.constexpr,
    normalise: tl.constexpr,
    block: tl.constexpr,
):
    t, b = tl.program_id(0).to(tl.int64), tl.program_id(1)
    at = b * block + tl.arange(0, block)
    best = tl.full((block,), -float("inf"), real)
    for i in range(parts):
        row = i * rows + t
        x = _load(like, layout, i, t, at, columns, real)
        if not normalise:
            tl.store(masses + row * blocks + b, tl.sum(tl.exp(x), 0))
        term = (x - tl.load(tops + row)) * tl.load(scales + i) - tl.load(log_sums + row) + tl.load(log_weights + row)
        best = tl.maximum(best, term)
    total = tl.zeros((block,), real)
    for i in range(parts):  # the block is still in the cache
        row = i * rows + t
        x = _load(like, layout, i, t, at, columns, real)
        term = (x - tl.load(tops + row)) * tl.load(scales + i) - tl.load(log_sums + row) + tl.load(log_weights + row)
        total += tl.exp(term - _finite(best))
    out = (best + tl.log(total)).to(pooled.dtype.element_ty)
    tl.store(pooled + t * columns + at, out, mask=at < columns)


@triton.jit
def _whole_rows(
    like,
    layout,
    scales,
    log_weights,
    pooled,
    log_mass,
    rows,
    parts,
    columns,
    real: tl.constexpr,
    block: tl.constexpr,
):
    t, at = tl.program_id(0).to(tl.int64), tl.arange(0, block)
    best = tl.full((block,), -float("inf"), real)
    total = tl.zeros((block,), real)
    for i in range(parts):
        row, scale = i * rows + t, tl.load(scales + i)
        x = _load(like, layout, i, t, at, columns, real)
        top = tl.max(x, 0)
        x = (x - _finite(top)) * scale
        log_sum = tl.log(tl.sum(tl.exp(x), 0))
        tl.store(log_mass + row, _finite(top) * scale + log_sum)
        term = x - log_sum + tl.load(log_weights + row)
        greater = tl.maximum(best, term)
        total = total * tl.exp(best - _finite(greater)) + tl.exp(term - _finite(greater))
        best = greater
    out = (best + tl.log(total)).to(pooled.dtype.element_ty)
    tl.store(pooled + t * columns + at, out, mask=at < columns)
