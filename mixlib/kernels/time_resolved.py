"""The time-resolved kernel: parts that fade at their own rates, and the blend of what is left."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj

from mixlib.kernels.base import Kernel, as_constant
from mixlib.kernels.linear import Linear


@dataclass(frozen=True, eq=False)
class TimeResolved(Kernel):
    r"""The linear pool of parts that fade exponentially, each at its own rate, after a time.

    .. math:: m(t) = \sum_i w_i(t) \, p_i, \qquad w_i(t) = \frac{w_i e^{-k_i t}}{\sum_j w_j e^{-k_j t}}

    The mixture stays in the hull of the parts at every time. Only differences of rates matter: equal rates
    change nothing, and in the end the slowest part that has weight is left alone. The weights solve the
    replicator equation of constant fitness :math:`-k_i`. Differentiable in weights, parts, rates and time.

    Source: Taylor & Jonker 1978 for the replicator equation.

    Parameters
    ----------
    rates : float or array_like (n,), default=1.0
        Decay rates in 1/s, one for each part or one for all. A part of higher rate fades sooner.
    time : float, default=1.0
        Seconds since the blend was made: at 0 the linear pool, much later the slowest part alone.

    Raises
    ------
    ValueError
        If a rate or the time is negative, NaN or infinite, or the number of rates is not that of the parts.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.kernels import TimeResolved
    >>> parts = np.array([[1.0, 0.0], [0.0, 1.0]])  # citrus, wood
    >>> TimeResolved(rates=[1e-3, 1e-4], time=3600.0)([0.9, 0.1], parts).round(3)
    array([0.261, 0.739])
    """

    rates: Any = 1.0
    time: Any = 1.0
    formula: ClassVar[str] = "Σ wᵢ e^(−kᵢt) pᵢ / Σ wᵢ e^(−kᵢt)"
    effect: ClassVar[str] = "each fades at its own speed"
    field: ClassVar[str] = "perfume, isotopes"
    carrier: ClassVar[str] = "blends that fade"
    setting: ClassVar[str] = "rates 0, 1, 2, … per second, after 1 s; with equal rates it would be the linear kernel"
    reference: ClassVar[str] = "taylor1978"
    place: ClassVar[int] = 9

    def __post_init__(self):
        """Check rates and time once, so that mixing need not."""
        rates = self.rates if is_array_api_obj(self.rates) else np.asarray(self.rates, dtype=float)
        if rates.ndim > 1:
            raise ValueError(f"rates: got shape {tuple(rates.shape)}; give one rate, or one for each part (n,)")
        if not all(math.isfinite(k) and k >= 0 for k in rates.reshape(-1).tolist()):
            raise ValueError(f"rates: got {self.rates}; every decay rate must be finite and >= 0 (1/s)")
        time = self.time.item() if is_array_api_obj(self.time) else self.time
        if not (math.isfinite(time) and time >= 0):
            raise ValueError(f"time: got {self.time}; expected a finite number of seconds >= 0")

    def mix(self, weights, parts):
        """Return the blend of the faded parts, shape (..., d)."""
        return Linear().mix(self._fade(weights), parts)

    @classmethod
    def for_comparison(cls, n):
        """The kernel of ``setting``."""
        return cls(rates=np.arange(float(n)))

    @classmethod
    def per_part(cls, values):
        """The kernel whose parts fade at the values."""
        return cls(rates=values)

    def _fade(self, weights):
        xp = array_namespace(weights)
        rates = as_constant(self.rates, like=weights, name="rates")
        time = as_constant(self.time, like=weights, name="time")
        n = weights.shape[-1]
        if rates.ndim == 1 and rates.shape[0] != n:
            raise ValueError(f"rates: got {rates.shape[0]} rates for {n} parts; give one rate, or one for each part")
        exponents = rates * time * xp.ones_like(weights)
        # counted from the slowest part with weight, so that a long time cannot make all weights underflow
        present = xp.where(weights > 0, exponents, xp.full_like(exponents, xp.inf))
        ahead = xp.min(present, axis=-1, keepdims=True) - exponents
        # a part of weight 0 may be slower still: its factor is kept finite, for 0 * inf is NaN
        faded = weights * xp.exp(xp.clip(ahead, max=math.log(float(xp.finfo(weights.dtype).max)) / 2))
        return faded / xp.sum(faded, axis=-1, keepdims=True)
