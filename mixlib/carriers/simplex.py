"""Probabilities and compositions: the simplex under three metrics, whose means are three well-known pools."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace

from mixlib import simplex
from mixlib.arrays import generator, one_kind
from mixlib.carriers._lengths import length
from mixlib.carriers.base import Carrier, read_fraction, read_vectors, refuse_fraction
from mixlib.carriers.sphere import Sphere
from mixlib.kernels import Linear, LogLinear

METRICS = {
    "aitchison": "a log-ratio (clr)",
    "fisher-rao": "an outcome's share of the roots",
    "linear": "a probability",
}  # and the chart in which its means lie between the points
SYNONYMS = {"logarithmic": "aitchison", "hellinger": "fisher-rao", "euclidean": "linear"}


@dataclass(frozen=True, kw_only=True)
class Simplex(Carrier):
    r"""Probability vectors and compositions (..., d), positive with sum 1; ``k`` of them are (..., k, d).

    What their mean is depends on the metric:

    ``"aitchison"``, or ``"logarithmic"``
        Straight-line distance of centred log-ratios. The mean is the normalised geometric mean, which is the
        logarithmic pool and the minimiser of :math:`\sum_i w_i \mathrm{KL}(m \| p_i)`. Takes no zeros.
    ``"fisher-rao"``, or ``"hellinger"``
        Twice the angle of square roots, the length that the Fisher information gives to a way, and what Hellinger's
        distance adds up to along it. The mean is the Karcher mean of roots, squared.
    ``"linear"``, or ``"euclidean"``
        Straight-line distance of probabilities. The mean is the linear pool, which is the minimiser of
        :math:`\sum_i w_i \mathrm{KL}(p_i \| m)` as well.

    .. math:: d_A = \bigl| \log p - \overline{\log p} - \log q + \overline{\log q} \bigr|, \qquad
              d_F = 2 \arccos \sum_j \sqrt{p_j q_j}, \qquad d_L = |p - q|

    Which one is right, the numbers do not say: it depends on what the weights mean.

    Source: Aitchison 1982; Rao 1945; Genest & Zidek 1986.

    Parameters
    ----------
    metric : {"aitchison", "fisher-rao", "linear"}, default="aitchison"
        The distance, and with it the mean; or one of the other names above.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import Simplex
    >>> laws = np.array([[0.98, 0.01, 0.01], [0.01, 0.98, 0.01]])  # both think little of the third outcome
    >>> [carrier.mean(laws)[2].round(3) for carrier in Simplex.variants()]
    [np.float64(0.048), np.float64(0.017), np.float64(0.01)]
    """

    metric: str = "aitchison"
    points: ClassVar[str] = "probability vectors (..., k, d)"
    reference: ClassVar[str] = "aitchison1982"

    def __post_init__(self):
        metric = SYNONYMS.get(self.metric, self.metric) if isinstance(self.metric, str) else None
        if metric not in METRICS:
            known = ", ".join(repr(name) for name in (*METRICS, *SYNONYMS))
            raise ValueError(f"metric: got {self.metric!r}; expected one of {known}")
        object.__setattr__(self, "metric", metric)

    @classmethod
    def variants(cls):
        """One a metric."""
        return tuple(cls(metric=metric) for metric in METRICS)

    @property
    def wrong_name(self):
        """What :meth:`wrong_mean` is called: the pool of another metric."""
        return "logarithmic pool" if self.metric == "linear" else "linear pool"

    @property
    def statistic(self):
        """What :meth:`failure` measures."""
        return f"range of {METRICS[self.metric]} of points and mean over that of the points, all outcomes together"

    def mean(self, points, weights=None):
        """The weighted Fréchet mean (..., d) of the points (..., k, d): see the class.

        Raises
        ------
        ValueError
            If points are negative, do not sum to 1 or have a zero where the metric takes none, or weights are off the
            simplex.
        """
        points = self._read(points, "points", "(..., k, d)")
        weights = simplex.check_weights(weights, points.shape[-2], like=points)
        if self.metric == "fisher-rao":
            return _normalised(Sphere().mean(_roots(points), weights) ** 2)
        return _pool(self.metric, weights, points)

    def distance(self, a, b):
        """The distance (...) of two points (..., d)."""
        a, b = self._read_pair(a, b)
        if self.metric == "fisher-rao":
            return 2 * Sphere().distance(_roots(a), _roots(b))
        return length(_chart(self.metric, a) - _chart(self.metric, b))

    def geodesic(self, a, b, t):
        """The point at ``t``, a number or an array that broadcasts against the batch: a pool of the two, or an arc.

        Raises
        ------
        ValueError
            If points do not fit, or ``t`` is below 0 or above 1 where a probability is negative, or where the arc has
            left the part of the sphere on which roots are positive.
        """
        a, b = self._read_pair(a, b)
        xp, t = array_namespace(a), read_fraction(t, a)
        if self.metric == "aitchison":
            logs = (1 - t)[..., None] * xp.log(a) + t[..., None] * xp.log(b)
            return _normalised(xp.exp(logs - xp.max(logs, axis=-1, keepdims=True)))
        if self.metric == "fisher-rao":
            found = Sphere().geodesic(_roots(a), _roots(b), t)
        else:
            found = (1 - t)[..., None] * a + t[..., None] * b
        refuse_fraction(t, xp.any(found < 0, axis=-1), "a probability is negative")
        return _normalised(found**2 if self.metric == "fisher-rao" else found)

    def failure(self, mean, points):
        """By how much the mean widens the range of the points, summed over outcomes; a right one leaves it, 1.

        Ranges are of log-ratios, of shares of the roots or of probabilities: in these charts the ways of the metric
        are straight, so that its means lie between the points. Points that coincide have no range: the mean is right
        (1) or not (infinity).
        """
        mean, points = self._read(mean, "mean"), self._read(points, "points", "(..., k, d)")
        one_kind(mean=mean, points=points)
        xp, inside = array_namespace(points), _chart(self.metric, points)
        low, high, place = xp.min(inside, axis=-2), xp.max(inside, axis=-2), _chart(self.metric, mean)
        width = xp.sum(high - low, axis=-1)
        widened = xp.sum(xp.maximum(high, place) - xp.minimum(low, place), axis=-1)
        together = xp.where(widened > 0, xp.full_like(width, xp.inf), xp.ones_like(width))
        return xp.where(width > 0, widened / xp.where(width > 0, width, xp.ones_like(width)), together)[()]

    def wrong_mean(self, points, weights=None):
        """The linear pool, or where that is right the logarithmic pool."""
        points = self._read(points, "points", "(..., k, d)")
        weights = simplex.check_weights(weights, points.shape[-2], like=points)
        return _pool("aitchison" if self.metric == "linear" else "linear", weights, points)

    def sample(self, k, d=3, rng=None):
        """Laws that agree on the last of three or more outcomes, in the chart of the metric, and on nothing else."""
        logs = 3 * generator(rng).normal(size=(k, d))
        if d > 2:
            of_others = {"aitchison": np.mean, "fisher-rao": lambda x, axis: np.log(np.exp(x).sum(axis))}
            logs[:, -1] = of_others.get(self.metric, of_others["fisher-rao"])(logs[:, :-1], axis=-1) - 3
        return _normalised(np.exp(2 * logs if self.metric == "fisher-rao" else logs))

    def isometry(self, d=3, rng=None):
        """Outcomes change places; under Aitchison's metric each is multiplied by a number of its own too."""
        rng = generator(rng)
        order, factors = np.roll(rng.permutation(d), 1), np.exp(rng.normal(size=d))
        order = np.roll(np.arange(d), 1) if (order == np.arange(d)).all() else order
        if self.metric == "aitchison":
            return lambda laws: _normalised(laws[..., order] * factors)
        return lambda laws: laws[..., order]

    def _read(self, laws, name, shape="(..., d)"):
        laws = read_vectors(laws, name, shape)
        xp, least = array_namespace(laws), array_namespace(laws).min(laws).item()
        if least < 0:
            raise ValueError(f"{name}: holds a negative probability, {least:.6g}; pass laws, which are 0 or more")
        if least == 0 and self.metric == "aitchison":
            raise ValueError(
                f"{name}: holds a zero, which is infinitely far from all else under the metric 'aitchison'; add a "
                "small amount to all outcomes and divide by the sum, or use metric='fisher-rao'"
            )
        totals = xp.sum(laws, axis=-1)
        if bool(xp.any(xp.abs(totals - 1) > max(simplex.TOLERANCE, 4 * float(xp.finfo(laws.dtype).eps)))):
            worst = xp.max(xp.abs(totals - 1)).item()
            raise ValueError(f"{name}: a sum is off 1 by {worst:.6g}; divide each law by its sum")
        return laws

    def _read_pair(self, a, b):
        a, b = self._read(a, "a"), self._read(b, "b")
        one_kind(a=a, b=b)
        if a.shape[-1] != b.shape[-1]:
            raise ValueError(f"b: has {b.shape[-1]} outcomes where a has {a.shape[-1]}; give both the same")
        return a, b


def _pool(metric, weights, points):
    return (LogLinear(normalise=True) if metric == "aitchison" else Linear())(weights, points)


def _chart(metric, laws):
    """Coordinates in which the geodesics of the metric are straight lines."""
    xp = array_namespace(laws)
    if metric == "aitchison":
        logs = xp.log(laws)
        return logs - xp.mean(logs, axis=-1, keepdims=True)
    return _normalised(xp.sqrt(laws)) if metric == "fisher-rao" else laws


def _roots(laws):
    xp = array_namespace(laws)
    roots = xp.sqrt(laws)
    return roots / xp.linalg.vector_norm(roots, axis=-1, keepdims=True)


def _normalised(amounts):
    return amounts / amounts.sum(-1)[..., None]
