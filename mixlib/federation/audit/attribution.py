"""The audit of a mixture: which specialist carried each outcome, and whether the record adds up."""

from dataclasses import dataclass, field

import numpy as np
from array_api_compat import array_namespace, device

from mixlib.arrays import EPS, floats, integers, numbers
from mixlib.federation.audit.trace import write_trace
from mixlib.federation.pools import check_log_probs, mixture_combine
from mixlib.simplex import check_weights


@dataclass(frozen=True)
class Attribution:
    """Attribution of a mixture's predictions: one record for each outcome that came.

    Arrays are NumPy, ``(...)`` by position or ``(N, ...)`` by specialist.

    Attributes
    ----------
    targets : array (...)
        The outcomes that came.
    joint : array (...)
        Their log-probability under the mixture, as ``mixture_combine`` returned it in the input's own dtype.
    specialists : array (N, ...)
        Their log-probability under each specialist.
    weights : array (N, ...)
        The weights of the mixture.
    responsibilities : array (N, ...)
        Posterior share of each specialist, ``r_i = w_i p_i / sum_j w_j p_j``.
    entropy : array (...)
        Entropy ``H(r)`` of the shares, in nats.
    names : tuple of str
        The specialists' names.
    dtype : str
        What ``joint`` and ``specialists`` were computed in, such as ``"float32"``: it says how far they are rounded.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import attribute
    >>> account = attribute(np.log([[[0.9, 0.1]], [[0.3, 0.7]]]), [0], names=["sea", "land"])
    >>> account.responsibilities.round(3), np.abs(account.residual).max() < 1e-12
    (array([[0.75],
           [0.25]]), np.True_)
    >>> account.to_frame().shape, account.write_jsonl("account.jsonl"), list(account.records())[0]["position"]
    ((1, 8), None, 0)
    """

    targets: np.ndarray
    joint: np.ndarray
    specialists: np.ndarray
    weights: np.ndarray
    responsibilities: np.ndarray
    entropy: np.ndarray
    names: tuple
    dtype: str = field(default="float32", kw_only=True)

    @property
    def without_entropy(self):
        """``joint - (sum_i r_i log p_i + sum_i r_i log w_i)``: what is missing when ``H(r)`` is left out."""
        return (
            self.joint
            - _weighted(self.responsibilities, self.specialists)
            - _weighted(self.responsibilities, _log(self.weights))
        )

    @property
    def residual(self):
        """``joint - (sum_i r_i log p_i + sum_i r_i log w_i + H(r))``: 0 but for rounding."""
        return self.without_entropy - self.entropy

    def to_frame(self):
        """A pandas DataFrame, one row an outcome."""
        columns = {"target": self.targets, "joint": self.joint}
        for label, values in (("log p", self.specialists), ("share", self.responsibilities)):
            columns |= {f"{label} {name}": row for name, row in zip(self.names, values, strict=True)}
        columns |= {"entropy": self.entropy, "residual": self.residual}
        import pandas as pd

        return pd.DataFrame({name: np.ravel(values) for name, values in columns.items()})

    def records(self):
        """The rows as plain dictionaries, with all that a checker needs; probability 0 is written as ``None``.

        :mod:`mixlib.federation.audit.trace` says what the fields mean.
        """
        parts = {"weights": self.weights, "specialists": self.specialists, "responsibilities": self.responsibilities}
        by_position = {name: np.reshape(values, (len(self.names), -1)).T.tolist() for name, values in parts.items()}
        flat = [np.ravel(a).tolist() for a in (self.targets, self.joint, self.entropy, self.residual)]
        for i, (target, joint, entropy, residual) in enumerate(zip(*flat, strict=True)):
            named = {name: dict(zip(self.names, rows[i], strict=True)) for name, rows in by_position.items()}
            named["specialists"] = {n: v if v > -np.inf else None for n, v in named["specialists"].items()}
            yield {
                "position": i,
                "target": target,
                "units": "nats",
                "dtype": self.dtype,
                "joint": joint,
                **named,
                "entropy": entropy,
                "residual": residual,
            }

    def write_jsonl(self, path):
        """Write one JSON object a line to ``path``."""
        write_trace(path, self.records())


def attribute(log_probs, targets, weights=None, names=None):
    r"""Attribution: each specialist's share in the mixture's log-probability of what came, exactly.

    With shares :math:`r_i = w_i p_i / \sum_j w_j p_j`,

    .. math:: \log \sum_i w_i p_i = \sum_i r_i \log p_i + \sum_i r_i \log w_i + H(r),

    and for equal weights the last two terms are :math:`H(r) - \log N`. Sums are formed in float64 (of the
    recorded values), so the residual shows what the recorded dtype lost.

    Parameters
    ----------
    log_probs : array (N, ..., V) or sequence of N arrays (..., V)
        Normalised log-probabilities.
    targets : integer array (...)
        The outcomes that came, each in ``0 .. V - 1``.
    weights : None or array (N,) or (N, ...), default=None
        Weights on the simplex; ``None`` means ``1 / N`` each.
    names : None or sequence of N str, default=None
        The specialists' names; ``None`` means ``"0"``, ``"1"`` and so on.

    Returns
    -------
    Attribution
        One record an outcome, as a table with ``to_frame()``.

    Raises
    ------
    ValueError
        As :func:`mixlib.federation.mixture_combine`; if targets are not integers of shape ``(...)`` in range; if
        an outcome has probability 0 under every specialist of positive weight (there is nothing to share out).

    Notes
    -----
    Source: Dempster, Laird & Rubin 1977, for the shares and their entropy.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import attribute
    >>> rows = np.log([[[0.9, 0.1], [0.8, 0.2]], [[0.3, 0.7], [0.2, 0.8]]])  # 2 specialists, 2 tokens, vocabulary 2
    >>> attribute(rows, targets=[0, 1]).responsibilities.round(3)
    array([[0.75, 0.2 ],
           [0.25, 0.8 ]])
    """
    wide, back = check_log_probs(log_probs)
    n, shape, v = wide.shape[0], tuple(wide.shape[1:-1]), wide.shape[-1]
    targets = _check_targets(targets, shape, v)
    joint = _at(mixture_combine(log_probs, weights), targets)
    weights = floats(check_weights(weights, n, like=wide, axis=0), "weights")
    specialists = np.stack([_at(row, targets) for row in wide])
    return attribute_targets(specialists, targets, weights, joint, names, dtype=_name(back(wide[0, ..., :1]).dtype))


def attribute_targets(target_log_probs, targets, weights=None, joint=None, names=None, *, dtype="float64"):
    r"""Attribution from the log-probabilities of what came alone, as a log or a remote specialist gives them.

    Parameters
    ----------
    target_log_probs : array (N, ...)
        What each specialist gave the outcomes that came.
    targets : integer array (...)
        The outcomes.
    weights : None or array (N,) or (N, ...), default=None
        Weights on the simplex; ``None`` means ``1 / N`` each.
    joint : None or array (...), default=None
        What the mixture gave them; ``None`` means :math:`\log \sum_i w_i p_i`, and then nothing is left to reconcile.
    names : None or sequence of N str, default=None
        The specialists' names; ``None`` means ``"0"``, ``"1"`` and so on.
    dtype : str, default="float64"
        What the numbers were computed in: ``"float64"``, ``"float32"``, ``"float16"`` or ``"bfloat16"``.

    Returns
    -------
    Attribution
        As :func:`attribute` gives it.

    Raises
    ------
    ValueError
        If shapes disagree, a log-probability is NaN or above 0, weights leave the simplex, or an outcome has
        probability 0 under every specialist of positive weight.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import attribute_targets
    >>> attribute_targets(np.log([[0.9, 0.2], [0.3, 0.8]]), targets=[0, 1]).responsibilities.round(3)
    array([[0.75, 0.2 ],
           [0.25, 0.8 ]])
    """
    specialists = floats(target_log_probs, "target_log_probs")
    if specialists.ndim < 1 or specialists.size == 0:
        raise ValueError(f"target_log_probs: expected shape (N, ...), got {specialists.shape}; one row a specialist")
    (n, *shape), targets = specialists.shape, numbers(targets, "targets")
    shape = tuple(shape)
    slack = 4 * EPS[_known(dtype)]
    if not (specialists <= slack).all():
        worst = specialists[~(specialists <= slack)].max()
        raise ValueError(f"target_log_probs: holds {worst:.6g}; log-probabilities are numbers of at most 0, or -inf")
    if targets.shape != shape:
        raise ValueError(f"targets: expected shape {shape}, one outcome a position, got {targets.shape}")
    names = tuple(str(i) for i in range(n)) if names is None else tuple(names)
    if len(names) != n:
        raise ValueError(f"names: expected {n}, one per specialist, got {len(names)}: {', '.join(map(str, names))}")
    weights = check_weights(weights, n, like=specialists, axis=0)
    if weights.ndim > 1 and weights.shape != specialists.shape:
        raise ValueError(f"weights: expected shape ({n},) or {specialists.shape}, got {weights.shape}")
    weights = np.broadcast_to(weights.reshape(weights.shape + (1,) * (1 + len(shape) - weights.ndim)), (n, *shape))

    terms = specialists + _log(weights)
    top = terms.max(axis=0)
    if np.isneginf(top).any():
        where = np.unravel_index(int(np.argmax(np.isneginf(top))), top.shape or (1,))
        position = tuple(int(i) for i in where)
        raise ValueError(
            f"targets: outcome {int(targets[where] if targets.shape else targets)} at position {position} has "
            f"probability 0 under every specialist of positive weight; there is nothing to attribute"
        )
    shares = np.exp(terms - top)
    total = shares.sum(axis=0)
    shares = shares / total
    joint = top + np.log(total) if joint is None else floats(joint, "joint")
    if joint.shape != shape:
        raise ValueError(f"joint: expected shape {shape}, one a position, got {joint.shape}")
    entropy = -_weighted(shares, _log(shares))
    return Attribution(targets, joint, specialists, weights, shares, entropy, names, dtype=dtype)


def _name(dtype):
    return str(dtype).removeprefix("torch.")


def _known(dtype):
    if dtype not in EPS:
        raise ValueError(f"dtype: got {dtype!r}, expected one of {', '.join(EPS)}")
    return dtype


def _check_targets(targets, shape, v):
    targets = integers(targets, "targets", v)
    if targets.shape != shape:
        raise ValueError(f"targets: expected shape {shape}, one outcome a position, got {targets.shape}")
    return targets


def _at(rows, targets):
    """The entries of ``rows (..., V)`` at ``targets (...)``, as float64."""
    xp = array_namespace(rows)
    index = xp.asarray(targets, device=device(rows), dtype=xp.int64)
    return floats(xp.take_along_axis(rows, index[..., None], axis=-1)[..., 0], "log_probs")


def _log(values):
    with np.errstate(divide="ignore"):
        return np.log(values)


def _weighted(shares, values):
    return np.sum(np.where(shares > 0, shares * np.where(shares > 0, values, 0.0), 0.0), axis=0)
