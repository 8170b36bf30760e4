"""The interface of every merge method."""

from abc import ABC, abstractmethod
from dataclasses import fields
from typing import ClassVar

from mixlib.arrays import flag, real

__all__ = ["Method"]


class Method(ABC):
    r"""A merge method: one model's weights from those of several models of one architecture.

    A subclass, one file of this folder, is a frozen dataclass whose fields are its options, given by name; options of
    type ``float`` or ``bool`` are held to that, and a subclass that checks more calls ``super().__post_init__()``. Most
    methods work tensor by tensor and implement :meth:`tensor`; that is what lets :func:`merge_files` stream large
    checkpoints. A method that has to see whole models says ``whole = True`` and implements :meth:`states` as well.

    Weights are on the simplex. A method of task vectors :math:`\tau_i = \theta_i - \theta_0` takes the base
    :math:`\theta_0`, and an option ``scale`` that multiplies their weighted sum.

    Attributes
    ----------
    formula : str
        What it computes, in a line.
    reference : str
        Key of the source in a bibliography.
    needs_base : bool
        Whether it needs the model that the others were fine-tuned from.
    whole : bool
        Whether it needs all tensors of the models at once.
    elementwise : bool
        Whether each entry of a merged tensor depends on the same entry of the models alone, so that large tensors can
        be merged in pieces.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import METHODS, Method
    >>> linear = METHODS["linear"]()
    >>> isinstance(linear, Method), linear.tensor([torch.tensor([0.0, 2.0]), torch.tensor([4.0, 2.0])], [0.75, 0.25])
    (True, tensor([1., 2.]))
    """

    formula: ClassVar[str]
    reference: ClassVar[str]
    needs_base: ClassVar[bool] = False
    whole: ClassVar[bool] = False
    elementwise: ClassVar[bool] = False

    def __post_init__(self):
        for option in fields(self):
            if option.type in (float, bool):
                check = real if option.type is float else flag
                check(getattr(self, option.name), option.name)

    @abstractmethod
    def tensor(self, tensors, weights, base=None, name=""):
        """Merge ``k`` tensors of one shape, float32 or float64, with checked weights (k,), into a new one.

        ``base`` is the base's tensor, and ``name`` what the tensor is called, for messages.
        """

    def coefficients(self, lengths, cosines, weights, name=""):
        """Coefficients (k,) of the merged tensor on the models' own, where lengths (k,) and cosines (k, k) decide them.

        ``None`` for other methods. With these a large tensor is merged in two passes over the files that hold it.

        Examples
        --------
        >>> import numpy as np
        >>> from mixlib.merging import METHODS
        >>> METHODS["karcher"]().coefficients(np.ones(2), np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0.5, 0.5]))
        array([0.70710678, 0.70710678])
        """
        return None

    def states(self, states, weights, base=None):
        """Merge ``k`` dictionaries of such tensors, with the same names and shapes, into a new one.

        Examples
        --------
        >>> import torch
        >>> from mixlib.merging import METHODS
        >>> METHODS["linear"]().states([{"w": torch.zeros(2)}, {"w": torch.ones(2)}], [0.75, 0.25])
        {'w': tensor([0.2500, 0.2500])}
        """
        return {
            name: self.tensor([state[name] for state in states], weights, None if base is None else base[name], name)
            for name in states[0]
        }
