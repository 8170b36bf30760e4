"""What a law is halfway between two snapshots of a process, and which mean of the snapshots comes near it.

The processes are known, and none of them is a mean: a particle that is drawn to a new place (Ornstein and Uhlenbeck),
and a population of two kinds that turn into each other at constant rates.
"""

import numpy as np
from scipy.stats import norm

from mixbook.studies.carriers.wasserstein import total_variation_gap
from mixlib.arrays import generator
from mixlib.carriers import Quantile, from_density, to_density

GRID = np.linspace(-10, 22, 1601)
LEVELS = 8192
MEANS = ("Wasserstein", "linear", "logarithmic")


def drawn_to_a_place(rng):
    """Snapshots and the law halfway of a particle near 0 that is drawn to a place 6 to 12 units away."""
    place, width, rest, pull = rng.uniform((6, 0.5, 0.5, 0.5), (12, 1.5, 1.5, 2.0))

    def law(time):
        left = np.exp(-pull * time)
        return place * (1 - left), np.sqrt(width**2 * left**2 + rest**2 * (1 - left**2))

    return [[(1.0, *law(time))] for time in (0, 1)], [(1.0, *law(0.5))]


def kinds_in_exchange(rng):
    """Snapshots and the law halfway of two kinds, 6 to 12 units apart, whose shares relax to a balance."""
    apart, width, start, balance, rate = rng.uniform((6, 0.5, 0.8, 0.1, 0.5), (12, 1.5, 1.0, 0.4, 2.0))

    def law(time):
        share = balance + (start - balance) * np.exp(-rate * time)
        return [(share, 0.0, width), (1 - share, apart, width)]

    return [law(time) for time in (0, 1)], law(0.5)


PROCESSES = {"drawn to a place": drawn_to_a_place, "kinds in exchange": kinds_in_exchange}


def errors(process, cases, seed):
    """How far the Wasserstein mean, the linear and the logarithmic pool are from the law halfway.

    Returns two dicts by the name of the mean, of arrays (cases,): the integral of the absolute difference of densities,
    and the Wasserstein-1 distance.
    """
    rng, densities, distances = generator(seed), {}, {}
    for _ in range(cases):
        (first, last), middle = PROCESSES[process](rng)
        first, last, middle = (density(parts) for parts in (first, last, middle))
        for name, found in means(first, last).items():
            densities.setdefault(name, []).append(total_variation_gap(found, middle, GRID))
            distances.setdefault(name, []).append(earth_mover(found, middle))
    return tuple({name: np.array(values) for name, values in one.items()} for one in (densities, distances))


def density(parts):
    """The density on the grid of a mixture of normal laws, given as (share, mean, standard deviation)."""
    return sum(share * norm.pdf(GRID, mean, deviation) for share, mean, deviation in parts)


def means(first, last):
    """The density halfway between two others by each of ``MEANS``."""
    pair = np.stack([first, last])
    product = np.sqrt(first * last)
    found = to_density(Quantile().mean(from_density(GRID, pair, LEVELS), (0.5, 0.5)), GRID)
    return dict(zip(MEANS, (found, pair.mean(axis=0), product / product.sum() / (GRID[1] - GRID[0])), strict=True))


def earth_mover(density, other):
    """The Wasserstein-1 distance of two densities on the grid: the area between their cumulative curves."""
    step = GRID[1] - GRID[0]
    return float(np.abs(np.cumsum(density - other)).sum() * step * step)
