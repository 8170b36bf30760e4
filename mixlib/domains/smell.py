"""Smell: odours that compete for receptors, and how strong two odours smell together."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mixlib.arrays import generator
from mixlib.carriers.euclidean import Euclidean
from mixlib.domains.base import Domain
from mixlib.kernels import CompetitiveBinding

HARDLY = 1e-12  # how tightly air binds: the kernel asks for more than 0


@dataclass(frozen=True, eq=False)
class Nose:
    r"""An array of receptors and what each odour does to each of them at full concentration.

    .. math:: r = \frac{\sum_i e_i w_i q_i}{1 + \sum_i w_i q_i}

    Source: Singh et al. 2019 for the receptor.

    Parameters
    ----------
    binding : array (n, d)
        :math:`q_i = C / k_i`, positive: the full concentration over the one that fills half of the sites.
    efficacy : array (n, d)
        :math:`e_i` from 0 to 1: what a site that the odour fills answers. An odour of efficacy 0 blocks.

    Raises
    ------
    ValueError
        If the arrays are not (n, d) both, an efficacy lies outside 0 to 1, or a binding is not positive.

    Examples
    --------
    >>> from mixlib.domains.smell import Nose
    >>> nose = Nose(binding=[[9.0], [1.0]], efficacy=[[1.0], [0.0]])  # the second odour blocks
    >>> nose([1.0, 0.0]), nose([0.5, 0.5]).round(3), nose.with_air()([0.5, 0.0, 0.5]).round(3)
    (array([0.9]), array([0.75]), array([0.818]))
    """

    binding: Any
    efficacy: Any

    def __post_init__(self):
        binding, efficacy = np.asarray(self.binding, dtype=float), np.asarray(self.efficacy, dtype=float)
        if binding.ndim != 2 or binding.shape != efficacy.shape:
            raise ValueError(
                f"efficacy: shape {efficacy.shape}, but binding has {binding.shape}; give both as (odours, receptors)"
            )
        if not np.all((efficacy >= 0) & (efficacy <= 1)):
            raise ValueError(f"efficacy: from {efficacy.min()} to {efficacy.max()}; keep it from 0 to 1")
        if not np.all(binding > 0):
            raise ValueError(f"binding: holds {binding.min()}; C / k must be positive")
        # a frozen dataclass is set up this way
        object.__setattr__(self, "binding", binding)
        object.__setattr__(self, "efficacy", efficacy)

    @property
    def kernel(self):
        """The masking-saturating kernel with this binding."""
        return CompetitiveBinding(self.binding)

    @property
    def parts(self):
        """The responses (n, d) to each odour alone at full concentration, ``e q / (1 + q)``."""
        return self.efficacy * self.binding / (1 + self.binding)

    def __call__(self, weights):
        """The responses (..., d) to odours whose ``weights`` (..., n) share out the full concentration."""
        return self.kernel(weights, self.parts)

    def with_air(self):
        """The same nose with odourless air as a last part, so that an odour can be added to another one."""
        air = np.zeros_like(self.efficacy[:1])
        return Nose(np.concatenate([self.binding, air + HARDLY]), np.concatenate([self.efficacy, air]))


def draw_nose(n_odours, n_receptors, *, decades=1.0, rng=None):
    r"""A nose whose constants are drawn at random: an invention, not a measurement.

    :math:`\log_{10} q \sim N(0, \text{decades}^2)` and :math:`e \sim U(0, 1)`, all independent.

    Parameters
    ----------
    n_odours, n_receptors : int
    decades : float
        How far odours differ in how tightly they bind.
    rng : numpy Generator or int, optional
        By default seed 0.

    Examples
    --------
    >>> from mixlib.domains.smell import draw_nose
    >>> draw_nose(3, 5).parts.shape
    (3, 5)
    """
    rng = generator(rng)
    shape = (n_odours, n_receptors)
    return Nose(10 ** rng.normal(0, decades, shape), rng.random(shape))


def perceived_intensity(first, second, angle):
    r"""How strong two odours smell together, by the vector model.

    .. math:: \sqrt{a^2 + b^2 + 2 a b \cos \alpha}

    Source: Berglund et al. 1973.

    Parameters
    ----------
    first, second : array_like (...)
        How strong each one smells alone, not negative.
    angle : array_like (...)
        The angle of the pair in degrees, from 0 to 180: 0 adds the two, 180 subtracts them.

    Raises
    ------
    ValueError
        If an intensity is negative or an angle lies outside 0 to 180 degrees.

    Examples
    --------
    >>> from mixlib.domains.smell import perceived_intensity
    >>> perceived_intensity(3.0, 4.0, 90.0)
    np.float64(5.0)
    """
    a, b, degrees = (np.asarray(value, dtype=float) for value in (first, second, angle))
    for name, intensity in (("first", a), ("second", b)):
        if not np.all(intensity >= 0):
            raise ValueError(f"{name}: holds {np.min(intensity)}; an intensity is not negative")
    if not np.all((degrees >= 0) & (degrees <= 180)):
        raise ValueError(f"angle: from {np.min(degrees)} to {np.max(degrees)}; give degrees from 0 to 180")
    squared = a**2 + b**2 + 2 * a * b * np.cos(np.deg2rad(degrees))
    return np.sqrt(np.maximum(squared, 0))  # rounding may leave a little less than nothing


def masking_angle(first, second):
    r"""The angle in degrees from which on two odours together smell weaker than the stronger one alone.

    .. math:: \cos \alpha = - \tfrac12 \min(a, b) / \max(a, b)

    It is 120 degrees for odours that are equally strong, and falls to 90 as one of them gets weaker.

    Raises
    ------
    ValueError
        If an intensity is not positive.

    Examples
    --------
    >>> from mixlib.domains.smell import masking_angle
    >>> masking_angle([1.0, 0.5], [1.0, 4.0]).round(1)
    array([120. ,  93.6])
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if not (np.all(a > 0) and np.all(b > 0)):
        raise ValueError(f"first, second: smallest {min(np.min(a), np.min(b))}; both odours must smell")
    return np.rad2deg(np.arccos(-0.5 * np.minimum(a, b) / np.maximum(a, b)))


def counted(nose, weights, *, visits=20_000, rng=None):
    """Responses (d,) of a nose to one mixture, by following one site of each receptor from molecule to molecule.

    An empty site waits for a molecule, of which the more come the higher its share is. The molecule stays for a time of
    its own, the longer the tighter it binds, and the site answers by its efficacy while it does. No formula of a
    mixture is used.

    Parameters
    ----------
    nose : Nose
    weights : array_like (n,)
        On the simplex.
    visits : int, default=20_000
        Molecules that are followed at each receptor; the error falls as one over the root of it.
    rng : numpy Generator or int, optional
        By default seed 0.

    Examples
    --------
    >>> from mixlib.domains.smell import Nose, counted
    >>> nose = Nose(binding=[[9.0], [1.0]], efficacy=[[1.0], [0.0]])
    >>> counted(nose, [0.5, 0.5]).round(2)  # by the formula 0.75
    array([0.75])
    """
    rng = generator(rng)
    weights = np.asarray(weights, dtype=float)
    waits = rng.exponential(1 / weights.sum(), (visits, nose.binding.shape[1]))
    who = rng.choice(len(weights), size=waits.shape, p=weights / weights.sum())
    receptor = np.arange(waits.shape[1])
    stays = rng.exponential(nose.binding[who, receptor])
    return (nose.efficacy[who, receptor] * stays).sum(axis=0) / (waits + stays).sum(axis=0)


def over_dish(fat, partition):
    r"""How much of an odour is in the air over a dish with fat, over what it would be over water.

    .. math:: 1 / (1 - f + f K)

    The recipe stays, so much for 100 mL of dish, and the air takes its share from what is dissolved in water.

    Parameters
    ----------
    fat : array_like (...)
        The share f of the volume, from 0 to 1.
    partition : array_like (...)
        The concentration in fat over that in water, K, positive: 1 changes nothing, more keeps the odour in the dish.

    Raises
    ------
    ValueError
        If a share of fat is not from 0 to 1, or a partition coefficient is not positive.

    Examples
    --------
    >>> from mixlib.domains.smell import over_dish
    >>> over_dish(0.5, [0.01, 1.0, 100.0]).round(3)
    array([1.98, 1.  , 0.02])
    """
    fat, partition = np.asarray(fat, dtype=float), np.asarray(partition, dtype=float)
    if not np.all((fat >= 0) & (fat <= 1)):
        raise ValueError(f"fat: from {np.min(fat)} to {np.max(fat)}; give a share of the volume from 0 to 1")
    if not np.all(partition > 0):
        raise ValueError(f"partition: holds {np.min(partition)}; a ratio of concentrations is positive here")
    return 1 / (1 - fat + fat * partition)


def stevens(activity, exponent):
    """How strong an odour seems at an activity, its concentration over the threshold; 1 at the threshold.

    Source: Stevens 1957; for odours exponents go from 0.2 to 0.8.

    Parameters
    ----------
    activity : array_like (...)
        Odour-activity value, not negative.
    exponent : array_like (...)

    Raises
    ------
    ValueError
        If an activity is negative.

    Examples
    --------
    >>> from mixlib.domains.smell import stevens
    >>> stevens(10.0, [0.2, 0.8]).round(1)
    array([1.6, 6.3])
    """
    activity = np.asarray(activity, dtype=float)
    if not np.all(activity >= 0):
        raise ValueError(f"activity: holds {np.min(activity)}; a concentration over a threshold is not negative")
    return activity ** np.asarray(exponent, dtype=float)


_NOSE = draw_nose(2, 6, rng=2)

DOMAIN = Domain(
    about="two odours at six receptors whose constants are drawn",
    parts=_NOSE.parts,
    weights=np.array([0.5, 0.5]),
    kernel=_NOSE.kernel,
    carrier=Euclidean(),
    points="answers of six receptors",
    unit="of the largest answer",
    known=counted(_NOSE, [0.5, 0.5], visits=100_000),
    tolerance=0.01,
    source="Singh 2019",
    reference="singh2019",
    route="simulation",
)
