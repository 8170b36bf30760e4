"""One-dimensional laws by their quantiles, where the Wasserstein geometry is flat."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj

from mixlib.arrays import finite, floating, generator, native, one_kind, whole
from mixlib.carriers._lengths import length, ratio, unit_of
from mixlib.carriers.base import Carrier, read_fraction, read_vectors, refuse_fraction
from mixlib.simplex import check_weights

__all__ = ["Quantile", "from_density", "to_density"]


@dataclass(frozen=True, kw_only=True)
class Quantile(Carrier):
    r"""One-dimensional laws with the 2-Wasserstein distance.

    A law is an array (..., q) of its quantiles at the levels :math:`(j + \tfrac12) / q`, in ascending order;
    ``k`` laws are (..., k, q). Sorted samples of equal number are such arrays as they stand, and
    :func:`from_density` makes them from a density. In this chart the Wasserstein distance is Euclidean:

    .. math:: W_2^2 = \int_0^1 (Q_a(u) - Q_b(u))^2\, du

    so means and geodesics average quantiles, which is exact for empirical laws.

    Source: Agueh & Carlier 2011; Peyré & Cuturi 2019.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import Quantile
    >>> laws = np.sort(np.array([[0.0, 1.0, 2.0], [13.0, 11.0, 9.0]]))  # two samples
    >>> Quantile().mean(laws, weights=[0.75, 0.25])
    array([2.25, 3.5 , 4.75])
    """

    points: ClassVar[str] = "laws on the line: ascending quantiles at even levels (..., k, q)"
    wrong_name: ClassVar[str] = "linear pool"
    statistic: ClassVar[str] = "variance, over the largest of the points"
    reference: ClassVar[str] = "agueh2011"

    def mean(self, points, weights=None):
        """The Wasserstein barycenter (..., q) of the laws (..., k, q): the weighted mean of quantiles.

        Raises
        ------
        ValueError
            If quantiles descend or are not finite, or weights are off the simplex.
        """
        points = _check_quantiles(points, "points", "(..., k, q)")
        xp = array_namespace(points)
        weights = check_weights(weights, points.shape[-2], like=points)
        return (xp.expand_dims(weights, axis=-2) @ points)[..., 0, :]

    def distance(self, a, b):
        """The 2-Wasserstein distance (...) of two laws (..., q) with the same number of levels."""
        a, b = _check_pair(a, b)
        return length(a - b) / a.shape[-1] ** 0.5

    def geodesic(self, a, b, t):
        """The displacement interpolation ``(1 - t) Q_a + t Q_b``; ``t`` is a number or broadcasts against the batch.

        Raises
        ------
        ValueError
            If quantiles descend there, which may be where ``t`` is below 0 or above 1.
        """
        a, b = _check_pair(a, b)
        xp = array_namespace(a)
        t = read_fraction(t, a)
        found = (1 - t)[..., None] * a + t[..., None] * b
        refuse_fraction(t, xp.any(found[..., 1:] < found[..., :-1], axis=-1), "quantiles descend")
        return found

    def failure(self, mean, points):
        """Variance of the mean over the largest variance of the points; a right mean gives about 1 or less.

        Points that are all single values have no variance: the mean has none (0) or is wrong (infinity).
        """
        mean, points = _check_quantiles(mean, "mean"), _check_quantiles(points, "points", "(..., k, q)")
        one_kind(mean=mean, points=points)
        xp = array_namespace(points)
        unit = unit_of(xp.max(xp.abs(points), axis=(-2, -1)))
        largest = xp.max(xp.var(points / unit[..., None, None], axis=-1), axis=-1)
        return ratio(xp.var(mean / unit[..., None], axis=-1), largest)

    def wrong_mean(self, points, weights=None):
        """Quantiles (..., q) of the linear pool, in which each law stays where it is.

        Source: Stone 1961.
        """
        points = _check_quantiles(points, "points", "(..., k, q)")
        xp, (k, q) = array_namespace(points), points.shape[-2:]
        weights = check_weights(weights, k, like=points)
        batch = np.broadcast_shapes(tuple(weights.shape[:-1]), tuple(points.shape[:-2]))
        masses = xp.reshape(xp.broadcast_to(weights[..., None] / q, (*batch, k, q)), (-1, k * q))
        values = xp.reshape(xp.broadcast_to(points, (*batch, k, q)), (-1, k * q))
        levels, rows = _levels(q, points), []
        for r in range(values.shape[0]):
            order = xp.argsort(values[r, :])
            reached = xp.searchsorted(xp.cumulative_sum(masses[r, :][order]), levels)
            rows.append(values[r, :][order][xp.clip(reached, max=k * q - 1)])
        return xp.reshape(xp.stack(rows), (*batch, q))

    def sample(self, k, d=3, rng=None):
        """Laws by ``d`` quantiles, a few of their widths apart."""
        rng = generator(rng)
        return np.sort(rng.normal(size=(k, d)), axis=-1) + 5 * rng.normal(size=(k, 1))

    def isometry(self, d=3, rng=None):
        """The line is mirrored and shifted."""
        shift = generator(rng).normal()
        return lambda quantiles: shift - quantiles[..., ::-1]


def from_density(grid, density, n_levels=1024):
    r"""Quantiles (..., n_levels) of densities on a grid.

    The density is taken as linear between grid points, so its distribution function is known and inverted exactly.

    Parameters
    ----------
    grid : array (g,)
        Where the density is given, ascending.
    density : array (..., g)
        Not negative; it need not be normalised.
    n_levels : int, default=1024
        How many quantiles; more follow the density more closely.

    Returns
    -------
    array (..., n_levels)
        Quantiles at the levels :math:`(j + \tfrac12) / q`, in ascending order.

    Raises
    ------
    ValueError
        If the grid does not ascend, shapes differ, or a density is negative, not finite or 0 everywhere.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import from_density
    >>> grid = np.array([0.0, 1.0])
    >>> from_density(grid, np.array([1.0, 1.0]), n_levels=4)  # uniform
    array([0.125, 0.375, 0.625, 0.875])
    """
    grid, density = check_grid(grid), native(density, "density")
    if not is_array_api_obj(density) or density.dtype != grid.dtype:
        raise ValueError(f"density: expected an array of the grid's dtype {grid.dtype}, got {type(density).__name__}")
    xp = array_namespace(grid, density)
    if density.ndim < 1 or density.shape[-1] != grid.shape[0]:
        raise ValueError(f"density: shape {tuple(density.shape)} does not end in the grid's length {grid.shape[0]}")
    if bool(xp.any(finite(density, "density") < 0)):
        raise ValueError(f"density: holds a negative value, {xp.min(density).item():.6g}; densities are >= 0")
    steps = grid[1:] - grid[:-1]
    masses = steps * (density[..., 1:] + density[..., :-1]) / 2
    total = xp.sum(masses, axis=-1, keepdims=True)
    if bool(xp.any(total <= 0)):
        raise ValueError("density: a density is 0 everywhere on the grid")
    flat = xp.reshape(density / total, (-1, grid.shape[0]))
    cumulative = xp.cumulative_sum(xp.reshape(masses / total, (-1, steps.shape[0])), axis=-1)
    levels = _levels(n_levels, density)
    rows = [_invert(grid, steps, flat[r, :], cumulative[r, :], levels) for r in range(flat.shape[0])]
    return xp.reshape(xp.stack(rows), (*density.shape[:-1], n_levels))


def to_density(quantiles, grid):
    r"""Densities (..., g) on a grid, from quantiles (..., q).

    Between neighbouring quantiles lies mass ``1 / q``: that fixes the density at their midpoint, and between
    midpoints it is linear. Beyond the outermost midpoints it is 0, so mass of about ``1 / q`` is lost there.

    Parameters
    ----------
    quantiles : array (..., q)
        At the levels :math:`(j + \tfrac12) / q`, in ascending order.
    grid : array (g,)
        Where to give the density, ascending.

    Returns
    -------
    array (..., g)
        The densities.

    Raises
    ------
    ValueError
        If two neighbouring quantiles are equal (an atom has no density), or the grid does not ascend.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import to_density
    >>> to_density(np.array([0.125, 0.375, 0.625, 0.875]), np.array([0.25, 0.5, 0.75]))
    array([1., 1., 1.])
    """
    quantiles, grid = _check_quantiles(quantiles, "quantiles"), check_grid(grid)
    one_kind(quantiles=quantiles, grid=grid)
    xp = array_namespace(quantiles, grid)
    q = quantiles.shape[-1]
    gaps = quantiles[..., 1:] - quantiles[..., :-1]
    if q < 3 or bool(xp.any(gaps <= 0)):
        raise ValueError(
            f"quantiles: a density needs at least 3 distinct quantiles, got {q}"
            + ("; some are equal, and an atom has no density" if q >= 3 else "")
        )
    centres = xp.reshape((quantiles[..., 1:] + quantiles[..., :-1]) / 2, (-1, q - 1))
    heights = xp.reshape(1 / (q * gaps), (-1, q - 1))
    rows = [_interpolate(grid, centres[r, :], heights[r, :]) for r in range(centres.shape[0])]
    return xp.reshape(xp.stack(rows), (*quantiles.shape[:-1], grid.shape[0]))


def _levels(n_levels, like):
    whole(n_levels, "n_levels", 1)
    xp = array_namespace(like)
    return (xp.arange(n_levels, dtype=like.dtype, device=like.device) + 0.5) / n_levels


def _invert(grid, steps, density, cumulative, levels):
    """Solve ``f s + (slope / 2) s**2 = rest`` for the step ``s`` into the cell that holds each level."""
    xp = array_namespace(grid)
    cell = xp.clip(xp.searchsorted(cumulative, levels), max=steps.shape[0] - 1)
    before = xp.concat([xp.zeros_like(cumulative[:1]), cumulative])[cell]
    height, slope, rest = density[cell], (density[cell + 1] - density[cell]) / steps[cell], levels - before
    inside = height**2 + 2 * slope * rest
    speed = height + xp.sqrt(xp.where(inside > 0, inside, xp.zeros_like(inside)))
    step = 2 * rest / xp.where(speed > 0, speed, xp.ones_like(speed))
    return grid[cell] + step


def _interpolate(x, knots, values):
    xp = array_namespace(x)
    right = xp.clip(xp.searchsorted(knots, x), min=1, max=knots.shape[0] - 1)
    part = (x - knots[right - 1]) / (knots[right] - knots[right - 1])
    inner = values[right - 1] + part * (values[right] - values[right - 1])
    return xp.where((x >= knots[0]) & (x <= knots[-1]), inner, xp.zeros_like(inner))


def _check_quantiles(quantiles, name, shape="(..., q)"):
    quantiles = read_vectors(quantiles, name, shape)
    if bool(array_namespace(quantiles).any(quantiles[..., 1:] < quantiles[..., :-1])):
        raise ValueError(f"{name}: quantiles descend somewhere; sort samples along the last axis first")
    return quantiles


def _check_pair(a, b):
    a, b = _check_quantiles(a, "a"), _check_quantiles(b, "b")
    one_kind(a=a, b=b)
    if a.shape[-1] != b.shape[-1]:
        raise ValueError(f"b: has {b.shape[-1]} quantiles where a has {a.shape[-1]}; give both the same levels")
    return a, b


def check_grid(grid):
    grid = floating(grid, "grid")
    xp = array_namespace(grid)
    if grid.ndim != 1 or grid.shape[0] < 2 or not bool(xp.all(grid[1:] > grid[:-1])):
        raise ValueError(f"grid: expected ascending points (g,), g >= 2, got shape {tuple(grid.shape)}; sort them")
    return grid
