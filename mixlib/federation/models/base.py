"""The one protocol of models that are trained, saved and scored here."""

from abc import ABC, abstractmethod
from typing import ClassVar

from mixlib.federation.models.blocks import InBlocks

__all__ = ["LanguageModel"]


class LanguageModel(InBlocks, ABC):
    """Language model: predictions of each token from those before it in its document.

    A model is made of its settings alone, ``kind(vocabulary)`` at least, trained by :meth:`fit`, and written to a file
    as ``settings`` and :meth:`arrays`. What is known of a text is asked for in blocks of rows.

    Attributes
    ----------
    kind : str
        Its name in ``MODELS``: that of its file, with hyphens.
    reference : str
        BibTeX key of the source.
    vocabulary : int
        Number of tokens ``V``.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation.models import MODELS
    >>> model = MODELS["cache-model"](vocabulary=3).fit(np.array([0, 0, 1, 2]))
    >>> model.kind, model.settings, [rows.shape for rows in model.log_prob_blocks(np.array([0, 1, 2]), rows=2)]
    ('cache-model', {'vocabulary': 3}, [(2, 3), (1, 3)])
    >>> type(model)(**model.settings).load_arrays(model.arrays()).weight == model.weight
    True
    """

    kind: ClassVar[str]
    reference: ClassVar[str]

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        cls.kind = cls.__module__.rpartition(".")[2].replace("_", "-")

    @abstractmethod
    def fit(self, tokens, document_starts=(0,)):
        """Learn from ``tokens (T,)``, documents end to end from ``document_starts``; return ``self``."""

    @abstractmethod
    def log_prob_blocks(self, tokens, document_starts=(0,), rows=512):
        """Yield log-probabilities ``(rows, V)`` of a text, block by block; the last may be shorter."""

    @property
    @abstractmethod
    def settings(self):
        """What the constructor needs to make a model of this shape, a dictionary that JSON can hold."""

    @abstractmethod
    def arrays(self):
        """What was learned, as NumPy arrays by name; none before :meth:`fit`."""

    @abstractmethod
    def load_arrays(self, arrays):
        """Take over what :meth:`arrays` gave; return ``self``."""
