"""Weights for the mixture that are learned: from validation text, or on the fly from each token's outcome.

A combiner proposes weights over ``N`` specialists before an outcome and hears afterwards what each of them had
given it. ``weights_along`` runs one over a text; the weights then go into ``mixture_combine``.
"""

from typing import Protocol

import numpy as np

from mixlib.simplex import check_weights


class Combiner(Protocol):
    """What every combiner offers: learn once, then propose, listen, and forget at a new document."""

    state: np.ndarray  # (N,) weights for the next outcome

    def fit(self, log_probs, document_starts):
        """Learn from validation text: ``log_probs (N, T)`` of the outcomes that came. Returns ``self``."""

    def update(self, log_probs):
        """Hear ``log_probs (N,)`` of the outcome that came."""

    def reset(self):
        """Begin a new document."""


class EMWeights:
    r"""Constant weights that maximise the likelihood of validation text, by expectation-maximisation.

    Each step replaces :math:`w_i` by the mean share
    :math:`\frac1T \sum_t w_i p_i(t) / \sum_j w_j p_j(t)`; the likelihood never falls and is concave in ``w``.

    Parameters
    ----------
    tolerance : float
        Stop when no weight moves by more.
    steps : int
        Stop after so many steps at the latest.

    Notes
    -----
    Source: Dempster, Laird & Rubin 1977.
    """

    def __init__(self, tolerance=1e-9, steps=10_000):
        self.tolerance, self.steps = tolerance, steps
        self.state = None

    def fit(self, log_probs, document_starts=(0,)):
        """Fit the weights to ``log_probs (N, T)`` of the outcomes; one that all exclude says nothing."""
        log_probs, _ = _check_stream(log_probs, document_starts)
        log_probs = log_probs[:, np.isfinite(log_probs.max(axis=0))]
        if not log_probs.size:
            raise ValueError("log_probs: every outcome has probability 0 under every specialist; nothing to fit")
        probs = np.exp(log_probs - log_probs.max(axis=0))
        weights = np.full(len(probs), 1 / len(probs))
        for _ in range(self.steps):
            shares = weights[:, None] * probs
            new = (shares / shares.sum(axis=0)).mean(axis=1)
            moved = np.abs(new - weights).max()
            weights = new / new.sum()
            if moved <= self.tolerance:
                break
        self.state = weights
        return self

    def update(self, log_probs):
        """The weights are constant: nothing to hear."""

    def reset(self):
        """The weights are constant: nothing to forget."""


class FixedShare:
    r"""Weights that follow the best specialist as it changes.

    After an outcome the weights become the Bayes posterior :math:`v_i \propto w_i p_i`; then every specialist
    gives a share :math:`\alpha` of its weight to the others, in equal parts:
    :math:`w_i = (1 - \alpha) v_i + \alpha \frac{1 - v_i}{N - 1}`. So no weight ever falls to 0, and a specialist that
    was wrong for long can come back within a few tokens.

    Parameters
    ----------
    n : int
        Number of specialists.
    share : float
        The share :math:`\alpha`, in ``[0, 1)``; 0 is the plain Bayes posterior.
    prior : array (N,), optional
        Weights at a document's start, ``1 / N`` each by default.

    Raises
    ------
    ValueError
        If ``share`` is outside ``[0, 1)`` or ``prior`` is off the simplex.

    Notes
    -----
    Source: Herbster & Warmuth 1998.
    """

    def __init__(self, n, share=0.05, prior=None):
        if not 0 <= share < 1:
            raise ValueError(f"share: expected a number in [0, 1), got {share}; .05 is a good start")
        self.share = share
        self.prior = check_weights(prior, n, like=np.zeros(n), name="prior")
        self.state = self.prior

    def fit(self, log_probs, document_starts=(0,)):
        """Learn the prior, weights at a document's start, as the mean posterior of whole documents."""
        log_probs, starts = _check_stream(log_probs, document_starts)
        totals = np.add.reduceat(log_probs, starts, axis=1)
        totals = totals[:, np.isfinite(totals.max(axis=0))]
        if not totals.size:
            raise ValueError("log_probs: every specialist excludes every document; nothing to fit")
        posterior = np.exp(totals - totals.max(axis=0))
        self.prior = (posterior / posterior.sum(axis=0)).mean(axis=1)
        self.reset()
        return self

    def update(self, log_probs):
        """Hear ``log_probs (N,)`` of the outcome; one that all exclude says nothing and changes nothing."""
        top = np.max(log_probs)
        if np.isneginf(top):
            return
        posterior = self.state * np.exp(log_probs - top)
        total = posterior.sum()
        posterior = posterior / total if total > 0 else self.state
        if len(posterior) > 1:
            posterior = (1 - self.share) * posterior + self.share * (1 - posterior) / (len(posterior) - 1)
        self.state = posterior

    def reset(self):
        """Return to the prior."""
        self.state = self.prior


class BayesPosterior(FixedShare):
    """Posterior over which specialist wrote the document: :class:`FixedShare` that shares nothing."""

    def __init__(self, n, prior=None):
        super().__init__(n, share=0.0, prior=prior)


def weights_along(combiner, log_probs, document_starts=(0,)):
    """Run ``combiner`` over a text and return the weights ``(N, T)`` it proposed before each outcome.

    Parameters
    ----------
    combiner : Combiner
        Its state moves; it is reset at every document start.
    log_probs : array (N, T)
        Log-probabilities that the specialists gave to the outcomes that came.
    document_starts : sequence of int
        Positions at which a document begins, the first of them 0.

    Raises
    ------
    ValueError
        If ``log_probs`` is not ``(N, T)``, holds NaN or a probability above 1, if document starts are not
        increasing from 0 within the text, or the combiner has not been fitted.
    """
    log_probs, starts = _check_stream(log_probs, document_starts)
    begins = np.zeros(log_probs.shape[1], dtype=bool)
    begins[starts] = True
    weights = np.empty_like(log_probs)
    for t, outcome in enumerate(log_probs.T):
        if begins[t]:
            combiner.reset()
        if combiner.state is None or len(combiner.state) != len(log_probs):
            raise ValueError(
                f"combiner: {type(combiner).__name__} has weights {combiner.state} but there are {len(log_probs)} "
                f"specialists; fit it on log_probs of as many"
            )
        weights[:, t] = combiner.state
        combiner.update(outcome)
    return weights


def _check_stream(log_probs, document_starts):
    log_probs = np.asarray(log_probs, dtype=np.float64)
    if log_probs.ndim != 2 or 0 in log_probs.shape:
        raise ValueError(f"log_probs: expected shape (N, T) with outcomes in it, got {log_probs.shape}")
    if not log_probs.max() <= 1e-3:
        raise ValueError("log_probs: holds NaN or a probability above 1; pass log-probabilities of the outcomes")
    starts = np.asarray(document_starts)
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
    return log_probs, starts
