"""The reactive kernels: parts that react, followed in time by mass action or taken to chemical equilibrium."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from array_api_compat import array_namespace
from scipy.constants import R as GAS_CONSTANT  # J/(mol K)
from scipy.integrate import solve_ivp

from mixlib.arrays import floats
from mixlib.kernels._gibbs_energy import least_gibbs_energy
from mixlib.kernels.base import Kernel

STANDARD_PRESSURE = 1e5  # Pa
FINEST = 1e-13  # relative error below which rounding would rule the integrator's steps


@dataclass(frozen=True, eq=False)
class Reactive(Kernel):
    r"""Mass-action kinetics: amounts of species that are poured together and react for a time.

    .. math:: n(0) = \sum_i w_i \, p_i, \qquad \frac{dn}{dt} = V \sum_r S_r \, k_r \prod_s (n_s / V)^{o_{rs}},
        \qquad k_r = A_r e^{-E_r / R T}

    Every part is a row of amounts (mol) of d species. A reaction that runs both ways is two rows. SciPy's LSODA
    integrates each instance of a batch on its own. At time 0, or with infinite activation energies, the kernel
    is the linear one. Not differentiable: tensors are taken and given back, but one that requires a gradient is
    refused. The default is the reaction 2 A + B -> 2 C of the first three species.

    Source: Arrhenius 1889 for the rate constants.

    Parameters
    ----------
    stoichiometry : array_like (r, s), default=((-2, -1, 2),)
        Net change S of each species in each reaction; species beyond the s-th do not react.
    rates : float or array_like (r,), default=1.0
        Prefactors A, at zero activation energy the rate constants, in (mol/L)^(1 - total order) / s. Higher is faster.
    activation_energies : float or array_like (r,), default=0.0
        E in J/mol, infinity included. Higher is slower, the more so in the cold.
    temperature : float, default=298.15
        T in K. Of no effect without activation energies; with them, warmer is faster.
    time : float, default=1.0
        Seconds from pouring together to looking; 0 is the linear pool.
    orders : None or array_like (r, s), default=None
        Reaction orders o; ``None`` takes how many of a species the reaction consumes.
    volume : float, default=1.0
        V in L. In a larger vessel reactions of total order above 1 are slower.
    elements : None or array_like (e, s), default=None
        Atoms of each element in each species. If given, a reaction that does not conserve them is refused.
    tolerance : float, default=1e-10
        Relative error of the integration, smaller is slower; the absolute one is a hundredth of it, times the total
        amount.

    Raises
    ------
    ValueError
        If the fields do not fit each other, a part is negative or has too few species, the gradient of a
        tensor is asked for, the reaction runs away, or the integration fails.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.kernels import Reactive
    >>> decay = Reactive(stoichiometry=[[-1, 1]], rates=np.log(2), time=3.0)  # A -> B, half-life 1 s
    >>> decay([0.5, 0.5], np.array([[8.0, 0.0], [8.0, 0.0]])).round(6)
    array([1., 7.])
    """

    stoichiometry: Any = ((-2, -1, 2),)
    rates: Any = 1.0
    activation_energies: Any = 0.0
    temperature: float = 298.15
    time: float = 1.0
    orders: Any = None
    volume: float = 1.0
    elements: Any = None
    tolerance: float = 1e-10
    formula: ClassVar[str] = "dn/dt = S r(n)"
    effect: ClassVar[str] = "they turn into something else"
    field: ClassVar[str] = "chemistry"
    carrier: ClassVar[str] = "amounts of species"
    setting: ClassVar[str] = (
        "2 A + B → 2 C for 5 s, when the scarcer reactant runs short; as a pair, A meets B and C is read"
    )
    reference: ClassVar[str] = "arrhenius1889"
    place: ClassVar[int] = 7
    costly: ClassVar[bool] = True
    exact_at_vertices: ClassVar[bool] = False
    idempotent: ClassVar[bool] = False
    differentiable: ClassVar[bool] = False

    def __post_init__(self):
        """Check the fields against each other."""
        net = floats(self.stoichiometry, "stoichiometry")
        if net.ndim != 2 or 0 in net.shape or not np.all(np.isfinite(net)):
            raise ValueError(f"stoichiometry: got shape {net.shape}; expected finite rows (reactions, species)")
        for name, values in (("rates", self.rates), ("activation_energies", self.activation_energies)):
            values = floats(values, name)
            if values.shape not in ((), (len(net),)):
                raise ValueError(
                    f"{name}: got shape {values.shape} for {len(net)} reactions; give one, or one for each"
                )
            if not np.all(values >= 0):
                raise ValueError(f"{name}: got {values.tolist()}; expected numbers >= 0")
        if not np.all(np.isfinite(floats(self.rates, "rates"))):
            raise ValueError(f"rates: got {self.rates}; expected finite numbers")
        for name in ("temperature", "volume", "tolerance"):
            _check_positive(name, getattr(self, name))
        if self.tolerance < FINEST:
            raise ValueError(f"tolerance: got {self.tolerance}; float64 cannot be integrated to less than {FINEST}")
        if not (math.isfinite(self.time) and self.time >= 0):
            raise ValueError(f"time: got {self.time}; expected a finite number of seconds >= 0")
        orders = self._orders()
        if orders.shape != net.shape or not np.all((orders >= 0) & np.isfinite(orders)):
            raise ValueError(f"orders: got {orders.tolist()}; expected numbers >= 0 of shape {net.shape}")
        if np.any((net < 0) & (orders == 0)):
            raise ValueError(
                "orders: a species is consumed at a rate that does not depend on it (order 0), so its amount "
                "would fall below 0; give it a positive order"
            )
        if self.elements is not None:
            _check_conserved(_composition(self.elements, net.shape[1]), net)

    def check_parts(self, parts):
        """Raise a ValueError if a part is negative or has too few species."""
        species = np.shape(self.stoichiometry)[1]
        if parts.shape[-1] < species:
            raise ValueError(
                f"parts: {parts.shape[-1]} species (last axis), but the stoichiometry has {species}; "
                "add the missing species with amount 0, or give another stoichiometry"
            )
        _check_amounts("parts", parts)

    def mix(self, weights, parts):
        """Return the amounts (..., d) in mol after the reaction."""
        return _like(_each(self._react, _pour(weights, parts)), parts)

    @classmethod
    def for_comparison(cls, n):
        """The kernel of ``setting``."""
        return cls(time=5.0, tolerance=1e-6)

    @classmethod
    def pair_for_comparison(cls):
        """What a vessel of A and one of B, of the amounts (..., 2, 1) in mol, give of C, (..., 1)."""
        kernel = cls.for_comparison(2)

        def product(weights, parts):
            """The amount of C, mol."""
            vessels = np.concatenate([parts * [[1.0], [0.0]], parts * [[0.0], [1.0]], 0 * parts], axis=-1)
            return kernel(weights, vessels)[..., 2:]

        return product, (1.0,)

    def _orders(self):
        net = floats(self.stoichiometry, "stoichiometry")
        return np.maximum(-net, 0) if self.orders is None else floats(self.orders, "orders")

    def _react(self, amounts):
        net, orders = floats(self.stoichiometry, "stoichiometry"), self._orders()
        energies = floats(self.activation_energies, "activation_energies")
        boltzmann = np.exp(-energies / (GAS_CONSTANT * self.temperature))
        constants = floats(self.rates, "rates") * boltzmann * self.volume
        reacting, total = amounts[: net.shape[1]], amounts.sum()
        if self.time == 0 or total == 0:
            return amounts

        def change(_, amounts):
            # the integrator may step a little below 0, where a fractional power is not defined
            concentrations = np.maximum(amounts, 0) / self.volume
            speed = (constants * np.multiply.reduce(concentrations**orders, axis=-1)) @ net
            if not math.isfinite(speed.sum()):
                raise ValueError("stoichiometry: the reaction makes more and more of its own reactants and runs away")
            return speed

        atol = 0.01 * self.tolerance * total
        with np.errstate(over="ignore", invalid="ignore"):  # of a reaction that runs away, which is told
            run = solve_ivp(
                change, (0, self.time), reacting, "LSODA", t_eval=[self.time], rtol=self.tolerance, atol=atol
            )
        if not run.success:
            raise ValueError(f"rates: the reaction could not be integrated to time {self.time} ({run.message})")
        return np.append(np.maximum(run.y[:, -1], 0), amounts[net.shape[1] :])


@dataclass(frozen=True, eq=False)
class Equilibrium(Kernel):
    r"""Chemical equilibrium: amounts of gases that are poured together and react to the end.

    The amounts are those of :func:`equilibrium`.

    Not differentiable: tensors are taken and given back, but one that requires a gradient is refused.

    Source: White, Johnson & Dantzig 1958.

    Parameters
    ----------
    elements : array_like (e, d)
        Atoms of each element in each species.
    standard_potentials : array_like (d,)
        Standard chemical potentials in J/mol at the temperature and 1e5 Pa.
    temperature : float
        In K.
    pressure : float, default=100000.0
        In Pa. Higher favours the side with fewer molecules.

    Raises
    ------
    ValueError
        As :func:`equilibrium` does.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.kernels import Equilibrium
    >>> dissociation = Equilibrium(elements=[[2, 1]], standard_potentials=[0.0, 0.0], temperature=1000.0)  # A2 <-> 2 A
    >>> dissociation([0.5, 0.5], np.array([[1.0, 0.0], [1.0, 0.0]])).round(3)
    array([0.553, 0.894])
    """

    elements: Any
    standard_potentials: Any
    temperature: float
    pressure: float = STANDARD_PRESSURE
    reference: ClassVar[str] = "white1958"
    exact_at_vertices: ClassVar[bool] = False
    idempotent: ClassVar[bool] = False
    differentiable: ClassVar[bool] = False

    def check_parts(self, parts):
        """Raise a ValueError if a part is negative."""
        _check_amounts("parts", parts)

    def mix(self, weights, parts):
        """Return the amounts (..., d) in mol at equilibrium."""
        constants = self.elements, self.standard_potentials, self.temperature
        return _like(equilibrium(_pour(weights, parts), *constants, pressure=self.pressure), parts)


def equilibrium(amounts, elements, standard_potentials, temperature, *, pressure=STANDARD_PRESSURE):
    r"""Chemical equilibrium of ideal gases: the amounts of least Gibbs energy at a temperature and pressure.

    .. math:: \min_{n \ge 0} \; \sum_s n_s \Bigl(\mu_s^\circ + R T \ln \frac{n_s P}{N P^\circ}\Bigr)
        \quad \text{with} \quad A n = A n_0, \qquad N = \sum_s n_s, \qquad P^\circ = 10^5 \text{ Pa}

    Solved in the potentials of the elements, one unknown an element: SciPy's SLSQP maximises the concave dual,
    then its Newton-like root finder polishes the balances. Traces stay accurate, for their logarithms are linear
    in the unknowns. A species that the elements at hand cannot form is 0.

    Source: White, Johnson & Dantzig 1958.

    Parameters
    ----------
    amounts : array_like (..., d)
        What there is at first, mol.
    elements : array_like (e, d)
        Atoms A of each element (or of any other conserved unit) in each species.
    standard_potentials : array_like (d,)
        Standard chemical potentials in J/mol at ``temperature`` and 1e5 Pa.
    temperature : float
        In K.
    pressure : float, default=100000.0
        In Pa. Higher favours the side with fewer molecules.

    Returns
    -------
    array (..., d)
        NumPy float64 amounts at equilibrium, mol.

    Raises
    ------
    ValueError
        If an amount is negative, shapes do not fit, a species holds no element, temperature or pressure is
        not positive, or no solution is found.

    Examples
    --------
    >>> from mixlib.kernels import equilibrium
    >>> atoms = [[2, 1]]  # of A, in A2 and in A
    >>> equilibrium([1.0, 0.0], atoms, standard_potentials=[0.0, 5000.0], temperature=1000.0).round(3)
    array([0.736, 0.529])
    """
    amounts = floats(amounts, "amounts")
    if amounts.ndim < 1 or not np.all(np.isfinite(amounts) & (amounts >= 0)):
        raise ValueError(f"amounts: shape {amounts.shape}; expected finite amounts (..., d) >= 0, in mol")
    atoms = _composition(elements, amounts.shape[-1])
    potentials = floats(standard_potentials, "standard_potentials")
    if potentials.shape != amounts.shape[-1:] or not np.all(np.isfinite(potentials)):
        raise ValueError(
            f"standard_potentials: got shape {potentials.shape}, expected {amounts.shape[-1]} finite numbers (J/mol), "
            "one for each species"
        )
    _check_positive("temperature", temperature)
    _check_positive("pressure", pressure)
    energies = potentials / (GAS_CONSTANT * temperature) + math.log(pressure / STANDARD_PRESSURE)
    return _each(lambda start: least_gibbs_energy(start, atoms, energies), amounts)


def _pour(weights, parts):
    """The linear blend (..., d), in float64 NumPy."""
    weights, parts = _as_float64(weights), _as_float64(parts)
    terms = weights[..., None] * parts
    # exactly rounded, for a solver's steps may turn on the last bit and the order of parts must not matter
    rows = np.moveaxis(terms, -2, -1)
    return np.array([math.fsum(row) for row in rows.reshape(-1, rows.shape[-1])]).reshape(rows.shape[:-1])


def _each(settle, amounts):
    """Apply ``settle`` to every row of ``amounts`` (..., d)."""
    rows = amounts.reshape(-1, amounts.shape[-1])
    return np.array([settle(row) for row in rows]).reshape(amounts.shape)


def _like(array, parts):
    return array_namespace(parts).asarray(array, dtype=parts.dtype, device=parts.device)


def _as_float64(array):
    if getattr(array, "requires_grad", False):
        raise ValueError(
            "weights, parts: a tensor requires a gradient, but SciPy solves the reaction and gives none; "
            "pass tensor.detach()"
        )
    if hasattr(array, "detach"):
        array = array.cpu().numpy()
    return np.asarray(array, dtype=float)


def _composition(elements, species):
    atoms = floats(elements, "elements")
    if atoms.ndim != 2 or atoms.shape[1] != species or not np.all(np.isfinite(atoms) & (atoms >= 0)):
        raise ValueError(
            f"elements: got shape {atoms.shape}; expected a row of atom counts >= 0 for each element, "
            f"one column for each of the {species} species"
        )
    if np.any(atoms.sum(axis=0) == 0):
        raise ValueError(
            f"elements: species {np.flatnonzero(atoms.sum(axis=0) == 0).tolist()} (from 0) hold no element; "
            "give an inert species an element of its own"
        )
    return atoms


def _check_conserved(atoms, net):
    gained = atoms @ net.T
    if not np.allclose(gained, 0, atol=1e-9):
        element, reaction = (int(i) for i in np.unravel_index(np.argmax(np.abs(gained)), gained.shape))
        raise ValueError(
            f"stoichiometry: reaction {reaction} makes {gained[element, reaction]:g} atoms of element {element} "
            "(both from 0); balance it"
        )


def _check_amounts(name, array):
    xp = array_namespace(array)
    if bool(xp.any(array < 0)):
        raise ValueError(f"{name}: smallest amount {xp.min(array).item():.6g}; amounts of species must be >= 0 (mol)")


def _check_positive(name, value):
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name}: got {value}; expected a positive number")
