"""Weights or outputs: small recurrent specialists of one base and of separate beginnings, combined in both ways."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixlib.federation.combiners import FixedShare, log_probs_along
from mixlib.federation.models.gru import GRULanguageModel, one_thread
from mixlib.federation.pools import log_linear_combine, mixture_combine, perplexity, product_combine
from mixlib.federation.text import corpora
from mixlib.federation.text.specialists import Federation, joined, stream_of
from mixlib.merging.soups import along_line, soup, task_vectors

CHARACTERS = 700_000  # of text a domain
VOCABULARY, WIDTH = 512, 64
BASE_STEPS, FINE_STEPS = 200, 80
RATE, FINE_RATE = 2e-2, 1e-2  # highest learning rates: from random weights, and going on from a base
BATCH = {"batch": 16, "length": 24}
EXCERPT = 250  # tokens of a document that is scored
SCALES = (0, 1 / 6, 1 / 3, 1 / 2, 2 / 3, 1, 4 / 3, 2)  # 1/3 is the soup of three, 1 the sum of their task vectors
LINE = tuple(i / 6 for i in range(7))
TUNED, SEPARATE = "one base", "separate beginnings"


@dataclass(frozen=True)
class WeightTrials:
    """What came out, one value a seed.

    Attributes
    ----------
    seeds : tuple of int
    perplexities : DataFrame
        On mixed text; rows are (kind of specialists, way to combine), columns seeds.
    scales : DataFrame
        Base plus scale times the sum of the task vectors: rows are scales, columns seeds.
    lines : dict of str to array (seeds, pairs, points)
        Along the line between two specialists, by their kind.
    distances : DataFrame
        Mean distance between two specialists over their mean norm; rows are kinds, columns seeds.
    unseen : DataFrame
        On the domain left out; rows are (what the base knows, domain, model), columns seeds.
    """

    seeds: tuple
    perplexities: pd.DataFrame
    scales: pd.DataFrame
    lines: dict
    distances: pd.DataFrame
    unseen: pd.DataFrame


@one_thread()
def weight_trials(seeds=(0, 1, 2), documents=None, *, base_steps=BASE_STEPS, fine_steps=FINE_STEPS):
    """Train specialists and combine their weights and their outputs, once a seed.

    Every seed draws its own split, tokenizer, weights and windows. For the mixed text a base learns from all domains;
    one specialist a domain goes on from it, and one begins from random weights and makes as many steps in all. Then
    each domain in turn is left out: a base and specialists learn from the others only.

    Parameters
    ----------
    seeds : sequence of int
    documents : dict of str to list of Document, optional
        At least three domains; prose, Python and C++ from what is installed by default.
    base_steps, fine_steps : int
        Gradient steps of the base, and of a specialist that goes on from it.

    Returns
    -------
    WeightTrials
    """
    documents = corpora.installed(CHARACTERS) if documents is None else documents
    steps, runs = (base_steps, fine_steps), []
    for seed in seeds:
        text = Federation.train(documents, order=1, vocabulary=VOCABULARY, rng=seed)
        base = trained(text, joined(text.training), base_steps, seed)
        tuned = [going_on(base, stream, fine_steps, seed) for stream in text.training]
        apart = [trained(text, s, sum(steps), 1000 * (seed + 1) + i) for i, s in enumerate(text.training)]
        runs.append(on_mixed_text(text, base, tuned, apart, fine_steps, seed))
        runs[-1]["unseen"] = on_unseen_domains(text, base, tuned, steps, seed)

    def frame(name):
        return pd.DataFrame({seed: run[name] for seed, run in zip(seeds, runs, strict=True)})

    lines = {kind: np.array([run["lines"][kind] for run in runs]) for kind in (TUNED, SEPARATE)}
    return WeightTrials(
        tuple(seeds), frame("perplexities"), frame("scales"), lines, frame("distances"), frame("unseen")
    )


def on_mixed_text(text, base, tuned, apart, fine_steps, seed):
    """Everything that is measured on mixed text, as a dict."""
    test, validation = excerpts(text.test), excerpts(text.validation)
    rows = {("base", "alone"): score(base, test)}
    rows["base", "trained on"] = score(going_on(base, joined(text.training), fine_steps, seed), test)
    lines, distances = {}, {}
    for kind, models in ((TUNED, tuned), (SEPARATE, apart)):
        states = [m.state_dict() for m in models]
        rows |= {(kind, way): value for way, value in outputs(models, test).items()}
        rows[kind, "uniform soup"] = score(base.with_state(soup(states)), test)
        lines[kind] = [[score(base.with_state(along_line(a, b, t)), test) for t in LINE] for a, b in pairs(states)]
        distances[kind] = np.mean([apartness(a, b) for a, b in pairs(states)])

    states = [m.state_dict() for m in tuned]
    moved = {scale: base.with_state(task_vectors(base.state_dict(), states, scale)) for scale in SCALES}
    scales = {scale: score(model, test) for scale, model in moved.items()}
    chosen = min(SCALES, key=lambda scale: score(moved[scale], validation))
    rows[TUNED, "scale chosen on validation"] = scales[chosen]
    rows[TUNED, "sum of task vectors"] = scales[1]
    rows[TUNED, "extrapolated, scale 2"] = scales[2]
    return {"perplexities": rows, "scales": scales, "lines": lines, "distances": distances}


def on_unseen_domains(text, base, tuned, steps, seed):
    """Specialists of the other domains against their base, on each domain's test text, as a dict.

    Once nothing has seen the domain, the base neither; once the base knows it, and its specialists went on without.
    """
    rows = {}
    for domain, name in enumerate(text.domains):
        documents = zip(text.test.documents(), text.test_domains, strict=True)
        here = excerpts(stream_of([tokens for tokens, of in documents if of == name]))
        others = [stream for i, stream in enumerate(text.training) if i != domain]
        blind = trained(text, joined(others), steps[0], seed)
        users = [going_on(blind, stream, steps[1], seed) for stream in others]
        longer = going_on(blind, joined(others), steps[1], seed)
        knowing = [model for i, model in enumerate(tuned) if i != domain]
        for knows, start, models in (("nothing", blind, users), ("the domain", base, knowing)):
            rows |= {(knows, name, way): value for way, value in outputs(models, here).items()}
            rows[knows, name, "base"] = score(start, here)
            rows[knows, name, "uniform soup"] = score(start.with_state(soup([m.state_dict() for m in models])), here)
        rows["nothing", name, "base, trained on"] = score(longer, here)
    return rows


def outputs(models, stream):
    """Perplexity of the best and the worst model, and of the ways to combine their outputs."""
    rows = np.stack([m.log_probs(stream.tokens, stream.document_starts) for m in models])
    at = np.arange(len(stream.tokens)), stream.tokens
    targets = rows[:, *at].astype(np.float64)
    singles = [perplexity(row) for row in targets]
    followed = log_probs_along(FixedShare(len(models)), targets, stream.document_starts)
    return {
        "best single": min(singles),
        "worst single": max(singles),
        "output mixture": perplexity(mixture_combine(rows)[at]),
        "output mixture, fixed-share": perplexity(followed),
        "output logarithmic pool": perplexity(log_linear_combine(rows)[at]),
        "output product": perplexity(product_combine(rows)[at]),
    }


def trained(text, stream, steps, seed):
    """A model trained from random weights."""
    model = GRULanguageModel(text.tokenizer.get_vocab_size(), WIDTH, rng=seed)
    return model.fit(stream.tokens, stream.document_starts, steps=steps, learning_rate=RATE, rng=seed, **BATCH)


def going_on(base, stream, steps, seed):
    """A copy of ``base``, trained further."""
    copy = base.with_state(base.state_dict())
    return copy.fit(stream.tokens, stream.document_starts, steps=steps, learning_rate=FINE_RATE, rng=seed + 1, **BATCH)


def score(model, stream):
    """Perplexity of one model."""
    return perplexity(model.target_log_probs(stream.tokens, stream.document_starts))


def excerpts(stream):
    """The beginning of every document."""
    return stream_of([document[:EXCERPT] for document in stream.documents()])


def barriers(curves):
    """Largest log-loss on each line ``(..., points)`` over the chord between its ends, in nats; 0 without a bump."""
    loss, line = np.log(curves), np.linspace(0, 1, np.shape(curves)[-1])
    return (loss - loss[..., :1] * (1 - line) - loss[..., -1:] * line).max(axis=-1)


def pairs(items):
    """All pairs of different items."""
    return [(a, b) for i, a in enumerate(items) for b in items[i + 1 :]]


def apartness(a, b):
    """Distance of two states over the root mean square of their norms."""
    norms = [sum(float((x**2).sum()) for x in state.values()) for state in (a, b)]
    gap = sum(float(((a[name] - b[name]) ** 2).sum()) for name in a)
    return (gap / np.mean(norms)) ** 0.5
