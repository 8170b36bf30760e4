"""A specialist of another make than an n-gram: how often tokens come at all, and how often in this document so far."""

import numpy as np

from mixlib.arrays import whole
from mixlib.compiled import compiled
from mixlib.federation.models.base import ROWS, LanguageModel, check_rows, check_text

PATIENCE = 2000  # tokens that are counted without a compiler
STEPS = 30  # of expectation-maximisation; the weight has settled long before


class CacheModel(LanguageModel):
    r"""Unigram cache model: token frequencies with a memory of the document, blind to the order of tokens.

    .. math:: p_t(w) = (1 - \lambda)\, \pi_w + \lambda\, \frac{c_t(w)}{t},

    with ``c_t`` the counts in the document before position ``t``, and :math:`\pi` alone at its start. ``lambda`` is
    fitted to the training text by expectation-maximisation. Where :class:`KneserNey` knows the last three tokens and
    forgets everything before, this model knows all of them and forgets their order.

    Parameters
    ----------
    vocabulary : int
        Number of tokens ``V``.

    Notes
    -----
    Source: Kuhn & De Mori 1990.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import CacheModel
    >>> model = CacheModel(vocabulary=3).fit(np.array([0, 0, 0, 1, 1, 1]), document_starts=[0, 3])
    >>> np.exp(model.log_probs(np.array([2, 2, 2]))).round(2)
    array([[0.47, 0.47, 0.07],
           [0.  , 0.  , 1.  ],
           [0.  , 0.  , 1.  ]], dtype=float32)
    >>> np.exp(model.target_log_probs(np.array([2, 2, 2]))).round(2)  # the third time it is expected
    array([0.07, 1.  , 1.  ])
    """

    reference = "kuhn1990"

    def __init__(self, vocabulary):
        self.vocabulary = whole(vocabulary, "vocabulary", 1)
        self.unigrams = self.weight = None

    def fit(self, tokens, document_starts=(0,)):
        """Count ``tokens (T,)`` and fit the weight of the memory; returns ``self``."""
        tokens, starts = check_text(tokens, document_starts, self.vocabulary)
        counts = np.bincount(tokens, minlength=self.vocabulary) + 0.5
        self.unigrams = counts / counts.sum()
        begins = _beginnings(tokens, starts)
        seen, heard = _frequencies(tokens, begins, self.vocabulary), ~begins
        chance, weight = self.unigrams[tokens], 0.5
        for _ in range(STEPS):
            mine = weight * seen
            weight = (mine / (mine + (1 - weight) * chance))[heard].mean() if heard.any() else 0.0
        self.weight = float(weight)
        return self

    def log_probs(self, tokens, document_starts=(0,), dtype=np.float32):
        """Log-probabilities ``(T, V)``: row ``t`` is the prediction of ``tokens[t]`` from those before it, in nats."""
        tokens, begins = self._check(tokens, document_starts)
        return self._rows(tokens, begins, len(tokens), dtype)

    def log_prob_blocks(self, tokens, document_starts=(0,), rows=ROWS):
        """Yield the rows of :meth:`log_probs` in blocks of ``rows``; the last may be shorter."""
        check_rows(rows)
        tokens, begins = self._check(tokens, document_starts)
        for low in range(0, len(tokens), rows):
            begin = np.flatnonzero(begins[: low + 1])[-1]  # of the document, all of which is remembered
            end = min(low + rows, len(tokens))
            yield self._rows(tokens[begin:end], begins[begin:end], end - low, np.float32)

    def target_log_probs(self, tokens, document_starts=(0,)):
        """Log-probabilities ``(T,)`` of the tokens that came, in nats."""
        tokens, begins = self._check(tokens, document_starts)
        weight = np.where(begins, 0.0, self.weight)
        return np.log((1 - weight) * self.unigrams[tokens] + weight * _frequencies(tokens, begins, self.vocabulary))

    @property
    def settings(self):
        """What the constructor needs to make a model of this shape."""
        return {"vocabulary": self.vocabulary}

    def arrays(self):
        """Token frequencies and the weight of the memory, by name; none before :meth:`fit`."""
        return {} if self.unigrams is None else {"unigrams": self.unigrams, "weight": np.array(self.weight)}

    def load_arrays(self, arrays):
        """Take over what :meth:`arrays` gave; returns ``self``.

        Raises
        ------
        ValueError
            If the frequencies are not those of as many tokens.
        """
        unigrams, weight = arrays["unigrams"], arrays["weight"]
        if unigrams.shape != (self.vocabulary,):
            raise ValueError(f"arrays: unigrams of shape {unigrams.shape}, expected ({self.vocabulary},)")
        self.unigrams, self.weight = unigrams, float(weight)
        return self

    def _rows(self, tokens, begins, count, dtype):
        """The last ``count`` rows of a text that begins with a document."""
        out = np.empty((count, self.vocabulary), dtype=dtype)
        fill = _fill if _fill.is_worth(len(tokens)) else _fill_by_numpy
        fill(out, tokens, begins, self.unigrams, self.weight)
        return out

    def _check(self, tokens, document_starts):
        if self.unigrams is None:
            raise ValueError("CacheModel: call fit(tokens, document_starts) before scoring")
        tokens, starts = check_text(tokens, document_starts, self.vocabulary)
        return tokens, _beginnings(tokens, starts)


def _beginnings(tokens, starts):
    begins = np.zeros(len(tokens), dtype=np.bool_)
    begins[starts] = True
    return begins


def _frequencies(tokens, begins, vocabulary):
    so_far = _so_far if _so_far.is_worth(len(tokens)) else _so_far.plain
    return so_far(tokens, begins, vocabulary)


@compiled(patience=PATIENCE)
def _so_far(tokens, begins, vocabulary):
    """Relative frequency of each token in its document before it; 0 where there is nothing before it."""
    out, counts, begin = np.zeros(tokens.size), np.zeros(vocabulary, np.int64), 0
    for t in range(tokens.size):
        if begins[t]:
            counts[:] = 0
            begin = t
        else:
            out[t] = counts[tokens[t]] / (t - begin)
        counts[tokens[t]] += 1
    return out


def _fill_by_numpy(out, tokens, begins, unigrams, weight):
    """As :func:`_fill`, row by row."""
    counts, begin, alone = np.zeros(unigrams.size, np.int64), 0, np.log(unigrams)
    heard = len(tokens) - len(out)
    for t, token in enumerate(tokens):
        if begins[t]:
            counts[:] = 0
            begin = t
        if t >= heard and t == begin:
            out[t - heard] = alone
        elif t >= heard:
            row = out[t - heard]
            row[:] = alone + np.log(1 - weight)
            seen = np.flatnonzero(counts)
            row[seen] = np.log((1 - weight) * unigrams[seen] + weight * counts[seen] / (t - begin))
        counts[token] += 1


@compiled(patience=PATIENCE)
def _fill(out, tokens, begins, unigrams, weight):
    """Predictions of the last tokens, as many as ``out`` has rows; those before them are only heard."""
    # loops in place of expressions of arrays, which take the compiler several times as long
    counts, seen, kinds, begin = np.zeros(unigrams.size, np.int64), np.empty(unigrams.size, np.int64), 0, 0
    alone, heard = np.empty(unigrams.size), tokens.size - len(out)
    for v in range(unigrams.size):
        alone[v] = np.log(unigrams[v])
    for t in range(tokens.size):
        if begins[t]:
            for k in range(kinds):
                counts[seen[k]] = 0
            kinds, begin = 0, t
        if t >= heard:
            left = 0.0 if t == begin else np.log(1 - weight)
            for v in range(unigrams.size):
                out[t - heard, v] = alone[v] + left
            for k in range(kinds):  # only these differ from the unigrams
                v = seen[k]
                out[t - heard, v] = np.log((1 - weight) * unigrams[v] + weight * counts[v] / (t - begin))
        if counts[tokens[t]] == 0:
            seen[kinds] = tokens[t]
            kinds += 1
        counts[tokens[t]] += 1
