"""Gaussian laws under the Wasserstein distance: the Bures-Wasserstein carrier."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj

from mixlib.arrays import finite, generator, native, one_kind, whole
from mixlib.carriers import _bures
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

        Its covariance solves :math:`S = \sum_i w_i (S^{1/2} C_i S^{1/2})^{1/2}`, and is found by the fixed point

        .. math:: M \leftarrow M^{-\top} \sum_i w_i (M^\top C_i M)^{1/2}, \qquad S = M M^\top.

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
        mean = (array_namespace(means).expand_dims(weights, axis=-2) @ means)[..., 0, :]
        covariance = _bures.barycenter(covariances, weights, self.tolerance, self.max_rounds, "Gaussian.mean")
        return GaussianPoints(mean, covariance)

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
        return xp.maximum(_bures.residual(covariance, covariances, weights), off_centre)

    def distance(self, a, b):
        """The 2-Wasserstein distance (...) of two laws; batches broadcast.

        Computed as the distance of square roots, aligned by the best rotation, so that close laws lose no digits.

        Source: Bures 1969; Bhatia et al. 2019.
        """
        (mean_a, cov_a), (mean_b, cov_b) = _check_laws(a, "a"), _check_laws(b, "b")
        one_kind(a=mean_a, b=mean_b)
        xp = array_namespace(mean_a)
        return xp.sqrt(xp.sum((mean_a - mean_b) ** 2, axis=-1) + _bures.squared_distance(cov_a, cov_b))

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
        means = (1 - t)[..., None] * mean_a + t[..., None] * mean_b
        return GaussianPoints(means, _bures.geodesic(cov_a, cov_b, t))

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
    return GaussianPoints(means, _bures.check_positive(covariances, name))
