"""The same kernel, parts and weights on another carrier: fat in food, a prior in Bayes, a geometry of models.

Each function mixes random pairs of parts twice, and tells by how much the mixture moves when the carrier changes, over
the distance of the parts; and the same for a change of carrier that should change nothing.
"""

import numpy as np

from mixlib import simplex
from mixlib.arrays import generator
from mixlib.kernels import CompetitiveBinding, Linear, LogLinear

FAT = 0.2  # of the volume of a dish
RECEPTORS, HIDDEN, STEPS, RATE = 3, 16, 300, 0.02
GRID = np.linspace(-50, 50, 4001)


def fat_in_food(pairs, rng=None):
    """Two odours in water, and in water of which a fifth is fat, as three receptors answer to them.

    What is dissolved in fat does not reach the nose. An odour of fat-water partition coefficient K leaves the share
    ``1 / (1 - fat + fat K)`` of its concentration in the water; K is log-uniform between 1 and 1000. The control is a
    fat that dissolves odours as water does.

    Parameters
    ----------
    pairs : int
    rng : numpy Generator or int, optional
        By default seed 0.

    Returns
    -------
    moved, control : arrays (pairs,)
    """
    rng = generator(0 if rng is None else rng)
    weights = simplex.sample(2, pairs, rng=rng)
    binding = 10 ** rng.uniform(-0.5, 0.5, (pairs, 2, RECEPTORS))  # in water, when all of the odour is there
    strength = rng.uniform(0.5, 2.0, (pairs, 2, RECEPTORS))
    partition = 10 ** rng.uniform(0, 3, (pairs, 2, 1))

    def answers(bound):
        pure = strength * bound / (1 + bound)
        mixtures = [CompetitiveBinding(one)(w, p) for one, w, p in zip(bound, weights, pure, strict=True)]
        return np.array(mixtures), pure

    in_water, pure = answers(binding)
    in_fat, in_other = (answers(binding / (1 - FAT + FAT * k))[0] for k in (partition, np.ones_like(partition)))
    apart = np.linalg.norm(pure[:, 0] - pure[:, 1], axis=-1)
    return np.linalg.norm(in_fat - in_water, axis=-1) / apart, np.linalg.norm(in_other - in_water, axis=-1) / apart


def prior_in_bayes(pairs, rng=None):
    """Two pieces of evidence pooled under a flat prior, and under one as firm as they are.

    The posterior is the prior times the product of the likelihoods, each to the power of its weight. Distances are
    those of Wasserstein between normal laws. The control is another flat prior, on half the range.

    Returns
    -------
    moved, control : arrays (pairs,)
    """
    rng = generator(0 if rng is None else rng)
    weights = simplex.sample(2, pairs, rng=rng)
    means, deviations = rng.uniform(-5, 5, (pairs, 3)), rng.uniform(0.5, 2.0, (pairs, 3))
    laws = np.exp(-0.5 * ((GRID - means[..., None]) / deviations[..., None]) ** 2) + 1e-300
    pooled = LogLinear()(weights, laws[:, :2])
    flat = _moments(pooled)
    apart = np.hypot(means[:, 0] - means[:, 1], deviations[:, 0] - deviations[:, 1])
    firm, narrow = (_moments(pooled * prior) for prior in (laws[:, 2], np.abs(GRID) <= GRID[-1] / 2))
    return np.hypot(*(firm - flat)) / apart, np.hypot(*(narrow - flat)) / apart


def geometry_of_models(pairs, rng=None, *, one_base=False):
    """Two small networks, averaged along a line through their weights and along a great circle.

    Networks of one input, a hidden layer and one output learn two waves of different phase, from independent starting
    values or from ``one_base`` that has learned a third. On the sphere each layer goes along the great circle, its
    length is the average length. The mixture is what the averaged network predicts. The control averages along a line
    too, in coordinates that are turned by a random rotation.

    Returns
    -------
    moved, control : arrays (pairs,)
    """
    rng = generator(0 if rng is None else rng)
    weights = simplex.sample(2, pairs, rng=rng)
    phases = rng.uniform(0, np.pi, (pairs, 2))
    start = rng.standard_normal((pairs, 2, 3, HIDDEN)) * np.array([1.5, 1.0, HIDDEN**-0.5])[:, None]
    if one_base:
        start = np.repeat(_train(start[:, :1], rng.uniform(0, np.pi, (pairs, 1))), 2, axis=1)
    models = _train(start, phases)
    flat = Linear()(weights, models.reshape(pairs, 2, -1)).reshape(pairs, 3, HIDDEN)
    turn = np.linalg.qr(rng.standard_normal((3 * HIDDEN, 3 * HIDDEN)))[0]
    turned = (Linear()(weights, models.reshape(pairs, 2, -1) @ turn) @ turn.T).reshape(pairs, 3, HIDDEN)
    around = _great_circle(weights, models)
    parts, line, circle, control = (_predict(one) for one in (models, flat, around, turned))
    apart = _size(parts[:, 0] - parts[:, 1])
    return _size(circle - line) / apart, _size(control - line) / apart


def _moments(density):
    """Mean and standard deviation (2, n) of densities (n, g), known up to a factor."""
    mass = density / density.sum(axis=-1, keepdims=True)
    mean = mass @ GRID
    return np.array([mean, np.sqrt(np.sum(mass * (GRID - mean[:, None]) ** 2, axis=-1))])


INPUTS = np.linspace(-2, 2, 33)


def _predict(models):
    """Outputs (..., 33) of networks (..., 3, hidden): weights in, offsets, weights out."""
    into, offset, out = (models[..., k, :] for k in range(3))
    hidden = np.tanh(INPUTS[:, None] * into[..., None, :] + offset[..., None, :])
    return np.sum(hidden * out[..., None, :], axis=-1)


def _train(models, phases):
    """The networks after gradient descent (Adam) on waves of these phases."""
    target = np.sin(2 * INPUTS + phases[..., None])
    models, first, second = models.copy(), 0.0, 0.0
    for step in range(1, STEPS + 1):
        into, offset, out = (models[..., k, :] for k in range(3))
        hidden = np.tanh(INPUTS[:, None] * into[..., None, :] + offset[..., None, :])
        error = (np.sum(hidden * out[..., None, :], axis=-1) - target)[..., None] / len(INPUTS)
        back = error * out[..., None, :] * (1 - hidden**2)
        slope = np.stack([np.sum(g, axis=-2) for g in (back * INPUTS[:, None], back, error * hidden)], axis=-2)
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        models -= RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return models


def _great_circle(weights, models):
    """Each layer (hidden,) of the two models (n, 2, 3, hidden) averaged along the great circle, its length as well."""
    lengths = np.linalg.norm(models, axis=-1, keepdims=True)
    one, other = np.moveaxis(models / lengths, 1, 0)
    angle = np.arccos(np.clip(np.sum(one * other, axis=-1, keepdims=True), -1, 1))
    w = weights[:, :, None, None]
    direction = (np.sin(w[:, 0] * angle) * one + np.sin(w[:, 1] * angle) * other) / np.sin(angle)
    return direction * np.sum(w * lengths, axis=1)


def _size(values):
    return np.sqrt(np.mean(values**2, axis=-1))
