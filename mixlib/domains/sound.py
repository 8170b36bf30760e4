"""Sound: what tones become together: one wave, which is their sum, a roughness, and a pitch that none of them has."""

import numpy as np

from mixlib.carriers.euclidean import Euclidean
from mixlib.domains.base import Constant, Domain

MIDDLE_C = 261.63  # Hz, with A at 440
CHORDS = {  # semitones above the lowest tone, and the ratios of small whole numbers that they stand for
    "major": ((0, 4, 7), (4, 5, 6)),
    "minor": ((0, 3, 7), (10, 12, 15)),
    "diminished": ((0, 3, 6), (45, 54, 64)),
    "augmented": ((0, 4, 8), (16, 20, 25)),
}
# Fit of Plomp and Levelt's curve, and how it scales with the register (Sethares 1993; digits of his published program)
SCALE, SLOW, FAST = 5.0, 3.51, 5.75
WIDEST, PER_HERTZ, OFFSET = 0.24, 0.0207, 18.96
PARTIALS, DECAY = 6, 0.88  # harmonics of a tone, and the amplitude of each over that of the one before
LOWEST, HIGHEST = 30.0, 5000.0  # Hz: of a pitch that has a melody, and of tones that make one


def tempered(semitones, *, root=MIDDLE_C):
    """Tones (n, 1) in Hz, so many of twelve equal steps to the octave above ``root``.

    Examples
    --------
    >>> from mixlib.domains.sound import tempered
    >>> tempered((0, 12), root=220.0)
    array([[220.],
           [440.]])
    """
    return root * 2 ** (np.asarray(semitones, dtype=float) / 12)[:, None]


def just(ratios, *, root=MIDDLE_C):
    """Tones (n, 1) in Hz, in ``ratios`` to one another with the first at ``root``.

    Examples
    --------
    >>> from mixlib.domains.sound import just
    >>> just((4, 5, 6), root=400.0)
    array([[400.],
           [500.],
           [600.]])
    """
    ratios = np.asarray(ratios, dtype=float)
    return root * (ratios / ratios[0])[:, None]


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


def overtones(tones, *, partials=PARTIALS, stretch=2.0):
    """Partials (..., n, k) in Hz of tones (..., n, 1).

    Of a string or a voice they are whole multiples of the fundamental. ``stretch`` is what the second one is of the
    first; at 2.1 all octaves within a tone are wider by the same share, as those of a bar or a bell may be.

    Source: Sethares 1993.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.sound import overtones
    >>> overtones(np.array([[100.0]]), partials=4, stretch=2.1)
    array([[100.        , 210.        , 324.11975292, 441.        ]])
    """
    tones = _tones(tones)
    return tones * stretch ** np.log2(np.arange(1, partials + 1))


def chord(weights, tones, *, partials=PARTIALS, stretch=2.0):
    """Roughness (..., 1) of tones with partials (..., n, 1), a kernel as any other.

    A tone is its fundamental frequency in Hz. Weights (..., n) share out the amplitude: equal ones, or ``None``, give
    every fundamental the amplitude 1. ``stretch`` is that of :func:`overtones`.

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
    tones = _tones(tones)
    n = tones.shape[-2]
    loudness = np.ones(n) if weights is None else n * np.asarray(weights, dtype=float)
    amplitudes = loudness[..., None] * DECAY ** np.arange(partials)
    frequencies = overtones(tones, partials=partials, stretch=stretch)
    shape = (*np.broadcast_shapes(frequencies.shape, amplitudes.shape)[:-2], n * partials)
    frequencies, amplitudes = (
        np.broadcast_to(array, (*shape[:-1], n, partials)).reshape(shape) for array in (frequencies, amplitudes)
    )
    return roughness(frequencies, amplitudes)[..., None]


def waveform(tones, times, *, partials=PARTIALS, stretch=2.0, phases=0.0):
    """Pressures (n, T) of tones (n, 1) at ``times`` in seconds; the air adds them up.

    Parameters
    ----------
    tones : array (n, 1)
        Fundamental frequencies in Hz.
    times : array (T,)
    partials : int, default=6
    stretch : float, default=2.0
        As for :func:`overtones`.
    phases : float or array (n, 1, T), default=0.0
        Of the fundamentals, as a share of their period; partials follow.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.sound import waveform
    >>> waveform([[1.0]], np.array([0.0, 0.25]), partials=1)
    array([[0., 1.]])
    """
    frequencies = overtones(tones, partials=partials, stretch=stretch)[..., None]  # (n, k, 1)
    turns = frequencies * np.asarray(times, dtype=float) + phases * frequencies / frequencies[:, :1]
    return np.einsum("k,nkt->nt", DECAY ** np.arange(partials), np.sin(2 * np.pi * turns))


def residue(weights, tones):
    r"""Pitch (..., 1) in Hz of pure tones (..., n, 1) that sound as one: how often their wave nearly repeats itself.

    .. math:: \text{pitch} = 1 / \tau, \qquad \tau = \text{argmax} \; r(\tau) (1 - 30 \tau), \qquad
        r(\tau) = \sum_i w_i \cos(2 \pi f_i \tau)

    The largest is taken among the peaks of ``r``. A tone alone has its own frequency. Two that are close have one
    between them; a chord has one below all its tones, which need not be that of any tone that sounds.

    Source: Licklider 1951 for the delay, Schouten et al. 1962 for the pitch.

    Parameters
    ----------
    weights : array (..., n) or None
        Shares of the power; ``None`` is equal ones.
    tones : array (..., n, 1)
        Hz, from 30 to 5000.

    Raises
    ------
    ValueError
        If the tones are not (..., n, 1) or a frequency is out of range.

    Examples
    --------
    >>> from mixlib.domains.sound import residue
    >>> residue(None, [[800.0], [1000.0], [1200.0]]).round(1)  # a major chord of pure tones
    array([200.])
    """
    tones = _tones(tones)
    if tones.min() < LOWEST or tones.max() > HIGHEST:
        raise ValueError(
            f"tones: {tones.min():g} to {tones.max():g} Hz; expected {LOWEST:g} to {HIGHEST:g}, where pitch is heard"
        )
    n = tones.shape[-2]
    power = np.full(n, 1 / n) if weights is None else np.asarray(weights, dtype=float)
    frequencies, power = np.broadcast_arrays(tones[..., 0], power)
    shape = frequencies.shape[:-1]
    frequencies, power = frequencies.reshape(-1, n, 1), power.reshape(-1, n, 1)
    found = np.empty(len(frequencies))
    for first in range(0, len(found), 2000):  # many at once would take gigabytes
        rows = slice(first, first + 2000)
        found[rows] = _period(frequencies[rows], power[rows])
    return (1 / found).reshape(*shape, 1)


def _period(frequencies, power):
    """The delay (B,) of the peak that is chosen, for frequencies and power (B, n, 1).

    Near a peak all tones have made nearly whole turns, so the peaks are near the whole turns of some tone.
    """
    turns = np.arange(1, int(frequencies.max() / LOWEST) + 1)
    start = (turns / frequencies).reshape(len(frequencies), 1, -1)  # (B, 1, candidates)
    whole = np.round(frequencies * start)
    near = (power * frequencies * whole).sum(axis=1) / (power * frequencies**2).sum(axis=1)  # least squares
    alike = (power * np.cos(2 * np.pi * frequencies * near[:, None])).sum(axis=1)
    step = np.repeat(1 / frequencies[..., 0], len(turns), axis=1) / 4  # a peak that is farther off is another one
    score = np.where(np.abs(near - start[:, 0]) < step, alike * (1 - LOWEST * near), -1)
    score = np.where((near > 0) & (near <= 1 / LOWEST), score, -np.inf)
    delay = near[np.arange(len(near)), score.argmax(axis=1)][:, None]
    turn = 2 * np.pi * frequencies[..., 0]
    for _ in range(4):  # Newton's steps to the top
        slope = (power[..., 0] * turn * np.sin(turn * delay)).sum(axis=1)
        bend = (power[..., 0] * turn**2 * np.cos(turn * delay)).sum(axis=1)
        bend = np.where(bend > 0, bend, np.inf)  # where it is no top
        delay = delay - np.clip((slope / bend)[:, None], -delay / 8, delay / 8)
    return delay[:, 0]


def _tones(tones):
    tones = np.asarray(tones, dtype=float)
    if tones.ndim < 2 or tones.shape[-1] != 1 or not np.all(tones > 0):
        raise ValueError(f"tones: shape {tones.shape}; expected positive fundamental frequencies (..., n, 1) in Hz")
    return tones


CONSTANTS = {
    "lowest pitch": Constant(value=LOWEST, unit="Hz", source="Pressnitzer et al. 2001"),
}

DOMAIN = Domain(
    about="three pure tones, 50 Hz above a major chord",
    parts=np.array([[850.0], [1050.0], [1250.0]]),
    weights=np.full(3, 1 / 3),
    kernel=residue,
    carrier=Euclidean(),
    points="tones",
    unit="Hz",
    known=np.array([210.0]),  # what listeners match; 200, how often the loudness beats, is told from it
    tolerance=2.0,
    source="Houtsma et al. 1987",
    reference="houtsma1987",
    route="measurement",
    constants=CONSTANTS,
)
