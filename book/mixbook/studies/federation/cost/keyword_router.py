"""A keyword router: whom to ask, by the words of the text so far, before any specialist has said anything."""

import re
from collections import Counter

import numpy as np

from mixlib.arrays import whole

WORD = re.compile(r"[^\W\d_]{2,}")  # runs of letters
KEYWORDS = 200


class KeywordRouter:
    r"""Keyword router: asks the specialists whose characteristic words the text so far has most of.

    A word is *characteristic* of a specialist by how much more often its training text has it than that of the others:
    the log-odds of the two frequencies over their standard deviation. Each specialist has the ``keywords`` words that
    are highest by this measure. While the text has no such word yet, all specialists are asked.

    Parameters
    ----------
    texts : sequence of str
        Training text of each specialist.
    keywords : int, default=200
        Characteristic words of each. More decide sooner, and on weaker evidence.

    Notes
    -----
    Source: Monroe, Colaresi & Quinn 2008.

    Examples
    --------
    >>> router = KeywordRouter(["the wave and the sea", "the field and the wheat"], keywords=2)
    >>> router.keywords
    (frozenset({'wave', 'sea'}), frozenset({'field', 'wheat'}))
    >>> router.asked(["the ", "se", "a ", "is"], k=1)[0]
    array([ True,  True,  True,  True])
    """

    def __init__(self, texts, keywords=KEYWORDS):
        counts = [Counter(WORD.findall(text)) for text in texts]
        words = sorted(set().union(*counts))
        table = np.array([[count[word] for word in words] for count in counts]) + 0.5  # none is impossible
        best = np.argsort(-_surprise(table), axis=1, kind="stable")[:, : whole(keywords, "keywords", 1)]
        self.keywords = tuple(frozenset(words[i] for i in row) for row in best)

    def asked(self, pieces, k):
        """Who is asked for each token of a document, ``(N, T)`` bool; ``pieces`` are the texts of its tokens.

        A word counts once it is complete: the router knows what stands before a token and nothing more.
        """
        n, scores, word = len(self.keywords), np.zeros(len(self.keywords)), ""
        out = np.ones((n, len(pieces)), dtype=bool)
        for t, piece in enumerate(pieces):
            if scores.any():
                out[:, t] = False
                out[np.argsort(-scores, kind="stable")[:k], t] = True
            *complete, word = _words(word + piece)
            for known in complete:
                scores += [known in words for words in self.keywords]
        return out


def _surprise(table):
    """Log-odds of each word in one row against all others, over its standard deviation, of counts ``(N, W)``."""
    others = table.sum(axis=0) - table
    own_rest, other_rest = (x.sum(axis=1, keepdims=True) - x for x in (table, others))
    return (np.log(table / own_rest) - np.log(others / other_rest)) / np.sqrt(1 / table + 1 / others)


def _words(text):
    """Complete words of ``text``, and last what may go on."""
    end = len(text)
    while end and WORD.fullmatch(text[end - 1] * 2):
        end -= 1
    return [*WORD.findall(text[:end]), text[end:]]
