"""Do specialists err together? Dependence of losses given the token that came, and tokens that all put first."""

from dataclasses import dataclass

import numpy as np

from mixlib.arrays import generator

__all__ = []


@dataclass(frozen=True)
class Dependence:
    """How the losses of ``M`` models go together among occurrences of the same token.

    Attributes
    ----------
    correlation : array (M, M)
        Of the losses, after the mean loss on each token is taken out.
    shuffled : array (M, M)
        The largest absolute correlation among shuffles of one model's losses within each token.
    both : array (M, M)
        Share of positions where both models are mistaken: each gave the token that came less than one half.
    independent : array (M, M)
        What that share would be if mistakes were independent given the token.
    """

    correlation: np.ndarray
    shuffled: np.ndarray
    both: np.ndarray
    independent: np.ndarray


def dependence(log_probs, given, shuffles=100, rng=0):
    r"""Measure whether models that are independent given the token would have such losses.

    Parameters
    ----------
    log_probs : array (M, T)
        Log-probabilities of the tokens that came.
    given : integer array (T,)
        What is held fixed, the token that came for example. Positions whose label occurs once are left out.
    shuffles : int
    rng : Generator or int

    Returns
    -------
    Dependence

    Raises
    ------
    ValueError
        If the shapes do not fit, there is no shuffle, or no label occurs twice.
    """
    log_probs, given = np.asarray(log_probs, dtype=float), np.asarray(given)
    if log_probs.ndim != 2 or given.shape != log_probs.shape[1:] or shuffles < 1:
        raise ValueError(
            f"log_probs, given, shuffles: expected (M, T), T labels and at least one shuffle, got {log_probs.shape}, "
            f"{given.shape} and {shuffles}"
        )
    _, labels, counts = np.unique(given, return_inverse=True, return_counts=True)
    kept = counts[labels] > 1
    if not kept.any():
        raise ValueError("given: no label occurs twice, so nothing can be compared; give coarser labels")
    labels, log_probs = labels[kept], log_probs[:, kept]
    size = np.bincount(labels, minlength=len(counts)).clip(1)

    def centred(values):
        means = np.stack([np.bincount(labels, row, minlength=len(counts)) for row in values]) / size
        return values - means[:, labels]

    wrong = (log_probs < np.log(0.5)).astype(float)
    off = centred(wrong) * np.sqrt(size / (size - 1).clip(1))[labels]  # an unbiased covariance of each label
    both = wrong @ wrong.T / len(labels)
    scores = centred(log_probs)
    scores /= np.sqrt((scores**2).mean(axis=1, keepdims=True))
    rng, order = generator(rng), np.argsort(labels, kind="stable")
    largest = np.zeros_like(both)
    for _ in range(shuffles):
        drawn = np.empty_like(order)
        drawn[order] = np.lexsort((rng.random(len(labels)), labels))
        largest = np.maximum(largest, np.abs(scores @ scores[:, drawn].T) / len(labels))
    return Dependence(scores @ scores.T / len(labels), largest, both, both - off @ off.T / len(labels))


def favourites(log_probs, k):
    """The ``k`` most probable tokens of every row ``(..., V)``, most probable first, ``(..., k)``.

    Raises
    ------
    ValueError
        If ``k`` is not between 1 and ``V``.
    """
    log_probs = np.asarray(log_probs)
    if not 1 <= k <= log_probs.shape[-1]:
        raise ValueError(f"k: expected 1 to {log_probs.shape[-1]} tokens, got {k}")
    top = np.argpartition(log_probs, -k, axis=-1)[..., -k:]
    order = np.argsort(-np.take_along_axis(log_probs, top, axis=-1), axis=-1, kind="stable")
    return np.take_along_axis(top, order, axis=-1)


def nothing_in_common(tops):
    """Whether no token is in all sets, and whether none is in any two, ``(T,)`` each, for sets ``(N, T, k)``."""
    tops = np.asarray(tops)
    if tops.ndim != 3 or len(tops) < 2:
        raise ValueError(f"tops: expected sets (N, T, k) of at least 2 specialists, got {tops.shape}")
    inside = np.array([[(a[:, :, None] == b[:, None, :]).any(-1) for b in tops] for a in tops])  # (N, N, T, k)
    none_in_all = ~inside[0].all(axis=0).any(axis=-1)
    pairs = [~inside[i, j].any(axis=-1) for i in range(len(tops)) for j in range(i)]
    return none_in_all, np.all(pairs, axis=0)
