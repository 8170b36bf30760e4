"""Liquids: drops of one in another, alcohol in water, and what a solvent does to a reaction in it."""

import numpy as np

RANDOM_PACKING = 0.64  # share of the volume that drops of one size fill when poured: Desmond & Weeks 2014
VISCOSITIES = {  # mPa s at 25 °C, of liquids that do not dissolve in water: table of The Science Prep Room
    "benzene": 0.604,
    "mercury": 1.526,
    "nitrobenzene": 1.863,
    "olive oil": 81.0,
    "castor oil": 985.0,
}
WATER_VISCOSITY = 0.894  # mPa s at 25 °C: the same table
ALCOHOL_VISCOSITY = {  # mPa s at 20 °C, by the percentage of ethanol by weight: Bingham & Jackson 1917
    0: 1.005,
    10: 1.538,
    20: 2.183,
    30: 2.71,
    40: 2.91,
    50: 2.87,
    60: 2.67,
    70: 2.370,
    80: 2.008,
    90: 1.610,
    100: 1.200,
}
ALCOHOL_DENSITY = (  # kg/m3 at 20 °C, a polynomial in the share of ethanol by weight: OIML R 22, 1975
    *(9.982012300e2, -1.929769495e2, 3.891238958e2, -1.668103923e3, 1.352215441e4, -8.829278388e4),
    *(3.062874042e5, -6.138381234e5, 7.470172998e5, -5.478461354e5, 2.234460334e5, -3.903285426e4),
)
AZEOTROPE = {"ethanol": 78.3, "water": 100.0, "share": 0.894, "azeotrope": 78.15}  # °C; share of the moles: Perry
MENSHUTKIN = {  # rate constant at 50 °C, in one unit, of triethylamine and ethyl iodide; the solvent's dielectric one
    "hexane": (0.0000021, 1.88),
    "ether": (0.0000153, 4.13),
    "acetal": (0.000046, 4.9),
    "paraldehyde": (0.000236, 10.5),
    "ethyl nitrate": (0.001138, 17.7),
    "acetone": (0.003010, 21.9),
    "propionitrile": (0.005280, 27.2),
    "benzonitrile": (0.006020, 26.0),
    "nitrobenzene": (0.00840, 32.2),
    "acetonitrile": (0.00964, 35.8),
    "nitromethane": (0.02067, 40.4),
}  # Rivista di Scienza, volume II, 1907
RADICAL_SPREAD = 1.4  # fastest over slowest solvent of ten for a decay into two radicals, at 60 °C: Moroni 1967


def intrinsic_viscosity(ratio):
    r"""How much a few drops thicken the liquid around them, by their share of the volume.

    .. math:: [\eta] = \frac{1 + 2.5 \, k}{1 + k}

    It is 2.5 for balls (Einstein 1906), and less for drops, which give way.

    Source: Taylor 1932.

    Parameters
    ----------
    ratio : array_like (...)
        Viscosity k of the drops over that of the liquid around them; infinity for balls.

    Examples
    --------
    >>> from mixlib.domains.liquids import intrinsic_viscosity
    >>> intrinsic_viscosity([0.0, 1.0, 1e9]).round(2)
    array([1.  , 1.75, 2.5 ])
    """
    softness = 1 / (1 + np.asarray(ratio, dtype=float))
    return 2.5 - 1.5 * softness


def emulsion_viscosity(share, drops, around, *, packing=RANDOM_PACKING):
    r"""Viscosity of an emulsion: drops of one liquid in another.

    .. math:: \eta = \eta_0 \, (1 - \varphi / \varphi_m)^{- [\eta] \, \varphi_m}

    It has no bound as the drops begin to touch.

    Source: Krieger & Dougherty 1959, with :func:`intrinsic_viscosity` for the drops.

    Parameters
    ----------
    share : array_like (...)
        Of the drops in the volume, from 0 to below ``packing``.
    drops, around : float
        Viscosities of both liquids, in one unit.
    packing : float, default=0.64
        The share at which drops touch.

    Returns
    -------
    array (...)
        In the same unit.

    Raises
    ------
    ValueError
        If a share is outside its range, or a viscosity is not positive.

    Examples
    --------
    >>> from mixlib.domains.liquids import emulsion_viscosity
    >>> emulsion_viscosity([0.1, 0.6], drops=81.0, around=0.894).round(1)  # olive oil in water, mPa s
    array([ 1.2, 73.3])
    """
    share = np.asarray(share, dtype=float)
    if not (drops > 0 and around > 0):
        raise ValueError(f"drops, around: got {drops} and {around}; viscosities are positive")
    if not np.all((share >= 0) & (share < packing)):
        raise ValueError(f"share: from {np.min(share)} to {np.max(share)}; keep it from 0 to below {packing}")
    return around * (1 - share / packing) ** (-intrinsic_viscosity(drops / around) * packing)


def share_that_exceeds(drops, around, *, packing=RANDOM_PACKING):
    """The share of drops from which on an emulsion is more viscous than both of its liquids.

    0 where the liquid around the drops is the thicker one: any drop makes it thicker still.

    Examples
    --------
    >>> from mixlib.domains.liquids import share_that_exceeds
    >>> print(f"{share_that_exceeds(drops=81.0, around=0.894):.3f}")  # olive oil in water
    0.602
    """
    times = max(drops / around, 1.0)
    return packing * (1 - times ** (-1 / (intrinsic_viscosity(drops / around) * packing)))


def alcohol_density(share):
    """Density of ethanol and water at 20 °C in kg/m3, by the share of ethanol by weight: a fit to measurements.

    Source: International Organization of Legal Metrology, Recommendation 22.

    Raises
    ------
    ValueError
        If a share is not from 0 to 1.

    Examples
    --------
    >>> from mixlib.domains.liquids import alcohol_density
    >>> alcohol_density([0.0, 0.5, 1.0]).round(1)
    array([998.2, 913.8, 789.2])
    """
    share = np.asarray(share, dtype=float)
    if not np.all((share >= 0) & (share <= 1)):
        raise ValueError(f"share: from {np.min(share)} to {np.max(share)}; keep it from 0 to 1")
    return np.polynomial.polynomial.polyval(share, ALCOHOL_DENSITY)


def poured_volume(ethanol, water):
    """Volume in mL of so many mL of ethanol and of water, once they are mixed, at 20 °C.

    Weights add, and the density of what they give has been measured.

    Source: :func:`alcohol_density`.

    Examples
    --------
    >>> from mixlib.domains.liquids import poured_volume
    >>> print(f"{poured_volume(50.0, 50.0):.2f} mL")
    96.46 mL
    """
    pure = alcohol_density([1.0, 0.0])
    light, heavy = np.asarray(ethanol, dtype=float) * pure[0], np.asarray(water, dtype=float) * pure[1]
    return (light + heavy) / alcohol_density(light / (light + heavy))
