"""Multi-slerp: the normalised mean of directions, times the mean length."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mixlib.merging.base import Method
from mixlib.merging.vectors import combine, lengths_and_cosines, sum_length


@dataclass(frozen=True, kw_only=True)
class MultiSlerp(Method):
    r"""Multi-slerp: the weighted mean of the models' directions, tensor by tensor, pushed out to the sphere.

    .. math:: \theta = \Bigl(\sum_i w_i |\theta_i|\Bigr) \frac{u}{|u|}, \qquad u = \sum_i w_i \theta_i / |\theta_i|

    It is known as a weighted mean in the tangent space at :math:`u / |u|`. That mean of orthogonal projections is zero,
    so what is left is the projected mean of directions, which minimises straight distances through the ball;
    :class:`Karcher` minimises those along the sphere. The two agree for two models of equal weight, and nearly where
    angles are small. With a base, task vectors are merged in this way and added to it. The models must lie in one
    basin. A tensor of one entry is averaged along the line.

    Source: Goddard et al. 2024 (the software that has it under this name).

    Raises
    ------
    ValueError
        If directions balance out to zero.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import merge
    >>> merge([{"w": torch.tensor([3.0, 0.0])}, {"w": torch.tensor([0.0, 1.0])}], "multi-slerp")
    {'w': tensor([1.4142, 1.4142])}
    """

    formula: ClassVar[str] = "(Σ wᵢ |θᵢ|) · u / |u|,  u = Σ wᵢ θᵢ / |θᵢ|"
    reference: ClassVar[str] = "goddard2024"

    def tensor(self, tensors, weights, base=None, name=""):
        """The projected mean of directions, of the tensors or of what they add to the base."""
        if tensors[0].numel() == 1:
            return combine(tensors, weights)
        if base is not None:
            tensors = [tensor - base for tensor in tensors]
        lengths, cosines = lengths_and_cosines(tensors, name or "tensors")
        merged = combine(tensors, self.coefficients(lengths, cosines, weights, name))
        return merged if base is None else merged.add_(base)

    def coefficients(self, lengths, cosines, weights, name=""):
        """The projected mean of directions, times the mean length."""
        weights = np.asarray(weights, dtype=float)
        found, there = np.zeros(len(weights)), lengths > 0
        if weights[there].any():
            shares = weights * there
            around = shares / sum_length(shares, cosines, name or "tensors")
            found[there] = weights @ lengths * around[there] / lengths[there]
        return found
