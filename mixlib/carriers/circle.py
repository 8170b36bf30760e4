"""Angles: compass directions, times of day, phases; and several of them at once, a torus."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace

from mixlib.arrays import EPS, generator, one_kind
from mixlib.carriers.base import Carrier, read_fraction, read_vectors
from mixlib.simplex import check_weights

TURN = 2 * np.pi
APART = 1e-7  # means that are closer than this, in radians, are one


@dataclass(frozen=True, kw_only=True)
class Circle(Carrier):
    r"""Angles in radians with the length of the shorter arc; ``d`` of them are a point of a torus.

    .. math:: d(a, b)^2 = \sum_j \min_{n} (a_j - b_j + 2 \pi n)^2

    A point is an array (..., d), and ``k`` points are (..., k, d), NumPy arrays or torch tensors of a floating dtype.
    Any real number is an angle; what comes out is from 0 to below :math:`2 \pi`. Everything is computed in float64 and
    returned in the dtype that came.

    Source: Hotz & Huckemann 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import Circle
    >>> headings = np.radians([[340.0], [30.0]])  # two compass readings
    >>> np.degrees(Circle().mean(headings)).round(6), np.degrees(Circle().wrong_mean(headings)).round(6)
    (array([5.]), array([185.]))
    >>> Circle().failure(Circle().wrong_mean(headings), headings).round(2)  # 155 degrees away from a gap of 50
    np.float64(3.1)
    """

    points: ClassVar[str] = "angles in radians (..., k, d)"
    wrong_name: ClassVar[str] = "mean of the numbers"
    statistic: ClassVar[str] = "distance to the farthest point, over the shortest arc that holds them all"
    reference: ClassVar[str] = "hotz2015"

    def mean(self, points, weights=None):
        """The intrinsic mean (..., d): the angles with the least weighted sum of squared arcs.

        It is exact. Wherever the circle is cut between two neighbouring points, the angles are numbers on a line and
        have a mean; of these means, one for each cut, it is the best. Sorting makes that ``k log k`` steps.

        Raises
        ------
        ValueError
            If points are not finite, weights are off the simplex, or two cuts tie, so that the mean is not unique.
        """
        points = read_vectors(points, "points", "(..., k, d)")
        xp, dtype = array_namespace(points), points.dtype
        like = xp.zeros(1, dtype=xp.float64, device=points.device)
        weights = check_weights(weights, points.shape[-2], like=like)[..., None, :]
        weights = weights / xp.sum(weights, axis=-1, keepdims=True)
        angles = _round(xp.matrix_transpose(xp.astype(points, xp.float64)))
        weights = xp.broadcast_to(weights, angles.shape)
        order = xp.argsort(angles, axis=-1)
        angles, weights = (xp.take_along_axis(each, order, axis=-1) for each in (angles, weights))
        middle = xp.sum(weights * angles, axis=-1, keepdims=True)
        passed = xp.cumulative_sum(weights, axis=-1)  # weight of the points that a cut sends once around
        means = middle + TURN * passed
        gone = xp.cumulative_sum(weights * (TURN**2 + 2 * TURN * angles), axis=-1)
        costs = xp.sum(weights * angles**2, axis=-1, keepdims=True) + gone - means**2
        best = xp.argmin(costs, axis=-1, keepdims=True)
        least, chosen = (xp.take_along_axis(each, best, axis=-1) for each in (costs, means))
        tied = costs - least <= 64 * EPS[str(dtype).removeprefix("torch.")] * TURN**2
        if bool(xp.any(tied & (xp.abs(_arc(means - chosen)) > APART))):
            raise ValueError(
                "points: the mean is not unique: two are equally near to all points, as for opposite angles of equal "
                "weight; take angles that are closer together, or other weights"
            )
        base = angles[..., :1]  # by differences to one of the points close ones keep their digits
        sent = xp.astype(xp.arange(angles.shape[-1], device=points.device) <= best, xp.float64)
        mean = base + xp.sum(weights * (angles - base + TURN * sent), axis=-1, keepdims=True)
        return _into(_round(mean[..., 0]), dtype)

    def distance(self, a, b):
        """The length (...) of the shorter arc, in radians; of several angles the root of the sum of squares."""
        a, b, dtype = _pair(a, b)
        xp = array_namespace(a)
        return xp.astype(xp.linalg.vector_norm(_arc(b - a), axis=-1), dtype)

    def geodesic(self, a, b, t):
        """The point that has gone the fraction ``t`` of the shorter arc; any ``t``, which broadcasts.

        Raises
        ------
        ValueError
            If the two are opposite, so that neither arc is shorter.
        """
        a, b, dtype = _pair(a, b)
        xp, arc = array_namespace(a), _arc(b - a)
        if bool(xp.any(np.pi - xp.abs(arc) < APART)):
            raise ValueError("b: is opposite to a, so that neither arc between them is the shorter; move one of them")
        t = read_fraction(t, a)[..., None]
        return _into(_round(a + t * arc), dtype)

    def failure(self, mean, points):
        """Distance to the farthest point over the shortest arc that holds all points, the largest of the angles.

        A mean that is within that arc has 1 or less, and where the arc is a half circle or more any angle has.
        """
        mean, points = read_vectors(mean, "mean"), read_vectors(points, "points", "(..., k, d)")
        one_kind(mean=mean, points=points)
        xp = array_namespace(mean)
        wide = [xp.astype(each, xp.float64) for each in (mean, points)]
        farthest = xp.max(xp.abs(_arc(wide[1] - wide[0][..., None, :])), axis=-2)
        around = xp.sort(_arc(wide[1] - wide[1][..., :1, :]), axis=-2)
        whole, back = around[..., -1, :] - around[..., 0, :], around[..., :1, :] + TURN - around[..., -1:, :]
        gap = xp.max(xp.concat([around[..., 1:, :] - around[..., :-1, :], back], axis=-2), axis=-2)
        arc = xp.where(gap == back[..., 0, :], whole, TURN - gap)
        rounding = 16 * EPS[str(points.dtype).removeprefix("torch.")] * TURN
        return xp.astype(xp.max(farthest / (arc + rounding), axis=-1), mean.dtype)[()]

    def wrong_mean(self, points, weights=None):
        """The weighted mean of the angles as numbers, wherever the circle happens to be cut."""
        points = read_vectors(points, "points", "(..., k, d)")
        weights = check_weights(weights, points.shape[-2], like=points)
        return (array_namespace(points).expand_dims(weights, axis=-2) @ points)[..., 0, :]

    def sample(self, k, d=3, rng=None):
        """Angles on both sides of 0, by turns, and less than a right angle from it."""
        sides = np.where(np.arange(k) % 2, -1, 1)[:, None]
        return sides * generator(rng).uniform(0.3, 1.5, size=(k, d)) % TURN

    def isometry(self, d=3, rng=None):
        """All angles are turned, each by another one, and some are mirrored."""
        rng = generator(rng)
        turn, mirror = rng.uniform(0.5, 3, size=d), rng.choice([-1, 1], size=d)
        return lambda angles: (mirror * angles + turn) % TURN


def _arc(difference):
    """The difference of two angles along the shorter arc, from -pi to pi."""
    return difference - TURN * array_namespace(difference).round(difference / TURN)


def _round(angles):
    """Angles from 0 to below a turn."""
    xp = array_namespace(angles)
    angles = angles - TURN * xp.floor(angles / TURN)
    return xp.where((angles < TURN) & (angles >= 0), angles, xp.zeros_like(angles))


def _into(angles, dtype):
    """Angles in a dtype, in which a coarse one may be rounded up to a whole turn, and is then 0."""
    xp = array_namespace(angles)
    angles = xp.astype(angles, dtype)
    return xp.where(angles < TURN, angles, xp.zeros_like(angles))


def _pair(a, b):
    a, b = read_vectors(a, "a"), read_vectors(b, "b")
    one_kind(a=a, b=b)
    if a.shape[-1] != b.shape[-1]:
        raise ValueError(f"b: has {b.shape[-1]} angles where a has {a.shape[-1]}; give both the same")
    xp = array_namespace(a)
    return xp.astype(a, xp.float64), xp.astype(b, xp.float64), xp.result_type(a.dtype, b.dtype)
