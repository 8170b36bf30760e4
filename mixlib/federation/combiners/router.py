"""A router: ask only some of the specialists, mix those, and count what it cost."""

import numpy as np

from mixlib.arrays import whole
from mixlib.federation.combiners.base import WeightedCombiner
from mixlib.federation.combiners.fixed_share import FixedShare


class Router(WeightedCombiner):
    r"""Router: asks the ``k`` specialists that were best lately, and all of them when that is in doubt.

    A :class:`FixedShare` posterior over all ``N`` specialists says whom to ask: the ``k`` with the largest weights.
    If the others hold more than ``doubt`` of the weight together, all ``N`` are asked. The prediction is the mixture
    of those asked, with their weights renormalised.

    What a specialist that was not asked would have given is never seen. It is taken to have done as well as those
    asked did together, which leaves its weight as it was. Sharing then moves weight back to it token by token, until
    there is doubt: the router looks around again by itself.

    Parameters
    ----------
    n : int
        Number of specialists.
    k : int, default=1
        How many to ask at least, 1 to ``n``. More cost more and lose less.
    doubt : float, default=0.05
        Weight outside the ``k`` from which all are asked, in ``[0, 1]``. Higher asks all less often; 0 always, 1 never.
    share : float, default=0.01
        Switching rate of :class:`FixedShare`. Higher looks around more often: about ``doubt / share`` tokens
        pass between two looks around.

    Attributes
    ----------
    queries : array (N,) of int
        How often each specialist was asked.
    tokens : int
        Tokens heard, since the router was made; a reset does not clear the counts.

    Raises
    ------
    ValueError
        If ``k`` or ``doubt`` is out of range, or ``share`` is not in ``[0, 1)``.

    Notes
    -----
    Specialists that sleep and keep their weight: Freund, Schapire, Singer & Warmuth 1997.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import Router, log_probs_along
    >>> text = np.log([[0.9] * 50, [0.1] * 50])
    >>> router = Router(2, doubt=0.1)
    >>> _ = log_probs_along(router, text)
    >>> router.queries, router.cost
    (array([50,  6]), 1.12)
    """

    row = "router"
    reference = "freund1997"
    place = 6
    _arrays = ("k", "doubt", "queries", "tokens")

    def __init__(self, n, k=1, *, doubt=0.05, share=0.01):
        whole(k, "k", 1, whole(n, "n", 1))
        if not 0 <= doubt <= 1:
            raise ValueError(f"doubt: expected a weight in [0, 1], got {doubt}; .05 is a good start")
        self.k, self.doubt = k, doubt
        self.posterior, self._of = FixedShare(n, share), None
        self.queries, self.tokens = np.zeros(n, dtype=np.int64), 0

    @classmethod
    def for_comparison(cls, n, validation=None, share=0.05):
        """Of its own share, which is how often it looks around."""
        return cls(n)

    @property
    def settings(self):
        """How many specialists it asked."""
        return {"queries_a_token": self.cost}

    @property
    def n(self):
        """Number of specialists."""
        return len(self.queries)

    @property
    def chosen(self):
        """Numbers of the specialists to ask about the next token, increasing."""
        if self._of is not self.posterior.log_state:  # asked several times a token, and the posterior makes new arrays
            self._of, belief = self.posterior.log_state, self.posterior.state
            best = np.sort(np.argsort(-belief, kind="stable")[: self.k])
            self._chosen = best if 1 - belief[best].sum() <= self.doubt else np.arange(self.n)
        return self._chosen

    @property
    def state(self):
        """Weights ``(N,)`` for the next outcome, 0 for those not asked."""
        chosen, weights = self.chosen, np.zeros(self.n)
        weights[chosen] = self.posterior.state[chosen]
        return weights / weights.sum()

    @property
    def cost(self):
        """Specialists asked for a token, on average; NaN before the first."""
        return float(self.queries.sum() / self.tokens) if self.tokens else float("nan")

    def fit(self, log_probs, document_starts=(0,)):
        """Learn the posterior's prior, as :meth:`FixedShare.fit`; there all specialists are asked, and not counted."""
        self.posterior.fit(log_probs, document_starts)
        return self

    def update(self, log_probs):
        """Hear ``log_probs (len(chosen),)`` of those asked."""
        chosen = self.chosen
        heard = np.full(self.n, self.log_prob(log_probs))
        heard[chosen] = log_probs
        self.queries[chosen] += 1
        self.tokens += 1
        self.posterior.update(heard)

    def reset(self):
        """Begin a new document: the posterior returns to its prior; the counts go on."""
        self.posterior.reset()

    def parts(self):
        """The posterior that says whom to ask."""
        return {"posterior": self.posterior}
