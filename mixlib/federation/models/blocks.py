"""Predictions in blocks of rows, so that the ``(T, V)`` table of a long text never has to exist at once."""

import numpy as np

__all__ = []

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
    tokens, starts = np.asarray(tokens), np.asarray(document_starts)
    if tokens.ndim != 1 or tokens.size == 0:
        raise ValueError(f"tokens: expected shape (T,) with at least one token, got {tokens.shape}")
    if not np.issubdtype(tokens.dtype, np.integer):
        raise ValueError(f"tokens: expected integers, got dtype {tokens.dtype}")
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
