"""The log-linear kernel: the weighted geometric mean, or the logarithmic pool of distributions."""

from dataclasses import dataclass
from typing import ClassVar

from array_api_compat import array_namespace

from mixlib.kernels.base import Kernel


@dataclass(frozen=True)
class LogLinear(Kernel):
    r"""The log-linear pool, the weighted geometric mean of the parts.

    .. math:: m = \frac1Z \prod_i p_i^{w_i}, \qquad 0^0 = 1

    Parts must not be negative. A part of weight 0 is ignored, even where it is 0; a part that is 0 and has
    weight makes the product 0. Everything is computed in log space, so that tiny probabilities do not
    underflow. Under torch the derivative at a zero part is taken as 0.

    Source: Genest & Zidek 1986.

    Parameters
    ----------
    normalise : bool, default=False
        False: :math:`Z = 1`, the geometric mean per coordinate, between the smallest and largest part.
        True: :math:`Z` makes the mixture sum to 1, the logarithmic pool of distributions; parts need to be
        known only up to a factor.

    Raises
    ------
    ValueError
        If a part is negative, or if ``normalise`` meets parts of disjoint support (their product is 0).

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.kernels import LogLinear
    >>> LogLinear(normalise=True)([0.5, 0.5], np.array([[0.8, 0.1, 0.1], [0.2, 0.1, 0.7]])).round(3)
    array([0.523, 0.131, 0.346])
    """

    normalise: bool = False
    formula: ClassVar[str] = "Π pᵢ^wᵢ"
    effect: ClassVar[str] = "their logarithms are averaged"
    field: ClassVar[str] = "pooled evidence, filters"
    carrier: ClassVar[str] = "positive amounts, probabilities"
    setting: ClassVar[str] = "has no constants"
    reference: ClassVar[str] = "genest1986"
    place: ClassVar[int] = 2

    def check_parts(self, parts):
        """Raise a ValueError if a part is negative."""
        xp = array_namespace(parts)
        if bool(xp.any(parts < 0)):
            raise ValueError(
                f"parts: holds a negative value (smallest {xp.min(parts).item():.6g}); the log-linear kernel "
                "takes powers of the parts, so they must be >= 0"
            )

    def mix(self, weights, parts):
        """Return the product of powers, shape (..., d)."""
        xp = array_namespace(parts)
        weights = xp.expand_dims(weights, axis=-1)
        positive = parts > 0
        # logs of 0 are replaced before they are taken: a masked infinity would still poison torch's gradient
        log_mixture = xp.sum(weights * xp.log(xp.where(positive, parts, xp.ones_like(parts))), axis=-2)
        vanishes = xp.any(~positive & (weights > 0), axis=-2)
        if self.normalise:
            log_mixture = log_mixture - _log_total(log_mixture, vanishes)
        return xp.where(vanishes, xp.zeros_like(log_mixture), xp.exp(log_mixture))


def _log_total(log_mixture, vanishes):
    xp = array_namespace(log_mixture)
    if bool(xp.any(xp.all(vanishes, axis=-1))):
        raise ValueError(
            "parts: supports are disjoint, so the product of the weighted parts is 0 everywhere and cannot "
            "be normalised; smooth the parts, or use the linear pool"
        )
    hidden = xp.where(vanishes, xp.full_like(log_mixture, -xp.inf), log_mixture)
    largest = xp.max(hidden, axis=-1, keepdims=True)
    return largest + xp.log(xp.sum(xp.exp(hidden - largest), axis=-1, keepdims=True))
