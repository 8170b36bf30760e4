"""The heat capacity of nitrogen: two polynomials, each good in its own range of temperatures, and a gate.

All heat capacities are at constant pressure, per mole, in units of the gas constant R; temperatures are in kelvin.
"""

import numpy as np
from numpy.polynomial.polynomial import polyval
from scipy import constants

from mixlib.kernels import Gated, softmax_gate

LOWEST, SWITCH, HIGHEST = 200.0, 1000.0, 6000.0
# N2 in powers of the temperature, constant first: McBride, Gordon and Reno 1993
COLD = (3.53100528, -1.23660987e-04, -5.02999437e-07, 2.43530612e-09, -1.40881235e-12)  # from LOWEST to SWITCH
HOT = (2.95257626, 1.39690057e-03, -4.92631691e-07, 7.86010367e-11, -4.60755321e-15)  # from SWITCH to HIGHEST
WAVENUMBER = 2358.57  # of the vibration of N2, per cm: Huber and Herzberg 1979


def experts(temperature):
    """Both polynomials at every temperature (...), each also where it was never fitted: parts (..., 2, 1).

    Examples
    --------
    >>> from mixlib.domains.heat_capacity import experts
    >>> experts(300.0).round(3)
    array([[3.503],
           [3.329]])
    """
    temperature = np.asarray(temperature, dtype=float)
    return np.stack([polyval(temperature, COLD), polyval(temperature, HOT)], axis=-1)[..., None]


def handover(temperature, softness, switch=SWITCH):
    r"""A gate from the cold polynomial to the hot one, :math:`g_\text{hot} / g_\text{cold} = e^{(T - T_0) / s}`.

    The ratio holds for equal prior weights; others shift the place where both weigh the same by
    :math:`s \log (w_\text{cold} / w_\text{hot})`.

    Parameters
    ----------
    temperature : array_like (...)
    softness : float
        :math:`s` in kelvin, positive; ``math.inf`` leaves the prior weights alone.
    switch : float
        :math:`T_0` in kelvin.

    Returns
    -------
    callable
        A gate for :class:`mixlib.kernels.Gated` and parts of ``experts(temperature)``.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.heat_capacity import experts, handover
    >>> gate = handover(1050.0, softness=50.0)
    >>> gate(np.array([0.5, 0.5]), experts(1050.0)).round(2)
    array([0.27, 0.73])
    """
    above = np.asarray(temperature, dtype=float) - switch
    return softmax_gate(np.stack([np.zeros_like(above), above], axis=-1), temperature=softness)


def gated(temperature, softness=1e-3, switch=SWITCH, weights=None):
    """The heat capacity (...) by both polynomials and the gate; by default the gate all but jumps.

    Parameters
    ----------
    temperature, softness, switch
        As for :func:`handover`.
    weights : array_like (..., 2) or None
        Prior weights of the cold and the hot polynomial, equal by default.

    Examples
    --------
    >>> from mixlib.domains.heat_capacity import gated
    >>> gated([300.0, 3000.0]).round(3)
    array([3.503, 4.459])
    """
    return Gated(handover(temperature, softness, switch))(weights, experts(temperature))[..., 0]


def spectroscopic(temperature):
    r"""The heat capacity (...) of a rigid molecule of two atoms on a harmonic spring, from its spectrum alone.

    .. math:: \frac{c_p}{R} = \frac72 + \frac{x^2 e^x}{(e^x - 1)^2}, \qquad x = \frac{h c \tilde\nu}{k T}

    It shares no number with the polynomials. It leaves out that the spring softens as it stretches, so it falls
    behind by one to three per cent where the gas is hot.

    Source: Huber & Herzberg 1979 for the wavenumber.

    Examples
    --------
    >>> from mixlib.domains.heat_capacity import spectroscopic
    >>> spectroscopic([300.0, 3000.0]).round(3)
    array([3.502, 4.4  ])
    """
    quantum = constants.h * constants.c * (100 * WAVENUMBER) / constants.k
    half = quantum / np.asarray(temperature, dtype=float) / 2
    return 3.5 + (half / np.sinh(half)) ** 2
