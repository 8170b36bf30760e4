"""The stochastic kernel: one part at random, or the mean of several draws."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from array_api_compat import array_namespace

from mixlib.arrays import floats, generator, whole
from mixlib.kernels.base import Kernel
from mixlib.kernels.linear import Linear


@dataclass(frozen=True)
class Stochastic(Kernel):
    r"""A draw from the finite mixture: part ``i`` comes out with probability ``w_i``.

    .. math:: m = \frac1D \sum_{k=1}^{D} p_{I_k}, \qquad P(I_k = i) = w_i

    The mean over draws is the linear pool :math:`\bar m`, and the variance is
    :math:`\sum_i w_i \lVert p_i - \bar m \rVert^2 / D`. Every mixture of a batch is drawn for itself. A draw jumps from
    part to part, so under torch derivatives reach the parts and never the weights.

    Source: Dempster et al. 1977.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator, default=None
        An int seed gives the same draws at each call, a Generator goes on with new ones; ``None`` is seed 0.
    draws : int, default=1
        How many draws :math:`D` to average. 1 returns a part; the more, the closer to the linear pool.

    Raises
    ------
    ValueError
        If ``draws`` is not an int of at least 1.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.kernels import Stochastic
    >>> parts = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> Stochastic(rng=0)([0.9, 0.1], parts), Stochastic(rng=0, draws=1000)([0.9, 0.1], parts)
    (array([1., 0.]), array([0.908, 0.092]))
    """

    rng: Any = None
    draws: int = 1
    formula: ClassVar[str] = "pᵢ with probability wᵢ"
    effect: ClassVar[str] = "one is drawn"
    field: ClassVar[str] = "heredity, sampling"
    carrier: ClassVar[str] = "alleles, samples"
    setting: ClassVar[str] = "one draw a mixture; the draw is an input of its own"
    reference: ClassVar[str] = "dempster1977"
    place: ClassVar[int] = 6
    deterministic: ClassVar[bool] = False
    differentiable: ClassVar[bool] = False

    def __post_init__(self):
        whole(self.draws, "draws", 1)
        if not isinstance(self.rng, np.random.Generator):
            generator(self.rng)

    def mix(self, weights, parts):
        """Return the mean of the drawn parts, shape (..., d)."""
        xp = array_namespace(parts)
        counts = generator(self.rng).multinomial(self.draws, _probabilities(weights, parts))
        frequencies = xp.asarray(counts / self.draws, dtype=parts.dtype, device=parts.device)
        return (xp.expand_dims(frequencies, axis=-2) @ parts)[..., 0, :]

    @classmethod
    def for_comparison(cls, n):
        """One draw, the same at each call."""
        return cls(rng=0)

    @classmethod
    def pair_for_comparison(cls):
        """Either part, each with probability one half."""
        return (lambda weights, parts: parts[..., 0]), (0.5, 0.5)

    def expected(self):
        """The linear pool, the mean of all draws."""
        return Linear()


def _probabilities(weights, parts):
    weights = floats(weights, "weights")
    batch = np.broadcast_shapes(weights.shape[:-1], tuple(parts.shape[:-2]))
    weights = np.broadcast_to(weights, (*batch, weights.shape[-1]))
    return weights / weights.sum(axis=-1, keepdims=True)  # float32 weights sum to 1 only in float32
