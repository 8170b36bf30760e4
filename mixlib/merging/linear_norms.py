"""The linear merge with restored norms: the weighted mean, as long as the models' tensors are on average."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mixlib.merging.base import Method
from mixlib.merging.vectors import combine, lengths_and_cosines, sum_length


@dataclass(frozen=True, kw_only=True)
class LinearNorms(Method):
    r"""Linear merge with restored norms: each averaged tensor is stretched to the models' mean length.

    .. math:: \theta = \frac{\sum_i w_i |\theta_i|}{|\sum_i w_i \theta_i|} \sum_i w_i \theta_i

    A mean of vectors that point apart is shorter than they are, and this takes that back and nothing else: it is the
    control for methods on the sphere. With tensors of equal length it is :class:`MultiSlerp`. The models must lie in
    one basin. A tensor of one entry is averaged as it is.

    Source: the linear merge of Wortsman et al. 2022, with the length of Wang et al. 2026.

    Raises
    ------
    ValueError
        If tensors balance out to zero, which has no direction.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import merge
    >>> merge([{"w": torch.tensor([3.0, 0.0])}, {"w": torch.tensor([0.0, 4.0])}], "linear-norms")
    {'w': tensor([2.1000, 2.8000])}
    """

    formula: ClassVar[str] = "Σ wᵢ θᵢ · Σ wᵢ |θᵢ| / |Σ wᵢ θᵢ|"
    reference: ClassVar[str] = "wortsman2022"

    def tensor(self, tensors, weights, base=None, name=""):
        """The weighted mean, stretched to the weighted mean length."""
        if tensors[0].numel() == 1:
            return combine(tensors, weights)
        lengths, cosines = lengths_and_cosines(tensors, name or "tensors")
        return combine(tensors, self.coefficients(lengths, cosines, weights, name))

    def coefficients(self, lengths, cosines, weights, name=""):
        """The weights, stretched."""
        weights = np.asarray(weights, dtype=float)
        if not lengths.any():
            return weights
        return weights @ lengths / sum_length(weights * lengths, cosines, name or "tensors") * weights
