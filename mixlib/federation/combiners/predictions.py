"""What specialists said about a text, and what came: what a combiner is fitted on, scored on and run over."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from mixlib.arrays import floats, integers, numbers
from mixlib.federation.combiners.base import WeightedCombiner, entropy

__all__ = ["Predictions", "best_on", "log_probs_along", "weights_along"]


@dataclass(frozen=True)
class Predictions:
    """Predictions of ``N`` specialists for a text of ``T`` tokens.

    Attributes
    ----------
    log_probs : array (N, T)
        Log-probabilities that the specialists gave to the tokens that came, float64, in nats.
    document_starts : array (S,)
        Positions at which a document begins, the first of them 0.
    entropies : array (N, T) or None
        Entropy of each prediction, in nats: known before the token.
    rows : callable or None
        ``rows(i)`` gives the predictions of document ``i`` in full, log-probabilities ``(N, T_i, V)``. They are made
        when asked for, one document at a time.

    Raises
    ------
    ValueError
        If ``log_probs`` is not ``(N, T)``, holds NaN or a probability above 1, if entropies have another shape, or
        document starts are not increasing from 0 within the text.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import Predictions
    >>> rows = np.log([[[0.9, 0.1], [0.8, 0.2]], [[0.5, 0.5], [0.5, 0.5]]])  # 2 specialists, 2 tokens, vocabulary 2
    >>> text = Predictions.from_rows(rows, [0, 1], document_starts=[0, 1])
    >>> np.exp(text.log_probs).round(3), list(text.documents()), list(text.without_resets().documents())
    (array([[0.9, 0.2],
           [0.5, 0.5]]), [(np.int64(0), np.int64(1)), (np.int64(1), 2)], [(np.int64(0), 2)])
    """

    log_probs: np.ndarray
    document_starts: np.ndarray = (0,)
    entropies: np.ndarray | None = None
    rows: Callable | None = None

    def __post_init__(self):
        log_probs, starts = floats(self.log_probs, "log_probs"), numbers(self.document_starts, "document_starts")
        if log_probs.ndim != 2 or 0 in log_probs.shape:
            raise ValueError(f"log_probs: expected shape (N, T) with outcomes in it, got {log_probs.shape}")
        if not log_probs.max() <= 1e-3:
            raise ValueError("log_probs: holds NaN or a probability above 1; pass log-probabilities of the outcomes")
        if (
            starts.ndim != 1
            or starts.size == 0
            or starts[0] != 0
            or (np.diff(starts) <= 0).any()
            or (starts[-1] >= log_probs.shape[1])
        ):
            raise ValueError(
                f"document_starts: expected increasing positions from 0 below {log_probs.shape[1]}, got {starts}"
            )
        entropies = None if self.entropies is None else floats(self.entropies, "entropies")
        if entropies is not None and entropies.shape != log_probs.shape:
            raise ValueError(
                f"entropies: expected one for each log-probability, shape {log_probs.shape}, got {entropies.shape}"
            )
        object.__setattr__(self, "log_probs", log_probs)
        object.__setattr__(self, "entropies", entropies)
        object.__setattr__(self, "document_starts", starts)

    @classmethod
    def from_rows(cls, rows, targets, document_starts=(0,)):
        """From full predictions ``rows (N, T, V)``, log-probabilities, and the tokens ``targets (T,)`` that came.

        Raises
        ------
        ValueError
            If ``rows`` is not ``(N, T, V)``, targets are not ``T`` integers below ``V``, or as for the class.
        """
        rows, targets = numbers(rows, "rows"), integers(targets, "targets")
        if rows.ndim != 3 or targets.shape != rows.shape[1:2]:
            raise ValueError(
                f"rows, targets: expected shapes (N, T, V) and (T,), got {rows.shape} and {targets.shape}; "
                f"give a row and an outcome for each position"
            )
        integers(targets, "targets", rows.shape[2])
        spans = list(zip(document_starts, [*document_starts[1:], len(targets)], strict=True))
        return cls(
            rows[:, np.arange(len(targets)), targets],
            document_starts,
            entropy(rows),
            lambda document: rows[:, slice(*spans[document])],
        )

    @classmethod
    def of(cls, specialists, stream, keep=False):
        """Of ``specialists``, models with ``log_probs(tokens)``, for the documents of a :class:`Stream`.

        Rows are computed document by document, here for the entropies and once more whenever they are asked for; with
        ``keep`` they stay in memory, ``N T V`` numbers.

        Examples
        --------
        >>> import numpy as np
        >>> from mixlib.federation import CacheModel, Predictions, Stream
        >>> text = Stream(np.array([0, 1, 0, 1]), np.array([0]))
        >>> specialists = [CacheModel(2).fit(np.array(seen)) for seen in ([0, 0, 1], [0, 1, 1])]
        >>> np.exp(Predictions.of(specialists, text).log_probs).round(2)
        array([[0.62, 0.37, 0.62, 0.37],
               [0.38, 0.62, 0.38, 0.62]])
        """
        documents = stream.documents()

        def rows(document):
            return np.stack([s.log_probs(documents[document]) for s in specialists])

        rows = cache(rows) if keep else rows

        targets, entropies = [], []
        for number, tokens in enumerate(documents):
            predicted = rows(number)
            targets.append(predicted[:, np.arange(len(tokens)), tokens])
            entropies.append(entropy(predicted))
        return cls(np.concatenate(targets, axis=1), stream.document_starts, np.concatenate(entropies, axis=1), rows)

    def documents(self):
        """Where each document begins and ends, pairs of positions."""
        return list(zip(self.document_starts, [*self.document_starts[1:], self.log_probs.shape[1]], strict=True))

    def without_resets(self):
        """The same text as a single document: a combiner that runs over it never forgets."""
        return Predictions(self.log_probs, (0,), self.entropies)


def as_predictions(log_probs, document_starts=(0,), combiner=None):
    """``log_probs`` if it is :class:`Predictions`, otherwise made of log-probabilities ``(N, T)`` of the outcomes.

    Raises
    ------
    ValueError
        As :class:`Predictions`, and if ``combiner`` uses entropies or rows and the text does not hold them.
    """
    text = log_probs if isinstance(log_probs, Predictions) else Predictions(log_probs, document_starts)
    if combiner is not None and combiner.uses != "history" and getattr(text, combiner.uses) is None:
        raise ValueError(
            f"log_probs: {type(combiner).__name__} needs the specialists' {combiner.uses} too; make the text with "
            f"Predictions.of or Predictions.from_rows"
        )
    return text


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
