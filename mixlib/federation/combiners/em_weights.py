"""Constant weights, fitted."""

import numpy as np

from mixlib.federation.combiners.base import WeightedCombiner
from mixlib.federation.combiners.predictions import as_predictions


class EMWeights(WeightedCombiner):
    r"""Stacking weights: constant weights that maximise the likelihood of validation text, by expectation-maximisation.

    Each step replaces :math:`w_i` by the mean share
    :math:`\frac1T \sum_t w_i p_i(t) / \sum_j w_j p_j(t)`; the likelihood never falls and is concave in ``w``.

    Parameters
    ----------
    tolerance : float, default=1e-9
        Stop when no weight moves by more. Smaller is more exact and takes more steps.
    steps : int, default=10000
        Stop after so many steps at the latest.

    Notes
    -----
    Source: Dempster, Laird & Rubin 1977.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import EMWeights
    >>> EMWeights().fit(np.log([[0.9, 0.9, 0.1], [0.2, 0.2, 0.8]])).state.round(3)
    array([0.667, 0.333])
    """

    row = "mixture, EM weights"
    reference = "dempster1977"
    place = 1
    _arrays = ("state",)

    def __init__(self, tolerance=1e-9, steps=10_000):
        self.tolerance, self.steps = tolerance, steps
        self.state = None

    @classmethod
    def for_comparison(cls, n, validation=None, share=0.05):
        """Fitted; None without validation text."""
        return None if validation is None else cls().fit(validation)

    @property
    def n(self):
        """Number of specialists, None before the fit."""
        return None if self.state is None else len(self.state)

    def fit(self, log_probs, document_starts=(0,)):
        """Fit the weights to ``log_probs (N, T)`` of the outcomes; one that all exclude says nothing."""
        log_probs = as_predictions(log_probs, document_starts).log_probs
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
