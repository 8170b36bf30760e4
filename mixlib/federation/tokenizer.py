"""Byte-level BPE that is trained on the spot, and text as a stream of tokens."""

from dataclasses import dataclass
from itertools import islice

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from mixlib.arrays import whole

BATCH = 32  # documents encoded at a time, in parallel


@dataclass(frozen=True)
class Stream:
    """Documents end to end: ``tokens (T,)`` and the positions at which documents begin."""

    tokens: np.ndarray
    document_starts: np.ndarray

    def documents(self):
        """The tokens of each document."""
        return np.split(self.tokens, self.document_starts[1:])


def train_tokenizer(texts, vocabulary=2048):
    """Train a byte-level BPE of ``vocabulary`` tokens; every string can be encoded. Same texts, same tokens.

    A small text can give fewer tokens than asked for; ``get_vocab_size()`` tells.

    Raises
    ------
    ValueError
        If there is no text or ``vocabulary`` is below the 256 bytes.

    Notes
    -----
    Source: Sennrich, Haddow & Birch 2016.
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
    """Encode documents into one :class:`Stream`, at most ``most`` tokens of them.

    Raises
    ------
    ValueError
        If no document holds a token.
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
