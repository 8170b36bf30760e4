"""Every pool and combiner on one federation: fitted on its validation text, scored on every token of its test text."""

from functools import cache

import numpy as np

from mixlib.federation.audit.attribution import attribute
from mixlib.federation.combiners import COMBINERS, BayesPosterior, Predictions, log_probs_along
from mixlib.federation.pools import log_linear_combine, mixture_combine, product_combine

__all__ = []

POOLS = {"product": product_combine, "logarithmic pool": log_linear_combine, "mixture": mixture_combine}


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
