"""The Wasserstein barycenter of densities on one grid of the line, without a choice of levels."""

import numpy as np
from array_api_compat import array_namespace

from mixlib.arrays import finite, floating, one_kind
from mixlib.carriers.quantile import check_grid
from mixlib.compiled import compiled
from mixlib.simplex import check_weights

PATIENCE = 2**19  # entries of densities that are mixed without a compiler, in some tenths of a second


def density_barycenter(grid, densities, weights=None):
    r"""The 2-Wasserstein barycenter (..., g) of densities (..., k, g) on a grid.

    Where the laws' quantiles at level :math:`u` are :math:`Q_i(u)`, the barycenter's density is

    .. math:: f\Bigl(\sum_i w_i Q_i(u)\Bigr) = \Bigl(\sum_i \frac{w_i}{f_i(Q_i(u))}\Bigr)^{-1}

    It is computed at the levels of all grid points of all laws, tails included, and is linear in between. Densities
    are taken as linear between grid points, as by :func:`from_density`, which with :class:`Quantile` and
    :func:`to_density` leads to the same by way of equally many quantiles of each law.

    Parameters
    ----------
    grid : array (g,)
        Where the densities are given, ascending.
    densities : array (..., k, g)
        Not negative; they need not be normalised.
    weights : array_like (..., k), default=None
        On the simplex; None means ``1 / k`` each.

    Returns
    -------
    array (..., g)
        The barycenter's density on the grid; its integral is 1 as far as the grid resolves it.

    Raises
    ------
    ValueError
        If the grid does not ascend, shapes differ, a density is negative, not finite or 0 everywhere, or weights are
        off the simplex.

    Notes
    -----
    Source: Agueh & Carlier 2011. Many or large inputs of float64 in NumPy are computed by compiled code.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import density_barycenter
    >>> grid = np.linspace(0, 4, 5)
    >>> density_barycenter(grid, np.array([[0.0, 1, 0, 0, 0], [0.0, 0, 0, 1, 0]])).round(9)  # two triangles
    array([0., 0., 1., 0., 0.])
    """
    plain = _is_plain(grid) and _is_plain(densities) and densities.ndim > 1 and densities.size > 0
    if plain and densities.shape[-1] == grid.shape[0] > 1 and _sweep.is_worth(densities.size):
        mixed = _compiled(grid, densities, weights)
        if mixed is not None:
            return mixed
    grid = check_grid(grid)
    densities = floating(densities, "densities")
    one_kind(grid=grid, densities=densities)
    xp = array_namespace(grid, densities)
    if densities.ndim < 2 or densities.shape[-1] != grid.shape[0] or densities.dtype != grid.dtype:
        raise ValueError(
            f"densities: expected shape (..., k, {grid.shape[0]}) and the grid's dtype {grid.dtype}, "
            f"got {tuple(densities.shape)} of {densities.dtype}"
        )
    if bool(xp.any(finite(densities, "densities") < 0)):
        raise ValueError(f"densities: holds a negative value, {xp.min(densities).item():.6g}; densities are >= 0")
    weights = check_weights(weights, densities.shape[-2], like=densities)
    steps = grid[1:] - grid[:-1]
    masses = steps * (densities[..., 1:] + densities[..., :-1]) / 2
    total = xp.sum(masses, axis=-1, keepdims=True)
    if bool(xp.any(total <= 0)):
        raise ValueError("densities: a density is 0 everywhere on the grid")
    flat, weights, batch = _problems(xp, densities / total, weights)
    rows = [_merge(xp, grid, steps, flat[r, :, :], weights[r, :]) for r in range(flat.shape[0])]
    return xp.reshape(xp.stack(rows), (*batch, grid.shape[0]))


def _merge(xp, grid, steps, densities, weights):
    """The barycenter of one problem: its density at all levels of all laws, and from there on the grid."""
    masses = steps * (densities[:, 1:] + densities[:, :-1]) / 2
    reached = xp.cumulative_sum(masses, axis=-1, include_initial=True)
    reached = reached / reached[:, -1:]
    levels = xp.sort(xp.reshape(reached, (-1,)))
    # a level that comes again may be a gap in a law: first its near side, then its far side
    again = xp.concat([levels[:1] < 0, levels[1:] == levels[:-1]])
    asked = xp.where(again, xp.nextafter(levels, 2 * xp.ones_like(levels)), levels)
    knots, pace = xp.zeros_like(levels), xp.zeros_like(levels)
    for i in range(densities.shape[0]):
        at, height = _quantiles(xp, grid, steps, densities[i, :], reached[i, :], levels, asked)
        knots, pace = knots + weights[i] * at, pace + weights[i] / height
    values = 1 / pace
    right = xp.searchsorted(knots[1:-1], grid) + 1
    width = knots[right] - knots[right - 1]
    part = (grid - knots[right - 1]) / xp.where(width > 0, width, xp.ones_like(width))
    part = xp.clip(part, min=0, max=1)
    return values[right - 1] + part * (values[right] - values[right - 1])


def _quantiles(xp, grid, steps, density, reached, levels, asked):
    """Quantiles of one law and its density there, which is kept above 0."""
    cell = xp.searchsorted(reached[1:-1], asked)
    mass, rest = (reached[1:] - reached[:-1])[cell], levels - reached[:-1][cell]
    low, high, step = density[cell], density[cell + 1], steps[cell]
    inside = low**2 + 2 * (high - low) / step * rest
    height = xp.sqrt(xp.where(inside > 0, inside, xp.zeros_like(inside)))
    speed = low + height
    at = grid[cell] + 2 * rest / xp.where(speed > 0, speed, xp.ones_like(speed))
    end = rest >= mass
    at, height = xp.where(end, grid[cell + 1], at), xp.where(end, high, height)
    return at, xp.clip(height, min=xp.finfo(height.dtype).smallest_normal)


def _problems(xp, densities, weights):
    """Densities (n, k, g) and weights (n, k) of all problems of a batch, and its shape."""
    k, g = densities.shape[-2:]
    batch = np.broadcast_shapes(tuple(weights.shape[:-1]), tuple(densities.shape[:-2]))
    densities = xp.reshape(xp.broadcast_to(densities, (*batch, k, g)), (-1, k, g))
    return densities, xp.reshape(xp.broadcast_to(weights, (*batch, k)), (-1, k)), batch


def _is_plain(array):
    return type(array) is np.ndarray and array.dtype == np.float64 and array.dtype.isnative and array.ndim > 0


def _compiled(grid, densities, weights):
    """The same by compiled code, or None where something is wrong with the input."""
    weights = check_weights(weights, densities.shape[-2], like=densities)
    if densities.ndim == 2 and weights.ndim == 1:
        flat, rows, batch = densities[None], weights[None], ()
    else:
        flat, rows, batch = _problems(np, densities, weights)
    mixed, fine = _sweep(np.ascontiguousarray(grid), np.ascontiguousarray(flat), np.ascontiguousarray(rows))
    return mixed.reshape(*batch, -1) if fine else None


@compiled(patience=PATIENCE)
def _sweep(grid, densities, weights):
    """Barycenters (n, g) of densities (n, k, g), and whether the input is what it should be."""
    n, k, g = densities.shape
    mixed, reached, cell = np.empty((n, g)), np.empty((k, g)), np.empty(k, dtype=np.int64)
    totals, tiny = np.empty(k), 2.2250738585072014e-308
    for j in range(1, g):
        if not grid[j] > grid[j - 1]:
            return mixed, False
    for r in range(n):
        for i in range(k):
            total = 0.0
            reached[i, 0] = 0.0
            for j in range(g):
                if not 0.0 <= densities[r, i, j] < np.inf:
                    return mixed, False
                if j:
                    total += (grid[j] - grid[j - 1]) * (densities[r, i, j] + densities[r, i, j - 1]) / 2
                    reached[i, j] = total
            if not 0.0 < total < np.inf:
                return mixed, False
            totals[i], cell[i] = total, 0
            for j in range(g):
                reached[i, j] /= total
        level, before, value, point, first = 0.0, 0.0, 0.0, 0, True
        while True:
            at, pace = 0.0, 0.0
            for i in range(k):
                c = cell[i]
                start, low = reached[i, c], densities[r, i, c] / totals[i]
                if first:
                    x, height = grid[c], low
                elif level >= reached[i, c + 1]:
                    x, height = grid[c + 1], densities[r, i, c + 1] / totals[i]
                else:
                    high, rest = densities[r, i, c + 1] / totals[i], level - start
                    inside = low * low + 2 * (high - low) / (grid[c + 1] - grid[c]) * rest
                    height = np.sqrt(max(inside, 0.0))
                    x = grid[c] + (2 * rest / (low + height) if low + height > 0 else 0.0)
                at += weights[r, i] * x
                pace += weights[r, i] / max(height, tiny)
            now = 1 / pace
            if first:  # nothing is passed yet: the same level again, at which a law may begin with a gap
                before, value, first = at, now, False
                continue
            while point < g and grid[point] <= at:
                part = (grid[point] - before) / (at - before) if at > before else 0.0
                mixed[r, point] = value + min(max(part, 0.0), 1.0) * (now - value)
                point += 1
            before, value, following, ended = at, now, np.inf, True
            for i in range(k):
                if cell[i] < g - 2:
                    ended = False
                    if reached[i, cell[i] + 1] <= level:
                        cell[i] += 1
                elif reached[i, g - 1] > level:
                    ended = False
                following = min(following, reached[i, cell[i] + 1])
            if ended:
                break
            level = max(level, following)
        while point < g:  # by a rounding step beyond the last knot
            mixed[r, point] = value
            point += 1
    return mixed, True
