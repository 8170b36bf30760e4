"""Words of English, Spanish and German with their forms, and what each form says of itself."""

from itertools import product
from typing import NamedTuple

NUMBERS, CASES = ("singular", "plural"), ("nominative", "accusative", "dative")


class Form(NamedTuple):
    """A word form: its category and features, "" for what it does not show."""

    category: str
    language: str
    number: str = ""
    gender: str = ""
    case: str = ""


# English singular and plural; Spanish and German singular, plural, gender
NOUNS = {
    ("teacher", "teachers"): (("maestro", "maestros", "m"), ("Lehrer", "Lehrer", "m")),
    ("girl", "girls"): (("niña", "niñas", "f"), ("Mädchen", "Mädchen", "n")),
    ("queen", "queens"): (("reina", "reinas", "f"), ("Königin", "Königinnen", "f")),
    ("friend", "friends"): (("amigo", "amigos", "m"), ("Freund", "Freunde", "m")),
    ("house", "houses"): (("casa", "casas", "f"), ("Haus", "Häuser", "n")),
    ("letter", "letters"): (("carta", "cartas", "f"), ("Brief", "Briefe", "m")),
    ("table", "tables"): (("mesa", "mesas", "f"), ("Tisch", "Tische", "m")),
    ("car", "cars"): (("coche", "coches", "m"), ("Auto", "Autos", "n")),
    ("lamp", "lamps"): (("lámpara", "lámparas", "f"), ("Lampe", "Lampen", "f")),
}
ADJECTIVES = {
    "old": ("viejo", "alt"),
    "white": ("blanco", "weiß"),
    "small": ("pequeño", "klein"),
    "red": ("rojo", "rot"),
    "new": ("nuevo", "neu"),
    "beautiful": ("bonito", "schön"),
}
# third person singular, plural, participle
VERBS = {
    ("sees", "see", "seen"): (("ve", "ven", "visto"), ("sieht", "sehen", "gesehen")),
    ("buys", "buy", "bought"): (("compra", "compran", "comprado"), ("kauft", "kaufen", "gekauft")),
    ("paints", "paint", "painted"): (("pinta", "pintan", "pintado"), ("malt", "malen", "gemalt")),
    ("hides", "hide", "hidden"): (("esconde", "esconden", "escondido"), ("versteckt", "verstecken", "versteckt")),
}
AUXILIARIES = {("has", "have"): (("ha", "han"), ("hat", "haben"))}
PREPOSITIONS = {"with": ("con", ("mit", "dative")), "for": ("para", ("für", "accusative"))}
CONJUNCTIONS = {"and": ("y", "und"), "but": ("pero", "aber")}
ARTICLES = {
    "the": {
        "spanish": {"m": ("el", "los"), "f": ("la", "las")},
        "german": {
            "m": ("der", "den", "dem"),
            "f": ("die", "die", "der"),
            "n": ("das", "das", "dem"),
            "": ("die", "die", "den"),
        },
    },
    "this": {
        "spanish": {"m": ("este", "estos"), "f": ("esta", "estas")},
        "german": {
            "m": ("dieser", "diesen", "diesem"),
            "f": ("diese", "diese", "dieser"),
            "n": ("dieses", "dieses", "diesem"),
            "": ("diese", "diese", "diesen"),
        },
    },
}
LANGUAGES = ("spanish", "german")


def english(word):
    """The forms of an English word: pairs of a :class:`Form` and the entry that the word is one of."""
    found = []
    for number in NUMBERS:
        i = NUMBERS.index(number)
        found += [(Form("noun", "english", number), nouns) for nouns in NOUNS if nouns[i] == word]
        found += [(Form("verb", "english", number), verbs) for verbs in VERBS if verbs[i] == word]
        found += [(Form("auxiliary", "english", number), aux) for aux in AUXILIARIES if aux[i] == word]
        found += [(Form("article", "english", number), name) for name in ARTICLES if _article(name, i) == word]
    found += [(Form("participle", "english"), verbs) for verbs in VERBS if verbs[2] == word]
    for category, entries in (("adjective", ADJECTIVES), ("preposition", PREPOSITIONS), ("conjunction", CONJUNCTIONS)):
        found += [(Form(category, "english"), word)] if word in entries else []
    return found


def other(form, entry, language, gender="", case=""):
    """The word of another language for an English form; an article or adjective agrees with ``gender`` and ``case``."""
    which, i = LANGUAGES.index(language), NUMBERS.index(form.number or "singular")
    if form.category == "noun":
        singular, plural, _ = NOUNS[entry][which]
        dative = language == "german" and case == "dative" and i == 1 and plural[-1] not in "ns"
        return (plural + "n" if dative else plural) if i else singular
    if form.category in ("verb", "auxiliary"):
        return (VERBS | AUXILIARIES)[entry][which][i]
    if form.category == "participle":
        return VERBS[entry][which][2]
    if form.category == "article":
        forms = ARTICLES[entry][language]
        return forms[gender][i] if language == "spanish" else forms["" if i else gender][CASES.index(case)]
    word = {"preposition": PREPOSITIONS, "conjunction": CONJUNCTIONS}.get(form.category, ADJECTIVES)[entry][which]
    if form.category != "adjective":
        return word if isinstance(word, str) else word[0]
    if language == "spanish":
        return word[:-1] + ("o" if gender == "m" else "a") + "s" * i
    weak = i == 0 and (case == "nominative" or (case == "accusative" and gender != "m"))
    return word + ("e" if weak else "en")


def gender_of(nouns, language):
    """The gender of a noun."""
    return NOUNS[nouns][LANGUAGES.index(language)][2]


def governed(preposition, language):
    """The case that a preposition asks for."""
    return PREPOSITIONS[preposition][1][1] if language == "german" else ""


def vocabulary(language):
    """All words of English and another language: a dict from words to sets of their forms."""
    found = {}
    german = language == "german"
    genders, cases = ("m", "f", "n") if german else ("m", "f"), CASES if german else ("",)
    for word in {*_words(NOUNS), *_words(VERBS), *_words(AUXILIARIES), *_words(ADJECTIVES), *_words(PREPOSITIONS)} | {
        *_words(CONJUNCTIONS), "the", "this", "these"}:  # fmt: skip
        for form, entry in english(word):
            found.setdefault(word, set()).add(form)
            own = gender_of(entry, language) if form.category == "noun" else None
            agreeing = form.category in ("noun", "article", "adjective")
            numbers = NUMBERS if form.category == "adjective" else (form.number,)
            for number, gender, case in (
                product(numbers, [own] if own else genders, cases) if agreeing else [("", "", "")]
            ):
                number = number or form.number
                if form.category == "preposition":
                    case = governed(entry, language)
                theirs = other(form._replace(number=number), entry, language, gender, case)
                shown = "" if german and number == "plural" else gender
                found.setdefault(theirs, set()).add(Form(form.category, language, number, shown, case))
    return found


def known_english(categories):
    """All English words of some categories, sorted."""
    of_english = ((word, form) for word, forms in vocabulary("spanish").items() for form in forms)
    return sorted({word for word, form in of_english if form.language == "english" and form.category in categories})


def _words(entries):
    return [word for entry in entries for word in ([entry] if isinstance(entry, str) else entry)]


def _article(name, i):
    return "these" if name == "this" and i else name
