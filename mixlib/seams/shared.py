"""The terms that pairs of texts share, weighted by TF-IDF, and all pairs ranked by them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from mixlib.progress import followed
from mixlib.seams.stop_words import STOP_WORDS

WORD = r"(?u)[^\W\d_]{3,}"
SALIENT = 100
# scikit-learn takes a second to import and keeps many texts in a sparse matrix; few are counted here, to the same end
FEW = 40


@dataclass(frozen=True, eq=False)
class Seams:
    """What texts share, pair by pair: the result of :func:`find_seams`.

    Attributes
    ----------
    names : tuple of str
        Of the texts.
    words : array (v,)
        All terms of the texts, sorted.
    weights : sparse array (n, v)
        TF-IDF, each row of length 1.
    counts : sparse array (n, v)
        How often a text has a term.
    salient : sparse array of bool (n, v)
        Whether a term is among the heaviest of a text.

    Examples
    --------
    >>> from mixlib.seams import find_seams
    >>> found = find_seams({"kelp": "kelp broth", "fish": "fish broth broth", "tin": "tin kettle"})
    >>> found.to_frame()["shared"].tolist(), found.terms("kelp", "fish")["term"].tolist()
    ([1, 0, 0], ['broth'])
    >>> found.scores.shape, found.shared[0, 1]
    ((3, 3), np.int64(1))
    """

    names: tuple
    words: Any
    weights: Any
    counts: Any
    salient: Any

    @property
    def scores(self):
        """The cosine of the weights of each pair (n, n), from 0 to 1."""
        return (self.weights @ self.weights.T).toarray()

    @property
    def shared(self):
        """How many salient terms each pair shares (n, n); on the diagonal, how many a text has."""
        salient = self.salient.astype(int)
        return (salient @ salient.T).toarray()

    def to_frame(self):
        """All pairs, the highest score first: ``first``, ``second``, ``score`` and ``shared`` salient terms."""
        import pandas as pd

        pairs = np.array(list(combinations(range(len(self.names)), 2)))
        values = [matrix[pairs[:, 0], pairs[:, 1]] for matrix in (self.scores, self.shared)]
        order = np.lexsort((-values[1], -values[0]))
        first, second = ([self.names[i] for i in pairs[order, side]] for side in (0, 1))
        return pd.DataFrame(
            {"first": first, "second": second, "score": values[0][order], "shared": values[1][order]},
        )

    def terms(self, first, second, top=None):
        """The words that two texts share, the heaviest first.

        Parameters
        ----------
        first, second : str
            Names of texts.
        top : None or int, default=None
            How many; by default all.

        Returns
        -------
        pandas.DataFrame
            ``term``, ``share`` (of the score of the pair, all together 1), ``first`` and ``second`` (how often each
            text has it) and ``salient`` (in both).

        Raises
        ------
        ValueError
            If no text has such a name.
        """
        import pandas as pd

        rows = [self._row(name, text) for name, text in (("first", first), ("second", second))]
        weights, counts, salient = (
            [matrix[[row]].toarray()[0] for row in rows] for matrix in (self.weights, self.counts, self.salient)
        )
        product = weights[0] * weights[1]
        both = np.flatnonzero(product)
        both = both[np.argsort(-product[both], kind="stable")][:top]  # ties by the alphabet
        return pd.DataFrame(
            {
                "term": self.words[both].astype(object),
                "share": product[both] / product.sum(),
                "first": counts[0][both].astype(int),
                "second": counts[1][both].astype(int),
                "salient": (salient[0] & salient[1])[both],
            }
        )

    def _row(self, argument, name):
        if name not in self.names:
            raise ValueError(f"{argument}: there is no text {name!r}; the texts are {', '.join(map(str, self.names))}")
        return self.names.index(name)


def find_seams(texts, *, background=(), salient=SALIENT, progress=None):
    r"""What texts share: TF-IDF weights of their terms, the score of each pair, and its shared salient terms.

    Terms are words of three letters or more in lower case, without stop words, not stemmed. The weight of a term that a
    text has :math:`c` times and that :math:`d` of :math:`n` texts have is

    .. math:: (1 + \log c) \, \Big(\log \frac{1 + n}{1 + d} + 1\Big),

    divided by the length of the text's row. The score of a pair is the cosine of the two rows; a term's share of it is
    the product of its two weights. Salient terms of a text are its heaviest ones. scikit-learn's ``TfidfVectorizer``
    with a sublinear term frequency gives the same weights, and makes them for more than forty texts.

    Source: Salton & Buckley 1988.

    Parameters
    ----------
    texts : mapping of str to str
        Names and prose, as :func:`read_prose` gives it; two or more.
    background : sequence of str, default=()
        Further texts that count in :math:`n` and :math:`d` and are in no pair. With few texts every shared term is in
        most of them and the second factor tells little; a background tells what is common anyhow.
    salient : int, default=100
        How many terms of a text are salient; ties go by the alphabet, and a shorter text has all of its own. More
        terms make more of them shared, whatever the texts are about.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.

    Returns
    -------
    Seams

    Raises
    ------
    ValueError
        If there are fewer than two texts, one has no term, or ``salient`` is below 1.
    ImportError
        If there are more than forty texts and scikit-learn is not installed.

    Examples
    --------
    >>> from mixlib.seams import find_seams
    >>> found = find_seams({"kelp": "kelp makes umami broth", "fish": "dried fish makes a broth of umami"})
    >>> found.to_frame().round(2).values.tolist(), list(found.terms("kelp", "fish")["term"])
    ([['kelp', 'fish', 0.41, 2]], ['broth', 'umami'])
    """
    if not isinstance(texts, Mapping) or len(texts) < 2:
        got = f"{len(texts)} of them" if isinstance(texts, Mapping) else type(texts).__name__
        raise ValueError(f"texts: expected two or more, as a mapping of names to prose, got {got}")
    if isinstance(background, str):
        raise ValueError("background: got one string; give a sequence of texts")
    if isinstance(salient, bool) or not isinstance(salient, int | np.integer) or salient < 1:
        raise ValueError(f"salient: got {salient!r}, expected a whole number, 1 or more")
    every = [*texts.values(), *background]
    for name, text in zip([*texts, *(f"background text {i}" for i in range(len(background)))], every, strict=True):
        if not isinstance(text, str):
            raise ValueError(f"{name}: expected a text, got {type(text).__name__}")
    words, counts, weights = (_few if len(every) <= FEW else _many)(every, progress)
    empty = np.diff(counts.indptr)[: len(texts)] == 0
    if empty.any():
        name = list(texts)[int(empty.argmax())]
        raise ValueError(f"{name}: has no term: no word of three letters that is no stop word; give it more text")
    kept = slice(len(texts))
    counts, weights = counts[kept], weights[kept]
    present = np.unique(counts.indices)
    counts, weights = counts[:, present], weights[:, present]
    return Seams(tuple(texts), words[present], weights, counts, _heaviest(weights, salient))


def _terms(text):
    text = unicodedata.normalize("NFKC", text).lower()
    return [word for word in re.findall(WORD, text) if word not in STOP_WORDS]


def _few(texts, progress):
    """Terms, counts and weights of texts, counted one by one."""
    from scipy.sparse import csr_array

    counted = [Counter(_terms(text)) for text in followed(texts, progress, "counting terms", "texts")]
    words = np.array(sorted({word for one in counted for word in one}), dtype=object)
    place = {word: number for number, word in enumerate(words)}
    indptr = np.cumsum([0, *map(len, counted)])
    columns = np.array([place[word] for one in counted for word in sorted(one)], dtype=int)
    values = np.array([one[word] for one in counted for word in sorted(one)], dtype=int)
    counts = csr_array((values, columns, indptr), shape=(len(texts), len(words)))
    texts_with = np.bincount(columns, minlength=len(words))
    rarity = np.log((1 + len(texts)) / (1 + texts_with)) + 1
    weights = csr_array(((1 + np.log(values)) * rarity[columns], columns, indptr), shape=counts.shape)
    lengths = np.sqrt(np.add.reduceat(np.append(weights.data**2, 0), indptr[:-1])) if len(values) else np.zeros(0)
    weights.data /= np.repeat(lengths, np.diff(indptr))
    return words, counts, weights


def _many(texts, progress):
    """The same through scikit-learn, which is installed where many texts are compared."""
    try:
        from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
    except ModuleNotFoundError as error:
        raise ImportError(
            f"find_seams on more than {FEW} texts needs the package scikit-learn, which is not installed: "
            "pip install 'scikit-learn>=1.5'",
            name=error.name,
        ) from error
    vectorizer = CountVectorizer(analyzer=_terms)
    counts = vectorizer.fit_transform(list(followed(texts, progress, "counting terms", "texts")))
    weights = TfidfTransformer(sublinear_tf=True).fit_transform(counts)
    counts.sort_indices()
    weights.sort_indices()
    return np.array(vectorizer.get_feature_names_out(), dtype=object), counts, weights


def _heaviest(weights, salient):
    """Which terms are among the ``salient`` heaviest of their text."""
    marked = weights.astype(bool)
    for row in range(weights.shape[0]):
        own = slice(weights.indptr[row], weights.indptr[row + 1])
        # rounding makes no difference between equal terms
        lighter = np.argsort(-weights.data[own].round(12), kind="stable")[salient:]
        marked.data[own.start + lighter] = False
    marked.eliminate_zeros()
    return marked
