"""The interface of every domain: one mixture with real constants, and what it is by another route."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mixlib.carriers.base import Carrier

__all__ = ["Domain"]


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
    part_unit : str, default=""
        Of the parts, where it differs from that of the mixture.

    Examples
    --------
    >>> from mixlib.domains import DOMAINS
    >>> alloy = DOMAINS["alloys"]
    >>> print(f"{alloy.mixture()[0]:.3f} {alloy.unit}, known as {alloy.known[0]:.3f}")
    0.816 eV, known as 0.816
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
    part_unit: str = ""

    def mixture(self):
        """The mixture (k,), by the one interface that all kernels share.

        Examples
        --------
        >>> from mixlib.domains import DOMAINS
        >>> DOMAINS["smell"].mixture().round(3)
        array([3.965])
        """
        return self.kernel(self.weights, self.parts)
