"""Combustion: gases that are mixed, kept hot and burn, with a published mechanism of elementary reactions.

The thermodynamics, the rate constants and the integration are Cantera's, which is in the extra ``chemistry``; its file
``h2o2.yaml`` holds ten species and 29 reactions of hydrogen and oxygen. Amounts are in mol, in the order of
:func:`species`.
"""

import warnings
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.constants import atm

from mixlib.extras import needed_by

MECHANISM = "h2o2.yaml"  # hydrogen and oxygen, in argon and nitrogen
IGNITED = 0.5  # of the warming up to equilibrium: a gas that has warmed up by less has not burnt
WARMER = 1.0  # K: a gas whose equilibrium is warmer by less does not burn
SIGNALS = ("pressure", "OH", "OH peak")
PRECISION = {"rtol": 1e-8, "atol": 1e-14}


def species(mechanism=MECHANISM):
    """Names of the species of a mechanism, in its order.

    Examples
    --------
    >>> from mixlib.domains.combustion import species
    >>> species()[:6]
    ('H2', 'H', 'O', 'O2', 'OH', 'H2O')
    """
    return tuple(_gas(mechanism).species_names)


def gas_of(amounts, mechanism=MECHANISM):
    """Amounts (d,) in the order of :func:`species` from amounts by name.

    Parameters
    ----------
    amounts : dict of float
        In mol.
    mechanism : str, default="h2o2.yaml"
        A file that Cantera finds.

    Raises
    ------
    ValueError
        If the mechanism does not have a species.

    Examples
    --------
    >>> from mixlib.domains.combustion import gas_of
    >>> gas_of({"H2": 2, "O2": 1}).sum()
    np.float64(3.0)
    """
    names = species(mechanism)
    if unknown := [name for name in amounts if name not in names]:
        raise ValueError(f"amounts: {unknown[0]!r} is unknown to {mechanism}; choose from {', '.join(names)}")
    return np.array([float(amounts.get(name, 0)) for name in names])


def atoms(mechanism=MECHANISM):
    """Atoms (e, d) of each element in each species; no reaction changes ``atoms() @ amounts``.

    Examples
    --------
    >>> from mixlib.domains.combustion import atoms, gas_of
    >>> (atoms() @ gas_of({"H2O": 1}))[:2]  # of oxygen and hydrogen
    array([1., 2.])
    """
    gas = _gas(mechanism)
    return np.array([[gas.n_atoms(s, e) for s in gas.species_names] for e in gas.element_names], dtype=float)


@dataclass(frozen=True, kw_only=True)
class Burning:
    r"""Gases that are mixed and kept in a closed, insulated vessel for a time: a kernel on amounts in mol.

    .. math:: n(0) = \sum_i w_i \, p_i, \qquad \frac{dn}{dt} = V S \, r(n, T), \qquad U(n, T) = \text{constant}

    The reactions r of the mechanism set heat free and are faster in the heat; that makes an explosion of them.

    Source: the mechanism, through Cantera.

    Parameters
    ----------
    temperature : float, default=1000.0
        At which the gases meet, in K.
    pressure : float, default=101325.0
        At which they meet, in Pa.
    time : float, default=1e-3
        From mixing to looking, in s; 0 is the linear pool.
    off : tuple of str, default=()
        Equations of reactions that are left out.
    mechanism : str, default="h2o2.yaml"
        A file that Cantera finds.

    Raises
    ------
    ImportError
        If Cantera is not installed.
    ValueError
        If a number is not positive, or the mechanism has no such reaction.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.combustion import Burning, gas_of, species
    >>> gases = np.array([gas_of({"H2": 3}), gas_of({"O2": 1.5})])
    >>> burnt = Burning(time=1e-2)([2 / 3, 1 / 3], gases)
    >>> print(f"{burnt[species().index('H2O')]:.2f} mol of water from 2 mol of hydrogen")
    0.88 mol of water from 2 mol of hydrogen
    """

    temperature: float = 1000.0
    pressure: float = atm
    time: float = 1e-3
    off: tuple = ()
    mechanism: str = MECHANISM

    def __post_init__(self):
        for name in ("temperature", "pressure"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: got {getattr(self, name)!r}; expected a positive number")
        if not self.time >= 0:
            raise ValueError(f"time: got {self.time!r}; expected seconds >= 0")

    def __call__(self, weights, parts):
        """The amounts (..., d) after the time, of parts (..., n, d)."""
        poured = np.einsum("...n,...nd->...d", np.asarray(weights, dtype=float), np.asarray(parts, dtype=float))
        rows = [self.history(row, [self.time])[1][0] for row in poured.reshape(-1, poured.shape[-1])]
        return np.reshape(rows, poured.shape)

    def history(self, amounts, times):
        """Temperatures (t,) in K and amounts (t, d) in mol at ``times``, which rise, of poured ``amounts`` (d,).

        Examples
        --------
        >>> from mixlib.domains.combustion import Burning, gas_of
        >>> warm, amounts = Burning(temperature=1000).history(gas_of({"H2": 2, "O2": 1}), [0, 1e-4, 1e-3])
        >>> warm.round()
        array([1000., 1000., 3378.])
        """
        amounts = np.asarray(amounts, dtype=float)
        reactor, net = self._vessel(amounts)
        scale = amounts.sum() / reactor.phase.density_mole  # m3 for a vessel of 1 m3, in mol and kmol
        warm, rows = [], []
        for time in times:
            if time > net.time:
                net.advance(time)
            warm.append(reactor.T)
            rows.append(reactor.phase.concentrations * scale)
        return np.array(warm), np.array(rows)

    def delay(self, amounts, *, signal="pressure", patience=20.0):
        """Seconds until poured ``amounts`` (d,) ignite, infinity if that takes longer than ``patience``.

        A gas has ignited once it has done half of its warming up to equilibrium in the closed vessel.

        Parameters
        ----------
        amounts : array (d,)
            In mol.
        signal : {"pressure", "OH", "OH peak"}, default="pressure"
            What an experiment watches: the steepest rise of the pressure or of OH, or the most OH.
        patience : float, default=20.0
            In s.

        Raises
        ------
        ValueError
            If the signal is unknown.

        Examples
        --------
        >>> from mixlib.domains.combustion import Burning, gas_of
        >>> print(f"{1e6 * Burning(temperature=1000).delay(gas_of({'H2': 2, 'O2': 1})):.0f} millionths of a second")
        164 millionths of a second
        """
        if signal not in SIGNALS:
            raise ValueError(f"signal: got {signal!r}; choose one of {', '.join(SIGNALS)}")
        amounts = np.asarray(amounts, dtype=float)
        gas = self._vessel(amounts)[0].phase
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of heat beyond the mechanism's range: half of the warming is what counts
            gas.equilibrate("UV")
        warming = gas.T - self.temperature
        if warming < WARMER:
            return np.inf
        reactor, net = self._vessel(amounts)
        radical = reactor.phase.species_index("OH")
        times, pressures, radicals, warmed = [0.0], [reactor.phase.P], [0.0], 0.0
        while net.time < patience:
            net.step()
            times.append(net.time)
            pressures.append(reactor.phase.P)
            radicals.append(reactor.phase.concentrations[radical])
            past = net.time > 10 * times[int(np.argmax(radicals))] and radicals[-1] < max(radicals)
            warmed = (reactor.T - self.temperature) / warming
            if past and warmed > IGNITED:  # a cold gas has a first, tiny most of OH long before it burns
                break
        if warmed < IGNITED:
            return np.inf
        seen = np.array(pressures if signal == "pressure" else radicals)
        found = times[int(seen.argmax() if signal == "OH peak" else np.gradient(seen, times).argmax())]
        return found if found <= patience else np.inf

    def _vessel(self, amounts):
        gas = _gas(self.mechanism)
        equations = gas.reaction_equations()
        if unknown := [name for name in self.off if name not in equations]:
            raise ValueError(f"off: {self.mechanism} has no reaction {unknown[0]!r}; see reactions()")
        gas.set_multiplier(1.0)
        for place, equation in enumerate(equations):
            if equation in self.off:
                gas.set_multiplier(0.0, place)
        gas.TPX = self.temperature, self.pressure, amounts
        import cantera

        reactor = cantera.IdealGasReactor(gas, clone=False)
        net = cantera.ReactorNet([reactor])
        net.rtol, net.atol = PRECISION["rtol"], PRECISION["atol"]
        return reactor, net


def reactions(mechanism=MECHANISM):
    """The equations of the reactions of a mechanism.

    Examples
    --------
    >>> from mixlib.domains.combustion import reactions
    >>> len(reactions()), reactions()[2]
    (29, 'H2 + O <=> H + OH')
    """
    return tuple(_gas(mechanism).reaction_equations())


def flame_temperature(amounts, temperature=298.15, pressure=atm, mechanism=MECHANISM):
    """Temperature of a flame at constant pressure that loses no heat, in K.

    Parameters
    ----------
    amounts : array (d,)
        In mol, before burning.
    temperature, pressure : float
        Before burning, in K and Pa.
    mechanism : str, default="h2o2.yaml"
        Of which the thermodynamic data are used.

    Examples
    --------
    >>> from mixlib.domains.combustion import flame_temperature, gas_of
    >>> round(flame_temperature(gas_of({"H2": 2, "O2": 1})))
    3077
    """
    gas = _gas(mechanism)
    gas.TPX = temperature, pressure, np.asarray(amounts, dtype=float)
    gas.equilibrate("HP")
    return float(gas.T)


@cache
def _gas(mechanism):
    with needed_by("Combustion"):
        import cantera
    return cantera.Solution(mechanism)
