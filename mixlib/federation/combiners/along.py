"""Run a combiner over a text: the weights it proposed, and the log-probabilities it gave to what came."""

import numpy as np

from mixlib.federation.combiners.base import WeightedCombiner
from mixlib.federation.combiners.predictions import as_predictions


def weights_along(combiner, log_probs, document_starts=(0,)):
    """Weights that a combiner proposes before each outcome of a text, in one run over it.

    Parameters
    ----------
    combiner : WeightedCombiner
        Its state moves; it is reset at every document start.
    log_probs : array (N, T) or Predictions
        Log-probabilities that the specialists gave to the outcomes that came.
    document_starts : sequence of int, default=(0,)
        Positions at which a document begins, the first of them 0; :class:`Predictions` have their own.

    Returns
    -------
    array (N, T)
        On the simplex at each token; 0 for a specialist that is not asked.

    Raises
    ------
    ValueError
        If ``log_probs`` is not ``(N, T)``, holds NaN or a probability above 1, if document starts are not
        increasing from 0 within the text, or the combiner has not been fitted, is for another number of specialists,
        uses what the text does not hold, or is not a mixture.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import BayesPosterior, weights_along
    >>> weights_along(BayesPosterior(2), np.log([[0.9, 0.9, 0.9], [0.1, 0.1, 0.1]]), document_starts=[0, 2]).round(2)
    array([[0.5, 0.9, 0.5],
           [0.5, 0.1, 0.5]])
    """
    if not isinstance(combiner, WeightedCombiner):
        raise ValueError(
            f"combiner: {type(combiner).__name__} is not a mixture with weights known before the outcome; "
            f"use log_probs_along"
        )
    return combiner.weights_along(_checked(combiner, log_probs, document_starts))


def log_probs_along(combiner, log_probs, document_starts=(0,)):
    """Log-probabilities that a combiner gives to the outcomes of a text, in one run over it.

    Parameters
    ----------
    combiner : Combiner
        Its state moves; it is reset at every document start.
    log_probs : array (N, T) or Predictions
        As for :func:`weights_along`; a combiner that uses entropies or rows needs :class:`Predictions` with them.
    document_starts : sequence of int, default=(0,)
        As for :func:`weights_along`.

    Returns
    -------
    array (T,)
        In nats.

    Raises
    ------
    ValueError
        As :func:`weights_along`.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import FixedShare, log_probs_along
    >>> text = np.log([[0.9, 0.9, 0.1, 0.1], [0.1, 0.1, 0.9, 0.9]])
    >>> np.exp(log_probs_along(FixedShare(2, share=0.2), text)).round(2)
    array([0.5 , 0.69, 0.28, 0.61])
    """
    return combiner.along(_checked(combiner, log_probs, document_starts))


def best_on(candidates, log_probs, document_starts=(0,)):
    """Model selection on validation text: every candidate is fitted, and the best one returned, reset.

    This is how a rate or a share is chosen without looking at a test.

    Parameters
    ----------
    candidates : iterable of Combiner
        At least one; they are fitted in place.
    log_probs : array (N, T) or Predictions
        As for :func:`log_probs_along`.
    document_starts : sequence of int, default=(0,)
        As for :func:`weights_along`.

    Returns
    -------
    Combiner
        The candidate whose predictions have the highest likelihood.

    Raises
    ------
    ValueError
        If there are no candidates, or as :func:`log_probs_along`.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import FixedShare, best_on
    >>> text = np.log([[0.9, 0.9, 0.1, 0.1], [0.1, 0.1, 0.9, 0.9]])
    >>> best_on([FixedShare(2, share) for share in (0.0, 0.2)], text).share
    0.2
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
