"""Alloys: the melt that stays liquid below both melting points, liquids that part, and the band gap that bows."""

import numpy as np
from scipy.optimize import brentq

from mixlib.carriers.euclidean import Euclidean
from mixlib.domains.base import Constant, Domain
from mixlib.kernels.multiplicative_synergistic import Synergistic

GAS = 8.314462618  # J/(mol K)
FREEZING = 273.15  # K of 0 degrees Celsius
MELTING = {"bismuth": 544.55, "cadmium": 594.22, "lead": 600.61, "tin": 505.08}  # K
FUSION = {"bismuth": 11106.0, "cadmium": 6166.0, "lead": 4770.0, "tin": 7030.0}  # J/mol: heat of melting
DEMIXING = 2.0  # of chi, above which a regular solution parts


def liquidus(weights, melting, fusion):
    r"""Temperature (...) in K at which a melt begins to freeze, if its parts mix ideally and freeze apart.

    .. math:: T = \max_i \left( \frac{1}{T_i} - \frac{R \ln x_i}{H_i} \right)^{-1}

    Source: Schröder 1893, van Laar 1903.

    Parameters
    ----------
    weights : array (..., n)
        Shares of the atoms, on the simplex.
    melting, fusion : array (..., n)
        Melting points in K and heats of melting in J/mol of the pure parts.

    Examples
    --------
    >>> from mixlib.domains.alloys import liquidus
    >>> print(f"{liquidus([0.45, 0.55], [544.55, 594.22], [11106.0, 6166.0]):.0f} K")  # bismuth and cadmium
    411 K
    """
    weights, melting, fusion = (np.asarray(array, dtype=float) for array in (weights, melting, fusion))
    some = weights > 0
    slower = -GAS * np.log(np.where(some, weights, 1)) / fusion
    return np.where(some, 1 / (1 / melting + slower), 0).max(axis=-1)


def dissolved(temperature, melting, fusion):
    r"""Share of the atoms that a part has in the melt beside its own crystals: it dissolves as far as this.

    .. math:: x = \exp\left( -\frac{H}{R} \left( \frac{1}{T} - \frac{1}{T_m} \right) \right)

    Source: Schröder 1893.

    Examples
    --------
    >>> from mixlib.domains.alloys import dissolved
    >>> print(f"{dissolved(500.0, 544.55, 11106.0):.2f}")
    0.80
    """
    return np.minimum(np.exp(-np.asarray(fusion) / GAS * (1 / np.asarray(temperature) - 1 / np.asarray(melting))), 1)


def eutectic(melting, fusion):
    """The lowest temperature at which some of it is liquid, and the composition of that liquid.

    Parameters
    ----------
    melting, fusion : array (n,)
        Melting points in K and heats of melting in J/mol.

    Returns
    -------
    temperature : float
        In K.
    weights : array (n,)

    Examples
    --------
    >>> from mixlib.domains.alloys import eutectic
    >>> temperature, weights = eutectic([544.55, 594.22], [11106.0, 6166.0])  # bismuth and cadmium
    >>> print(f"{temperature:.0f} K, {weights[1]:.0%} cadmium")
    407 K, 56% cadmium
    """
    melting, fusion = np.asarray(melting, dtype=float), np.asarray(fusion, dtype=float)
    temperature = brentq(lambda t: dissolved(t, melting, fusion).sum() - 1, 1.0, melting.min())
    return temperature, dissolved(temperature, melting, fusion)


def binodal(chi):
    r"""Share of the first part in the poorer of two liquids into which a regular solution parts; 1/2 where it does not.

    .. math:: \chi = \frac{\ln((1 - x) / x)}{1 - 2 x}, \qquad \chi = \frac{2 T_c}{T}

    Source: Hildebrand 1929.

    Examples
    --------
    >>> from mixlib.domains.alloys import binodal
    >>> print(f"{binodal(1.9):.2f} {binodal(2.5):.3f}")
    0.50 0.145
    """
    if chi <= DEMIXING:
        return 0.5
    poorest = 0.5 * np.exp(-chi)  # below the solution
    return brentq(lambda x: np.log((1 - x) / x) - chi * (1 - 2 * x), poorest, 0.5 - 1e-9 - 0.2 * min(chi - 2, 0.01))


def gaps(temperature):
    """Band gaps (2,) in eV of gallium arsenide and indium arsenide at a temperature in K.

    Source: Vurgaftman et al. 2001.

    Examples
    --------
    >>> from mixlib.domains.alloys import gaps
    >>> gaps(300.0).round(3)
    array([1.422, 0.354])
    """
    return np.array([1.519, 0.417]) - 1e-3 * np.array([0.5405, 0.276]) * temperature**2 / (
        temperature + np.array([204.0, 93.0])
    )


BOWING = 0.477  # eV
INDIUM = 0.53  # the share of indium arsenide that fits on indium phosphide
ROOM = 300.0  # K
GAP = gaps(ROOM)

_PAIR = ("bismuth", "cadmium")
_HEATS = np.array([FUSION[metal] for metal in _PAIR])


def melting_point(weights, parts):
    """Temperature (..., 1) in K at which melts of bismuth and cadmium begin to freeze, from those of the metals.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.alloys import melting_point
    >>> melting_point([0.45, 0.55], np.array([[544.6], [594.2]])).round()
    array([411.])
    """
    weights = np.full(2, 0.5) if weights is None else weights
    return liquidus(weights, np.asarray(parts, dtype=float)[..., 0], _HEATS)[..., None]


MELT = Domain(
    about="bismuth and cadmium",
    parts=np.array([[MELTING[metal]] for metal in _PAIR]),
    weights=np.array([0.45, 0.55]),
    kernel=melting_point,
    carrier=Euclidean(),
    points="melting points",
    unit="K",
    known=np.array([146 + FREEZING]),
    tolerance=10.0,
    source="Moser et al. 1988",
    reference="moser1988",
    route="measurement",
    constants={
        "heat of melting of bismuth": Constant(value=FUSION["bismuth"], unit="J/mol", source="Archer 2004"),
        "heat of melting of cadmium": Constant(
            value=FUSION["cadmium"], unit="J/mol", source="Thermochimica Acta 391, 169, 2002"
        ),
    },
)

DOMAIN = Domain(
    about="gallium arsenide and indium arsenide, as grown on indium phosphide",
    parts=GAP[:, None],
    weights=np.array([1 - INDIUM, INDIUM]),
    kernel=Synergistic(-BOWING / GAP.prod()),
    carrier=Euclidean(),
    points="band gap",
    unit="eV",
    known=np.array([0.75]),  # where it begins to absorb light, at 300 K
    tolerance=0.02,
    source="Burkhard et al. 1982",
    reference="burkhard1982",
    route="measurement",
    constants={"bowing": Constant(value=BOWING, unit="eV", source="Vurgaftman et al. 2001")},
)
