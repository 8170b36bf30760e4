"""Specialists that look at the same evidence, and others: the mistakes that they share, the pool that they need."""

import numpy as np
import pandas as pd

from mixbook.studies.federation.regimes.regimes import exchanged
from mixbook.studies.federation.regimes.tempered import product_without_prior, smoothed, tempered_pools
from mixlib.federation.audit.mistakes import dependence
from mixlib.federation.models.cache_model import CacheModel
from mixlib.federation.models.kneser_ney import KneserNey
from mixlib.federation.pools import perplexity

KINDS = {
    "n-gram, n-gram": ("n-gram", "n-gram"),
    "n-gram, n-gram of order 2": ("n-gram", "order 2"),
    "memory, memory": ("memory", "memory"),
    "n-gram, memory": ("n-gram", "memory"),
    "n-gram, n-gram, same mix": ("n-gram, mixed", "n-gram, mixed"),
    "n-gram, memory, same mix": ("n-gram, mixed", "memory, mixed"),
}
PAIR_ROWS = (
    "first alone",
    "second alone",
    "mixture",
    "mixture, best weights in hindsight",
    "logarithmic pool",
    "product",
    "product, prior divided out",
)


def makes(federation):
    """Models of several makes, one a domain each, or one for each disjoint share of the same mix ("mixed").

    Returns
    -------
    dict of str to tuple
        ``"n-gram"`` are the federation's own; ``"order 2"`` see one token back; ``"memory"`` are :class:`CacheModel`.
    """
    own, mixed = federation.training, exchanged(federation.training, 1 - 1 / len(federation.training))
    like = federation.specialists[0]

    def fit(streams, model, *settings):
        return tuple(model(like.vocabulary, *settings).fit(s.tokens, s.document_starts) for s in streams)

    return {
        "n-gram": federation.specialists,
        "order 2": fit(own, KneserNey, 2),
        "memory": fit(own, CacheModel),
        "n-gram, mixed": fit(mixed, KneserNey, like.order),
        "memory, mixed": fit(mixed, CacheModel),
    }


def shared_mistakes(federation, models, shuffles=100, rng=0):
    """Dependence of mistakes given the token, means over the pairs that never read the same text, one row a kind.

    ``models`` are of :func:`makes`; every pair takes two different numbers, so their training texts are disjoint.
    Columns: correlation, the largest of shuffles, and how often both are mistaken, observed and if independent.
    """
    test = federation.test
    flat = [model for group in models.values() for model in group]
    first = dict(zip(models, range(0, len(flat), len(federation.domains)), strict=True))
    log_probs = np.stack([m.target_log_probs(test.tokens, test.document_starts) for m in flat])
    found = dependence(log_probs, test.tokens, shuffles, rng)
    n, rows = len(federation.domains), {}
    for kind, (a, b) in KINDS.items():
        at = tuple(np.array([(first[a] + i, first[b] + j) for i in range(n) for j in range(n) if i != j]).T)
        rows[kind] = {
            "correlation": found.correlation[at].mean(),
            "largest of shuffles": found.shuffled[at].max(),
            "both wrong": found.both[at].mean(),
            "if independent": found.independent[at].mean(),
        }
    return pd.DataFrame(rows).T


def two_makes(federation, models, most=None):
    """Perplexity of pairs that read disjoint shares of the same mix: two n-grams, and an n-gram with a memory.

    The prior that is divided out are the unigrams of all training text. The best weights of the mixture are chosen on
    the test itself. ``most`` limits the tokens of each document.
    """
    prior = smoothed(np.concatenate([s.tokens for s in federation.training]), federation.specialists[0].vocabulary)
    texts = [tokens[:most] for tokens in federation.test.documents()]
    first, columns = models["n-gram, mixed"][0], {}
    for name, second in (
        ("two n-grams", models["n-gram, mixed"][1]),
        ("n-gram and memory", models["memory, mixed"][1]),
    ):
        parts = {}
        for tokens in texts:
            rows = np.stack([first.log_probs(tokens), second.log_probs(tokens)])
            pooled = tempered_pools(rows, tokens, (1.0,))
            scores = {
                "first alone": pooled.singles[0, 0],
                "second alone": pooled.singles[1, 0],
                "mixture": pooled.mixture[0],
                "logarithmic pool": pooled.log_pool[0],
                "product": pooled.product[0],
                "product, prior divided out": product_without_prior(rows, tokens, prior),
            }
            for rule, values in scores.items():
                parts.setdefault(rule, []).append(values)
        scores = {rule: np.concatenate(values) for rule, values in parts.items()}
        scores["mixture, best weights in hindsight"] = _best_mixture(scores["first alone"], scores["second alone"])
        columns[name] = {rule: perplexity(values) for rule, values in scores.items()}
    return pd.DataFrame(columns).loc[list(PAIR_ROWS)]


def with_a_fourth(federation, models):
    """What a fourth specialist changes in the mixture of three, in nats a token, one row a kind; below 0 it helps.

    The fourth is one that read the same mix of all domains, one that sees less of the text that one of them has read
    (order 2), or a copy of one of them. Columns: best, mean and worst of three.
    """
    test = federation.test
    own = federation.target_log_probs(test)
    three = np.logaddexp.reduce(own, axis=0) - np.log(len(own))

    def change(fourth):
        return (three - (np.logaddexp(np.logaddexp.reduce(own, axis=0), fourth) - np.log(len(own) + 1))).mean()

    fourths = {
        "same mix": [m.target_log_probs(test.tokens, test.document_starts) for m in models["n-gram, mixed"]],
        "order 2": [m.target_log_probs(test.tokens, test.document_starts) for m in models["order 2"]],
        "copy": own,
    }
    rows = {kind: [change(row) for row in rows] for kind, rows in fourths.items()}
    return pd.DataFrame({k: {"best": min(v), "mean": np.mean(v), "worst": max(v)} for k, v in rows.items()}).T


def _best_mixture(first, second):
    """Log-probabilities under the mixture whose weights, in steps of a hundredth, fit these tokens best."""
    weights = np.arange(1, 100) / 100
    mixtures = (np.logaddexp(np.log(w) + first, np.log(1 - w) + second) for w in weights)
    return max(mixtures, key=np.mean)
