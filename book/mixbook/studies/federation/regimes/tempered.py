"""Pools of tempered specialists, scored on the tokens that came without ever writing the pooled rows."""

from dataclasses import dataclass

import numpy as np

from mixlib.arrays import floats, numbers
from mixlib.federation.pools import check_log_probs

SMALL = 2**16  # numbers that NumPy sums up within milliseconds
CONFIDENCES = (1 / 3, 0.5, 0.75, 1.0, 1.25, 1.5)


@dataclass(frozen=True)
class Pooled:
    """Log-probabilities of the tokens that came, under specialists tempered by ``B`` multipliers, in nats.

    Attributes
    ----------
    singles : array (N, B, T)
    product, log_pool, mixture : array (B, T)
    """

    singles: np.ndarray
    product: np.ndarray
    log_pool: np.ndarray
    mixture: np.ndarray


def tempered_pools(log_probs, tokens, confidences=CONFIDENCES):
    r"""Score three pools of tempered specialists, :math:`p_i \propto p_i^b`, for every confidence ``b`` at once.

    Only the mass of each row is needed, :math:`\log \sum_v p_i(v)^b`, and that of the product of the rows, at ``b`` for
    the product and at ``b / N`` for the logarithmic pool. So the tempered rows are never written.

    Parameters
    ----------
    log_probs : array (N, T, V)
    tokens : integer array (T,)
        The tokens that came.
    confidences : sequence of float
        Multipliers ``b > 0``; below 1 flattens, above 1 sharpens.

    Returns
    -------
    Pooled

    Raises
    ------
    ValueError
        If the rows are not normalised, ``tokens`` do not fit them, a multiplier is not positive, or the specialists
        have no outcome in common somewhere.
    """
    rows, tokens = checked_rows(log_probs, tokens)
    b = floats(confidences, "confidences")
    if b.ndim != 1 or not b.size or not (np.isfinite(b) & (b > 0)).all():
        raise ValueError(f"confidences: expected a sequence of positive multipliers, got {confidences!r}")
    n, here = len(rows), np.arange(len(tokens))
    singles = np.stack([b[:, None] * row[here, tokens] - log_masses(row, b) for row in rows])
    total, powers = rows.sum(axis=0), np.concatenate([b, b / n])
    masses = log_masses(total, powers)
    if np.isneginf(masses).any():
        raise ValueError("log_probs: somewhere no outcome is possible under every specialist; smooth them first")
    product, log_pool = np.split(powers[:, None] * total[here, tokens] - masses, 2)
    return Pooled(singles, product, log_pool, np.logaddexp.reduce(singles, axis=0) - np.log(n))


def by_voices(pooled, confidences):
    r"""Mean log-loss of :math:`(\prod_i p_i)^{m/N}`, renormalised, by the number ``m`` of voices counted, a series.

    The product of specialists tempered by ``b`` counts ``m = N b`` voices, their logarithmic pool ``m = b``: both are
    points of one curve.
    """
    b = floats(confidences, "confidences")
    voices = np.concatenate([b, len(pooled.singles) * b]).round(9)
    losses = -np.concatenate([pooled.log_pool, pooled.product]).mean(axis=-1)
    import pandas as pd

    return pd.Series(losses, voices).groupby(level=0).first()


def product_without_prior(log_probs, tokens, prior):
    r"""Log-probabilities ``(T,)`` of the tokens that came, under :math:`\prod_i p_i / \pi^{N-1}`, renormalised.

    That is Bayes' rule for specialists whose evidence is independent given the token and who share the prior.

    Raises
    ------
    ValueError
        As :func:`tempered_pools`, and unless ``prior (V,)`` is a positive distribution.
    """
    rows, tokens = checked_rows(log_probs, tokens)
    prior = floats(prior, "prior")
    if prior.shape != rows.shape[-1:] or not (prior > 0).all() or abs(prior.sum() - 1) > 1e-6:
        raise ValueError(
            f"prior: expected {rows.shape[-1]} positive probabilities that sum to 1, got shape {prior.shape} with "
            f"sum {prior.sum():.6g}; smooth and normalise the counts"
        )
    total = rows.sum(axis=0) - ((len(rows) - 1) * np.log(prior)).astype(rows.dtype)
    return total[np.arange(len(tokens)), tokens] - log_masses(total, np.ones(1))[0]


def checked_rows(log_probs, tokens):
    """Return ``log_probs (N, T, V)`` as a NumPy array of normalised rows, and ``tokens (T,)`` that index them.

    Raises
    ------
    ValueError
        If they do not fit together.
    """
    rows, _ = check_log_probs(numbers(log_probs, "log_probs"))
    tokens = numbers(tokens, "tokens")
    if rows.ndim != 3 or tokens.shape != rows.shape[1:2] or tokens.dtype.kind not in "iu":
        raise ValueError(
            f"log_probs, tokens: expected (N, T, V) and T integers, got {rows.shape} and {tokens.dtype} {tokens.shape}"
        )
    if tokens.min() < 0 or tokens.max() >= rows.shape[-1]:
        raise ValueError(f"tokens: expected 0 .. {rows.shape[-1] - 1}, got {tokens.min()} .. {tokens.max()}")
    return rows, tokens


def smoothed(tokens, vocabulary):
    """Relative frequencies ``(V,)`` of ``tokens``, half an occurrence added to each, so that none is 0."""
    counts = np.bincount(tokens, minlength=vocabulary) + 0.5
    return counts / counts.sum()


def log_masses(rows, exponents):
    """``log sum_v exp(e x_v)`` for every exponent and row, ``(E, T)`` float64; -inf for a row of nothing but -inf."""
    if rows.size * len(exponents) > SMALL:
        from mixlib.federation.fused.row_sums import add_powers  # loads a compiler

        out = np.empty((len(exponents), len(rows)))
        add_powers(np.ascontiguousarray(rows), np.asarray(exponents, dtype=rows.dtype), out)
        return out
    top = rows.max(axis=-1).astype(float)
    excess = rows - np.where(np.isneginf(top), 0, top)[:, None]
    powers = np.asarray(exponents, dtype=float)
    with np.errstate(divide="ignore"):
        return powers[:, None] * top + np.log(np.exp(powers[:, None, None] * excess).sum(axis=-1))
