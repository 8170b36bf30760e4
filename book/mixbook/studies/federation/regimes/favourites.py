"""The tokens that specialists put first: where they have nothing in common, and what the product makes of that."""

from itertools import combinations

import numpy as np
import pandas as pd

from mixlib.federation.audit.mistakes import dependence, favourites, nothing_in_common
from mixlib.federation.pools import mixture_combine, product_combine

KS = (1, 5, 10)
HALF = 0.5  # of the product's mass


def where_favourites_part(federations, models, ks=KS, most=None):
    """How often the top ``k`` tokens have nothing in common, and what the product does there, one row a ``k`` and seed.

    Columns: share of the tokens at which no token is in all sets, in the sets of two given specialists (mean over
    pairs), or in any two; the first two also for specialists that read the ``same mix``. Then, where no token is in all
    sets and ``elsewhere``: excess log-loss of the product over the mixture in nats, the product's mass on tokens that
    are nobody's favourite, how often that is most of its mass, and how often the product gives the outcome less.

    Parameters
    ----------
    federations : dict of seed to Federation
    models : dict of seed to dict
        Of :func:`mixbook.studies.federation.regimes.evidence.makes`.
    ks : sequence of int
    most : int, optional
        Tokens scored of each document; all by default.
    """
    rows = []
    for seed, federation in federations.items():
        parts = [
            _document(federation, models[seed]["n-gram, mixed"], t[:most], ks) for t in federation.test.documents()
        ]
        for k in ks:
            one = {name: np.concatenate([part[k][name] for part in parts]) for name in parts[0][k]}
            apart = one.pop("in all")
            row = {"seed": seed, "k": k, "in all": apart.mean()}
            row |= {
                name: one.pop(name).mean() for name in ("in two", "in any two", "in all, same mix", "in two, same mix")
            }
            for name, values in one.items():
                for place, here in (("there", apart), ("elsewhere", ~apart)):
                    row[f"{name} {place}"] = values[here].mean() if here.any() else np.nan
            rows.append(row)
    return pd.DataFrame(rows).set_index(["k", "seed"]).sort_index()


def wrong_first_choices(federations, shuffles=100, rng=0):
    """Do first choices fail together? Correlation given the token that came, and the largest by chance, one row a seed.

    A specialist is wrong where the token that it put first did not come; means over pairs, the largest over all.
    """
    rows = {}
    for seed, federation in federations.items():
        tokens, at = federation.test.tokens, np.triu_indices(len(federation.specialists), 1)
        first = np.concatenate([federation.log_probs(t).argmax(-1) for t in federation.test.documents()], axis=1)
        found = dependence(np.where(first == tokens, 0.0, -1.0), tokens, shuffles, rng)
        rows[seed] = {"correlation": found.correlation[at].mean(), "largest of shuffles": found.shuffled[at].max()}
    return pd.DataFrame(rows).T


def _document(federation, alike, tokens, ks):
    rows, here = federation.log_probs(tokens), np.arange(len(tokens))
    product, mixture = product_combine(rows), mixture_combine(rows)
    behind = mixture[here, tokens] - product[here, tokens]
    tops = favourites(rows, max(ks))
    mixed = favourites(federation.log_probs(tokens, specialists=alike), max(ks))
    out = {}
    for k in ks:
        liked = np.zeros(product.shape, dtype=bool)
        for row in tops[..., :k]:
            np.put_along_axis(liked, row, True, axis=-1)
        outside = np.where(liked, 0.0, np.exp(product)).sum(axis=-1)
        in_all, in_any_two = nothing_in_common(tops[..., :k])
        out[k] = {
            "in all": in_all,
            "in two": _of_two(tops[..., :k]),
            "in any two": in_any_two,
            "in all, same mix": nothing_in_common(mixed[..., :k])[0],
            "in two, same mix": _of_two(mixed[..., :k]),
            "excess": behind,
            "outside": outside,
            "mostly outside": outside > HALF,
            "behind": behind > 0,
        }
    return out


def _of_two(tops):
    """Share of the pairs whose sets have nothing in common, ``(T,)``."""
    pairs = [nothing_in_common(tops[[i, j]])[0] for i, j in combinations(range(len(tops)), 2)]
    return np.mean(pairs, axis=0)
