"""Three ways to pool the predictions of specialists: the mixture, the product and the logarithmic pool.

All three take log-probabilities ``(N, ..., V)``, one normalised row over ``V`` outcomes for each specialist and
position, and return ``(..., V)`` of the same kind, dtype and device. Half precision is computed in float32. The
mixture is the default everywhere; the others are there by name, for when their docstrings say that they are better.
"""

import math

import numpy as np
from array_api_compat import array_namespace, device, is_array_api_obj, is_torch_array

from mixlib.arrays import constant, floating, log_sum_exp, native
from mixlib.federation.fused.inputs import (
    check_floating,
    check_temperatures,
    choose,
    no_out,
    outside_graphs,
    read,
    same_kind,
    traced,
    transformed,
    without_vmap,
)
from mixlib.federation.fused.mixtures import pool
from mixlib.simplex import check_weights

__all__ = ["log_linear_combine", "mixture_combine", "perplexity", "product_combine"]

SMALL = 2**20  # elements up to which rows are checked by plain formulas, for which nothing is compiled


@outside_graphs
def mixture_combine(log_probs, weights=None, *, temperatures=None, backend="auto", out=None):
    r"""Linear opinion pool (mixture) of log-probabilities, :math:`\log p = \log \sum_i w_i\, p_i`.

    Rows as low as ``log p = -1e4`` keep their value. With temperatures each :math:`p_i` is replaced by
    :math:`p_i^{1 / T_i} / \sum_u p_{iu}^{1 / T_i}`.

    Parameters
    ----------
    log_probs : array (N, ..., V) or sequence of N arrays (..., V)
        Normalised log-probabilities; ``-inf`` is probability 0.
    weights : None or array (N,) or (N, ...), default=None
        Weights on the simplex, for all positions or one set a position; ``None`` means ``1 / N`` each.
    temperatures : None or array (N,), default=None
        Above 1 a specialist becomes less confident, below 1 more so; ``None`` means 1 each.
    backend : {"auto", "compiled", "torch", "triton"}, default="auto"
        As for :func:`mixlib.federation.mixture_from_logits`, which saves the step of normalising.
    out : None or array (..., V), default=None
        Where the result goes, as for :func:`mixlib.federation.mixture_from_logits`.

    Returns
    -------
    array (..., V)
        Log-probabilities of the mixture, in nats. Torch can take derivatives, as for
        :func:`mixlib.federation.mixture_from_logits`.

    Raises
    ------
    ValueError
        If ``log_probs`` is not a floating array of normalised rows (every row is checked), ``weights`` leave the
        simplex, temperatures are not positive, or the backend or ``out`` does not fit.

    Notes
    -----
    Source: Stone 1961; Genest & Zidek 1986.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import mixture_combine
    >>> rows = np.log([[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]])  # two specialists, three tokens
    >>> np.exp(mixture_combine(rows, weights=[0.8, 0.2])).round(3)
    array([0.58, 0.2 , 0.22])
    """
    if traced(log_probs, weights, temperatures):
        from mixlib.federation.fused import plain

        no_out(out)
        normalise = temperatures is not None
        return plain.mixture(log_probs, weights, temperatures, backend, "log_probs", normalise=normalise)
    given = read(log_probs, weights, temperatures, backend, "log_probs")
    if temperatures is not None:
        _check_rows(given.parts, "log_probs")
    pooled, log_mass = pool(given, temperatures is not None, out)
    if temperatures is None:
        _check_masses(given.parts, log_mass, "log_probs")
    return pooled.reshape((*given.batch, pooled.shape[-1])) if out is None else out


@outside_graphs
def log_linear_combine(log_probs, weights=None, *, temperatures=None):
    r"""Logarithmic opinion pool of log-probabilities, :math:`\log p = \sum_i w_i \log p_i - \log Z`.

    The weights sum to 1. With temperatures the exponents are :math:`w_i / T_i`. A specialist of weight 0 has no say,
    not even where it excludes an outcome. Better than the mixture where specialists are underconfident; where they
    disagree about what is possible, one of them is enough to exclude it.

    Parameters
    ----------
    log_probs : array (N, ..., V) or sequence of N arrays (..., V)
        Normalised log-probabilities; ``-inf`` is probability 0.
    weights : None or array (N,) or (N, ...), default=None
        Weights on the simplex, for all positions or one set a position; ``None`` means ``1 / N`` each.
    temperatures : None or array (N,), default=None
        The exponents are divided by them, so above 1 a specialist counts less; ``None`` means 1 each.

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

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import log_linear_combine
    >>> rows = np.log([[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]])  # two specialists, three tokens
    >>> np.exp(log_linear_combine(rows, weights=[0.8, 0.2])).round(3)
    array([0.577, 0.243, 0.18 ])
    """
    without_vmap("log_probs", log_probs)
    log_probs, back = check_log_probs(log_probs)
    return back(_log_pool(log_probs, _spread(weights, log_probs), temperatures, "log_linear_combine"))


@outside_graphs
def product_combine(log_probs, weights=None, *, temperatures=None):
    r"""Product of experts, the renormalised product of probabilities: :math:`\log p = \sum_i \log p_i - \log Z`.

    Weights hand out ``N`` votes, :math:`p \propto \prod_i p_i^{N w_i / T_i}`: it is the logarithmic pool of the same
    weights, sharpened ``N`` times. Better than the mixture where specialists are underconfident, and the right rule
    where their evidence is independent given the outcome and the prior has been divided out of all but one. Elsewhere
    it counts what the specialists share ``N`` times.

    Parameters
    ----------
    log_probs : array (N, ..., V) or sequence of N arrays (..., V)
        Normalised log-probabilities; ``-inf`` is probability 0.
    weights : None or array (N,) or (N, ...), default=None
        Weights on the simplex; ``None`` means one vote each.
    temperatures : None or array (N,), default=None
        The exponents are divided by them, so above 1 a specialist counts less; ``None`` means 1 each.

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

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import product_combine
    >>> np.exp(product_combine(np.log([[0.7, 0.2, 0.1], [0.6, 0.3, 0.1]]))).round(3)  # surer than both
    array([0.857, 0.122, 0.02 ])
    """
    without_vmap("log_probs", log_probs)
    log_probs, back = check_log_probs(log_probs)
    votes = log_probs.shape[0] * _spread(weights, log_probs)
    return back(_log_pool(log_probs, votes, temperatures, "product_combine"))


POOLS = {"product": product_combine, "logarithmic pool": log_linear_combine, "mixture": mixture_combine}


def perplexity(log_probs):
    r"""Perplexity :math:`\exp(-\frac{1}{T}\sum_t \log p_t)` of the outcomes that came.

    It is the number of equally likely outcomes that would be as hard to predict. One outcome of probability 0
    makes it infinite: that is the honest score of a model that excluded what happened.

    Parameters
    ----------
    log_probs : array (...)
        Log-probabilities of the outcomes, in nats.

    Returns
    -------
    float
        From 1, foreseen, upwards; lower is better.

    Raises
    ------
    ValueError
        If the array is empty, not floating, holds NaN, or a probability above 1.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import perplexity
    >>> perplexity(np.log([0.5, 0.125]))
    4.0
    """
    values = constant(floating(log_probs, "log_probs", "pass log-probabilities", lists=True))
    xp = array_namespace(values)
    if math.prod(values.shape) == 0:
        raise ValueError("log_probs: is empty; perplexity needs at least one outcome")
    if is_torch_array(values):
        values = values.double()
    _check_values(xp, values, _tolerance(xp, values.dtype), "pass the log-probabilities of the outcomes that came")
    with np.errstate(over="ignore"):
        return float(np.exp(-np.float64(xp.mean(xp.asarray(values, dtype=xp.float64)))))


def check_log_probs(log_probs, name="log_probs"):
    """Return ``log_probs`` as one floating array of at least float32, and a function that restores its dtype.

    Every row is checked: it holds neither NaN nor a probability above 1, and sums to 1 within the tolerance of the
    dtype (float64 1e-6, float32 1e-3, float16 2e-2, bfloat16 0.1).

    Raises
    ------
    ValueError
        If parts differ in kind, shape or dtype, or the array is not a stack of normalised floating rows.
    """
    stacked = native(log_probs, name)
    if not is_array_api_obj(log_probs):
        parts = same_kind(log_probs, name)
        stacked = array_namespace(parts[0]).stack(parts)
    xp = array_namespace(stacked)
    check_floating(stacked, tuple(stacked.shape), name)
    dtype = stacked.dtype
    half = xp.finfo(dtype).bits < 32
    wide = xp.astype(stacked, xp.float32) if half else stacked
    if 0 not in stacked.shape:
        flat = constant(stacked).reshape(stacked.shape[0], -1, stacked.shape[-1])
        _check_rows([flat[i] for i in range(flat.shape[0])], name)
    return wide, (lambda pooled: xp.astype(pooled, dtype)) if half else (lambda pooled: pooled)


def _check_rows(parts, name):
    """Check every row of N arrays (T, V)."""
    if 0 in parts[0].shape:
        return
    if len(parts) * math.prod(parts[0].shape) <= SMALL or transformed(parts):
        for part in parts:
            _check_by_formula(part, name)
    else:
        engine = choose("compiled" if str(device(parts[0])) == "cpu" else "torch", parts[0])
        _check_masses(parts, engine.log_masses([constant(part) for part in parts]), name)


def _check_masses(parts, log_mass, name):
    """Find the rows whose mass is not 1 and check them again, for what exactly is wrong."""
    slack = _tolerance(array_namespace(parts[0]), parts[0].dtype)
    xp = array_namespace(log_mass)
    fine = xp.abs(log_mass) <= slack
    if not bool(xp.all(fine)):
        for i, t in zip(*(indices.tolist() for indices in xp.nonzero(~fine)), strict=True):
            _check_by_formula(parts[i][t][None], name)


def _check_by_formula(rows, name):
    """Check rows (T, V) of any dtype."""
    rows = constant(rows)
    xp = array_namespace(rows)
    slack = _tolerance(xp, rows.dtype)
    rows = xp.astype(rows, xp.float32) if xp.finfo(rows.dtype).bits < 32 else rows
    _check_values(xp, rows, slack, "pass log-probabilities; of logits subtract logsumexp over the last axis", name)
    _check_mass(xp, rows, slack, name)


def _tolerance(xp, dtype):
    eps = float(xp.finfo(dtype).eps)
    return 1e-6 if eps < 1e-12 else 1e-3 if eps < 1e-5 else 2e-2 if eps < 2e-3 else 0.1


def _check_values(xp, values, slack, fix, name="log_probs"):
    top = float(xp.max(values))  # NaN wins a maximum, so one pass finds both faults
    if math.isnan(top):
        raise ValueError(f"{name}: holds NaN (shape {tuple(values.shape)}); every entry must be a number or -inf")
    if top > slack:
        raise ValueError(f"{name}: holds {top:.6g}, a probability above 1; {fix}")


def _check_mass(xp, rows, slack, name):
    off = xp.abs(log_sum_exp(rows, axis=-1))
    if not float(xp.max(off)) <= slack:
        mass = float(xp.exp(log_sum_exp(rows[int(xp.argmax(off)), :], axis=-1)))
        raise ValueError(
            f"{name}: a row of shape ({rows.shape[-1]},) sums to probability {mass:.6g}, not 1; "
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


def _log_pool(log_probs, exponents, temperatures, rule):
    xp = array_namespace(log_probs)
    temperatures = check_temperatures(temperatures, log_probs.shape[0], log_probs)
    exponents = exponents / temperatures.reshape((-1,) + (1,) * (log_probs.ndim - 1))
    out = log_probs == -xp.inf
    if bool(xp.any(out)):
        allowed = xp.where(out, xp.zeros_like(log_probs), log_probs)  # 0 times -inf has neither value nor derivative
        total = xp.sum(exponents * allowed, axis=0)
        total = xp.where(xp.any(out & (exponents > 0), axis=0), xp.full_like(total, -xp.inf), total)
    else:
        total = xp.sum(exponents * log_probs, axis=0)
    mass = log_sum_exp(total, axis=-1)
    empty = xp.isinf(mass)
    if bool(xp.any(empty)):
        where = np.unravel_index(int(xp.argmax(xp.astype(empty.reshape(-1), xp.int8))), tuple(mass.shape) or (1,))
        raise ValueError(
            f"log_probs: at position {tuple(int(i) for i in where)} no outcome has positive probability under every "
            f"specialist, so {rule} has no mass to normalise; use mixture_combine or smooth the specialists"
        )
    return total - mass[..., None]
