"""Sound: how rough tones sound together, from the beating of their partials."""

import math
from itertools import combinations

import numpy as np

from mixlib.carriers.euclidean import Euclidean
from mixlib.domains.base import Domain

MIDDLE_C = 261.63  # Hz, with A at 440
# Fit of Plomp and Levelt's curve, and how it scales with the register (Sethares 1993; digits of his published program)
SCALE, SLOW, FAST = 5.0, 3.51, 5.75
WIDEST, PER_HERTZ, OFFSET = 0.24, 0.0207, 18.96
PARTIALS, DECAY = 6, 0.88  # harmonics of a tone, and the amplitude of each over that of the one before


def roughness(frequencies, amplitudes):
    r"""Roughness of partials that sound together, a sum over their pairs.

    .. math:: \sum_{i<j} 5 \min(a_i, a_j) \bigl(e^{-3.51 s |f_i - f_j|} - e^{-5.75 s |f_i - f_j|}\bigr), \qquad
        s = \frac{0.24}{0.0207 \min(f_i, f_j) + 18.96}

    Source: Sethares 1993.

    Parameters
    ----------
    frequencies : array (..., k)
        Hz, positive.
    amplitudes : array (..., k)
        Not negative.

    Returns
    -------
    array (...)

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.sound import roughness
    >>> roughness(np.array([[440.0, 460.0], [440.0, 880.0]]), np.ones(2)).round(2)  # a beat, an octave
    array([0.87, 0.  ])
    """
    one, other = np.triu_indices(np.shape(frequencies)[-1], k=1)
    low = np.minimum(frequencies[..., one], frequencies[..., other])
    apart = WIDEST / (PER_HERTZ * low + OFFSET) * np.abs(frequencies[..., one] - frequencies[..., other])
    loud = np.minimum(amplitudes[..., one], amplitudes[..., other])
    return SCALE * np.sum(loud * (np.exp(-SLOW * apart) - np.exp(-FAST * apart)), axis=-1)


def chord(weights, tones, *, partials=PARTIALS):
    """Roughness (..., 1) of harmonic tones (..., n, 1), a kernel as any other.

    A tone is its fundamental frequency in Hz. Weights (..., n) share out the amplitude: equal ones, or ``None``, give
    every fundamental the amplitude 1.

    Source: Sethares 1993.

    Raises
    ------
    ValueError
        If the tones are not (..., n, 1) or a frequency is not positive.

    Examples
    --------
    >>> from mixlib.domains.sound import chord
    >>> chord(None, [[440.0], [466.16]]).round(1), chord(None, [[440.0], [660.0]]).round(1)  # a semitone, a fifth
    (array([3.4]), array([0.3]))
    """
    tones = np.asarray(tones, dtype=float)
    if tones.ndim < 2 or tones.shape[-1] != 1 or not np.all(tones > 0):
        raise ValueError(f"tones: shape {tones.shape}; expected positive fundamental frequencies (..., n, 1) in Hz")
    n = tones.shape[-2]
    loudness = np.ones(n) if weights is None else n * np.asarray(weights, dtype=float)
    harmonic = np.arange(1, partials + 1)
    frequencies, amplitudes = tones * harmonic, loudness[..., None] * DECAY ** (harmonic - 1.0)
    shape = (*np.broadcast_shapes(frequencies.shape, amplitudes.shape)[:-2], n * partials)
    frequencies, amplitudes = (
        np.broadcast_to(array, (*shape[:-1], n, partials)).reshape(shape) for array in (frequencies, amplitudes)
    )
    return roughness(frequencies, amplitudes)[..., None]


def _beating(one, other):
    """Roughness of two partials (Hz, amplitude), spelled out."""
    (low, one), (high, other) = sorted([one, other])
    apart = 0.24 * (high - low) / (0.0207 * low + 18.96)
    return 5 * min(one, other) * (math.exp(-3.51 * apart) - math.exp(-5.75 * apart))


_FIFTH = MIDDLE_C * np.array([[1.0], [2 ** (7 / 12)]])
_PARTIALS = [(k * tone, 0.88 ** (k - 1)) for tone in _FIFTH[:, 0] for k in range(1, 7)]

DOMAIN = Domain(
    about="a fifth on middle C",
    parts=_FIFTH,
    weights=np.array([0.5, 0.5]),
    kernel=chord,
    carrier=Euclidean(),
    points="tones",
    unit="roughness",
    known=np.array([sum(_beating(*pair) for pair in combinations(_PARTIALS, 2))]),
    tolerance=1e-12,
    source="Sethares 1993",
    reference="sethares1993",
    route="definition",
    part_unit="Hz",
)
