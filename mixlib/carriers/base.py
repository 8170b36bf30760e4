"""The interface of every carrier."""

from abc import ABC, abstractmethod
from typing import ClassVar

from array_api_compat import array_namespace

from mixlib.arrays import finite, floating, native

__all__ = ["Carrier"]


class Carrier(ABC):
    """A carrier: a space of points with a metric, and with it a weighted mean.

    A point is an array, and ``k`` points that are vectors have their axis at -2, (..., k, d). A point that is no vector
    is a named tuple of arrays, each with the axis of points before its own. Weights are on the simplex, ``None`` means
    ``1 / k`` each. A subclass is a frozen dataclass whose fields are options, given by name.

    Each carrier, one file of this folder, says of itself what is below. The laws that hold for all of them are tried on
    its own :meth:`sample` and :meth:`isometry`: equal points are their mean, the order of points does not matter,
    moving all points moves the mean along, the middle of a geodesic is the mean of its ends, and in no direction does
    a mean get nearer to the points.

    Attributes
    ----------
    points : str
        What a point is, and the shape of ``k`` of them.
    wrong_name : str
        What :meth:`wrong_mean` is called.
    statistic : str
        What :meth:`failure` measures.
    reference : str
        Key of the source in a bibliography.
    corners : bool
        Whether a mean may stay in a corner, such as a crossroads, where the cost rises at once in every direction.
    step : float
        The smallest distance of two points where there is nothing in between, as between sentences; the laws hold up
        to it, and of several means that cost the same any may be taken. Else 0.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import Carrier, Quantile
    >>> carrier, laws = Quantile(), np.array([[0.0, 1.0], [4.0, 7.0]])
    >>> isinstance(carrier, Carrier), carrier.mean(laws), carrier.geodesic(*laws, 0.25)
    (True, array([2., 4.]), array([1. , 2.5]))
    >>> carrier.distance(*laws).round(3), carrier.failure(carrier.mean(laws), laws).round(3)
    (np.float64(5.099), np.float64(0.444))
    """

    points: ClassVar[str]
    wrong_name: ClassVar[str]
    statistic: ClassVar[str]
    reference: ClassVar[str]
    corners: ClassVar[bool] = False
    step: ClassVar[float] = 0.0

    @classmethod
    def variants(cls):
        """The carriers of this class on which laws and tables try it, one a metric; by default one.

        Examples
        --------
        >>> from mixlib.carriers import Quantile
        >>> Quantile.variants()
        (Quantile(),)
        """
        return (cls(),)

    @property
    def label(self):
        """What tables call it: the name of its class, and the metric, if it has a choice of metrics.

        Examples
        --------
        >>> from mixlib.carriers import Quantile
        >>> Quantile().label
        'Quantile'
        """
        metric = getattr(self, "metric", None)
        return type(self).__name__ + (f", {metric}" if metric else "")

    @abstractmethod
    def mean(self, points, weights=None):
        """The weighted Fréchet mean, the minimiser of ``sum_i w_i distance(m, p_i)**2``.

        Points of weight 0 do not count, wherever they are; what is no point of the carrier is refused all the same.
        """

    @abstractmethod
    def distance(self, a, b):
        """The distance of two points."""

    @abstractmethod
    def geodesic(self, a, b, t):
        """The point that has gone the fraction ``t`` of the shortest way from ``a`` to ``b``.

        ``t`` is a number, or an array that broadcasts against the batch. From 0 to 1 every carrier has it. Outside, the
        way goes on where it can, and where it cannot a ValueError says so:

        - always: :class:`Euclidean`, :class:`Circle` and :class:`Sphere` (around), :class:`Orthogonal`, :class:`SPD`
          except under Bures, ``Simplex(metric="aitchison")``, ``Gaussian(metric="fisher-rao")``;
        - as far as there are points: :class:`Quantile` while quantiles ascend, :class:`Simplex` while no probability
          is negative, :class:`Gaussian` and ``SPD(metric="bures")`` while the covariance is positive definite and,
          under Bures, no direction has shrunk to nothing on the way;
        - never: :class:`DiscreteMeasure`, :class:`Graph` and :class:`Grammar`, whose ways may end or fork there.

        Raises
        ------
        ValueError
            If points do not fit, ``t`` is not finite or leads to where there is nothing, or two ways are the shortest.
        """

    @abstractmethod
    def failure(self, mean, points):
        """The statistic that shows a mean of these points to be wrong for this carrier, 1 or less for a right one."""

    @abstractmethod
    def wrong_mean(self, points, weights=None):
        """The mean that is taken where the carrier is forgotten.

        Examples
        --------
        >>> import numpy as np
        >>> from mixlib.carriers import Quantile
        >>> laws = np.array([[0.0, 1.0], [4.0, 7.0]])
        >>> Quantile().wrong_name, Quantile().wrong_mean(laws)
        ('linear pool', array([0., 4.]))
        """

    @abstractmethod
    def sample(self, k, d=3, rng=None):
        """Random points that are far enough apart for a wrong mean to show: ``k`` of them, of dimension ``d``.

        Examples
        --------
        >>> from mixlib.carriers import Quantile
        >>> Quantile().sample(2, d=5, rng=0).shape
        (2, 5)
        """

    @abstractmethod
    def isometry(self, d=3, rng=None):
        """A random motion that keeps all distances: a function of one point of dimension ``d``, or of several.

        Examples
        --------
        >>> from mixlib.carriers import Quantile
        >>> laws, move = Quantile().sample(2, rng=0), Quantile().isometry(rng=0)
        >>> bool(abs(Quantile().distance(*laws) - Quantile().distance(*move(laws))) < 1e-12)
        True
        """


def read_fraction(t, like, *, inside=False):
    """How far to go along a geodesic, as an array like ``like``; with ``inside`` from 0 to 1; or a ValueError."""
    xp = array_namespace(like)
    t = xp.asarray(native(t, "t"), dtype=like.dtype, device=like.device)
    if inside:
        refuse_fraction(finite(t, "t"), xp.ones_like(t, dtype=xp.bool), "nothing says how the way goes on")
    return finite(t, "t")


def refuse_fraction(t, gone, why):
    """Raise a ValueError for the fractions ``t`` outside of 0 to 1 where ``gone``; without any, do nothing."""
    xp = array_namespace(t)
    beyond = xp.broadcast_to((t < 0) | (t > 1), gone.shape) & gone
    if bool(xp.any(beyond)):
        worst = xp.broadcast_to(t, gone.shape)[beyond][0].item()
        raise ValueError(f"t: got {worst:.6g}, where {why}; from 0 to 1 there is always a point")


def read_vectors(vectors, name, shape="(..., d)"):
    """An array of floating dtype, finite and with at least the axes that ``shape`` names; or a ValueError."""
    vectors, least = floating(vectors, name), shape.count(",")
    if vectors.ndim < least or 0 in vectors.shape[-least:]:
        raise ValueError(f"{name}: expected shape {shape}, got {tuple(vectors.shape)}")
    return finite(vectors, name)
