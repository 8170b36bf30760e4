"""The emergent kernel: an order parameter of the blend, such as the synchrony of coupled oscillators."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj

from mixlib.arrays import generator
from mixlib.kernels.base import Kernel
from mixlib.kernels.linear import Linear


def _check_positive(name, value, unit):
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name}: got {value}; expected a positive number ({unit})")


@dataclass(frozen=True)
class Kuramoto:
    r"""Kuramoto order parameter: synchrony of infinitely many oscillators of Lorentzian natural frequencies.

    .. math:: r(K) = \sqrt{1 - K_c / K} \quad (K > K_c), \qquad r(K) = 0 \quad (K \le K_c), \qquad K_c = 2 \gamma

    An oscillator obeys :math:`\dot\theta_i = \omega_i + \frac{K}{N} \sum_j \sin(\theta_j - \theta_i)`, and
    :math:`r = |\frac1N \sum_j e^{i \theta_j}|` in the steady state. The rise at the threshold is steep: the
    derivative is infinite just above :math:`K_c`, and taken as 0 at and below it.

    Source: Kuramoto 1984.

    Parameters
    ----------
    width : float
        Half-width at half-maximum :math:`\gamma` of the natural frequencies, rad/s. Wider needs more coupling.

    Raises
    ------
    ValueError
        If the width is not a positive number.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.kernels import Kuramoto
    >>> Kuramoto(width=0.5)(np.array([0.9, 1.1, 4.0])).round(3)  # the threshold is 1 rad/s
    array([0.   , 0.302, 0.866])
    """

    width: float

    def __post_init__(self):
        """Check the width."""
        _check_positive("width", self.width, "rad/s")

    @property
    def critical_coupling(self):
        r"""The threshold :math:`K_c = 2 \gamma`, rad/s."""
        return 2 * self.width

    def __call__(self, coupling):
        """Return the synchrony in [0, 1) for each ``coupling`` (array of any shape, rad/s)."""
        xp = array_namespace(coupling)
        above = coupling > self.critical_coupling
        # replaced before the root is taken: a masked NaN would still poison torch's gradient
        safe = xp.where(above, coupling, xp.full_like(coupling, 2 * self.critical_coupling))
        return xp.where(above, xp.sqrt(1 - self.critical_coupling / safe), xp.zeros_like(coupling))


@dataclass(frozen=True)
class Emergent(Kernel):
    r"""An order parameter of the linear pool: a property that the whole has and no part needs to have.

    .. math:: m = \Phi\Bigl(\sum_i w_i \, p_i\Bigr)

    The default reads every coordinate of the blend as a coupling of its own population of oscillators, and
    returns each population's synchrony. Its threshold of 0.05 rad/s lies low, so that parts of order one
    synchronise. Differentiable wherever the order parameter is.

    Source: Kuramoto 1984.

    Parameters
    ----------
    order_parameter : callable, default=Kuramoto(width=0.025)
        Takes the blend (..., d), NumPy or torch, and returns an array (..., d_out) of the same kind.

    Raises
    ------
    ValueError
        If the order parameter is no callable, or returns something else, another batch, NaN or infinity.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.kernels import Emergent, Kuramoto
    >>> parts = np.array([[0.0], [2.0]])  # couplings, rad/s
    >>> Emergent(Kuramoto(width=0.25))([0.5, 0.5], parts).round(3)
    array([0.707])
    """

    order_parameter: Callable = Kuramoto(width=0.025)
    formula: ClassVar[str] = "Φ(Σ wᵢ pᵢ)"
    effect: ClassVar[str] = "the blend crosses a threshold"
    field: ClassVar[str] = "synchrony, phases"
    carrier: ClassVar[str] = "couplings"
    setting: ClassVar[str] = "threshold 1, the average part: half of all blends synchronise"
    reference: ClassVar[str] = "kuramoto1984"
    place: ClassVar[int] = 8
    exact_at_vertices: ClassVar[bool] = False
    idempotent: ClassVar[bool] = False

    def __post_init__(self):
        """Check that the order parameter can be called."""
        if not callable(self.order_parameter):
            raise ValueError(
                f"order_parameter: got {type(self.order_parameter).__name__}; expected a callable that takes "
                "the blend (..., d) and returns an array (..., d_out)"
            )

    def mix(self, weights, parts):
        """Return the order parameter of the blend, shape (..., d_out)."""
        blend = Linear().mix(weights, parts)
        order = self.order_parameter(blend)
        if not is_array_api_obj(order) or array_namespace(order) is not array_namespace(blend):
            raise ValueError(
                f"order_parameter: returned {type(order).__name__} for a blend of {type(blend).__name__}; "
                "return an array of the blend's kind"
            )
        if order.ndim != blend.ndim or order.shape[:-1] != blend.shape[:-1]:
            raise ValueError(
                f"order_parameter: returned shape {tuple(order.shape)} for a blend {tuple(blend.shape)}; "
                "keep the batch and return (..., d_out), with d_out = 1 for a single number"
            )
        xp = array_namespace(order)
        if not bool(xp.all(xp.isfinite(order))):
            raise ValueError("order_parameter: returned NaN or infinity; the blend lies outside its domain")
        return order

    @classmethod
    def for_comparison(cls, n):
        """The kernel of ``setting``."""
        return cls(Kuramoto(width=0.5))


def simulate_kuramoto(coupling, width, n, rng=None, *, time=100.0, step=0.05):
    r"""Simulation of ``n`` Kuramoto oscillators, for their synchrony.

    Frequencies are drawn from the Lorentzian distribution and phases uniformly; Heun's method integrates the
    mean-field form :math:`\dot\theta_i = \omega_i + K r \sin(\psi - \theta_i)`. The result is the average of
    :math:`r` over the second half of the time; it differs from :class:`Kuramoto` by about ``1 / sqrt(n)``,
    and close to the threshold by more.

    Source: Kuramoto 1984.

    Parameters
    ----------
    coupling : float
        Coupling K, rad/s. Below ``2 * width`` the phases stay apart, far above it they lock.
    width : float
        Half-width of the frequencies, rad/s.
    n : int
        Number of oscillators. More of them lie closer to :class:`Kuramoto`.
    rng : None, int or numpy.random.Generator, default=None
        Source of the frequencies and the first phases; ``None`` is seed 0.
    time : float, default=100.0
        Simulated time, s. Close to the threshold the steady state takes longer.
    step : float, default=0.05
        Time step, s. Smaller is more exact and slower.

    Returns
    -------
    float
        Synchrony in [0, 1].

    Raises
    ------
    ValueError
        If width, time or step is not positive, the coupling is not finite, or there is no oscillator.

    Examples
    --------
    >>> from mixlib.kernels import simulate_kuramoto
    >>> round(simulate_kuramoto(coupling=2.0, width=0.5, n=500, rng=0), 2)  # infinitely many: 0.71
    0.67
    """
    for name, value, unit in (("width", width, "rad/s"), ("time", time, "s"), ("step", step, "s")):
        _check_positive(name, value, unit)
    if not math.isfinite(coupling):
        raise ValueError(f"coupling: got {coupling}; expected a finite number of rad/s")
    if n < 1 or step > time / 2:
        raise ValueError(f"n, step: got {n} oscillators and step {step} in time {time}; need n >= 1, step <= time / 2")
    rng = generator(rng)
    frequencies = width * rng.standard_cauchy(n)
    phases = rng.uniform(0, 2 * np.pi, n)

    def velocities(phases):
        fields = np.exp(1j * phases)
        order = fields.mean()
        return frequencies + coupling * (order * fields.conj()).imag, abs(order)

    steps = round(time / step)
    synchrony = np.empty(steps)
    for k in range(steps):
        first, synchrony[k] = velocities(phases)
        second, _ = velocities(phases + step * first)
        phases = (phases + step * (first + second) / 2) % (2 * np.pi)
    return float(synchrony[steps // 2 :].mean())
