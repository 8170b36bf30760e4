"""Are two combiners really different? A bootstrap over documents, within seeds, of the difference in log-loss."""

import numpy as np
import pandas as pd

from mixlib.arrays import floats, generator, whole

__all__ = ["compare"]

LEVEL = 0.95  # of the interval
NORMAL = 1.959964  # standard errors from the middle of a normal distribution to the end of that interval
MOST = 10_000_000  # draws held in memory at a time


def compare(log_probs, document_starts, reference, *, resamples=10_000, rng=0):
    r"""Paired bootstrap of differences in log-loss between every row and ``reference``, with interval and p-value.

    Tokens of one document resemble each other, and so do documents of one seed, which share their specialists. So whole
    seeds are drawn with replacement, and within each drawn seed whole documents; every row is scored on the same draws.
    The statistic is :math:`\frac1T \sum_t (\log p_{\text{ref}} - \log p)`, in nats a token: below 0 the row is better.

    Parameters
    ----------
    log_probs : dict of str to list of array (T_s,)
        Log-probabilities of the tokens that came, one array a seed.
    document_starts : list of array
        Where documents begin, one array a seed.
    reference : str
        The row to compare with.
    resamples : int, default=10000
        How often seeds and documents are drawn. More make the intervals steadier and take longer.
    rng : int or numpy.random.Generator, default=0
        Source of the draws.

    Returns
    -------
    pandas.DataFrame
        One row for each other row: ``difference``, the ends ``low`` and ``high`` of the 95% percentile interval, and
        the two-sided ``p`` (twice the smaller share of resamples on one side of 0, each counted with one more).

    Raises
    ------
    ValueError
        If ``reference`` is no row, arrays do not fit the documents, a log-probability is not finite, or there are fewer
        than 2 documents a seed.

    Notes
    -----
    With three seeds the outer level is coarse: the interval says how sure the order is for text and splits like these.
    Source: Efron 1979; for language models: Koehn 2004.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import compare
    >>> starts, loss = np.arange(0, 80, 4), np.tile([-2.0, -3.0], 40)
    >>> compare({"mixture": [loss + 0.1], "product": [loss]}, [starts], "product").round(3)  # nats a token
             difference  low  high    p
    mixture        -0.1 -0.1  -0.1  0.0
    """
    if reference not in log_probs:
        raise ValueError(f"reference: no row {reference!r}; there are {', '.join(log_probs)}")
    rng, resamples = generator(rng), whole(resamples, "resamples", 1)
    names = [name for name in log_probs if name != reference]
    gains, lengths = [], []
    for seed, starts in enumerate(document_starts):
        rows = np.stack([floats(log_probs[name][seed], "log_probs") for name in (reference, *names)])
        if not np.isfinite(rows).all():
            raise ValueError("log_probs: holds a value that is not finite; an infinite loss has no difference")
        if len(starts) < 2 or starts[-1] >= rows.shape[1]:
            raise ValueError(
                f"document_starts: expected at least 2 documents below {rows.shape[1]} tokens, got {starts} for seed "
                f"number {seed}"
            )
        sums = np.add.reduceat(rows, starts, axis=1)
        gains.append(sums[0] - sums[1:])
        lengths.append(np.diff(starts, append=rows.shape[1]))

    total, tokens = np.zeros((resamples, len(names))), np.zeros((resamples, 1))
    drawn = rng.integers(len(gains), size=(resamples, len(gains)))
    for slot in drawn.T:
        for seed, (gain, length) in enumerate(zip(gains, lengths, strict=True)):
            here = np.flatnonzero(slot == seed)
            for part in np.array_split(here, max(1, len(here) * len(length) // MOST)):  # drawn one after the other
                times = rng.multinomial(len(length), np.full(len(length), 1 / len(length)), size=len(part))
                total[part] += times @ gain.T
                tokens[part, 0] += times @ length
    spread = total / tokens
    ends = np.quantile(spread, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    sides = np.minimum((spread <= 0).sum(axis=0), (spread >= 0).sum(axis=0))
    frame = {
        "difference": sum(g.sum(axis=1) for g in gains) / sum(length.sum() for length in lengths),
        "low": ends[0],
        "high": ends[1],
        "p": np.minimum(2 * (sides + 1) / (resamples + 1), 1.0),
    }
    return pd.DataFrame(frame, index=names)


def perplexity_errors(log_probs, document_starts, *, resamples=10_000):
    """Standard error of every row's perplexity, from whole documents drawn with replacement, as a dictionary.

    NaN where a perplexity is infinite. Parameters and errors as for :func:`compare`.
    """
    finite = {name: values for name, values in log_probs.items() if all(np.isfinite(v).all() for v in values)}
    certain = [np.zeros(len(values)) for values in next(iter(log_probs.values()))]  # the loss itself is the difference
    frame = compare({None: certain} | finite, document_starts, None, resamples=resamples)
    errors = np.exp(frame["difference"]) * (frame["high"] - frame["low"]) / (2 * NORMAL)
    return {name: float(errors[name]) if name in finite else np.nan for name in log_probs}
