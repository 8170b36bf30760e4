"""The instruments on two scalar parts and their mixture, by quadrature: no samples and no assumption about laws."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from mixlib.arrays import floats, whole
from mixlib.information.result import NATS_PER_UNIT, check_units

REACH = 5.0  # standard deviations: beyond lie six in ten million
STRONGEST = 0.98  # correlation at which the usual nodes still resolve one part given the other
NOISE_STEPS = 2  # points of the mixture's axis within one standard deviation of the noise
SEARCHED = np.linspace(0, STRONGEST, 11)


@dataclass(frozen=True)
class Pair:
    r"""A mixture of two scalar parts, tabulated over two normal scores.

    The parts are functions of scores :math:`z_1, z_2` on one grid; their correlation only weights the grid, so that
    a kernel is evaluated once for all correlations. Sums over an even grid are nearly exact for smooth functions
    under a normal law; halve the number of nodes to see the error.

    Attributes
    ----------
    scores : array (N,)
        The nodes :math:`z`, evenly spaced.
    parts : array (N, N, 2)
        Both parts at each pair of nodes.
    mixtures : array (k, N, N)
        What the mixture may be; one outcome unless the kernel draws.
    probabilities : array (k,)
        Of the outcomes.
    """

    scores: np.ndarray
    parts: np.ndarray
    mixtures: np.ndarray
    probabilities: np.ndarray

    def omega(self, correlation=0.0, signal_to_noise=10.0, *, units="nats"):
        r"""O-information of both parts and the mixture with normal noise, for a correlation of the scores.

        .. math:: \Omega = H(M) - H(M \mid P_1) - H(M \mid P_2) + H(M \mid P_1, P_2)

        The noise has the mixture's variance at this correlation over ``signal_to_noise``.

        Source: Rosas et al. 2019.

        Raises
        ------
        ValueError
            If a number is out of range or the mixture is constant.
        """
        check_units(units)
        if not (signal_to_noise > 0 and math.isfinite(signal_to_noise)):
            raise ValueError(f"signal_to_noise: got {signal_to_noise}; expected a positive number")
        weights, chances = self._weights(correlation), self.probabilities[:, None, None]
        mean = np.sum(chances * weights * self.mixtures)
        noise = math.sqrt(np.sum(chances * weights * (self.mixtures - mean) ** 2) / signal_to_noise)
        if noise <= 1e-12 * abs(mean):
            raise ValueError("kernel: the mixture does not vary over the parts, so it tells nothing about them")
        low, high = self.mixtures.min() - 5 * noise, self.mixtures.max() + 5 * noise
        axis = np.linspace(low, high, math.ceil(NOISE_STEPS * (high - low) / noise))
        given_both = sum(
            chance * _normal((axis[:, None, None] - outcome) / noise) / noise
            for chance, outcome in zip(self.probabilities, self.mixtures, strict=True)
        )
        first, second = weights.sum(axis=1), weights.sum(axis=0)
        given_first = np.einsum("mij,ij->mi", given_both, weights) / first
        given_second = np.einsum("mij,ij->mj", given_both, weights) / second
        if len(self.mixtures) == 1:
            of_noise = math.log(2 * math.pi * math.e * noise**2) / 2
        else:
            of_noise = np.sum(weights * _entropy(given_both, axis))
        entropies = (
            _entropy(given_first @ first, axis),
            np.sum(first * _entropy(given_first, axis)),
            np.sum(second * _entropy(given_second, axis)),
            of_noise,
        )
        return float(np.dot((1, -1, -1, 1), entropies)) / NATS_PER_UNIT[units]

    def sign_change(self, signal_to_noise=10.0):
        """The smallest correlation at which Omega turns positive; NaN if it does not up to .98."""
        signs = (self.omega(rho, signal_to_noise) > 0 for rho in SEARCHED)
        if (above := next((k for k, positive in enumerate(signs) if positive), None)) is None:
            return math.nan
        if above == 0:  # rounding: of independent parts Omega is never positive
            return 0.0
        from scipy.optimize import brentq

        return brentq(self.omega, SEARCHED[above - 1], SEARCHED[above], args=(signal_to_noise,), xtol=1e-6)

    def share_outside(self, correlation=0.0):
        """Probability that the mixture, without noise, lies outside the interval between the parts."""
        slack = 1e-9 * np.abs(self.parts).max()
        outside = (self.mixtures < self.parts.min(axis=-1) - slack) | (self.mixtures > self.parts.max(axis=-1) + slack)
        return float(np.sum(self.probabilities[:, None, None] * self._weights(correlation) * outside))

    def _weights(self, correlation):
        if not abs(correlation) <= STRONGEST:
            raise ValueError(f"correlation: got {correlation}; the nodes resolve -{STRONGEST} to {STRONGEST}")
        one, other = self.scores[:, None], self.scores
        weights = np.exp(-(one**2 - 2 * correlation * one * other + other**2) / (2 * (1 - correlation**2)))
        return weights / weights.sum()


def tabulate_pair(kernel, *, weights=None, sampler=None, probabilities=(1.0,), nodes=61):
    """Evaluate a kernel on every pair of two scalar parts.

    Parameters
    ----------
    kernel : Kernel or callable
        Called as ``kernel(weights, parts)`` with parts (T, 2, 1), returns (T, 1); or, for a kernel that draws, every
        outcome (T, k).
    weights : array (2,), optional
        One half each by default.
    sampler : callable, optional
        Makes parts of numbers uniform in (0, 1), as in :func:`mixlib.interaction_share`; by default they are the parts.
    probabilities : sequence (k,)
        Of the outcomes.
    nodes : int
        Number of nodes for each part.

    Returns
    -------
    Pair

    Raises
    ------
    ValueError
        If there are too few nodes, the probabilities are off the simplex, or the kernel's output is of another shape
        or not finite.
    """
    chances = floats(probabilities, "probabilities")
    whole(nodes, "nodes", 8)
    if chances.ndim != 1 or np.any(chances < 0) or not math.isclose(chances.sum(), 1):
        raise ValueError(f"probabilities: got {chances.tolist()}; expected numbers >= 0 that sum to 1")
    scores = np.linspace(-REACH, REACH, nodes)
    uniform = ndtr(np.stack(np.meshgrid(scores, scores, indexing="ij"), axis=-1))
    parts = np.asarray(uniform if sampler is None else sampler(uniform), dtype=float)
    mixtures = np.asarray(kernel(weights, parts.reshape(-1, 2, 1)), dtype=float)
    if mixtures.shape != (nodes**2, len(chances)):
        raise ValueError(
            f"kernel: {nodes**2} pairs of scalar parts gave an output of shape {mixtures.shape}; expected "
            f"{(nodes**2, len(chances))}, one column for each of the probabilities"
        )
    if not np.isfinite(mixtures).all():
        raise ValueError("kernel: gave NaN or infinity; choose a sampler whose parts lie in its domain")
    return Pair(scores, parts, mixtures.T.reshape(-1, nodes, nodes), chances)


def _normal(score):
    return np.exp(-0.5 * score**2) / math.sqrt(2 * math.pi)


def _entropy(density, axis):
    """Differential entropy (...) in nats of densities (len(axis), ...)."""
    return -np.sum(density * np.log(np.where(density > 0, density, 1)), axis=0) * (axis[1] - axis[0])
