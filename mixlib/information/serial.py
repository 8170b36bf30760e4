"""Rows that remember the rows before them: how many independent ones they are worth, and blocks that keep the memory.

Estimates from a series scatter more than their number of rows says. For the covariance of columns i and j with
autocorrelations :math:`\\rho_i(k)`, ``T`` rows are worth

.. math:: T \\Big/ \\Bigl(1 + 2 \\sum_{k \\ge 1} \\rho_i(k)\\, \\rho_j(k)\\Bigr)

independent ones, so that a single column with a memory, beside others without, does no harm.

Source: Bartlett 1946.
"""

import operator
import warnings

import numpy as np

LAGS = 5  # that are looked at for a memory
SURPRISE = 28.0  # of T times the sum of squared autocorrelations: by chance once in 27,000, it is chi-square
HARM = 1.25  # rows for one: below, errors come out at most a ninth too small


class SeriesWarning(UserWarning):
    """Rows are a series, and errors and p-values take them as independent."""


def effective_samples(values):
    """How many independent rows the rows of ``values`` (T, N) are worth: T unless a memory is plain to see.

    It is the least over pairs of columns. Rows that were sorted look like a series too.
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
