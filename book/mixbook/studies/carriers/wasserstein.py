"""One kernel, several carriers: averages of two normal laws, as densities on a grid."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from mixlib.arrays import generator
from mixlib.carriers.discrete_measure import Atoms, DiscreteMeasure
from mixlib.carriers.gaussian import Gaussian, GaussianPoints, linear_pool_moments
from mixlib.carriers.gaussian_pools import fisher_rao_geodesic, logarithmic_pool
from mixlib.carriers.histograms import wasserstein_barycenter
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
        "logarithmic pool": _normalised(np.exp(linear(weights, log_densities)), grid),
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


def _normalised(density, grid):
    return density / (density.sum() * (grid[1] - grid[0]))


def shapes(pixels=40):
    """A heart at the lower left and a ring at the upper right, two pictures of mass 1: (2, pixels, pixels)."""
    y, x = np.mgrid[1 : -1 : pixels * 1j, -1 : 1 : pixels * 1j]
    u, v = (x + 0.42) / 0.42, (y + 0.42) / 0.42
    heart = (u**2 + v**2 - 1) ** 3 < u**2 * v**3
    radius = np.hypot(x - 0.42, y - 0.42)
    ring = (radius < 0.5) & (radius > 0.3)
    drawn = np.stack([heart, ring]).astype(float)
    return drawn / drawn.sum(axis=(1, 2), keepdims=True)


def picture_means(pictures, shares, reg=3.0):
    """Means of two pictures by three rules, for every share of the second: a dict of arrays (shares, n, n)."""
    ways = [[1 - share, share] for share in shares]
    rules = {
        "average": lambda w: Linear()(np.array(w, dtype=float), pictures.reshape(2, -1)).reshape(pictures.shape[1:])
    }
    for name, method in (("transport, blurred", "sinkhorn"), ("transport, debiased", "debiased")):
        rules[name] = lambda w, method=method: wasserstein_barycenter(pictures, w, method, reg, tolerance=1e-3)
    return {name: np.stack([rule(w) for w in ways]) for name, rule in rules.items()}


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


def nearness(draws, rng=None):
    """How near means of two random points come, over draws: a row a draw, system and mean.

    ``cost`` is the sum of squared W2 distances to both over that of the barycenter, ``way`` the larger distance to one
    over the distance of both. Laws on the line are mixtures of two normal laws; clouds are of atoms in the plane.
    """
    rng, rows = generator(rng), []
    for draw in range(draws):
        centres = rng.normal(scale=4, size=(2, 2))
        densities = np.stack(
            [norm.pdf(GRID[:, None], row + 10, rng.uniform(0.5, 2, 2)).mean(axis=1) for row in centres]
        )
        laws = from_density(GRID, densities)
        pooled = {"average": densities.mean(axis=0), "logarithmic pool": _normalised(np.sqrt(densities.prod(0)), GRID)}
        means = {name: from_density(GRID, density) for name, density in pooled.items()}
        rows += _near(Quantile(), laws, means, ("laws on the line", draw))
        clouds = Atoms(rng.normal(size=(2, 8, 2)) + rng.normal(scale=2, size=(2, 1, 2)), np.full((2, 8), 1 / 8))
        pool = DiscreteMeasure().wrong_mean(clouds)
        rows += _near(DiscreteMeasure(), clouds, {"average": pool}, ("clouds in the plane", draw))
    return pd.DataFrame(rows, columns=["system", "draw", "mean", "cost", "way"])


def _near(carrier, points, means, label):
    a, b = (Atoms(points[0][i], points[1][i]) if isinstance(points, Atoms) else points[i] for i in (0, 1))
    whole, rows = carrier.distance(a, b), []
    best = [carrier.distance(carrier.mean(points), end) for end in (a, b)]
    for name, mean in {"barycenter": None, **means}.items():
        ways = best if mean is None else [carrier.distance(mean, end) for end in (a, b)]
        rows.append((*label, name, np.square(ways).sum() / np.square(best).sum(), max(ways) / whole))
    return rows


def exponent(mean, a, b):
    """The exponent of the power mean of ``a`` and ``b`` that is ``mean``: 1 the arithmetic one, 0 the geometric one."""
    low, high = -50.0, 50.0
    for _ in range(80):
        middle = (low + high) / 2
        power = np.sqrt(a * b) if abs(middle) < 1e-12 else ((a**middle + b**middle) / 2) ** (1 / middle)
        low, high = (middle, high) if power < mean else (low, middle)
    return (low + high) / 2


def exponents(pairs):
    """For pairs of variances (n, 2), the exponent of every mean of two centred normal laws: a column a mean."""
    rows = []
    for a, b in pairs:
        laws = GaussianPoints(np.zeros((2, 1)), np.array([[[a]], [[b]]]))
        ends = [GaussianPoints(laws.means[i], laws.covariances[i]) for i in (0, 1)]
        found = {
            "linear pool": linear_pool_moments(laws),
            "Wasserstein": Gaussian().mean(laws),
            "Fisher-Rao": fisher_rao_geodesic(*ends, 0.5),
            "logarithmic pool": logarithmic_pool(laws),
        }
        rows.append({name: exponent(variance.item(), a, b) for name, (_, variance) in found.items()})
    return pd.DataFrame(rows)


def means_of_numbers(pairs, scale=None):
    """The barycenter of two laws that sit at positive numbers (n, 2), with places measured on a ``scale`` of those."""
    to, back = (np.log, np.exp) if scale == "logarithmic" else (np.asarray, np.asarray)
    sitting = Atoms(to(np.asarray(pairs, dtype=float))[..., None, None], np.ones((*np.shape(pairs), 1)))
    return back(DiscreteMeasure().mean(sitting).positions[..., 0, 0])
