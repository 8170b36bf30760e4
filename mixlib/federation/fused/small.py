"""Mixtures of few numbers by NumPy, in float64: nobody waits for a compiler, or for torch, to pool three rows."""

import numpy as np
from array_api_compat import array_namespace, is_torch_array

from mixlib.arrays import as_numpy, log_sum_exp


def mix(parts, scales, log_weights, normalise, out=None):
    """As :func:`mixlib.federation.fused.compiled.mix`."""
    x = _wide(parts)
    with np.errstate(all="ignore"):  # rows without a distribution, and what is below the range of half precision
        if normalise:
            x, shift, log_sum = _log_softmax(x, scales)
            log_mass = shift + log_sum
        else:
            log_mass = log_sum_exp(x, axis=-1)
        log_weights = np.broadcast_to(as_numpy(log_weights), log_mass.shape)
        pooled = log_sum_exp(x + log_weights[..., None], axis=0).astype(_work(parts[0]))
        if out is None:
            return _like(pooled, parts[0]), log_mass
        out[...] = _like(pooled, out)
    return out, log_mass


def at_targets(parts, scales, targets):
    """As :func:`mixlib.federation.fused.compiled.at_targets`."""
    with np.errstate(all="ignore"):
        x, shift, log_sum = _log_softmax(_wide(parts), scales)
    return x[:, np.arange(x.shape[1]), as_numpy(targets)], shift + log_sum


def _work(array):
    return np.float64 if "float64" in str(array.dtype) else np.float32


def _wide(parts):
    """The parts as one array (N, T, V); through their own library, since NumPy does not know bfloat16."""
    xp = array_namespace(parts[0])
    return np.stack([as_numpy(xp.astype(part, xp.float64)) for part in parts])


def _log_softmax(x, scales):
    """Normalised rows, and the two summands of the log of their mass: apart, since large logits would swallow it."""
    scales = as_numpy(scales, float)[:, None]
    top = x.max(axis=-1)
    x = (x - top[..., None]) * scales[..., None]
    log_sum = np.log(np.exp(x).sum(axis=-1))
    return x - log_sum[..., None], top * scales, log_sum


def _like(array, other):
    if not is_torch_array(other):
        return array.astype(other.dtype, copy=False)
    import torch

    return torch.from_numpy(array).to(other.dtype)
