"""Does a kernel fit a carrier? The statistic by which a wrong mean shows, its verdict, and what to use instead."""

import math
from dataclasses import dataclass, fields

from array_api_compat import array_namespace

from mixlib.arrays import finite, floating
from mixlib.carriers.base import Carrier
from mixlib.simplex import check_weights

__all__ = ["Check", "check"]

SLACK = 1e-6  # above 1, for rounding


@dataclass(frozen=True, repr=False)
class Check:
    """How a kernel's mixture fits a carrier; as a text, one sentence.

    Attributes
    ----------
    kernel, carrier : str
        What was tried on what.
    ok : bool
        Whether the mixture passes the carrier's statistic.
    statistic : float
        The failure statistic of the mixture, 1 or less for one that fits; infinite where the mixture is no point.
    right : float
        The same statistic of the carrier's own mean.
    gap : float
        Distance from the carrier's own mean over the largest distance of two parts; infinite where it has none.
    measures : str
        What the statistic measures.
    advice : str
        What to call instead.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import Graph, check
    >>> found = check(lambda weights, parts: parts.mean(-2), Graph(), np.eye(9)[[6, 7]])
    >>> found.ok, found.statistic, found.right, found.advice
    (False, 2.0, 1.0, 'Graph().mean')
    """

    kernel: str
    carrier: str
    ok: bool
    statistic: float
    right: float
    gap: float
    measures: str
    advice: str

    def __repr__(self):
        where = f"{self.kernel} on {self.carrier}"
        if not self.ok:
            shown = f"{self.statistic:.3g} where {self.right:.3g} is right ({self.measures})"
            return f"{where}: mismatch, {shown}; use {self.advice}"
        apart = (
            "no point of the carrier" if self.gap == math.inf else f"{self.gap:.1%} of the parts' distance off its mean"
        )
        apart = "the carrier's own mean" if self.gap < SLACK else apart
        return f"{where}: fits, {self.statistic:.3g} ({self.measures}), and is {apart}"


def check(kernel, carrier, parts, weights=None):
    """Whether the mixture that a kernel makes of some parts fits the carrier that they live on.

    Parameters
    ----------
    kernel : Kernel, Carrier or callable
        A kernel or any function ``(weights, parts)``; or a carrier or its method ``mean``, to try one carrier's mean
        on another. Points that are no vectors are given to kernels as flat ones, and read back.
    carrier : Carrier
        Where the parts live.
    parts : array or tuple of arrays
        ``k`` points of the carrier, without a batch.
    weights : None or array_like (k,), default=None
        On the simplex; ``None`` means ``1 / k`` each.

    Returns
    -------
    Check
        Prints as a sentence; its numbers are attributes.

    Raises
    ------
    ValueError
        If the parts are no points of the carrier, weights are off the simplex, or the kernel does not take them.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import Quantile, check
    >>> check(Quantile().wrong_mean, Quantile(), np.array([[0.0, 1.0], [4.0, 7.0]]))
    linear pool on Quantile: mismatch, 1.78 where 0.444 is right (variance, over the largest of the points); use
    Quantile().mean
    """
    if not isinstance(carrier, Carrier):
        raise ValueError(f"carrier: got {carrier!r}; expected one of mixlib.carriers, such as Sphere()")
    arrays = tuple(finite(floating(part, "parts"), "parts") for part in _arrays(parts))
    likes = _arrays(carrier.sample(2, rng=0))
    if [array.ndim for array in arrays] != [like.ndim for like in likes]:
        raise ValueError(
            f"parts: shapes {[tuple(array.shape) for array in arrays]}; expected {carrier.points}, no batch"
        )
    weights = check_weights(weights, arrays[0].shape[0], like=arrays[0])
    own = carrier.mean(parts, weights)
    name, mixture = _mixed(kernel, parts, arrays, weights)
    statistic = _number(carrier.failure, mixture, parts)
    apart = max(
        float(carrier.distance(_one(parts, i), _one(parts, j))) for i in range(len(arrays[0])) for j in range(i + 1)
    )
    gap = _number(carrier.distance, mixture, own)
    right = float(carrier.failure(own, parts))
    gap = gap / apart if apart > 0 else 0.0 if gap == 0 else math.inf
    return Check(
        name, carrier.label, statistic <= 1 + SLACK, statistic, right, gap, carrier.statistic, f"{_short(carrier)}.mean"
    )


def _mixed(kernel, parts, arrays, weights):
    """The name of the kernel, and its mixture as a point."""
    if isinstance(kernel, Carrier):
        kernel = kernel.mean
    owner = getattr(kernel, "__self__", None)
    if isinstance(owner, Carrier):
        name = owner.wrong_name if kernel.__name__ == "wrong_mean" else f"{kernel.__name__} of {owner.label}"
        return name, kernel(parts, weights)
    if not callable(kernel):
        raise ValueError(f"kernel: got {kernel!r}; expected a kernel, a function (weights, parts), or a carrier")
    name = getattr(kernel, "__name__", type(kernel).__name__)
    name = {"Linear": "arithmetic mean", "<lambda>": "kernel"}.get(name, name)
    xp, k = array_namespace(arrays[0]), arrays[0].shape[0]
    flat = xp.concat([xp.reshape(array, (k, -1)) for array in arrays], axis=-1)
    mixture, start, found = xp.asarray(kernel(weights, flat)), 0, []
    if tuple(mixture.shape) != (flat.shape[-1],):
        raise ValueError(f"kernel: gave shape {tuple(mixture.shape)} for parts {tuple(flat.shape)}; one entry a column")
    for array in arrays:
        size = math.prod(array.shape[1:])
        found.append(xp.reshape(mixture[start : start + size], tuple(array.shape[1:])))
        start += size
    return name, type(parts)(*found) if hasattr(parts, "_fields") else tuple(found) if len(found) > 1 else found[0]


def _number(of, *points):
    """A statistic as a float, infinite where the first point is none of the carrier."""
    try:
        return float(of(*points))
    except ValueError:
        return math.inf


def _arrays(points):
    return tuple(points) if isinstance(points, tuple) else (points,)


def _one(points, i):
    if not isinstance(points, tuple):
        return points[i]
    rows = [array[i] for array in points]
    return type(points)(*rows) if hasattr(points, "_fields") else tuple(rows)


def _short(carrier):
    """How the carrier is made, with the metric and what else differs from the defaults."""
    set_to = {field.name: getattr(carrier, field.name) for field in fields(carrier)}
    usual = type(carrier)()
    said = [f"{name}={value!r}" for name, value in set_to.items() if name == "metric" or value != getattr(usual, name)]
    return f"{type(carrier).__name__}({', '.join(text if len(text) < 40 else text[:36] + '...' for text in said)})"
