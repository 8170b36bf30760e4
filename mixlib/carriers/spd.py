"""Symmetric positive definite matrices under four metrics, each with a mean of its own."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace

from mixlib.arrays import floating, generator, one_kind, whole
from mixlib.carriers import _bures
from mixlib.carriers._newton import minimise
from mixlib.carriers.base import Carrier, read_fraction
from mixlib.simplex import check_weights

__all__ = ["SPD"]

EVEN = 30.0  # condition of roots up to which their squares keep enough digits
METRICS = ("affine-invariant", "log-euclidean", "bures", "cholesky")


@dataclass(frozen=True, kw_only=True)
class SPD(Carrier):
    r"""Symmetric positive definite matrices: covariances, diffusion tensors, kernels.

    .. math:: d(A, B) = \begin{cases}
        \| \log (A^{-1/2} B A^{-1/2}) \|_F & \text{affine-invariant} \\
        \| \log A - \log B \|_F & \text{log-Euclidean} \\
        \min_Q \| A^{1/2} - B^{1/2} Q \|_F & \text{Bures} \\
        \bigl( \| \lfloor L_A \rfloor - \lfloor L_B \rfloor \|_F^2
             + \| \log \operatorname{diag} L_A - \log \operatorname{diag} L_B \|^2 \bigr)^{1/2} & \text{log-Cholesky}
        \end{cases}

    where :math:`A = L_A L_A^\top` and :math:`\lfloor L \rfloor` is what is below the diagonal. A point is an array
    (..., d, d), and ``k`` points are (..., k, d, d), NumPy arrays or torch tensors of float32 or float64. Everything is
    computed in float64 and returned in the dtype that came.

    The arithmetic mean swells: its determinant can be far above that of every point. Of the first two metrics and
    the last, the mean has the weighted geometric mean of the determinants. The Bures mean swells too, though less; what
    it does keep is the sum of the standard deviations along the axes, and that is its :meth:`failure`.

    Source: Pennec et al. 2006; Arsigny et al. 2007; Bhatia et al. 2019; Lin 2019.

    Parameters
    ----------
    metric : str, default="affine-invariant"
        "affine-invariant" does not change with the coordinates or their units, nor if all matrices are inverted.
        "log-euclidean" has a mean in closed form and changes with units of single coordinates. "bures" is the
        Wasserstein distance of centred Gaussians, and stands singular neighbours. "cholesky" is the cheapest, and
        depends on the order of the coordinates.
    tolerance : None or float, default=None
        Where :meth:`mean` stops, for the two metrics that iterate: length of the gradient (affine-invariant), relative
        residual (Bures). Smaller takes more rounds; ``None`` is near the rounding of the points.
    max_rounds : int, default=100
        Rounds after which it gives up; most means take four to eight.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import SPD
    >>> points = np.array([[[4.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 4.0]]])  # two ellipses, at right angles
    >>> np.diag(SPD().mean(points)).round(6), np.diag(SPD(metric="bures").mean(points)).round(6)
    (array([2., 2.]), array([2.25, 2.25]))
    >>> SPD().failure(SPD().wrong_mean(points), points).round(4)
    np.float64(1.5625)
    """

    metric: str = "affine-invariant"
    tolerance: float | None = None
    max_rounds: int = 100
    points: ClassVar[str] = "symmetric positive definite matrices (..., k, d, d)"
    wrong_name: ClassVar[str] = "arithmetic mean"
    reference: ClassVar[str] = "pennec2006"

    def __post_init__(self):
        if self.metric not in METRICS:
            raise ValueError(f"metric: got {self.metric!r}, expected one of {', '.join(METRICS)}")
        whole(self.max_rounds, "max_rounds", 1)

    @property
    def statistic(self):
        """What :meth:`failure` measures."""
        size = "sum of standard deviations along the axes" if self.metric == "bures" else "determinant"
        return f"{size}, over the largest of the points"

    @classmethod
    def variants(cls):
        """One a metric."""
        return tuple(cls(metric=metric) for metric in METRICS)

    def mean(self, points, weights=None):
        """The weighted Fréchet mean (..., d, d), which is unique for each of the metrics.

        The log-Euclidean and the log-Cholesky mean are closed forms, the Bures mean a fixed point. The affine-invariant
        one is found by Newton's method from the geometric mean of arithmetic and harmonic mean; for two points of equal
        weight that is the answer.

        Source: Moakher 2005 for the affine-invariant mean.

        Raises
        ------
        ValueError
            If a point is not symmetric positive definite, or weights are off the simplex.
        RuntimeError
            If the iteration is above the tolerance after ``max_rounds``.
        """
        points, dtype = _read(points, "points", set_of=True)
        weights = check_weights(weights, points.shape[-3], like=points)
        return array_namespace(points).astype(_bures.symmetric(self._mean(points, weights)), dtype)

    def _mean(self, points, weights):
        if self.metric == "bures":
            return _bures.barycenter(points, weights, self.tolerance, self.max_rounds, "SPD.mean")
        if self.metric == "affine-invariant":
            return _affine_mean(points, weights, self.tolerance, self.max_rounds)
        return self._from_chart(array_namespace(points).sum(weights[..., None, None] * self._chart(points), axis=-3))

    def distance(self, a, b):
        """The distance (...) of two matrices; batches broadcast."""
        a, b, dtype = _pair(a, b)
        xp = array_namespace(a)
        if self.metric == "bures":
            found = xp.sqrt(_bures.squared_distance(a, b))
        elif self.metric == "affine-invariant":
            _, stretch = _relative(xp.linalg.inv(xp.linalg.cholesky(a)), xp.linalg.cholesky(b))
            found = xp.linalg.vector_norm(stretch, axis=-1)
        else:
            found = xp.linalg.matrix_norm(self._chart(a) - self._chart(b))
        return xp.astype(found, dtype)

    def geodesic(self, a, b, t):
        r"""The matrix that has gone the fraction ``t`` of the way, a number or an array that broadcasts to the batch.

        For the affine-invariant metric it is :math:`A^{1/2} (A^{-1/2} B A^{-1/2})^t A^{1/2}`.

        Raises
        ------
        ValueError
            Under Bures, if beyond one of the ends a direction has shrunk to nothing on the way.
        """
        a, b, dtype = _pair(a, b)
        xp = array_namespace(a)
        t = read_fraction(t, a)
        if self.metric == "bures":
            found = _bures.geodesic(a, b, t)
        elif self.metric == "affine-invariant":
            root = xp.linalg.cholesky(a)
            axes, stretch = _relative(xp.linalg.inv(root), xp.linalg.cholesky(b))
            half = root @ axes * xp.exp(t[..., None] * stretch / 2)[..., None, :]
            found = half @ xp.matrix_transpose(half)
        else:
            t = t[..., None, None]
            found = self._from_chart((1 - t) * self._chart(a) + t * self._chart(b))
        return xp.astype(_bures.symmetric(found), dtype)

    def failure(self, mean, points):
        """How much larger the mean is than the largest of the points, 1 or less for a right one.

        Size is the determinant, except for the Bures metric, under which right means have larger ones too: there it is
        the sum of the standard deviations along the axes, the trace of the square root.
        """
        (mean, dtype), (points, _) = _read(mean, "mean", singular=True), _read(points, "points", set_of=True)
        one_kind(mean=mean, points=points)
        xp = array_namespace(mean)
        if self.metric == "bures":
            size = xp.linalg.trace(_bures.square_root(mean))
            largest = xp.max(xp.linalg.trace(_bures.square_root(points)), axis=-1)
            return xp.astype(size / largest, dtype)[()]
        determinant = xp.linalg.slogdet(mean)[1] - xp.max(xp.linalg.slogdet(points)[1], axis=-1)
        return xp.astype(xp.exp(determinant), dtype)[()]

    def wrong_mean(self, points, weights=None):
        """The weighted arithmetic mean of the matrices, which swells."""
        points, dtype = _read(points, "points", set_of=True)
        weights = check_weights(weights, points.shape[-3], like=points)
        xp = array_namespace(points)
        return xp.astype(xp.sum(weights[..., None, None] * points, axis=-3), dtype)

    def sample(self, k, d=3, rng=None):
        """Long ellipsoids of nearly one shape, each turned another way."""
        rng = generator(rng)
        turns = np.linalg.qr(rng.normal(size=(k, d, d)))[0]
        spreads = np.exp(np.linspace(-1.5, 1.5, d) + 0.1 * rng.normal(size=(k, d)))
        matrices = turns * spreads[:, None, :] @ np.swapaxes(turns, -1, -2)
        return (matrices + np.swapaxes(matrices, -1, -2)) / 2

    def isometry(self, d=3, rng=None):
        r"""A motion of its metric.

        Affine-invariant: :math:`G A G^\top` for any invertible ``G``. Log-Euclidean: a turn and a
        common factor. Bures: a turn. Log-Cholesky: a shift in its own chart, which adds below the diagonal of the
        factor and multiplies on it.
        """
        rng = generator(rng)
        matrix = rng.normal(size=(d, d))
        turn = np.linalg.qr(matrix)[0]
        if self.metric == "affine-invariant":
            matrix = matrix + 2 * turn
            return lambda points: _bures.symmetric(matrix @ points @ matrix.T)
        if self.metric == "cholesky":
            shift = np.tril(matrix)
            return lambda points: self._from_chart(self._chart(points) + shift)
        factor = 1.7 if self.metric == "log-euclidean" else 1.0
        return lambda points: _bures.symmetric(factor * (turn @ points @ turn.T))

    def _chart(self, matrices):
        """Coordinates in which the metric is flat, for the two metrics that have such."""
        xp = array_namespace(matrices)
        if self.metric == "log-euclidean":
            return _by_values(matrices, xp.log)
        root = xp.linalg.cholesky(matrices)
        return xp.tril(root, k=-1) + _diagonal(xp.log(xp.linalg.diagonal(root)))

    def _from_chart(self, coordinates):
        xp = array_namespace(coordinates)
        if self.metric == "log-euclidean":
            return _by_values(coordinates, xp.exp)
        root = xp.tril(coordinates, k=-1) + _diagonal(xp.exp(xp.linalg.diagonal(coordinates)))
        return root @ xp.matrix_transpose(root)


def _affine_mean(points, weights, tolerance, max_rounds):
    """The affine-invariant mean, as the product of a root that Newton's method moves."""
    xp, d = array_namespace(points), points.shape[-1]
    weights = xp.broadcast_to(weights, points.shape[:-2])
    roots = xp.linalg.cholesky(points)
    step_of_rounding = 100 * d * float(xp.finfo(points.dtype).eps)
    start, spread = _between(points, roots, weights)
    pivots = xp.linalg.diagonal(roots)
    uneven = xp.max(spread * xp.max(xp.max(pivots, axis=-1) / xp.min(pivots, axis=-1), axis=-1)).item()
    rounding = min(step_of_rounding * uneven, 1e-3) if tolerance is None else 0.0
    tolerance = step_of_rounding if tolerance is None else tolerance

    def look(root):
        axes, stretch = _relative(xp.linalg.inv(root)[..., None, :, :], roots, quick=uneven < EVEN)
        half = (stretch[..., :, None] - stretch[..., None, :]) / 2
        bend = xp.where(xp.abs(half) > 1e-4, half / xp.tanh(xp.where(half == 0, 1.0, half)), 1 + half**2 / 3)
        back = xp.matrix_transpose(axes)

        def curvature(tangent):
            turned = back @ tangent[..., None, :, :] @ axes
            return _mix(weights, axes @ (bend * turned) @ back)

        down = _mix(weights, (axes * stretch[..., None, :]) @ back)
        bound = xp.sum(weights * xp.max(bend, axis=(-2, -1)), axis=-1)
        return xp.sum(weights * xp.sum(stretch**2, axis=-1), axis=-1) / 2, _bures.symmetric(down), bound, curvature

    def step(root, tangent):
        return root @ _by_values(tangent, lambda values: xp.exp(values / 2))

    options = {"axes": 2, "tolerance": tolerance, "max_rounds": max_rounds, "name": "SPD.mean"}
    root = minimise(start, look, step, rounding=rounding, **options)
    return root @ xp.matrix_transpose(root)


def _between(points, roots, weights):
    """A root of the geometric mean of arithmetic and harmonic mean, and how far these are apart."""
    xp = array_namespace(points)
    above = xp.linalg.cholesky(_mix(weights, points))
    inverses = xp.linalg.inv(roots)
    below = xp.linalg.cholesky(_mix(weights, xp.matrix_transpose(inverses) @ inverses))  # of the harmonic one's inverse
    axes, stretch = _relative(xp.matrix_transpose(above), below)
    root = above @ (axes * xp.exp(-stretch / 4)[..., None, :])
    return root, xp.exp(xp.max(stretch, axis=-1) / 2)


def _relative(inverse, root, quick=False):
    """Axes and logarithms of the eigenvalues of ``inverse C inverse'`` where ``C = root root'``: half the condition.

    With ``quick`` by the matrix itself, in about half the time, for such as have a small condition.
    """
    xp = array_namespace(root)
    half = inverse @ root
    if quick:
        values, axes = xp.linalg.eigh(half @ xp.matrix_transpose(half))
        return axes, xp.log(values)
    axes, values, _ = xp.linalg.svd(half)
    return axes, 2 * xp.log(values)


def _mix(weights, matrices):
    return array_namespace(matrices).sum(weights[..., None, None] * matrices, axis=-3)


def _by_values(matrices, change):
    """The same function of the eigenvalues of each symmetric matrix."""
    xp = array_namespace(matrices)
    values, vectors = xp.linalg.eigh(_bures.symmetric(matrices))
    return (vectors * change(values)[..., None, :]) @ xp.matrix_transpose(vectors)


def _diagonal(values):
    xp = array_namespace(values)
    return values[..., None] * xp.eye(values.shape[-1], dtype=values.dtype, device=values.device)


def _read(matrices, name, *, set_of=False, singular=False):
    """Matrices in float64, checked, and the dtype in which the answer is due; or a ValueError."""
    matrices = floating(matrices, name)
    xp, shape = array_namespace(matrices), "(..., k, d, d)" if set_of else "(..., d, d)"
    if matrices.ndim < 2 + set_of or matrices.shape[-1] != matrices.shape[-2] or 0 in matrices.shape[-2 - set_of :]:
        raise ValueError(f"{name}: expected shape {shape}, got {tuple(matrices.shape)}")
    if xp.finfo(matrices.dtype).bits < 32:
        raise ValueError(f"{name}: {matrices.dtype} is too coarse for positive definite matrices; convert to float32")
    _bures.check_positive(matrices, name, "matrix", singular=singular)
    return xp.astype(_bures.symmetric(matrices), xp.float64), matrices.dtype


def _pair(a, b):
    (a, dtype), (b, other) = _read(a, "a"), _read(b, "b")
    one_kind(a=a, b=b)
    if a.shape[-1] != b.shape[-1]:
        raise ValueError(f"b: has {b.shape[-1]} rows where a has {a.shape[-1]}; give both the same")
    return a, b, array_namespace(a).result_type(dtype, other)
