"""Tasks with a known truth and a loss that belongs to no metric of the carrier: where the flat mean wins.

In each task the parts either are *one truth, scattered* (noisy versions of what is looked for), or *shares of a whole*
(samples, or what a part of a population is like). Losses are arrays (trials,) for the flat and for the carrier's mean.
"""

import contextlib

import numpy as np

from mixlib.arrays import generator
from mixlib.carriers import SPD, Circle, Quantile, Simplex, Sphere
from mixlib.carriers.quantile import from_density
from mixlib.carriers.spd import METRICS
from mixlib.kernels import Gated, Linear, softmax_gate

PARTS, TRIALS = 8, 40
VECTORS = 25  # around a centre
SCATTERED, SHARES = "one truth, scattered", "shares of a whole"
GRID = np.linspace(-9, 9, 181)


def directions(rng, spread=1.0):
    """Noisy compass needles in space; the loss is the squared distance of the arrow's tip from the true one."""
    truth = _unit(rng.normal(size=(TRIALS, 1, 3)))
    parts = _unit(truth + 0.8 * spread * rng.normal(size=(TRIALS, PARTS, 3)) / 3**0.5)
    return tuple(((mean - truth[:, 0]) ** 2).sum(-1) for mean in (Sphere().wrong_mean(parts), _karcher(parts)))


def near_directions(rng, spread=1.0):
    """The same with a sixteenth of the scatter."""
    return directions(rng, spread=spread / 16)


def hours(rng, spread=1.0):
    """At what time of day something happens, told with an error of an hour and a half; the loss is one less the cosine.

    Times run from 0 to 24 h, and the truth is any of them.
    """
    truth = rng.uniform(0, 2 * np.pi, (TRIALS, 1, 1))
    parts = (truth + 0.4 * spread * rng.normal(size=(TRIALS, PARTS, 1))) % (2 * np.pi)
    return tuple(1 - np.cos(mean - truth[:, 0])[:, 0] for mean in (Circle().wrong_mean(parts), Circle().mean(parts)))


def tensors(rng, spread=1.0):
    """Diffusion tensors measured with errors of so many percent; the loss is that of coding by the estimated law."""
    truth = _wishart(rng, (TRIALS, 1), 12)
    noise = 0.5 * spread * rng.normal(size=(TRIALS, PARTS, 3, 3))
    values, vectors = np.linalg.eigh((noise + np.swapaxes(noise, -1, -2)) / 2)
    factors = (vectors * np.exp(values)[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    root = np.linalg.cholesky(truth)
    parts = root @ factors @ np.swapaxes(root, -1, -2)
    return _coding_losses(truth[:, 0], parts)


def sample_covariances(rng, spread=1.0):
    """Covariances of a few draws each from one law; the loss is that of coding more of its draws by the estimate."""
    return _coding_losses(*_drawn_covariances(rng, spread))


def judged_covariances(seed):
    """Losses of the flat and the curved mean of sample covariances by other judges: the reverse divergence, distances.

    The affine-invariant distance is the curved mean's own.
    """
    truth, parts = _drawn_covariances(generator(seed), 1.0)
    means = parts.mean(axis=1), SPD().mean(parts)
    found = {"reverse divergence": [_divergence(mean, truth) for mean in means]}
    for metric in METRICS:
        found[metric] = [SPD(metric=metric).distance(mean, truth) ** 2 for mean in means]
    return {name: tuple(float(loss.mean()) for loss in pair) for name, pair in found.items()}


def noisy_forecasts(rng, spread=1.0):
    """Forecasters who see true log-odds with errors; the loss is the surprise at what happens, above the truth's."""
    logits = 1.5 * rng.normal(size=(TRIALS, 1, 4))
    parts, truth = _softmax(logits + 1.2 * spread * rng.normal(size=(TRIALS, PARTS, 4))), _softmax(logits)[:, 0]
    return _surprises(truth, parts)


def rival_forecasts(rng, spread=1.0):
    """Forecasters of whom one is right, and nobody knows who: any of them with equal chance."""
    parts = _softmax(1.5 * spread * rng.normal(size=(TRIALS, PARTS, 4)))
    return _surprises(parts.mean(axis=1), parts)


def shifted_clocks(rng, spread=1.0):
    """Laws of an error as laboratories with shifted clocks see it; the loss compares probabilities below each value."""
    means = 1.5 * spread * rng.normal(size=(TRIALS, PARTS, 1))
    return _ranked_losses(_normal(0.0, 1.0)[None], _normal(means, 1.0))


def towns_of_a_country(rng, spread=1.0):
    """Laws of a quantity in towns of equal size; the law in the whole country is looked for, by the same loss."""
    parts = _normal(1.5 * spread * rng.normal(size=(TRIALS, PARTS, 1)), 1.0)
    return _ranked_losses(parts.mean(axis=1), parts)


TASKS = {
    directions: ("Sphere", SCATTERED),
    hours: ("Circle", SCATTERED),
    tensors: ("SPD", SCATTERED),
    noisy_forecasts: ("Simplex", SCATTERED),
    shifted_clocks: ("Quantile", SCATTERED),
    near_directions: ("Sphere", "one truth, hardly scattered"),
    sample_covariances: ("SPD", SHARES),
    rival_forecasts: ("Simplex", SHARES),
    towns_of_a_country: ("Quantile", SHARES),
}


def losses(task, seed, spread=1.0):
    """Mean loss of the flat and of the carrier's mean over all trials of a seed, with so many times the scatter."""
    flat, curved = task(generator(seed), spread)
    return float(flat.mean()), float(curved.mean())


NOISES = {
    "normal": lambda rng, size: rng.normal(size=size),
    "heavy tails": lambda rng, size: rng.standard_t(2, size=size),
    "bounded": lambda rng, size: rng.uniform(-1, 1, size=size),
}


def centre_of_vectors(rng, noise):
    """Squared errors (trials, 3) of arithmetic mean, median and midrange for a known centre, in one of `NOISES`."""
    truth = rng.normal(size=(200, 1, 3))
    parts = truth + NOISES[noise](rng, (200, VECTORS, 3))
    found = Linear()(None, parts), np.median(parts, axis=1), (parts.min(axis=1) + parts.max(axis=1)) / 2
    return np.stack([((mean - truth[:, 0]) ** 2).sum(-1) for mean in found], axis=-1)


def linear_models(rng, models=4, inputs=20, draws=30):
    """Errors of merged linear regressions, each fitted to draws of its own: arithmetic and Karcher mean of weights.

    The Karcher mean is that of directions, with the mean of the lengths.
    """
    truth = rng.normal(size=(TRIALS, inputs, 1)) / inputs**0.5
    x = rng.normal(size=(TRIALS, models, draws, inputs))
    y = x @ truth[:, None] + 0.7 * rng.normal(size=(TRIALS, models, draws, 1))
    weights = np.linalg.solve(np.swapaxes(x, -1, -2) @ x, np.swapaxes(x, -1, -2) @ y)[..., 0]
    lengths = np.linalg.norm(weights, axis=-1, keepdims=True)
    karcher = _karcher(weights / lengths) * lengths.mean(axis=1)
    return tuple(((mean - truth[..., 0]) ** 2).sum(-1) for mean in (weights.mean(axis=1), karcher))


def clusters(rng, draws=400):
    """Errors of two experts on inputs in two clusters, as their average and by a gate.

    Each expert is right on its cluster. The last number is the largest difference between the gate's mixture and the
    linear kernel at the gate's weights.
    """
    side = rng.integers(2, size=draws)
    x = rng.normal(size=(draws, 2)) + 1.5 * np.where(side, 1, -1)[:, None]
    maps = rng.normal(size=(2, 2))
    experts = np.stack([x @ maps[0], x @ maps[1]], axis=-1)[..., None]  # (draws, 2, 1)
    truth = experts[np.arange(draws), side, 0]
    centres = np.array([[-1.5, -1.5], [1.5, 1.5]])
    gate = softmax_gate(score=-((x[:, None] - centres) ** 2).sum(-1) / 2)
    halves = np.full(2, 0.5)
    average, routed = Linear()(halves, experts)[:, 0], Gated(gate=gate)(halves, experts)[:, 0]
    by_hand = Linear()(gate(halves, experts), experts)[:, 0]
    errors = (((mixture - truth) ** 2).mean() for mixture in (average, routed))
    return *map(float, errors), float(np.abs(routed - by_hand).max())


def _unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _karcher(parts):
    """Means of directions; of those that no hemisphere holds the arithmetic mean's direction."""
    with contextlib.suppress(ValueError, RuntimeError):
        return Sphere().mean(parts)
    found = _unit(parts.mean(axis=1))
    for i, row in enumerate(parts):
        try:
            found[i] = Sphere().mean(row)
        except (ValueError, RuntimeError):
            continue
    return found


def _wishart(rng, shape, draws, root=None):
    """Covariances of so many draws in three dimensions, with a little on the diagonal so that none is singular."""
    x = rng.normal(size=(*shape, draws, 3))
    x = x if root is None else x @ np.swapaxes(root, -1, -2)
    return np.swapaxes(x, -1, -2) @ x / draws + 1e-9 * np.eye(3)


def _drawn_covariances(rng, spread):
    """True covariances, and those of a few draws each."""
    truth, draws = _wishart(rng, (TRIALS, 1), 12), max(4, round(6 / spread**2))
    return truth[:, 0], _wishart(rng, (TRIALS, PARTS), draws, np.linalg.cholesky(truth))


def _coding_losses(truth, parts):
    """The divergence of the true from the estimated law: the cost of coding draws by the estimate."""
    return tuple(_divergence(truth, mean) for mean in (parts.mean(axis=1), SPD().mean(parts)))


def _divergence(a, b):
    """Kullback-Leibler divergence of centred Gaussians with these covariances, per draw of the first."""
    ratio = np.linalg.solve(b, a)
    return (np.trace(ratio, axis1=-2, axis2=-1) - a.shape[-1] - np.linalg.slogdet(ratio)[1]) / 2


def _softmax(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def _surprises(truth, parts):
    pools = (Simplex(metric=metric).mean(parts) for metric in ("linear", "aitchison"))
    return tuple((truth * np.log(truth / pool)).sum(-1) for pool in pools)


def _normal(mean, deviation):
    return np.exp(-(((GRID - mean) / deviation) ** 2) / 2) / deviation / (2 * np.pi) ** 0.5


def _ranked_losses(truth, parts):
    """Integrated squared difference of distribution functions, by quantiles of the Wasserstein mean."""
    step = GRID[1] - GRID[0]
    below = np.cumsum(truth, axis=-1) * step
    quantiles = np.sort(Quantile().mean(from_density(GRID, parts, 200)), axis=-1)
    curved = np.stack([np.searchsorted(row, GRID + step / 2) for row in quantiles]) / quantiles.shape[-1]
    flat = np.cumsum(parts.mean(axis=1), axis=-1) * step
    return tuple(((found - below) ** 2).sum(-1) * step for found in (flat, curved))
