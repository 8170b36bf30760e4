"""The mixture as one formula of torch's operations, for derivatives of any order and kind.

It keeps arrays of the size of its input. Outcomes of probability 0 and weights of 0 have derivatives that are finite.
"""

import torch

from mixlib.federation.fused.inputs import in_graph

HIGHEST = 80.0  # nats by which a specialist of weight 0 may exceed the pool before its derivative is cut


def pool(x, weights, temperatures, normalise, targets=None):
    r"""The pool (T, V), or of targets (T,), and the log of each row's mass (N, T).

    Parameters
    ----------
    x : tensor (N, T, V)
        Log-probabilities, or with ``normalise`` logits.
    weights : tensor (N, T) or (N, 1)
    temperatures : tensor (N,)
        Of the logits, not used without ``normalise``.
    normalise : bool
    targets : integer tensor (T,), optional
    """
    out = x == -torch.inf
    z = torch.where(out, 0, x)
    z = z / temperatures[:, None, None] if normalise else z
    top = _finite(torch.where(out, -torch.inf, z).detach().amax(-1, keepdim=True))
    z = torch.where(out, top, z)  # whatever is masked later may not overflow
    log_mass = top + torch.where(out, 0, (z - top).exp()).sum(-1, keepdim=True).log()
    log_probs = z - log_mass if normalise else z
    if targets is None:
        return _log_sum(log_probs, out, weights[..., None]), log_mass[..., 0]
    at = targets[None, :, None].expand(len(x), -1, -1)
    pooled = _log_sum(log_probs.gather(-1, at), out.gather(-1, at), weights[..., None])
    return pooled[..., 0], log_mass[..., 0]


def _log_sum(log_probs, out, weights):
    """The log of the weighted sum; each term is its weight over itself, so that the derivative by it is exact."""
    positive = weights > 0
    held = torch.where(positive, weights, 1).detach()
    terms = log_probs + held.log()
    best = torch.where(out | ~positive, -torch.inf, terms).detach().amax(0)
    nothing, best = best == -torch.inf, _finite(best)
    terms = torch.where(out, 0, terms - best).clamp(max=HIGHEST).exp()
    total = torch.where(out, 0, terms * (weights / held)).sum(0)
    return torch.where(nothing, -torch.inf, best + torch.where(nothing, 1, total).log())


def _finite(top):
    return torch.where(top == -torch.inf, 0, top)


def mixture(predictions, weights, temperatures, backend, name, *, normalise, targets=None):
    """The public functions of mixtures where torch looks on.

    What can be asked is checked. Under ``torch.vmap`` and in graphs of ``torch.compile`` values cannot be asked: there
    every result of refused values is NaN.
    """
    if backend not in ("auto", "torch"):
        raise ValueError(
            f"backend: {backend!r} does not run inside torch.func, forward derivatives or graphs of torch.compile; "
            "use backend='torch'"
        )
    x = predictions if isinstance(predictions, torch.Tensor) else _stack(predictions, name)
    if x.ndim < 2 or 0 in (x.shape[0], x.shape[-1]) or not x.dtype.is_floating_point:
        raise ValueError(f"{name}: expected floating numbers (N, ..., V), got {x.dtype} of shape {tuple(x.shape)}")
    n, *batch, v = x.shape
    work = torch.promote_types(x.dtype, torch.float32)
    rows = x.reshape(n, -1, v).to(work)
    faults = _Faults()
    w, t = _weights(weights, n, batch, rows, faults), _temperatures(temperatures, n, rows, faults)
    if targets is not None:
        targets = torch.as_tensor(targets, device=x.device)
        if tuple(targets.shape) != tuple(batch) or targets.dtype.is_floating_point or targets.dtype == torch.bool:
            raise ValueError(f"targets: expected integers of shape {tuple(batch)}, got {targets.dtype}")
        targets = targets.reshape(-1).long()
        faults.add((targets < 0) | (targets >= v), f"targets: outside 0 to {v - 1}")
        targets = targets.clamp(0, v - 1)
    pooled, log_mass = pool(rows, w, t, normalise, targets)
    if normalise:
        faults.add(~log_mass.isfinite(), f"{name}: a row holds NaN, +inf, or nothing but -inf")
    if name == "log_probs":
        mass = log_mass if not normalise else pool(rows, w.detach(), torch.ones_like(t), True)[1]
        eps = torch.finfo(x.dtype).eps
        slack = 1e-6 if eps < 1e-12 else 1e-3 if eps < 1e-5 else 2e-2 if eps < 2e-3 else 0.1
        faults.add(~(mass.abs() <= slack), f"{name}: a row does not sum to probability 1")
    return faults.refuse(pooled).to(x.dtype).reshape((*batch, v) if targets is None else tuple(batch))


class _Faults:
    """Conditions that must not hold; asked where torch lets them be asked, else they turn the result into NaN."""

    def __init__(self):
        self.unasked = []

    def add(self, bad, message):
        bad = bad.any()
        if not in_graph():
            try:
                if bool(bad):
                    raise ValueError(f"{message}; call it outside of torch's transforms for which")
            except RuntimeError:  # torch.vmap
                self.unasked.append(bad)
        else:
            self.unasked.append(bad)

    def refuse(self, pooled):
        for bad in self.unasked:
            pooled = torch.where(bad, torch.nan, pooled)
        return pooled


def _stack(predictions, name):
    if not isinstance(predictions, list | tuple) or not predictions:
        raise ValueError(f"{name}: expected a tensor (N, ..., V) or a list of N, got {type(predictions).__name__}")
    kinds = {(p.dtype, tuple(p.shape)) if isinstance(p, torch.Tensor) else type(p).__name__ for p in predictions}
    if len(kinds) > 1 or not isinstance(predictions[0], torch.Tensor):
        raise ValueError(f"{name}: specialists differ in kind, dtype or shape ({kinds}); all need to be alike")
    return torch.stack(tuple(predictions))


def _weights(weights, n, batch, like, faults):
    if weights is None:
        return torch.full((n, 1), 1 / n, dtype=like.dtype, device=like.device)
    weights = torch.as_tensor(weights).to(like)
    if tuple(weights.shape) not in ((n,), (n, *batch)):
        raise ValueError(f"weights: expected shape ({n},) or {(n, *batch)}, got {tuple(weights.shape)}")
    slack = max(1e-6, 4 * torch.finfo(like.dtype).eps)
    faults.add(~(weights >= 0) | ~((weights.sum(0) - 1).abs() <= slack), "weights: not on the simplex")
    return weights.reshape(n, -1)


def _temperatures(temperatures, n, like, faults):
    if temperatures is None:
        return torch.ones(n, dtype=like.dtype, device=like.device)
    temperatures = torch.as_tensor(temperatures).to(like)
    if tuple(temperatures.shape) != (n,):
        raise ValueError(f"temperatures: expected shape ({n},), got {tuple(temperatures.shape)}")
    faults.add(~((temperatures > 0) & temperatures.isfinite()), "temperatures: not positive and finite")
    return temperatures
