"""The interface of every carrier."""

from abc import ABC, abstractmethod


class Carrier(ABC):
    """A space of points with a metric, and with it a mean.

    Points are arrays of the carrier's own shape; a set of ``k`` points has them along one axis, as each carrier
    says. Weights are on the simplex, ``None`` means ``1 / k`` each.
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
