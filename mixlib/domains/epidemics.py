"""Epidemics: an outbreak that no single person has, as the order parameter of a mixed population."""

import numpy as np
from scipy.special import lambertw

MEASLES = 15.0  # people whom one case infects where nobody is immune: the middle of the 12 to 18 in Guerra et al. 2017
MEASLES_RANGE = (12.0, 18.0)
EFFECTIVENESS = {1: 0.93, 2: 0.97}  # of one and two doses of measles vaccine (McLean et al. 2013)


def final_size(reproduction):
    r"""Share of the susceptible people whom an outbreak reaches in the end.

    .. math:: z = 1 - e^{-R z}, \qquad z = 1 + W_0(-R e^{-R}) / R

    The largest root, 0 up to :math:`R = 1`.

    Source: Kermack & McKendrick 1927.

    Parameters
    ----------
    reproduction : array
        Mean number R >= 0 of people whom a case infects at the beginning.

    Raises
    ------
    ValueError
        If a number is negative.

    Examples
    --------
    >>> from mixlib.domains.epidemics import final_size
    >>> final_size([0.9, 1.5, 15.0]).round(3)
    array([0.   , 0.583, 1.   ])
    """
    reproduction = np.asarray(reproduction, dtype=float)
    if np.any(reproduction < 0):
        raise ValueError(f"reproduction: holds {reproduction.min():.6g}; a number of infected people is at least 0")
    above = np.maximum(reproduction, 1.0)
    return np.where(reproduction > 1, 1 + lambertw(-above * np.exp(-above)).real / above, 0.0)


def coverage_needed(reproduction, effectiveness):
    """Share to vaccinate so that outbreaks die out, ``(1 - 1 / R) / effectiveness``; above 1 where none is enough.

    Examples
    --------
    >>> from mixlib.domains.epidemics import coverage_needed
    >>> print(f"{coverage_needed(15.0, 0.97):.3f}")
    0.962
    """
    return (1 - 1 / np.asarray(reproduction)) / effectiveness


def final_size_of_towns(coverage, sizes, *, reproduction, effectiveness, apart):
    r"""Outbreak in towns whose people meet more within their town than between towns.

    A person's contacts are in the own town with probability ``apart``, else with anybody at random:
    :math:`s_i = 1 - e \, v_i` is a town's susceptible share and
    :math:`z_i = 1 - \exp\bigl(-R \sum_j C_{ij} s_j z_j\bigr)` the share of them that is reached.

    Parameters
    ----------
    coverage, sizes : array_like (n,)
        Vaccinated share of each town, and its share of all people.
    reproduction, effectiveness : float
    apart : float
        0: all people mix at random; 1: the towns never meet.

    Returns
    -------
    array (n,)
        Share of each town's susceptible people that is reached.

    Raises
    ------
    ValueError
        If shares are off [0, 1] or the sizes do not sum to 1.

    Examples
    --------
    >>> from mixlib.domains.epidemics import final_size_of_towns
    >>> final_size_of_towns([0.9, 0.5], [0.5, 0.5], reproduction=15.0, effectiveness=0.97, apart=1.0).round(3)
    array([0.769, 1.   ])
    """
    coverage, sizes = np.asarray(coverage, dtype=float), np.asarray(sizes, dtype=float)
    for name, values in (("coverage", coverage), ("effectiveness", effectiveness), ("apart", apart)):
        if np.any(np.asarray(values) < 0) or np.any(np.asarray(values) > 1):
            raise ValueError(f"{name}: got {values}; expected shares from 0 to 1")
    if not np.isclose(sizes.sum(), 1):
        raise ValueError(f"sizes: sum to {sizes.sum():.6g}; give each town's share of all people")
    susceptible = 1 - effectiveness * coverage
    contacts = apart * np.eye(len(sizes)) + (1 - apart) * sizes
    reached = np.ones(len(sizes))
    for _ in range(10_000):  # falls monotonically to the largest solution
        before, reached = reached, 1 - np.exp(-reproduction * contacts @ (susceptible * reached))
        if np.abs(reached - before).max() < 1e-12:
            break
    return reached
