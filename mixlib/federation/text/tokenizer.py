"""Byte-level BPE that is trained on the spot, and text as a stream of tokens."""

from dataclasses import dataclass
from itertools import islice

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from mixlib.arrays import whole

BATCH = 32  # documents encoded at a time, in parallel


@dataclass(frozen=True)
class Stream:
    """Token stream: documents end to end.

    Parameters
    ----------
    tokens : integer array (T,)
        Of all documents.
    document_starts : integer array (S,)
        Positions at which documents begin, the first of them 0.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import Stream
    >>> list(Stream(tokens=np.array([5, 6, 7]), document_starts=np.array([0, 2])).documents())
    [array([5, 6]), array([7])]
    """

    tokens: np.ndarray
    document_starts: np.ndarray

    def documents(self):
        """The tokens of each document."""
        return np.split(self.tokens, self.document_starts[1:])


def train_tokenizer(texts, vocabulary=2048):
    """Byte-level BPE tokenizer, trained on texts; every string can be encoded. Same texts, same tokens.

    A small text can give fewer tokens than asked for; ``get_vocab_size()`` tells.

    Parameters
    ----------
    texts : iterable of str
        What to learn the merges from.
    vocabulary : int, default=2048
        How many tokens, from 256, the bytes alone. More make longer tokens.

    Returns
    -------
    tokenizers.Tokenizer
        Without special tokens.

    Raises
    ------
    ValueError
        If there is no text or ``vocabulary`` is below the 256 bytes.

    Notes
    -----
    Source: Sennrich, Haddow & Birch 2016.

    Examples
    --------
    >>> from mixlib.federation import train_tokenizer
    >>> tokenizer = train_tokenizer(["wave after wave", "a field of wheat"], vocabulary=260)
    >>> tokenizer.encode("wave").tokens
    ['wave']
    """
    texts = [text for text in texts if text]
    if not texts:
        raise ValueError("texts: empty; a tokenizer needs text to train on")
    if whole(vocabulary, "vocabulary") < 256:
        raise ValueError(f"vocabulary: {vocabulary} is below the 256 bytes that a byte-level BPE starts from")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def encode(tokenizer, texts, most=None):
    """Encoded documents: their tokens as one :class:`Stream`.

    Parameters
    ----------
    tokenizer : tokenizers.Tokenizer
        As :func:`train_tokenizer` makes it.
    texts : iterable of str
        The documents.
    most : None or int, default=None
        How many tokens to take at most; ``None`` takes all.

    Returns
    -------
    Stream
        The documents end to end.

    Raises
    ------
    ValueError
        If no document holds a token.

    Examples
    --------
    >>> from mixlib.federation import encode, train_tokenizer
    >>> tokenizer = train_tokenizer(["wave after wave", "a field of wheat"], vocabulary=260)
    >>> encode(tokenizer, ["wave after wave", "wheat"], most=10)
    Stream(tokens=array([258, 220, 259,  83,  68,  81, 220, 258,  86,  71]), document_starts=array([0, 8]))
    """
    arrays, total, texts = [], 0, iter(texts)
    while batch := list(islice(texts, BATCH)):
        for encoding in tokenizer.encode_batch_fast(batch):
            room = None if most is None else most - total
            if encoding.ids and room != 0:
                arrays.append(np.asarray(encoding.ids[:room], dtype=np.int64))
                total += len(arrays[-1])
        if total == most:
            break
    if not arrays:
        raise ValueError("texts: no document holds a token; give text that is not empty")
    starts = np.cumsum([0] + [len(a) for a in arrays[:-1]])
    return Stream(np.concatenate(arrays), starts)
