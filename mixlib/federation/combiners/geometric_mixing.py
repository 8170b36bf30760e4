"""Geometric mixing as compressors do it: a weighted product whose exponents follow the text by gradient descent."""

import numpy as np

from mixlib.arrays import floats, whole
from mixlib.compiled import compiled
from mixlib.federation.combiners.base import Combiner
from mixlib.federation.combiners.predictions import as_predictions, best_on

RATES = 0.002, 0.005, 0.01  # chosen from on validation text
SMALL = 2**12  # numbers of a prediction that NumPy pools almost as quickly
FLOOR = -50.0  # log-probabilities below are raised to it, so that a negative exponent stays harmless


class GeometricMixing(Combiner):
    r"""Geometric mixing: a logarithmic pool :math:`p \propto \prod_i p_i^{w_i}` whose exponents learn from every token.

    The exponents need not sum to 1, so the pool can sharpen, soften, and even subtract a specialist. The log-loss is
    convex in ``w``; after an outcome ``x`` one step goes down its gradient,

    .. math:: w_i \leftarrow w_i + \eta_t \bigl(\log p_i(x) - \textstyle\sum_v p(v) \log p_i(v)\bigr),

    with :math:`\eta_t = \eta\,(1 + \tau / t)` for token ``t`` of a document: large steps first, small ones later.

    Parameters
    ----------
    n : int
        Number of specialists.
    rate : float, default=0.005
        The learning rate :math:`\eta`. Higher follows the text sooner and swings more; 0 keeps the exponents.
    settling : float, default=30.0
        :math:`\tau`, in tokens: how long the first steps are larger.
    start : None or array (N,), default=None
        Exponents at a document's start; ``None`` means ``1 / N`` each. :meth:`fit` learns them.

    Attributes
    ----------
    weights : array (N,)
        The exponents for the next token.

    Raises
    ------
    ValueError
        If ``rate`` or ``settling`` is negative, or ``start`` does not have ``n`` finite entries.

    Notes
    -----
    Source: Mattern 2012, 2013, after the mixers of the PAQ compressors, which select among several weight vectors by
    context. Here the restart at each document does that work.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import GeometricMixing
    >>> mixing, rows = GeometricMixing(2, rate=0.1), np.log([[0.9, 0.1], [0.6, 0.4]])
    >>> np.exp(mixing.predict(rows)).round(3)
    array([0.786, 0.214])
    >>> mixing.update(rows[:, 0])
    >>> mixing.weights.round(3)
    array([1.957, 0.769])
    """

    row = "geometric mixing"
    reference = "mattern2012"
    place = 7
    uses = "rows"
    _arrays = ("rate", "settling", "start", "weights", "age")

    def __init__(self, n, rate=0.005, *, settling=30.0, start=None):
        if not (0 <= rate < np.inf and 0 <= settling < np.inf):
            raise ValueError(f"rate, settling: expected numbers of at least 0, got {rate} and {settling}")
        self.start = np.full(whole(n, "n", 1), 1 / n) if start is None else floats(start, "start").copy()
        if self.start.shape != (n,) or not np.isfinite(self.start).all():
            raise ValueError(f"start: expected {n} finite exponents, one per specialist, got {self.start}")
        self.rate, self.settling = rate, settling
        self.reset()

    @classmethod
    def for_comparison(cls, n, validation=None, share=0.05):
        """Of the best of three rates on validation text, and fitted to it; as it is where that has no rows."""
        if validation is None or validation.rows is None:
            return cls(n)
        return best_on([cls(n, rate) for rate in RATES], validation)

    @property
    def settings(self):
        """The rate."""
        return {"geometric_rate": self.rate}

    @property
    def n(self):
        """Number of specialists."""
        return len(self.start)

    def predict(self, rows):
        """Log-probabilities ``(V,)`` of the pool of ``rows (N, V)``."""
        rows = np.ascontiguousarray(rows)
        if rows.ndim != 2 or len(rows) != len(self.weights):
            raise ValueError(f"rows: expected shape ({len(self.weights)}, V), got {rows.shape}")
        pool = _pool if rows.size > SMALL else _pool_by_numpy
        pooled, self._log_mass, self._expected = pool(rows, self.weights)
        return pooled

    def log_prob(self, log_probs):
        """Log-probability that the last prediction gives to an outcome with ``log_probs (N,)``."""
        self._check_predicted()
        return float(self.weights @ np.maximum(log_probs, FLOOR) - self._log_mass)

    def update(self, log_probs):
        """Hear ``log_probs (N,)`` of the outcome, and take a step; one that all exclude says nothing."""
        self._check_predicted()
        self.age += 1
        if log_probs.max() > -np.inf:
            step = self.rate * (1 + self.settling / self.age)
            self.weights = self.weights + step * (np.maximum(log_probs, FLOOR) - self._expected)
        self._expected = None

    def reset(self):
        """Return to the exponents of a document's start."""
        self.weights, self.age, self._expected = self.start, 0, None

    def fit(self, log_probs, document_starts=(0,)):
        """Learn the exponents of a document's start: the mean of those along a text, :class:`Predictions` with rows."""
        text = as_predictions(log_probs, document_starts, self)
        along = []
        for document, (begin, end) in enumerate(text.documents()):
            self.reset()
            rows = text.rows(document)
            for t in range(begin, end):
                self.predict(rows[:, t - begin])
                self.update(text.log_probs[:, t])
                along.append(self.weights)
        self.start = np.mean(along, axis=0)
        self.reset()
        return self

    def _check_predicted(self):
        if self._expected is None:
            raise ValueError("GeometricMixing: call predict(rows) for the token before its outcome is heard")


def _pool_by_numpy(rows, weights):
    """As :func:`_pool`."""
    raised = np.maximum(rows, FLOOR)
    pooled = weights @ raised
    top = pooled.max()
    log_mass = top + np.log(np.exp(pooled - top).sum())
    pooled -= log_mass
    return pooled, log_mass, raised @ np.exp(pooled)


@compiled(fastmath={"contract", "reassoc"})
def _pool(rows, weights):
    """The normalised pool, the logarithm of its mass, and each specialist's expected log-probability under it."""
    n, v = rows.shape
    pooled, mass = np.zeros(v), 0.0
    for i in range(n):
        for x in range(v):
            pooled[x] += weights[i] * max(rows[i, x], FLOOR)
    top = pooled.max()
    for x in range(v):
        mass += np.exp(pooled[x] - top)
    log_mass = top + np.log(mass)
    expected = np.zeros(n)
    for x in range(v):
        pooled[x] -= log_mass
    probs = np.exp(pooled)
    for i in range(n):
        for x in range(v):
            expected[i] += probs[x] * max(rows[i, x], FLOOR)
    return pooled, log_mass, expected
