"""Mixtures of a sentence in two languages: code-switching, a carrier of few points with nothing in between."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace

from mixlib.arrays import as_numpy, floats, generator, one_kind
from mixlib.carriers._code_switching import ACCOUNTS, parses, translate
from mixlib.carriers._lexicon import LANGUAGES
from mixlib.carriers.base import Carrier, read_fraction, read_vectors
from mixlib.simplex import check_weights

PLAIN = "the old teacher sees the white house with these new friends and this girl paints the small lamp"
PERFECT = "the old teacher has seen the white house with these new friends and this girl has painted the small lamp"
LONGEST = 14  # phrases: their 2**14 mixtures are all tried


@dataclass(frozen=True, kw_only=True)
class Grammar(Carrier):
    r"""Mixtures of an English sentence and its translation, switched phrase by phrase.

    A point is an array (..., d) with one entry for each word of the English sentence: 0 where it is said in English,
    1 where it is said in the other language. It lies on the carrier if every phrase is of one language; phrases of
    which the languages order the words differently are one. ``k`` points are (..., k, d). The distance is the number
    of phrases that differ, so a mean of two at weight ``w`` has switched that share of the phrases.

    .. math:: m \in \operatorname{argmin}_{m \in \{0, 1\}^{phrases}} \sum_i w_i \, d(m, p_i)^2

    All mixtures are tried, so the mean is exact. Several may cost the same: the first is taken, in the order in which
    early phrases are English. There is nothing between two points, and the laws of means hold up to one phrase.

    The sentences are made of a small grammar: articles, nouns, adjectives (behind the noun in Spanish), verbs in the
    present and the perfect (whose participle goes last in German), agreement, cases, and conjunctions.

    Source: Poplack 1980 and Myers-Scotton 1993 for what may be switched.

    Parameters
    ----------
    english : None or str, default=None
        The sentence; ``None`` is one of its own for each language. At most 14 phrases.
    language : str, default='spanish'
        The other language, ``"spanish"`` or ``"german"``.

    Raises
    ------
    ValueError
        If a word or its place is unknown, or there are more than 14 phrases.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import Grammar
    >>> carrier = Grammar(english="the white house hides the old teacher")
    >>> both = np.array([[0.0] * 7, [1.0] * 7])
    >>> [carrier.text(point) for point in (both[1], carrier.mean(both, [0.3, 0.7]), carrier.wrong_mean(both))]
    ['la casa blanca esconde el maestro viejo', 'the white house esconde el maestro viejo', 'la casa white hides el maestro old']
    """  # noqa: E501, the sentences stand in one line

    english: str | None = None
    language: str = "spanish"
    points: ClassVar[str] = "mixtures of a sentence in two languages: 0 or 1 for each word (..., k, d)"
    wrong_name: ClassVar[str] = "word by word"
    statistic: ClassVar[str] = "languages within a phrase, in the one that has most"
    reference: ClassVar[str] = "poplack1980"
    step: ClassVar[float] = 1.0

    def __post_init__(self):
        if self.language not in LANGUAGES:
            raise ValueError(f"language: got {self.language!r}, expected one of {', '.join(LANGUAGES)}")
        if self.english is None:
            object.__setattr__(self, "english", PLAIN if self.language == "spanish" else PERFECT)
        if (count := len(self.pair.phrases)) > LONGEST:
            raise ValueError(f"english: has {count} phrases, at most {LONGEST}; mix a shorter sentence")

    @classmethod
    def variants(cls):
        """One a language."""
        return tuple(cls(language=language) for language in LANGUAGES)

    @property
    def label(self):
        """What tables call it, by the languages."""
        return f"Grammar, English and {self.language.title()}"

    @cached_property
    def pair(self):
        """The words of both languages, their order, and the phrases."""
        return translate(self.english, self.language)

    @cached_property
    def _phrase_of(self):
        """Which phrase each word belongs to, and the first word of each phrase."""
        of = np.zeros(len(self.pair.english), dtype=int)
        for number, phrase in enumerate(self.pair.phrases):
            of[list(phrase)] = number
        return of, np.array([phrase[0] for phrase in self.pair.phrases])

    @cached_property
    def _mixtures(self):
        """All mixtures, one language a phrase (2**phrases, phrases), in the order in which ties are broken."""
        count = len(self.pair.phrases)
        return (np.arange(2**count)[:, None] >> np.arange(count)[::-1]) & 1

    def mean(self, points, weights=None):
        """The mixture of phrases (..., d) of least weighted squared distance to the points (..., k, d).

        Raises
        ------
        ValueError
            If a phrase of a point is in two languages, or weights are off the simplex.
        """
        chosen = self._phrases(points, "points", "(..., k, d)")
        weights = as_numpy(check_weights(weights, chosen.shape[-2], like=points)).astype(float)
        apart = chosen.sum(-1)[..., None] + self._mixtures.sum(-1) - 2 * chosen @ self._mixtures.T
        costs = (weights[..., None] * apart**2).sum(-2)
        best = self._mixtures[np.argmax(costs < costs.min(-1, keepdims=True) + 1e-6, axis=-1)]
        return self._words(best, points)

    def distance(self, a, b):
        """The number (...) of phrases in which two mixtures (..., d) differ."""
        one_kind(a=a, b=b)
        found = np.abs(self._phrases(a, "a") - self._phrases(b, "b")).sum(-1)
        return _like(found, a)[()]

    def geodesic(self, a, b, t):
        """The mixture in which the fraction ``t`` of the phrases (0 to 1) that differ is switched, from the last on."""
        one_kind(a=a, b=b)
        start, stop = self._phrases(a, "a"), self._phrases(b, "b")
        t = read_fraction(floats(t, "t"), np.zeros(1), inside=True)[..., None]
        start, stop, t = np.broadcast_arrays(start, stop, t)
        differ = start != stop
        rank = differ[..., ::-1].cumsum(-1)[..., ::-1]
        switched = differ & (rank <= np.floor(t * differ.sum(-1, keepdims=True) + 0.5))
        return self._words(np.where(switched, stop, start), a)

    def failure(self, mean, points):
        """The effective number of languages in the most mixed phrase: 1 for a sentence, 2 for halves."""
        mean = read_vectors(mean, "mean", "(..., d)")
        one_kind(mean=mean, points=points)
        self._phrases(points, "points", "(..., k, d)")
        self._check_length(mean, "mean")
        xp, found = array_namespace(mean), []
        beyond = xp.max(xp.maximum(-mean, mean - 1), axis=-1)
        for phrase in self.pair.phrases:
            words = xp.take(mean, xp.asarray(list(phrase), device=mean.device), axis=-1)
            share = xp.mean(xp.clip(words, 0, 1), axis=-1)
            found.append(1 / (share**2 + (1 - share) ** 2))
        return (xp.max(xp.stack(found), axis=0) + xp.clip(beyond, 0, None))[()]

    def wrong_mean(self, points, weights=None):
        """Word by word: as many words of each language as the weights say, spread evenly over the sentence."""
        self._phrases(points, "points", "(..., k, d)")
        points = read_vectors(points, "points", "(..., k, d)")
        weights = check_weights(weights, points.shape[-2], like=points)
        shares = as_numpy((array_namespace(points).expand_dims(weights, axis=-2) @ points)[..., 0, :]).astype(float)
        reached = np.floor(np.cumsum(shares, axis=-1) + 0.5 + 1e-6)
        return _like(np.diff(reached, axis=-1, prepend=0).clip(0, 1), points)

    def text(self, point):
        """A mixture (d,) as a sentence; a phrase of two languages has the order of the one that has more of it.

        Examples
        --------
        >>> import numpy as np
        >>> from mixlib.carriers import Grammar
        >>> Grammar(english="the queen has seen the letter", language="german").text(np.ones(6))
        'die Königin hat den Brief gesehen'
        """
        point = read_vectors(point, "point", "(d,)")
        self._check_length(point, "point")
        chosen, pair, said = as_numpy(point) > 0.5, self.pair, []
        for phrase in sorted(pair.phrases):
            order = phrase if chosen[list(phrase)].mean() <= 0.5 else [i for i in pair.order if i in phrase]
            said += [pair.other[i] if chosen[i] else pair.english[i] for i in order]
        return " ".join(said)

    def grammatical(self, text, account="equivalence"):
        """Whether a parser of both languages' rules takes a text, however it was made.

        It reads bottom up (Younger 1967) and shares the words and no rule with what makes the sentences. Neighbours
        of different languages may stand where both languages have that order (``"equivalence"``, Poplack 1980), or
        articles, verbs and prepositions and the order come from one language and whole phrases of the other are
        islands (``"matrix language"``, Myers-Scotton 1993). Number agrees across languages.

        Parameters
        ----------
        text : str
            Words with spaces between.
        account : str, default='equivalence'
            By whose rules: ``"equivalence"`` or ``"matrix language"``.

        Returns
        -------
        bool
            Whether it is a sentence.

        Examples
        --------
        >>> from mixlib.carriers import Grammar
        >>> said = "the white house esconde the lamp", "the casa white esconde the lamp"
        >>> [Grammar().grammatical(text) for text in said]
        [True, False]
        """
        if account not in ACCOUNTS:
            raise ValueError(f"account: got {account!r}, expected one of {', '.join(ACCOUNTS)}")
        return parses(tuple(text.split()), self.language, account)

    def sample(self, k, d=3, rng=None):
        """Mixtures, each followed by its opposite, all different as far as they go; the dimension is the sentence's."""
        order = generator(rng).permutation(len(self._mixtures) // 2)
        pairs = self._mixtures[np.resize(np.stack([order, -1 - order], axis=1), k)]
        return self._words(pairs, np.zeros(1))

    def isometry(self, d=3, rng=None):
        """The languages change places."""
        return lambda mixtures: 1 - mixtures

    def _check_length(self, vectors, name):
        if vectors.shape[-1] != (d := len(self.pair.english)):
            raise ValueError(f"{name}: has {vectors.shape[-1]} entries, the sentence {d} words; give one entry each")

    def _phrases(self, vectors, name, shape="(..., d)"):
        """The language of each phrase (..., phrases) as 0 or 1, or a ValueError if one is in two."""
        vectors = read_vectors(vectors, name, shape)
        self._check_length(vectors, name)
        words, (of, first) = as_numpy(vectors).astype(float), self._phrase_of
        chosen = words[..., first]
        if not np.isin(words, (0, 1)).all() or (chosen[..., of] != words).any():
            broken = words[((chosen[..., of] != words) | ~np.isin(words, (0, 1))).any(-1)][0]
            raise ValueError(
                f"{name}: {broken.round(3).tolist()} has a phrase in two languages; each phrase is 0 or 1 throughout: "
                f"{[list(phrase) for phrase in self.pair.phrases]}"
            )
        return chosen.astype(int)

    def _words(self, chosen, like):
        return _like(chosen[..., self._phrase_of[0]].astype(float), like)


def _like(array, like):
    xp = array_namespace(like)
    return xp.asarray(array, dtype=like.dtype, device=like.device)
