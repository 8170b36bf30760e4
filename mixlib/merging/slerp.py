"""Spherical linear interpolation of two models."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mixlib.merging.base import Method
from mixlib.merging.vectors import LINEARLY, combine, lengths_and_cosines

SMALL = 1e-4  # radians below which the arc is a line to rounding


@dataclass(frozen=True, kw_only=True)
class Slerp(Method):
    r"""Slerp: two models are joined along the arc between them, tensor by tensor.

    .. math::
        \theta = \frac{\sin w_1 \alpha}{\sin \alpha}\, \theta_1 + \frac{\sin w_2 \alpha}{\sin \alpha}\, \theta_2, \qquad
        \cos \alpha = \frac{\langle \theta_1, \theta_2 \rangle}{|\theta_1| |\theta_2|}

    With tensors of equal length this is :class:`Karcher`. With different ones it is not: the sines mix the vectors as
    they are, so that the direction leans to the longer one. The models must lie in one basin. A tensor of one entry, or
    one that is zero in a model, is averaged along the line.

    Source: Shoemake 1985.

    Raises
    ------
    ValueError
        If there are not two models, or a tensor is antipodal in both.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import merge
    >>> merge([{"w": torch.tensor([2.0, 0.0])}, {"w": torch.tensor([0.0, 2.0])}], "slerp", weights=[2 / 3, 1 / 3])
    {'w': tensor([1.7321, 1.0000])}
    """

    formula: ClassVar[str] = "(sin w₁α θ₁ + sin w₂α θ₂) / sin α"
    reference: ClassVar[str] = "shoemake1985"

    def tensor(self, tensors, weights, base=None, name=""):
        """The point of the arc."""
        if len(tensors) == 2 and tensors[0].numel() == 1:
            return combine(tensors, weights)
        lengths, cosines = lengths_and_cosines(tensors, name or "tensors")
        return combine(tensors, self.coefficients(lengths, cosines, weights, name))

    def coefficients(self, lengths, cosines, weights, name=""):
        """The sines of the two parts of the angle over that of the whole."""
        if len(lengths) != 2:
            raise ValueError(f"state_dicts: slerp takes two models, got {len(lengths)}; use karcher or multi-slerp")
        weights, angle = np.asarray(weights, dtype=float), np.arccos(cosines[0, 1])
        if not lengths.all() or angle < SMALL or weights.max() == 1:
            return weights
        if np.pi - angle < SMALL:
            raise ValueError(f"{name or 'tensors'}: antipodal in the two models, no arc is the shortest; {LINEARLY}")
        return np.sin(weights * angle) / np.sin(angle)
