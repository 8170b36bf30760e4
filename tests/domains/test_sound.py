"""Roughness of tones: closed forms, the order of chords, and the kernel's interface."""

import numpy as np
import pytest

from mixlib.domains.sound import MIDDLE_C, chord, roughness


def tempered(*semitones):
    return MIDDLE_C * 2 ** (np.array(semitones) / 12)[:, None]


def test_a_pair_of_partials_is_the_formula():
    apart = 0.24 / (0.0207 * 400 + 18.96) * 30
    expected = 5 * 0.3 * (np.exp(-3.51 * apart) - np.exp(-5.75 * apart))
    assert roughness(np.array([430.0, 400.0]), np.array([0.3, 0.8])) == pytest.approx(expected)
    assert roughness(np.array([400.0, 400.0]), np.ones(2)) == 0


def test_chords_stand_in_the_order_of_their_consonance():
    chords = {
        "octave": (0, 12),
        "fifth": (0, 7),
        "major": (0, 4, 7),
        "minor": (0, 3, 7),
        "augmented": (0, 4, 8),
        "diminished": (0, 3, 6),
    }
    rough = [chord(None, tempered(*semitones))[0] for semitones in chords.values()]
    # the sum over all pairs of partials, counted once by another program
    np.testing.assert_allclose(rough, [0.100, 0.694, 4.357, 4.498, 5.378, 5.852], atol=1e-3)
    assert chord(None, tempered(0, 1))[0] > rough[1]


def test_weights_are_loudness_and_a_silent_tone_does_not_count():
    tones = tempered(0, 4, 7)
    np.testing.assert_allclose(chord([1 / 3] * 3, tones), chord(None, tones))
    alone = chord([1.0], tones[:1])
    np.testing.assert_allclose(chord([1.0, 0.0, 0.0], tones), 3 * alone)
    batch = chord(np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]), tones)
    assert batch.shape == (2, 1)
    np.testing.assert_allclose(batch[0], chord([0.2, 0.3, 0.5], tones))
    assert chord(None, np.broadcast_to(tones, (4, 5, 3, 1))).shape == (4, 5, 1)


@pytest.mark.parametrize("tones", [np.ones(3), np.ones((3, 2)), np.array([[440.0], [0.0]])])
def test_bad_tones_are_named(tones):
    with pytest.raises(ValueError, match="tones: shape"):
        chord(None, tones)
