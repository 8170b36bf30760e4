"""How far an estimate can be trusted: its spread over parts of the samples, the bias left in it, and a null.

Rows that remember the rows before them are worth fewer independent ones; blocks of successive rows keep the memory.
"""

import operator
import warnings
from dataclasses import dataclass, field

import numpy as np

BLOCKS = 32  # of the jackknife: its error is then known to about an eighth
FEWEST_BLOCKS = 10  # of a series: with fewer, their spread is hardly known
CHANCE = 0.7  # of the spread: by up to so much the mean over quarters of the samples moves without a bias
MARGIN = 4 / 3  # on the bias of half samples
NAMES = {"tc": "TC", "dtc": "DTC", "omega": "Omega"}
LAGS = 5  # that are looked at for a memory
SURPRISE = 28.0  # of T times the sum of squared autocorrelations: by chance once in 27,000, it is chi-square
HARM = 1.25  # rows for one: below, errors come out at most a ninth too small
METHODS = ("auto", "jackknife", "bootstrap", None)


class SeriesWarning(UserWarning):
    """Rows are a series, and errors and p-values take them as independent."""


@dataclass(frozen=True)
class Uncertainty:
    """What is known of the error of TC, DTC, Omega and S, in nats.

    Attributes
    ----------
    errors : dict
        Standard errors by measure: the spread of the estimate and its ``bias``, root of the sum of squares.
    bias : dict
        By how much the estimate is off on average, as far as can be told; empty for an estimator without bias.
    how : str
        The method in words.
    note : str
        A doubt that came up.
    """

    errors: dict = field(default_factory=dict)
    bias: dict = field(default_factory=dict)
    how: str = "none"
    note: str = ""


def standard_errors(estimator, method, *, rng, resamples, block=None):
    """The :class:`Uncertainty` of an estimator's answer from all of its samples.

    Parameters
    ----------
    estimator : Estimator
    method : {"auto", "jackknife", "bootstrap", None}
        "auto" is the estimator's own choice. An estimator that does not bear rows twice gets half samples for a
        bootstrap.
    rng : numpy Generator
    resamples : int
        Of a bootstrap, or number of half samples.
    block : int or "auto", optional
        Rows in a row that are drawn together, for samples that are a series; always by a bootstrap.
    """
    if method is None:
        return Uncertainty()
    if block is not None:
        return _of_a_series(estimator, rng=rng, resamples=resamples, block=block)
    method = estimator.error_method if method == "auto" else method
    if method == "own":
        return estimator.uncertainty()
    if method == "jackknife":
        spread, bias = jackknife(estimator, rng=rng)
        return _together(spread, bias if estimator.leaves_bias else {}, method)
    if estimator.bears_repeats:
        return _together(bootstrap(estimator, rng=rng, resamples=resamples), {}, method)
    spread, bias = half_samples(estimator, rng=rng, resamples=resamples)
    return _together(spread, bias, "half samples", _doubt(estimator, spread, bias))


def jackknife(estimator, *, rng):
    r"""Spread and bias from leaving out one of (up to) 32 random blocks of samples at a time.

    .. math:: \mathrm{se}^2 = \frac{B - 1}{B} \sum_{b=1}^{B} \bigl(\Omega_{-b} - \overline{\Omega}\bigr)^2, \qquad
              \mathrm{bias} = (B - 1) \bigl(\overline{\Omega} - \Omega\bigr)

    For smooth functions of averages; too large for nearest neighbours, whom each block left out rearranges. Where the
    estimate does not move to first order, as for independent columns, the spread comes out up to twice too large.

    Source: Quenouille 1956 for the bias, Tukey 1958 for the error.
    """
    n_samples, n_columns = estimator.values.shape
    blocks = _deal_blocks(n_samples, n_columns, rng)
    n_blocks = blocks.max() + 1
    every = np.arange(n_samples)
    totals = _totals(estimator, [every, *(np.flatnonzero(blocks != block) for block in range(n_blocks))])
    spread = {name: float(np.sqrt((n_blocks - 1) * np.var(values[1:]))) for name, values in totals.items()}
    bias = {name: float((n_blocks - 1) * (values[1:].mean() - values[0])) for name, values in totals.items()}
    return spread, bias


def bootstrap(estimator, *, rng, resamples):
    """Standard errors from the spread over samples drawn again with replacement.

    Source: Efron 1979.
    """
    totals = _totals(estimator, bootstrap_rows(len(estimator.values), resamples, rng))
    return {name: float(np.std(values)) for name, values in totals.items()}


def half_samples(estimator, *, rng, resamples):
    r"""Spread over random halves of the samples, and the bias that smaller parts betray.

    To first order, half the samples without replacement spread as much as all with replacement, and no row comes
    twice. A bias that falls as :math:`T^{-\gamma}` moves the mean from halves to quarters by
    :math:`(4^\gamma - 2^\gamma)` times itself, and on to eighths by :math:`2^\gamma` times that. So :math:`\gamma` is
    taken from how both moves change S, between the estimator's slowest order and 1. Parts come from whole partitions,
    whose mean hardly scatters; what chance moves it by is taken off, and a third added, since a bias taken for too
    small leaves the truth outside more often than one taken for too large.

    Source: Shao & Wu 1989 for the spread, Richardson 1911 for the bias.

    Returns
    -------
    spread, bias : dict
        ``bias`` is empty if eighths are too few samples for the estimator, or it leaves none.
    """
    n_samples, rounds = len(estimator.values), -(-resamples // 2)
    orders = [rng.permutation(n_samples) for _ in range(rounds)]
    halves = _totals(estimator, [part for order in orders for part in np.array_split(order, 2)])
    spread = {name: float(np.std(values)) for name, values in halves.items()}
    if not estimator.leaves_bias or n_samples < 8 * estimator.fewest:
        return spread, {}
    smaller = ([part for order in orders[::2] for part in np.array_split(order, count)] for count in (4, 8))
    quarters, eighths = (_totals(estimator, parts) for parts in smaller)
    moved = {name: values.mean() - halves[name].mean() for name, values in quarters.items()}
    again = eighths["s_information"].mean() - quarters["s_information"].mean()
    slowest, move = 2**estimator.slowest_bias, moved["s_information"]
    growth = np.clip(again / move, slowest, 2.0) if move else slowest
    beyond = {
        name: np.sign(move) * np.sqrt(max(move**2 - (CHANCE * spread[name]) ** 2, 0)) for name, move in moved.items()
    }
    return spread, {name: float(MARGIN * move / (growth * (growth - 1))) for name, move in beyond.items()}


def _of_a_series(estimator, *, rng, resamples, block):
    """Standard errors from blocks of successive rows, whose dependence on each other is kept."""
    n_samples = len(estimator.values)
    block = check_block(block, estimator.values)
    note = ""
    if n_samples < FEWEST_BLOCKS * block:
        note = (
            f"{n_samples} rows hold {n_samples / block:.1f} blocks of {block}, too few for their spread to be known; "
            "take a longer series, or its differences from row to row"
        )
    if estimator.bears_repeats:
        whole, how = bootstrap_rows(n_samples, resamples, rng), f"bootstrap of blocks of {block}"
        in_blocks = [draw_blocks(n_samples, block, rng) for _ in range(resamples)]
    else:
        whole, how = half_rows(n_samples, resamples, rng), f"halves in blocks of {block}"
        in_blocks = [deal_in_blocks(n_samples, block, rng) for _ in range(resamples)]
    alone, together = _totals(estimator, whole), _totals(estimator, in_blocks)
    spread = {name: float(np.std(values)) for name, values in together.items()}
    # single rows show the bias that the estimator knows of, blocks that of fewer independent rows
    bias = {name: float(values.mean() - alone[name].mean()) for name, values in together.items()}
    return _together(spread, bias, how, note)


def _doubt(estimator, spread, bias):
    """What to say of the bias of half samples."""
    if not estimator.leaves_bias:
        return ""
    if not bias:
        return f"{len(estimator.values)} samples are too few to tell the bias, which the error leaves out"
    worst = max(("tc", "dtc", "omega"), key=lambda name: abs(bias[name]) / spread[name] if spread[name] else 0)
    if abs(bias[worst]) <= spread[worst]:
        return ""
    return (
        f"smaller parts of the samples betray a bias of {bias[worst]:+.2g} nats in {NAMES[worst]}, more than the "
        f"spread of {spread[worst]:.2g}; the error holds both, but the bias is known only roughly: use more samples"
    )


def _together(spread, bias, how, note=""):
    errors = {name: float(np.hypot(value, bias.get(name, 0.0))) for name, value in spread.items()}
    return Uncertainty(errors, bias, how, note)


def bootstrap_rows(n_samples, resamples, rng):
    """Row numbers of so many samples drawn again with replacement."""
    return [rng.integers(n_samples, size=n_samples) for _ in range(resamples)]


def half_rows(n_samples, resamples, rng):
    """Row numbers of so many random halves."""
    return [rng.permutation(n_samples)[: n_samples // 2] for _ in range(resamples)]


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


def effective_samples(values):
    r"""How many independent rows the rows of ``values`` (T, N) are worth: T unless a memory is plain to see.

    Estimates from a series scatter more than its number of rows says. For the covariance of columns i and j with
    autocorrelations :math:`\rho_i(k)`, ``T`` rows are worth

    .. math:: T \Big/ \Bigl(1 + 2 \sum_{k \ge 1} \rho_i(k)\, \rho_j(k)\Bigr)

    independent ones, so that a single column with a memory, beside others without, does no harm. The least over pairs
    of columns counts. Rows that were sorted look like a series too.

    Source: Bartlett 1946.
    """
    size = len(values)
    lags = min(LAGS, size // 4)
    if lags < 1:
        return float(size)
    columns = values - values.mean(axis=0)
    columns = columns / np.abs(columns).max(axis=0)  # or squares may leave what a number can hold
    columns = columns / np.sqrt((columns**2).mean(axis=0))
    seen = _autocorrelations(columns, lags)
    together = size * seen.T @ seen
    np.fill_diagonal(together, -np.inf)
    first, second = np.unravel_index(together.argmax(), together.shape)
    if together[first, second] < SURPRISE:
        return float(size)
    pair = _autocorrelations(columns[:, [first, second]], size // 2).prod(axis=1)
    # products are summed until they are lost in chance
    lost = np.flatnonzero(pair < 2 / size)
    inflation = 1 + 2 * pair[: lost[0] if len(lost) else None].sum()
    return float(size / inflation) if inflation > HARM else float(size)


def warn_of_series(values, remedy="give block='auto', which draws blocks of successive rows"):
    """Warn if the rows of ``values`` (T, N) are worth fewer independent ones; return that in words, or nothing."""
    worth = effective_samples(values)
    if worth == len(values):
        return ""
    found = f"{len(values)} rows remember the rows before them and are worth about {worth:.0f} independent ones"
    warnings.warn(
        f"samples: {found}, so errors and p-values for independent rows are too small; {remedy}. If rows are only "
        "sorted, shuffle them.",
        SeriesWarning,
        stacklevel=3,
    )
    return found


def check_block(block, values):
    r"""Return the number of rows in a block; "auto" takes it from the rows' memory.

    A memory that fades by the same factor from row to row, and makes ``tau`` rows worth one, is served best by
    :math:`\bigl(6 T ((\tau^2 - 1) / 4 \tau)^2\bigr)^{1/3}` rows, here never more than a quarter of all.

    Source: Politis & White 2004.

    Raises
    ------
    ValueError
        If ``block`` is neither "auto" nor a whole number from 1 to half of the rows.
    """
    size = len(values)
    if isinstance(block, str) and block == "auto":
        tau = size / effective_samples(values)
        best = (6 * size * ((tau**2 - 1) / (4 * tau)) ** 2) ** (1 / 3)
        return int(np.clip(np.ceil(best), 1, max(size // 4, 1)))
    try:
        length = -1 if isinstance(block, bool) else operator.index(block)
    except TypeError:
        length = -1
    if not 1 <= length <= size // 2:
        raise ValueError(f"block: got {block!r}, expected 'auto' or a whole number from 1 to {size // 2} rows")
    return length


def draw_blocks(size, block, rng):
    """As many row numbers as rows (``size``,), in blocks of successive ones from random places, the end joined.

    Source: Kuensch 1989; Politis & Romano 1992 for joining the ends.
    """
    starts = rng.integers(size, size=-(-size // block))
    return ((starts[:, None] + np.arange(block)) % size).ravel()[:size]


def deal_in_blocks(size, block, rng):
    """Half of the row numbers, in blocks of successive ones, none twice."""
    shift = rng.integers(block)
    number = (np.arange(size) + shift) // block
    chosen = rng.permutation(number[-1] + 1)[: (number[-1] + 1) // 2]
    return np.flatnonzero(np.isin(number, chosen))


def _autocorrelations(columns, lags):
    """Autocorrelations (lags, N) of columns with mean 0 and mean square 1, from lag 1 on."""
    size = len(columns)
    if lags <= LAGS:
        return np.stack([(columns[k:] * columns[:-k]).sum(axis=0) / size for k in range(1, lags + 1)])
    power = np.abs(np.fft.rfft(columns, 2 * size, axis=0)) ** 2
    return np.fft.irfft(power, axis=0)[1 : lags + 1] / size
