"""How far an estimate can be trusted: its spread over parts of the samples, and what shuffled samples give."""

import numpy as np

BLOCKS = 32  # of the jackknife: its error is then known to about an eighth
DOUBTFUL_SHIFT = 1.5  # standard errors; where there is no bias, chance moves it by about .6
METHODS = ("auto", "jackknife", "bootstrap", None)


def standard_errors(estimator, method, *, rng, resamples):
    """Standard errors of TC, DTC, Omega and S by one of the methods below.

    Parameters
    ----------
    estimator : Estimator
    method : {"auto", "jackknife", "bootstrap", None}
        "auto" is the estimator's own choice. An estimator that does not bear rows twice gets half samples for a
        bootstrap.
    rng : numpy Generator
    resamples : int
        Of a bootstrap, or number of half samples.

    Returns
    -------
    errors : dict
        In nats, by measure; empty for None.
    how : str
        The method in words.
    note : str
        A doubt that came up.
    """
    if method is None:
        return {}, "none", ""
    method = estimator.error_method if method == "auto" else method
    if method == "Monte Carlo":
        return estimator.errors(), method, ""
    if method == "jackknife":
        return jackknife(estimator, rng=rng), method, ""
    if estimator.bears_repeats:
        return bootstrap(estimator, rng=rng, resamples=resamples), method, ""
    errors, shift = half_samples(estimator, rng=rng, resamples=resamples)
    doubt = ""
    if abs(shift) > DOUBTFUL_SHIFT * errors["omega"]:
        doubt = (
            f"half of the samples move Omega by {abs(shift) / errors['omega']:.1f} standard errors, so a bias is left "
            "that they do not cover; use more samples"
        )
    return errors, "half samples", doubt


def jackknife(estimator, *, rng):
    r"""Standard errors from leaving out one of (up to) 32 random blocks of samples at a time.

    .. math:: \mathrm{se}^2 = \frac{B - 1}{B} \sum_{b=1}^{B} \bigl(\Omega_{-b} - \overline{\Omega}\bigr)^2

    For smooth functions of averages; too large for nearest neighbours, whom each block left out rearranges.

    Source: Tukey 1958.
    """
    n_samples, n_columns = estimator.values.shape
    blocks = _deal_blocks(n_samples, n_columns, rng)
    totals = _totals(estimator, [np.flatnonzero(blocks != block) for block in range(blocks.max() + 1)])
    return {name: float(np.sqrt((len(values) - 1) * np.var(values))) for name, values in totals.items()}


def bootstrap(estimator, *, rng, resamples):
    """Standard errors from the spread over samples drawn again with replacement.

    Source: Efron 1979.
    """
    n_samples = len(estimator.values)
    totals = _totals(estimator, [rng.integers(n_samples, size=n_samples) for _ in range(resamples)])
    return {name: float(np.std(values)) for name, values in totals.items()}


def half_samples(estimator, *, rng, resamples):
    """Standard errors from the spread over random halves of the samples, and by how much halving moves Omega.

    To first order, half the samples without replacement spread as much as all with replacement, and no row comes
    twice. The shift shows the bias that falls with the number of samples.

    Source: Shao & Wu 1989.
    """
    every = np.arange(len(estimator.values))
    halves = [rng.permutation(every)[: len(every) // 2] for _ in range(resamples)]
    totals = _totals(estimator, [every, *halves])
    shift = float(totals["omega"][1:].mean() - totals["omega"][0])
    return {name: float(np.std(values[1:])) for name, values in totals.items()}, shift


def shuffle_null(make, values, groups, *, rng, shuffles):
    """Omega in nats (shuffles,) after the rows of every variable but the first were shuffled by themselves.

    ``make`` turns a table (T, N) into an estimator. Variables are then independent, each with its own distribution,
    so the null has the estimator's bias at this size.
    """
    every = np.arange(len(values))
    null = np.empty(shuffles)
    for draw in range(shuffles):
        shuffled = values.copy()
        for columns in groups[1:]:
            shuffled[:, columns] = values[rng.permutation(every)][:, columns]
        null[draw] = make(shuffled).totals([every])["omega"][0]
    return null


def two_sided_p(value, null):
    r"""The two-sided p-value of ``value`` among ``null``, itself counted: never below :math:`2 / (S + 1)`.

    Source: Phipson & Smyth 2010 for counting the observed value.
    """
    tail = min(np.sum(null >= value), np.sum(null <= value))
    return float(min(1.0, 2 * (tail + 1) / (len(null) + 1)))


def _totals(estimator, rows):
    try:
        return estimator.totals(rows)
    except np.linalg.LinAlgError:
        raise ValueError(
            f"samples: {len(estimator.values)} samples of {estimator.values.shape[1]} columns are too few for the "
            "standard error: columns depend on each other or are constant among the rows that it draws; use "
            "error='jackknife' or error=None"
        ) from None


def _deal_blocks(n_samples, n_columns, rng):
    """The block of each sample (T,); what stays when a block is left out still exceeds the columns."""
    n_blocks = min(BLOCKS, n_samples)
    if n_samples - -(-n_samples // n_blocks) <= n_columns:
        n_blocks = n_samples
    return rng.permutation(np.arange(n_samples) % n_blocks)
