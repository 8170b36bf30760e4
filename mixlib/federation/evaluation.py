"""Every way to pool, scored on mixed text that no specialist has seen, over several seeds."""

import json
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixlib.federation import corpora
from mixlib.federation.attribution import attribute
from mixlib.federation.combiners import EMWeights, FixedShare, weights_along
from mixlib.federation.pools import log_linear_combine, mixture_combine, perplexity, product_combine
from mixlib.federation.specialists import BUDGET, Federation

# Quoted from founding document B ("Speculative federation"), section "Empirical validation"; not measured here.
PUBLISHED = {"best single": 197, "worst single": 339, "product": 1277, "mixture": 156}

POOLS = {"product": product_combine, "logarithmic pool": log_linear_combine, "mixture": mixture_combine}


@dataclass(frozen=True)
class Evaluation:
    """Perplexities by way of pooling, one value a seed, and the trace of the mixture.

    Attributes
    ----------
    seeds : tuple of int
    perplexities : dict of str to list of float
        One list a row of the table, one value a seed.
    excess : dict of str to list of float
        Excess log-loss of the product over the mixture, in nats a token, split at the logarithmic pool into
        ``sharpening`` (product over logarithmic pool) and ``disagreement`` (logarithmic pool over mixture); the rows
        that end in ``, same domain`` are for specialists of disjoint shares of the pooled text.
    settings : dict
        Domains, tokens, documents and seconds of the run.
    trace : list of dict
        One record a token and seed: position, target, joint, specialists, responsibilities, entropy, residual.
    """

    seeds: tuple
    perplexities: dict
    excess: dict
    settings: dict
    trace: list

    def to_frame(self):
        """Mean, sample standard deviation and per-seed perplexity of every row, and document B's column, quoted."""
        frame = _spread(self.perplexities, self.seeds)
        frame["document B (quoted)"] = pd.Series(PUBLISHED, dtype=float)
        return frame

    def excess_frame(self):
        """The split of the product's excess log-loss, in nats a token."""
        return _spread(self.excess, self.seeds)

    def text_frame(self):
        """The text behind the numbers, one row a seed: tokens, documents, and near-duplicates dropped."""
        runs = pd.DataFrame(self.settings["runs"]).set_index("seed")
        runs["training_tokens"] = [sum(tokens.values()) for tokens in runs["training_tokens"]]
        return runs.rename(columns=lambda name: name.replace("_", " "))

    def to_dict(self):
        """All but the trace, ready for JSON."""
        return {
            "settings": self.settings,
            "seeds": list(self.seeds),
            "perplexity": _summary(self.perplexities),
            "excess_log_loss": _summary(self.excess),
            "published": {"source": "quoted from founding document B, Empirical validation", "perplexity": PUBLISHED},
        }

    def to_json(self, path):
        """Write :meth:`to_dict` to ``path``."""
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.to_dict(), file, indent=2)
            file.write("\n")

    def write_trace(self, path):
        """Write the trace as JSON lines to ``path``."""
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in self.trace)

    def plot(self, ax):
        """Mean perplexity and its spread over seeds, best first, on a logarithmic axis; returns ``ax``."""
        frame = self.to_frame().drop(index=["best single", "worst single"]).sort_values("mean")
        ink = ax.xaxis.label.get_color()
        for row, (name, mean, sd) in enumerate(frame[["mean", "sd"]].itertuples()):
            colour = "C1" if name.startswith("pooled") else "C0"
            ax.errorbar(mean, row, xerr=None if np.isnan(sd) else sd, fmt="o", color=colour, capsize=3)
            ax.annotate(f"{mean:,.0f}", (mean, row), xytext=(0, 6), textcoords="offset points", ha="center", color=ink)
        ax.set_yticks(range(len(frame)), frame.index)
        ax.set_ylim(len(frame) - 0.5, -0.8)
        ax.set_xscale("log")
        ax.set_xlabel("perplexity on mixed text (lower is better)")
        return ax


def evaluate(domains=None, seeds=(0, 1, 2), *, order=4, vocabulary=2048, budget=BUDGET, share=0.05, progress=None):
    """Train specialists on each domain and score every way to pool them on held-out mixed text.

    Every seed draws its own split, tokenizer, specialists and mixed documents. Specialists see no text across a
    document's start; fixed-share forgets there.

    Parameters
    ----------
    domains : dict of str to path or sequence of paths, optional
        The reader's own text, as for :func:`mixlib.federation.from_files`; by default prose, Python and C++ from
        what is installed.
    seeds : sequence of int
    order, vocabulary, budget : int
        N-gram order, tokens of the BPE, training tokens of one specialist.
    share : float
        The share of :class:`mixlib.federation.FixedShare`.
    progress : callable, optional
        Called with a line of text as work proceeds.

    Returns
    -------
    Evaluation

    Raises
    ------
    ValueError
        If there are no seeds, a seed is repeated, or the text cannot be split (see
        :func:`mixlib.federation.from_files`).
    """
    seeds = tuple(seeds)
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(f"seeds: expected distinct integers, at least one, got {seeds}")
    say = progress or (lambda line: None)
    began = time.perf_counter()
    documents = corpora.installed() if domains is None else corpora.from_files(domains)
    say("read " + ", ".join(f"{name}: {len(docs)} documents" for name, docs in documents.items()))

    perplexities, excess, trace, runs = {}, {}, [], []
    for seed in seeds:
        federation = Federation.train(documents, order=order, vocabulary=vocabulary, budget=budget, rng=seed)
        say(f"seed {seed}: trained {len(federation.domains)} specialists")
        scores, records = _score(federation, budget, share)
        for name, value in scores.items():
            perplexities.setdefault(name, []).append(value)
        trace += [{"seed": seed} | record for record in records]
        apart = {name: scores[name] for name in POOLS}
        shares = federation.same_domain(seed)
        together = {name: perplexity(x) for name, x in _pooled(federation, shares).items()}
        for suffix, of in (("", apart), (", same domain", together)):
            loss = {name: np.log(value) for name, value in of.items()}
            excess.setdefault("sharpening" + suffix, []).append(loss["product"] - loss["logarithmic pool"])
            excess.setdefault("disagreement" + suffix, []).append(loss["logarithmic pool"] - loss["mixture"])
        runs.append(
            {
                "seed": seed,
                "vocabulary": federation.tokenizer.get_vocab_size(),
                "training_tokens": {
                    name: len(s.tokens) for name, s in zip(federation.domains, federation.training, strict=True)
                },
                "test_tokens": len(federation.test.tokens),
                "test_documents": len(federation.test_domains),
                "validation_tokens": len(federation.validation.tokens),
                "near_duplicates_dropped": federation.dropped,
            }
        )
        say(f"seed {seed}: " + ", ".join(f"{name} {scores[name]:.1f}" for name in ("best single", *POOLS)))
    settings = {
        "domains": list(documents),
        "order": order,
        "budget": budget,
        "share": share,
        "runs": runs,
        "seconds": round(time.perf_counter() - began, 1),
    }
    excess = {name: [float(v) for v in values] for name, values in excess.items()}
    return Evaluation(seeds, perplexities, excess, settings, trace)


def weights_at_home(federation, combiner, after=10):
    """Weights that ``combiner`` gives the specialist of a test document's own domain, one value a token.

    The first ``after`` tokens of each document are left out, for there it has hardly heard anything yet.

    Raises
    ------
    ValueError
        If no document is longer than ``after`` tokens, or ``after`` is negative.
    """
    test = federation.test
    lengths = np.diff(test.document_starts, append=len(test.tokens))
    if not 0 <= after < lengths.max():
        raise ValueError(
            f"after: expected 0 or more, and less than the longest document's {lengths.max()}, got {after}"
        )
    weights = weights_along(combiner, federation.target_log_probs(test), test.document_starts)
    home = np.repeat([federation.domains.index(name) for name in federation.test_domains], lengths)
    heard = np.arange(len(home)) - np.repeat(test.document_starts, lengths)
    return weights[home, np.arange(len(home))][heard >= after]


def reconciliation_errors(audits):
    r"""How far audits are from adding up, in nats: median and largest absolute error, one row an audit.

    "With entropy" is the full record, :attr:`mixlib.federation.Attribution.residual`. "As stated" is
    :math:`\log p_{\text{mix}} - \sum_i r_i \log p_i`, which founding document B takes for 0.

    Parameters
    ----------
    audits : dict of str to Attribution

    Returns
    -------
    pandas.DataFrame
    """
    rows = {}
    for name, audit in audits.items():
        shares = audit.responsibilities
        stated = audit.joint - (shares * np.where(shares > 0, audit.specialists, 0.0)).sum(axis=0)
        errors = {"with entropy": np.abs(audit.residual), "as stated": np.abs(stated)}
        rows[name] = {
            f"{size}, {what}": of(error)
            for what, error in errors.items()
            for size, of in (("median", np.median), ("largest", np.max))
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _score(federation, budget, share):
    """Perplexity of every row for one seed, and the records of the mixture."""
    test = federation.test
    targets = federation.target_log_probs(test)
    singles = {f"{name} alone": perplexity(row) for name, row in zip(federation.domains, targets, strict=True)}
    records = []
    pooled = _pooled(federation, federation.specialists, records)

    fitted = EMWeights().fit(federation.target_log_probs(federation.validation))
    weighted = weights_along(fitted, targets, test.document_starts)
    followed = weights_along(FixedShare(len(targets), share), targets, test.document_starts)
    scores = singles | {"best single": min(singles.values()), "worst single": max(singles.values())}
    scores |= {name: perplexity(values) for name, values in pooled.items()}
    scores["mixture, EM weights"] = perplexity(_weighted(targets, weighted))
    scores["mixture, fixed-share"] = perplexity(_weighted(targets, followed))
    scores["pooled data, one model"] = _single(federation.pooled(), test)
    scores["pooled data, one budget"] = _single(federation.pooled(budget), test)
    return scores, records


def _pooled(federation, specialists, records=None):
    """Log-probabilities ``(T,)`` of the test tokens under each pool; documents in turn keep memory small."""
    out = {name: [] for name in POOLS}
    for number, tokens in enumerate(federation.test.documents()):
        log_probs = federation.log_probs(tokens, specialists=specialists)
        for name, combine in POOLS.items():
            out[name].append(combine(log_probs)[np.arange(len(tokens)), tokens])
        if records is not None:
            audit = attribute(log_probs, tokens, names=federation.domains)
            place = {"document": number, "domain": federation.test_domains[number]}
            records += [place | record for record in audit.records()]
    return {name: np.concatenate(parts) for name, parts in out.items()}


def _weighted(targets, weights):
    """Mixture of the specialists' log-probabilities ``(N, T)`` of the tokens that came."""
    with np.errstate(divide="ignore"):  # a fitted weight can be 0
        return np.logaddexp.reduce(targets + np.log(weights), axis=0)


def _single(model, stream):
    return perplexity(model.target_log_probs(stream.tokens, stream.document_starts))


def _summary(rows):
    return {
        name: {"mean": float(np.mean(v)), "sd": _deviation(v), "per_seed": [float(x) for x in v]}
        for name, v in rows.items()
    }


def _deviation(values):
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def _spread(rows, seeds):
    frame = pd.DataFrame(rows, index=[f"seed {s}" for s in seeds]).T
    return pd.concat([pd.DataFrame({"mean": frame.mean(axis=1), "sd": frame.std(axis=1)}), frame], axis=1)
