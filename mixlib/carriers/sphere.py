"""Directions: unit vectors under the great-circle distance, of any number of dimensions."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace

from mixlib.arrays import EPS, as_numpy, floating, generator, one_kind, real, whole
from mixlib.carriers._newton import minimise
from mixlib.carriers.base import Carrier, read_fraction, read_vectors
from mixlib.simplex import check_weights

__all__ = ["Sphere", "karcher_coefficients"]

CHUNK = 2**17  # coordinates that are widened to float64 at a time
ROUNDED = 1e-2  # what inner products of half precision may be off by
EDGE = 1e-8  # cosine to the edge of a hemisphere that rounding can tell from it


@dataclass(frozen=True, kw_only=True)
class Sphere(Carrier):
    r"""Unit vectors with the great-circle distance.

    .. math:: d(a, b) = \arccos \langle a, b \rangle

    A point is an array (..., d) of length 1, and ``k`` points are (..., k, d), NumPy arrays or torch tensors of a
    floating dtype. Everything is computed in float64 and returned in the dtype that came. Distances of close points
    keep their digits.

    Source: Karcher 1977; Buss & Fillmore 2001; Afsari 2011.

    Parameters
    ----------
    tolerance : float, default=1e-12
        Length of the gradient at which :meth:`mean` stops. Smaller takes more rounds.
    max_rounds : int, default=100
        Rounds after which :meth:`mean` gives up; points that are well inside a hemisphere need three to five.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import Sphere
    >>> north, east = np.array([0.0, 1.0]), np.array([1.0, 0.0])
    >>> Sphere().mean(np.stack([north, east])).round(4), Sphere().distance(north, east).round(4)
    (array([0.7071, 0.7071]), np.float64(1.5708))
    >>> Sphere().failure(Sphere().wrong_mean(np.stack([north, east])), np.stack([north, east])).round(4)
    np.float64(1.4142)
    """

    tolerance: float = 1e-12
    max_rounds: int = 100
    points: ClassVar[str] = "unit vectors (..., k, d)"
    wrong_name: ClassVar[str] = "arithmetic mean"
    statistic: ClassVar[str] = "how many times too short or too long the mean is"
    reference: ClassVar[str] = "buss2001"

    def __post_init__(self):
        whole(self.max_rounds, "max_rounds", 1)
        real(self.tolerance, "tolerance", "a number above 0", lambda length: length > 0)

    def mean(self, points, weights=None):
        r"""The weighted Karcher mean (..., d): the direction with the least weighted sum of squared angles.

        It solves :math:`\sum_i w_i \log_m p_i = 0`. Where the points have more coordinates than there are points, only
        their inner products enter the iteration, so that it reads them twice: see :func:`karcher_coefficients`.

        Raises
        ------
        ValueError
            If a point is not of length 1, weights are off the simplex, or the points of positive weight are not
            inside one hemisphere, beyond which nothing says that one mean is nearer to them than all others.
        RuntimeError
            If the gradient is above the tolerance after ``max_rounds``.
        """
        points = read_units(points, "points", "(..., k, d)")
        xp, (k, d) = array_namespace(points), points.shape[-2:]
        weights = check_weights(weights, k, like=xp.zeros(1, dtype=xp.float64, device=points.device))
        if k > d:
            wide = xp.astype(points, xp.float64)
            mean, _ = _solve(wide / _norm(wide)[..., None], weights, self.tolerance, self.max_rounds)
            return xp.astype(mean, points.dtype)
        blocks = [slice(first, first + CHUNK) for first in range(0, d, CHUNK)]
        wide = (xp.astype(points[..., block], xp.float64) for block in blocks)
        gram = sum(block @ xp.matrix_transpose(block) for block in wide)
        coefficients = karcher_coefficients(gram, weights, tolerance=self.tolerance, max_rounds=self.max_rounds)
        row = xp.expand_dims(coefficients, axis=-2)
        length = xp.sqrt(row @ gram @ xp.matrix_transpose(row))
        parts = [row / length @ xp.astype(points[..., block], xp.float64) for block in blocks]
        return xp.concat([xp.astype(part[..., 0, :], points.dtype) for part in parts], axis=-1)

    def distance(self, a, b):
        """The angle (...) between two directions, in radians, from 0 to pi."""
        a, b, dtype = _pair(a, b)
        return array_namespace(a).astype(_angle(a, b), dtype)

    def geodesic(self, a, b, t):
        r"""The point of the great circle that has gone the fraction ``t`` of the angle :math:`\theta`.

        .. math:: \bigl( \sin((1 - t) \theta)\, a + \sin(t \theta)\, b \bigr) / \sin\theta

        ``t`` is any number, of turns beyond 1 too, or broadcasts against the batch.

        Raises
        ------
        ValueError
            If the two are antipodal: all great circles through one run through the other.
        """
        a, b, dtype = _pair(a, b)
        xp = array_namespace(a)
        t = read_fraction(t, a)[..., None]
        if bool(xp.any(_norm(a + b) < EDGE)):
            raise ValueError("b: is antipodal to a, so that no way between them is the shortest; move one of them")
        angle = _angle(a, b)[..., None]
        sine = xp.sin(angle)
        safe = xp.where(sine > 0, sine, xp.ones_like(sine))
        shares = [xp.where(sine > 0, xp.sin(s * angle) / safe, s * xp.ones_like(sine)) for s in (1 - t, t)]
        return xp.astype(_unit(shares[0] * a + shares[1] * b), dtype)

    def failure(self, mean, points):
        """How many times too short the mean is, or too long; a right one has length 1, and with it 1.

        The arithmetic mean of ``k`` orthogonal directions is the root of ``k`` times too short.
        """
        mean, points = read_vectors(mean, "mean"), read_units(points, "points", "(..., k, d)")
        one_kind(mean=mean, points=points)
        xp = array_namespace(mean)
        length = _norm(xp.astype(mean, xp.float64))
        short = 1 / xp.where(length > 0, length, xp.ones_like(length))
        return xp.astype(xp.where(length > 0, xp.maximum(length, short), xp.full_like(length, xp.inf)), mean.dtype)[()]

    def wrong_mean(self, points, weights=None):
        """The weighted arithmetic mean, which is shorter than 1 unless all points are the same."""
        points = read_units(points, "points", "(..., k, d)")
        weights = check_weights(weights, points.shape[-2], like=points)
        return (array_namespace(points).expand_dims(weights, axis=-2) @ points)[..., 0, :]

    def sample(self, k, d=3, rng=None):
        """Directions at .5 to 1.2 radians from the first diagonal."""
        rng = generator(rng)
        middle = np.full(d, d**-0.5)
        aside = rng.normal(size=(k, d))
        aside -= (aside @ middle)[:, None] * middle
        angle = rng.uniform(0.5, 1.2, size=(k, 1)) * (d > 1)  # on a line there is no way aside
        aside /= np.maximum(np.linalg.norm(aside, axis=-1, keepdims=True), 1e-300)
        return np.cos(angle) * middle + np.sin(angle) * aside

    def isometry(self, d=3, rng=None):
        """The sphere is turned, or mirrored."""
        turn = np.linalg.qr(generator(rng).normal(size=(d, d)))[0]
        return lambda vectors: vectors @ turn.T


def karcher_coefficients(gram, weights=None, *, tolerance=1e-12, max_rounds=100):
    r"""The weighted Karcher mean of directions, as a combination of them, from their inner products alone.

    .. math:: m = \sum_i c_i\, p_i, \qquad c_i \propto w_i\, \theta_i / \sin\theta_i, \qquad
              \theta_i = \arccos \langle m, p_i \rangle

    The mean is in the span of the points. However long these are, they are read once for ``gram`` and once to combine
    them; the iteration itself is of size ``k``.

    Source: Buss & Fillmore 2001 for the mean.

    Parameters
    ----------
    gram : array (..., k, k)
        Inner products of ``k`` unit vectors, symmetric, with ones on the diagonal.
    weights : None or array_like (k,) or (..., k), default=None
        On the simplex; ``None`` means ``1 / k`` each.
    tolerance : float, default=1e-12
        Length of the gradient at which the iteration stops. Smaller takes more rounds.
    max_rounds : int, default=100
        Rounds after which it gives up. More are needed by points near the edge of a hemisphere.

    Returns
    -------
    array (..., k)
        The coefficients, in float64. They are 0 where the weights are.

    Raises
    ------
    ValueError
        If ``gram`` is not symmetric, has another diagonal than ones, or a negative eigenvalue, weights are off the
        simplex, or the points of positive weight are not inside one hemisphere.
    RuntimeError
        If the gradient is above the tolerance after ``max_rounds``.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import karcher_coefficients
    >>> points = np.array([[1.0, 0.0], [0.6, 0.8]])
    >>> karcher_coefficients(points @ points.T).round(4)  # for two points, equal weights, the mean over its length
    array([0.559, 0.559])
    """
    whole(max_rounds, "max_rounds", 1)
    real(tolerance, "tolerance", "a number above 0", lambda length: length > 0)
    gram = read_vectors(gram, "gram", "(..., k, k)")
    xp, k = array_namespace(gram), gram.shape[-1]
    gram = xp.astype(gram, xp.float64)
    if gram.shape[-2] != k or bool(xp.any(xp.abs(xp.linalg.diagonal(gram) - 1) > ROUNDED)):
        raise ValueError(
            f"gram: expected (..., k, k) with ones on the diagonal, got shape {tuple(gram.shape)}; divide "
            "the vectors by their lengths first"
        )
    weights = check_weights(weights, k, like=gram)
    turned = xp.matrix_transpose(gram)
    if (off := xp.max(xp.abs(gram - turned)).item()) > ROUNDED:
        raise ValueError(f"gram: is not symmetric, off by {off:.3g}; give the products of vectors with each other")
    values, vectors = xp.linalg.eigh((gram + turned) / 2)
    if (least := xp.min(values).item()) < -ROUNDED * k:
        raise ValueError(
            f"gram: no vectors have these products, its smallest eigenvalue is {least:.3g}; expected 0 or more"
        )
    places = vectors * xp.sqrt(xp.clip(values, min=0.0))[..., None, :]
    lengths = _norm(places)
    return _solve(places / lengths[..., None], weights, tolerance, max_rounds)[1] / lengths


def _solve(places, weights, tolerance, max_rounds):
    """The mean of unit vectors (..., k, r) in float64, and its coefficients on them."""
    xp = array_namespace(places)
    weights = xp.broadcast_to(weights, places.shape[:-1])
    start = (xp.expand_dims(weights, axis=-2) @ places)[..., 0, :]
    if bool(xp.any(_norm(start) < EDGE)):
        _refuse()

    def look(mean):
        cosine, aside = _around(mean, places)
        sine, angle = _norm(aside), _angle(places, mean[..., None, :])
        far, stretch = _stretch(angle, sine)
        towards = aside / xp.where(far, sine, xp.ones_like(sine))[..., None]
        bend = stretch * cosine  # curvature across the way to each point; along it the curvature is 1
        across = xp.sum(weights * bend, axis=-1)[..., None]

        def curvature(tangent):
            along = (towards @ tangent[..., None])[..., 0]
            return across * tangent + _combine(weights * (1 - bend) * along, towards)

        down = _combine(weights * stretch, aside)
        down = down - xp.sum(down * mean, axis=-1, keepdims=True) * mean
        return xp.sum(weights * angle**2, axis=-1) / 2, down, xp.ones_like(sine[..., 0]), curvature

    mean = minimise(_unit(start), look, _move, axes=1, tolerance=tolerance, max_rounds=max_rounds, name="Sphere.mean")
    _certify(places, weights, mean)
    cosine, aside = _around(mean, places)
    sine = _norm(aside)
    shares = weights * _stretch(_angle(places, mean[..., None, :]), sine)[1]
    return mean, shares / xp.sum(shares * cosine, axis=-1, keepdims=True)


def _stretch(angle, sine):
    """Where points are apart from the mean, and angle over sine: 1 where rounding alone would decide the quotient."""
    xp = array_namespace(angle)
    far = (sine > 0) & (angle > EDGE)  # below it the quotient is 1 to the last digit
    return far, xp.where(far, angle / xp.where(far, sine, xp.ones_like(sine)), xp.ones_like(sine))


def _around(mean, places):
    """Cosines (..., k) of points to a mean, and what of them is at right angles to it."""
    cosine = (places @ mean[..., None])[..., 0]
    return cosine, places - cosine[..., None] * mean[..., None, :]


def _certify(places, weights, mean):
    """Refuse unless an open hemisphere holds the mean and all points of positive weight: then it is the only one."""
    xp = array_namespace(places)
    cosine = (places @ mean[..., None])[..., 0]
    near = xp.min(xp.where(weights > 0, cosine, xp.ones_like(cosine)), axis=-1)
    if bool(xp.all(near > EDGE)):
        return
    doubtful = as_numpy(near).reshape(-1) <= EDGE
    sets, means = as_numpy(places).reshape(-1, *places.shape[-2:]), as_numpy(mean).reshape(-1, places.shape[-1])
    shares = as_numpy(weights).reshape(-1, places.shape[-2])
    for one, share, middle in zip(sets[doubtful], shares[doubtful], means[doubtful], strict=True):
        held = np.concatenate([one[share > 0], middle[None]])
        if not np.min(held @ _centre(held)) > EDGE:
            _refuse()


def _centre(places):
    """The direction of the point of their hull that is nearest to 0: a hemisphere that holds all is around it."""
    from scipy.optimize import nnls  # most means never ask

    shares, _ = nnls(np.vstack([places.T, np.ones(len(places))]), np.append(np.zeros(places.shape[-1]), 1.0))
    return shares @ places / max(np.linalg.norm(shares @ places), 1e-300)


def _refuse():
    raise ValueError(
        "points: the mean is not unique, or nothing shows that it is: the points are not inside one hemisphere (two "
        "are antipodal, or they lie all around); take points that are closer together, or leave some out"
    )


def _move(mean, tangent):
    xp = array_namespace(mean)
    length = _norm(tangent)[..., None]
    sinc = xp.where(length > 0, xp.sin(length) / xp.where(length > 0, length, xp.ones_like(length)), 1 + 0 * length)
    return _unit(xp.cos(length) * mean + sinc * tangent)


def _combine(shares, vectors):
    return (array_namespace(vectors).expand_dims(shares, axis=-2) @ vectors)[..., 0, :]


def _norm(vectors):
    return array_namespace(vectors).linalg.vector_norm(vectors, axis=-1)


def _unit(vectors):
    return vectors / _norm(vectors)[..., None]


def _angle(a, b):
    """Angles from the chord and its complement: the cosine has no digits left where points are close."""
    return 2 * array_namespace(a).atan2(_norm(a - b), _norm(a + b))


def read_units(vectors, name, shape="(..., d)"):
    """Vectors of length 1, to the rounding of their dtype; or a ValueError."""
    vectors = read_vectors(floating(vectors, name), name, shape)
    xp = array_namespace(vectors)
    blocks = (vectors[..., first : first + CHUNK] for first in range(0, vectors.shape[-1], CHUNK))
    off = xp.abs(xp.sqrt(sum(xp.sum(xp.astype(block, xp.float64) ** 2, axis=-1) for block in blocks)) - 1)
    if bool(xp.any(off > max(1e-6, 2 * EPS[str(vectors.dtype).removeprefix("torch.")]))):
        raise ValueError(
            f"{name}: a vector is not of length 1, off by {xp.max(off).item():.3g}; divide each by its length"
        )
    return vectors


def _pair(a, b):
    """Two sets of directions in float64, and the dtype in which the answer is due."""
    a, b = read_units(a, "a"), read_units(b, "b")
    one_kind(a=a, b=b)
    xp = array_namespace(a)
    if a.shape[-1] != b.shape[-1]:
        raise ValueError(f"b: has {b.shape[-1]} coordinates where a has {a.shape[-1]}; give both the same")
    dtype = xp.result_type(a.dtype, b.dtype)
    return _unit(xp.astype(a, xp.float64)), _unit(xp.astype(b, xp.float64)), dtype
