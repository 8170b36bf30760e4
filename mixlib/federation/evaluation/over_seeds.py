"""Every pool and combiner on one federation after the other: scored on mixed text that no specialist has seen."""

import time
from functools import cache

import numpy as np

from mixlib.federation.audit.attribution import attribute
from mixlib.federation.combiners import COMBINERS, BayesPosterior, Predictions, log_probs_along, weights_along
from mixlib.federation.evaluation.result import Evaluation
from mixlib.federation.pools import POOLS, perplexity
from mixlib.federation.text import corpora
from mixlib.federation.text.specialists import BUDGET, Federation
from mixlib.progress import Progress

__all__ = ["evaluate"]


def evaluate(domains=None, seeds=(0, 1, 2), *, order=4, vocabulary=2048, budget=BUDGET, share=0.05, progress=None):
    """Evaluation of every way to pool specialists, trained on each domain and scored on held-out mixed text.

    Every seed draws its own split, tokenizer, specialists and mixed documents. Specialists see no text across a
    document's start, and what follows the text forgets there. What is fitted or chosen comes from validation text;
    :func:`mixlib.federation.evaluation.over_seeds.combined` says how.

    Parameters
    ----------
    domains : None or dict of str to path or sequence of paths, default=None
        The reader's own text, as for :func:`mixlib.federation.from_files`; ``None`` takes prose, Python and C++ from
        what is installed.
    seeds : sequence of int, default=(0, 1, 2)
        Each adds one run to the mean and the spread.
    order : int, default=4
        Longest n-gram of the specialists. Higher needs more text and more memory.
    vocabulary : int, default=2048
        Tokens of the byte-level BPE. More make longer tokens, and longer rows.
    budget : int, default=500000
        Training tokens of one specialist. More make better specialists and take longer.
    share : float, default=0.05
        Switching rate of :class:`mixlib.federation.FixedShare`, wherever it is used.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.

    Returns
    -------
    Evaluation
        As a table with ``to_frame()``, in words with ``advice()``.

    Raises
    ------
    ValueError
        If there are no seeds, a seed is repeated, or the text cannot be split (see
        :func:`mixlib.federation.from_files`).

    Examples
    --------
    >>> from mixlib.federation import evaluate
    >>> result = evaluate({"sea": "sea", "land": "land"}, seeds=[0], vocabulary=300)  # folders of text
    >>> print(result.to_frame()["mean"].round(1).iloc[:7].to_string())
    sea alone           36.1
    land alone          49.2
    best single         36.1
    worst single        49.2
    product              6.7
    logarithmic pool     5.6
    mixture              4.9
    """
    seeds = tuple(seeds)
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(f"seeds: expected distinct integers, at least one, got {seeds}")
    began = time.perf_counter()
    with Progress(progress, "evaluation", 1 + 2 * len(seeds)) as work:
        documents = corpora.installed() if domains is None else corpora.from_files(domains)
        work.add(note="read " + ", ".join(f"{name}: {len(docs)} documents" for name, docs in documents.items()))

        log_probs, starts, excess, trace, runs = {}, [], {}, [], []
        for seed in seeds:
            federation = Federation.train(documents, order=order, vocabulary=vocabulary, budget=budget, rng=seed)
            tokens = len(federation.test.tokens)
            work.add(note=f"seed {seed}: trained {len(federation.domains)} specialists, scoring {tokens:,} tokens")
            rows, records, fitted = all_rows(federation, budget, share)
            starts.append(federation.test.document_starts)
            for name, values in rows.items():
                log_probs.setdefault(name, []).append(values)
            trace += [{"seed": seed} | record for record in records]
            scores = {name: perplexity(values) for name, values in rows.items()}
            apart = {name: scores[name] for name in POOLS}
            together = {name: perplexity(values) for name, values in same_domain(federation, seed).items()}
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
                    **fitted,
                }
            )
            work.add(note=f"seed {seed}: " + ", ".join(f"{name} {scores[name]:.1f}" for name in (*POOLS, "stacked")))
    settings = {
        "domains": list(documents),
        "order": order,
        "budget": budget,
        "share": share,
        "runs": runs,
        "seconds": round(time.perf_counter() - began, 1),
    }
    excess = {name: [float(v) for v in values] for name, values in excess.items()}
    return Evaluation(seeds, _perplexities(log_probs), excess, settings, log_probs, starts, trace)


def all_rows(federation, budget, share=0.05):
    """Log-probabilities ``(T,)`` of the test tokens for every row, the mixture's records, and what was fitted.

    The rows are the specialists alone, the pools, the combiners, the true-domain specialist, and one model on the
    pooled training text: on all of it, and on ``budget`` tokens.
    """
    test = federation.test
    texts = test, federation.validation
    predictions, validation = (Predictions.of(federation.specialists, text, keep=True) for text in texts)
    rows = {f"{name} alone": row for name, row in zip(federation.domains, predictions.log_probs, strict=True)}
    records = []
    rows |= _pooled(federation, map(predictions.rows, range(len(test.document_starts))), records)
    made, fitted = combined(validation, predictions, share)
    rows |= made
    rows["true-domain specialist"] = true_domain(federation)
    for name, model in (("model", federation.pooled()), ("budget", federation.pooled(budget))):
        rows[f"pooled data, one {name}"] = model.target_log_probs(test.tokens, test.document_starts)
    return rows, records, fitted


def combined(validation, test, share=0.05):
    """Log-probabilities ``(T,)`` that every combiner gives to the tokens of ``test``, by row, and what was fitted.

    Those in the folder of combiners, each as its ``for_comparison`` makes it: what has something to fit is fitted on
    ``validation``; the others follow the test text from equal weights. All but "Bayes never reset" forget at a
    document's start.

    Parameters
    ----------
    validation, test : Predictions
        With entropies and rows.
    share : float
        Of every :class:`mixlib.federation.FixedShare`, except the router's.

    Returns
    -------
    log_probs : dict of str to array (T,)
    settings : dict of str to float
        What each says of itself: the router's queries a token, and what validation text chose.
    """
    found = cache(lambda kind: kind.compared(validation, test, share, found))
    rows = {kind.row: found(kind)[1] for kind in COMBINERS.values()}
    never_reset = BayesPosterior(len(test.log_probs))
    rows["mixture, Bayes never reset"] = log_probs_along(never_reset, test.without_resets())
    settings = {}
    for kind in COMBINERS.values():
        settings |= found(kind)[0].settings
    return rows, settings


def true_domain(federation):
    """Log-probabilities ``(T,)`` of the test tokens under the specialist of each document's own domain.

    Nobody knows the domain beforehand: this is what choosing the right specialist, always, would give.
    """
    test = federation.test
    lengths = np.diff(test.document_starts, append=len(test.tokens))
    home = np.repeat([federation.domains.index(name) for name in federation.test_domains], lengths)
    return federation.target_log_probs(test)[home, np.arange(len(home))]


def same_domain(federation, seed):
    """Log-probabilities ``(T,)`` of the test tokens under each pool of specialists that share all domains."""
    alike = federation.same_domain(seed)
    return _pooled(federation, (federation.log_probs(t, specialists=alike) for t in federation.test.documents()))


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


def _pooled(federation, rows, records=None):
    """Log-probabilities ``(T,)`` of the test tokens under each pool of ``rows``, ``(N, T, V)`` a document."""
    out = {name: [] for name in POOLS}
    for number, (tokens, log_probs) in enumerate(zip(federation.test.documents(), rows, strict=True)):
        for name, combine in POOLS.items():
            out[name].append(combine(log_probs)[np.arange(len(tokens)), tokens])
        if records is not None:
            audit = attribute(log_probs, tokens, names=federation.domains)
            place = {"document": number, "domain": federation.test_domains[number]}
            records += [place | record for record in audit.records()]
    return {name: np.concatenate(parts) for name, parts in out.items()}


def _perplexities(log_probs):
    """Perplexity of every row and seed; best and worst single are those of each seed."""
    rows = {name: [perplexity(values) for values in seeds] for name, seeds in log_probs.items()}
    singles = np.array([values for name, values in rows.items() if name.endswith(" alone")])
    extremes = {"best single": singles.min(axis=0).tolist(), "worst single": singles.max(axis=0).tolist()}
    return {name: rows[name] for name in rows if name.endswith(" alone")} | extremes | rows
