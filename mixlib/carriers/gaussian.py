"""Gaussian laws under the Wasserstein distance, Fisher's metric or that of moments."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from array_api_compat import array_namespace, is_array_api_obj

from mixlib.arrays import finite, generator, native, one_kind, whole
from mixlib.carriers import _bures
from mixlib.carriers._gaussian_metrics import METRICS, pool_moments
from mixlib.carriers.base import Carrier, read_fraction
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
    r"""Gaussian laws, with the 2-Wasserstein (Bures) distance or another one.

    A law is a pair (mean (..., d), covariance (..., d, d)), and ``k`` laws are a pair of arrays (..., k, d) and
    (..., k, d, d), NumPy arrays or torch tensors of a floating dtype. What comes out is :class:`GaussianPoints`.

    ``"bures"``
        The mean is the Wasserstein barycenter: its mean is the mean of means, its covariance solves
        :math:`S = \sum_i w_i (S^{1/2} C_i S^{1/2})^{1/2}`. With :math:`S = M M^\top` the iteration is
        :math:`M \leftarrow M^{-\top} \sum_i w_i (M^\top C_i M)^{1/2}`.

        .. math:: W_2^2 = |m_a - m_b|^2 + \operatorname{tr}\bigl(S_a + S_b - 2 (S_a^{1/2} S_b S_a^{1/2})^{1/2}\bigr)
    ``"fisher-rao"``
        Laws on the line alone (d = 1), where Fisher's metric :math:`(dm^2 + 2\, ds^2) / s^2` is a hyperbolic
        half-plane and the mean is its Karcher mean, to rounding.
    ``"mixture"``
        Straight-line distance of first and second moments, the maximum mean discrepancy of the kernel
        :math:`x^\top y + (x^\top y)^2`. The mean has the moments of the linear pool; it is the Gaussian with the
        least :math:`\sum_i w_i \mathrm{KL}(p_i \| m)` as well.

    Source: Agueh & Carlier 2011; Álvarez-Esteban et al. 2016; Bhatia et al. 2019; Amari 2016 for the other two.

    Parameters
    ----------
    metric : {"bures", "fisher-rao", "mixture"}, default="bures"
        The distance, and with it the mean.
    tolerance : None or float, default=None
        Where :meth:`mean` stops: the relative residual of the fixed point, or the length of Fisher's gradient.
        Smaller takes more rounds; ``None`` is 100 rounding steps of the dtype times the dimension, or 10,000 of them.
    max_rounds : int, default=100
        Rounds after which :meth:`mean` gives up; most laws need five to ten.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import Gaussian
    >>> laws = np.array([[0.0], [4.0]]), np.array([[[1.0]], [[9.0]]])  # means, and variances
    >>> Gaussian().mean(laws).covariances.round(6)  # standard deviations 1 and 3 average to 2
    array([[4.]])
    >>> [round(carrier.mean(laws).covariances.item(), 3) for carrier in Gaussian.variants()]
    [4.0, 4.5, 9.0]
    >>> Gaussian().residual(Gaussian().mean(laws), laws) < 1e-12
    np.True_
    """

    metric: str = "bures"
    tolerance: float | None = None
    max_rounds: int = 100
    points: ClassVar[str] = "Gaussian laws: means (..., k, d) and covariances (..., k, d, d)"
    reference: ClassVar[str] = "agueh2011"

    def __post_init__(self):
        if self.metric not in METRICS:
            raise ValueError(f"metric: got {self.metric!r}; expected one of {', '.join(map(repr, METRICS))}")
        whole(self.max_rounds, "max_rounds", 1)

    @classmethod
    def variants(cls):
        """One a metric."""
        return tuple(cls(metric=metric) for metric in METRICS)

    @property
    def wrong_name(self):
        """What :meth:`wrong_mean` is called."""
        return self._rules.wrong_name

    @property
    def statistic(self):
        """What :meth:`failure` measures."""
        return self._rules.statistic

    @property
    def _rules(self):
        return METRICS[self.metric]

    def mean(self, points, weights=None):
        """The weighted Fréchet mean, one law: see the class.

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
            If shapes or dtypes do not fit, a covariance is not symmetric positive definite, laws are not
            one-dimensional and the metric needs them to be, or weights are off the simplex.
        RuntimeError
            If the residual is above the tolerance after ``max_rounds``.
        """
        laws, weights = self._read_weighted(points, weights)
        return GaussianPoints(*self._rules.mean(laws, weights, self.tolerance, self.max_rounds))

    def residual(self, mean, points, weights=None):
        r"""How far ``mean`` is from what makes it the mean (...).

        Bures: the larger of :math:`\|S - F(S)\|_F / \|S\|_F`, for the round ``F`` of the iteration, and of the mean's
        offset from the weighted mean of means over the largest standard deviation. Fisher-Rao: the length of the
        gradient of half the cost. Mixture: the distance from the mean, over the mean's own size.
        """
        mean = self._read(mean, "mean")
        laws, weights = self._read_weighted(points, weights)
        one_kind(mean=mean[0], points=laws[0])
        return self._rules.residual(mean, laws, weights)

    def distance(self, a, b):
        """The distance (...) of two laws; batches broadcast, and close laws keep their digits.

        The Bures distance is that of square roots, aligned by the best rotation.

        Source: Bures 1969; Bhatia et al. 2019.
        """
        a, b = self._read_pair(a, b)
        return self._rules.distance(a, b)

    def geodesic(self, a, b, t):
        """The law at ``t``, a number or an array that broadcasts against the batch.

        Under Bures this is displacement interpolation: see :func:`fisher_rao_geodesic` for Fisher's metric.

        Source: Agueh & Carlier 2011.

        Raises
        ------
        ValueError
            If laws do not fit, or ``t`` is below 0 or above 1 where there is no law: under Bures where a direction has
            shrunk to nothing on the way, under the mixture metric where the covariance is not positive definite.
        """
        a, b = self._read_pair(a, b)
        return GaussianPoints(*self._rules.geodesic(a, b, read_fraction(t, a[0])))

    def failure(self, mean, points):
        """The statistic of the metric, 1 or less for a right mean; see :attr:`statistic`."""
        mean, points = self._read(mean, "mean"), self._read(points, "points", set_of=True)
        one_kind(mean=mean[0], points=points[0])
        return self._rules.failure(mean, points)[()]

    def wrong_mean(self, points, weights=None):
        """The mean of another metric, as a law; see :attr:`wrong_name`.

        Source: Stone 1961 for the linear pool, which counts the gaps between the means as variance.
        """
        return GaussianPoints(*self._rules.wrong_mean(*self._read_weighted(points, weights)))

    def sample(self, k, d=3, rng=None):
        """Laws whose means are about as far apart as they are wide, or further; of Fisher-Rao on the line."""
        return GaussianPoints(*self._rules.sample(k, d, generator(rng)))

    def isometry(self, d=3, rng=None):
        """Space is turned, or mirrored, and shifted where that keeps distances; of Fisher-Rao the line, stretched."""
        move = self._rules.isometry(d, generator(rng))
        return lambda laws: GaussianPoints(*move(laws))

    def _read(self, laws, name, *, set_of=False):
        means, covariances = read_laws(laws, name, set_of=set_of)
        if self.metric == "fisher-rao" and means.shape[-1] != 1:
            raise ValueError(
                f"{name}: expected a one-dimensional law, shapes (..., 1) and (..., 1, 1), got {tuple(means.shape)} "
                f"and {tuple(covariances.shape)}; no closed form is known for more, use metric='bures'"
            )
        return GaussianPoints(means, _bures.check_positive(covariances, name))

    def _read_pair(self, a, b):
        a, b = self._read(a, "a"), self._read(b, "b")
        one_kind(a=a[0], b=b[0])
        return a, b

    def _read_weighted(self, points, weights):
        return weighted_laws(points, weights, self._read)


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
    laws, weights = weighted_laws(points, weights, read_laws)
    return GaussianPoints(*pool_moments(laws, weights))


def weighted_laws(points, weights, read):
    """A set of laws that ``read`` has read and checked, and their weights."""
    laws = read(points, "points", set_of=True)
    return laws, check_weights(weights, laws[0].shape[-2], like=laws[0])


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
