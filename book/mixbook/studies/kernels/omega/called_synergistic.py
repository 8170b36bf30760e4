"""The mixtures that the founding document calls synergistic, as kernels on pairs of scalar parts."""

from mixbook.studies.kernels.index.zoo import inputs
from mixlib.domains import sound, taste
from mixlib.instruments.pairs import tabulate_pair
from mixlib.kernels import Gated, Linear, softmax_gate


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
