"""The linear kernel: the weighted arithmetic mean."""

from dataclasses import dataclass
from typing import ClassVar

from array_api_compat import array_namespace

from mixlib.kernels.base import Kernel


@dataclass(frozen=True)
class Linear(Kernel):
    r"""The linear pool, the weighted arithmetic mean of the parts.

    .. math:: m = \sum_i w_i \, p_i

    The mixture lies in the convex hull of the parts, and moving the weights by ``v`` moves it by at most the
    hull's diameter times the total variation of ``v``. Probabilities stay probabilities.

    Source: Stone 1961.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.kernels import Linear
    >>> Linear()([0.25, 0.75], np.array([[1.0, 0.0], [0.0, 1.0]]))
    array([0.25, 0.75])
    """

    formula: ClassVar[str] = "Σ wᵢ pᵢ"
    effect: ClassVar[str] = "they are averaged"
    field: ClassVar[str] = "light, ensembles"
    carrier: ClassVar[str] = "vectors, spectra"
    setting: ClassVar[str] = "has no constants"
    reference: ClassVar[str] = "stone1961"
    place: ClassVar[int] = 1

    def mix(self, weights, parts):
        """Return ``sum_i w_i p_i``, shape (..., d)."""
        xp = array_namespace(parts)
        return (xp.expand_dims(weights, axis=-2) @ parts)[..., 0, :]
