"""Vectors under the straight-line distance: the carrier on which the weighted arithmetic mean is right."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace

from mixlib.arrays import generator, one_kind
from mixlib.carriers._lengths import length, ratio
from mixlib.carriers.base import Carrier, read_fraction, read_vectors
from mixlib.simplex import check_weights


@dataclass(frozen=True, kw_only=True)
class Euclidean(Carrier):
    r"""Vectors with the straight-line distance; their mean is the linear pool.

    .. math:: m = \sum_i w_i \, p_i, \qquad d(a, b) = |a - b|

    A point is an array (..., d), and ``k`` points are (..., k, d), NumPy arrays or torch tensors of a floating dtype.

    Source: Stone 1961.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import Euclidean
    >>> points = np.array([[0.0, 0.0], [4.0, 8.0]])
    >>> Euclidean().mean(points, [0.75, 0.25])
    array([1., 2.])
    >>> Euclidean().failure(Euclidean().mean(points), points)
    np.float64(0.5)
    """

    points: ClassVar[str] = "vectors (..., k, d)"
    wrong_name: ClassVar[str] = "sum"
    statistic: ClassVar[str] = "distance to the farthest point, over the largest distance of two points"
    reference: ClassVar[str] = "stone1961"

    def mean(self, points, weights=None):
        """The weighted arithmetic mean (..., d) of the points (..., k, d).

        Raises
        ------
        ValueError
            If points are not finite, or weights are off the simplex.
        """
        points = read_vectors(points, "points", "(..., k, d)")
        weights = check_weights(weights, points.shape[-2], like=points)
        return (array_namespace(points).expand_dims(weights, axis=-2) @ points)[..., 0, :]

    def distance(self, a, b):
        """The length (...) of the straight line between two points (..., d)."""
        a, b = _check_pair(a, b)
        return length(a - b)

    def geodesic(self, a, b, t):
        """The point ``(1 - t) a + t b``, for any ``t``."""
        a, b = _check_pair(a, b)
        t = read_fraction(t, a)[..., None]
        return (1 - t) * a + t * b

    def failure(self, mean, points):
        """Distance to the farthest point over the largest distance of two points; a mean between them has 1 or less.

        Points that coincide have no distance: the mean is right (0) or not (infinity).
        """
        mean, points = read_vectors(mean, "mean"), read_vectors(points, "points", "(..., k, d)")
        one_kind(mean=mean, points=points)
        xp = array_namespace(points)
        farthest = xp.max(self.distance(mean[..., None, :], points), axis=-1)
        apart = xp.max(self.distance(points[..., None, :], points[..., None, :, :]), axis=(-2, -1))
        return ratio(farthest, apart)

    def wrong_mean(self, points, weights=None):
        """The sum of the points that have weight, as if nothing were shared out."""
        points = read_vectors(points, "points", "(..., k, d)")
        weights = check_weights(weights, points.shape[-2], like=points)
        xp = array_namespace(points)
        return xp.sum(xp.where(weights[..., None] > 0, points, xp.zeros_like(points)), axis=-2)

    def sample(self, k, d=3, rng=None):
        """Vectors with normal coordinates, around 5."""
        return 5 + generator(rng).normal(size=(k, d))

    def isometry(self, d=3, rng=None):
        """Space is turned, or mirrored, and shifted."""
        rng = generator(rng)
        turn, shift = np.linalg.qr(rng.normal(size=(d, d)))[0], rng.normal(size=d)
        return lambda vectors: vectors @ turn.T + shift


def _check_pair(a, b):
    a, b = read_vectors(a, "a"), read_vectors(b, "b")
    one_kind(a=a, b=b)
    if a.shape[-1] != b.shape[-1]:
        raise ValueError(f"b: has {b.shape[-1]} coordinates where a has {a.shape[-1]}; give both the same")
    return a, b
