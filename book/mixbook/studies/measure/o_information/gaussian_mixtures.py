"""Gaussian mixtures whose components have independent coordinates: Omega by quadrature, in bits.

The density is a sum of products, so its entropies are sums over a grid; for sums of Gaussians the trapezoid rule is
exact to many digits.
"""

from itertools import product

import numpy as np
import pandas as pd

from mixlib.arrays import generator

REACH = 7  # standard deviations that the grid goes beyond the outermost mean
STEP = 0.45  # of the grid, in standard deviations: coarser than that the entropies lose digits


def placements(distance):
    """Three ways to place components in three dimensions, this far apart along each axis: means (k, 3) by name."""
    corners = np.array(list(product((0.0, distance), repeat=3)))
    even = corners[(corners.sum(axis=1) / distance).round() % 2 == 0]
    return {"two, along the diagonal": corners[[0, -1]], "four, on alternate corners of a cube": even,
            "eight, on all corners": corners}  # fmt: skip


def measure(means):
    """TC, DTC and Omega of an even mixture of Gaussians with these means (k, n) and the identity as covariance."""
    means = np.asarray(means, float)
    grid = np.arange(means.min() - REACH, means.max() + REACH, STEP)
    heights = np.exp(-0.5 * (grid - means[..., None]) ** 2) * STEP / np.sqrt(2 * np.pi)  # (k, n, grid)
    everything = range(means.shape[1])
    total = _entropy(heights)
    alone = [_entropy(heights[:, [i]]) for i in everything]
    without = [_entropy(heights[:, [j for j in everything if j != i]]) for i in everything]
    tc, dtc = sum(alone) - total, sum(without) - (len(alone) - 1) * total
    return tc, dtc, tc - dtc


def over_distance(distances):
    """The three placements at each distance of neighbouring means. Columns ``placement``, ``distance``, ``omega``."""
    rows = [(name, d, measure(means)[2]) for d in distances for name, means in placements(d).items()]
    return pd.DataFrame(rows, columns=["placement", "distance", "omega"])


def scattered(components, instances, *, spread=2.5, rng=None):
    """Omega (instances,) of mixtures whose means are drawn from a normal law of this spread, in three dimensions."""
    rng = generator(rng)
    return np.array([measure(rng.normal(scale=spread, size=(components, 3)))[2] for _ in range(instances)])


def independent_variables(instances, *, rng=None):
    """TC and DTC (instances, 2) of three independent variables, each a mixture of two Gaussians of its own."""
    rng = generator(rng)
    sides = rng.normal(scale=2.5, size=(instances, 3, 2))
    # all combinations of the variables' components: the joint law of independent mixtures
    return np.array([measure(list(product(*three)))[:2] for three in sides])


def _entropy(heights):
    """The entropy in bits of an even mixture on a grid; cells of equal size shift it by what cancels in TC and DTC."""
    letters = "abc"[: heights.shape[1]]
    terms = ",".join(f"z{letter}" for letter in letters)
    cells = np.einsum(f"{terms}->{letters}", *np.swapaxes(heights, 0, 1)) / len(heights)
    return -np.sum(cells * np.log2(np.where(cells > 0, cells, 1)))
