"""How much specialists disagree, and what the mixture gains from it."""

from itertools import combinations, pairwise

import numpy as np

from mixlib.arrays import generator

__all__ = []

SMALL = 2**16  # numbers that NumPy sums up within milliseconds
LOWEST = -80.0  # log-probabilities below have no share in an entropy


def groups_of(n):
    """Every pair of ``n`` specialists, and all of them together, as tuples of their numbers."""
    return tuple(combinations(range(n), 2)) + ((tuple(range(n)),) if n > 2 else ())


def divergences(log_probs):
    r"""Jensen-Shannon divergence :math:`H(\frac1n \sum_i p_i) - \frac1n \sum_i H(p_i)` of every group of specialists.

    Parameters
    ----------
    log_probs : array (N, T, V)
        Normalised, in nats; at least two specialists.

    Returns
    -------
    array (G, T)
        In nats, between 0 and ``log n``; the groups in the order of :func:`groups_of`.

    Raises
    ------
    ValueError
        If the shape is another, or there is one specialist only.

    Notes
    -----
    Source: Lin 1991.
    """
    rows = np.asarray(log_probs)
    if rows.ndim != 3 or len(rows) < 2 or rows.dtype.kind != "f":
        raise ValueError(f"log_probs: expected floating rows (N, T, V) of at least 2 specialists, got {rows.shape}")
    groups = groups_of(len(rows))
    members = np.array([[i in group for i in range(len(rows))] for group in groups])
    out = np.empty((len(groups), rows.shape[1]))
    if rows.size > SMALL:
        from mixlib.federation.fused.row_sums import diverge  # loads a compiler

        diverge(np.ascontiguousarray(rows), members, out)
    else:
        _diverge_by_numpy(rows.astype(float), members, out)
    return np.maximum(out, 0.0)  # of equal rows the rounding can be negative


def cases(regimes, documents=3):
    """Gain of the mixture over the best single and divergence, one row for each sub-text, group, share and seed.

    A sub-text is ``documents`` documents that follow each other in the mixed text; the best single is the best of the
    group on that sub-text, in hindsight. Confidence is 1.

    Returns
    -------
    pandas.DataFrame
        ``seed``, ``share``, ``group``, ``text``, ``divergence`` and ``gain``, both in nats a token.

    Raises
    ------
    ValueError
        If ``documents`` is below 1 or above their number, or the survey has no confidence 1.
    """
    fewest = min(len(lengths) for lengths in regimes.lengths.values())
    if not 1 <= documents <= fewest or 1.0 not in regimes.confidences:
        raise ValueError(f"documents: expected 1 to {fewest}, and a survey with confidence 1, got {documents}")
    plain = regimes.confidences.index(1.0)
    rows = []
    for (seed, share), pooled in regimes.pooled.items():
        singles = pooled.singles[:, plain]
        ends = np.concatenate([[0], np.cumsum(regimes.lengths[seed])])[::documents]
        for group, divergence in regimes.divergences[seed, share].items():
            members = singles[list(group)]
            gain = np.logaddexp.reduce(members, axis=0) - np.log(len(group))
            for text, (low, high) in enumerate(pairwise(ends)):
                best = members[:, low:high].mean(axis=1).max()
                rows.append((seed, share, group, text, divergence[low:high].mean(), gain[low:high].mean() - best))
    import pandas as pd

    return pd.DataFrame(rows, columns=["seed", "share", "group", "text", "divergence", "gain"])


def with_gibberish(federation, most=None, rng=0):
    """Pairs of a specialist and one that read its text in a secret code: divergence and gain, one row a specialist.

    The second is trained on the same text with all tokens renamed at random. It is as sure of itself as the first,
    disagrees everywhere, and knows nothing. ``most`` limits the tokens scored of each document.
    """
    rng, rows = generator(rng), []
    texts = [tokens[:most] for tokens in federation.test.documents()]
    for name, specialist, stream in zip(federation.domains, federation.specialists, federation.training, strict=True):
        code = rng.permutation(specialist.vocabulary)
        other = type(specialist)(**specialist.settings).fit(code[stream.tokens], stream.document_starts)
        apart, scores = [], []
        for tokens in texts:
            log_probs = np.stack([specialist.log_probs(tokens), other.log_probs(tokens)])
            apart.append(divergences(log_probs)[0])
            scores.append(log_probs[:, np.arange(len(tokens)), tokens].astype(float))
        pair = np.concatenate(scores, axis=1)
        gain = (np.logaddexp(*pair) - np.log(2)).mean() - pair.mean(axis=1).max()
        rows.append((name, np.concatenate(apart).mean(), gain))
    import pandas as pd

    return pd.DataFrame(rows, columns=["specialist", "divergence", "gain"])


def _diverge_by_numpy(rows, members, out):
    low = np.maximum(rows, LOWEST)
    p = np.exp(low)
    alone = -(p * low).sum(axis=-1)
    for group, member in enumerate(members):
        mixed = p[member].mean(axis=0)
        entropy = -(mixed * np.log(mixed)).sum(axis=-1)
        out[group] = entropy - alone[member].mean(axis=0)
