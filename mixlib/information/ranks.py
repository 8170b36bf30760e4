"""Ranks to standard normal quantiles: what is left of samples once every column's own distribution is taken away."""

import numpy as np
from array_api_compat import array_namespace, is_torch_array
from scipy.special import ndtri

from mixlib.arrays import generator, numbers


def normal_scores(table, *, rng=None):
    r"""Replace each column's values by the standard normal quantiles of their ranks.

    .. math:: z_t = \Phi^{-1}\!\left(\frac{\operatorname{rank}(x_t) - 1/2}{T}\right)

    Columns are treated one by one, so any increasing transform of a column leaves the result as it is, to the last
    bit, and a decreasing one flips its sign. Equal values get the mean of their ranks and hence equal scores: a
    column of few values keeps as many, and is not normal afterwards. With ``rng``, ties are broken at random instead:
    every column then has the same normal scores, and no information is lost, since the value can be told from its
    score.

    Source: Hazen's plotting position, as in any text on rank-based normal scores.

    Parameters
    ----------
    table : array (..., T, N)
        One row a sample. NumPy array or torch tensor (no gradients flow).
    rng : numpy Generator or int, optional
        Breaks ties.

    Returns
    -------
    array (..., T, N)
        Of the same kind; floating, float64 for integers.

    Raises
    ------
    ValueError
        If there are fewer than two axes or a value is NaN.
    """
    if is_torch_array(table):
        xp = array_namespace(table)
        scores = xp.asarray(normal_scores(numbers(table, "table"), rng=rng), device=table.device)
        return xp.astype(scores, table.dtype) if xp.isdtype(table.dtype, "real floating") else scores
    table = np.asarray(table)
    if table.ndim < 2:
        raise ValueError(f"table: expected shape (..., T, N), one row a sample, got {table.shape}; add an axis")
    if np.isnan(table).any():
        raise ValueError(f"table: holds NaN, which has no rank, shape {table.shape}; drop or fill such rows")
    if rng is None:
        scores = _by_rank(table, lambda ranks: _quantiles(ranks, table.shape[-2]))
    else:
        noise = generator(rng).random(table.shape)
        ranks = np.argsort(np.lexsort((noise, table), axis=-2), axis=-2) + 1
        scores = _quantiles(ranks, table.shape[-2])
    return scores.astype(table.dtype) if table.dtype.kind == "f" else scores


def mean_ranks(table):
    """Ranks from 1 within each column (..., T, N); equal values share the mean of theirs."""
    return _by_rank(table, lambda ranks: ranks)


def _quantiles(ranks, size):
    return ndtri((ranks - 0.5) / size)


def _by_rank(table, function):
    """What ``function`` makes of the mean ranks; without ties of the ranks from 1 to T once, for all columns."""
    columns = np.ascontiguousarray(np.moveaxis(table, -2, -1))
    order = np.argsort(columns, axis=-1)
    ordered = np.take_along_axis(columns, order, axis=-1)
    size = columns.shape[-1]
    ranks = np.arange(1.0, size + 1)
    if (ties := ordered[..., 1:] == ordered[..., :-1]).any():
        place, new = np.arange(size), np.ones(ordered.shape, dtype=bool)
        new[..., 1:] = ~ties
        first = np.maximum.accumulate(np.where(new, place, 0), axis=-1)
        last = np.where(np.roll(new, -1, axis=-1), place, size)  # the first of all is new: the last of all ends a run
        last = np.minimum.accumulate(last[..., ::-1], axis=-1)[..., ::-1]
        ranks = (first + last) / 2 + 1
    values = np.empty(ordered.shape)
    np.put_along_axis(values, order, np.broadcast_to(function(ranks), ordered.shape), axis=-1)
    return np.moveaxis(values, -1, -2)
