"""The linear merge: the weighted arithmetic mean of weights, a model soup."""

from dataclasses import dataclass
from typing import ClassVar

from mixlib.merging.base import Method
from mixlib.merging.vectors import combine


@dataclass(frozen=True, kw_only=True)
class Linear(Method):
    r"""Linear merge (model soup): the weighted arithmetic mean of each tensor, :math:`\theta = \sum_i w_i \theta_i`.

    The models must lie in one basin, as those do that were fine-tuned from one base; of models trained apart the mean
    is no good model.

    Source: Wortsman et al. 2022.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import merge
    >>> merge([{"w": torch.tensor([0.0, 2.0])}, {"w": torch.tensor([4.0, 2.0])}], "linear", weights=[0.75, 0.25])
    {'w': tensor([1., 2.])}
    """

    formula: ClassVar[str] = "Σ wᵢ θᵢ"
    reference: ClassVar[str] = "wortsman2022"
    elementwise: ClassVar[bool] = True

    def tensor(self, tensors, weights, base=None, name=""):
        """The weighted mean, in one pass over memory."""
        return combine(tensors, weights)

    def coefficients(self, lengths, cosines, weights, name=""):
        """The weights."""
        return weights
