"""The entropy of mixing, and the length of a code: what it costs to write down who is who in a mixture."""

import bz2
import lzma
import math
import zlib

import numpy as np
from scipy.special import gammaln, xlogy

from mixlib.arrays import floats, integers
from mixlib.simplex import check_weights

LZMA = {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 22, "lc": 0, "pb": 0}
CODERS = {  # of the standard library; lzma without the header of a file, and with no context of neighbouring bytes
    "zlib": lambda data: zlib.compress(data, 9),
    "bz2": lambda data: bz2.compress(data, 9),
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_RAW, filters=[LZMA]),
}
GAS_CONSTANT = 8.31446261815324  # J / (mol K)
LARGEST = 256  # symbols, one byte each


def mixing_entropy(weights, distributions=None):
    r"""The entropy of mixing, in bits a particle: what the mixture has beyond its parts apart.

    .. math:: \Delta H = H\Bigl( \sum_i w_i\, p_i \Bigr) - \sum_i w_i\, H(p_i) \;\le\; H(w)

    It is the Jensen-Shannon divergence of the parts, and H(w) for parts that share nothing. Times R ln 2 it is the
    entropy of mixing of ideal gases in J / (mol K).

    Source: Gibbs 1876; Lin 1991 for overlapping parts.

    Parameters
    ----------
    weights : array_like (..., n)
        On the simplex.
    distributions : None or array_like (n, k), default=None
        The parts as distributions over k symbols; ``None`` are parts that share nothing.

    Returns
    -------
    array (...)

    Raises
    ------
    ValueError
        If weights or distributions are not on the simplex, or their numbers differ.

    Examples
    --------
    >>> from mixlib.information.compression import mixing_entropy
    >>> mixing_entropy([0.5, 0.5]), mixing_entropy([0.5, 0.5], [[0.9, 0.1], [0.1, 0.9]]).round(3)
    (np.float64(1.0), np.float64(0.531))
    """
    weights = floats(weights, "weights")
    if distributions is None:
        return _entropy(check_weights(weights, weights.shape[-1], like=weights))
    parts = floats(distributions, "distributions")
    if parts.ndim != 2:
        raise ValueError(f"distributions: shape {parts.shape}; give one row a part and one column a symbol")
    parts = check_weights(parts, parts.shape[-1], like=parts, name="distributions")
    weights = check_weights(weights, len(parts), like=weights)
    return _entropy(weights @ parts) - weights @ _entropy(parts)


def code_length(symbols, coder="adaptive"):
    r"""Bits of a code for a sequence of symbols.

    Parameters
    ----------
    symbols : int array (n,)
        From 0 to 255.
    coder : {"adaptive", "zlib", "bz2", "lzma"}, default="adaptive"
        A real compressor, at its best setting, or the length of an arithmetic code that learns how often each symbol
        comes and sees no order (Krichevsky and Trofimov's estimator); it is told which symbols there are.

    Raises
    ------
    ValueError
        If the coder is unknown, or a symbol lies outside 0 to 255.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information.compression import code_length
    >>> fair = np.random.default_rng(0).integers(2, size=10_000)
    >>> print(f"{code_length(fair):.0f} bits, {code_length(fair, 'lzma'):.0f} by a real compressor")
    10007 bits, 12704 by a real compressor
    """
    symbols = integers(symbols, "symbols", below=LARGEST)
    if coder == "adaptive":
        counts = np.bincount(symbols)
        counts = counts[counts > 0]
        k, n = len(counts), counts.sum()
        told = gammaln(n + k / 2) - gammaln(k / 2) - np.sum(gammaln(counts + 0.5) - gammaln(0.5))
        return float(told / math.log(2)) if n else 0.0
    if coder not in CODERS:
        raise ValueError(f"coder: got {coder!r}; choose adaptive, {', '.join(CODERS)}")
    return 8.0 * len(CODERS[coder](symbols.astype(np.uint8).tobytes()))


def _entropy(p):
    return -xlogy(p, p).sum(axis=-1) / math.log(2) + 0.0  # no negative zero
