"""Pictures and other masses in place: means of two, how near they come to both, and which power mean they are."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from mixbook.studies.carriers.wasserstein import GRID, normalised
from mixlib.arrays import generator
from mixlib.carriers.discrete_measure import Atoms, DiscreteMeasure
from mixlib.carriers.gaussian import Gaussian, GaussianPoints, linear_pool_moments
from mixlib.carriers.gaussian_pools import fisher_rao_geodesic, logarithmic_pool
from mixlib.carriers.histograms import wasserstein_barycenter
from mixlib.carriers.quantile import Quantile, from_density
from mixlib.kernels import Linear

CENTRES = ((-0.42, -0.42), (0.42, 0.42))


def shapes(pixels=40, centres=CENTRES):
    """A heart and a ring at two centres, lower left and upper right, two pictures of mass 1: (2, pixels, pixels)."""
    y, x = np.mgrid[1 : -1 : pixels * 1j, -1 : 1 : pixels * 1j]
    (left, low), (right, high) = centres
    u, v = (x - left) / 0.42, (y - low) / 0.42
    heart = (u**2 + v**2 - 1) ** 3 < u**2 * v**3
    radius = np.hypot(x - right, y - high)
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


def nearness(draws, rng=None):
    """How near means of two random points come, over draws: a row a draw, system and mean.

    ``cost`` is the sum of squared W2 distances to both over that of the barycenter, ``way`` the larger distance to one
    over the distance of both. Pictures are a heart and a ring at random places, and each inked pixel is an atom; laws
    on the line are mixtures of two normal laws; clouds are of atoms in the plane.
    """
    rng, rows = generator(rng), []
    for draw in range(draws):
        centres = rng.normal(scale=4, size=(2, 2))
        densities = np.stack(
            [norm.pdf(GRID[:, None], row + 10, rng.uniform(0.5, 2, 2)).mean(axis=1) for row in centres]
        )
        laws = from_density(GRID, densities)
        pooled = {"average": densities.mean(axis=0), "logarithmic pool": normalised(np.sqrt(densities.prod(0)), GRID)}
        means = {name: from_density(GRID, density) for name, density in pooled.items()}
        rows += _near(Quantile(), laws, means, ("laws on the line", draw))
        clouds = Atoms(rng.normal(size=(2, 8, 2)) + rng.normal(scale=2, size=(2, 1, 2)), np.full((2, 8), 1 / 8))
        pool = DiscreteMeasure().wrong_mean(clouds)
        rows += _near(DiscreteMeasure(), clouds, {"average": pool}, ("clouds in the plane", draw))
        drawn = as_atoms(shapes(20, rng.uniform(-0.45, 0.45, size=(2, 2))))
        pool = DiscreteMeasure().wrong_mean(drawn)
        a, b = (Atoms(drawn.positions[i], drawn.masses[i]) for i in (0, 1))
        middle = DiscreteMeasure().geodesic(a, b, 0.5)  # the mean has as many atoms as a picture, and may need more
        rows += _near(DiscreteMeasure(), drawn, {"average": pool}, ("pictures", draw), middle)
    return pd.DataFrame(rows, columns=["system", "draw", "mean", "cost", "way"])


def as_atoms(pictures):
    """Two pictures as discrete measures, an atom each inked pixel, and atoms of no mass where one has fewer."""
    inked = [np.argwhere(picture) for picture in pictures]
    positions, masses = np.zeros((2, max(map(len, inked)), 2)), np.zeros((2, max(map(len, inked))))
    for i, places in enumerate(inked):
        positions[i, : len(places)] = places
        masses[i, : len(places)] = pictures[i][tuple(places.T)]
    return Atoms(positions, masses)


def _near(carrier, points, means, label, middle=None):
    a, b = (Atoms(points[0][i], points[1][i]) if isinstance(points, Atoms) else points[i] for i in (0, 1))
    whole, rows = carrier.distance(a, b), []
    middle = carrier.mean(points) if middle is None else middle
    best = [carrier.distance(middle, end) for end in (a, b)]
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
