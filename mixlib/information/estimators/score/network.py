"""The network that learns how the scores of data differ from those of a Gaussian with the same covariance."""

import copy
import math
import time
from dataclasses import dataclass

import torch
from torch import nn

from mixlib.information.estimators.score.integrals import (
    ABSENT,
    CLEAN,
    DIFFUSED,
    LOG_RATIOS,
    amplitudes,
    noise_pairs,
    shuffled,
    stratified_pairs,
)

UNITS_PER_COLUMN = 16
LAYERS = 3
FREQUENCIES = 2
BATCH = 1024
LEARNING_RATE = 8e-3  # the highest; it falls to 0 over the steps
BETAS = 0.9, 0.95  # of Adam: its longer default memory takes twice the steps
WARM_UP = 50  # steps
REST = 0.25  # of the steps so far: over them the rate falls to 0 once nothing improves
AVERAGED = 3e-3  # of the weights move into their average at each step
RANGE = LOG_RATIOS[1] - LOG_RATIOS[0]
HELD_OUT = 0.1  # of the samples
HELD_OUT_POINTS = 2**15
CHECK_EVERY = 250  # steps
PATIENCE = 4  # checks without a lower held-out loss
SIGNIFICANCE = 2.0  # standard errors by which a network must beat the Gaussian to be used


class Residual(nn.Module):
    r"""Noise beyond the Gaussian prediction, for all views by one network.

    What a view knows of a column is a normal distribution: the clean value itself, the value pulled to 0 with
    variance :math:`\sigma^2` if diffused, a standard normal if absent. The first layer consists of soft steps, seen
    through that uncertainty :math:`v`, and of their slopes,

    .. math:: h_u = \operatorname{erf}\frac{a_u}{\sqrt 2}, \qquad g_u = e^{-a_u^2 / 2}, \qquad
              a_u = \frac{w_u \cdot m + b_u}{\sqrt{w_u^2 \cdot v + \tau_u^2}},

    so that a step is as sharp as its noise level allows; three layers mix them. The output starts at 0.

    Parameters
    ----------
    n_columns : int
    generator : torch.Generator
        Of the initial weights, on the CPU.
    """

    def __init__(self, n_columns, generator):
        super().__init__()
        n_units = UNITS_PER_COLUMN * n_columns
        # a step along one column each, its place and its softness at random
        self.direction = nn.Parameter(torch.eye(n_columns).repeat(UNITS_PER_COLUMN, 1))
        self.shift = nn.Parameter(0.8 * torch.randn(n_units, generator=generator))
        self.log_softness = nn.Parameter(5 * torch.rand(n_units, generator=generator) - 5)
        width = max(64, UNITS_PER_COLUMN * n_columns)
        n_inputs = 2 * n_units + 3 * n_columns + 4 + 2 * FREQUENCIES
        self.layers = nn.Sequential()
        for _ in range(LAYERS):
            self.layers += nn.Sequential(nn.Linear(n_inputs, width), nn.SiLU())
            n_inputs = width
        self.output = nn.Linear(width, n_columns)
        with torch.no_grad():
            for layer in self.layers[::2]:
                reach = 1 / math.sqrt(layer.in_features)
                for parameter in layer.parameters():
                    parameter.uniform_(-reach, reach, generator=generator)
            for parameter in self.output.parameters():
                parameter.zero_()

    def forward(self, state, seen, log_ratio):
        """Noise (B, N) to add to the Gaussian prediction, 0 for columns that are not diffused.

        ``state`` is (B, N) or (N,), ``seen`` (B, N) as :meth:`Views.seen` gives it, ``log_ratio`` (B,).
        """
        inputs, *_, gate = self._inputs(state, seen, log_ratio)
        return self.output(self.layers(inputs)) * gate

    @torch.no_grad()
    def descend(self, state, seen, log_ratio, missing, weight):
        """Set the gradients of ``weight`` times the mean of ``found * (found - 2 * missing)``, and return that value.

        ``found`` (B, N) is what :meth:`forward` gives, ``missing`` is (B, N). Products are summed over columns.
        Written out, this takes three quarters of the time of automatic differentiation.
        """
        inputs, mean, variance, spread, position, gate = self._inputs(state, seen, log_ratio)
        below, linear, kept = inputs, self.layers[::2], []
        for layer in linear:
            before = layer(below)
            kept.append((below, before))
            below = nn.functional.silu(before)
        found = self.output(below) * gate
        loss = weight / len(seen) * (found * (found - 2 * missing)).sum()

        slope = 2 * weight / len(seen) * (found - missing) * gate
        _set_gradient(self.output, slope, below)
        slope = slope @ self.output.weight
        for layer, (below, before) in zip(reversed(linear), reversed(kept), strict=True):
            slope = torch.ops.aten.silu_backward(slope, before)
            _set_gradient(layer, slope, below)
            slope = slope @ (layer.weight if below is not inputs else layer.weight[:, : 2 * len(self.shift)])
        # d erf(a / sqrt 2) = sqrt(2 / pi) g da and dg = -a g da, with the slope g of a step
        of_step, of_slope = slope.chunk(2, dim=1)
        g = inputs[:, len(self.shift) : 2 * len(self.shift)]
        of_shift = (math.sqrt(2 / math.pi) * of_step - position * of_slope) * g / spread
        of_square = -0.5 * of_shift * position / spread  # of the squared spread
        self.shift.grad = of_shift.sum(dim=0)
        self.log_softness.grad = 2 * torch.exp(2 * self.log_softness) * of_square.sum(dim=0)
        self.direction.grad = of_shift.T @ mean + 2 * self.direction * (of_square.T @ variance)
        return loss

    def _inputs(self, state, seen, log_ratio):
        """What the layers see, what it is made of (mean, variance, spread, position), and the gate of the output."""
        signal, sigma = amplitudes(log_ratio)
        clean, absent, diffused = (
            (state == value).to(seen.dtype).expand_as(seen) for value in (CLEAN, ABSENT, DIFFUSED)
        )
        mean = seen * (clean + signal * diffused)
        variance = absent + sigma**2 * diffused
        spread = torch.sqrt(variance @ (self.direction**2).T + torch.exp(2 * self.log_softness))
        # beyond 6 a step is flat to machine precision, and its slope would be a slow denormal number
        position = ((mean @ self.direction.T + self.shift) / spread).clamp(-6, 6)
        steps, slopes = torch.erf(position / math.sqrt(2)), torch.exp(-(position**2) / 2)
        inputs = torch.cat([steps, slopes, mean, clean, absent, _level(log_ratio, signal, sigma)], dim=1)
        return inputs, mean, variance, spread, position, signal * diffused


@dataclass(frozen=True)
class Training:
    """The network to use (None if none beat the Gaussian), its step, why training ended, and rows held out."""

    network: nn.Module | None
    step: int
    stopped: str
    held_out: torch.Tensor


def train(base, views, data, *, steps, max_seconds, seeds, on_check):
    """Learn the residual on the prediction ``base`` by denoising, in random views at stratified noise levels.

    A tenth of the samples is held out. Weights are averaged over steps. The learning rate falls to 0 over all steps,
    or over those that time allows; once the held-out loss no longer falls, over a quarter of the steps so far. The
    last average whose held-out loss is not worse than the best by more than its error is kept, if it is significantly
    better than ``base`` alone.

    Parameters
    ----------
    base : callable
        See :func:`~mixlib.information.estimators.score.integrals.densities`; ``row`` is one a sample.
    views : Views
    data : tensor (T, N)
    steps : int
    max_seconds : float or None
    seeds : (int, int)
        Of the initial weights, and of all else.
    on_check : callable
        ``on_check(step, network, train_loss, held_out_loss)`` with the averaged network, at regular steps.

    Returns
    -------
    Training
    """
    generator = torch.Generator(data.device).manual_seed(seeds[1])
    order = shuffled(torch.arange(len(data), device=data.device), len(data), generator)
    data, n_held_out = data[order], round(HELD_OUT * len(data))
    network = Residual(data.shape[1], torch.Generator().manual_seed(seeds[0])).to(data.device)
    average = copy.deepcopy(network)
    optimizer = torch.optim.Adam(network.parameters(), betas=BETAS, fused=True)
    test = _draw(views, data[:n_held_out], HELD_OUT_POINTS, generator)
    kept, kept_at, lowest, since, stopped = None, 0, torch.zeros(1, device=data.device), 0, "steps"
    step, last, rate, total, started = 0, steps, LEARNING_RATE, 0.0, time.monotonic()
    while step < last:
        step += 1
        for settings in optimizer.param_groups:
            settings["lr"] = rate * min(1, step / WARM_UP)
        rate *= 1 - 1 / (last - step + 1)
        total = total + _descend(network, base, views, *_draw(views, data[n_held_out:], BATCH, generator))
        optimizer.step()
        _update(average, network, step)
        if step % CHECK_EVERY and step < last:
            continue
        with torch.no_grad():
            excess = _excess(average, base, views, *test)
        on_check(step, average, float(total) / ((step - 1) % CHECK_EVERY + 1), excess.mean().item())
        total, since = 0.0, since + 1
        if excess.mean() < lowest.mean():
            lowest, since = excess, 0
        if _mean_over_error(excess) < -SIGNIFICANCE and _mean_over_error(excess - lowest) <= 1:
            kept, kept_at = copy.deepcopy(average), step
        if since >= PATIENCE and stopped != "no improvement":
            stopped, last = "no improvement", min(last, step + (math.ceil(REST * step) if kept else 0))
        if max_seconds is not None:
            in_time = max(int(step * max_seconds / (time.monotonic() - started)), step)
            stopped, last = ("time", in_time) if in_time < last else (stopped, last)
    return Training(kept, kept_at, stopped, order[:n_held_out])


def _draw(views, samples, n_points, generator):
    """Random views of random samples: rows (B,), clean and noise (B, N), log ratios (B,)."""
    kinds = [name[0] for name in views.row]
    odds = torch.tensor([1 / kinds.count(kind) for kind in kinds], device=samples.device)
    rows = torch.multinomial(odds, n_points // 2, replacement=True, generator=generator)
    picked = torch.randint(len(samples), rows.shape, generator=generator, device=samples.device)
    clean, noise = noise_pairs(samples[picked], generator)
    return rows.repeat(2), clean, noise, stratified_pairs(n_points, samples, generator)


def _excess(network, base, views, rows, clean, noise, log_ratio):
    """Squared error beyond the base's, one a pair of points (B / 2,), in nats: as an integral over log ratios."""
    seen = views.seen(rows, clean, noise, log_ratio)
    missing = noise - base(rows, seen, log_ratio)
    found = network(views.states[rows], seen, log_ratio)  # 0 where nothing is diffused
    return RANGE / 2 * (found * (found - 2 * missing)).sum(dim=1).reshape(2, -1).mean(dim=0)


def _descend(network, base, views, rows, clean, noise, log_ratio):
    """The mean of :func:`_excess`, with its gradients."""
    seen = views.seen(rows, clean, noise, log_ratio)
    missing = noise - base(rows, seen, log_ratio)
    return network.descend(views.states[rows], seen, log_ratio, missing, RANGE / 2)


def _set_gradient(layer, slope, below):
    layer.weight.grad, layer.bias.grad = slope.T @ below, slope.sum(dim=0)


def _mean_over_error(values):
    return (values.mean() / (values.std() / math.sqrt(len(values)) + torch.finfo(values.dtype).tiny)).item()


def _update(average, network, step):
    """Move exponential averages of the weights towards the present ones, further at the start."""
    with torch.no_grad():
        for kept, current in zip(average.parameters(), network.parameters(), strict=True):
            kept.lerp_(current, max(9 / (step + 9), AVERAGED))


def _level(log_ratio, signal, sigma):
    low, high = LOG_RATIOS
    angle = math.pi * (log_ratio[:, None] - low) / (high - low)
    waves = [wave(k * angle) for k in range(1, FREQUENCIES + 1) for wave in (torch.sin, torch.cos)]
    return torch.cat([signal, sigma, angle, log_ratio[:, None].clamp(-6, 6) / 6, *waves], dim=1)
