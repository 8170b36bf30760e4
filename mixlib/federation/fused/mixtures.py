"""The mixture straight from logits: of every outcome, or of the outcome that came."""

import numpy as np
from array_api_compat import array_namespace, device, is_array_api_obj, is_torch_array

from mixlib.arrays import log_sum_exp, native, numbers
from mixlib.federation.fused.inputs import check_out, no_out, outside_graphs, read, traced

__all__ = ["mixture_from_logits", "mixture_target_log_prob"]


@outside_graphs
def mixture_from_logits(logits, weights=None, *, temperatures=None, backend="auto", out=None):
    r"""Linear opinion pool (mixture) of softmaxes, in log-probabilities.

    .. math:: \log p_v = \log \sum_i w_i \frac{\exp(x_{iv} / T_i)}{\sum_u \exp(x_{iu} / T_i)}.

    Each specialist is normalised and pooled some rows at a time, without another array of the size of the logits.
    Half precision is computed in float32.

    Parameters
    ----------
    logits : array (N, ..., V) or sequence of N arrays (..., V)
        NumPy arrays or torch tensors; ``-inf`` excludes an outcome.
    weights : None or array (N,) or (N, ...), default=None
        Weights on the simplex, for all positions or one set a position; ``None`` means ``1 / N`` each.
    temperatures : None or array (N,), default=None
        Above 1 a specialist becomes less confident, below 1 more so; ``None`` means 1 each.
    backend : {"auto", "compiled", "torch", "triton"}, default="auto"
        "compiled" runs on processors, with ``NUMBA_NUM_THREADS`` threads; "triton" on CUDA devices; "torch" wherever
        torch does. "auto" is the first that fits; on processors NumPy pools up to 2**15 numbers. The first call of
        "compiled" takes some seconds and keeps the machine code on disk.
    out : None or array (..., V), default=None
        Where the result goes: contiguous, of the logits' kind, dtype and device, apart from them. A loop that keeps it
        saves the system from clearing fresh memory each time, which can take as long as all else.

    Returns
    -------
    array (..., V)
        Log-probabilities in nats, of the logits' kind, dtype and device. Torch can take derivatives with
        respect to logits, weights and temperatures, of any order; those after the first, and ``torch.func``, keep
        arrays of the size of the logits. It is ``out`` if that is given.

    Raises
    ------
    ValueError
        If logits are not floating arrays of one kind, dtype and shape; hold NaN or +inf, or exclude all outcomes of a
        position; if weights leave the simplex, temperatures are not positive, or the backend or ``out`` does not fit.

    Notes
    -----
    ``torch.compile`` calls it between graphs; with ``backend="torch"`` it is part of one. There, and under
    ``torch.vmap``, values cannot be checked: what is refused elsewhere gives NaN.

    Source: Milakov & Gimelshein 2018 for a softmax in one pass.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import mixture_from_logits
    >>> logits = np.array([[[2.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]]])  # two specialists, one position, three tokens
    >>> np.exp(mixture_from_logits(logits, temperatures=[1.0, 0.5])).round(3)
    array([[0.447, 0.447, 0.107]])
    """
    if traced(logits, weights, temperatures):
        from mixlib.federation.fused import plain

        no_out(out)
        return plain.mixture(logits, weights, temperatures, backend, "logits", normalise=True)
    given = read(logits, weights, temperatures, backend, "logits")
    pooled, log_mass = pool(given, True, out)
    _check_rows(given, log_mass)
    return pooled.reshape((*given.batch, pooled.shape[-1])) if out is None else out


@outside_graphs
def mixture_target_log_prob(logits, targets, weights=None, *, temperatures=None, backend="auto"):
    r"""Log-probability of each outcome that came, under the mixture of softmaxes.

    It is the entry of :func:`mixture_from_logits` at ``targets``; only the sums of exponentials are computed.

    Parameters
    ----------
    logits : array (N, ..., V) or sequence of N arrays (..., V)
        NumPy arrays or torch tensors; ``-inf`` excludes an outcome.
    targets : integer array (...)
        The outcomes, ``0 .. V - 1``.
    weights : None or array (N,) or (N, ...), default=None
        As for :func:`mixture_from_logits`.
    temperatures : None or array (N,), default=None
        As for :func:`mixture_from_logits`.
    backend : {"auto", "compiled", "torch", "triton"}, default="auto"
        As for :func:`mixture_from_logits`.

    Returns
    -------
    array (...)
        In nats, of the logits' kind, dtype and device. Torch can take derivatives, of any order.

    Raises
    ------
    ValueError
        As :func:`mixture_from_logits`, and if targets are not integers in range, one for each position.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import mixture_target_log_prob
    >>> logits = np.array([[[2.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]]])  # two specialists, one position, three tokens
    >>> mixture_target_log_prob(logits, targets=np.array([0])).round(3)
    array([-0.694])
    """
    if traced(logits, weights, temperatures, targets):
        from mixlib.federation.fused import plain

        return plain.mixture(logits, weights, temperatures, backend, "logits", normalise=True, targets=targets)
    given = read(logits, weights, temperatures, backend, "logits")
    targets = _check_targets(given, targets)
    if given.needs_gradient:
        from mixlib.federation.fused.gradients import AtTargets

        pooled, log_mass = AtTargets.apply(given.engine, targets, given.weights, given.temperatures, *given.arrays)
    else:
        log_probs, log_mass = given.engine.at_targets(given.parts, 1 / given.temperatures, targets)
        pooled = _alike(log_sum_exp(log_probs + _alike(_log(given.weights), log_probs), axis=0), given.arrays[0])
    _check_rows(given, log_mass)
    return pooled.reshape(given.batch)


def pool(given, normalise, out=None):
    """The pool (T, V) of :class:`Given`, in ``out`` if there is one, and the log of each row's mass (N, T)."""
    out = out if out is None else check_out(out, given)
    if given.needs_gradient:
        from mixlib.federation.fused.gradients import Mixture

        return Mixture.apply(given.engine, normalise, given.weights, given.temperatures, *given.arrays)
    return given.engine.mix(given.parts, 1 / given.temperatures, _log(given.weights), normalise, out)


def _log(weights):
    with np.errstate(divide="ignore"):
        return array_namespace(weights).log(weights)


def _alike(values, other):
    """``values`` as an array of the kind, dtype and device of ``other``."""
    if is_torch_array(other):
        import torch

        return torch.as_tensor(values).to(other)
    with np.errstate(over="ignore"):  # below the range of half precision is -inf
        return np.asarray(values).astype(other.dtype)


def _check_rows(given, log_mass):
    xp = array_namespace(log_mass)
    fine = xp.isfinite(log_mass)
    if bool(xp.all(fine)):
        return
    i, t = np.unravel_index(int(xp.argmax(xp.astype(~fine.reshape(-1), xp.int8))), tuple(log_mass.shape))
    row = given.parts[i][int(t)]
    xp = array_namespace(row)
    if bool(xp.any(xp.isnan(row))):
        fault = "NaN; every entry must be a number or -inf"
    elif bool(xp.any(row == xp.inf)):
        fault = "+inf; clip the logits, or exclude the other outcomes with -inf"
    else:
        fault = "nothing but -inf; leave at least one outcome"
    raise ValueError(f"{given.name}: at position {given.position(t)} specialist {i} holds {fault}")


def _check_targets(given, targets):
    first = given.parts[0]
    xp, columns = array_namespace(first), first.shape[-1]
    targets = native(targets, "targets") if is_array_api_obj(targets) else numbers(targets, "targets")
    if tuple(targets.shape) != given.batch or not array_namespace(targets).isdtype(targets.dtype, "integral"):
        raise ValueError(
            f"targets: expected integers of shape {given.batch}, one for each position, got {targets.dtype} of shape "
            f"{tuple(targets.shape)}"
        )
    targets = xp.astype(xp.asarray(targets, device=device(first)), xp.int64).reshape(-1)
    if bool(xp.any((targets < 0) | (targets >= columns))):
        outside = int(xp.min(targets)) if bool(xp.any(targets < 0)) else int(xp.max(targets))
        raise ValueError(f"targets: {outside} is no outcome of {columns}; they go from 0 to {columns - 1}")
    return targets
