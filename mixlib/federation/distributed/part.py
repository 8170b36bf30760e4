"""What one rank brings to a call of the distributed mixture, checked before anything is sent."""

import zlib
from math import prod

import numpy as np
import torch

from mixlib.simplex import check_weights

CHUNK = 2**21  # numbers exchanged at a time, so that memory does not grow with the input


def check_rank_weights(weights, n, shape, dtype):
    """Weights ``(n,)`` or ``(n, *shape)`` on the simplex as a tensor, or a ValueError."""
    weights = check_weights(weights, n, like=torch.zeros(n, dtype=dtype), axis=0).detach()
    if weights.ndim > 1 and tuple(weights.shape) != (n, *shape):
        raise ValueError(
            f"weights: expected shape ({n},) or {(n, *shape)}, got {tuple(weights.shape)}; "
            f"give one set of weights, or one for each position"
        )
    return weights


class Part:
    """What one rank brings to a call: rows ``(T, V)``, their normalisers, the targets and everybody's weights."""

    def __init__(self, logits, targets, weights, n):
        self._numpy = isinstance(logits, np.ndarray)
        logits = torch.from_numpy(logits) if self._numpy else logits
        if not isinstance(logits, torch.Tensor) or logits.ndim < 1 or not logits.is_floating_point():
            what = (
                f"{logits.dtype} {tuple(logits.shape)}" if isinstance(logits, torch.Tensor) else type(logits).__name__
            )
            raise ValueError(f"logits: expected a floating tensor or array (..., V), got {what}")
        if logits.shape[-1] == 0:
            raise ValueError(f"logits: got shape {tuple(logits.shape)}; there must be at least one outcome")
        self.shape = tuple(logits.shape[:-1])
        self.rows = logits.detach().reshape(prod(self.shape), logits.shape[-1])
        self.wide = torch.float64 if logits.dtype == torch.float64 else torch.float32
        self.step = max(1, CHUNK // self.rows.shape[1])
        self.normaliser = self._normaliser()
        self.targets = self._checked(targets)
        weights = check_rank_weights(weights, n, self.shape, self.wide)
        self.weights = weights.reshape(n, -1).expand(-1, len(self.rows))

    @property
    def signature(self):
        """Numbers that must be the same on every rank."""
        targets = 0 if self.targets is None else zlib.crc32(self.targets.numpy().tobytes())
        return *self.rows.shape, self.wide.itemsize, zlib.crc32(self.weights.numpy().tobytes()), targets

    def at_targets(self):
        """This specialist's log-probabilities ``(T,)`` of the targets."""
        index = self.targets.to(self.rows.device)[:, None]
        return self.rows.gather(1, index)[:, 0].to(self.wide) - self.normaliser

    def back(self, values, last):
        """``values`` in the shape, dtype and kind that came in."""
        values = values.to(self.rows.dtype).reshape(*self.shape, *(self.rows.shape[1:] if last else ()))
        return values.numpy() if self._numpy else values

    def _checked(self, targets):
        if targets is None:
            return None
        targets = torch.as_tensor(targets).cpu()
        v = self.rows.shape[1]
        if targets.is_floating_point() or targets.is_complex() or targets.dtype == torch.bool:
            raise ValueError(f"targets: expected integers, got {targets.dtype}; pass token numbers 0 .. {v - 1}")
        if tuple(targets.shape) != self.shape:
            raise ValueError(f"targets: expected shape {self.shape}, one a position, got {tuple(targets.shape)}")
        if targets.numel() and not (targets.min() >= 0 and targets.max() < v):
            raise ValueError(f"targets: hold {int(targets.min())} to {int(targets.max())}, outside 0 .. {v - 1}")
        return targets.reshape(-1).long()

    def _normaliser(self):
        """Log of the sum of exponentials of each row ``(T,)``, a chunk of rows at a time."""
        total = self.rows.new_empty(len(self.rows), dtype=self.wide)
        for begin in range(0, len(total), self.step):
            rows = slice(begin, begin + self.step)
            total[rows] = torch.logsumexp(self.rows[rows].to(self.wide), dim=1)
        if not torch.isfinite(total).all():
            where = int(torch.argmin(torch.isfinite(total).int()))
            raise ValueError(
                f"logits: row {where} holds NaN or infinity, or nothing but -inf; every row needs one finite entry"
            )
        return total
