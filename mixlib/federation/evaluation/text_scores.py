"""Given specialists on a given text: perplexity alone and under every pool that needs no training, and the trace."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mixlib.federation.audit.attribution import attribute
from mixlib.federation.combiners import COMBINERS, Predictions, log_probs_along
from mixlib.federation.combiners.base import entropy
from mixlib.federation.evaluation.advice import advise
from mixlib.federation.evaluation.significance import perplexity_errors
from mixlib.federation.models.base import ROWS
from mixlib.federation.pools import POOLS, perplexity
from mixlib.federation.text.files import texts_of
from mixlib.federation.text.tokenizer import Stream
from mixlib.progress import Progress

FEWEST = 10  # tokens of a text, below which a perplexity says nothing


@dataclass(frozen=True)
class TextScores:
    """Perplexity of one text under each specialist and each way to combine them.

    Attributes
    ----------
    names : tuple of str
        The specialists.
    tokens : int
        Of the text.
    documents : int
        Of the text.
    perplexities : dict of str to float
        One value a row of the table.
    log_probs : dict of str to array (T,)
        Log-probabilities of the tokens that came, behind each row but "best single" and "worst single".
    document_starts : array
        Where documents begin.

    Examples
    --------
    >>> from mixlib.federation import Federation, from_files, score_text
    >>> federation = Federation.train(from_files({"sea": "sea", "land": "land"}), vocabulary=300)
    >>> scores = score_text(dict(zip(federation.domains, federation.specialists)), federation.test)
    >>> scores.to_frame().loc["mixture"].round(1).to_dict(), round(scores.standard_errors()["mixture"], 1)
    ({'perplexity': 4.9, 'standard error': 0.1}, 0.1)
    >>> scores.advice().best_single, scores.to_dict()["tokens"]
    ('sea alone', 3464)
    """

    names: tuple
    tokens: int
    documents: int
    perplexities: dict
    log_probs: dict
    document_starts: np.ndarray

    def to_frame(self):
        """Perplexity of every row, and its standard error by a bootstrap over documents if there are two or more."""
        frame = pd.DataFrame({"perplexity": self.perplexities})
        if self.documents > 1:
            frame["standard error"] = pd.Series(self.standard_errors())
        return frame

    def standard_errors(self):
        """Of every row's perplexity, by drawing whole documents with replacement; none for a single document."""
        if self.documents < 2:
            return {}
        errors = perplexity_errors({name: [row] for name, row in self.log_probs.items()}, [self.document_starts])
        same = {value: name for name, value in self.perplexities.items() if name in errors}
        return {name: errors[same[value]] for name, value in self.perplexities.items()}

    def advice(self):
        """What to use, from a paired bootstrap over documents: see :func:`mixlib.federation.advise`."""
        return advise({name: [row] for name, row in self.log_probs.items()}, [self.document_starts])

    def to_dict(self):
        """All but single tokens, ready for JSON."""
        return {
            "tokens": self.tokens,
            "documents": self.documents,
            "perplexity": self.perplexities,
            "standard_error": self.standard_errors(),
            "advice": self.advice().to_dict(),
        }


def score_text(specialists, stream, *, fit=None, share=0.05, trace=None, progress=None):
    """Perplexity of a text under each specialist and every pool, block by block.

    Memory does not grow with the text's length times ``V``. Rules that follow the text begin anew with each document;
    the router asks one specialist a token. With ``fit``, constant weights and a gate are fitted to that text and join
    the table, and the temperature of the entropy weights is fitted too instead of being 1 nat.

    Parameters
    ----------
    specialists : dict of str to model
        At least two, of any kind that has ``vocabulary`` and ``log_prob_blocks``.
    stream : Stream
        The text, from :func:`encode_text`.
    fit : None or Stream, default=None
        Validation text.
    share : float, default=0.05
        Switching rate of :class:`mixlib.federation.FixedShare`. Higher follows a change of style sooner.
    trace : None or TraceWriter, default=None
        Where the attribution of every token under the uniform mixture goes.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.

    Returns
    -------
    TextScores
        As a table with ``to_frame()``, in words with ``advice()``.

    Raises
    ------
    ValueError
        If there are fewer than two specialists, or their vocabularies differ.

    Examples
    --------
    >>> from mixlib.federation import Federation, from_files, score_text
    >>> federation = Federation.train(from_files({"sea": "sea", "land": "land"}), vocabulary=300)
    >>> scores = score_text(dict(zip(federation.domains, federation.specialists)), federation.test)
    >>> round(scores.perplexities["mixture"], 1), round(scores.perplexities["mixture, fixed-share"], 1)
    (4.9, 2.9)
    """
    names = tuple(specialists)
    if len(names) < 2:
        raise ValueError(f"specialists: expected at least 2 to combine, got {len(names)} ({', '.join(names)})")
    sizes = {name: model.vocabulary for name, model in specialists.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(f"specialists: vocabularies of different size {sizes}; they must share one tokenizer")

    n, known = len(names), None
    with Progress(progress, "scoring", len(stream.tokens) + (0 if fit is None else len(fit.tokens)), "tokens") as work:
        if fit is not None:
            known = _predictions(specialists, fit, lambda rows, _: work.add(rows.shape[1]))
        combiners = {kind.row: kind.for_comparison(n, known, share) for kind in COMBINERS.values()}
        combiners = {name: combiner for name, combiner in combiners.items() if combiner is not None}
        followed = {name: combiners.pop(name) for name in list(combiners) if combiners[name].uses == "rows"}
        pooled, places = {name: [] for name in (*POOLS, *followed)}, _places(stream)

        def take(rows, here):
            outcomes, column = stream.tokens[here], np.arange(rows.shape[1])
            for name, combine in POOLS.items():
                pooled[name].append(combine(rows)[column, outcomes])
            for name, combiner in followed.items():
                pooled[name].append(_followed(combiner, rows, outcomes, places[here, 1] == 0))
            if trace is not None:
                for place, record in zip(places[here], attribute(rows, outcomes, names=names).records(), strict=True):
                    document, position = place.tolist()
                    trace.write({"document": document} | record | {"position": position})
            work.add(len(outcomes))

        text = _predictions(specialists, stream, take)
    rows = {f"{name} alone": row for name, row in zip(names, text.log_probs, strict=True)}
    singles = [perplexity(row) for row in rows.values()]
    rows |= {name: np.concatenate(parts) for name, parts in pooled.items()}
    rows |= {name: log_probs_along(combiner, text) for name, combiner in combiners.items()}
    scores = {name: perplexity(row) for name, row in rows.items()}
    alone = {name: scores.pop(name) for name in list(scores)[: len(names)]}
    scores = alone | {"best single": min(singles), "worst single": max(singles)} | scores
    return TextScores(names, len(stream.tokens), len(stream.document_starts), scores, rows, stream.document_starts)


def read_texts(paths):
    """Documents in files and folders: a file is one, a folder gives its files, in the order of their names.

    Files of a folder that are no text, such as pictures, are left out with a warning that counts them.

    Parameters
    ----------
    paths : sequence of path
        Files and folders, UTF-8.

    Returns
    -------
    list of str
        One text a document.

    Raises
    ------
    ValueError
        If a path does not exist, a file is not UTF-8, or there is no file.

    Examples
    --------
    >>> from mixlib.federation import read_texts
    >>> len(read_texts(["sea", "land/00.txt"]))  # a folder of 24 files, and a file
    25
    """
    files, given = [], set()
    for path in map(Path, paths):
        if path.is_dir():
            files += sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
        elif path.is_file():
            files.append(path)
            given.add(path)
        else:
            raise ValueError(f"{path}: no such file; give a text file, or a folder of them")
    texts = [text for _, text in texts_of(files, given, "text")]
    if not texts:
        raise ValueError(f"{', '.join(map(str, paths))}: no text files there")
    return texts


def encode_text(tokenizer, texts):
    """Encoded text: documents as one :class:`Stream`, without special tokens; those without a token are left out.

    Parameters
    ----------
    tokenizer : tokenizers.Tokenizer
        That of the specialists.
    texts : iterable of str
        The documents.

    Returns
    -------
    Stream
        Their tokens, end to end.

    Raises
    ------
    ValueError
        If there are fewer than 10 tokens.

    Examples
    --------
    >>> from mixlib.federation import encode_text, train_tokenizer
    >>> tokenizer = train_tokenizer(["wave after wave", "a field of wheat"], vocabulary=260)
    >>> encode_text(tokenizer, ["wave after wave", "wheat"]).document_starts
    array([0, 8])
    """
    encoded = [encoding.ids for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
    documents = [np.asarray(ids, dtype=np.int64) for ids in encoded if ids]
    total = sum(map(len, documents))
    if total < FEWEST:
        raise ValueError(f"text: too short, {total} tokens; a perplexity needs at least {FEWEST}")
    return Stream(np.concatenate(documents), np.cumsum([0] + [len(d) for d in documents[:-1]]))


def _predictions(specialists, stream, take=None):
    """What the specialists said, block by block; ``take`` gets the rows ``(N, k, V)`` and the slice of the text."""
    blocks = [model.log_prob_blocks(stream.tokens, stream.document_starts, ROWS) for model in specialists.values()]
    log_probs, entropies = [], []
    for number, rows in enumerate(zip(*blocks, strict=True)):
        rows = np.stack(rows)
        here = slice(number * ROWS, number * ROWS + rows.shape[1])
        log_probs.append(rows[:, np.arange(rows.shape[1]), stream.tokens[here]])
        entropies.append(entropy(rows))
        if take is not None:
            take(rows, here)
    return Predictions(np.concatenate(log_probs, axis=1), stream.document_starts, np.concatenate(entropies, axis=1))


def _followed(combiner, rows, outcomes, begins):
    """Log-probabilities of the outcomes under a combiner that needs whole rows, which goes on from where it was."""
    out = np.empty(len(outcomes))
    for t, (outcome, begin) in enumerate(zip(outcomes, begins, strict=True)):
        if begin:
            combiner.reset()
        combiner.predict(rows[:, t])
        out[t] = combiner.log_prob(rows[:, t, outcome])
        combiner.update(rows[:, t, outcome])
    return out


def _places(stream):
    """Number of its document, and position in it, of every token ``(T, 2)``."""
    lengths = np.diff(stream.document_starts, append=len(stream.tokens))
    positions = np.arange(len(stream.tokens)) - np.repeat(stream.document_starts, lengths)
    return np.stack([np.repeat(np.arange(len(lengths)), lengths), positions], axis=1)
