"""Every pool and combiner on one federation: fitted on its validation text, scored on every token of its test text."""

import numpy as np

from mixlib.federation.audit.attribution import attribute
from mixlib.federation.combiners import (
    BayesPosterior,
    EMWeights,
    EntropyWeights,
    FixedShare,
    GeometricMixing,
    LearnedGate,
    Predictions,
    Router,
    best_on,
    log_probs_along,
)
from mixlib.federation.pools import log_linear_combine, mixture_combine, product_combine

POOLS = {"product": product_combine, "logarithmic pool": log_linear_combine, "mixture": mixture_combine}
RATES = 0.002, 0.005, 0.01  # of geometric mixing, chosen on validation text


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

    What has something to fit is fitted on ``validation``; the others follow the test text from equal weights. All but
    "Bayes never reset" forget at a document's start.

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
        The router's queries a token, and the settings that validation text chose.
    """
    n = len(test.log_probs)
    gate = LearnedGate(n, share).fit(validation)
    geometric = best_on([GeometricMixing(n, rate) for rate in RATES], validation)
    router, entropy = Router(n), EntropyWeights(n).fit(validation)
    combiners = {
        "mixture, EM weights": EMWeights().fit(validation),
        "mixture, entropy weights": entropy,
        "router": router,
        "mixture, Bayes posterior": BayesPosterior(n),
        "mixture, fixed-share": FixedShare(n, share),
        "geometric mixing": geometric,
        "mixture, learned gate": gate,
    }
    rows = {name: log_probs_along(combiner, test) for name, combiner in combiners.items()}
    # what Stacked([geometric, gate], FixedShare(2, share)) gives, without running its first level once more
    below = np.stack([rows["geometric mixing"], rows["mixture, learned gate"]])
    rows["stacked"] = log_probs_along(FixedShare(2, share), below, test.document_starts)
    rows["mixture, Bayes never reset"] = log_probs_along(BayesPosterior(n), test.without_resets())
    settings = {
        "queries_a_token": router.cost,
        "entropy_temperature": entropy.temperature,
        "geometric_rate": geometric.rate,
    }
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
