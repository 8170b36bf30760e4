"""Three ways to pool the predictions of specialists: the mixture, the product and the logarithmic pool.

All three take log-probabilities ``(N, ..., V)``, one normalised row over ``V`` outcomes for each specialist and
position, and return ``(..., V)`` of the same kind, dtype and device. Half precision is computed in float32.
"""

import math

import numpy as np
from array_api_compat import array_namespace, device, is_array_api_obj, is_torch_array

from mixlib.simplex import check_weights

CHECKED_ROWS = 256  # rows of a large input whose mass is summed; a small input is checked whole
SMALL = 2**20  # elements up to which every row is checked


def mixture_combine(log_probs, weights=None):
    r"""Pool by the mixture (linear pool), :math:`\log p = \log \sum_i w_i\, p_i`.

    The maximum is taken out before the exponential, so rows as low as ``log p = -1e4`` keep their value.

    Parameters
    ----------
    log_probs : array (N, ..., V) or sequence of N arrays (..., V)
        Normalised log-probabilities; ``-inf`` is probability 0.
    weights : array (N,) or (N, ...), optional
        Weights on the simplex, for all positions or one set a position; ``1 / N`` each by default.

    Returns
    -------
    array (..., V)
        Log-probabilities of the mixture, in nats.

    Raises
    ------
    ValueError
        If ``log_probs`` is not a floating array of normalised rows or ``weights`` leave the simplex.

    Notes
    -----
    Source: Stone 1961; Genest & Zidek 1986.
    """
    log_probs, back = check_log_probs(log_probs)
    xp = array_namespace(log_probs)
    with np.errstate(divide="ignore"):
        terms = log_probs + xp.log(_spread(weights, log_probs))
    return back(_logsumexp(xp, terms, axis=0))


def log_linear_combine(log_probs, weights=None):
    r"""Pool by the logarithmic pool, :math:`\log p = \sum_i w_i \log p_i - \log Z` with :math:`\sum_i w_i = 1`.

    A specialist of weight 0 has no say, not even where it excludes an outcome.

    Parameters
    ----------
    log_probs : array (N, ..., V) or sequence of N arrays (..., V)
        Normalised log-probabilities; ``-inf`` is probability 0.
    weights : array (N,) or (N, ...), optional
        Weights on the simplex, for all positions or one set a position; ``1 / N`` each by default.

    Returns
    -------
    array (..., V)
        Log-probabilities of the pool, in nats.

    Raises
    ------
    ValueError
        As :func:`mixture_combine`, and where the specialists share no outcome (nothing is left to normalise).

    Notes
    -----
    Source: Genest & Zidek 1986.
    """
    log_probs, back = check_log_probs(log_probs)
    return back(_log_pool(log_probs, _spread(weights, log_probs), "log_linear_combine"))


def product_combine(log_probs, weights=None):
    r"""Pool by the renormalised product ("sum of log-probabilities"), :math:`\log p = \sum_i \log p_i - \log Z`.

    Weights hand out ``N`` votes, :math:`p \propto \prod_i p_i^{N w_i}`: it is the logarithmic pool of the same
    weights, sharpened ``N`` times.

    Parameters
    ----------
    log_probs : array (N, ..., V) or sequence of N arrays (..., V)
        Normalised log-probabilities; ``-inf`` is probability 0.
    weights : array (N,) or (N, ...), optional
        Weights on the simplex; by default one vote each.

    Returns
    -------
    array (..., V)
        Log-probabilities of the product, in nats.

    Raises
    ------
    ValueError
        As :func:`mixture_combine`, and where the specialists share no outcome (nothing is left to normalise).

    Notes
    -----
    Source: Hinton 2002.
    """
    log_probs, back = check_log_probs(log_probs)
    votes = log_probs.shape[0] * _spread(weights, log_probs)
    return back(_log_pool(log_probs, votes, "product_combine"))


def perplexity(log_probs):
    r"""Perplexity :math:`\exp(-\frac{1}{T}\sum_t \log p_t)` of the outcomes that came, a float.

    It is the number of equally likely outcomes that would be as hard to predict. One outcome of probability 0
    makes it infinite: that is the honest score of a model that excluded what happened.

    Parameters
    ----------
    log_probs : array (...)
        Log-probabilities of the outcomes, in nats.

    Raises
    ------
    ValueError
        If the array is empty, not floating, holds NaN, or a probability above 1.
    """
    values = log_probs if is_array_api_obj(log_probs) else np.asarray(log_probs, dtype=float)
    xp = array_namespace(values)
    if math.prod(values.shape) == 0:
        raise ValueError("log_probs: is empty; perplexity needs at least one outcome")
    if not xp.isdtype(values.dtype, "real floating"):
        raise ValueError(f"log_probs: expected floating log-probabilities, got dtype {values.dtype}")
    if is_torch_array(values):
        values = values.detach().double()
    _check_values(xp, values, _tolerance(xp, values.dtype), "pass the log-probabilities of the outcomes that came")
    with np.errstate(over="ignore"):
        return float(np.exp(-np.float64(xp.mean(xp.asarray(values, dtype=xp.float64)))))


def check_log_probs(log_probs, name="log_probs"):
    """Return ``log_probs`` as one floating array of at least float32, and a function that restores its dtype.

    NaN and positive entries are searched everywhere. That rows sum to 1 is checked for every row of an input
    of up to 2**20 numbers, and for 256 evenly spaced rows of a larger one, since a full sum costs as much as
    pooling; the tolerance follows the dtype (float64 1e-6, float32 1e-3, float16 2e-2, bfloat16 0.1).

    Raises
    ------
    ValueError
        If parts differ in kind, shape or dtype, or the array is not a stack of normalised floating rows.
    """
    stacked = _stack(log_probs, name)
    xp = array_namespace(stacked)
    if stacked.ndim < 2 or 0 in stacked.shape:
        raise ValueError(
            f"{name}: expected shape (N, ..., V) with at least one specialist, position and outcome, got shape "
            f"{tuple(stacked.shape)}; stack the specialists along the first axis"
        )
    if not xp.isdtype(stacked.dtype, "real floating"):
        raise ValueError(
            f"{name}: expected floating log-probabilities, got dtype {stacked.dtype} of shape {tuple(stacked.shape)}; "
            f"convert to float32 or float64"
        )
    dtype = stacked.dtype
    slack = _tolerance(xp, dtype)
    half = xp.finfo(dtype).bits < 32
    wide = xp.astype(stacked, xp.float32) if half else stacked
    _check_values(xp, wide, slack, "pass log-probabilities; of logits subtract logsumexp over the last axis", name)
    _check_mass(xp, wide, slack, name)
    return wide, (lambda pooled: xp.astype(pooled, dtype)) if half else (lambda pooled: pooled)


def _stack(log_probs, name):
    if is_array_api_obj(log_probs):
        return log_probs
    if not isinstance(log_probs, list | tuple) or not log_probs:
        raise ValueError(f"{name}: expected an array (N, ..., V) or a list of N arrays, got {type(log_probs).__name__}")
    parts = [part if is_array_api_obj(part) else np.asarray(part) for part in log_probs]
    first = parts[0]
    for i, part in enumerate(parts):
        if (type(part), part.dtype, tuple(part.shape)) != (type(first), first.dtype, tuple(first.shape)):
            raise ValueError(
                f"{name}: specialist {i} is {type(part).__name__} {part.dtype} {tuple(part.shape)}, specialist 0 is "
                f"{type(first).__name__} {first.dtype} {tuple(first.shape)}; all need one kind, dtype and shape"
            )
    return array_namespace(first).stack(parts)


def _tolerance(xp, dtype):
    eps = float(xp.finfo(dtype).eps)
    return 1e-6 if eps < 1e-12 else 1e-3 if eps < 1e-5 else 2e-2 if eps < 2e-3 else 0.1


def _check_values(xp, values, slack, fix, name="log_probs"):
    top = float(xp.max(values))  # NaN wins a maximum, so one pass finds both faults
    if math.isnan(top):
        raise ValueError(f"{name}: holds NaN (shape {tuple(values.shape)}); every entry must be a number or -inf")
    if top > slack:
        raise ValueError(f"{name}: holds {top:.6g}, a probability above 1; {fix}")


def _check_mass(xp, log_probs, slack, name):
    rows = log_probs.reshape(-1, log_probs.shape[-1])
    if math.prod(rows.shape) > SMALL:
        picked = np.unique(np.linspace(0, rows.shape[0] - 1, CHECKED_ROWS).astype(np.int64))
        rows = rows[xp.asarray(picked, device=device(rows)), :]
    off = xp.abs(_logsumexp(xp, rows, axis=-1))
    if not float(xp.max(off)) <= slack:
        mass = float(xp.exp(_logsumexp(xp, rows[int(xp.argmax(off)), :], axis=-1)))
        raise ValueError(
            f"{name}: a row of shape ({log_probs.shape[-1]},) sums to probability {mass:.6g}, not 1; "
            f"subtract logsumexp over the last axis first"
        )


def _spread(weights, log_probs):
    """Weights checked and shaped to multiply ``log_probs``."""
    weights = check_weights(weights, log_probs.shape[0], like=log_probs, axis=0)
    shape = tuple(log_probs.shape)
    if weights.ndim > 1 and tuple(weights.shape) != shape[:-1]:
        raise ValueError(
            f"weights: expected shape ({shape[0]},) or {shape[:-1]} for log_probs of shape {shape}, got "
            f"{tuple(weights.shape)}; give one set of weights, or one for each position"
        )
    return weights.reshape(tuple(weights.shape) + (1,) * (log_probs.ndim - weights.ndim))


def _log_pool(log_probs, exponents, rule):
    xp = array_namespace(log_probs)
    with np.errstate(invalid="ignore"):
        terms = exponents * log_probs
    silent = xp.broadcast_to(exponents, log_probs.shape) == 0
    total = xp.sum(xp.where(silent, xp.zeros_like(terms), terms), axis=0)
    mass = _logsumexp(xp, total, axis=-1)
    empty = xp.isinf(mass)
    if bool(xp.any(empty)):
        where = np.unravel_index(int(xp.argmax(xp.astype(empty.reshape(-1), xp.int8))), tuple(mass.shape) or (1,))
        raise ValueError(
            f"log_probs: at position {tuple(int(i) for i in where)} no outcome has positive probability under every "
            f"specialist, so {rule} has no mass to normalise; use mixture_combine or smooth the specialists"
        )
    return total - mass[..., None]


def _logsumexp(xp, values, axis):
    top = xp.max(values, axis=axis, keepdims=True)
    top = xp.where(xp.isinf(top), xp.zeros_like(top), top)
    with np.errstate(divide="ignore"):
        return xp.squeeze(top, axis=axis) + xp.log(xp.sum(xp.exp(values - top), axis=axis))
