r"""Chemistry: water, ozone that meets exhaust, and ammonia from its elements, with evaluated constants.

Water. 2 H2 + O2 -> 2 H2O to the end; how much of the one the other takes was weighed by Morley 1895. How fast it goes
is the subject of :mod:`mixlib.domains.combustion`.

Ozone. Nitric oxide and ozone react to nitrogen dioxide and oxygen, NO + O3 -> NO2 + O2, with the rate constant
:math:`A e^{-E / R T}` that Atkinson et al. 2004 evaluated for 195 to 308 K.

Ammonia. N2 + 3 H2 <-> 2 NH3 at its equilibrium. Gibbs energies of formation are those of the NIST-JANAF tables (Chase
1998), which rest on heats and spectra; the equilibrium constant measured on the reaction itself is the fit of Gillespie
& Beattie 1930, and the fugacity coefficients of the gases under pressure are the fits that Dyson & Simon 1968 give.

Water gas. CO + H2O <-> CO2 + H2 at 1000 K, from the same tables.
"""

import numpy as np
from scipy.constants import Avogadro, atm
from scipy.constants import R as GAS_CONSTANT
from scipy.interpolate import CubicSpline

from mixlib.carriers.euclidean import Euclidean
from mixlib.domains.base import Constant, Domain
from mixlib.kernels.reactive import STANDARD_PRESSURE, Equilibrium, Reactive

AIR = ("NO", "O3", "NO2", "O2")
AIR_ELEMENTS = ((1, 0, 1, 0), (1, 3, 2, 2))  # atoms of N and O in each of them
OZONE_PREFACTOR = 1.4e-12  # cm3/(molecule s)
OZONE_ACTIVATION = 1310 * GAS_CONSTANT  # J/mol
OZONE_RANGE = (195.0, 308.0)  # K

GASES = ("N2", "H2", "NH3")
GASES_ELEMENTS = ((2, 0, 1), (0, 2, 3))  # atoms of N and H in each of them
AMMONIA_FORMATION = {  # J/mol at 1e5 Pa, by temperature in K; that of the elements is 0 by convention
    298.15: -16367.0,
    400.0: -5941.0,
    500.0: 4800.0,
    600.0: 15879.0,
    700.0: 27190.0,
    800.0: 38662.0,
    900.0: 50247.0,
    1000.0: 61910.0,
}

OXYHYDROGEN = ("H2", "O2", "H2O")
OXYHYDROGEN_MASSES = np.array([2.01588, 31.9988, 18.01528])  # g/mol
OXYHYDROGEN_TAKEN = np.array([2, 1, -2])  # mol
MORLEY = 15.879  # weight of an atom of oxygen over one of hydrogen, from gases and water that he weighed: Morley 1895

WATER_GAS = ("CO", "H2O", "CO2", "H2")
WATER_GAS_ELEMENTS = ((1, 0, 1, 0), (1, 1, 2, 0), (0, 2, 0, 2))  # atoms of C, O and H in each of them
WATER_GAS_FORMATION = (-200275.0, -192590.0, -395886.0, 0.0)  # J/mol at 1000 K and 1e5 Pa

_formation = CubicSpline(list(AMMONIA_FORMATION), list(AMMONIA_FORMATION.values()))


def ozone_loss(time, temperature=298.15, pressure=atm, *, tolerance=1e-10):
    """The reaction NO + O3 -> NO2 + O2 in air, as a kernel on parts in ppb.

    The parts are rows of the four species of ``AIR``, in ppb of the air: the kernel reckons with a billion moles of
    air, in which a mole is one ppb.

    Source: Atkinson et al. 2004.

    Parameters
    ----------
    time : float
        Seconds since the air masses met.
    temperature, pressure : float
        In K, within ``OZONE_RANGE``, and Pa.
    tolerance : float
        Of the integration, as in :class:`mixlib.kernels.Reactive`.

    Returns
    -------
    Reactive

    Raises
    ------
    ValueError
        If the temperature is outside the range of the constants, or as the kernel does.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.chemistry import ozone_loss
    >>> air = np.array([[100.0, 0.0, 0.0, 0.0], [0.0, 60.0, 0.0, 0.0]])  # ppb of NO, O3, NO2, O2
    >>> ozone_loss(60.0)([0.5, 0.5], air).round(2)  # a minute after they met
    array([31.25, 11.25, 18.75, 18.75])
    """
    return Reactive(
        stoichiometry=((-1, -1, 1, 1),),
        rates=OZONE_PREFACTOR * Avogadro / 1000,  # cm3 to L, molecules to mol
        activation_energies=OZONE_ACTIVATION,
        temperature=temperature,
        time=time,
        volume=_volume_of_a_billion_moles(temperature, pressure),
        elements=AIR_ELEMENTS,
        tolerance=tolerance,
    )


def ozone_loss_exact(amounts, time, temperature=298.15, pressure=atm):
    r"""What :func:`ozone_loss` does to poured air, by the closed form of a second-order reaction.

    .. math:: x(t) = \frac{a b s}{1 + b s}, \qquad s = \frac{1 - e^{-(a - b) k t}}{a - b},
        \qquad a \ge b \text{ the two amounts}

    is how much has reacted; ``s = k t`` for equal amounts.

    Parameters
    ----------
    amounts : array (..., 4)
        Of the species of ``AIR``, in ppb.
    time : float
        Seconds since the air masses met; infinity included.
    temperature, pressure : float
        In K, within ``OZONE_RANGE``, and Pa.

    Returns
    -------
    array (..., 4)

    Raises
    ------
    ValueError
        If the temperature is outside the range of the constants.

    Examples
    --------
    >>> from mixlib.domains.chemistry import ozone_loss_exact
    >>> ozone_loss_exact([50.0, 30.0, 0.0, 0.0], 60.0).round(2)  # ppb of NO, O3, NO2, O2
    array([31.25, 11.25, 18.75, 18.75])
    """
    amounts = np.asarray(amounts, dtype=float)
    volume = _volume_of_a_billion_moles(temperature, pressure)
    constant = OZONE_PREFACTOR * Avogadro / 1000 * np.exp(-OZONE_ACTIVATION / (GAS_CONSTANT * temperature)) / volume
    more, less = amounts[..., :2].max(axis=-1), amounts[..., :2].min(axis=-1)
    if np.isinf(time):
        reacted = less
    else:
        gap = (more - less) * constant * time
        # (1 - exp(-gap)) / gap, and its limit 1 where both amounts are equal
        bend = -np.expm1(-gap) / np.where(gap == 0, 1, gap) + (gap == 0)
        reach = bend * constant * time
        reacted = more * less * reach / (1 + less * reach)
    return amounts + reacted[..., None] * np.array([-1, -1, 1, 1])


def burnt(weights, parts):
    """What is left of hydrogen and oxygen, and the water, in g, when they have burnt to the end.

    The parts are rows of the three species of ``OXYHYDROGEN``. What runs out first ends it.

    Parameters
    ----------
    weights : array_like (..., n)
        On the simplex.
    parts : array_like (..., n, 3)
        In g, not negative.

    Returns
    -------
    array (..., 3)

    Raises
    ------
    ValueError
        If an amount is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.chemistry import burnt
    >>> burnt([0.5, 0.5], np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])).round(3)  # g of hydrogen, oxygen, water
    array([0.437, 0.   , 0.563])
    """
    parts = np.asarray(parts, dtype=float)
    if not np.all(parts >= 0):
        raise ValueError(f"parts: holds {np.min(parts)}; an amount is not negative")
    poured = np.einsum("...n,...nd->...d", np.asarray(weights, dtype=float), parts) / OXYHYDROGEN_MASSES
    turns = np.minimum(poured[..., 0] / 2, poured[..., 1])
    return np.maximum(poured - turns[..., None] * OXYHYDROGEN_TAKEN, 0) * OXYHYDROGEN_MASSES


def ammonia(temperature, pressure=STANDARD_PRESSURE, *, source="tables", real_gas=False):
    """The equilibrium N2 + 3 H2 <-> 2 NH3, as a kernel on parts in mol.

    The parts are rows of the three species of ``GASES``.

    Source: Chase 1998 for the tables, Gillespie & Beattie 1930 for the measured constant.

    Parameters
    ----------
    temperature, pressure : float
        In K and Pa.
    source : {"tables", "measured"}
        Whether the Gibbs energy of formation comes from the NIST-JANAF tables, or from the equilibrium constant
        measured on the reaction.
    real_gas : bool
        Whether to correct for the forces between the molecules, by :func:`fugacity_coefficients`.

    Returns
    -------
    Equilibrium

    Raises
    ------
    ValueError
        If the source is unknown, the temperature is outside the tables, or as the kernel does.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.chemistry import ammonia
    >>> ammonia(700.0, 2e7)([0.5, 0.5], np.array([[2.0, 0.0, 0.0], [0.0, 6.0, 0.0]])).round(3)  # mol of N2, H2, NH3
    array([0.54, 1.62, 0.92])
    """
    sources = {"tables": ammonia_formation, "measured": measured_formation}
    if source not in sources:
        raise ValueError(f"source: got {source!r}; choose one of {', '.join(sources)}")
    potentials = np.array([0.0, 0.0, sources[source](temperature)])
    if real_gas:
        potentials = potentials + GAS_CONSTANT * temperature * np.log(fugacity_coefficients(temperature, pressure))
    return Equilibrium(GASES_ELEMENTS, potentials, temperature, pressure)


def ammonia_formation(temperature):
    """Standard Gibbs energy of formation of ammonia in J/mol: a cubic spline through ``AMMONIA_FORMATION``.

    Source: Chase 1998.

    Raises
    ------
    ValueError
        If the temperature (K) is outside the tables.

    Examples
    --------
    >>> from mixlib.domains.chemistry import ammonia_formation
    >>> round(ammonia_formation(700.0))  # J/mol
    27190
    """
    lowest, highest = min(AMMONIA_FORMATION), max(AMMONIA_FORMATION)
    if not lowest <= temperature <= highest:
        raise ValueError(f"temperature: got {temperature} K; the tables go from {lowest} to {highest} K")
    return float(_formation(temperature))


def measured_formation(temperature):
    r"""Standard Gibbs energy of formation of ammonia in J/mol, from equilibria measured at 325 to 952 °C.

    .. math:: -R T \ln K, \qquad \log_{10} (K \cdot \text{atm}) = -2.691122 \log_{10} T - 5.519265 \cdot 10^{-5} T
        + 1.848863 \cdot 10^{-7} T^2 + 2001.6 / T + 2.6899

    for 1/2 N2 + 3/2 H2 <-> NH3; the fit takes the forces between the molecules out of the measurements.

    Source: Gillespie & Beattie 1930.

    Examples
    --------
    >>> from mixlib.domains.chemistry import measured_formation
    >>> round(measured_formation(700.0))  # J/mol
    27619
    """
    t = temperature
    decades = -2.691122 * np.log10(t) - 5.519265e-5 * t + 1.848863e-7 * t**2 + 2001.6 / t + 2.6899
    per_standard_pressure = 10**decades * STANDARD_PRESSURE / atm
    return float(-GAS_CONSTANT * t * np.log(per_standard_pressure))


def fugacity_coefficients(temperature, pressure):
    """Fugacity coefficients of the three ``GASES`` in their mixture: what forces between molecules do to them.

    1 is an ideal gas. Fits for the temperatures and pressures of ammonia reactors, some 600 to 800 K and up to 300 atm;
    towards low pressures that of nitrogen stays up to 2 % off 1.

    Source: Dyson & Simon 1968.

    Parameters
    ----------
    temperature, pressure : float
        In K and Pa.

    Returns
    -------
    array (3,)

    Examples
    --------
    >>> from mixlib.domains.chemistry import fugacity_coefficients
    >>> fugacity_coefficients(700.0, 2e7).round(3)  # of N2, H2, NH3
    array([1.096, 1.057, 0.926])
    """
    t, p = temperature, pressure / atm
    nitrogen = 0.93431737 + 0.3101804e-3 * t + 0.295896e-3 * p - 0.2707279e-6 * t**2 + 0.4775207e-6 * p**2
    hydrogen = np.exp(
        np.exp(-3.8402 * t**0.125 + 0.541) * p
        - np.exp(-0.1263 * t**0.5 - 15.980) * p**2
        + 300 * np.exp(-0.011901 * t - 5.941) * np.expm1(-p / 300)
    )
    product = 0.1438996 + 0.2028538e-2 * t - 0.4487672e-3 * p - 0.1142945e-5 * t**2 + 0.2761216e-6 * p**2
    return np.array([nitrogen, hydrogen, product])


def _volume_of_a_billion_moles(temperature, pressure):
    lowest, highest = OZONE_RANGE
    if not lowest <= temperature <= highest:
        raise ValueError(f"temperature: got {temperature} K; the constants are valid from {lowest} to {highest} K")
    return 1e9 * GAS_CONSTANT * temperature / pressure * 1000  # L


_POURED = np.array([[100.0, 0.0, 0.0, 0.0], [0.0, 60.0, 0.0, 0.0]])

OZONE = Domain(
    about="exhaust with NO meets air with ozone, after a minute",
    parts=_POURED,
    weights=np.array([0.5, 0.5]),
    kernel=ozone_loss(60.0),
    carrier=Euclidean(),
    points="amounts of NO, O3, NO2, O2",
    unit="ppb",
    known=ozone_loss_exact(_POURED.mean(axis=0), 60.0),
    tolerance=1e-6,
    source="Atkinson et al. 2004",
    reference="atkinson2004",
    route="definition",
)
CONSTANTS = {
    "molar mass of hydrogen": Constant(value=float(OXYHYDROGEN_MASSES[0]), unit="g/mol", source="IUPAC"),
    "molar mass of oxygen": Constant(value=float(OXYHYDROGEN_MASSES[1]), unit="g/mol", source="IUPAC"),
    "atom of oxygen over one of hydrogen": Constant(value=MORLEY, unit="by weight", source="Morley 1895"),
}

DOMAIN = Domain(
    about="hydrogen and oxygen, one atom of oxygen to two of hydrogen by Morley's scales",
    parts=np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
    weights=np.array([2, MORLEY]) / (2 + MORLEY),
    kernel=burnt,
    carrier=Euclidean(),
    points="amounts of hydrogen, oxygen, water",
    unit="g",
    known=np.array([0.0, 0.0, 1.0]),  # he weighed both gases and the water: nothing was left over
    tolerance=1e-3,
    source="Morley 1895",
    reference="morley1895",
    route="measurement",
    constants=CONSTANTS,
)
