"""Sentences of two languages: their translation word by word with phrases, and a parser that judges mixtures.

The two share words and no rule: one writes sentences from a pattern, the other reads any row of words bottom up.
"""

import functools
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from mixlib.carriers._lexicon import Form, english, gender_of, governed, known_english, other, vocabulary

ORDERS = {  # the languages that put two neighbours in this order
    ("adjective", "noun"): {"english", "german"},
    ("noun", "adjective"): {"spanish"},
    ("participle", "object"): {"english", "spanish"},
    ("object", "participle"): {"german"},
}
GRAMMATICAL = {"article", "verb", "auxiliary", "preposition"}  # words that the matrix language has to give
ACCOUNTS = ("equivalence", "matrix language")


@dataclass(frozen=True)
class Pair:
    """A sentence in English and in another language, word by word.

    ``english`` and ``other`` are the words in the English order, ``order`` the places of the other's words in its own
    order, and ``phrases`` the places (English order) that are switched together.
    """

    english: tuple
    other: tuple
    order: tuple
    phrases: tuple


def translate(text, language):
    """The :class:`Pair` of an English sentence, or a ValueError that names the first word that is not understood."""
    words = text.split()
    rest, places = list(enumerate(words)), [None] * len(words)
    order, phrases = [], []
    while True:
        subject, number = _noun_phrase(rest, places, language, "nominative")
        place, form, entry = _take(rest, ("verb", "auxiliary"))
        if form.number != number:
            raise ValueError(f"english: {words[place]!r} does not agree with its subject in number")
        places[place] = other(form, entry, language)
        if form.category == "verb":
            thing, _ = _noun_phrase(rest, places, language, "accusative")
            order += [*subject, place, *thing]
            phrases += [subject, [place], thing]
        else:
            participle, part, verbs = _take(rest, ("participle",))
            places[participle] = other(part, verbs, language)
            thing, _ = _noun_phrase(rest, places, language, "accusative")
            crossed = language == "german"
            order += [*subject, place, *([*thing, participle] if crossed else [participle, *thing])]
            phrases += [subject, [place, participle, *thing]] if crossed else [subject, [place, participle], thing]
        while rest and (found := _seen(rest, ("preposition",))):
            place, form, entry = _take(rest, ("preposition",))
            places[place] = other(*found, language)
            thing, _ = _noun_phrase(rest, places, language, governed(entry, language))
            order += [place, *thing]
            phrases.append([place, *thing])
        if not rest:
            return Pair(tuple(words), tuple(places), tuple(order), tuple(tuple(sorted(phrase)) for phrase in phrases))
        place, form, entry = _take(rest, ("conjunction",))
        places[place] = other(form, entry, language)
        order.append(place)
        phrases.append([place])


def _noun_phrase(rest, places, language, case):
    """Takes article, perhaps adjective, and noun; their places in the other language's order, and their number."""
    words = [_take(rest, ("article",))]
    if _seen(rest, ("adjective",)):
        words.append(_take(rest, ("adjective",)))
    words.append(_take(rest, ("noun",)))
    noun, nouns = words[-1][1:]
    for place, form, entry in words:
        agreeing = form if form.category == "noun" else form._replace(number=noun.number)
        places[place] = other(agreeing, entry, language, gender_of(nouns, language), case)
    if english_article(words[0][2], noun.number) != words[0][1].number:
        raise ValueError(f"english: the article of {nouns[0]!r} does not agree with it in number")
    found = [place for place, *_ in words]
    return (found[:1] + found[:0:-1] if language == "spanish" else found), noun.number


def english_article(name, number):
    """The number that an article of this name shows beside a noun of this number; "the" shows any."""
    return number if name == "this" else "singular"


def _seen(rest, categories):
    return next(((form, entry) for form, entry in english(rest[0][1]) if form.category in categories), None)


def _take(rest, categories):
    if not rest:
        raise ValueError(f"english: ends too early, expected a word for {' or '.join(categories)}")
    place, word = rest[0]
    if not (found := _seen(rest, categories)):
        known = known_english(categories)
        near = get_close_matches(word.lower(), known, 3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(known)}"
        raise ValueError(f"english: got {word!r} as word {place + 1}, expected {' or '.join(categories)}; {hint}")
    rest.pop(0)
    return place, *found


class Phrase(NamedTuple):
    """What the parser has read: features, the one language it is in or "", and the languages that may frame it."""

    category: str
    language: str
    frames: frozenset
    number: str = ""
    gender: str = ""
    case: str = ""


def parses(words, language, account="equivalence"):
    """Whether a row of words is a sentence of the two languages, by the rules of an account of code-switching."""
    forms, both = _forms(language), frozenset({"english", language})
    rows = [[set() for _ in range(len(words) + 1)] for _ in words]
    for i, word in enumerate(words):
        if word not in forms:
            return False
        for form in forms[word]:
            rows[i][i + 1].add(_leaf(form, both))
        rows[i][i + 1] |= {phrase._replace(category="nouns") for phrase in rows[i][i + 1] if phrase.category == "noun"}
    for size in range(2, len(words) + 1):
        for i in range(len(words) - size + 1):
            for middle in range(i + 1, i + size):
                for left in rows[i][middle]:
                    for right in rows[middle][i + size]:
                        rows[i][i + size] |= _joined(left, right, both, account)
    return any(phrase.category == "sentence" for phrase in rows[0][len(words)])


@functools.cache
def _forms(language):
    return vocabulary(language)


def _leaf(form: Form, both):
    frames = frozenset({form.language}) if form.category in GRAMMATICAL else both
    return Phrase(form.category, form.language, frames, form.number, form.gender, form.case)


def _agreed(one, other):
    """The common value of a feature, or None; "" agrees with all."""
    return one or other if one == other or not (one and other) else None


def _joined(left, right, both, account):
    """The phrases that two neighbours make, as a set of at most one."""
    pair = left.category, right.category
    number, gender, case = (_agreed(a, b) for a, b in zip(left[3:], right[3:], strict=True))
    agree = None not in (number, gender, case)
    if set(pair) == {"adjective", "noun"} and agree:
        return _phrase("nouns", pair, left, right, both, account, number, gender, case)
    if pair == ("article", "nouns") and agree:
        return _phrase("object", pair, left, right, both, account, number, gender, case)
    if pair == ("preposition", "object") and right.case != "nominative" and _agreed(left.case, right.case) is not None:
        return _phrase("adjunct", pair, left, right, both, account)
    if pair == ("verb", "object") and right.case in ("accusative", ""):
        return _phrase("predicate", pair, left, right, both, account, left.number)
    if set(pair) == {"participle", "object"} and max(left.case, right.case) in ("accusative", ""):
        return _phrase("participial", pair, left, right, both, account)
    if pair == ("auxiliary", "participial"):
        return _phrase("predicate", pair, left, right, both, account, left.number)
    if pair == ("predicate", "adjunct"):
        return _phrase("predicate", pair, left, right, both, account, left.number)
    if pair == ("object", "predicate") and left.case in ("nominative", "") and left.number == right.number:
        return _phrase("sentence", pair, left, right, both, account)
    if pair == ("conjunction", "sentence"):
        return {Phrase("clause", "", both)}  # each clause has a frame of its own
    return {Phrase("sentence", "", both)} if pair == ("sentence", "clause") else set()


def _phrase(category, pair, left, right, both, account, *features):
    orders = frozenset(ORDERS.get(pair, both)) & both
    one = left.language if left.language == right.language and left.language in orders else ""
    if account == "equivalence":  # where orders differ, both neighbours are of the language that has this one
        return {Phrase(category, one, both, *features)} if one or orders == both else set()
    frames = orders & left.frames & right.frames
    if one and category in ("object", "adjunct"):  # an island of the other language
        frames = both
    return {Phrase(category, one, frames, *features)} if frames else set()
