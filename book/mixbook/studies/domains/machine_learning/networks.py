"""Small networks, many at once: the parameters of each are a row of one tensor, and Adam moves all rows together."""

import itertools
import math

import torch


class Dense:
    """Networks of hidden layers with one activation: inputs (m, n, i) to logits or values (m, n, k)."""

    def __init__(self, *sizes, activation=torch.relu):
        self.sizes, self.activation = sizes, activation
        self.shapes = [shape for a, b in itertools.pairwise(sizes) for shape in ((a, b), (1, b))]

    def layers(self, theta, inputs):
        """What every layer gives; the last is the output."""
        found, tensors = [], unpack(theta, self.shapes)
        for weight, shift in zip(tensors[::2], tensors[1::2], strict=True):
            inputs = torch.baddbmm(shift, self.activation(inputs) if found else inputs, weight)
            found.append(inputs)
        return found

    def __call__(self, theta, inputs):
        """Outputs (m, n, k)."""
        return self.layers(theta, inputs)[-1]


def unpack(theta, shapes):
    """Rows (m, p) as tensors (m, a, b), one a shape."""
    parts = torch.split(theta, [math.prod(shape) for shape in shapes], dim=1)
    return [part.unflatten(1, shape) for part, shape in zip(parts, shapes, strict=True)]


def start(m, shapes, rng):
    """Rows (m, p) to begin with: weights of variance 2 over their inputs, single rows 0."""
    drawn = [
        torch.randn(m, math.prod(shape), generator=rng) * (0 if shape[-2] == 1 else (2 / shape[-2]) ** 0.5)
        for shape in shapes
    ]
    return torch.cat(drawn, dim=1)


def adam(loss, theta, steps, rates, report=None):
    """Minimise ``loss(theta)`` (m,) row by row at learning rates (m,); ``report(step, theta)`` looks on."""
    first, second = torch.zeros_like(theta), torch.zeros_like(theta)
    rates = torch.as_tensor(rates, dtype=theta.dtype)[:, None]
    for step in range(1, steps + 1):
        theta = theta.detach().requires_grad_()
        (slope,) = torch.autograd.grad(loss(theta).sum(), theta)
        with torch.no_grad():
            first.lerp_(slope, 0.1)
            second.mul_(0.999).addcmul_(slope, slope, value=0.001)
            scale = rates * (math.sqrt(1 - 0.999**step) / (1 - 0.9**step))
            theta = theta - scale * first / (second.sqrt() + 1e-8)
            if report is not None:
                report(step, theta)
    return theta.detach()


def surprise(logits, laws):
    """Mean log loss (m,) of laws (m, n, k), which may be labels or mixtures of them."""
    return -(laws * torch.log_softmax(logits, dim=-1)).sum(dim=-1).mean(dim=-1)
