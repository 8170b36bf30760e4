"""The three instruments on a domain: how far its mixtures leave the hull, interaction share and O-information."""

from dataclasses import dataclass

import numpy as np

from mixlib import simplex
from mixlib.arrays import generator
from mixlib.information import o_information
from mixlib.information.result import Information
from mixlib.instruments.hull import hull_escape
from mixlib.instruments.interaction import InteractionShare, interaction_share

__all__ = ["Measured", "measure"]

RECIPES = 200  # weights drawn from the simplex, for the largest escape


@dataclass(frozen=True, eq=False, kw_only=True)
class Measured:
    """What three instruments say of a domain.

    Attributes
    ----------
    escape, largest_escape : float or None
        Distance of the domain's mixture to the hull of its parts, over their diameter, and the largest one over
        recipes drawn from the simplex. ``None`` where the mixture is no point among the parts.
    interaction : InteractionShare
        At the domain's weights, with parts that vary independently around its own.
    omega : Information
        Of the parts and the mixture as it is seen through noise; negative is synergy.

    Examples
    --------
    >>> from mixlib.domains import DOMAINS
    >>> from mixlib.domains.measured import measure
    >>> measure(DOMAINS["society"], samples=300, estimator="gaussian").omega.omega < 0
    True
    """

    escape: float | None
    largest_escape: float | None
    interaction: InteractionShare
    omega: Information


def measure(domain, *, spread=0.2, noise=0.3, samples=2000, estimator="auto", rng=None):
    r"""Three instruments on a domain.

    The hull escape is that of the domain's own parts. For the other two the parts vary: each coordinate is multiplied
    by a number drawn around 1. The mixture is seen by its liveliest coordinate, with noise, and each part by the same
    one, or by its own liveliest where it has none of that.

    Parameters
    ----------
    domain : Domain
    spread : float, default=0.2
        How far the coordinates of the parts vary, as a share of themselves.
    noise : float, default=0.3
        Standard deviation of what is added to the mixture, over its own; without noise a mixture that is a function
        of its parts has infinite information about them.
    samples : int, default=2000
    estimator : str, default="auto"
        Of :func:`mixlib.o_information`.
    rng : None, int or numpy.random.Generator, default=None
        ``None`` is seed 0.

    Returns
    -------
    Measured

    Examples
    --------
    >>> from mixlib.domains import DOMAINS
    >>> from mixlib.domains.measured import measure
    >>> broth = measure(DOMAINS["taste"], samples=500)
    >>> print(f"{broth.largest_escape:.1f} diameters outside, Omega {broth.omega.omega:.2f} nats")
    19.7 diameters outside, Omega -0.55 nats
    """
    if not noise > 0:
        raise ValueError(f"noise: got {noise!r}, expected a positive number; 0.3 adds a third of the mixture's spread")
    rng, kernel = generator(rng), domain.mean_kernel()
    parts = domain.nearby(samples, rng, spread=spread)
    mixtures = kernel(domain.weights, parts)
    at_home = domain.part_unit == "" and mixtures.shape[1] == parts.shape[2]
    lively = mixtures.var(axis=0)
    if at_home:  # a coordinate in which every part varies: a part that is 0 there stays 0
        lively = np.where((parts.var(axis=0) > 0).all(axis=0), lively, -1)
    liveliest = lively.argmax()
    seen = mixtures[:, liveliest] + rng.normal(0, noise * mixtures[:, liveliest].std(), samples)
    spreads = parts.var(axis=0)
    shared = at_home & (spreads[:, liveliest] > 0)  # a part may have none of what the mixture has
    where = np.where(shared, liveliest, spreads.argmax(axis=-1))
    columns = parts[:, np.arange(parts.shape[1]), where]
    escape = largest = None
    if at_home:  # else the mixture does not live among the parts
        recipes = simplex.sample(len(domain.parts), RECIPES, rng=rng)
        escape = float(hull_escape(domain.mixture(), domain.parts).distance)
        at_recipes = kernel(recipes, np.broadcast_to(domain.parts, (RECIPES, *domain.parts.shape)))
        largest = max(escape, float(hull_escape(at_recipes, domain.parts).distance.max()))
    return Measured(
        escape=escape,
        largest_escape=largest,
        interaction=interaction_share(kernel, parts, weights=domain.weights, points=64, scrambles=8, rng=rng),
        omega=o_information(
            np.column_stack([columns, seen]) / np.abs(columns).max(), estimator=estimator, gradient=False, rng=rng
        ),
    )
