"""Systems that are not Gaussian and whose information is known without samples, in nats.

Their densities are known: on circles, or as sums over hidden states of normal noise about a mean for each column. The
information is that of the masses of a fine grid.
"""

import math

import numpy as np
from scipy.special import expit

from mixbook.studies.measure.score.score_trials import MEASURES, System
from mixlib.information import systems
from mixlib.information.estimators.gaussian import from_covariance
from mixlib.information.exact import from_pmf
from mixlib.information.result import Information

CAMP_SHARES, CAMP_MEANS = np.array([0.7, 0.3]), np.array([[0.0] * 3, [3.0] * 3])
JITTER = 3.0  # concentration of the third phase about the sum of the others
UNIT_NOISE = 0.3
CIRCLE = 48  # cells around
FINENESS, REACH, NODES = 2.0, 5.0, 61  # grid cells in a deviation of the noise, range in deviations, hidden states


def opinions():
    """Social: three members of one of two camps, each with an own opinion about the camp's. Redundant."""

    def draw(samples, rng):
        camps = rng.choice(len(CAMP_SHARES), size=samples, p=CAMP_SHARES)
        return CAMP_MEANS[camps] + rng.standard_normal((samples, 3))

    return System("opinions", draw, noisy_means(CAMP_SHARES, CAMP_MEANS, np.ones(3)))


def phases():
    """Audio: the phases of two tones and of their sum tone, which jitters; no two of them depend. Synergistic."""
    around = 2 * math.pi * np.arange(CIRCLE) / CIRCLE
    joint = np.exp(JITTER * np.cos(around - around[:, None, None] - around[:, None]))  # von Mises

    def draw(samples, rng):
        first, second = rng.uniform(0, 2 * math.pi, size=(2, samples))
        third = first + second + rng.vonmises(0, JITTER, size=samples)
        return np.stack([first, second, np.mod(third, 2 * math.pi)], axis=1)

    return System("phases", draw, from_pmf(joint / joint.sum()))


def gated_unit():
    """Three model activations: a unit, a gate, and what the gate lets through of the unit's input."""
    axis = np.linspace(-REACH, REACH, NODES)
    inputs = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    masses = np.exp(-(inputs**2).sum(axis=1) / 2)

    def means(inputs):
        unit, gate = inputs.T
        return np.stack([np.tanh(2 * unit), np.tanh(2 * gate), 2 * unit * expit(4 * gate)], axis=1)

    def draw(samples, rng):
        return means(rng.standard_normal((samples, 2))) + UNIT_NOISE * rng.standard_normal((samples, 3))

    return System("gated unit", draw, noisy_means(masses / masses.sum(), means(inputs), np.full(3, UNIT_NOISE)))


def activations():
    """Model activations: two gated units beside each other, six columns. Redundancy and synergy nearly cancel."""
    unit = gated_unit()
    return side_by_side("activations", unit, unit)


def control():
    """Three Gaussians alike, for which the copula is the right model."""
    cov = systems.equicorrelated(3, 0.6)
    return System("gaussian", lambda samples, rng: systems.sample_gaussian(cov, samples, rng=rng), from_covariance(cov))


def side_by_side(name, first, second):
    """Two independent systems as one: what they share adds up."""
    exact = {measure: getattr(first.exact, measure) + getattr(second.exact, measure) for measure in MEASURES}
    exact["s_information"] = exact["tc"] + exact["dtc"]
    exact["gradient"] = np.concatenate([first.exact.gradient, second.exact.gradient])

    def draw(samples, rng):
        return np.concatenate([first.draw(samples, rng), second.draw(samples, rng)], axis=1)

    return System(name, draw, Information(**exact))


def noisy_means(masses, means, noise, *, fineness=FINENESS):
    """Information of three columns that are ``means`` (L, 3) and normal noise; hidden states have ``masses`` (L,).

    ``noise`` (3,) are its deviations; ``fineness`` is how many cells of the grid there are to one of them.
    """
    kernels = []
    for centres, spread in zip(means.T, noise, strict=True):
        low, high = centres.min() - REACH * spread, centres.max() + REACH * spread
        cells = np.linspace(low, high, math.ceil(fineness * (high - low) / spread))
        kernels.append(np.exp(-(((cells[:, None] - centres) / spread) ** 2) / 2))
    first, second, third = kernels
    joint = np.stack([(row * masses * second) @ third.T for row in first])
    return from_pmf(joint / joint.sum())
