"""The interface of every domain: one mixture with real constants, and what it is by another route."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mixlib.arrays import generator
from mixlib.carriers.base import Carrier
from mixlib.carriers.simplex import Simplex
from mixlib.kernels.base import Kernel

__all__ = ["Constant", "Domain"]

ROUTES = ("measurement", "table", "count", "simulation", "theorem", "definition")


@dataclass(frozen=True, kw_only=True)
class Constant:
    """A number of a domain that somebody measured or fixed, with its unit and where it comes from.

    Attributes
    ----------
    value : float or array
    unit : str
        Empty for a pure number.
    source : str
        As a reader would write it.

    Examples
    --------
    >>> from mixlib.domains import DOMAINS
    >>> synergy = DOMAINS["taste"].constants["synergy of glutamate and inosinate"]
    >>> print(f"{synergy.value:g} {synergy.unit} ({synergy.source})")
    1218 per (g/100 mL) (Yamaguchi 1967)
    """

    value: Any
    unit: str
    source: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Domain:
    """A domain: parts, weights and kernel of one mixture, with a value for it that was found in another way.

    A module of this folder that has one calls it ``DOMAIN``. The tests hold every domain to its known value, and run
    the instruments on it.

    Attributes
    ----------
    about : str
        What is mixed.
    parts : array (n, d)
        The parts, in ``part_unit``.
    weights : array (n,)
        On the simplex.
    kernel : callable
        ``kernel(weights, parts)`` gives the mixture (k,).
    carrier : Carrier
        The space of the parts.
    points : str
        What a part is.
    unit : str
        Of the mixture.
    known : array (k,)
        The mixture by a closed form, a measurement, or the definition.
    tolerance : float
        What the mixture may differ from ``known`` by, in ``unit``.
    source : str
        Where the constants and ``known`` come from, as a reader would write it.
    reference : str
        Key of the source in a bibliography.
    route : {"measurement", "table", "count", "simulation", "theorem", "definition"}
        How ``known`` was found; never by the kernel's own formula.
    constants : dict of Constant, default={}
        By their names.
    part_unit : str, default=""
        Of the parts, where it differs from that of the mixture.

    Examples
    --------
    >>> from mixlib.domains import DOMAINS
    >>> alloy = DOMAINS["alloys"]
    >>> print(f"{alloy.mixture()[0]:.3f} {alloy.unit}, known as {alloy.known[0]:.3f}")
    0.737 eV, known as 0.750
    """

    about: str
    parts: Any
    weights: Any
    kernel: Callable
    carrier: Carrier
    points: str
    unit: str
    known: Any
    tolerance: float
    source: str
    reference: str
    route: str
    constants: Mapping[str, Constant] = field(default_factory=dict)
    part_unit: str = ""

    def __post_init__(self):
        if self.route not in ROUTES:
            raise ValueError(f"route: got {self.route!r}, expected one of {', '.join(map(repr, ROUTES))}")

    def mixture(self):
        """The mixture (k,), by the one interface that all kernels share.

        Examples
        --------
        >>> from mixlib.domains import DOMAINS
        >>> DOMAINS["smell"].mixture().round(3)
        array([0.212, 0.159, 0.192, 0.064, 0.932, 0.603])
        """
        return self.kernel(self.weights, self.parts)

    def mean_kernel(self):
        """The kernel as a function: of one that draws, its mean.

        Examples
        --------
        >>> from mixlib.domains import DOMAINS
        >>> DOMAINS["statistics"].mean_kernel()
        Linear()
        """
        return self.kernel.expected() if isinstance(self.kernel, Kernel) else self.kernel

    def nearby(self, count, rng=None, *, spread=0.2):
        """Parts (count, n, d) like those of the domain: each coordinate times a number drawn around 1.

        Parts on a simplex are brought back to it.

        Parameters
        ----------
        count : int
        rng : None, int or numpy.random.Generator, default=None
            ``None`` is seed 0.
        spread : float, default=0.2
            The numbers are uniform between 1 - spread and 1 + spread.

        Examples
        --------
        >>> from mixlib.domains import DOMAINS
        >>> DOMAINS["alloys"].nearby(100).shape
        (100, 2, 1)
        """
        if not 0 < spread < 1:
            raise ValueError(f"spread: got {spread!r}, expected a number between 0 and 1; 0.2 varies parts by a fifth")
        parts = np.asarray(self.parts, dtype=float)
        moved = parts * generator(rng).uniform(1 - spread, 1 + spread, (count, *parts.shape))
        return moved / moved.sum(axis=-1, keepdims=True) if isinstance(self.carrier, Simplex) else moved
