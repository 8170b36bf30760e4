"""Run a combiner over a text: the weights it proposed, and the log-probabilities it gave to what came."""

import numpy as np

from mixlib.federation.combiners.base import WeightedCombiner
from mixlib.federation.combiners.predictions import as_predictions


def weights_along(combiner, log_probs, document_starts=(0,)):
    """Run ``combiner`` over a text and return the weights ``(N, T)`` it proposed before each outcome.

    Parameters
    ----------
    combiner : WeightedCombiner
        Its state moves; it is reset at every document start.
    log_probs : array (N, T) or Predictions
        Log-probabilities that the specialists gave to the outcomes that came.
    document_starts : sequence of int
        Positions at which a document begins, the first of them 0; :class:`Predictions` have their own.

    Raises
    ------
    ValueError
        If ``log_probs`` is not ``(N, T)``, holds NaN or a probability above 1, if document starts are not
        increasing from 0 within the text, or the combiner has not been fitted, is for another number of specialists,
        uses what the text does not hold, or is not a mixture.
    """
    if not isinstance(combiner, WeightedCombiner):
        raise ValueError(
            f"combiner: {type(combiner).__name__} is not a mixture with weights known before the outcome; "
            f"use log_probs_along"
        )
    return combiner.weights_along(_checked(combiner, log_probs, document_starts))


def log_probs_along(combiner, log_probs, document_starts=(0,)):
    """Run ``combiner`` over a text and return the log-probabilities ``(T,)`` it gave to the outcomes that came.

    Parameters
    ----------
    combiner : Combiner
        Its state moves; it is reset at every document start.
    log_probs : array (N, T) or Predictions
        As for :func:`weights_along`; a combiner that uses entropies or rows needs :class:`Predictions` with them.
    document_starts : sequence of int
        As for :func:`weights_along`.

    Raises
    ------
    ValueError
        As :func:`weights_along`.
    """
    return combiner.along(_checked(combiner, log_probs, document_starts))


def best_on(candidates, log_probs, document_starts=(0,)):
    """Fit every combiner of ``candidates`` on validation text and return the one that predicts it best, reset.

    This is how a rate or a share is chosen without looking at a test.

    Raises
    ------
    ValueError
        If there are no candidates, or as :func:`log_probs_along`.
    """
    candidates = list(candidates)
    if not candidates:
        raise ValueError("candidates: empty; give at least one combiner")
    losses = [
        -log_probs_along(c.fit(log_probs, document_starts), log_probs, document_starts).mean() for c in candidates
    ]
    best = candidates[int(np.argmin(losses))]
    best.reset()
    return best


def _checked(combiner, log_probs, document_starts):
    text = as_predictions(log_probs, document_starts, combiner)
    n = len(text.log_probs)
    if combiner.n != n:
        raise ValueError(
            f"combiner: {type(combiner).__name__} is for {combiner.n or 'no'} specialists, there are {n} specialists; "
            f"make it for as many, and fit it"
        )
    return text
