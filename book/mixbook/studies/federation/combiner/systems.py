"""Specialists of several makes on the same mixed text: alone, pooled, and on each other's domains."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixlib.federation.evaluation.significance import compare
from mixlib.federation.models.cache_model import CacheModel
from mixlib.federation.models.kneser_ney import KneserNey
from mixlib.federation.pools import POOLS, perplexity

# Quoted from founding document B ("Speculative federation"), section "Empirical validation"; not measured here.
PUBLISHED = {"mixture": 156, "best single": 197, "worst single": 339, "product": 1277}
ORDER = tuple(PUBLISHED)  # best first, as the document has it
MAKES = {
    "4-grams": None,  # the specialists of the federation itself
    "2-grams": lambda size: KneserNey(size, order=2),
    "unigram caches": CacheModel,
}


@dataclass(frozen=True)
class System:
    """Log-probabilities of the test tokens under specialists of one make and their pools.

    Attributes
    ----------
    domains : tuple of str
        Of the specialists.
    rows : dict of str to list of array (T,)
        "prose alone" and so on, and every pool; one array a seed.
    starts : list of array
        Where documents begin, one array a seed.
    homes : list of tuple of str
        The domain of each document, one tuple a seed.
    """

    domains: tuple
    rows: dict
    starts: list
    homes: list

    def four(self):
        """The rows of the document's table; best and worst single are those of each seed, in hindsight."""
        alone = [[self.rows[f"{name} alone"][seed] for name in self.domains] for seed in range(len(self.starts))]
        ranked = [sorted(rows, key=perplexity) for rows in alone]
        singles = {"best single": [r[0] for r in ranked], "worst single": [r[-1] for r in ranked]}
        return {name: singles.get(name, self.rows.get(name)) for name in ORDER}

    def perplexities(self):
        """Of the rows of the document's table, a frame with a row a seed."""
        return pd.DataFrame({name: [perplexity(row) for row in rows] for name, rows in self.four().items()})

    def steps(self):
        """How much log-loss the pools are from the single specialists next to them, with intervals."""
        rows = self.four()
        pairs = ("best single", "mixture"), ("product", "worst single")
        frames = [compare({a: rows[a], b: rows[b]}, self.starts, b).rename({a: f"{a} over {b}"}) for a, b in pairs]
        return pd.concat(frames)

    def excess(self):
        """Log-loss of the product over the mixture, split at the logarithmic pool, in nats a token; a row a seed."""
        loss = {name: np.log([perplexity(row) for row in self.rows[name]]) for name in POOLS}
        counted, vetoed = loss["product"] - loss["logarithmic pool"], loss["logarithmic pool"] - loss["mixture"]
        return pd.DataFrame({"overcounting": counted, "disagreement": vetoed})

    def overcounted_more(self):
        """Overcounting minus disagreement, in nats a token, with its interval."""
        both = [np.add(*pair) for pair in zip(self.rows["product"], self.rows["mixture"], strict=True)]
        twice = [2 * row for row in self.rows["logarithmic pool"]]
        found = compare({"both": both, "twice": twice}, self.starts, "twice")
        return found.rename({"both": "overcounting over disagreement"})

    def by_domain(self):
        """Perplexity of every specialist on the documents of each domain, a frame of means over seeds."""
        table = {
            domain: [np.mean([perplexity(r) for r in rows[f"{name} alone"]]) for name in self.domains]
            for domain, (rows, _) in self._domains().items()
        }
        return pd.DataFrame(table, index=list(self.domains))

    def abroad(self):
        """Log-loss of every specialist on each foreign domain minus that of the domain's own one, with intervals."""
        frames = []
        for domain, (rows, starts) in self._domains().items():
            found = compare(rows, starts, f"{domain} alone")
            frames.append(found.rename(lambda row, domain=domain: f"{row.removesuffix(' alone')} on {domain}"))
        return pd.concat(frames)

    def documents_lost(self):
        """Share of pairs of a document and a foreign specialist that the one at home wins, a value a seed."""
        shares = []
        for seed, (starts, homes) in enumerate(zip(self.starts, self.homes, strict=True)):
            sums = {name: np.add.reduceat(self.rows[f"{name} alone"][seed], starts) for name in self.domains}
            own = np.array([sums[home][i] for i, home in enumerate(homes)])
            pairs = [own[i] > sums[name][i] for i, home in enumerate(homes) for name in self.domains if name != home]
            shares.append(np.mean(pairs))
        return np.array(shares)

    def _domains(self):
        """By domain: the rows of the single specialists on its documents alone, and where these begin."""
        out = {}
        for domain in self.domains:
            rows, begins = {f"{name} alone": [] for name in self.domains}, []
            for seed, (starts, homes) in enumerate(zip(self.starts, self.homes, strict=True)):
                here = np.flatnonzero(np.array(homes) == domain)
                parts = {name: np.split(self.rows[name][seed], starts[1:]) for name in rows}
                for name in rows:
                    rows[name].append(np.concatenate([parts[name][i] for i in here]))
                lengths = [len(parts[f"{domain} alone"][i]) for i in here]
                begins.append(np.cumsum([0, *lengths[:-1]]))
            out[domain] = rows, begins
        return out


def systems(federations, makes=tuple(MAKES)):
    """A :class:`System` for every make of specialist, on the tests of ``federations``, a dict of seed to Federation."""
    scored = {}
    for name in makes:
        rows = {}
        for federation in federations.values():
            for row, values in _scored(federation, _specialists(federation, MAKES[name])).items():
                rows.setdefault(row, []).append(values)
        some = list(federations.values())
        starts, homes = [f.test.document_starts for f in some], [f.test_domains for f in some]
        scored[name] = System(some[0].domains, rows, starts, homes)
    return scored


def frequencies(federation):
    """Perplexity on each domain of a model that knows only how often tokens come in all training text together."""
    tokens = np.concatenate([stream.tokens for stream in federation.training])
    counts = np.bincount(tokens, minlength=federation.tokenizer.get_vocab_size()) + 0.5
    log_probs = np.log(counts / counts.sum())
    texts = zip(federation.test_domains, federation.test.documents(), strict=True)
    heard = [(home, log_probs[tokens]) for home, tokens in texts]
    return {d: perplexity(np.concatenate([row for home, row in heard if home == d])) for d in federation.domains}


def made_by_mixture(specialists, joint):
    """Whether each ``joint (T,)`` is the uniform mixture of ``specialists (N, T)``, within single-precision rounding.

    This is the guard of a federation that may combine in one way only. It needs no code of the federation, only what
    its log says of every token: the log-probability it gave, and those of its specialists.
    """
    expected = np.logaddexp.reduce(np.asarray(specialists, dtype=float)) - np.log(len(specialists))
    return np.abs(joint - expected) <= 16 * np.finfo(np.float32).eps * np.maximum(1, np.abs(expected))


def _specialists(federation, make):
    if make is None:
        return federation.specialists
    size = federation.tokenizer.get_vocab_size()
    return tuple(make(size).fit(s.tokens, s.document_starts) for s in federation.training)


def _scored(federation, specialists):
    """Log-probabilities ``(T,)`` of the test tokens by each specialist and each pool."""
    out = {name: [] for name in (*(f"{domain} alone" for domain in federation.domains), *POOLS)}
    for tokens in federation.test.documents():
        log_probs, here = federation.log_probs(tokens, specialists=specialists), np.arange(len(tokens))
        for domain, row in zip(federation.domains, log_probs, strict=True):
            out[f"{domain} alone"].append(row[here, tokens])
        for name, pool in POOLS.items():
            out[name].append(pool(log_probs)[here, tokens])
    return {name: np.concatenate(parts) for name, parts in out.items()}
