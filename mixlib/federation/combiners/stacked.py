"""Combiners over combiners: a second level that follows the best of several first ones, or pools them."""

import numpy as np

from mixlib.federation.combiners.base import Combiner, entropy
from mixlib.federation.combiners.fixed_share import FixedShare
from mixlib.federation.combiners.geometric_mixing import GeometricMixing
from mixlib.federation.combiners.learned_gate import LearnedGate
from mixlib.federation.combiners.predictions import Predictions, as_predictions, log_probs_along

BELOW = GeometricMixing, LearnedGate  # of a comparison: one makes agreement count, one keeps what any thinks possible


class Stacked(Combiner):
    """Stacking: several combiners of the same specialists, and one combiner of *their* predictions.

    A mixture and a geometric pool make different mistakes: one keeps whatever any specialist thinks possible, the
    other lets agreement count. A second level on top takes the better of both, or more.

    Parameters
    ----------
    below : sequence of Combiner
        The first level, at least one.
    top : Combiner
        The second level, of ``len(below)``.

    Raises
    ------
    ValueError
        If ``below`` is empty, or ``top`` is for another number.

    Notes
    -----
    Source: Wolpert 1992; the two levels of mixers in PAQ.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import FixedShare, GeometricMixing, Stacked
    >>> combiner = Stacked([FixedShare(2), GeometricMixing(2)], top=FixedShare(2))
    >>> np.exp(combiner.predict(np.log([[0.9, 0.1], [0.5, 0.5]]))).round(3)
    array([0.725, 0.275])
    """

    row = "stacked"
    reference = "wolpert1992"
    place = 8

    def __init__(self, below, top):
        if not len(below):
            raise ValueError("below: empty; give at least one combiner of the specialists")
        if top.n not in (None, len(below)):
            raise ValueError(f"top: is for {top.n} inputs, below are {len(below)} combiners; make it for as many")
        self.below, self.top = tuple(below), top

    @classmethod
    def for_comparison(cls, n, validation=None, share=0.05):
        """Fixed-share over geometric mixing and a learned gate; None without the rows that these are fitted to."""
        if validation is None or validation.rows is None:
            return None
        return cls([kind.for_comparison(n, validation, share) for kind in BELOW], FixedShare(len(BELOW), share))

    @classmethod
    def compared(cls, validation, test, share, others):
        """As :meth:`Combiner.compared`, without running its first level once more."""
        below = [others(kind) for kind in BELOW]
        top = FixedShare(len(BELOW), share)
        outcomes = Predictions(np.stack([log_probs for _, log_probs in below]), test.document_starts)
        return cls([combiner for combiner, _ in below], top), top.along(outcomes)

    @property
    def uses(self):
        """What the needier level uses."""
        if self.top.uses != "history":
            return "rows"  # the second level looks at whole rows of the first
        return max((combiner.uses for combiner in self.below), key=("history", "entropies", "rows").index)

    @property
    def n(self):
        """Number of specialists; None if no combiner of the first level knows it yet."""
        return next((combiner.n for combiner in self.below if combiner.n is not None), None)

    @property
    def chosen(self):
        """Every specialist that one of the first level asks."""
        return np.unique(np.concatenate([combiner.chosen for combiner in self.below]))

    def predict(self, rows):
        """Log-probabilities ``(V,)`` of the second level, from ``rows (len(chosen), V)``."""
        return self.top.predict(self._outputs(rows))

    def log_prob(self, log_probs):
        """Log-probability of an outcome with ``log_probs (len(chosen),)`` under the last prediction."""
        return self.top.log_prob(self._outcomes(log_probs))

    def update(self, log_probs):
        """Both levels hear of the outcome: the second what the first had given it."""
        self.top.update(self._outcomes(log_probs))
        for combiner, own in self._own(log_probs):
            combiner.update(own)

    def reset(self):
        """Both levels begin a new document."""
        for combiner in (*self.below, self.top):
            combiner.reset()

    def fit(self, log_probs, document_starts=(0,)):
        """Fit the first level to a text, :class:`Predictions`; then the second to what the first made of it."""
        text = as_predictions(log_probs, document_starts, self)
        for combiner in self.below:
            combiner.fit(text)
        self.top.fit(self._seen_by_top(text))
        self.reset()
        return self

    def along(self, text):
        """Run over a text, :class:`Predictions`: log-probabilities ``(T,)`` of the outcomes that came."""
        return self.top.along(self._seen_by_top(text))

    def parts(self):
        """Both levels."""
        return {f"below {i}": combiner for i, combiner in enumerate(self.below)} | {"top": self.top}

    def _seen_by_top(self, text):
        outcomes = np.stack([log_probs_along(combiner, text) for combiner in self.below])
        if self.top.uses == "history":
            return Predictions(outcomes, text.document_starts)

        def rows(document):
            for combiner in self.below:
                combiner.reset()
            begin, end = text.documents()[document]
            given, made = text.rows(document), []
            for t in range(begin, end):
                chosen = self.chosen
                made.append(self._outputs(given[chosen, t - begin]))
                for combiner, own in self._own(text.log_probs[chosen, t]):
                    combiner.update(own)
            return np.stack(made, axis=1)

        entropies = None
        if self.top.uses == "entropies":
            entropies = np.concatenate([entropy(rows(d)) for d in range(len(text.document_starts))], axis=1)
        return Predictions(outcomes, text.document_starts, entropies, rows)

    def _own(self, values):
        """Each combiner of the first level with the part of ``values (len(chosen), ...)`` that it asked for."""
        chosen = self.chosen
        return [(combiner, values[np.searchsorted(chosen, combiner.chosen)]) for combiner in self.below]

    def _outputs(self, rows):
        return np.stack([combiner.predict(own) for combiner, own in self._own(rows)])

    def _outcomes(self, log_probs):
        return np.array([combiner.log_prob(own) for combiner, own in self._own(log_probs)])
