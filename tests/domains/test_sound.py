"""Roughness of tones: closed forms, the order of chords, and the kernel's interface."""

import numpy as np
import pytest

from mixlib.domains.sound import CHORDS, chord, just, overtones, residue, roughness, tempered, waveform


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
    rough = [chord(None, tempered(semitones))[0] for semitones in chords.values()]
    # the sum over all pairs of partials, counted once by another program
    np.testing.assert_allclose(rough, [0.100, 0.694, 4.357, 4.498, 5.378, 5.852], atol=1e-3)
    assert chord(None, tempered((0, 1)))[0] > rough[1]


def test_weights_are_loudness_and_a_silent_tone_does_not_count():
    tones = tempered((0, 4, 7))
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


def test_stretched_partials_are_consonant_in_a_scale_that_is_stretched_as_much():
    np.testing.assert_allclose(overtones([[100.0]], partials=4)[0], [100, 200, 300, 400])
    octave = {wide: chord(None, [[200.0], [200.0 * wide]], stretch=2.1)[0] for wide in (2.0, 2.1)}
    assert octave[2.1] < octave[2.0] / 5
    assert chord(None, [[200.0], [400.0]])[0] < octave[2.0] / 5


def test_the_wave_of_a_chord_is_the_sum_of_its_tones():
    times, tones = np.linspace(0, 0.1, 500), just(CHORDS["major"][1])
    together = sum(waveform(tone[None], times)[0] for tone in tones)
    np.testing.assert_allclose(waveform(tones, times).sum(axis=0), together)
    np.testing.assert_allclose(waveform([[4.0]], np.array([1 / 16]), partials=1), 1)
    np.testing.assert_allclose(waveform([[4.0]], np.zeros(1), partials=1, phases=0.25), 1)


def test_a_pitch_is_how_often_the_wave_repeats():
    for f in (31.0, 440.0, 4800.0):
        assert residue(None, [[f]])[0] == pytest.approx(f)
        assert residue([1.0, 0.0], [[f], [1000.0]])[0] == pytest.approx(f)
    assert residue(None, just((4, 5, 6), root=800.0))[0] == pytest.approx(200)
    assert 440 < residue(None, [[440.0], [450.0]])[0] < 450
    # the same delay from the wave itself: the largest peak of its autocorrelation after the first
    tones, step = np.array([[850.0], [1050.0], [1250.0]]), 1e-5
    wave = waveform(tones, np.arange(100_000) * step, partials=1).sum(axis=0)
    delays = np.arange(300, 700)
    alike = [wave[:90_000] @ wave[delay : 90_000 + delay] for delay in delays]
    assert residue(None, tones)[0] == pytest.approx(1 / (step * delays[np.argmax(alike)]), rel=0.002)


def test_pitches_of_a_batch_are_those_of_its_chords():
    tones = np.random.default_rng(0).uniform(100, 2000, (3000, 3, 1))
    weights = np.random.default_rng(1).dirichlet(np.ones(3), 3000)
    batch = residue(weights, tones)
    assert batch.shape == (3000, 1)
    for k in (0, 1999, 2000, 2999):
        np.testing.assert_allclose(residue(weights[k], tones[k]), batch[k])
    for frequency in (20.0, 6000.0):
        with pytest.raises(ValueError, match="where pitch is heard"):
            residue(None, [[frequency], [440.0]])
