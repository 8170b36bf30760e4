"""TIES: task vectors are trimmed, agree on a sign at each place, and are averaged where they have it."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mixlib.arrays import real
from mixlib.merging.base import Method

__all__ = ["Ties"]


@dataclass(frozen=True, kw_only=True)
class Ties(Method):
    r"""TIES merge: trim task vectors, elect a sign for each entry, average those that have it.

    Of each task vector :math:`\tau_i = \theta_i - \theta_0` the largest entries are kept, tensor by tensor, the others
    are set to zero. The sign of :math:`\sum_i w_i \tau_i` is elected, and with the models :math:`A` whose entry has it

    .. math:: \theta = \theta_0 + s\, \frac{\sum_{i \in A} w_i \tau_i}{\sum_{i \in A} w_i} .

    The models must have been fine-tuned from the base.

    Source: Yadav et al. 2023, who trim all tensors of a model together.

    Parameters
    ----------
    density : float, default=0.2
        Share of the entries of a tensor that is kept, above 0 and up to 1; at least one. Less drops more of what models
        learned, and with it what they disagree about.
    scale : float, default=1.0
        What the merged task vector is multiplied by, :math:`s`.
    normalize : bool, default=True
        Whether to divide by the weight of those that agree; without, entries that few agree on count less.

    Raises
    ------
    ValueError
        If ``density`` is outside 0 to 1, an option is of another type, or there is no base.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import merge
    >>> base, tuned = {"w": torch.zeros(3)}, [{"w": torch.tensor([4.0, 2, 1])}, {"w": torch.tensor([2.0, -3, 0])}]
    >>> merge(tuned, "ties", base=base, density=1)
    {'w': tensor([ 3., -3.,  1.])}
    """

    formula: ClassVar[str] = "θ₀ + s · mean of those trimmed τᵢ that have the elected sign"
    reference: ClassVar[str] = "yadav2023"
    needs_base: ClassVar[bool] = True

    density: float = 0.2
    scale: float = 1.0
    normalize: bool = True

    def __post_init__(self):
        check_density(self.density)
        super().__post_init__()

    def tensor(self, tensors, weights, base=None, name=""):
        """Trim, elect, merge."""
        trimmed = (trim(tensor - base, self.density) for tensor in tensors)
        return base + self.scale * elect(list(trimmed), weights, self.normalize)


def check_density(density):
    """Raise a ValueError unless ``density`` is a share, above 0 and up to 1."""
    real(density, "density", "the share of entries to keep, above 0 and up to 1", lambda share: 0 < share <= 1)


def trim(tau, density):
    """The entries of largest magnitude and zeros elsewhere; entries as large as the smallest of them stay as well."""
    kept = max(1, int(density * tau.numel()))
    if kept >= tau.numel():
        return tau
    sizes = tau.abs()
    least = sizes.flatten().kthvalue(tau.numel() - kept + 1).values
    return tau * (sizes >= least)


def elect(taus, weights, normalize=True):
    """The weighted mean at each entry over the task vectors that have the sign of the weighted sum there."""
    weights = np.asarray(weights, dtype=float).tolist()
    sign = sum(w * tau for w, tau in zip(weights, taus, strict=True)).sign()
    total, share = sign.new_zeros(sign.shape), sign.new_zeros(sign.shape)
    for weight, tau in zip(weights, taus, strict=True):
        agrees = tau * sign > 0
        total.add_(tau * agrees, alpha=weight)
        share.add_(agrees, alpha=weight)
    return total / share.masked_fill_(share == 0, 1) if normalize else total
