"""DARE: most of each task vector is dropped at random, the rest stretched, before they are merged."""

from dataclasses import dataclass
from typing import ClassVar
from zlib import crc32

import numpy as np

from mixlib.arrays import whole
from mixlib.merging.base import Method
from mixlib.merging.ties import check_density, elect

CONSENSUS = "linear", "ties"


@dataclass(frozen=True, kw_only=True)
class Dare(Method):
    r"""DARE merge: drop entries of task vectors at random, rescale the others, and merge what is left.

    .. math::
        \tilde\tau_i = m_i \odot \tau_i / p, \quad m_i \sim \operatorname{Bernoulli}(p), \qquad
        \theta = \theta_0 + s \sum_i w_i \tilde\tau_i

    On average that is task arithmetic; fewer entries of different models meet. The draws depend on the seed, on a
    tensor's name and on the place of a model among the others, and not on the order of tensors. The models must have
    been fine-tuned from the base.

    Source: Yu et al. 2024.

    Parameters
    ----------
    density : float, default=0.5
        Probability of keeping an entry, :math:`p`, above 0 and up to 1. Less drops more and makes more noise.
    scale : float, default=1.0
        What the merged task vector is multiplied by, :math:`s`.
    consensus : {"linear", "ties"}, default="linear"
        How what is left is merged; ``"ties"`` elects signs as :class:`Ties` does.
    normalize : bool, default=True
        For ``"ties"``, whether to divide by the weight of those that agree.
    rng : None or int, default=None
        Seed of the draws; ``None`` is seed 0.

    Raises
    ------
    ValueError
        If ``density`` is outside 0 to 1, ``consensus`` is unknown, ``rng`` is no seed, or there is no base.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import merge
    >>> merge([{"w": torch.ones(5)}], "dare", base={"w": torch.zeros(5)}, density=0.5, rng=1)
    {'w': tensor([0., 2., 0., 0., 2.])}
    """

    formula: ClassVar[str] = "θ₀ + s Σ wᵢ mᵢ ⊙ (θᵢ − θ₀) / p,  mᵢ ~ Bernoulli(p)"
    reference: ClassVar[str] = "yu2024"
    needs_base: ClassVar[bool] = True

    density: float = 0.5
    scale: float = 1.0
    consensus: str = "linear"
    normalize: bool = True
    rng: int | None = None

    def __post_init__(self):
        check_density(self.density)
        super().__post_init__()
        if self.consensus not in CONSENSUS:
            raise ValueError(f"consensus: got {self.consensus!r}, expected one of {', '.join(CONSENSUS)}")
        if self.rng is not None:
            whole(self.rng, "rng", 0)

    def tensor(self, tensors, weights, base=None, name=""):
        """Drop, rescale, merge."""
        left = [self._drop(tensor - base, name, number) for number, tensor in enumerate(tensors)]
        if self.consensus == "ties":
            return base + self.scale * elect(left, weights, self.normalize)
        merged = base.clone()
        for weight, tau in zip(weights, left, strict=True):
            merged.add_(tau, alpha=self.scale * float(weight))
        return merged

    def _drop(self, tau, name, number):
        import torch

        seed = [self.rng or 0, crc32(name.encode()), number]
        kept = np.random.default_rng(seed).random(tuple(tau.shape), dtype=np.float32) < self.density
        return tau * torch.as_tensor(kept, device=tau.device) / self.density
