"""Rotations and reflections: orthogonal matrices under the angle between them."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace

from mixlib.arrays import EPS, as_numpy, finite, floating, generator, one_kind, whole
from mixlib.carriers._newton import minimise
from mixlib.carriers.base import Carrier, read_fraction
from mixlib.simplex import check_weights

__all__ = ["Orthogonal", "chordal_mean"]

EDGE = 1e-7  # radians to a half turn that rounding can tell from it
SEARCH = 200  # steps towards the middle of the points, where the mean itself does not show that it is the only one


@dataclass(frozen=True, kw_only=True)
class Orthogonal(Carrier):
    r"""Rotations of a space of any dimension, or rotations and reflections, with the angle as distance.

    .. math:: d(A, B) = \tfrac{1}{\sqrt 2} \| \log (A^\top B) \|_F = \Bigl( \sum_j \theta_j^2 \Bigr)^{1/2}

    where :math:`\theta_j` are the angles, from 0 to pi, by which :math:`A^\top B` turns planes: in three dimensions
    there is one, the angle of the rotation. A point is an array (..., d, d), and ``k`` points are (..., k, d, d), NumPy
    arrays or torch tensors of a floating dtype. Everything is computed in float64 and returned in the dtype that came.

    Source: Moakher 2002; Afsari 2011.

    Parameters
    ----------
    special : bool, default=True
        True takes rotations alone, SO(d). False takes matrices of determinant -1 too, O(d); rotations and reflections
        have no way between them, and no common mean.
    tolerance : float, default=1e-12
        Length of the gradient at which :meth:`mean` stops. Smaller takes more rounds.
    max_rounds : int, default=100
        Rounds after which :meth:`mean` gives up; points within a right angle of each other need three to five.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import Orthogonal
    >>> north, west = np.eye(2), np.array([[0.0, -1.0], [1.0, 0.0]])  # a quarter turn apart
    >>> Orthogonal().mean(np.stack([north, west])).round(4)
    array([[ 0.7071, -0.7071],
           [ 0.7071,  0.7071]])
    >>> Orthogonal().failure(Orthogonal().wrong_mean(np.stack([north, west])), np.stack([north, west])).round(4)
    np.float64(1.4142)
    """

    special: bool = True
    tolerance: float = 1e-12
    max_rounds: int = 100
    points: ClassVar[str] = "orthogonal matrices (..., k, d, d)"
    wrong_name: ClassVar[str] = "arithmetic mean"
    statistic: ClassVar[str] = "how many times a direction is shrunk or stretched, at most"
    reference: ClassVar[str] = "moakher2002"

    def __post_init__(self):
        whole(self.max_rounds, "max_rounds", 1)

    @classmethod
    def variants(cls):
        """Rotations, and rotations or reflections."""
        return cls(), cls(special=False)

    @property
    def label(self):
        """What tables call it."""
        return "Rotations" if self.special else "Orthogonal"

    def mean(self, points, weights=None):
        r"""The weighted Karcher mean (..., d, d), which solves :math:`\sum_i w_i \log (M^\top R_i) = 0`.

        :func:`chordal_mean`, from where the search starts, is the mean of another distance and in closed form.

        Raises
        ------
        ValueError
            If a point is not orthogonal, a rotation is asked for and it is none, weights are off the simplex, or the
            points of positive weight are not all within less than a right angle of some point, beyond which nothing
            says that one mean is nearer to them than all others. Rotations and reflections have no common mean.
        RuntimeError
            If the gradient is above the tolerance after ``max_rounds``.
        """
        points, dtype = self._read(points, "points", set_of=True)
        xp = array_namespace(points)
        weights = xp.broadcast_to(check_weights(weights, points.shape[-3], like=points), points.shape[:-2])
        _one_component(points, weights, "points")

        def look(mean):
            axes, angles = _relative(mean[..., None, :, :], points)
            half = (angles[..., :, None] - angles[..., None, :]) / 2
            bend = xp.where(xp.abs(half) > 1e-4, half / xp.tan(xp.where(half == 0, 1.0, half)), 1 - half**2 / 3)

            def curvature(tangent):
                turned = _adjoint(axes) @ xp.astype(tangent, axes.dtype)[..., None, :, :] @ axes
                return _mix(weights, xp.real(axes @ (bend * turned) @ _adjoint(axes)))

            cost = xp.sum(weights * xp.sum(angles**2, axis=-1), axis=-1) / 4
            return cost, _mix(weights, _from_axes(axes, 1j * angles)), xp.ones_like(cost), curvature

        def step(mean, tangent):
            return mean @ _exponential(tangent)

        start = _project(_mix(weights, points), points)
        options = {"axes": 2, "tolerance": self.tolerance, "max_rounds": self.max_rounds, "name": "Orthogonal.mean"}
        try:
            mean = minimise(start, look, step, **options)
        except RuntimeError:
            self._certify(points, weights, start)  # rather says why there is none
            raise
        mean = _project(mean, mean[..., None, :, :])
        self._certify(points, weights, mean)
        return xp.astype(mean, dtype)

    def distance(self, a, b):
        """The angle (...) between two points, the root of the sum of squares of all angles; batches broadcast.

        Raises
        ------
        ValueError
            If one is a rotation and the other a reflection.
        """
        a, b, dtype = self._pair(a, b)
        return array_namespace(a).astype(_angle(a, b), dtype)

    def geodesic(self, a, b, t):
        r"""The point :math:`A \exp(t \log (A^\top B))`; ``t`` is any number or broadcasts against the batch.

        Raises
        ------
        ValueError
            If the two differ by a half turn of some plane, so that neither way round is the shorter; or if one is a
            rotation and the other a reflection.
        """
        a, b, dtype = self._pair(a, b)
        xp = array_namespace(a)
        if bool(xp.any(_spread(a, b)[1][..., -1] < EDGE)):
            raise ValueError(
                "b: is a half turn away from a, so that neither way round is the shorter; move one of them"
            )
        t = read_fraction(t, a)[..., None]
        axes, angles = _relative(a, b)
        return xp.astype(a @ _from_axes(axes, xp.exp(1j * t * angles)), dtype)

    def failure(self, mean, points):
        """How many times the mean shrinks or stretches some direction, at most: 1 for a right one, which turns only."""
        points, _ = self._read(points, "points", set_of=True)
        mean = _read_square(mean, "mean")
        one_kind(mean=mean, points=points)
        xp = array_namespace(mean)
        values = xp.linalg.svdvals(xp.astype(mean, xp.float64))
        least = values[..., -1]
        shrunk = xp.where(least > 0, 1 / xp.where(least > 0, least, xp.ones_like(least)), xp.full_like(least, xp.inf))
        return xp.astype(xp.maximum(values[..., 0], shrunk), mean.dtype)[()]

    def wrong_mean(self, points, weights=None):
        """The weighted arithmetic mean of the matrices, which shrinks and skews what it is applied to."""
        points, dtype = self._read(points, "points", set_of=True)
        weights = check_weights(weights, points.shape[-3], like=points)
        return array_namespace(points).astype(_mix(weights, points), dtype)

    def sample(self, k, d=3, rng=None):
        """Rotations by .4 to 1.2 radians from the identity; for O(d) all of them mirrored."""
        rng = generator(rng)
        skew = rng.normal(size=(k, d, d))
        skew -= np.swapaxes(skew, -1, -2)
        skew *= (rng.uniform(0.4, 1.2, size=k) / np.maximum(np.linalg.norm(skew, axis=(-2, -1)), 1e-300))[:, None, None]
        mirror = np.diag([1.0 if self.special else -1.0] + [1.0] * (d - 1))
        return mirror @ _exponential(2**0.5 * skew)

    def isometry(self, d=3, rng=None):
        """Turned from the left and from the right, by rotations; for O(d) or by reflections."""
        left, right = np.linalg.qr(generator(rng).normal(size=(2, d, d)))[0]
        if self.special:
            right[0] *= np.sign(np.linalg.det(left @ right))
        return lambda points: left @ points @ right

    def _read(self, matrices, name, *, set_of=False):
        """Points in float64 and the dtype in which the answer is due; or a ValueError."""
        matrices = _read_square(matrices, name, set_of=set_of)
        xp, d, dtype = array_namespace(matrices), matrices.shape[-1], matrices.dtype
        wide = xp.astype(matrices, xp.float64)
        identity = xp.eye(d, dtype=wide.dtype, device=wide.device)
        off = xp.max(xp.abs(xp.matrix_transpose(wide) @ wide - identity)).item()
        if off > max(1e-6, 4 * d * EPS[str(dtype).removeprefix("torch.")]):
            raise ValueError(f"{name}: a matrix is not orthogonal, off by {off:.3g}; divide it by its polar factor")
        if self.special and bool(xp.any(xp.linalg.det(wide) < 0)):
            raise ValueError(f"{name}: a matrix is a reflection, of determinant -1; use Orthogonal(special=False)")
        return wide, dtype

    def _pair(self, a, b):
        (a, dtype), (b, other) = self._read(a, "a"), self._read(b, "b")
        one_kind(a=a, b=b)
        xp = array_namespace(a)
        if a.shape[-1] != b.shape[-1]:
            raise ValueError(f"b: has {b.shape[-1]} rows where a has {a.shape[-1]}; give both the same")
        if bool(xp.any(xp.linalg.det(a) * xp.linalg.det(b) < 0)):
            raise ValueError(
                "b: of a and b, one is a rotation and the other a reflection; there is no way between them"
            )
        return a, b, xp.result_type(dtype, other)

    def _certify(self, points, weights, mean):
        """Refuse unless a ball of less than a right angle holds the mean and all points of positive weight."""
        xp, d = array_namespace(points), points.shape[-1]
        far = xp.max(xp.where(weights > 0, _angle(mean[..., None, :, :], points), 0.0), axis=-1)
        doubtful = as_numpy(far).reshape(-1) >= np.pi / 2 - EDGE
        sets, shares = as_numpy(points).reshape(-1, *points.shape[-3:]), as_numpy(weights).reshape(-1, points.shape[-3])
        for i in np.flatnonzero(doubtful):
            held = np.concatenate([sets[i][shares[i] > 0], as_numpy(mean).reshape(-1, d, d)[i : i + 1]])
            if not _within(held):
                raise ValueError(
                    "points: the mean is not unique, or nothing shows that it is: the points are not within less than "
                    "a right angle of any one; take points that are closer together, or leave some out"
                )


def chordal_mean(matrices, weights=None):
    r"""The chordal mean of rotations: the orthogonal matrix that is nearest to their arithmetic mean.

    .. math:: \arg\min_{R} \sum_i w_i \| R - R_i \|_F^2

    Over matrices of the determinant of those that are given. It differs from the Karcher mean, that of angles, where
    three or more are far apart, or weights are unequal.

    Source: Moakher 2002.

    Parameters
    ----------
    matrices : array (..., k, d, d)
        Orthogonal matrices, all of one determinant.
    weights : None or array_like (k,) or (..., k), default=None
        On the simplex; ``None`` means ``1 / k`` each.

    Returns
    -------
    array (..., d, d)
        The mean, of the same kind and dtype.

    Raises
    ------
    ValueError
        If a matrix is not orthogonal, determinants differ, weights are off the simplex, or several matrices are
        nearest.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import chordal_mean
    >>> chordal_mean(np.stack([np.eye(2), np.array([[0.0, -1.0], [1.0, 0.0]])])).round(4)
    array([[ 0.7071, -0.7071],
           [ 0.7071,  0.7071]])
    """
    matrices, dtype = Orthogonal(special=False)._read(matrices, "matrices", set_of=True)
    xp = array_namespace(matrices)
    weights = xp.broadcast_to(check_weights(weights, matrices.shape[-3], like=matrices), matrices.shape[:-2])
    _one_component(matrices, weights, "matrices")
    flat = _mix(weights, matrices)
    values = xp.linalg.svdvals(flat)
    sign = xp.linalg.det(flat) * xp.linalg.det(matrices[..., 0, :, :]) >= 0
    if flat.shape[-1] > 1:
        lead = values[..., -2] + xp.where(sign, values[..., -1], -values[..., -1])
        if bool(xp.any(lead < EDGE)):
            raise ValueError("matrices: several are equally near to their mean; take some that are closer together")
    return xp.astype(_project(flat, matrices), dtype)


def _one_component(points, weights, name):
    """Refuse rotations beside reflections."""
    xp = array_namespace(points)
    signs = xp.where(weights > 0, xp.linalg.det(points), 0.0)
    if bool(xp.any((xp.max(signs, axis=-1) > 0) & (xp.min(signs, axis=-1) < 0))):
        raise ValueError(f"{name}: some are rotations and some reflections, which have no mean; take those of one kind")


def _relative(a, b):
    """Complex axes and angles from -pi to pi of the rotation that leads from ``a`` to ``b``.

    Of the rotation by half the angles, from the polar factor of ``1 + R``, Cayley's transform is skew and has no entry
    above 1, so that all angles keep their digits, except near a half turn.
    """
    xp = array_namespace(a)
    turn = xp.matrix_transpose(a) @ b
    identity = xp.eye(turn.shape[-1], dtype=turn.dtype, device=turn.device)
    left, _, right = xp.linalg.svd(identity + turn)
    half = left @ right
    cayley = xp.linalg.solve(identity + half, half - identity)
    values, axes = _skew_axes(cayley)
    return axes, 4 * xp.atan(values)


def _skew_axes(skew):
    """Real ``t`` and unitary ``V`` with ``skew = V diag(i t) V*``."""
    xp = array_namespace(skew)
    skew = (skew - xp.matrix_transpose(skew)) / 2
    return xp.linalg.eigh(-1j * xp.astype(skew, xp.complex128))


def _from_axes(axes, values):
    """The real part of ``V diag(values) V*``."""
    return array_namespace(axes).real(axes * values[..., None, :] @ _adjoint(axes))


def _exponential(skew):
    values, axes = _skew_axes(skew)
    return _from_axes(axes, array_namespace(skew).exp(1j * values))


def _adjoint(matrices):
    xp = array_namespace(matrices)
    return xp.conj(xp.matrix_transpose(matrices))


def _angle(a, b):
    """Distances, with all digits for close and for far points."""
    xp = array_namespace(a)
    sines, cosines = _spread(a, b)
    return xp.sqrt(2 * xp.sum(xp.atan2(sines, cosines) ** 2, axis=-1))


def _spread(a, b):
    """Twice the sines and cosines of half the angles from ``a`` to ``b``: the lengths of ``R - 1`` and ``R + 1``."""
    xp = array_namespace(a)
    turn = xp.matrix_transpose(a) @ b
    identity = xp.eye(turn.shape[-1], dtype=turn.dtype, device=turn.device)
    return xp.flip(xp.linalg.svdvals(turn - identity), axis=-1), xp.linalg.svdvals(turn + identity)


def _project(matrix, points):
    """The orthogonal matrix nearest to one, of the determinant of the first of the points."""
    xp = array_namespace(matrix)
    left, _, right = xp.linalg.svd(matrix)
    sign = xp.sign(xp.linalg.det(left @ right) * xp.linalg.det(points[..., 0, :, :]))
    ones = xp.ones_like(left[..., 0, :-1])
    return left * xp.concat([ones, sign[..., None]], axis=-1)[..., None, :] @ right


def _mix(weights, matrices):
    return array_namespace(matrices).sum(weights[..., None, None] * matrices, axis=-3)


def _within(held):
    """Whether some point is less than a right angle from all: one is sought by steps to the farthest, each shorter."""
    first = held[np.argmax(_angle(held[-1], held))]
    centre, share = first, 0.5
    for number in range(SEARCH):
        far = _angle(centre, held)
        if far.max() < np.pi / 2 - EDGE:
            return True
        axes, angles = _relative(centre, held[np.argmax(far)])
        centre, share = centre @ _from_axes(axes, np.exp(1j * share * angles)), 1 / (number + 3)
    return False


def _read_square(matrices, name, *, set_of=False):
    matrices = floating(matrices, name)
    shape = "(..., k, d, d)" if set_of else "(..., d, d)"
    if matrices.ndim < 2 + set_of or matrices.shape[-1] != matrices.shape[-2] or 0 in matrices.shape[-2 - set_of :]:
        raise ValueError(f"{name}: expected shape {shape}, got {tuple(matrices.shape)}")
    return finite(matrices, name)
