"""One kernel, several carriers: averages of two normal laws, as densities on a grid."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from mixlib.carriers.gaussian import Gaussian, linear_pool_moments
from mixlib.carriers.gaussian_pools import fisher_rao_geodesic, logarithmic_pool
from mixlib.carriers.quantile import Quantile, from_density, to_density
from mixlib.instruments.hull import hull_escape
from mixlib.kernels import Linear

GRID = np.linspace(-15, 35, 2001)
N_LEVELS = 65536  # so that hardly any mass is lost in the tails


def as_laws(*laws):
    """Pairs (mean, standard deviation) as points of :class:`mixlib.carriers.Gaussian`: (k, 1) and (k, 1, 1)."""
    means, deviations = np.array(laws, dtype=float).T
    return means[:, None], deviations[:, None, None] ** 2


def normal_density(mean, deviation, grid=GRID):
    """Density of a normal law on the grid."""
    return norm.pdf(grid, mean, deviation)


def averages(first, second, weights=(0.5, 0.5), grid=GRID):
    r"""Average two normal laws with the same weights on four carriers.

    The kernel is linear each time, and only the chart differs: densities (the linear pool), logarithms of densities
    (the logarithmic pool), quantiles (Wasserstein). The Fisher-Rao geometry of normal laws has no flat chart; there
    the average is the point on the geodesic.

    Parameters
    ----------
    first, second : pairs (mean, standard deviation)
    weights : pair
        On the simplex.
    grid : array (g,)
        Wide enough to hold both laws.

    Returns
    -------
    dict of arrays (g,)
        Densities.
    """
    weights, linear = np.asarray(weights, dtype=float), Linear()
    laws = (first, second)
    densities = np.stack([norm.pdf(grid, *law) for law in laws])
    log_densities = np.stack([norm.logpdf(grid, *law) for law in laws])
    means, covariances = as_laws(first, second)
    on_way = fisher_rao_geodesic((means[0], covariances[0]), (means[1], covariances[1]), weights[1])
    return {
        "linear pool": linear(weights, densities),
        "logarithmic pool": normalised(np.exp(linear(weights, log_densities)), grid),
        "Wasserstein": to_density(Quantile().mean(from_density(grid, densities, N_LEVELS), weights), grid),
        "Fisher-Rao": norm.pdf(grid, on_way[0][0], np.sqrt(on_way[1][0, 0])),
    }


def closed_forms(first, second, weights=(0.5, 0.5)):
    """Mean and variance of the four averages by their closed forms, without a grid: a row a carrier.

    The arguments are those of :func:`averages`; the columns are ``mean`` and ``variance``.
    """
    points = means, covariances = as_laws(first, second)
    averaged = {
        "linear pool": linear_pool_moments(points, weights),
        "logarithmic pool": logarithmic_pool(points, weights),
        "Wasserstein": Gaussian().mean(points, weights),
        "Fisher-Rao": fisher_rao_geodesic((means[0], covariances[0]), (means[1], covariances[1]), weights[1]),
    }
    rows = {name: (mean.item(), variance.item()) for name, (mean, variance) in averaged.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "variance"])


def describe(densities, first, second, grid=GRID):
    """A table of densities that average two normal laws: mean, variance, modes, failure statistic, hull escape.

    ``failure`` is the variance over the larger of both laws'. ``escape`` is the distance from the convex hull of both
    laws in the chart of densities, over the distance of the laws.
    """
    parents = np.stack([norm.pdf(grid, *law) for law in (first, second)])
    rows = {}
    for name, density in densities.items():
        mean, variance = moments(density, grid)
        escape = float(hull_escape(density, parents, tolerance=1e-9).distance)
        rows[name] = (mean, variance, count_modes(density), variance / max(first[1], second[1]) ** 2, escape)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "variance", "modes", "failure", "escape"])


def compare(densities, target, grid=GRID):
    """A table of densities that should all be one and the same: mean, variance, modes, error.

    ``error`` is the total variation gap to the density ``target``. The densities need not be normalised.
    """
    rows, step = {}, grid[1] - grid[0]
    for name, density in densities.items():
        density = density / density.sum() / step
        error = total_variation_gap(density, target, grid)
        rows[name] = (*moments(density, grid), count_modes(density), error)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "variance", "modes", "error"])


def moments(density, grid=GRID):
    """Mean and variance of a density on an even grid."""
    mass = density / density.sum()
    mean = mass @ grid
    return float(mean), float(mass @ (grid - mean) ** 2)


def count_modes(density, floor=1e-3):
    """How many separate peaks rise above ``floor`` times the highest; a flat top counts once."""
    levels = density[np.concatenate([[True], np.diff(density) != 0])]
    inner = np.concatenate([[0.0], levels, [0.0]])
    peaks = (inner[1:-1] > inner[:-2]) & (inner[1:-1] > inner[2:]) & (levels > floor * density.max())
    return int(peaks.sum())


def total_variation_gap(density, other, grid=GRID):
    """The integral of the absolute difference of two densities: 0 for equal ones, 2 for disjoint ones."""
    return float(np.abs(density - other).sum() * (grid[1] - grid[0]))


def normalised(density, grid=GRID):
    """The density over its integral on an even grid."""
    return density / (density.sum() * (grid[1] - grid[0]))


def ellipse(law, points=60):
    """The curve (points, 2) of one standard deviation around a Gaussian law in the plane."""
    mean, covariance = law
    angle = np.linspace(0, 2 * np.pi, points)
    return mean + np.stack([np.cos(angle), np.sin(angle)], axis=-1) @ np.linalg.cholesky(covariance).T


def typicality(first, second, grid=GRID):
    """In which ways the means of two normal laws are typical of both: a row a mean.

    ``way`` is the larger W2 distance to one of the laws over the distance of both, which is 1/2 in the middle;
    ``width`` the variance over the larger of both laws'; ``loss`` what is lost, in nats, when the mean forecasts a
    draw from one of the laws, chosen by chance, over the law itself.
    """
    closed = closed_forms(first, second)
    means = {name: norm.pdf(grid, mean, variance**0.5) for name, (mean, variance) in closed.T.items()}
    means["linear pool"] = averages(first, second, grid=grid)["linear pool"]
    laws = np.stack([norm.pdf(grid, *law) for law in (first, second)])
    ends, rows = from_density(grid, laws, N_LEVELS), {}
    for name, density in means.items():
        ways = Quantile().distance(from_density(grid, density, N_LEVELS), ends) / Quantile().distance(*ends)
        with np.errstate(divide="ignore"):
            lost = laws * (np.log(laws) - np.log(density))
        loss = np.where(laws > 0, lost, 0.0).sum(axis=1).mean() * (grid[1] - grid[0])
        rows[name] = (ways.max(), closed.loc[name, "variance"] / max(first[1], second[1]) ** 2, loss)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["way", "width", "loss"])
