"""The interface of every kernel: checked weights and parts in, a mixture out."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj

from mixlib.arrays import finite, floating, native
from mixlib.simplex import check_weights

__all__ = ["Kernel"]


class Kernel(ABC):
    r"""A mixing kernel: the rule :math:`m = K(w, p)` that makes one mixture of ``n`` weighted parts.

    A subclass is a frozen dataclass whose fields are the rule's constants. It implements :meth:`mix`, and may
    narrow the parts it takes in :meth:`check_parts`; everything else is checked here, once for all kernels.

    The attributes below declare which laws a kernel obeys; the tests hold every kernel to them, in both directions.
    Laws that no kernel may break need no declaration: shapes, dtypes and batches, and that reordering parts, weights
    and the constants that belong to parts together does not change the mixture (of a drawn one: its distribution).

    A kernel of the zoo, one file of this folder, says of itself what is below; the comparison of all kernels and the
    tests find it there.

    Attributes
    ----------
    formula, effect, field, carrier : str
        What it computes, what that does to the parts in a few words, where it is used, and what its parts are.
    setting : str
        Which constants :meth:`for_comparison` gives it, and why.
    reference : str
        BibTeX key of the source.
    place : int, optional
        Where it stands in the zoo; kernels without one come last, in the order of their names.
    costly : bool
        Whether a mixture takes a millisecond or more, so that a comparison should ask for few of them.
    exact_at_vertices : bool
        Whether weight 1 on a part returns that part.
    idempotent : bool
        Whether equal parts return that part, whatever the weights.
    deterministic : bool
        Whether the mixture is a function of weights and parts alone, continuous at almost all of them. If not, it
        is drawn with the kernel's field ``rng``.
    differentiable : bool
        Whether torch carries the mixture's derivatives to both weights and parts, at almost all of them. If not, no
        gradient reaches the weights, or asking for one is refused.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from mixlib.kernels import Kernel
    >>> @dataclass(frozen=True)
    ... class Largest(Kernel):
    ...     def mix(self, weights, parts):
    ...         return parts.max(axis=-2)
    >>> Largest()([0.5, 0.5], np.array([[1.0, 2.0], [3.0, 0.0]]))
    array([3., 2.])
    """

    formula: ClassVar[str]
    effect: ClassVar[str]
    field: ClassVar[str]
    carrier: ClassVar[str]
    setting: ClassVar[str]
    reference: ClassVar[str]
    place: ClassVar[int]
    costly: ClassVar[bool] = False
    exact_at_vertices: ClassVar[bool] = True
    idempotent: ClassVar[bool] = True
    deterministic: ClassVar[bool] = True
    differentiable: ClassVar[bool] = True

    def __call__(self, weights, parts):
        """Mix ``parts`` with ``weights``.

        Parameters
        ----------
        weights : array_like (..., n) or None
            On the simplex; ``None`` means ``1 / n`` each.
        parts : array (..., n, d)
            NumPy array or torch tensor of a floating dtype. Batch dimensions broadcast.

        Returns
        -------
        array (..., d)
            The mixture, the same kind, dtype and device as ``parts``.

        Raises
        ------
        ValueError
            If the weights are off the simplex, a part is NaN or infinite, or shapes or dtypes do not fit.
        """
        parts = _floating_parts(native(parts, "parts"))
        self.check_parts(parts)
        weights = native(weights, "weights")
        if is_array_api_obj(weights) and _dtype(weights) != _dtype(parts):
            raise ValueError(
                f"weights: dtype {_dtype(weights)} differs from the dtype {_dtype(parts)} of parts; "
                "convert one of them so that both agree"
            )
        weights = check_weights(weights, parts.shape[-2], like=parts)
        try:
            np.broadcast_shapes(tuple(weights.shape[:-1]), tuple(parts.shape[:-2]))
        except ValueError:
            raise ValueError(
                f"weights: batch shape {tuple(weights.shape[:-1])} does not broadcast with the batch shape "
                f"{tuple(parts.shape[:-2])} of parts; weights are (..., n) and parts (..., n, d)"
            ) from None
        return self.mix(weights, parts)

    @abstractmethod
    def mix(self, weights, parts):
        """Return the mixture (..., d) of checked ``weights`` (..., n) and ``parts`` (..., n, d)."""

    def check_parts(self, parts):  # noqa: B027, a hook that most kernels do not need
        """Raise a ValueError if finite ``parts`` lie outside the kernel's domain; by default none does.

        Examples
        --------
        >>> import numpy as np
        >>> from mixlib.kernels import Spatial
        >>> Spatial().check_parts(np.array([[-1.0]]))
        Traceback (most recent call last):
        ValueError: parts: smallest value -1, but a conductivity must be > 0; give an insulator a small positive value
        """

    @classmethod
    def for_comparison(cls, n):
        """The kernel for ``n`` parts of mean size 1, with constants at which it is at work; by default its own.

        Examples
        --------
        >>> from mixlib.kernels import Synergistic
        >>> Synergistic.for_comparison(2)
        Synergistic(interaction=4.0)
        """
        return cls()

    @classmethod
    def pair_for_comparison(cls):
        """All outcomes (..., k) of mixing halves of two parts (..., 2, 1), as a function of both, and their chances.

        By default those of :meth:`for_comparison`. A kernel that draws, or needs more than one coordinate, has to say
        what a pair is.

        Examples
        --------
        >>> import numpy as np
        >>> from mixlib.kernels import Stochastic
        >>> outcomes, chances = Stochastic.pair_for_comparison()
        >>> outcomes(None, np.array([[1.0], [3.0]])), chances
        (array([1., 3.]), (0.5, 0.5))
        """
        return cls.for_comparison(2), (1.0,)

    def expected(self):
        """The kernel of the mean over draws; for one that draws nothing, itself.

        Examples
        --------
        >>> from mixlib.kernels import Stochastic
        >>> Stochastic(rng=0).expected()
        Linear()
        """
        return self

    @classmethod
    def per_part(cls, values):
        """The kernel whose constants belong to parts, made from a positive value for each; None if it has none.

        Examples
        --------
        >>> import numpy as np
        >>> from mixlib.kernels import Linear, TimeResolved
        >>> TimeResolved.per_part(np.array([1.0, 2.0])), Linear.per_part(np.array([1.0, 2.0]))
        (TimeResolved(rates=array([1., 2.]), time=1.0), None)
        """
        return None


def as_constant(value, *, like, name):
    """Return a kernel's constant as a finite array like ``like``; a torch constant stays in its autograd graph.

    Raises
    ------
    ValueError
        If the constant is not numeric, or is NaN or infinite.
    """
    xp, value = array_namespace(like), native(value, name)
    try:
        if is_array_api_obj(value) and array_namespace(value) is xp:
            value = xp.astype(value, like.dtype, copy=False, device=like.device)
        else:
            value = xp.asarray(value, dtype=like.dtype, device=like.device)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{name}: expected a number or an array of numbers, got {value!r} ({error})") from None
    return finite(value, name)


def _floating_parts(parts):
    parts = floating(parts, "parts")
    if parts.ndim < 2 or 0 in parts.shape[-2:]:
        raise ValueError(
            f"parts: expected (..., n, d) with at least one part and coordinate, got {tuple(parts.shape)}; "
            "the last axis holds a part's coordinates, the one before it the parts"
        )
    return finite(parts, "parts")


def _dtype(array):
    return str(array.dtype).removeprefix("torch.")
