"""Weights on the probability simplex: checking, making and drawing them."""

import math

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj

from mixlib.arrays import finite, floats, generator, native, whole

TOLERANCE = 1e-6  # float32 weights that were normalised in float32 still pass


def check_weights(weights, n, *, like, axis=-1, name="weights"):
    """Weights on the probability simplex, as an array like ``like``, or an error that says why they are not.

    The simplex of ``n`` weights is ``{w : w_i >= 0, sum_i w_i = 1}``.

    Parameters
    ----------
    weights : array_like or None
        ``n`` weights along ``axis``; any further axes are batch. ``None`` means ``1 / n`` each.
    n : int
        How many parts the weights must cover.
    like : array
        NumPy array or torch tensor whose kind, dtype and device the result takes.
    axis : int, default=-1
        The axis that holds the weights.
    name : str, default="weights"
        The argument's name in error messages.

    Returns
    -------
    array
        The weights, the same kind, dtype and device as ``like``.

    Raises
    ------
    ValueError
        If the length differs from ``n``, or a weight is NaN, infinite or negative, or a sum is off 1 by
        more than 1e-6 (dtypes coarser than float32: by more than four of their rounding steps).

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.simplex import check_weights
    >>> check_weights([0.25, 0.75], 2, like=np.zeros(1, np.float32))
    array([0.25, 0.75], dtype=float32)
    """
    xp = array_namespace(like)
    if weights is None:
        return uniform(n, like=like)
    weights = native(weights, name) if is_array_api_obj(weights) else floats(weights, name)
    if array_namespace(weights) is xp:  # asarray would cut a torch weight out of its autograd graph
        weights = xp.astype(weights, like.dtype, copy=False, device=like.device)
    else:
        weights = xp.asarray(weights, dtype=like.dtype, device=like.device)
    if weights.ndim == 0 or weights.shape[axis] != n:
        raise ValueError(
            f"{name}: expected {n} along axis {axis}, one per part, got shape {tuple(weights.shape)}; "
            f"pass one weight for each of the {n} parts"
        )
    if bool(xp.any(finite(weights, name) < 0)):
        raise ValueError(
            f"{name}: holds a negative weight (smallest {xp.min(weights).item():.6g}); weights must be >= 0"
        )
    total = xp.sum(weights, axis=axis)
    slack = max(TOLERANCE, 4 * float(xp.finfo(like.dtype).eps))
    if bool(xp.any(xp.abs(total - 1) > slack)):
        worst = total.reshape(-1)[int(xp.argmax(xp.abs(total.reshape(-1) - 1)))].item()
        raise ValueError(f"{name}: sums to {worst:.6g}, not 1; divide the weights by their sum")
    return weights


def uniform(n, *, like=None):
    """Equal weights ``1 / n``.

    Parameters
    ----------
    n : int
        How many weights, at least 1.
    like : None or array, default=None
        NumPy array or torch tensor whose kind, dtype and device the result takes; ``None`` is NumPy float64.

    Returns
    -------
    array (n,)
        The weights.

    Raises
    ------
    ValueError
        If ``n`` is below 1.

    Examples
    --------
    >>> from mixlib.simplex import uniform
    >>> uniform(4)
    array([0.25, 0.25, 0.25, 0.25])
    """
    whole(n, "n", 1)
    if like is None:
        return np.full(n, 1 / n)
    xp = array_namespace(like)
    return xp.full((n,), 1 / n, dtype=like.dtype, device=like.device)


def sample(n, size=None, *, concentration=1.0, rng=None):
    """Random weights, drawn from the symmetric Dirichlet distribution.

    Parameters
    ----------
    n : int
        How many weights a draw has, at least 1.
    size : None, int or tuple of int, default=None
        How many draws; ``None`` is one, without an axis of its own.
    concentration : float, default=1.0
        1 is uniform on the simplex. Below 1 the corners are favoured, above 1 the centre.
    rng : None, int or numpy.random.Generator, default=None
        Source of the draws; an int seed gives the same ones at each call, and ``None`` is seed 0.

    Returns
    -------
    array (*size, n)
        The weights, float64.

    Raises
    ------
    ValueError
        If ``n`` is below 1 or ``concentration`` is not positive.

    Examples
    --------
    >>> from mixlib.simplex import sample
    >>> sample(3, size=2, concentration=0.5, rng=0).round(3)
    array([[0.306, 0.001, 0.693],
           [0.229, 0.177, 0.594]])
    """
    whole(n, "n", 1)
    if not (concentration > 0 and math.isfinite(concentration)):
        raise ValueError(f"concentration: expected a positive number, got {concentration}")
    return generator(rng).dirichlet(np.full(n, concentration), size=size)
