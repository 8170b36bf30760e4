"""The interface of every carrier."""

from abc import ABC, abstractmethod


class Carrier(ABC):
    """A carrier: a space of points with a metric, and with it a weighted mean.

    Points are arrays of the carrier's own shape; a set of ``k`` points has them along one axis, as each carrier
    says. Weights are on the simplex, ``None`` means ``1 / k`` each.

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

    @abstractmethod
    def mean(self, points, weights=None):
        """The weighted Fréchet mean, the minimiser of ``sum_i w_i distance(m, p_i)**2``."""

    @abstractmethod
    def distance(self, a, b):
        """The distance of two points."""

    @abstractmethod
    def geodesic(self, a, b, t):
        """The point that has gone the fraction ``t`` of the shortest way from ``a`` to ``b``."""

    @abstractmethod
    def failure(self, mean, points):
        """The statistic that shows a mean of these points to be wrong for this carrier, 1 or less for a right one."""
