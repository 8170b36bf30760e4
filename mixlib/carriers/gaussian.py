"""Gaussian laws under the Wasserstein distance: the Bures-Wasserstein carrier."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj

from mixlib.arrays import finite, generator, native, one_kind, whole
from mixlib.carriers.base import Carrier
from mixlib.simplex import check_weights

__all__ = ["Gaussian", "GaussianPoints", "linear_pool_moments"]


class GaussianPoints(NamedTuple):
    """Gaussian laws as a pair of arrays: one law, or several along the axes before those that are named here.

    Functions that take laws take any pair of such arrays.

    Attributes
    ----------
    means : array (..., d)
        Their means.
    covariances : array (..., d, d)
        Their covariances.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import Gaussian, GaussianPoints
    >>> laws = GaussianPoints(means=np.array([[0.0], [4.0]]), covariances=np.array([[[1.0]], [[9.0]]]))
    >>> Gaussian().mean(laws).covariances.round(6)
    array([[4.]])
    """

    means: Any
    covariances: Any


@dataclass(frozen=True, kw_only=True)
class Gaussian(Carrier):
    r"""Gaussian laws with the 2-Wasserstein (Bures) distance.

    A law is a pair (mean (..., d), covariance (..., d, d)), and ``k`` laws are a pair of arrays (..., k, d) and
    (..., k, d, d), NumPy arrays or torch tensors of a floating dtype. What comes out is :class:`GaussianPoints`.

    .. math:: W_2^2 = |m_a - m_b|^2 + \operatorname{tr}\bigl(S_a + S_b - 2 (S_a^{1/2} S_b S_a^{1/2})^{1/2}\bigr)

    Source: Agueh & Carlier 2011; Álvarez-Esteban et al. 2016; Bhatia et al. 2019.

    Parameters
    ----------
    tolerance : None or float, default=None
        Relative fixed-point residual at which :meth:`mean` stops. Smaller takes more rounds; ``None`` is 100 rounding
        steps of the dtype times the dimension.
    max_rounds : int, default=100
        Rounds after which :meth:`mean` gives up; well-conditioned laws need five or six.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import Gaussian
    >>> laws = np.array([[0.0], [4.0]]), np.array([[[1.0]], [[9.0]]])  # means, and variances
    >>> mean, variance = Gaussian().mean(laws)
    >>> mean, variance.round(6)  # standard deviations 1 and 3 average to 2
    (array([2.]), array([[4.]]))
    >>> Gaussian().residual((mean, variance), laws) < 1e-12
    np.True_
    """

    tolerance: float | None = None
    max_rounds: int = 100
    points: ClassVar[str] = "Gaussian laws: means (..., k, d) and covariances (..., k, d, d)"
    wrong_name: ClassVar[str] = "linear pool"
    statistic: ClassVar[str] = "largest variance in any direction, over the largest of the points"
    reference: ClassVar[str] = "agueh2011"

    def __post_init__(self):
        whole(self.max_rounds, "max_rounds", 1)

    def mean(self, points, weights=None):
        r"""The Wasserstein barycenter, a Gaussian whose mean is the weighted mean of means.

        Its covariance solves :math:`S = \sum_i w_i (S^{1/2} C_i S^{1/2})^{1/2}`. The iteration, for
        :math:`S = L L^\top`, is

        .. math:: T = \sum_i w_i (L^\top C_i L)^{1/2}, \qquad S \leftarrow L^{-\top} T^2 L^{-1}.

        Parameters
        ----------
        points : pair of arrays (..., k, d) and (..., k, d, d)
            As for :func:`linear_pool_moments`.
        weights : None or array_like (k,) or (..., k), default=None
            As there.

        Returns
        -------
        GaussianPoints
            One law, arrays (..., d) and (..., d, d).

        Raises
        ------
        ValueError
            If shapes or dtypes do not fit, a covariance is not symmetric positive definite, or weights are off
            the simplex.
        RuntimeError
            If the residual is above the tolerance after ``max_rounds``.
        """
        means, covariances, weights = weighted_laws(points, weights, _check_laws)
        xp, d = array_namespace(means), means.shape[-1]
        mean = (xp.expand_dims(weights, axis=-2) @ means)[..., 0, :]
        tolerance = 100 * d * float(xp.finfo(means.dtype).eps) if self.tolerance is None else self.tolerance
        covariance = xp.sum(weights[..., None, None] * covariances, axis=-3)
        for _ in range(self.max_rounds):
            moved = _round(covariance, covariances, weights)
            residual = xp.max(_relative_change(covariance, moved)).item()
            covariance = moved
            if residual <= tolerance:
                return GaussianPoints(mean, covariance)
        raise RuntimeError(
            f"Gaussian.mean: relative residual {residual:.3g} is above the tolerance {tolerance:.3g} after "
            f"{self.max_rounds} rounds; the covariances may be nearly singular, raise tolerance or max_rounds"
        )

    def residual(self, mean, points, weights=None):
        r"""How far ``mean`` is from solving the barycenter's equations, relative to its size (...).

        The larger of :math:`\|S - F(S)\|_F / \|S\|_F`, for the round ``F`` of :meth:`mean`, and of the mean's
        offset from the weighted mean of means over the largest standard deviation.
        """
        location, covariance = _check_laws(mean, "mean")
        means, covariances, weights = weighted_laws(points, weights, _check_laws)
        one_kind(mean=location, points=means)
        xp = array_namespace(means)
        offset = location - (xp.expand_dims(weights, axis=-2) @ means)[..., 0, :]
        off_centre = xp.linalg.vector_norm(offset, axis=-1) / xp.sqrt(_largest_variance(covariance))
        return xp.maximum(_relative_change(covariance, _round(covariance, covariances, weights)), off_centre)

    def distance(self, a, b):
        """The 2-Wasserstein distance (...) of two laws; batches broadcast.

        Computed as the distance of square roots, aligned by the best rotation, so that close laws lose no digits.

        Source: Bures 1969; Bhatia et al. 2019.
        """
        (mean_a, cov_a), (mean_b, cov_b) = _check_laws(a, "a"), _check_laws(b, "b")
        one_kind(a=mean_a, b=mean_b)
        xp = array_namespace(mean_a)
        root_a, root_b = xp.linalg.cholesky(cov_a), xp.linalg.cholesky(cov_b)
        left, _, right = xp.linalg.svd(xp.matrix_transpose(root_b) @ root_a, full_matrices=False)
        gap = root_a - root_b @ (left @ right)
        between = xp.sum((mean_a - mean_b) ** 2, axis=-1)
        return xp.sqrt(between + xp.sum(gap**2, axis=(-2, -1)))

    def geodesic(self, a, b, t):
        r"""The displacement interpolation at ``t``, a law.

        .. math:: S_t = ((1 - t) I + t A)\, S_a\, ((1 - t) I + t A), \quad A = L^{-\top} (L^\top S_b L)^{1/2} L^{-1}

        with :math:`S_a = L L^\top`; ``A`` is the optimal map from ``a`` to ``b``, both centred. ``t`` is a number
        or an array that broadcasts against the batch.

        Source: Agueh & Carlier 2011.
        """
        (mean_a, cov_a), (mean_b, cov_b) = _check_laws(a, "a"), _check_laws(b, "b")
        one_kind(a=mean_a, b=mean_b)
        xp = array_namespace(mean_a)
        t = xp.asarray(native(t, "t"), dtype=mean_a.dtype, device=mean_a.device)
        root = xp.linalg.cholesky(cov_a)
        inverse = xp.linalg.inv(root)
        transport = xp.matrix_transpose(inverse) @ _sqrt(xp.matrix_transpose(root) @ cov_b @ root) @ inverse
        identity = xp.eye(cov_a.shape[-1], dtype=cov_a.dtype, device=cov_a.device)
        step = (1 - t)[..., None, None] * identity + t[..., None, None] * transport
        return GaussianPoints((1 - t)[..., None] * mean_a + t[..., None] * mean_b, _symmetric(step @ cov_a @ step))

    def failure(self, mean, points):
        """Largest variance of the mean in any direction over the largest of the points; about 1 or less is right."""
        _, covariance = _check_laws(mean, "mean")
        _, covariances = _check_laws(points, "points", set_of=True)
        one_kind(mean=covariance, points=covariances)
        return _largest_variance(covariance) / array_namespace(covariance).max(_largest_variance(covariances), axis=-1)

    def wrong_mean(self, points, weights=None):
        """Mean and covariance of the linear pool, which counts the gaps between the means as variance.

        Source: Stone 1961.
        """
        return linear_pool_moments(points, weights)

    def sample(self, k, d=3, rng=None):
        """Laws whose means are as far apart as the largest of them are wide."""
        rng = generator(rng)
        roots = rng.normal(size=(k, d, d))
        return GaussianPoints(3 * rng.normal(size=(k, d)), roots @ np.swapaxes(roots, -1, -2) / d + 0.1 * np.eye(d))

    def isometry(self, d=3, rng=None):
        """Space is turned, or mirrored, and shifted."""
        rng = generator(rng)
        turn, shift = np.linalg.qr(rng.normal(size=(d, d)))[0], rng.normal(size=d)
        return lambda laws: GaussianPoints(laws[0] @ turn.T + shift, turn @ laws[1] @ turn.T)


def linear_pool_moments(points, weights=None):
    r"""Linear pool of Gaussians: mean and covariance of :math:`\sum_i w_i N(m_i, C_i)`, which is no Gaussian itself.

    .. math:: \bar m = \sum_i w_i m_i, \qquad
              \bar C = \sum_i w_i \bigl[ C_i + (m_i - \bar m)(m_i - \bar m)^\top \bigr]

    Source: Stone 1961 for the pool; the law of total variance.

    Parameters
    ----------
    points : pair of arrays (..., k, d) and (..., k, d, d)
        Means and covariances of the laws.
    weights : None or array_like (k,) or (..., k), default=None
        On the simplex; ``None`` means ``1 / k`` each.

    Returns
    -------
    GaussianPoints
        Mean (..., d) and covariance (..., d, d) of the pool.

    Raises
    ------
    ValueError
        If the weights are off the simplex.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import linear_pool_moments
    >>> linear_pool_moments((np.array([[0.0], [4.0]]), np.array([[[1.0]], [[1.0]]])))  # the gap of the means adds 4
    GaussianPoints(means=array([2.]), covariances=array([[5.]]))
    """
    means, covariances, weights = weighted_laws(points, weights, read_laws)
    xp = array_namespace(means)
    mean = xp.sum(weights[..., None] * means, axis=-2)
    gaps = means - mean[..., None, :]
    between = gaps[..., :, None] * gaps[..., None, :]
    return GaussianPoints(mean, xp.sum(weights[..., None, None] * (covariances + between), axis=-3))


def _round(covariance, covariances, weights):
    xp = array_namespace(covariance)
    root = xp.linalg.cholesky(covariance)
    turned = xp.matrix_transpose(root)[..., None, :, :] @ covariances @ root[..., None, :, :]
    total = xp.sum(weights[..., None, None] * _sqrt(turned), axis=-3)
    half = xp.linalg.solve(xp.matrix_transpose(root), total)
    return half @ xp.matrix_transpose(half)


def _sqrt(matrices):
    xp = array_namespace(matrices)
    values, vectors = xp.linalg.eigh(_symmetric(matrices))
    roots = xp.sqrt(xp.where(values > 0, values, xp.zeros_like(values)))
    return (vectors * roots[..., None, :]) @ xp.matrix_transpose(vectors)


def _symmetric(matrices):
    return (matrices + array_namespace(matrices).matrix_transpose(matrices)) / 2


def _relative_change(before, after):
    norm = array_namespace(before).linalg.matrix_norm
    return norm(after - before) / norm(before)


def _largest_variance(covariances):
    return array_namespace(covariances).linalg.eigvalsh(covariances)[..., -1]


def weighted_laws(points, weights, read):
    """Means, covariances and weights of a set of laws that ``read`` has read and checked."""
    means, covariances = read(points, "points", set_of=True)
    return means, covariances, check_weights(weights, means.shape[-2], like=means)


def read_laws(laws, name, *, set_of=False):
    """Means and covariances, (..., d) and (..., d, d), of a set (..., k, d) and (..., k, d, d); or a ValueError."""
    shape = "(..., k, d) and (..., k, d, d)" if set_of else "(..., d) and (..., d, d)"
    if not isinstance(laws, (tuple, list)) or len(laws) != 2 or not all(map(is_array_api_obj, laws)):
        raise ValueError(f"{name}: expected a pair of arrays {shape}, means and covariances, got {type(laws).__name__}")
    means, covariances = (native(law, name) for law in laws)
    xp = array_namespace(means, covariances)
    got = f"shapes {tuple(means.shape)} and {tuple(covariances.shape)}"
    if (
        means.ndim < 1 + set_of
        or tuple(covariances.shape) != (*means.shape, means.shape[-1])
        or 0 in means.shape[-1 - set_of :]
    ):
        raise ValueError(f"{name}: expected means and covariances of shapes {shape}, got {got}")
    if not xp.isdtype(means.dtype, "real floating") or means.dtype != covariances.dtype:
        raise ValueError(
            f"{name}: expected one floating dtype, got {means.dtype} and {covariances.dtype}; convert both to float"
        )
    if xp.finfo(means.dtype).bits < 32:
        raise ValueError(f"{name}: {means.dtype} is too coarse for roots of covariances; convert both to float32")
    return GaussianPoints(finite(means, name), finite(covariances, name))


def _check_laws(laws, name, *, set_of=False):
    means, covariances = read_laws(laws, name, set_of=set_of)
    xp, got = array_namespace(means), f"shapes {tuple(means.shape)} and {tuple(covariances.shape)}"
    size = xp.max(xp.abs(covariances), axis=(-2, -1), keepdims=True)
    step = float(xp.finfo(means.dtype).eps)
    if bool(xp.any(xp.abs(covariances - xp.matrix_transpose(covariances)) > 1e4 * step * size)):
        raise ValueError(f"{name}: a covariance is not symmetric, {got}; pass (C + C.T) / 2")
    smallest, largest = xp.linalg.eigvalsh(covariances)[..., 0], _largest_variance(covariances)
    if bool(xp.any(smallest <= step * means.shape[-1] * largest)):
        raise ValueError(
            f"{name}: a covariance is not positive definite (smallest eigenvalue {xp.min(smallest).item():.3g}); "
            "add a small multiple of the identity"
        )
    return GaussianPoints(means, covariances)
