"""Mixtures by torch's own operations, some rows at a time: for devices and dtypes that nothing else serves."""

import torch

CHUNK = 2**18  # numbers at a time, on processors; GPUs need more to be busy
CHUNK_ON_DEVICE = 2**24


def mix(parts, scales, log_weights, normalise, out=None):
    """As :func:`mixlib.federation.fused.compiled.mix`, for tensors; the log of the mass is a tensor too."""
    pooled = torch.empty_like(parts[0], memory_format=torch.contiguous_format) if out is None else out
    (log_mass,) = _by_row(parts, 1)
    log_weights = log_weights.expand(log_mass.shape)
    for rows in chunks(parts[0]):
        total = torch.full(parts[0][rows].shape, -torch.inf, dtype=log_mass.dtype, device=pooled.device)
        for i, part in enumerate(parts):
            x, shifted, log_sum = _log_softmax(part[rows], scales[i], log_mass.dtype)
            log_mass[i, rows] = (shifted + log_sum)[:, 0]
            total = torch.logaddexp(total, (x if normalise else part[rows].to(x.dtype)) + log_weights[i, rows, None])
        pooled[rows] = total.to(pooled.dtype)
    return pooled, log_mass


def at_targets(parts, scales, targets):
    """As :func:`mixlib.federation.fused.compiled.at_targets`, for tensors."""
    log_probs, log_mass = _by_row(parts, 2)
    for rows in chunks(parts[0]):
        for i, part in enumerate(parts):
            x, shifted, log_sum = _log_softmax(part[rows], scales[i], log_mass.dtype)
            log_mass[i, rows] = (shifted + log_sum)[:, 0]
            log_probs[i, rows] = x.gather(-1, targets[rows, None])[:, 0]
    return log_probs, log_mass


def log_masses(parts):
    """As :func:`mixlib.federation.fused.compiled.log_masses`, for tensors."""
    (log_mass,) = _by_row(parts, 1)
    for rows in chunks(parts[0]):
        for i, part in enumerate(parts):
            log_mass[i, rows] = part[rows].to(log_mass.dtype).logsumexp(-1)
    return log_mass


def chunks(part, count=1):
    """Slices of rows (T, V), so that ``count`` such chunks are some 100,000 numbers, or many more on a device."""
    rows, columns = part.shape
    step = max(1, (CHUNK if part.device.type == "cpu" else CHUNK_ON_DEVICE) // (count * columns))
    return [slice(start, min(start + step, rows)) for start in range(0, rows, step)]


def _by_row(parts, count):
    dtype = torch.promote_types(parts[0].dtype, torch.float32)
    return torch.empty((count, len(parts), len(parts[0])), dtype=dtype, device=parts[0].device)


def _log_softmax(x, scale, dtype):
    """Normalised rows, and the two summands of the log of their mass: apart, since large logits would swallow it."""
    x = x.to(dtype)
    top = x.amax(-1, keepdim=True)
    x = (x - top) * scale
    log_sum = x.exp().sum(-1, keepdim=True).log()
    return x - log_sum, top * scale, log_sum
