"""Gradients of the fused paths for torch: recomputed some rows at a time, so that nothing large is kept.

With responsibilities :math:`r_{iv} = w_i p_{iv} / \\sum_j w_j p_{jv}` and the gradient ``g`` of the pool's log-probs,

.. math:: \\frac{\\partial L}{\\partial z_{iv}} = g_v r_{iv} - p_{iv} \\sum_u g_u r_{iu}, \\qquad
          \\frac{\\partial L}{\\partial w_i} = \\sum_v \\frac{g_v r_{iv}}{w_i}, \\qquad z_i = x_i / T_i,

without the second term where the predictions are log-probabilities. Towards a target all but its entry of ``g`` are 0.
Where the gradient itself is to be derived, it comes from the plain formula, as torch's operations.
"""

import torch

from mixlib.federation.fused.chunked import chunks
from mixlib.federation.fused.inputs import split, transformed
from mixlib.federation.fused.plain import pool


class Mixture(torch.autograd.Function):
    """The pool (T, V) and the log of the masses (N, T), the latter without a gradient."""

    @staticmethod
    def forward(ctx, engine, normalise, weights, temperatures, *arrays):
        ctx.normalise, ctx.targets = normalise, None
        ctx.save_for_backward(weights, temperatures, *arrays)
        pooled, log_mass = engine.mix(split(arrays), 1 / temperatures, weights.log(), normalise)
        log_mass = torch.as_tensor(log_mass)
        ctx.mark_non_differentiable(log_mass)
        return pooled, log_mass

    @staticmethod
    def backward(ctx, gradient, _):
        return None, None, *_backward(ctx, gradient, _through_mixture)


class AtTargets(torch.autograd.Function):
    """The pool's log-probabilities (T,) of targets, and the log of the masses, the latter without a gradient."""

    @staticmethod
    def forward(ctx, engine, targets, weights, temperatures, *arrays):
        ctx.normalise, ctx.targets = True, targets
        ctx.save_for_backward(weights, temperatures, *arrays)
        log_probs, log_mass = map(torch.as_tensor, engine.at_targets(split(arrays), 1 / temperatures, targets))
        ctx.mark_non_differentiable(log_mass)
        return torch.logsumexp(log_probs + weights.log(), 0).to(arrays[0].dtype), log_mass

    @staticmethod
    def backward(ctx, gradient, _):
        return None, None, *_backward(ctx, gradient[:, None], _through_targets)


def _backward(ctx, gradient, through):
    """Gradients of weights, temperatures and predictions."""
    if torch.is_grad_enabled() or transformed(gradient):
        return _as_graph(ctx, gradient)
    weights, temperatures, *arrays = ctx.saved_tensors
    of_weights, of_temperatures = torch.zeros_like(weights), torch.zeros_like(temperatures)
    of_arrays, of_parts = _room(arrays, ctx.needs_input_grad[4:])
    parts = split(arrays)
    for rows in chunks(parts[0], len(parts)):
        x = [part[rows].to(weights.dtype) for part in parts]
        log_probs = [torch.log_softmax(a / t, -1) for a, t in zip(x, temperatures, strict=True)] if ctx.normalise else x
        log_weights = weights[:, rows if weights.shape[1] > 1 else slice(None), None].log()
        both = through(ctx, gradient[rows].to(weights.dtype), rows, log_probs, log_weights)
        for i, (of_weight, of_scaled) in enumerate(both):
            if weights.shape[1] > 1:
                of_weights[i, rows] = of_weight
            else:
                of_weights[i] += of_weight.sum()
            if of_parts[i] is not None:
                of_parts[i][rows] = (of_scaled / temperatures[i]).to(of_parts[i].dtype)
            moved = torch.where(of_scaled == 0, 0, of_scaled * x[i]).sum()  # 0 times -inf is no change
            of_temperatures[i] -= moved / temperatures[i] ** 2
    return of_weights, of_temperatures, *of_arrays


def _as_graph(ctx, gradient):
    """The same as a graph of torch's operations, which has derivatives again and can be taken by ``torch.vmap``."""
    weights, temperatures, *arrays = given = ctx.saved_tensors
    again = torch.is_grad_enabled()
    with torch.enable_grad():
        x = (arrays[0] if arrays[0].ndim == 3 else torch.stack(arrays)).to(weights.dtype)
        pooled, _ = pool(x, weights, temperatures, ctx.normalise, ctx.targets)
        gradient = gradient.to(weights.dtype).reshape(pooled.shape)
        wanted = [array for array, want in zip(given, ctx.needs_input_grad[2:], strict=True) if want]
        found = iter(torch.autograd.grad(pooled, wanted, gradient, create_graph=again, materialize_grads=True))
    return tuple(next(found) if want else None for want in ctx.needs_input_grad[2:])


def _room(arrays, wanted):
    """Tensors for the gradients that are wanted, else None; and the same for each specialist."""
    room = [torch.empty_like(a) if want else None for a, want in zip(arrays, wanted, strict=True)]
    if arrays[0].ndim == 2:
        return room, room
    return room, split(room) if wanted[0] else [None] * len(arrays[0])


def _through_mixture(ctx, gradient, rows, log_probs, log_weights):
    """For each specialist the gradients of its weight (T,) and of its scaled predictions (T, V)."""
    pooled = torch.logsumexp(torch.stack([p + w for p, w in zip(log_probs, log_weights, strict=True)]), 0)
    for log_p, log_w in zip(log_probs, log_weights, strict=True):
        ratio = torch.where(pooled == -torch.inf, -torch.inf, log_p - pooled)
        through = gradient * (ratio + log_w).exp()
        if ctx.normalise:
            through = through - log_p.exp() * through.sum(-1, keepdim=True)
        yield (gradient * ratio.exp()).sum(-1), through


def _through_targets(ctx, gradient, rows, log_probs, log_weights):
    """As :func:`_through_mixture`, for the targets' log-probabilities."""
    targets = ctx.targets[rows, None]
    found = torch.stack([p.gather(-1, targets) for p in log_probs])
    pooled = torch.logsumexp(found + log_weights, 0)
    for log_p, at_target, log_w in zip(log_probs, found, log_weights, strict=True):
        ratio = torch.where(pooled == -torch.inf, -torch.inf, at_target - pooled)
        share = gradient * (ratio + log_w).exp()
        yield (gradient * ratio.exp())[:, 0], (-share * log_p.exp()).scatter_add(-1, targets, share)
