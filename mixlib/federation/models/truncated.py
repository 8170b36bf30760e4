"""Specialists that send only their k most probable tokens: what the mixture can still be said to be."""

from dataclasses import dataclass

import numpy as np

from mixlib.arrays import EPS, integers, numbers, whole
from mixlib.simplex import check_weights


@dataclass(frozen=True)
class TopK:
    """Top-k predictions: one specialist's ``k`` most probable tokens at each position, as a remote one sends them.

    Parameters
    ----------
    tokens : integer array (..., k)
        Distinct at each position, in any order.
    log_probs : array (..., k)
        Their log-probabilities, in nats, of the full distribution (not renormalised over the k).
    vocabulary : int
        How many tokens there are.
    rounding : None or float, default=None
        How far a log-probability may be off; ``None`` means a rounding step of its dtype, relative to its size. Give
        ``5e-5`` where four decimals were sent.

    Raises
    ------
    ValueError
        If shapes disagree, a token is out of range or comes twice, a log-probability is NaN or above 0, or the
        numbers cannot be the k largest of a distribution: they sum to more than 1, or they leave more mass than the
        other tokens could hold below the k-th.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import TopK
    >>> sent = TopK.of(np.log([0.6, 0.3, 0.05, 0.05]), k=2)
    >>> sent.tokens, np.round(sent.missing, 3), np.round(sent.unseen_bounds(), 3)
    (array([1, 0]), array([0.1, 0.1]), array([0.  , 0.1 , 0.05]))
    """

    tokens: np.ndarray
    log_probs: np.ndarray
    vocabulary: int
    rounding: float | None = None

    def __post_init__(self):
        tokens, log_probs = integers(self.tokens, "tokens", self.vocabulary), numbers(self.log_probs, "log_probs")
        if tokens.ndim < 1 or tokens.shape[-1] < 1:
            raise ValueError(f"tokens: expected shape (..., k), k at least 1, got {tokens.shape}; send one at least")
        if not np.issubdtype(log_probs.dtype, np.floating) or log_probs.shape != tokens.shape:
            raise ValueError(
                f"log_probs: expected floats of the tokens' shape {tokens.shape}, got {log_probs.dtype} "
                f"{log_probs.shape}"
            )
        ordered = np.sort(tokens, axis=-1)
        if (ordered[..., 1:] == ordered[..., :-1]).any():
            raise ValueError("tokens: one comes twice at a position; send each token once")
        wide = log_probs.astype(np.float64)
        step = self._step(wide, log_probs.dtype)
        if not (wide <= step).all():
            raise ValueError(f"log_probs: holds {wide.max():.6g}; log-probabilities are numbers of at most 0, or -inf")
        object.__setattr__(self, "tokens", tokens)
        object.__setattr__(self, "log_probs", wide)
        object.__setattr__(self, "rounding", step)
        low, high = self.missing
        slack = 1e-6 if log_probs.dtype == np.float64 else 1e-3  # how far a normalised row may be off, as for full rows
        if (high < -slack).any():
            raise ValueError(f"log_probs: sum to probability {1 - high.min():.6g} at a position; at most 1 is possible")
        over = low - self.unseen * np.exp((wide + step).min(axis=-1))
        if (over > slack).any():
            raise ValueError(
                f"log_probs: leave a probability of {low.ravel()[over.argmax()]:.6g} for {self.unseen} tokens, none of "
                f"which may exceed the k-th; send the most probable tokens, with their full probabilities"
            )

    @classmethod
    def of(cls, log_probs, k):
        """Cut full rows ``(..., V)`` down to their ``k`` largest, ``V`` for a specialist that sends everything."""
        log_probs = numbers(log_probs, "log_probs")
        whole(k, "k", 1, log_probs.shape[-1])
        tokens = np.argpartition(log_probs, -k, axis=-1)[..., -k:]
        return cls(tokens, np.take_along_axis(log_probs, tokens, axis=-1), log_probs.shape[-1])

    @property
    def unseen(self):
        """How many tokens were not sent."""
        return self.vocabulary - self.tokens.shape[-1]

    @property
    def missing(self):
        """Least and most probability that the tokens that were not sent hold together, a pair ``(...)``."""
        sums = [np.exp(self.log_probs + side * self.rounding).sum(axis=-1) for side in (1, -1)]
        return np.maximum(1 - sums[0], 0), 1 - sums[1]

    def unseen_bounds(self):
        r"""Least and most probability of one token that was not sent, and an estimate, each ``(...)``.

        With missing mass :math:`m`, :math:`u` tokens to hold it and the k-th probability :math:`c`, a missing token
        has at most :math:`\min(c, m)`; and at least :math:`\max(0, m - (u - 1) c)`, what the others cannot hold.
        The estimate is :math:`m / u`.
        """
        low, high = self.missing
        cap = np.exp((self.log_probs + self.rounding).min(axis=-1))
        least = np.maximum(low - (self.unseen - 1) * cap, 0)
        high = np.maximum(high, 0)
        middle = (low + high) / 2 / max(self.unseen, 1)  # positive even where the mass is lost in rounding
        return least, np.minimum(cap, high), np.minimum(cap, middle)

    def _step(self, wide, dtype):
        if self.rounding is not None:
            return np.full(wide.shape, float(self.rounding))
        return EPS[str(dtype)] * np.maximum(1, np.abs(np.where(np.isfinite(wide), wide, 0)))


@dataclass(frozen=True)
class MixtureBounds:
    """Bounds of a mixture of truncated predictions, log-probabilities in nats.

    Attributes
    ----------
    lower : array
        The least that the mixture can be.
    upper : array
        The most that it can be.
    estimate : array
        Between both; of whole rows it is normalised.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import TopK, mixture_bounds
    >>> sent = [TopK.of(np.log(row), k=1) for row in ([0.8, 0.1, 0.1], [0.2, 0.7, 0.1])]
    >>> np.exp(mixture_bounds(sent).estimate).round(3)
    array([0.475, 0.4  , 0.125])
    """

    lower: np.ndarray
    upper: np.ndarray
    estimate: np.ndarray


def mixture_bounds(specialists, weights=None):
    r"""Bounds on the mixture :math:`\sum_i w_i p_i` for every token, when each specialist sent its top k.

    No bound can be narrower: for each token there are full distributions that agree with all that was sent and reach
    it. Both ends can not be reached for all tokens at once, so only the estimate sums to 1.

    Parameters
    ----------
    specialists : sequence of N TopK
        Over one vocabulary, with equal leading shape; each with a k of its own.
    weights : None or array (N,) or (N, ...), default=None
        Weights on the simplex; ``None`` means ``1 / N`` each.

    Returns
    -------
    MixtureBounds
        With arrays ``(..., V)``.

    Raises
    ------
    ValueError
        If vocabularies or leading shapes differ, or weights leave the simplex.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import TopK, mixture_bounds
    >>> sent = [TopK.of(np.log(row), k=1) for row in ([0.8, 0.15, 0.05], [0.2, 0.7, 0.1])]
    >>> bounds = mixture_bounds(sent)
    >>> np.exp(bounds.lower).round(3), np.exp(bounds.upper).round(3)
    (array([0.4 , 0.35, 0.  ]), array([0.55, 0.45, 0.25]))
    """
    shape, weights = _check(specialists, weights)
    vocabulary = specialists[0].vocabulary
    sums = np.zeros((3, *shape, vocabulary))
    for one, weight in zip(specialists, weights, strict=True):
        for total, rest, side in zip(sums, one.unseen_bounds(), (-1, 1, 0), strict=True):
            row = np.repeat(rest[..., None], vocabulary, axis=-1)
            np.put_along_axis(row, one.tokens, np.exp(one.log_probs + side * one.rounding), axis=-1)
            total += weight[..., None] * row
    return _in_logs(sums)


def mixture_target_bounds(specialists, targets, weights=None):
    """Bounds on the mixture for the tokens that came alone, without a row of the vocabulary.

    Parameters
    ----------
    specialists : sequence of N TopK
        As for :func:`mixture_bounds`.
    targets : integer array (...)
        The tokens that came, one a position.
    weights : None or array (N,) or (N, ...), default=None
        Weights on the simplex; ``None`` means ``1 / N`` each.

    Returns
    -------
    MixtureBounds
        With arrays ``(...)``.

    Raises
    ------
    ValueError
        As :func:`mixture_bounds`; if targets are not integers in range, one a position.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import TopK, mixture_target_bounds
    >>> sent = [TopK.of(np.log([row]), k=1) for row in ([0.8, 0.1, 0.1], [0.2, 0.7, 0.1])]
    >>> bounds = mixture_target_bounds(sent, targets=np.array([0]))
    >>> np.exp(bounds.lower).round(3), np.exp(bounds.upper).round(3)
    (array([0.4]), array([0.55]))
    """
    shape, weights = _check(specialists, weights)
    targets = integers(targets, "targets", specialists[0].vocabulary)
    if targets.shape != shape:
        raise ValueError(f"targets: expected integers of shape {shape}, one a position, got {targets.shape}")
    sums = np.zeros((3, *shape))
    for one, weight in zip(specialists, weights, strict=True):
        sent = one.tokens == targets[..., None]
        for total, rest, side in zip(sums, one.unseen_bounds(), (-1, 1, 0), strict=True):
            here = np.where(sent, np.exp(one.log_probs + side * one.rounding), 0).sum(axis=-1)
            total += weight * np.where(sent.any(axis=-1), here, rest)
    return _in_logs(sums)


def _check(specialists, weights):
    specialists = list(specialists)
    if not specialists or not all(isinstance(one, TopK) for one in specialists):
        kinds = ", ".join(type(one).__name__ for one in specialists) or "none"
        raise ValueError(f"specialists: expected TopK objects, got {kinds}; TopK.of(log_probs, V) takes full rows")
    shape = specialists[0].tokens.shape[:-1]
    for i, one in enumerate(specialists):
        if one.tokens.shape[:-1] != shape or one.vocabulary != specialists[0].vocabulary:
            raise ValueError(
                f"specialists: number {i} has shape {one.tokens.shape[:-1]} over {one.vocabulary} tokens, number 0 "
                f"{shape} over {specialists[0].vocabulary}; all need the same"
            )
    n = len(specialists)
    weights = check_weights(weights, n, like=np.zeros(1), axis=0)
    if weights.ndim > 1 and weights.shape != (n, *shape):
        raise ValueError(f"weights: expected shape ({n},) or {(n, *shape)}, got {weights.shape}")
    return shape, np.broadcast_to(weights.reshape(weights.shape + (1,) * (1 + len(shape) - weights.ndim)), (n, *shape))


def _in_logs(sums):
    with np.errstate(divide="ignore"):
        lower, upper, estimate = np.log(sums)
    return MixtureBounds(lower, np.minimum(upper, 0), estimate)
