"""A gate that learned from validation text which clues to trust."""

import numpy as np

from mixlib.federation.combiners.base import WeightedCombiner
from mixlib.federation.combiners.entropy_weights import softmax
from mixlib.federation.combiners.fixed_share import FixedShare
from mixlib.federation.combiners.predictions import as_predictions

__all__ = ["LearnedGate"]

RIDGE = 1e-4  # keeps the coefficients finite where a clue never errs
FLOOR = -30.0  # one token that a specialist excludes must not silence it for the rest of the document


class LearnedGate(WeightedCombiner):
    r"""Learned gate: weights per context, a softmax of clues that are known before the outcome.

    The score of specialist ``i`` is :math:`b_i + \sum_k \theta_k c_{ik}`, with clues :math:`c_i`: the logarithm of its
    :class:`FixedShare` weight, its certainty :math:`-H_i`, and its recent log-probabilities, averaged with weights that
    halve every so many tokens. The few numbers ``b`` and ``theta`` are fitted on validation text by maximum likelihood
    of the mixture.

    Parameters
    ----------
    n : int
        Number of specialists.
    share : float, default=0.05
        The switching rate of the :class:`FixedShare` weights among the clues.
    half_lives : sequence of float, default=(2, 20)
        Tokens after which an outcome counts half in the recent averages. Short ones react, long ones remember.

    Attributes
    ----------
    coefficients : array (2 + len(half_lives),) or None
        ``theta``: of the posterior, of certainty, and of each recent average.
    bias : array (N,) or None
        ``b``, what each specialist is preferred by whatever the clues say.

    Raises
    ------
    ValueError
        If ``share`` is not in ``[0, 1)`` or a half-life is not positive.

    Notes
    -----
    Source: Jacobs, Jordan, Nowlan & Hinton 1991, for gated mixtures.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import LearnedGate, Predictions
    >>> rows = np.random.default_rng(0).dirichlet([0.3, 0.3], size=(2, 200))  # two specialists, two tokens
    >>> targets = (np.random.default_rng(1).random(200) > rows[0, :, 0]).astype(int)  # the first is right
    >>> LearnedGate(2).fit(Predictions.from_rows(np.log(rows), targets)).bias.round(1)
    array([ 1., -1.])
    """

    row = "mixture, learned gate"
    reference = "jacobs1991"
    place = 5
    uses = "entropies"
    _arrays = ("coefficients", "bias", "recent")

    def __init__(self, n, share=0.05, half_lives=(2, 20)):
        if not len(half_lives) or min(half_lives) <= 0:
            raise ValueError(f"half_lives: expected positive numbers of tokens, got {half_lives}")
        self.posterior = FixedShare(n, share)
        self.decay = 0.5 ** (1 / np.asarray(half_lives, dtype=float))
        self.coefficients = self.bias = None
        self.reset()

    @classmethod
    def for_comparison(cls, n, validation=None, share=0.05):
        """Fitted; None without validation text."""
        return None if validation is None else cls(n, share).fit(validation)

    @property
    def n(self):
        """Number of specialists."""
        return self.posterior.n

    def fit(self, log_probs, document_starts=(0,)):
        """Fit the gate to a text, :class:`Predictions` with entropies; outcomes that all exclude say nothing."""
        text = as_predictions(log_probs, document_starts, self)
        clues = np.empty((text.log_probs.shape[1], self.n, 2 + len(self.decay)))
        for begin, end in text.documents():
            self.reset()
            for t in range(begin, end):
                clues[t] = self._clues(text.entropies[:, t])
                self.update(text.log_probs[:, t])
        known = np.isfinite(text.log_probs.max(axis=0))
        if not known.any():
            raise ValueError("log_probs: every outcome has probability 0 under every specialist; nothing to fit")
        k, n = clues.shape[2], clues.shape[1]
        start = np.zeros(k + n)
        start[0] = 1.0  # the fixed-share weights themselves
        from scipy.optimize import minimize

        found = minimize(
            loss_and_gradient, start, (clues[known], text.log_probs.T[known]), jac=True, method="L-BFGS-B"
        ).x
        self.coefficients, self.bias = found[:k], found[k:]
        self.reset()
        return self

    def see(self, entropies):
        """Weigh by the entropies ``(N,)`` of the coming token's rows and what was heard before."""
        if self.coefficients is None:
            raise ValueError("LearnedGate: call fit(predictions) on validation text before use")
        self.state = softmax(self._clues(entropies) @ self.coefficients + self.bias)

    def update(self, log_probs):
        """Hear ``log_probs (N,)`` of the outcome that came."""
        if np.isneginf(log_probs.max()):
            return
        self.posterior.update(log_probs)
        heard = np.maximum(log_probs, FLOOR)[:, None]
        self.recent = self.decay * self.recent + (1 - self.decay) * heard

    def reset(self):
        """Forget the document."""
        self.posterior.reset()
        self.recent = np.zeros((self.n, len(self.decay)))
        self.state = None if self.coefficients is None else softmax(self.bias)

    def parts(self):
        """The fixed-share weights among the clues."""
        return {"posterior": self.posterior}

    def _clues(self, entropies):
        return np.column_stack([np.maximum(self.posterior.log_state, FLOOR), -np.asarray(entropies), self.recent])


def loss_and_gradient(parameters, clues, log_probs):
    """Mean log-loss of the gated mixture and its gradient; clues ``(T, N, K)``, log-probabilities ``(T, N)``."""
    k = clues.shape[2]
    scores = clues @ parameters[:k] + parameters[k:]
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    top = log_probs.max(axis=1, keepdims=True)
    joint = weights * np.exp(log_probs - top)
    total = joint.sum(axis=1, keepdims=True)
    slope = (weights - joint / total) / len(log_probs)
    loss = -np.mean(np.log(total) + top) + RIDGE * (parameters**2).sum()
    gradient = np.concatenate([np.einsum("tn,tnk->k", slope, clues), slope.sum(axis=0)])
    return loss, gradient + 2 * RIDGE * parameters
