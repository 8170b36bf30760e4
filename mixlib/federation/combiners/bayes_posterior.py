"""Weights that follow one author of a document: fixed-share in the limit of no sharing."""

from mixlib.federation.combiners.fixed_share import FixedShare


class BayesPosterior(FixedShare):
    """Bayes posterior over which specialist wrote the document: :class:`FixedShare` that shares nothing.

    Source: Herbster & Warmuth 1998 for the share of 0.

    Parameters
    ----------
    n : int
        Number of specialists.
    prior : None or array (N,), default=None
        Weights at a document's start; ``None`` means ``1 / N`` each.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import BayesPosterior
    >>> posterior = BayesPosterior(2)
    >>> posterior.update(np.log([0.9, 0.1]))
    >>> posterior.state.round(3)
    array([0.9, 0.1])
    """

    row = "mixture, Bayes posterior"
    reference = "herbster1998"
    place = 2

    def __init__(self, n, prior=None):
        super().__init__(n, share=0.0, prior=prior)

    @classmethod
    def for_comparison(cls, n, validation=None, share=0.05):
        """Of equal priors, and of no share."""
        return cls(n)
