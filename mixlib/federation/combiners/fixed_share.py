"""Weights that follow the best specialist of a document, and share with the others."""

import numpy as np

from mixlib.arrays import whole
from mixlib.federation.combiners.base import WeightedCombiner
from mixlib.federation.combiners.predictions import as_predictions
from mixlib.simplex import check_weights


class FixedShare(WeightedCombiner):
    r"""Fixed share: weights that follow the best specialist as it changes.

    After an outcome the weights become the Bayes posterior :math:`v_i \propto w_i p_i`; then every specialist
    gives a share :math:`\alpha` of its weight to the others, in equal parts:
    :math:`w_i = (1 - \alpha) v_i + \alpha \frac{1 - v_i}{N - 1}`. So no weight ever falls to 0, and a specialist that
    was wrong for long can come back within a few tokens.

    Parameters
    ----------
    n : int
        Number of specialists.
    share : float, default=0.05
        The switching rate :math:`\alpha`, in ``[0, 1)``. Higher follows a change sooner and trusts the best less; 0 is
        the plain Bayes posterior.
    prior : None or array (N,), default=None
        Weights at a document's start; ``None`` means ``1 / N`` each.

    Raises
    ------
    ValueError
        If ``share`` is outside ``[0, 1)`` or ``prior`` is off the simplex.

    Notes
    -----
    Weights are kept as logarithms: a posterior that fell to :math:`e^{-1000}` in one document can return in the next.
    Source: Herbster & Warmuth 1998.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import FixedShare, weights_along
    >>> text = np.log([[0.9, 0.9, 0.1, 0.1], [0.1, 0.1, 0.9, 0.9]])  # the better specialist changes
    >>> weights_along(FixedShare(2, share=0.1), text).round(2)
    array([[0.5 , 0.82, 0.88, 0.46],
           [0.5 , 0.18, 0.12, 0.54]])
    """

    row = "mixture, fixed-share"
    reference = "herbster1998"
    place = 3
    _arrays = ("share", "prior", "log_state")

    def __init__(self, n, share=0.05, prior=None):
        if not 0 <= share < 1:
            raise ValueError(f"share: expected a number in [0, 1), got {share}; .05 is a good start")
        self.share = share
        whole(n, "n", 1)
        self.prior = check_weights(prior, n, like=np.zeros(n), name="prior")
        self.reset()

    @classmethod
    def for_comparison(cls, n, validation=None, share=0.05):
        """Of equal priors."""
        return cls(n, share)

    @property
    def n(self):
        """Number of specialists."""
        return len(self.prior)

    @property
    def state(self):
        """Weights ``(N,)`` for the next outcome."""
        return np.exp(self.log_state)

    def fit(self, log_probs, document_starts=(0,)):
        """Learn the prior, weights at a document's start, as the mean posterior of whole documents."""
        text = as_predictions(log_probs, document_starts)
        totals = np.add.reduceat(text.log_probs, text.document_starts, axis=1)
        totals = totals[:, np.isfinite(totals.max(axis=0))]
        if not totals.size:
            raise ValueError("log_probs: every specialist excludes every document; nothing to fit")
        posterior = np.exp(totals - totals.max(axis=0))
        self.prior = (posterior / posterior.sum(axis=0)).mean(axis=1)
        self.reset()
        return self

    def update(self, log_probs):
        """Hear ``log_probs (N,)`` of the outcome; one that all exclude says nothing and changes nothing."""
        joint = self.log_state + log_probs
        top = joint.max()
        if np.isneginf(top):
            return
        posterior = joint - (top + np.log(np.exp(joint - top).sum()))
        if self.share and len(posterior) > 1:
            v = np.exp(posterior)
            posterior = np.log((1 - self.share) * v + self.share * (1 - v) / (len(v) - 1))
        self.log_state = posterior

    def reset(self):
        """Return to the prior."""
        with np.errstate(divide="ignore"):
            self.log_state = np.log(self.prior)
