"""The directions beyond the uniform mixture: weights that follow the text, one specialist a token, temperatures."""

import numpy as np
import pandas as pd

from mixbook.studies.federation.regimes.tempered import log_masses
from mixlib.federation import FixedShare, LearnedGate, Predictions, log_probs_along, perplexity, weights_along
from mixlib.federation.evaluation.over_seeds import combined, true_domain
from mixlib.federation.evaluation.significance import compare
from mixlib.federation.models.kneser_ney import KneserNey
from mixlib.federation.pools import mixture_combine

CONFIDENCES = tuple(round(0.7 + 0.05 * i, 2) for i in range(13))  # exponents tried on validation text
SHARE = 0.05  # switching rate of fixed-share
ONE_EACH = "one a token: best lately", "one a token: learned gate", "one a token: surest"
TEMPERED = "tempered mixture", "mixture of tempered", "mixture of tempered, each its own"


def everything(federation):
    """Log-probabilities ``(T,)`` of the test tokens by every rule of this page and its rivals, and what was fitted.

    Beyond the combiners of the library: one specialist a token, tempered mixtures, the stack with a second mixture in
    place of geometric mixing, and one model of all training text.
    """
    validation, test = read(federation.specialists, federation)
    texts = federation.validation, federation.test
    rows, settings = combined(validation, test, SHARE)
    gate = rows["mixture, learned gate"]
    both = Predictions(np.stack([gate, rows["mixture, fixed-share"]]), test.document_starts)
    rows["stacked, mixtures alone"] = log_probs_along(FixedShare(2, SHARE), both)
    rows |= simple((validation, test), texts, settings)
    rows["true-domain specialist"] = true_domain(federation)
    stream = federation.test
    rows["pooled data, one model"] = federation.pooled().target_log_probs(stream.tokens, stream.document_starts)
    return rows, settings


def few(federation, order=2):
    """As :func:`everything` for shorter n-grams: uniform mixture, gate, one specialist a token, and temperatures."""
    size = federation.tokenizer.get_vocab_size()
    specialists = [KneserNey(size, order).fit(s.tokens, s.document_starts) for s in federation.training]
    texts, settings = (federation.validation, federation.test), {}
    return simple(read(specialists, federation), texts, settings), settings


def read(specialists, federation):
    """:class:`Predictions` of the validation and of the test text."""
    return tuple(Predictions.of(specialists, text, keep=True) for text in (federation.validation, federation.test))


def simple(predictions, texts, settings):
    """The uniform mixture, the gate, one specialist a token, and tempered mixtures.

    ``predictions`` and ``texts`` (streams) are those of validation and test; the exponents go into ``settings``.
    """
    validation, test = predictions
    gate = weights_along(LearnedGate(len(test.log_probs), SHARE).fit(validation), test)
    rows = {"mixture": _mixed(test.log_probs)}
    rows["mixture, learned gate"] = np.logaddexp.reduce(test.log_probs + np.log(gate), axis=0)
    followed = weights_along(FixedShare(len(test.log_probs), SHARE), test)
    for name, preference in zip(ONE_EACH, (followed, gate, -test.entropies), strict=True):
        rows[name] = test.log_probs[preference.argmax(axis=0), np.arange(preference.shape[1])]

    singles, after = scores(validation, texts[0], CONFIDENCES)
    best = [
        after.mean(axis=-1).argmax(),
        _mixed(singles).mean(axis=-1).argmax(),
        *singles.mean(axis=-1).argmax(axis=-1),
    ]
    chosen = [CONFIDENCES[b] for b in best]
    singles, after = scores(test, texts[1], chosen)
    n = len(singles)
    rows |= dict(
        zip(TEMPERED, (after[0], _mixed(singles[:, 1]), _mixed(singles[range(n), range(2, n + 2)])), strict=True)
    )
    settings |= {"exponent after": chosen[0], "exponent before": chosen[1]}
    settings["mean exponent of each"] = float(np.mean(chosen[2:]))
    return rows


def scores(predictions, text, confidences):
    """Log-probabilities of the tokens that came at every exponent: of each specialist, and of their uniform mixture.

    The first are :math:`p_i^b / Z_i`, ``(N, B, T)``, the second :math:`p_{mix}^b / Z`, ``(B, T)``.
    """
    b, found = np.array(confidences), []
    for document, tokens in enumerate(text.documents()):
        rows = predictions.rows(document)
        rows, here = [*rows, mixture_combine(rows)], np.arange(len(tokens))
        found.append([b[:, None] * row[here, tokens] - log_masses(row, b) for row in rows])
    all_of_them = np.concatenate(found, axis=-1)
    return all_of_them[:-1], all_of_them[-1]


def losses(rows, starts, reference="mixture"):
    """Perplexity and difference in log-loss to ``reference`` with its interval, best first; NaN for itself.

    ``rows`` are dicts of arrays ``(T,)``, one a seed; ``starts`` say where documents begin.
    """
    gathered = {name: [found[name] for found in rows] for name in rows[0]}
    frame = compare(gathered, starts, reference)
    scored = {name: np.mean([perplexity(row) for row in values]) for name, values in gathered.items()}
    frame = frame.reindex(list(scored))
    frame.insert(0, "perplexity", pd.Series(scored))
    return frame.sort_values("perplexity")


def _mixed(log_probs):
    return np.logaddexp.reduce(log_probs, axis=0) - np.log(len(log_probs))
