"""The audit of a mixture: which specialist carried each outcome, and whether the record adds up."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
from array_api_compat import array_namespace, device, is_array_api_obj

from mixlib.federation.pools import check_log_probs, mixture_combine
from mixlib.simplex import check_weights


@dataclass(frozen=True)
class Attribution:
    """One record for each outcome; arrays are NumPy, ``(...)`` by position or ``(N, ...)`` by specialist.

    Attributes
    ----------
    targets : (...)
        The outcomes that came.
    joint : (...)
        Their log-probability under the mixture, as ``mixture_combine`` returned it in the input's own dtype.
    specialists : (N, ...)
        Their log-probability under each specialist.
    weights : (N, ...)
        The weights of the mixture.
    responsibilities : (N, ...)
        Posterior share of each specialist, ``r_i = w_i p_i / sum_j w_j p_j``.
    entropy : (...)
        Entropy ``H(r)`` of the shares, in nats.
    names : tuple of str
        The specialists' names.
    """

    targets: np.ndarray
    joint: np.ndarray
    specialists: np.ndarray
    weights: np.ndarray
    responsibilities: np.ndarray
    entropy: np.ndarray
    names: tuple

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
        return pd.DataFrame({name: np.ravel(values) for name, values in columns.items()})

    def records(self):
        """The same rows as plain dictionaries, ready for JSON; probability 0 is written as ``None``."""
        by_position = [np.reshape(a, (len(self.names), -1)).T for a in (self.specialists, self.responsibilities)]
        flat = [np.ravel(a) for a in (self.targets, self.joint, self.entropy, self.residual)]
        for i, (target, joint, entropy, residual) in enumerate(zip(*flat, strict=True)):
            log_p, share = (values[i] for values in by_position)
            yield {
                "position": i,
                "target": int(target),
                "joint": float(joint),
                "specialists": {
                    n: float(v) if np.isfinite(v) else None for n, v in zip(self.names, log_p, strict=True)
                },
                "responsibilities": {n: float(v) for n, v in zip(self.names, share, strict=True)},
                "entropy": float(entropy),
                "residual": float(residual),
            }

    def write_jsonl(self, path):
        """Write one JSON object a line to ``path``."""
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in self.records())


def attribute(log_probs, targets, weights=None, names=None):
    r"""Split the mixture's log-probability of what came into the specialists' parts, exactly.

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
    weights : array (N,) or (N, ...), optional
        Weights on the simplex, ``1 / N`` each by default.
    names : sequence of N str, optional
        The specialists' names; ``"0"``, ``"1"``, ... by default.

    Returns
    -------
    Attribution

    Raises
    ------
    ValueError
        As :func:`mixlib.federation.mixture_combine`; if targets are not integers of shape ``(...)`` in range; if
        an outcome has probability 0 under every specialist of positive weight (there is nothing to share out).

    Notes
    -----
    Source: Dempster, Laird & Rubin 1977, for the shares and their entropy.
    """
    joint = mixture_combine(log_probs, weights)
    wide, _ = check_log_probs(log_probs)
    n, shape, v = wide.shape[0], tuple(wide.shape[1:-1]), wide.shape[-1]
    names = tuple(str(i) for i in range(n)) if names is None else tuple(names)
    if len(names) != n:
        raise ValueError(f"names: expected {n}, one per specialist, got {len(names)}: {', '.join(map(str, names))}")
    targets = _check_targets(targets, shape, v)

    specialists = np.stack([_at(row, targets) for row in wide])
    weights = _numpy(check_weights(weights, n, like=wide, axis=0))
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
    shares = shares / shares.sum(axis=0)
    entropy = -_weighted(shares, _log(shares))
    return Attribution(targets, _at(joint, targets), specialists, weights, shares, entropy, names)


def _check_targets(targets, shape, v):
    targets = _numpy(targets, widen=False) if is_array_api_obj(targets) else np.asarray(targets)
    if not np.issubdtype(targets.dtype, np.integer):
        raise ValueError(f"targets: expected integers, got dtype {targets.dtype}; pass token numbers 0 .. {v - 1}")
    if targets.shape != shape:
        raise ValueError(f"targets: expected shape {shape}, one outcome a position, got {targets.shape}")
    if ((targets < 0) | (targets >= v)).any():
        worst = int(targets.max()) if targets.max() >= v else int(targets.min())
        raise ValueError(f"targets: holds {worst}, outside 0 .. {v - 1}; log_probs have {v} outcomes")
    return targets


def _at(rows, targets):
    """The entries of ``rows (..., V)`` at ``targets (...)``, as float64."""
    xp = array_namespace(rows)
    index = xp.asarray(targets, device=device(rows), dtype=xp.int64)
    return _numpy(xp.take_along_axis(rows, index[..., None], axis=-1)[..., 0])


def _numpy(array, widen=True):
    if hasattr(array, "detach"):
        array = array.detach().cpu()
        array = array.double() if widen else array
    return np.asarray(array, dtype=np.float64) if widen else np.asarray(array)


def _log(values):
    with np.errstate(divide="ignore"):
        return np.log(values)


def _weighted(shares, values):
    return np.sum(np.where(shares > 0, shares * np.where(shares > 0, values, 0.0), 0.0), axis=0)
