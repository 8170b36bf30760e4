"""Weights or outputs: small recurrent specialists of one base and of separate beginnings, combined in both ways."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixlib.federation.audit.mistakes import dependence
from mixlib.federation.combiners import FixedShare, log_probs_along
from mixlib.federation.models.gru import GRULanguageModel, one_thread
from mixlib.federation.pools import log_linear_combine, perplexity, product_combine
from mixlib.federation.text import corpora
from mixlib.federation.text.specialists import Federation, joined, stream_of
from mixlib.merging.soups import along_line, soup, task_vectors

CHARACTERS = 700_000  # of text a domain
VOCABULARY, WIDTH = 512, 64
BASE_STEPS, FINE_STEPS = 160, 60
RATE, FINE_RATE = 2e-2, 1e-2  # highest learning rates: from random weights, and going on from a base
BATCH = {"batch": 32, "length": 10}  # short windows: the steps of a recurrence are what costs
EXCERPT = 250  # tokens of a document that is scored
SCALES = (0, 1 / 6, 1 / 3, 1 / 2, 2 / 3, 1, 4 / 3, 2)  # 1/3 is the soup of three, 1 the sum of their task vectors
AVERAGE = SCALES[2]
LINE = tuple(i / 6 for i in range(7))
TUNED, NARROW, SEPARATE = "base of all domains", "base of one domain", "separate beginnings"
BASED = (TUNED, NARROW)


@dataclass(frozen=True)
class WeightTrials:
    """What came out, one value a seed.

    Attributes
    ----------
    seeds : tuple of int
    perplexities : DataFrame
        On mixed text; rows are (kind of specialists, way to combine), columns seeds.
    scales : DataFrame
        Base plus scale times the sum of the task vectors: rows are (kind with a base, scale), columns seeds.
    lines : dict of str to array (seeds, pairs, points)
        Along the line between two specialists, by their kind.
    distances : DataFrame
        Mean distance between two specialists over their mean norm; rows are kinds, columns seeds.
    unseen : DataFrame
        On the domain left out; rows are (what the base knows, domain, model), columns seeds.
    mistakes : DataFrame
        Do two models err together? Rows are (what the two share, measure), columns seeds.
    """

    seeds: tuple
    perplexities: pd.DataFrame
    scales: pd.DataFrame
    lines: dict
    distances: pd.DataFrame
    unseen: pd.DataFrame
    mistakes: pd.DataFrame


@one_thread()
def weight_trials(seeds=(0, 1, 2), documents=None, *, base_steps=BASE_STEPS, fine_steps=FINE_STEPS):
    """Train specialists and combine their weights and their outputs, once a seed.

    Every seed draws its own split, tokenizer, weights and windows. Three kinds of specialists, one a domain: they go on
    from a base that learned from all domains; from a base that knows one of them, another one for each seed; or they
    begin from random weights and make as many steps in all. Then each domain in turn is left out: a base and
    specialists learn from the others only.

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
        other = 1000 * (seed + 1)  # seeds of what has a beginning of its own
        base = trained(text, joined(text.training), base_steps, seed)
        apart = [trained(text, s, sum(steps), other + i) for i, s in enumerate(text.training)]
        narrow = apart[seed % len(apart)]
        bases = {TUNED: base, NARROW: narrow}
        kinds = {kind: [going_on(b, s, fine_steps, seed) for s in text.training] for kind, b in bases.items()}
        runs.append(on_mixed_text(text, bases, kinds | {SEPARATE: apart}, fine_steps, seed))
        runs[-1]["unseen"], blind = on_unseen_domains(text, base, kinds[TUNED], steps, seed)
        runs[-1]["mistakes"] = shared_mistakes(text, base, kinds[TUNED], apart, blind, steps, seed)

    def frame(name):
        return pd.DataFrame({seed: run[name] for seed, run in zip(seeds, runs, strict=True)})

    lines = {kind: np.array([run["lines"][kind] for run in runs]) for kind in (TUNED, SEPARATE)}
    frames = (frame(name) for name in ("distances", "unseen", "mistakes"))
    return WeightTrials(tuple(seeds), frame("perplexities"), frame("scales"), lines, *frames)


def on_mixed_text(text, bases, kinds, fine_steps, seed):
    """Everything that is measured on mixed text, as a dict; ``bases`` and specialists by their kind."""
    test, validation = excerpts(text.test), excerpts(text.validation)
    rows, scales, lines, distances = {}, {}, {}, {}
    for kind, models in kinds.items():
        shape, states = models[0], [m.state_dict() for m in models]
        rows |= {(kind, way): value for way, value in outputs(models, test).items()}
        rows[kind, "uniform soup"] = score(shape.with_state(soup(states)), test)
        if kind != NARROW:
            ends = [score(m, test) for m in models]
            lines[kind] = [
                [a, *(score(shape.with_state(along_line(x, y, t)), test) for t in LINE[1:-1]), b]
                for (x, y), (a, b) in zip(pairs(states), pairs(ends), strict=True)
            ]
            distances[kind] = np.mean([apartness(a, b) for a, b in pairs(states)])
        if kind in bases:
            base = bases[kind]
            moved = {scale: base.with_state(task_vectors(base.state_dict(), states, scale)) for scale in SCALES}
            by_scale = {scale: score(model, test) for scale, model in moved.items()}
            chosen = min(SCALES, key=lambda scale: score(moved[scale], validation))
            rows[kind, "untouched base"] = by_scale[0]
            longer = going_on(base, joined(text.training), fine_steps, seed)
            rows[kind, "base, trained on"] = score(longer, test)
            rows[kind, "scale chosen on validation"] = by_scale[chosen]
            rows[kind, "the scale chosen"] = chosen
            rows[kind, "sum of task vectors"] = by_scale[1]
            rows[kind, "extrapolated, scale 2"] = by_scale[2]
            scales |= {(kind, scale): value for scale, value in by_scale.items()}
    return {"perplexities": rows, "scales": scales, "lines": lines, "distances": distances}


def on_unseen_domains(text, base, tuned, steps, seed):
    """Specialists of the other domains against their base, on each domain's test text, as a dict; and these bases.

    Once nothing has seen the domain, the base neither; once the base knows it, and its specialists went on without.
    The control of the first are two models that went on from the same base with all the other text together.
    """
    rows, blinds = {}, []
    for domain, name in enumerate(text.domains):
        documents = zip(text.test.documents(), text.test_domains, strict=True)
        here = excerpts(stream_of([tokens for tokens, of in documents if of == name]))
        others = [stream for i, stream in enumerate(text.training) if i != domain]
        blind = trained(text, joined(others), steps[0], 1000 * (seed + 1) + 10 + domain)
        users = [going_on(blind, stream, steps[1], seed) for stream in others]
        alike = [going_on(blind, joined(others), steps[1], seed + 500 * i) for i in range(len(users))]
        knowing = [model for i, model in enumerate(tuned) if i != domain]
        for knows, start, models in (("nothing", blind, users), ("the domain", base, knowing)):
            rows |= {(knows, name, way): value for way, value in mixed(models, here).items()}
            rows[knows, name, "base"] = score(start, here)
            rows[knows, name, "uniform soup"] = score(start.with_state(soup([m.state_dict() for m in models])), here)
        rows["nothing", name, "base, trained on"] = score(alike[0], here)
        rows["nothing", name, "mixture of the same text"] = mixed(alike, here)["output mixture"]
        blinds.append(blind)
    return rows, blinds


def shared_mistakes(text, base, tuned, apart, blinds, steps, seed):
    """Correlation of losses given the token, mean over pairs, by what the two share; and the largest of shuffles.

    For the control a second base of the same text has another beginning, and a specialist of the first domain.
    """
    second = trained(text, joined(text.training), steps[0], 1000 * (seed + 1) + 20)
    another = going_on(second, text.training[0], steps[1], seed)
    groups = {
        "a base": pairs(tuned),
        "all of a base's text, not its weights": [(another, model) for model in tuned[1:]],
        "half of the text": pairs(blinds),
        "nothing": pairs(apart),
    }
    models = [*tuned, another, *blinds, *apart]
    test = excerpts(text.test)
    log_probs = np.stack([m.target_log_probs(test.tokens, test.document_starts) for m in models])
    found = dependence(log_probs, test.tokens, rng=seed)
    number = {id(model): i for i, model in enumerate(models)}
    rows = {}
    for share, both in groups.items():
        at = tuple(np.array([(number[id(a)], number[id(b)]) for a, b in both]).T)
        rows[share, "correlation"] = found.correlation[at].mean()
        rows[share, "largest of shuffles"] = found.shuffled[at].max()
    return rows


def outputs(models, stream):
    """Perplexity of the best and the worst model, and of the ways to combine their outputs."""
    rows = np.stack([m.log_probs(stream.tokens, stream.document_starts) for m in models])
    at = np.arange(len(stream.tokens)), stream.tokens
    targets = rows[:, *at].astype(np.float64)
    followed = log_probs_along(FixedShare(len(models)), targets, stream.document_starts)
    return summed_up(targets) | {
        "output mixture, fixed-share": perplexity(followed),
        "output logarithmic pool": perplexity(log_linear_combine(rows)[at]),
        "output product": perplexity(product_combine(rows)[at]),
    }


def mixed(models, stream):
    """Perplexity of the best and the worst model, and of the mixture of their outputs."""
    return summed_up(np.stack([m.target_log_probs(stream.tokens, stream.document_starts) for m in models]))


def summed_up(targets):
    """The same from the log-probabilities ``(N, T)`` of the tokens that came: a mixture needs no others."""
    singles = [perplexity(row) for row in targets]
    return {
        "best single": min(singles),
        "worst single": max(singles),
        "geometric mean of singles": float(np.exp(np.mean(np.log(singles)))),
        "output mixture": perplexity(np.logaddexp.reduce(targets) - np.log(len(targets))),
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
