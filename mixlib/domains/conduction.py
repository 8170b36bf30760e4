"""Conduction through two phases: snow, brine in sand, and pictures of media that differ in nothing but arrangement.

Conductivities of heat are in W/(m K), densities in kg/m³. The current runs down the rows of a picture.
"""

import numpy as np
from scipy.ndimage import gaussian_filter

from mixlib.arrays import generator
from mixlib.kernels import effective_conductivity

ICE, AIR = 2.107, 0.024  # heat, at 271 K, as in Calonne et al. 2011
ICE_DENSITY = 917.0
LOOSE_SAND, SANDSTONE = 1.3, (1.8, 2.0)  # Archie 1942: the exponent of packed sand, and the range of sandstones
PERIOD = 20  # pixels from one island to the next, or from one layer to the next but one


def ice_share(density):
    """The share of ice in the volume of dry snow of this density (...).

    Examples
    --------
    >>> from mixlib.domains.conduction import ice_share
    >>> print(f"{ice_share(300.0):.3f}")
    0.327
    """
    return np.asarray(density, dtype=float) / ICE_DENSITY


def snow(density):
    r"""The conductivity (...) of snow of a density (...), a fit to 30 samples of all types of seasonal snow.

    .. math:: k = 2.5 \cdot 10^{-6} \rho^2 - 1.23 \cdot 10^{-4} \rho + 0.024

    Each sample was imaged by X-rays and solved for conduction through its ice and its air.

    Source: Calonne et al. 2011.

    Examples
    --------
    >>> from mixlib.domains.conduction import snow
    >>> print(f"{snow(300.0):.3f} W/(m K)")
    0.212 W/(m K)
    """
    return np.polynomial.polynomial.polyval(density, (0.024, -1.23e-4, 2.5e-6))


def archie(porosity, exponent):
    r"""The electric conductivity (...) of insulating grains in brine, relative to the brine: :math:`\varphi^m`.

    Source: Archie 1942.

    Parameters
    ----------
    porosity : array_like (...)
        The share of the volume that brine fills.
    exponent : array_like (...)
        :math:`m`, for example ``LOOSE_SAND``.

    Examples
    --------
    >>> from mixlib.domains.conduction import LOOSE_SAND, archie
    >>> print(f"{archie(0.2, LOOSE_SAND):.3f}")
    0.123
    """
    return np.asarray(porosity, dtype=float) ** exponent


def fields(size=2 * PERIOD, rng=0):
    """Fields to be filled from their lowest values up by :func:`fill`, each of which makes an arrangement.

    Parameters
    ----------
    size : int
        Pixels along each side; periodic fields fit if it is a multiple of ``PERIOD``.
    rng : numpy.random.Generator or int
        The source of the random grains, clusters and streaks.

    Returns
    -------
    dict of str to array (size, size)
        From "layers across the current", the worst for the conductor, to "layers along the current", the best.

    Examples
    --------
    >>> from mixlib.domains.conduction import fields
    >>> list(fields())[::7]
    ['layers across the current', 'layers along the current']
    """
    noise = generator(rng).normal(size=(size, size))
    row, column = np.indices((size, size))
    up, right = (np.abs(place % PERIOD - (PERIOD - 1) / 2) for place in (row, column))
    distance = np.hypot(up, right) + 1e-6 * up  # the small term keeps ties in mirror-symmetric pairs
    return {
        "layers across the current": up,
        "streaks across the current": gaussian_filter(noise, (1, 4), mode="wrap"),
        "round islands": distance,
        "random grains": noise,
        "clusters": gaussian_filter(noise, 2, mode="wrap"),
        "round holes": -distance,
        "streaks along the current": gaussian_filter(noise, (4, 1), mode="wrap"),
        "layers along the current": right + 1e-6 * column,  # column by column where a layer is filled in part
    }


def fill(field, share):
    """Where the conductor lies, a boolean array like ``field``: the pixels of its lowest values, this share of all.

    Raises
    ------
    ValueError
        If the share is not between 0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.conduction import fill
    >>> fill(np.array([[3.0, 1.0], [2.0, 4.0]]), 0.5)
    array([[False,  True],
           [ True, False]])
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share: got {share!r}; the conductor fills between 0 and 1 of the picture")
    order = np.argsort(field, axis=None, kind="stable")
    filled = np.zeros(field.size, dtype=bool)
    filled[order[: round(share * field.size)]] = True
    return filled.reshape(field.shape)


def bracket(image, *, axis=0):
    r"""Bound the effective conductivity of a picture in the plane from both sides, by two runs of the solver.

    The flow that :func:`mixlib.kernels.effective_conductivity` finds is one that the medium admits, and no flow wastes
    less than the true one, so its answer :math:`k(\sigma)` is never too large. A quarter turn swaps flow and field
    strength, so the true answer is also :math:`1 / k_\perp(1 / \sigma)`, and the solver's is never too small there.
    The geometric mean of the two is far closer than either.

    Source: Keller 1964; Dykhne 1971, for the quarter turn.

    Parameters
    ----------
    image : array_like (h, w)
        Conductivity of each pixel, > 0.
    axis : {0, 1}
        Direction of the current.

    Returns
    -------
    lower, upper : float

    Examples
    --------
    >>> from mixlib.domains.conduction import bracket
    >>> lower, upper = bracket([[1.0, 1.0], [4.0, 4.0]], axis=1)  # layers along the current
    >>> print(f"{lower:.3f} to {upper:.3f}")  # the mean of 1 and 4
    2.500 to 2.500
    """
    image = np.asarray(image, dtype=float)
    return effective_conductivity(image, axis=axis), 1 / effective_conductivity(1 / image, axis=1 - axis)
