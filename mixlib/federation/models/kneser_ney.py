"""Interpolated Kneser-Ney n-gram models: specialists that train in a second and score full distributions."""

import numpy as np

from mixlib.arrays import whole
from mixlib.compiled import compiled
from mixlib.federation.models.base import ROWS, LanguageModel, check_rows, check_text

DISCOUNTS = 3  # one each for counts of 1, 2, and 3 or more
FALLBACK = 0.75  # discount where counts are too few or too odd to estimate one
PATIENCE = 2000  # tokens that are scored without a compiler, some 30 microseconds each
LEVEL = ("histories", "ends", "tokens", "share", "gamma")  # the arrays of one order


class KneserNey(LanguageModel):
    r"""N-gram language model with modified Kneser-Ney smoothing, interpolated at every order.

    After a history ``h`` of ``k - 1`` tokens,

    .. math:: p_k(w \mid h) = \frac{\max(c(hw) - D_{c(hw)}, 0)}{c(h)} + \gamma(h)\, p_{k-1}(w \mid h'),

    where ``h'`` forgets the oldest token and :math:`p_0 = 1 / V`. At the highest order ``c`` counts occurrences;
    below, it counts the distinct tokens that preceded ``hw``, a document's start being one of them. Histories never
    reach over a document's start. Every token has positive probability.

    Parameters
    ----------
    vocabulary : int
        Number of tokens ``V``.
    order : int, default=4
        Longest n-gram. Higher knows more context, and needs more text and memory.

    Raises
    ------
    ValueError
        If ``vocabulary`` or ``order`` is below 1, or an n-gram does not fit into 63 bits.

    Notes
    -----
    Source: Kneser & Ney 1995; the three discounts: Chen & Goodman 1999.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import KneserNey
    >>> model = KneserNey(vocabulary=3, order=2).fit(np.array([0, 1, 2] * 9))
    >>> np.exp(model.log_probs(np.array([0, 1]))).round(2)
    array([[0.5 , 0.25, 0.25],
           [0.04, 0.94, 0.02]], dtype=float32)
    >>> np.exp(model.target_log_probs(np.array([0, 1, 1]))).round(2)
    array([0.5 , 0.94, 0.02])
    >>> len(list(model.log_prob_blocks(np.array([0, 1, 2]), rows=2)))
    2
    >>> KneserNey(3, order=2).load_arrays(model.arrays()).settings
    {'vocabulary': 3, 'order': 2}
    """

    reference = "kneser1995"

    def __init__(self, vocabulary, order=4):
        self.vocabulary, self.order = whole(vocabulary, "vocabulary", 1), whole(order, "order", 1)
        self.bits = self.vocabulary.bit_length()  # one symbol more than the tokens: a document's start
        if self.bits * max(self.order, 2) > 63:
            raise ValueError(
                f"order: {order} tokens of a vocabulary of {vocabulary} need {self.bits * order} bits, more than 63; "
                f"lower the order to {63 // self.bits} or take a smaller vocabulary"
            )
        self.levels = None

    def fit(self, tokens, document_starts=(0,)):
        """Count ``tokens (T,)``, documents end to end from ``document_starts``; returns ``self``.

        Raises
        ------
        ValueError
            If tokens are not integers in ``0 .. V - 1``, or starts do not increase from 0 within the text.
        """
        tokens, place = self._check(tokens, document_starts)
        self.levels = []
        grams = np.zeros(len(tokens), dtype=np.int64)  # the last k - 1 tokens, newest in the lowest bits
        for k in range(1, self.order + 1):
            grams = self._extend(grams, tokens, k)
            whole = np.flatnonzero(place >= k - 1)
            if k == self.order:
                keys, counts = _counted(grams[whole])
            else:
                before = np.where(place[whole] >= k, tokens[whole - k], self.vocabulary)
                extended, _ = _counted(grams[whole] << self.bits | before)
                keys, counts = _counted(extended >> self.bits)
            self.levels.append(self._level(keys, counts))
        return self

    def log_probs(self, tokens, document_starts=(0,), dtype=np.float32):
        """Log-probabilities ``(T, V)``: row ``t`` is the prediction of ``tokens[t]`` from those before it, in nats.

        Raises
        ------
        ValueError
            As :meth:`fit`, and if the model has not been fitted.
        """
        tokens, place = self._check(tokens, document_starts)
        found = self._histories(tokens, place)
        out = np.empty((len(tokens), self.vocabulary), dtype=dtype)
        fill = _fill if _fill.is_worth(len(tokens)) else _fill_by_numpy
        fill(out, self._unigrams(), found, *self._packed())
        return out

    def log_prob_blocks(self, tokens, document_starts=(0,), rows=ROWS):
        """Yield the rows of :meth:`log_probs` in blocks of ``rows``; the last may be shorter."""
        check_rows(rows)
        tokens, starts = check_text(tokens, document_starts, self.vocabulary)
        for low in range(0, len(tokens), rows):
            begin, end = max(low - self.order + 1, 0), low + rows  # no row depends on more than order - 1 tokens
            inside = starts[(starts > begin) & (starts < end)] - begin
            yield self.log_probs(tokens[begin:end], np.concatenate([[0], inside]))[low - begin :]

    def target_log_probs(self, tokens, document_starts=(0,)):
        """Log-probabilities ``(T,)`` of the tokens that came, float64: the entries of :meth:`log_probs`, cheaper.

        Raises
        ------
        ValueError
            As :meth:`fit`, and if the model has not been fitted.
        """
        tokens, place = self._check(tokens, document_starts)
        found = self._histories(tokens, place)
        targets = _targets if _targets.is_worth(len(tokens)) else _targets.plain
        return np.log(targets(tokens, self._unigrams(), found, *self._packed()))

    @property
    def settings(self):
        """What the constructor needs to make a model of this shape."""
        return {"vocabulary": self.vocabulary, "order": self.order}

    def arrays(self):
        """The fitted counts as NumPy arrays, by name; none before :meth:`fit`."""
        levels = enumerate(self.levels or (), 1)
        return {f"{k}.{name}": a for k, level in levels for name, a in zip(LEVEL, level, strict=True)}

    def load_arrays(self, arrays):
        """Take over what :meth:`arrays` gave; returns ``self``."""
        self.levels = [tuple(arrays[f"{k}.{name}"] for name in LEVEL) for k in range(1, self.order + 1)]
        return self

    def _extend(self, grams, tokens, k):
        """Prepend the token ``k - 1`` places back to every gram; wrong where it would cross a start, unused there."""
        back = np.zeros_like(tokens)
        back[k - 1 :] = tokens[: max(len(tokens) - k + 1, 0)]
        return grams | back << (self.bits * (k - 1))

    def _level(self, keys, counts):
        """Histories (sorted), where their followers begin, the followers, their discounted shares, and gamma."""
        histories, tokens = keys >> self.bits, keys & ((1 << self.bits) - 1)
        first = np.flatnonzero(np.diff(histories, prepend=-1))
        discount = _discounts(counts)[np.minimum(counts, DISCOUNTS) - 1]
        if len(keys) == 0:
            return histories, np.zeros(1, np.int64), tokens, np.zeros(0), np.zeros(0)
        totals = np.add.reduceat(counts, first)
        gamma = np.add.reduceat(discount, first) / totals
        ends = np.append(first, len(keys))
        share = (counts - discount) / np.repeat(totals, np.diff(ends))
        return histories[first], ends, tokens, share, gamma

    def _unigrams(self):
        _, _, tokens, share, gamma = self.levels[0]
        p = np.full(self.vocabulary, gamma[0] / self.vocabulary)
        p[tokens] += share
        return p

    def _histories(self, tokens, place):
        """For order 2 and up, the row of the history before each position in its level, -1 if never seen."""
        if self.levels is None:
            raise ValueError("KneserNey: call fit(tokens, document_starts) before scoring")
        found = np.full((self.order - 1, len(tokens)), -1, dtype=np.int64)
        grams = np.zeros(len(tokens), dtype=np.int64)
        for k in range(2, self.order + 1):
            grams = self._extend(grams, np.concatenate([tokens[:1], tokens[:-1]]), k - 1)
            histories = self.levels[k - 1][0]
            if len(histories):
                row = np.minimum(np.searchsorted(histories, grams), len(histories) - 1)
                found[k - 2] = np.where((histories[row] == grams) & (place >= k - 1), row, -1)
        return found

    def _packed(self):
        """The levels from order 2 end to end, for compiled loops: offsets of histories and followers, and arrays."""
        levels = self.levels[1:]
        lows = np.cumsum([0] + [len(level[2]) for level in levels])
        rows = np.cumsum([0] + [len(level[1]) for level in levels])
        gammas = np.cumsum([0] + [len(level[4]) for level in levels])
        ends, tokens, share, gamma = (
            np.concatenate([level[i] for level in levels]) if levels else np.zeros(0, np.int64 if i < 3 else float)
            for i in (1, 2, 3, 4)
        )
        return lows, rows, gammas, ends, tokens, share, gamma

    def _check(self, tokens, document_starts):
        tokens, starts = check_text(tokens, document_starts, self.vocabulary)
        lengths = np.diff(starts, append=len(tokens))
        return tokens, np.arange(len(tokens)) - np.repeat(starts, lengths)


def _counted(keys):
    """Distinct keys, sorted, and how often each occurs."""
    keys = np.sort(keys)
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[first], np.diff(first, append=len(keys))


def _discounts(counts):
    """Discounts for counts of 1, 2 and 3 or more, from how many n-grams have counts 1 to 4.

    A discount must be positive, or a token never seen after a history would have probability 0; where the
    estimates are not usable (small or odd counts) all three are 0.75.
    """
    top = DISCOUNTS + 1
    n = np.bincount(np.minimum(counts, top + 1), minlength=top + 2)[1 : top + 1].astype(float)
    if (n == 0).any():
        return np.full(DISCOUNTS, FALLBACK)
    c = np.arange(1, DISCOUNTS + 1)
    estimate = c - (c + 1) * n[0] / (n[0] + 2 * n[1]) * n[1:] / n[:-1]
    return estimate if (estimate > 0).all() else np.full(DISCOUNTS, FALLBACK)


def _fill_by_numpy(out, unigrams, found, lows, rows, gammas, ends, tokens, share, gamma):
    """As :func:`_fill`, row by row."""
    for t in range(len(out)):
        p = unigrams.copy()
        for k in np.flatnonzero(found[:, t] >= 0):
            row = rows[k] + found[k, t]
            run = slice(lows[k] + ends[row], lows[k] + ends[row + 1])
            p *= gamma[gammas[k] + found[k, t]]
            p[tokens[run]] += share[run]
        out[t] = np.log(p)


@compiled(patience=PATIENCE)
def _fill(out, unigrams, found, lows, rows, gammas, ends, tokens, share, gamma):
    p = np.empty(unigrams.size)
    for t in range(out.shape[0]):
        for v in range(p.size):  # loops in place of expressions of arrays, which take the compiler longer
            p[v] = unigrams[v]
        for k in range(found.shape[0]):
            history = found[k, t]
            if history >= 0:
                left = gamma[gammas[k] + history]
                for v in range(p.size):
                    p[v] *= left
                row = rows[k] + history
                for i in range(lows[k] + ends[row], lows[k] + ends[row + 1]):
                    p[tokens[i]] += share[i]
        for v in range(p.size):
            out[t, v] = np.log(p[v])


@compiled(patience=PATIENCE)
def _targets(targets, unigrams, found, lows, rows, gammas, ends, tokens, share, gamma):
    out = np.empty(targets.size)
    for t in range(targets.size):
        p = unigrams[targets[t]]
        for k in range(found.shape[0]):
            history = found[k, t]
            if history >= 0:
                p *= gamma[gammas[k] + history]
                low, high = lows[k] + ends[rows[k] + history], lows[k] + ends[rows[k] + history + 1]
                i = low + np.searchsorted(tokens[low:high], targets[t])
                if i < high and tokens[i] == targets[t]:
                    p += share[i]
        out[t] = p
    return out
