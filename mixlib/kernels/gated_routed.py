"""The gated-routed kernel: a gate looks at the parts and moves the weights."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from array_api_compat import array_namespace

from mixlib.arrays import whole
from mixlib.kernels.base import Kernel, as_constant
from mixlib.simplex import check_weights


def softmax_gate(score=None, temperature=1.0):
    r"""A softmax gate, which tilts the prior weights by scores, :math:`g_i \propto w_i \, e^{s_i / T}`.

    The weights are the prior. Raising the temperature leads back to them, lowering it leads to the part of the best
    score among those that have weight.

    Source: Jacobs et al. 1991.

    Parameters
    ----------
    score : None, callable or array (..., n), default=None
        The scores :math:`s_i`, or a function from parts (..., n, d) to them. ``None``: a part's mean coordinate.
    temperature : float, default=1.0
        :math:`T > 0`, in the unit of the scores. Higher follows the prior, ``math.inf`` is the prior; lower picks the
        best part.

    Returns
    -------
    callable
        ``gate(weights, parts)``, the gate's weights (..., n).

    Raises
    ------
    ValueError
        If ``temperature`` is not positive; when called, if scores are not finite or do not fit the weights.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.kernels import softmax_gate
    >>> weights, parts = np.array([0.5, 0.5]), np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> softmax_gate(score=[0.0, 1.0], temperature=0.5)(weights, parts).round(3)
    array([0.119, 0.881])
    """
    if not temperature > 0:
        raise ValueError(f"temperature: expected a positive number, got {temperature}; math.inf is the prior")

    def gate(weights, parts):
        xp = array_namespace(parts)
        scores = _scores(score, parts) / temperature
        present = weights > 0
        best = xp.max(xp.where(present, scores, xp.full_like(scores, -xp.inf)), axis=-1, keepdims=True)
        # a part without weight may score far above the best one; capped, its weight stays 0 instead of 0 * inf
        cap = math.log(xp.finfo(parts.dtype).max) / 2
        tilted = weights * xp.exp(xp.clip(scores - best, None, cap))
        return tilted / xp.sum(tilted, axis=-1, keepdims=True)

    return gate


def top_k_gate(k, gate=None):
    """A top-k gate, which keeps the ``k`` largest weights of another gate and makes them sum to 1 again.

    Weights equal to the smallest one that is kept are kept too, so that the order of the parts does not matter. ``k``
    equal to the number of parts is the other gate. The mixture jumps where parts change places.

    Source: Jacobs et al. 1991 for gates as such.

    Parameters
    ----------
    k : int
        How many parts to keep, from 1, the best alone, to ``n``, all.
    gate : callable or None, default=None
        The gate ``gate(weights, parts)`` to thin out; ``None`` takes the weights themselves, the prior.

    Returns
    -------
    callable
        ``gate(weights, parts)``, the gate's weights (..., n).

    Raises
    ------
    ValueError
        If ``k`` is below 1; when called, if it exceeds the number of parts.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.kernels import Gated, top_k_gate
    >>> parts = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    >>> Gated(top_k_gate(2))([0.6, 0.3, 0.1], parts).round(3)
    array([0.667, 0.333])
    """
    whole(k, "k", 1)

    def thinned(weights, parts):
        xp, n = array_namespace(parts), parts.shape[-2]
        if k > n:
            raise ValueError(f"k: asks for {k} of {n} parts; pass at most {n}")
        values = weights if gate is None else gate(weights, parts)
        smallest = xp.sort(values, axis=-1)[..., n - k, None]
        kept = xp.where(values >= smallest, values, xp.zeros_like(values))
        return kept / xp.sum(kept, axis=-1, keepdims=True)

    return thinned


@dataclass(frozen=True)
class Gated(Kernel):
    r"""A mixture of experts: the linear pool with weights that a gate derives from the prior weights and the parts.

    .. math:: m = \sum_i g_i(w, p) \, p_i

    The gate's weights lie on the simplex, so every single mixture is in the hull of its parts; as a map from ``w`` to
    ``m`` it is not linear. A gate must not bring in a part whose weight is 0. Where the gate is constant in the parts
    and equal to the prior, this is the linear pool.

    Source: Jacobs et al. 1991.

    Parameters
    ----------
    gate : callable, default=softmax_gate()
        ``gate(weights, parts)`` with weights (..., n) and parts (..., n, d) gives weights (..., n) on the simplex.
        :func:`softmax_gate` and :func:`top_k_gate` make gates; any function will do.

    Raises
    ------
    ValueError
        If the gate's weights are off the simplex or of another shape, or a part of weight 0 gets some.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.kernels import Gated
    >>> parts = np.array([[3.0, 1.0], [0.0, 2.0]])  # scores are the means, 2 and 1
    >>> Gated()([0.5, 0.5], parts).round(3)
    array([2.193, 1.269])
    """

    gate: Callable = field(default_factory=softmax_gate)
    formula: ClassVar[str] = "Σ gᵢ(w, p) pᵢ"
    effect: ClassVar[str] = "a gate picks whom to listen to"
    field: ClassVar[str] = "mixtures of experts"
    carrier: ClassVar[str] = "predictions"
    setting: ClassVar[str] = "temperature 0.25: usual differences of parts move the gate, none makes it a switch"
    reference: ClassVar[str] = "jacobs1991"
    place: ClassVar[int] = 5

    def mix(self, weights, parts):
        """Return ``sum_i g_i(w, p) p_i``, shape (..., d)."""
        xp, n = array_namespace(parts), parts.shape[-2]
        gates = check_weights(self.gate(weights, parts), n, like=parts, name="gate")
        if bool(xp.any((gates > 0) & (weights == 0))):
            raise ValueError(
                "gate: gives weight to a part whose own weight is 0; multiply the gate's weights by the weights "
                "and divide by their sum"
            )
        return (xp.expand_dims(gates, axis=-2) @ parts)[..., 0, :]

    @classmethod
    def for_comparison(cls, n):
        """The kernel of ``setting``."""
        return cls(softmax_gate(temperature=0.25))

    @classmethod
    def per_part(cls, values):
        """The kernel whose gate scores the parts by the values."""
        return cls(softmax_gate(score=values))


def _scores(score, parts):
    xp = array_namespace(parts)
    if score is None:
        return xp.mean(parts, axis=-1)
    scores = as_constant(score(parts) if callable(score) else score, like=parts, name="score")
    if scores.ndim == 0 or scores.shape[-1] != parts.shape[-2]:
        raise ValueError(
            f"score: expected (..., {parts.shape[-2]}), one score for each part, got shape {tuple(scores.shape)}"
        )
    return scores
