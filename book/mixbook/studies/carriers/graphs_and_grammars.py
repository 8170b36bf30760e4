"""Mixtures where there is nothing in between: sentences of two languages, places on a network, opinions of a crowd."""

import itertools

import networkx as nx
import numpy as np
import pandas as pd

from mixlib.arrays import generator
from mixlib.carriers._code_switching import ACCOUNTS
from mixlib.carriers._lexicon import ADJECTIVES, NOUNS, PREPOSITIONS, VERBS
from mixlib.carriers.grammar import Grammar
from mixlib.carriers.graph import Graph
from mixlib.carriers.influence import degroot

SHARES = (0.25, 0.5, 0.75)  # of phrases in the other language
KINDS = ("phrases", "words", "runs")
PEOPLE, TASKS = 40, 400
CROWDS = ("ring", "random", "famous few")


def random_sentence(rng):
    """An English sentence of two clauses, each with a subject, a verb or its perfect, an object, perhaps an adjunct."""
    clauses = []
    for _ in range(2):
        number = rng.integers(2)
        verb = list(VERBS)[rng.integers(len(VERBS))]
        said = f"{('has', 'have')[number]} {verb[2]}" if rng.random() < 0.5 else verb[number]
        words = [_noun_phrase(rng, number), said, _noun_phrase(rng, rng.integers(2))]
        if rng.random() < 0.5:
            words += [list(PREPOSITIONS)[rng.integers(len(PREPOSITIONS))], _noun_phrase(rng, rng.integers(2))]
        clauses.append(" ".join(words))
    return " and ".join(clauses)


def _noun_phrase(rng, number):
    article = ("the", ("this", "these")[number])[rng.integers(2)]
    adjective = [list(ADJECTIVES)[rng.integers(len(ADJECTIVES))]] if rng.random() < 0.6 else []
    return " ".join([article, *adjective, list(NOUNS)[rng.integers(len(NOUNS))][number]])


def mixtures(carrier, share, rng):
    """Three mixtures of equally many words: a mean of both languages, words drawn at random, and runs of words.

    The runs are as many and as long as those of the mean, in another order: as many switches, at other places.
    """
    phrases = carrier.pair.phrases
    mean = np.zeros(len(carrier.pair.english))
    switched = rng.permutation(len(phrases))[: round(share * len(phrases))]
    mean[[i for p in switched for i in phrases[p]]] = 1
    runs = [(language, len(list(run))) for language, run in itertools.groupby(mean)]
    lengths = {language: rng.permutation([n for of, n in runs if of == language]) for language in (0.0, 1.0)}
    left = {language: iter(found) for language, found in lengths.items()}
    shuffled = np.concatenate([np.full(next(left[language]), language) for language, _ in runs])
    return dict(zip(KINDS, (mean, rng.permutation(mean), shuffled), strict=True))


def sentence_trials(language, seed, sentences=10):
    """How many of each kind are sentences, by each account: a frame, with two rows that try the judge itself.

    ``untouched`` are both languages as they are, ``exchanged`` the same with two neighbouring words exchanged.
    """
    rng, rows = generator(seed), []
    for _ in range(sentences):
        carrier = Grammar(english=random_sentence(rng), language=language)
        pure = [carrier.text(np.full(len(carrier.pair.english), side)) for side in (0.0, 1.0)]
        texts = [("untouched", text) for text in pure] + [("exchanged", _exchanged(text, rng)) for text in pure]
        for share in SHARES:
            texts += [(kind, carrier.text(point)) for kind, point in mixtures(carrier, share, rng).items()]
        rows += [(kind, *(carrier.grammatical(text, account) for account in ACCOUNTS)) for kind, text in texts]
    return pd.DataFrame(rows, columns=["kind", *ACCOUNTS]).groupby("kind", sort=False).mean()


def _exchanged(text, rng):
    words = text.split()
    i = rng.integers(len(words) - 1)
    words[i : i + 2] = words[i + 1], words[i]
    return " ".join(words)


def who_listens(crowd, rng):
    """Who listens to whom, with themselves: a table of 0 and 1 for a ring, a random crowd, or one with a famous few."""
    seed = int(rng.integers(2**31))
    graph = {
        "ring": lambda: nx.watts_strogatz_graph(PEOPLE, 4, 0.0),
        "random": lambda: nx.connected_watts_strogatz_graph(PEOPLE, 6, 1.0, seed=seed),
        "famous few": lambda: nx.barabasi_albert_graph(PEOPLE, 2, seed=seed),
    }[crowd]()
    return nx.to_numpy_array(graph) + np.eye(PEOPLE)


def crowd_trial(crowd, seed, *, informed):
    """Squared errors of the consensus and of two averages without a network for a known truth, over many questions.

    Everybody estimates the truth, 0, with an error of their own size: the same for all, or spread over a factor of 10,
    and then people listen to others in proportion to how exact they are, if they are ``informed`` about it. The
    plain average knows nothing of that; the informed average hears all people, each in that same proportion.
    """
    rng = generator(seed)
    listens = who_listens(crowd, rng)
    sizes = 10 ** rng.uniform(-0.5, 0.5, PEOPLE) if informed else np.ones(PEOPLE)
    trust = listens / sizes**2
    trust /= trust.sum(axis=1, keepdims=True)
    estimates = sizes[:, None] * rng.normal(size=(PEOPLE, TASKS))
    talk = degroot(trust, estimates)
    exactness = sizes**-2 / np.sum(sizes**-2)
    return {
        "consensus": float(np.mean(talk.opinions[0] ** 2)),
        "plain average": float(np.mean(estimates.mean(axis=0) ** 2)),
        "informed average": float(np.mean((exactness @ estimates) ** 2)),
        "largest weight": float(talk.weights[0].max()),
        "agreed": talk.consensus,
    }


PLACES = np.array([[0, 2.6], [2.4, 1.2], [1.8, -1.5], [-1.8, -1.5], [-2.4, 1.2], [5.2, 2.2], [-3.2, -3.4], [-4.2, 2.2]])
LINKS = ((0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (1, 5), (3, 6), (4, 7))
ROADS = Graph(edges=tuple((i, j, float(np.hypot(*(PLACES[i] - PLACES[j])))) for i, j in LINKS))
VILLAGES = (5, 6, 7)  # whose mean walks


def mean_place(share):
    """The mean of three villages, the first of weight ``share``, the others of half of the rest; and the wrong one."""
    points, rest = np.eye(ROADS.n_nodes)[list(VILLAGES)], (1 - share) / 2
    weights = [share, rest, rest]
    return ROADS.mean(points, weights), ROADS.wrong_mean(points, weights)
