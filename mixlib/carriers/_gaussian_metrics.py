"""What the metrics of Gaussian laws say: one class a metric, of functions of checked laws.

Laws are pairs of arrays, means (..., d) and covariances (..., d, d); of ``k`` of them (..., k, d) and (..., k, d, d).
"""

from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace

from mixlib.carriers import _bures, _half_plane
from mixlib.carriers._lengths import length


class Bures:
    """The 2-Wasserstein distance."""

    wrong_name: ClassVar[str] = "linear pool"
    statistic: ClassVar[str] = "largest variance in any direction, over the largest of the points"

    def mean(laws, weights, tolerance, max_rounds):
        means, covariances = laws
        centre = _bures.barycenter(covariances, weights, tolerance, max_rounds, "Gaussian.mean")
        return _weighted(weights, means), centre

    def residual(mean, laws, weights):
        offset = mean[0] - _weighted(weights, laws[0])
        xp = array_namespace(offset)
        off_centre = xp.linalg.vector_norm(offset, axis=-1) / xp.sqrt(_largest_variance(mean[1]))
        return xp.maximum(_bures.residual(mean[1], laws[1], weights), off_centre)

    def distance(a, b):
        between, shape = length(a[0] - b[0]), array_namespace(a[0]).sqrt(_bures.squared_distance(a[1], b[1]))
        return array_namespace(between).hypot(between, shape)

    def geodesic(a, b, t):
        return (1 - t)[..., None] * a[0] + t[..., None] * b[0], _bures.geodesic(a[1], b[1], t)

    def failure(mean, laws):
        return _largest_variance(mean[1]) / array_namespace(mean[1]).max(_largest_variance(laws[1]), axis=-1)

    def wrong_mean(laws, weights):
        return pool_moments(laws, weights)

    def sample(k, d, rng):
        roots = rng.normal(size=(k, d, d))
        return 3 * rng.normal(size=(k, d)), roots @ np.swapaxes(roots, -1, -2) / d + 0.1 * np.eye(d)

    def isometry(d, rng):
        turn, shift = np.linalg.qr(rng.normal(size=(d, d)))[0], rng.normal(size=d)
        return lambda laws: (laws[0] @ turn.T + shift, turn @ laws[1] @ turn.T)


class FisherRao:
    """Fisher's metric, for one-dimensional laws."""

    wrong_name: ClassVar[str] = "mean of means and deviations"
    statistic: ClassVar[str] = "widest angle between neighbours as seen from the mean, over a half turn"

    def mean(laws, weights, tolerance, max_rounds):
        tolerance = 1e4 * float(array_namespace(laws[0]).finfo(laws[0].dtype).eps) if tolerance is None else tolerance
        return _from_plane(_half_plane.karcher_mean(_to_plane(laws), weights, tolerance, max_rounds))

    def residual(mean, laws, weights):
        pull = _half_plane.pull(_to_plane(mean), _to_plane(laws), weights)
        return array_namespace(pull).linalg.vector_norm(pull, axis=-1)

    def distance(a, b):
        return _half_plane.SCALE * _half_plane.distance(_to_plane(a), _to_plane(b))

    def geodesic(a, b, t):
        a, b = _to_plane(a), _to_plane(b)
        return _from_plane(_half_plane.move(a, t[..., None] * _half_plane.look(a, b)))

    def failure(mean, laws):
        return _half_plane.widest_gap(_to_plane(mean), _to_plane(laws))

    def wrong_mean(laws, weights):
        places = _weighted(weights, _to_plane(laws))
        return _from_plane(places)

    def sample(k, d, rng):
        """One-dimensional, whatever ``d``."""
        return 3 * rng.normal(size=(k, 1)), np.exp(0.2 * rng.normal(size=(k, 1, 1)))

    def isometry(d, rng):
        """The line is mirrored, shifted and stretched."""
        shift, stretch = rng.normal(), np.exp(rng.normal())
        return lambda laws: (shift - stretch * laws[0], stretch**2 * laws[1])


class Mixture:
    """Straight-line distance of first and second moments."""

    wrong_name: ClassVar[str] = "Wasserstein barycenter"
    statistic: ClassVar[str] = "smallest mean square of the points, over that of the mean"

    def mean(laws, weights, tolerance, max_rounds):
        return pool_moments(laws, weights)

    def residual(mean, laws, weights):
        right = pool_moments(laws, weights)
        nothing = (0 * right[0], 0 * right[1])
        return Mixture.distance(mean, right) / Mixture.distance(right, nothing)

    def distance(a, b):
        xp, first = array_namespace(a[0]), a[0] - b[0]
        # the difference of second moments, whose digits the moments themselves would lose where means are large
        turned = first[..., :, None] * ((a[0] + b[0]) / 2)[..., None, :]
        second = a[1] - b[1] + turned + xp.matrix_transpose(turned)
        return xp.hypot(length(first), length(xp.reshape(second, (*second.shape[:-2], -1))))

    def geodesic(a, b, t):
        mean = (1 - t)[..., None] * a[0] + t[..., None] * b[0]
        gap, t = b[0] - a[0], t[..., None, None]
        covariance = (1 - t) * a[1] + t * b[1] + t * (1 - t) * (gap[..., :, None] * gap[..., None, :])
        _bures.refuse_beyond(t[..., 0, 0], covariance, "the covariance is not positive definite")
        return mean, covariance

    def failure(mean, laws):
        xp = array_namespace(mean[0])
        return xp.min(_mean_square(laws), axis=-1) / _mean_square(mean)

    def wrong_mean(laws, weights):
        return Bures.mean(laws, weights, None, 100)

    def sample(k, d, rng):
        means, covariances = Bures.sample(k, d, rng)
        return 3 * means / np.linalg.norm(means, axis=-1, keepdims=True), covariances

    def isometry(d, rng):
        """Space is turned, or mirrored: a shift would change second moments."""
        turn = np.linalg.qr(rng.normal(size=(d, d)))[0]
        return lambda laws: (laws[0] @ turn.T, turn @ laws[1] @ turn.T)


METRICS = {"bures": Bures, "fisher-rao": FisherRao, "mixture": Mixture}


def pool_moments(laws, weights):
    """Mean and covariance of the linear pool, by the law of total variance."""
    means, covariances = laws
    mean = _weighted(weights, means)
    gaps = means - mean[..., None, :]
    between = gaps[..., :, None] * gaps[..., None, :]
    return mean, array_namespace(mean).sum(weights[..., None, None] * (covariances + between), axis=-3)


def _weighted(weights, vectors):
    return (weights[..., None, :] @ vectors)[..., 0, :]


def _mean_square(laws):
    xp = array_namespace(laws[0])
    return xp.linalg.trace(laws[1]) + xp.sum(laws[0] ** 2, axis=-1)


def _largest_variance(covariances):
    return array_namespace(covariances).linalg.eigvalsh(covariances)[..., -1]


def _to_plane(laws):
    return _half_plane.to_plane(laws[0][..., 0], laws[1][..., 0, 0])


def _from_plane(places):
    mean, variance = _half_plane.to_laws(places)
    return mean[..., None], variance[..., None, None]
