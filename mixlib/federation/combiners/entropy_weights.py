"""Weights from how sure each specialist is of its own next token."""

import numpy as np
from scipy.optimize import minimize_scalar

from mixlib.arrays import whole
from mixlib.federation.combiners.base import WeightedCombiner
from mixlib.federation.combiners.predictions import as_predictions

__all__ = ["EntropyWeights"]

RANGE = -4.0, 6.0  # logarithm of the temperatures tried by fit: .02 to 400


class EntropyWeights(WeightedCombiner):
    r"""Entropy weights, which trust the sure: :math:`w_i \propto e^{-H_i / \tau}`, ``H_i`` the entropy of a row.

    It needs no history, so it is right or wrong from the first token on. A low temperature gives all weight to the
    surest specialist, a high one gives equal weights.

    Parameters
    ----------
    n : int
        Number of specialists.
    temperature : float, default=1.0
        :math:`\tau`, in nats. Higher is nearer to equal weights, lower picks the surest specialist;
        :meth:`fit` finds the best one for a text.

    Raises
    ------
    ValueError
        If ``n`` is below 1 or the temperature is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import EntropyWeights
    >>> rows = np.log([[0.98, 0.01, 0.01], [0.4, 0.3, 0.3]])
    >>> np.exp(EntropyWeights(2, temperature=0.25).predict(rows)).round(3)
    array([0.969, 0.016, 0.016])
    """

    row = "mixture, entropy weights"
    reference = "misra2003"
    place = 4
    uses = "entropies"
    _arrays = ("temperature",)

    def __init__(self, n, temperature=1.0):
        whole(n, "n", 1)
        if not 0 < temperature < np.inf:
            raise ValueError(f"temperature: expected a positive number of nats, got {temperature}")
        self.temperature, self.state = temperature, np.full(n, 1 / n)

    @property
    def settings(self):
        """The temperature."""
        return {"entropy_temperature": self.temperature}

    @property
    def n(self):
        """Number of specialists."""
        return len(self.state)

    def fit(self, log_probs, document_starts=(0,)):
        """Find the temperature that predicts a text best; it must be :class:`Predictions` with entropies."""
        text = as_predictions(log_probs, document_starts, self)

        def loss(log_temperature):
            weights = softmax(-text.entropies / np.exp(log_temperature))
            with np.errstate(divide="ignore"):
                mixed = np.logaddexp.reduce(text.log_probs + np.log(weights), axis=0)
            return -mixed[np.isfinite(mixed)].sum()

        self.temperature = float(np.exp(minimize_scalar(loss, bounds=RANGE, method="bounded").x))
        return self

    def see(self, entropies):
        """Weigh by the entropies ``(N,)`` of the coming token's rows."""
        self.state = softmax(-np.asarray(entropies) / self.temperature)

    def update(self, log_probs):
        """The weights do not depend on what came."""

    def reset(self):
        """Equal weights, until the first entropies are seen."""
        self.state = np.full(self.n, 1 / self.n)


def softmax(scores):
    """Softmax over the first axis."""
    weights = np.exp(scores - scores.max(axis=0))
    return weights / weights.sum(axis=0)
