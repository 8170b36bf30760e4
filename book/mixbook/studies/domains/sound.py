"""Sound: chords that were judged by listeners, recordings of tones and their chord, and tones that are heard."""

import numpy as np
import pandas as pd

from mixlib.arrays import generator
from mixlib.domains import sound
from mixlib.information import o_information

RATE = 8000  # samples a second
ROOTS = {"low C": sound.MIDDLE_C / 2, "middle C": sound.MIDDLE_C, "high C": 2 * sound.MIDDLE_C}
WIDER = 2.1  # what an octave is of the fundamental in stretched partials, and in a stretched scale

# Johnson-Laird, Kang & Leong 2012, figure 2: keys of a piano (middle C is 60), and the mean judgement of musicians and
# others, from 1 for pleasant to 7 for dissonant
# fmt: off
JUDGED = (
    (48, 64, 67, 1.667), (52, 67, 72, 2.889), (55, 72, 76, 2.741), (55, 74, 77, 2.481),
    (50, 65, 79, 4.444), (53, 67, 74, 3.63), (55, 71, 77, 2.63), (59, 65, 79, 3.556),
    (53, 67, 71, 4), (50, 65, 72, 2.926), (53, 60, 74, 3.333), (48, 74, 77, 4.296),
    (45, 60, 64, 2.407), (48, 64, 69, 3.593), (52, 69, 72, 3.481), (53, 60, 67, 3.148),
    (48, 55, 65, 2.852), (55, 65, 72, 3.111), (48, 67, 71, 3.37), (55, 59, 72, 3.296),
    (59, 60, 67, 4.741), (48, 64, 71, 2.63), (52, 59, 72, 3.704), (59, 60, 64, 3.963),
    (47, 62, 65, 3.889), (50, 65, 71, 3.519), (53, 71, 74, 3.667), (48, 71, 74, 3.963),
    (50, 59, 72, 4.148), (59, 60, 62, 5.185), (47, 65, 69, 5.148), (53, 57, 71, 3.444),
    (57, 71, 77, 5.296), (48, 65, 71, 3.926), (53, 59, 72, 3.704), (59, 60, 65, 4.519),
    (50, 64, 67, 3.481), (52, 62, 79, 3.333), (55, 64, 74, 3.222), (45, 60, 71, 3.63),
    (59, 60, 69, 5.185), (45, 59, 72, 4), (53, 64, 71, 4.815), (64, 65, 71, 5.296),
    (59, 64, 77, 5.333), (48, 64, 68, 5.259), (48, 63, 71, 5.593), (51, 59, 72, 5.815),
    (59, 60, 63, 4.148), (48, 68, 71, 5.63), (56, 59, 72, 4.259), (59, 60, 68, 5.296),
    (48, 62, 73, 5.593), (49, 60, 74, 5.852), (50, 61, 72, 6.667),
)
# fmt: on
# Schwartz, Howe & Purves 2003, figure 6: median rank of an interval in seven studies, by its semitones
RANKED = {12: 2, 7: 3, 5: 4, 4: 5, 9: 5, 8: 6, 3: 7, 6: 8, 10: 9, 2: 9, 11: 11, 1: 12}
TRIADS = {"major": 0, "minor": 12, "diminished": 24, "augmented": 45}  # rows of JUDGED with the root lowest


def judged():
    """Chords of three tones and what listeners said of them.

    Returns
    -------
    pandas.DataFrame
        By chord: ``judged``, ``rough`` by the kernel with six partials a tone, and ``pure`` with one.
    """
    table = np.array(JUDGED)
    tones = 440 * 2 ** ((table[:, :3, None] - 69) / 12)
    return pd.DataFrame(
        {
            "judged": table[:, 3],
            "rough": sound.chord(None, tones)[:, 0],
            "pure": sound.chord(None, tones, partials=1)[:, 0],
        }
    )


def ranked():
    """The same of twelve intervals on middle C, with their rank from smooth to rough in ``judged``."""
    tones = np.stack([sound.tempered((0, semitones)) for semitones in RANKED])
    return pd.DataFrame(
        {
            "judged": list(RANKED.values()),
            "rough": sound.chord(None, tones)[:, 0],
            "pure": sound.chord(None, tones, partials=1)[:, 0],
        }
    )


def outside():
    """Four chords on three roots: their roughness and pitch, and those of their tones.

    Returns
    -------
    pandas.DataFrame
        By chord and root: ``rough`` and ``roughest tone`` (as loud as the chord), ``pitch``, ``lowest`` and
        ``highest`` tone in Hz, and whether the mean of the waves is ``wave inside``.
    """
    rows = {}
    for name, (semitones, _) in sound.CHORDS.items():
        for register, root in ROOTS.items():
            tones = sound.tempered(semitones, root=root)
            waves = sound.waveform(tones, np.arange(400) / RATE)
            together = sound.waveform(tones, np.arange(400) / RATE).sum(axis=0)
            weights = np.linalg.lstsq(waves.T, together, rcond=None)[0]
            rows[name, register] = {
                "rough": sound.chord(None, tones)[0],
                "roughest tone": sound.chord(np.eye(3), tones).max(),
                "pitch": sound.residue(None, tones)[0],
                "lowest": tones.min(),
                "highest": tones.max(),
                "wave inside": bool(np.allclose(weights, 1)),
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["chord", "root"])


def times_as_rough(tones):
    """Roughness of tones (n, 1) together, over that of the roughest of them alone, as loud as all."""
    return float(sound.chord(None, tones)[0] / sound.chord(np.eye(len(tones)), tones).max())


def rougher(seeds):
    """How many times as rough as its roughest tone (rows, what is played) on a root drawn by each seed (columns)."""
    kinds = {name: semitones for name, (semitones, _) in sound.CHORDS.items()}
    kinds |= {"three octaves": (0, 12, 24), "three neighbours": (0, 1, 2)}
    roots = {seed: ROOTS["low C"] * 4 ** generator(seed).uniform() for seed in seeds}  # as far up as the high C
    return pd.DataFrame(
        {
            seed: {name: times_as_rough(sound.tempered(semitones, root=root)) for name, semitones in kinds.items()}
            for seed, root in roots.items()
        }
    )


def recording(tones, *, samples=2000, noise=0.5, shuffled=False, rng=None):
    """Pressures (samples, n + 1) of the tones and of their chord at random moments of one minute.

    Each column is heard through a microphone of its own, whose noise is so many times as strong as its signal.
    """
    rng = generator(rng)
    waves = sound.waveform(tones, rng.uniform(0, 60, samples))
    columns = np.vstack([waves, waves.sum(axis=0)])
    columns = columns + noise * columns.std(axis=1, keepdims=True) * rng.normal(size=columns.shape)
    return (rng.permuted(columns, axis=1) if shuffled else columns).T


def recorded():
    """What is recorded: the tones (n, 1) of four chords in two tunings, of three octaves, and of three neighbours."""
    kinds = {f"{name}, tempered": sound.tempered(both[0]) for name, both in sound.CHORDS.items()}
    kinds |= {f"{name}, just": sound.just(sound.CHORDS[name][1]) for name in ("major", "minor")}
    return kinds | {"three octaves": sound.tempered((0, 12, 24)), "three neighbours": sound.tempered((0, 1, 2))}


def omegas(seeds, **options):
    """O-information in nats of recordings, by what is recorded (rows) and seed (columns)."""
    return pd.DataFrame(
        {
            seed: {
                name: float(
                    o_information(
                        recording(tones, rng=seed, **options), "ksg", gradient=False, error=None, rng=seed
                    ).omega
                )
                for name, tones in recorded().items()
            }
            for seed in seeds
        }
    )


def shared_partials(tones, *, within=2.0):
    """How many pairs of partials of two tones are at most so many Hz apart."""
    partials = sound.overtones(tones)
    return sum(
        int((np.abs(partials[i][:, None] - partials[j]) <= within).sum())
        for i in range(len(partials))
        for j in range(i)
    )


def timbres():
    """Roughness of four chords on three roots, in two scales, with three timbres.

    Returns
    -------
    pandas.DataFrame
        By chord and root, a column for each timbre and scale, such as ``("stretched", "ordinary")``.
    """
    kinds = {"harmonic": {}, "stretched": {"stretch": WIDER}, "pure": {"partials": 1}}
    rows = {}
    for name, (semitones, _) in sound.CHORDS.items():
        for register, root in ROOTS.items():
            rows[name, register] = {
                (timbre, scale): sound.chord(None, scaled(semitones, octave, root=root), **options)[0]
                for timbre, options in kinds.items()
                for scale, octave in (("ordinary", 2.0), ("stretched", WIDER))
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["chord", "root"])


def scaled(semitones, octave, *, root=sound.MIDDLE_C):
    """Tones (n, 1) of a scale of twelve equal steps to its ``octave``."""
    return root * octave ** (np.asarray(semitones, dtype=float) / 12)[:, None]


def struck(*sounds, seconds=1.0, **options):
    """A waveform at ``RATE``: one set of tones (n, 1) after the other, each dying away as a struck string does."""
    times = np.arange(int(seconds * RATE)) / RATE
    envelope = np.minimum(times / 0.01, 1) * np.exp(-2 * times / seconds) * np.minimum((seconds - times) / 0.03, 1)
    return np.concatenate([sound.waveform(tones, times, **options).sum(axis=0) * envelope for tones in sounds])
