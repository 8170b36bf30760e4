"""The masking-saturating kernel: parts compete for the same receptors."""

from dataclasses import dataclass
from typing import Any, ClassVar

from array_api_compat import array_namespace

from mixlib.kernels.base import Kernel, as_constant


@dataclass(frozen=True, eq=False)
class CompetitiveBinding(Kernel):
    r"""Competitive binding: parts compete for the sites of receptors, one receptor a coordinate.

    .. math:: m = \frac{\sum_i e_i w_i q_i}{1 + \sum_i w_i q_i}, \qquad p_i = \frac{e_i q_i}{1 + q_i}

    A part :math:`p_i` is a pure response at the full concentration :math:`C`, where the part binds with
    :math:`q_i = C / k_i`; the efficacy :math:`e_i` follows from both. The weights share out that concentration, so the
    mixture is an average whose weights are tilted towards the tight binders,

    .. math:: m = \frac{\sum_i w_i (1 + q_i) \, p_i}{\sum_i w_i (1 + q_i)}.

    Each receptor hence stays between its smallest and largest pure response. Receptors tilt differently, so the vector
    of them leaves the hull of the parts. A tight binder of low response masks the others. Equal ``binding`` for all
    parts of a receptor is the linear pool, as is weak binding, :math:`q \to 0`.

    Source: Singh et al. 2019.

    Parameters
    ----------
    binding : None, float or array (n,) or (n, d), default=None
        :math:`q_i = C / k_i > 0`, without unit: per part, or per part and receptor. A part of larger ``binding`` takes
        more of the sites; equal or small values lead to the linear pool. ``None`` lets strong responders
        bind tightly, :math:`q_i = p_i`, with responses in units of the one that half fills the sites; parts must
        then not be negative.

    Raises
    ------
    ValueError
        If ``binding`` is not positive and finite or does not fit the parts, or is ``None`` and a part is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.kernels import CompetitiveBinding
    >>> sweet = np.array([[9.0], [1.0]])  # responses of one receptor to two pure parts
    >>> CompetitiveBinding(binding=[1.0, 99.0])([0.5, 0.5], sweet).round(3)  # the weak part binds tightly and masks
    array([1.157])
    """

    binding: Any = None
    formula: ClassVar[str] = "Σ eᵢ qᵢ / (1 + Σ qᵢ)"
    effect: ClassVar[str] = "they compete for seats"
    field: ClassVar[str] = "smell"
    carrier: ClassVar[str] = "answers of receptors"
    setting: ClassVar[str] = "binding follows response: the average part fills half of the sites"
    reference: ClassVar[str] = "singh2019"
    place: ClassVar[int] = 4

    def check_parts(self, parts):
        """Raise a ValueError if a part is negative and has to serve as its own binding."""
        xp = array_namespace(parts)
        if self.binding is None and bool(xp.any(parts < 0)):
            raise ValueError(
                f"parts: holds a negative value (smallest {xp.min(parts).item():.6g}), which cannot serve as "
                "binding; pass binding= to allow responses below the baseline"
            )

    def mix(self, weights, parts):
        """Return the average with weights ``w_i (1 + q_i)``, shape (..., d)."""
        xp = array_namespace(parts)
        tilted = xp.expand_dims(weights, axis=-1) * (1 + self._binding(parts))
        # dividing first keeps a single part exact
        return xp.sum(tilted / xp.sum(tilted, axis=-2, keepdims=True) * parts, axis=-2)

    @classmethod
    def per_part(cls, values):
        """The kernel whose parts bind with the values."""
        return cls(values)

    def _binding(self, parts):
        if self.binding is None:
            return parts
        xp, (n, d) = array_namespace(parts), parts.shape[-2:]
        binding = as_constant(self.binding, like=parts, name="binding")
        if tuple(binding.shape) not in ((), (n,), (n, d)):
            raise ValueError(
                f"binding: expected one number, ({n},) or ({n}, {d}) for {n} parts of {d} receptors, "
                f"got shape {tuple(binding.shape)}"
            )
        if bool(xp.any(binding <= 0)):
            raise ValueError(
                f"binding: holds {xp.min(binding).item():.6g}; C / k must be positive, "
                "pass a small number for a part that hardly binds"
            )
        return xp.expand_dims(binding, axis=-1) if binding.ndim == 1 else binding
