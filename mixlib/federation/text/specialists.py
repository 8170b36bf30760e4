"""One specialist a domain, trained on that domain's text alone, and the mixed text that none of them has seen."""

from dataclasses import dataclass

import numpy as np

from mixlib.arrays import generator
from mixlib.federation.models import MODELS
from mixlib.federation.models.kneser_ney import KneserNey
from mixlib.federation.text import corpora
from mixlib.federation.text.tokenizer import Stream, encode, train_tokenizer

__all__ = ["Federation"]

BUDGET = 500_000  # training tokens of one specialist
SHINGLE = 12  # tokens of a shingle
NEAR = 0.2  # share of shingles also found in training from which a document counts as near-duplicate
TEST, VALIDATION = 8, 5  # documents a domain
EXCERPT = 2_000  # characters of an evaluation document


@dataclass(frozen=True)
class Federation:
    """Federation of specialists with their tokenizer and training text, and mixed text to fit and test on.

    Attributes
    ----------
    domains : tuple of str
        One name a specialist.
    tokenizer : tokenizers.Tokenizer
        Shared by all specialists.
    specialists : tuple of LanguageModel
    training : tuple of Stream
        What each specialist was trained on.
    validation, test : Stream
        Held-out documents of all domains in random order.
    validation_domains, test_domains : tuple of str
        The domain of each document.
    dropped : int
        Held-out documents left out as near-duplicates of training text.

    Examples
    --------
    >>> from mixlib.federation import Federation, from_files, perplexity
    >>> federation = Federation.train(from_files({"sea": "sea", "land": "land"}), vocabulary=300)
    >>> [round(perplexity(row), 1) for row in federation.target_log_probs(federation.test)]  # each alone
    [36.1, 49.2]
    >>> test = federation.test.tokens, federation.test.document_starts
    >>> round(perplexity(federation.pooled().target_log_probs(*test)), 1)  # one model of all text
    2.8
    >>> federation.log_probs(federation.test.tokens[:5]).shape, len(federation.same_domain())
    ((2, 5, 300), 2)
    """

    domains: tuple
    tokenizer: object
    specialists: tuple
    training: tuple
    validation: Stream
    test: Stream
    validation_domains: tuple
    test_domains: tuple
    dropped: int

    @classmethod
    def train(cls, documents=None, *, order=4, vocabulary=2048, budget=BUDGET, rng=0, model=None):
        """Split ``documents`` by file, train tokenizer and specialists, and set aside the mixed text.

        Parameters
        ----------
        documents : dict of str to list of Document, optional
            From :func:`mixlib.federation.installed` (the default) or :func:`mixlib.federation.from_files`.
        order, vocabulary : int
            Of the specialists and of the byte-level BPE.
        budget : int
            Training tokens of one specialist at most.
        rng : Generator or int
            Fixes split, excerpts and their order.
        model : None, str or callable, default=None
            What the specialists are: a name in ``mixlib.federation.models.MODELS``, or what makes a model with ``fit``
            from the size of a vocabulary, such as its class. ``None`` is :class:`KneserNey` of this ``order``.

        Raises
        ------
        ValueError
            If a domain is too small to split, every held-out document of it repeats training text, or there is no
            such model.
        """
        rng, make = generator(rng), _maker(model, order)
        documents = corpora.installed() if documents is None else documents
        parts = corpora.split(documents, TEST + VALIDATION, rng)
        tokenizer = train_tokenizer([d.text for ds in parts.train.values() for d in ds], vocabulary)
        training = tuple(encode(tokenizer, (d.text for d in ds), budget) for ds in parts.train.values())
        known = np.sort(np.concatenate([shingles(stream.tokens) for stream in training]))

        held, dropped = {"validation": [], "test": []}, 0
        for domain, reserve in parts.reserve.items():
            fresh = []
            for document in reserve:
                tokens = encode(tokenizer, [corpora.excerpt(document.text, EXCERPT, rng)]).tokens
                if share_seen(shingles(tokens), known) >= NEAR:
                    dropped += 1
                else:
                    fresh.append((domain, tokens))
            if len(fresh) < 2:
                raise ValueError(
                    f"documents[{domain!r}]: {len(fresh)} of {len(reserve)} held-out documents are new, the others "
                    f"repeat training text; a test needs 2, so give more, or more varied, files"
                )
            cut = min(TEST, max(1, len(fresh) * TEST // (TEST + VALIDATION)))
            held["test"] += fresh[:cut]
            held["validation"] += fresh[cut : cut + VALIDATION]
        (v_domains, validation), (t_domains, test) = (_mixed(held[part], rng) for part in ("validation", "test"))

        size = tokenizer.get_vocab_size()
        specialists = tuple(make(size).fit(s.tokens, s.document_starts) for s in training)
        return cls(parts.domains, tokenizer, specialists, training, validation, test, v_domains, t_domains, dropped)

    def pooled(self, budget=None):
        """One model on the training text of all domains, or on ``budget`` tokens drawn from them in equal parts."""
        return self._fit(joined([first(s, budget and budget // len(self.training)) for s in self.training]))

    def same_domain(self, rng=0):
        """As many specialists on as much text, without domains: disjoint random shares of the pooled documents."""
        documents = [d for stream in self.training for d in stream.documents()]
        order = generator(rng).permutation(len(documents))
        n = len(self.training)
        return tuple(self._fit(stream_of([documents[i] for i in order[j::n]])) for j in range(n))

    def log_probs(self, tokens, document_starts=(0,), specialists=None):
        """Predictions ``(N, T, V)`` of every specialist for a text, float32, in nats."""
        specialists = self.specialists if specialists is None else specialists
        return np.stack([s.log_probs(tokens, document_starts) for s in specialists])

    def target_log_probs(self, stream):
        """Log-probabilities ``(N, T)`` that every specialist gives to the tokens of ``stream``."""
        return np.stack([s.target_log_probs(stream.tokens, stream.document_starts) for s in self.specialists])

    def _fit(self, stream):
        one = self.specialists[0]
        return type(one)(**one.settings).fit(stream.tokens, stream.document_starts)


def _maker(model, order):
    """What makes an untrained model from the size of a vocabulary."""
    if model is None:
        return lambda vocabulary: KneserNey(vocabulary, order)
    if callable(model):
        return model
    if model not in MODELS:
        raise ValueError(f"model: got {model!r}, expected one of {', '.join(MODELS.names())}, or a class of models")
    return MODELS[model]


def shingles(tokens, length=SHINGLE):
    """64-bit hashes of every run of ``length`` tokens (Broder 1997)."""
    if len(tokens) < length:
        return np.zeros(0, dtype=np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(tokens, dtype=np.uint64), length)
    hashes = np.zeros(len(windows), dtype=np.uint64)
    for column in windows.T:  # products wrap around 2**64, which is the hash
        hashes = (hashes ^ (column + np.uint64(1))) * np.uint64(0x9E3779B97F4A7C15)
        hashes ^= hashes >> np.uint64(29)
    return hashes


def share_seen(hashes, known):
    """Share of ``hashes`` that occur in the sorted array ``known``; 0 of none."""
    if not (hashes.size and known.size):
        return 0.0
    return float(np.mean(known[np.minimum(np.searchsorted(known, hashes), len(known) - 1)] == hashes))


def stream_of(documents):
    """Token arrays end to end as one :class:`Stream`."""
    return Stream(np.concatenate(documents), np.cumsum([0] + [len(d) for d in documents[:-1]]))


def joined(streams):
    """Several streams end to end."""
    return stream_of([document for stream in streams for document in stream.documents()])


def first(stream, tokens=None):
    """The first ``tokens`` tokens of a stream; all of them by default."""
    if tokens is None:
        return stream
    return Stream(stream.tokens[:tokens], stream.document_starts[stream.document_starts < tokens])


def _mixed(held, rng):
    order = rng.permutation(len(held))
    return tuple(held[i][0] for i in order), stream_of([held[i][1] for i in order])
