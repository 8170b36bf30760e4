"""Orthogonal merge: the rotations that lead from a base to its fine-tuned models are averaged, not their weights."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from scipy.linalg import schur

from mixlib.merging.base import Method

CHARTS = "cayley", "log"
MAGNITUDES = "mean", "linear"
HALF_TURN = 1e-3  # radians: the Cayley transform goes no nearer to a half turn than this, the logarithm to its square


@dataclass(frozen=True, kw_only=True)
class Orthogonal(Method):
    r"""Orthogonal merge (OrthoMerge): rotations of a base averaged in the Lie algebra, and residuals merged linearly.

    Each matrix is split into a rotation of the base's and a residual, :math:`W_i = W_0 R_i + E_i`, where :math:`R_i` is
    the rotation nearest to :math:`W_i` (orthogonal Procrustes). A chart takes rotations to skew-symmetric matrices
    :math:`A_i`, whose weighted sum keeps its direction and gets the weighted mean of their norms for its length:

    .. math::

        A = s\, \frac{\sum_i w_i |A_i|}{|\sum_i w_i A_i|} \sum_i w_i A_i, \qquad
        W = W_0 (I - A)^{-1} (I + A) + s\, r \sum_i w_i E_i .

    A matrix of ``m`` rows and ``n`` columns is rotated in its ``n`` inputs, at a cost of ``n ** 3`` a model; where the
    models do not say how, as for ``m < n``, as little as possible. Tensors of more axes are taken as matrices of their
    first axis against the others; vectors and numbers are merged linearly, :math:`b_0 + s \sum_i w_i (b_i - b_0)`.

    Parameters
    ----------
    scale : float, default=1.0
        How far to go from the base, :math:`s`; 0 is the base, more than 1 extrapolates.
    residual : float, default=1.0
        What share of the merged residuals to add, :math:`r`; 0 keeps rotations alone.
    magnitude : {"mean", "linear"}, default="mean"
        Length of the average; ``"linear"`` leaves that of the weighted sum, which is shorter if directions differ.
    chart : {"cayley", "log"}, default="cayley"
        Map to skew-symmetric matrices: the Cayley transform, :math:`(R + I)^{-1} (R - I)`, or the logarithm. They agree
        for small rotations; the logarithm bears rotations near a half turn.

    Raises
    ------
    ValueError
        If there is no base, an option is none of the above, a rotation turns a plane by a half turn, or the rotations
        cancel, so that their mean length has no direction.

    Notes
    -----
    Sources: Yang, Shi and Liu 2026; Schönemann 1966 (Procrustes); Cayley 1846 (transform).

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import merge
    >>> base, quarter = torch.eye(2), torch.tensor([[0.0, 1.0], [-1.0, 0.0]])
    >>> merge([{"w": base}, {"w": quarter}], "orthogonal", base={"w": base}, chart="log")["w"]
    tensor([[ 0.7071,  0.7071],
            [-0.7071,  0.7071]])
    """

    formula: ClassVar[str] = "θ₀ R(Σ wᵢ Aᵢ) + Σ wᵢ (θᵢ − θ₀ Rᵢ)"
    reference: ClassVar[str] = "yang2026"
    needs_base: ClassVar[bool] = True

    scale: float = 1.0
    residual: float = 1.0
    magnitude: str = "mean"
    chart: str = "cayley"

    def __post_init__(self):
        super().__post_init__()
        for name, known in (("magnitude", MAGNITUDES), ("chart", CHARTS)):
            if getattr(self, name) not in known:
                raise ValueError(f"{name}: got {getattr(self, name)!r}, expected one of {', '.join(known)}")

    def tensor(self, tensors, weights, base=None, name=""):
        """The merged matrix, or the linear merge of what is no matrix; computed in float64."""
        start = base.double()
        if base.ndim < 2 or not base.numel():
            moved = sum(float(w) * (tensor.double() - start) for w, tensor in zip(weights, tensors, strict=True))
            return (start + self.scale * moved).to(base.dtype)
        start = start.flatten(1)
        matrices = [tensor.double().flatten(1) for tensor in tensors]
        rotations = [_rotation(start, matrix) for matrix in matrices]
        into, back = (_to_skew, _from_skew) if self.chart == "cayley" else (_logarithm, torch.matrix_exp)
        skews = [into(rotation, name) for rotation in rotations]
        merged = start @ back(self.scale * self._mean(skews, weights, name))
        for weight, matrix, rotation in zip(weights, matrices, rotations, strict=True):
            merged.add_(matrix - start @ rotation, alpha=self.scale * self.residual * float(weight))
        return merged.reshape(base.shape).to(base.dtype)

    def _mean(self, skews, weights, name):
        total = sum(float(w) * skew for w, skew in zip(weights, skews, strict=True))
        if self.magnitude == "linear":
            return total
        length = sum(float(w) * float(torch.linalg.norm(skew)) for w, skew in zip(weights, skews, strict=True))
        left = float(torch.linalg.norm(total))
        if left <= 1e-8 * length:
            if length <= 1e-12:
                return total  # nothing turns
            raise ValueError(
                f"state_dicts: the rotations of {name!r} cancel, so that their mean length has no direction; "
                "use magnitude='linear'"
            )
        return total * (length / left)


def _rotation(start, matrix):
    """The rotation R of columns with ``start @ R`` nearest to ``matrix``; where that leaves a choice, nearest to I."""
    left, values, right = torch.linalg.svd(start.T @ matrix)
    n = len(values)
    rank = int((values > n * torch.finfo(values.dtype).eps * values[0]).sum())
    if rank < n:  # neither matrix says how to turn the rest
        p, _, q = torch.linalg.svd(left[:, rank:].T @ right[rank:].T)
        left = torch.cat([left[:, :rank], left[:, rank:] @ p], dim=1)
        right = torch.cat([right[:rank], (right[rank:].T @ q.T).T])
    rotation = left @ right
    if torch.linalg.det(rotation) < 0:  # no way through rotations leads to a reflection
        left[:, -1] *= -1
        rotation = left @ right
    return rotation


def _to_skew(rotation, name=""):
    """The Cayley transform (R + I)^-1 (R - I)."""
    eye = torch.eye(len(rotation), dtype=rotation.dtype, device=rotation.device)
    skew = torch.linalg.solve_ex(rotation + eye, rotation - eye).result
    skew = (skew - skew.T) / 2
    # its spectral norm is the tangent of half the largest angle; the quick bound suffices for most
    bound, limit = float(torch.linalg.norm(skew)), 2 / HALF_TURN
    if not (bound < limit or (bound < torch.inf and float(torch.linalg.matrix_norm(skew, 2)) < limit)):
        raise ValueError(
            f"state_dicts: a model turns a plane of {name!r} by a half turn, where the Cayley transform ends; "
            "use chart='log'"
        )
    return skew


def _from_skew(skew):
    """The rotation (I - A)^-1 (I + A)."""
    eye = torch.eye(len(skew), dtype=skew.dtype, device=skew.device)
    return torch.linalg.solve(eye - skew, eye + skew)


def _logarithm(rotation, name=""):
    """The principal logarithm, from the angles of the planes that a rotation turns."""
    # a Schur form of a normal matrix is diagonal, and its vectors are orthogonal also where angles are equal
    form, vectors = schur(rotation.cpu().numpy(), output="complex")
    values = np.diag(form)
    if np.abs(values + 1).min() < HALF_TURN**2:
        raise ValueError(
            f"state_dicts: a model turns a plane of {name!r} by a half turn, which has no single logarithm; "
            "merge this tensor by another method"
        )
    skew = (vectors * (1j * np.angle(values)) @ vectors.conj().T).real
    return torch.as_tensor((skew - skew.T) / 2, device=rotation.device)
