"""Weights on the probability simplex: checking, making and drawing them."""

import math

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj

from mixlib.arrays import floats, generator, native, whole

TOLERANCE = 1e-6  # float32 weights that were normalised in float32 still pass


def check_weights(weights, n, *, like, axis=-1, name="weights"):
    """Return ``weights`` as an array like ``like``, or say why they are not on the simplex.

    The simplex of ``n`` weights is ``{w : w_i >= 0, sum_i w_i = 1}``.

    Parameters
    ----------
    weights : array_like or None
        ``n`` weights along ``axis``; any further axes are batch. ``None`` means ``1 / n`` each.
    n : int
        How many parts the weights must cover.
    like : array
        NumPy array or torch tensor whose kind, dtype and device the result takes.
    axis : int
        The axis that holds the weights.
    name : str
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
    if not bool(xp.all(xp.isfinite(weights))):
        raise ValueError(f"{name}: holds NaN or infinity ({_show(weights)}); every weight must be finite")
    if bool(xp.any(weights < 0)):
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
    """Equal weights ``1 / n``, shape ``(n,)``, of the kind and dtype of ``like`` (NumPy float64 by default).

    Raises
    ------
    ValueError
        If ``n`` is below 1.
    """
    whole(n, "n", 1)
    if like is None:
        return np.full(n, 1 / n)
    xp = array_namespace(like)
    return xp.full((n,), 1 / n, dtype=like.dtype, device=like.device)


def sample(n, size=None, *, concentration=1.0, rng=None):
    """Draw weights from the symmetric Dirichlet distribution, shape ``(*size, n)``.

    ``concentration`` 1 is uniform on the simplex; below 1 the corners are favoured, above 1 the centre.
    ``rng`` is a NumPy Generator or an int seed.

    Raises
    ------
    ValueError
        If ``n`` is below 1 or ``concentration`` is not positive.
    """
    whole(n, "n", 1)
    if not (concentration > 0 and math.isfinite(concentration)):
        raise ValueError(f"concentration: expected a positive number, got {concentration}")
    return generator(rng).dirichlet(np.full(n, concentration), size=size)


def _show(weights, most=6):
    values = [f"{v.item():.4g}" for v in weights.reshape(-1)[:most]]
    return ", ".join(values) + (", ..." if math.prod(weights.shape) > most else "")
