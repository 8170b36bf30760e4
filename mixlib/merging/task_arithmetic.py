"""Task arithmetic: a base plus the scaled sum of what its fine-tuned models added."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mixlib.merging.base import Method
from mixlib.merging.vectors import combine


@dataclass(frozen=True, kw_only=True)
class TaskArithmetic(Method):
    r"""Task arithmetic: the base plus task vectors, :math:`\theta_0 + s \sum_i w_i (\theta_i - \theta_0)`.

    The models must have been fine-tuned from the base.

    Source: Ilharco et al. 2023.

    Parameters
    ----------
    scale : float, default=1.0
        How far to go, :math:`s`. 0 is the base, 1 the linear merge, and ``k`` with equal weights the plain sum of the
        task vectors of ``k`` models; more extrapolates.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import merge
    >>> base, tuned = {"w": torch.zeros(2)}, [{"w": torch.tensor([1.0, 0.0])}, {"w": torch.tensor([0.0, 1.0])}]
    >>> merge(tuned, "task-arithmetic", base=base, scale=2)
    {'w': tensor([1., 1.])}
    """

    formula: ClassVar[str] = "θ₀ + s Σ wᵢ (θᵢ − θ₀)"
    reference: ClassVar[str] = "ilharco2023"
    needs_base: ClassVar[bool] = True
    elementwise: ClassVar[bool] = True

    scale: float = 1.0

    def tensor(self, tensors, weights, base=None, name=""):
        """Base and models in one weighted sum."""
        return combine([base, *tensors], [1 - self.scale, *(self.scale * np.asarray(weights, dtype=float))])
