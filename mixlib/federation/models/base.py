"""The one protocol of models that are trained, saved and scored here, and of any that predict in blocks of rows.

In blocks the ``(T, V)`` table of a long text never has to exist at once.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from mixlib.arrays import integers

__all__ = ["LanguageModel"]

ROWS = 512  # of a block


class InBlocks:
    """What every specialist can say once it has ``log_prob_blocks`` and ``vocabulary``."""

    def log_probs(self, tokens, document_starts=(0,), dtype=np.float32):
        """Log-probabilities ``(T, V)``: row ``t`` is the prediction of ``tokens[t]`` from those before it, in nats.

        Raises
        ------
        ValueError
            If tokens are not integers in ``0 .. V - 1``, or starts do not increase from 0 within the text.
        """
        return np.concatenate(list(self.log_prob_blocks(tokens, document_starts))).astype(dtype, copy=False)

    def target_log_probs(self, tokens, document_starts=(0,)):
        """Log-probabilities ``(T,)`` of the tokens that came, float64: the entries of :meth:`log_probs`.

        Raises
        ------
        ValueError
            As :meth:`log_probs`.
        """
        tokens, starts = check_text(tokens, document_starts, self.vocabulary)
        out = np.empty(len(tokens))
        for begin, block in zip(range(0, len(tokens), ROWS), self.log_prob_blocks(tokens, starts), strict=True):
            targets = tokens[begin : begin + ROWS]
            out[begin : begin + ROWS] = block[np.arange(len(targets)), targets]
        return out


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


def regrouped(pieces, rows):
    """Cut arrays ``(k, V)``, which come in any lengths ``k``, into arrays of ``rows`` rows; the last may be shorter."""
    waiting, count = [], 0
    for piece in pieces:
        waiting.append(piece)
        count += len(piece)
        while count >= rows:
            joined = np.concatenate(waiting) if len(waiting) > 1 else waiting[0]
            yield joined[:rows]
            waiting, count = [joined[rows:]], count - rows
    if count:
        yield np.concatenate(waiting)


def on_device(network, device):
    """Move a torch module to ``device`` and return it, or raise a ValueError if there is no such device."""
    try:
        return network.to(device)
    except (RuntimeError, AssertionError) as error:  # torch built without it says so by an AssertionError
        reason = str(error).partition("\n")[0]
        raise ValueError(f"device: {device!r} cannot be used here ({reason}); 'cpu' always can") from error


def check_rows(rows):
    """Raise a ValueError unless a block has at least one row."""
    if rows < 1:
        raise ValueError(f"rows: expected at least 1 a block, got {rows}; {ROWS} is the default")


def check_text(tokens, document_starts, vocabulary):
    """Return ``tokens (T,)`` and ``document_starts`` as int64 arrays, or say what is wrong with them.

    Raises
    ------
    ValueError
        If tokens are not integers in ``0 .. V - 1``, or starts do not increase from 0 within the text.
    """
    tokens, starts = integers(tokens, "tokens"), integers(document_starts, "document_starts")
    if tokens.ndim != 1 or tokens.size == 0:
        raise ValueError(f"tokens: expected shape (T,) with at least one token, got {tokens.shape}")
    if tokens.min() < 0 or tokens.max() >= vocabulary:
        bad = int(tokens.max()) if tokens.max() >= vocabulary else int(tokens.min())
        raise ValueError(
            f"tokens: {bad} is unknown to a vocabulary of {vocabulary} (0 .. {vocabulary - 1}); encode the text with "
            f"the tokenizer that the model was trained with"
        )
    ordered = starts.ndim == 1 and starts.size and starts[0] == 0 and (np.diff(starts) > 0).all()
    if not ordered or starts[-1] >= len(tokens):
        raise ValueError(f"document_starts: expected increasing positions from 0 below {len(tokens)}, got {starts}")
    return tokens.astype(np.int64), starts.astype(np.int64)
