"""A directory of the specialists that were useful most recently: ask the first few, and all of them now and then."""

import numpy as np

from mixlib.arrays import whole
from mixlib.federation.combiners import WeightedCombiner


class LRUDirectory(WeightedCombiner):
    r"""LRU directory: asks the ``k`` specialists that were useful most recently, and all of them now and then.

    A specialist is *useful* when it gives the outcome a higher probability than the others that were asked. The
    directory lists all in the order in which they were last useful, as a least-recently-used cache does; the first
    ``k`` are asked, and at a document's start and every ``period`` tokens all. The prediction is the uniform mixture
    of those asked.

    Parameters
    ----------
    n : int
        Number of specialists.
    k : int, default=2
        How many to ask, 1 to ``n``. More cost more; who was useful once is kept for longer.
    period : int, default=10
        Tokens from one look at all to the next. Higher costs less and notices a change later.

    Raises
    ------
    ValueError
        If ``k`` is not 1 to ``n`` or ``period`` is below 1.

    Notes
    -----
    The list is that of move-to-front. Source: Sleator & Tarjan 1985.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import log_probs_along
    >>> directory = LRUDirectory(3, k=1)
    >>> _ = log_probs_along(directory, np.log([[0.2] * 20, [0.7] * 20, [0.1] * 20]))
    >>> directory.order, directory.cost
    (array([1, 0, 2]), 1.2)
    """

    _arrays = ("k", "period", "order", "heard", "asked", "tokens")

    def __init__(self, n, k=2, period=10):
        self.k, self.period = whole(k, "k", 1, whole(n, "n", 1)), whole(period, "period", 1)
        self.size, self.asked, self.tokens = n, 0, 0
        self.reset()

    @property
    def n(self):
        """Number of specialists."""
        return self.size

    @property
    def chosen(self):
        """Numbers of the specialists to ask about the next token, increasing."""
        return np.arange(self.n) if self.heard % self.period == 0 else np.sort(self.order[: self.k])

    @property
    def state(self):
        """Weights ``(N,)`` for the next outcome: equal for those asked, 0 for the others."""
        chosen, weights = self.chosen, np.zeros(self.n)
        weights[chosen] = 1 / len(chosen)
        return weights

    @property
    def cost(self):
        """Specialists asked for a token, on average; NaN before the first."""
        return self.asked / self.tokens if self.tokens else float("nan")

    def fit(self, log_probs, document_starts=(0,)):
        """Nothing to fit: the directory knows what it heard in this document."""
        self.reset()
        return self

    def update(self, log_probs):
        """Hear ``log_probs (len(chosen),)`` of those asked; the best of them moves to the front."""
        chosen = self.chosen
        useful = chosen[np.argmax(log_probs)]
        self.order = np.concatenate([[useful], self.order[self.order != useful]])
        self.asked += len(chosen)
        self.tokens += 1
        self.heard += 1

    def reset(self):
        """Begin a new document with an empty directory; the counts go on."""
        self.order, self.heard = np.arange(self.n), 0
