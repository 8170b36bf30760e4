"""The multiplicative-synergistic kernel: the linear pool plus products of pairs of parts."""

from dataclasses import dataclass
from typing import Any, ClassVar

from array_api_compat import array_namespace

from mixlib.kernels.base import Kernel, as_constant


@dataclass(frozen=True, eq=False)
class Synergistic(Kernel):
    r"""The quadratic blending model: the linear pool plus a product for each pair of parts, coordinate by coordinate.

    .. math:: m = \sum_i w_i \, p_i + \sum_{i<j} g_{ij} \, w_i w_j \, p_i p_j

    A pair blends with the coefficient :math:`b_{12} = g_{12} p_1 p_2`. Its mixtures exceed both parts somewhere if
    and only if :math:`b_{12} > |p_1 - p_2|`, and fall below both if and only if :math:`b_{12} < -|p_1 - p_2|`.
    ``interaction`` 0 is the linear pool.

    Source: Scheffé 1958.

    Parameters
    ----------
    interaction : float or array (n, n), default=1.0
        The coefficients :math:`g_{ij}`, in units of one over a part's unit. Positive is synergy, negative
        antagonism, and larger is stronger. One number serves every pair; a matrix must be symmetric, and
        its diagonal is not used.

    Raises
    ------
    ValueError
        If ``interaction`` is not finite, of another shape than the parts ask for, or not symmetric.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.kernels import Synergistic
    >>> Synergistic(interaction=4.0)([0.5, 0.5], np.array([[1.0], [2.0]]))  # above both parts
    array([3.5])
    """

    interaction: Any = 1.0
    formula: ClassVar[str] = "Σ wᵢ pᵢ + Σ gᵢⱼ wᵢ wⱼ pᵢ pⱼ"
    effect: ClassVar[str] = "averaged, with a bonus for each pair"
    field: ClassVar[str] = "umami, blends"
    carrier: ClassVar[str] = "responses"
    setting: ClassVar[str] = "g = 4: two average parts gain as much from their product as they bring along"
    reference: ClassVar[str] = "scheffe1958"
    place: ClassVar[int] = 3
    idempotent: ClassVar[bool] = False

    def mix(self, weights, parts):
        """Return the linear pool plus the products of pairs, shape (..., d)."""
        xp = array_namespace(parts)
        interaction = self._pairs(parts)
        weighted = xp.expand_dims(weights, axis=-1) * parts
        # every pair stands twice in the symmetric matrix
        return xp.sum(weighted, axis=-2) + xp.sum(weighted * (interaction @ weighted), axis=-2) / 2

    @classmethod
    def for_comparison(cls, n):
        """The kernel of ``setting``."""
        return cls(4.0)

    @classmethod
    def per_part(cls, values):
        """The kernel whose interaction of a pair is the product of two values."""
        return cls(values[:, None] * values)

    def _pairs(self, parts):
        xp, n = array_namespace(parts), parts.shape[-2]
        interaction = as_constant(self.interaction, like=parts, name="interaction")
        if tuple(interaction.shape) not in ((), (n, n)):
            raise ValueError(
                f"interaction: expected one number or a matrix ({n}, {n}) for {n} parts, "
                f"got shape {tuple(interaction.shape)}"
            )
        if interaction.ndim == 2 and not bool(xp.all(interaction == interaction.T)):
            raise ValueError(
                "interaction: the matrix is not symmetric, but a pair has one coefficient; "
                "average it with its transpose"
            )
        return interaction * (1 - xp.eye(n, dtype=parts.dtype, device=parts.device))
