"""One example from each of ten domains, with real constants, all through ``kernel(weights, parts)``."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mixbook.studies.federation.combiner import cat_and_dog
from mixbook.studies.kernels.index.zoo import inputs
from mixlib.domains import chemistry, heredity, light, paint, sound, taste
from mixlib.instruments.pairs import tabulate_pair
from mixlib.kernels import Gated, Linear, Stochastic, Synergistic, softmax_gate

BROTH = 0.01  # g/100 mL of glutamate that a broth holds before anything is added
# Odour intensity from 0 to 5 as slope * log10(ppm) + offset, of hydrogen sulfide and methanethiol (Kim 2011)
SULFUR_SLOPES, SULFUR_OFFSETS, SULFUR_PPM = np.array([0.95, 1.25]), np.array([4.14, 5.99]), np.array([0.1, 0.1])
# Estimates of an ox's dressed weight in lb: every twentieth of 787 people, in order (Galton 1907)
OX = (
    *(1074, 1109, 1126, 1148, 1162, 1174, 1181, 1188, 1197, 1207),
    *(1214, 1219, 1225, 1230, 1236, 1243, 1254, 1267, 1293),
)
OX_MEAN = 1197.0  # of all 787, as Galton gave it three weeks later
PERPLEXITIES = np.array([197.0, 339.0])  # of the best and the worst specialist, in the founding document B
GAP, BOWING, INDIUM = np.array([1.519, 0.417]), 0.477, 0.53  # eV, of GaAs and InAs at 0 K (Vurgaftman et al. 2001)
DRAWS = 10_000


@dataclass(frozen=True, eq=False)
class Example:
    """Parts, weights and kernel of one mixture, and what it should be by another way.

    Attributes
    ----------
    domain, about : str
    parts : array (n, d)
    weights : array (n,)
    kernel : Kernel or callable
    carrier, unit, source : str
    known : array (d,)
        The mixture by a closed form, a measurement, or the definition.
    tolerance : float
        What the mixture may differ from it by, in ``unit``.
    """

    domain: str
    about: str
    parts: np.ndarray
    weights: np.ndarray
    kernel: Callable
    carrier: str
    unit: str
    source: str
    known: np.ndarray
    tolerance: float

    def mixture(self):
        """The mixture (d,), by the one interface that all kernels share."""
        return self.kernel(self.weights, self.parts)


def ten_domains():
    """One :class:`Example` for each of the ten domains of the founding document, a tuple."""
    return (
        _taste(),
        _smell(),
        _chemistry(),
        _light(),
        _paint(),
        _machine_learning(),
        _society(),
        _sound(),
        _alloys(),
        _statistics(),
    )


def called_synergistic():
    """The mixtures that the founding document calls synergistic, and averaging, as pairs of scalar parts.

    Umami: an amount of glutamate and one of inosinate, which the best blend makes 4, 8 and 16 times as strong. Gated
    routing: a softmax gate of temperature 1/2, 1/4 and 1/8. Chord: two tones of a common octave, from three different
    C up, and their roughness.

    Returns
    -------
    dict of str to list of Pair
        Three settings for each, and the one of averaging.
    """
    amounts = [float(taste.total_of_gain(gain)) for gain in (4, 8, 16)]
    octaves = [sound.MIDDLE_C * 2.0**octave for octave in (-1, 0, 1)]
    sampler = inputs()
    return {
        "averaging": [tabulate_pair(Linear(), sampler=sampler)],
        "umami": [
            tabulate_pair(_bowl, sampler=lambda uniform, total=total: total * sampler(uniform)) for total in amounts
        ],
        "gated routing": [
            tabulate_pair(Gated(softmax_gate(temperature=temperature)), sampler=sampler)
            for temperature in (0.5, 0.25, 0.125)
        ],
        "chord": [
            tabulate_pair(sound.chord, sampler=lambda uniform, low=low: low * 2.0**uniform, nodes=241)
            for low in octaves
        ],
    }


def _bowl(weights, parts):
    """Umami (T, 1) of half a bowl with glutamate and half a bowl with inosinate, g/100 mL, parts (T, 2, 1)."""
    return taste.umami(parts[:, 0] / 2, parts[:, 1] / 2)


def _taste():
    total = float(taste.total_of_gain(8))
    kernel, parts = taste.in_broth(total, BROTH)
    return Example(
        "taste",
        "a broth with glutamate, and with inosinate",
        parts,
        np.array([0.5, 0.5]),
        kernel,
        "umami of a broth",
        "g/100 mL of glutamate",
        "Yamaguchi 1967",
        np.array([taste.umami(BROTH + total / 2, total / 2)]),
        1e-12,
    )


def _smell():
    parts = (SULFUR_SLOPES * np.log10(SULFUR_PPM) + SULFUR_OFFSETS)[:, None]
    return Example(
        "smell",
        "hydrogen sulfide and methanethiol",
        parts,
        np.array([0.5, 0.5]),
        Linear(),
        "odour intensity",
        "steps from 0 to 5",
        "Kim 2011",
        np.array([3.965]),  # the mean of 3.19 and 4.74
        1e-9,
    )


def _chemistry():
    parts = np.array([[100.0, 0.0, 0.0, 0.0], [0.0, 60.0, 0.0, 0.0]])
    return Example(
        "chemistry",
        "exhaust with NO meets air with ozone, after a minute",
        parts,
        np.array([0.5, 0.5]),
        chemistry.ozone_loss(60.0),
        "amounts of NO, O3, NO2, O2",
        "ppb",
        "Atkinson et al. 2004",
        chemistry.ozone_loss_exact(parts.mean(axis=0), 60.0),
        1e-6,
    )


def _light():
    x, y = light.SCREEN_WHITE
    return Example(
        "light",
        "a projector's three lamps, each a third of the time at three times the power",
        3 * light.screen_lights(),
        np.full(3, 1 / 3),
        Linear(),
        "tristimulus values X, Y, Z",
        "luminance of white",
        "IEC 61966-2-1",
        np.array([x / y, 1.0, (1 - x - y) / y]),
        1e-12,
    )


def _paint():
    parts = paint.reflectance("blue", "yellow")
    ratio = np.mean((1 - parts) ** 2 / (2 * parts), axis=0)
    return Example(
        "paint",
        "blue and yellow",
        parts,
        np.array([0.5, 0.5]),
        paint.kubelka_munk,
        "reflectance from 380 to 780 nm",
        "share of light",
        "Kubelka & Munk 1931; Ohta 1997",
        1 + ratio - np.sqrt(ratio**2 + 2 * ratio),
        1e-12,
    )


def _machine_learning():
    trust = (1 / PERPLEXITIES) / np.sum(1 / PERPLEXITIES)
    return Example(
        "machine learning",
        "the next word, cat or dog, by a better and a worse specialist",
        np.exp(cat_and_dog()),
        np.array([0.5, 0.5]),
        Gated(softmax_gate(score=-np.log(PERPLEXITIES))),
        "probabilities of cat and dog",
        "probability",
        "Jacobs et al. 1991",
        np.array([0.1 + 0.8 * trust[0], 0.1 + 0.8 * trust[1]]),
        1e-12,
    )


def _society():
    return Example(
        "society",
        "what people think that an ox weighs",
        np.array(OX, dtype=float)[:, None],
        np.full(len(OX), 1 / len(OX)),
        Linear(),
        "opinions",
        "lb",
        "Galton 1907",
        np.array([OX_MEAN]),
        0.5,
    )


def _sound():
    tones = sound.MIDDLE_C * np.array([[1.0], [2 ** (7 / 12)]])
    partials = [(k * tone, 0.88 ** (k - 1)) for tone in tones[:, 0] for k in range(1, 7)]
    return Example(
        "sound",
        "a fifth on middle C",
        tones,
        np.array([0.5, 0.5]),
        sound.chord,
        "tones",
        "roughness",
        "Sethares 1993",
        np.array([sum(_beating(*pair) for pair in combinations(partials, 2))]),
        1e-12,
    )


def _beating(one, other):
    """Roughness of two partials (Hz, amplitude), spelled out."""
    (low, one), (high, other) = sorted([one, other])
    apart = 0.24 * (high - low) / (0.0207 * low + 18.96)
    return 5 * min(one, other) * (math.exp(-3.51 * apart) - math.exp(-5.75 * apart))


def _alloys():
    gallium = 1 - INDIUM
    return Example(
        "alloys",
        "gallium arsenide and indium arsenide, as grown on indium phosphide",
        GAP[:, None],
        np.array([gallium, INDIUM]),
        Synergistic(-BOWING / GAP.prod()),
        "band gap",
        "eV",
        "Vurgaftman et al. 2001",
        np.array([GAP[0] * gallium + GAP[1] * INDIUM - BOWING * gallium * INDIUM]),
        1e-12,
    )


def _statistics():
    differences = heredity.DARWIN.astype(float)
    return Example(
        "statistics",
        "ten thousand draws from Darwin's fifteen differences of height",
        differences[:, None],
        np.full(len(differences), 1 / len(differences)),
        Stochastic(rng=0, draws=DRAWS),
        "samples",
        "eighths of an inch",
        "Fisher 1935",
        np.array([differences.mean()]),
        4 * float(differences.std()) / np.sqrt(DRAWS),
    )
