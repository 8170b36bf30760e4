"""Chords that were judged, recordings and timbres: the tables are whole, and what each function says can be counted."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from mixbook.studies.domains import sound as study
from mixlib.domains import sound


def test_the_judged_chords_are_the_published_ones():
    table = np.array(study.JUDGED)
    assert len(table) == len({tuple(row[:3]) for row in table}) == 55
    assert (table[:, 0] < table[:, 1]).all()
    assert (table[:, 1] < table[:, 2]).all()
    assert (table[:, 3].min(), table[:, 3].max()) == (1.667, 6.667)
    for name, row in study.TRIADS.items():  # the same notes of the octave as in the chord of that name
        keys = set(((table[row, :3] - table[row, 0]) % 12).astype(int))
        assert keys in [set(sound.CHORDS[name][0]), {0, 3, 9}, {0, 6, 9}]
    assert spearmanr(study.judged()["rough"], table[:, 3]).statistic > 0.3
    assert len(study.RANKED) == len(study.ranked()) == 12


def test_what_is_outside():
    found = study.outside()
    assert len(found) == 12
    assert found["wave inside"].all()
    major = found.loc[("major", "middle C")]
    assert major["rough"] == pytest.approx(sound.chord(None, sound.tempered((0, 4, 7)))[0])
    assert major["pitch"] < major["lowest"] < major["highest"]


def test_neighbours_are_rougher_than_chords_and_octaves_are_not():
    found = study.rougher(range(3))
    assert found.shape == (6, 3)
    assert (found.loc["three neighbours"] > found.loc[list(sound.CHORDS)]).all().all()
    assert found.loc["three octaves"].max() < 1.3
    major = sound.tempered((0, 4, 7))
    alone = max(sound.chord([1.0, 0.0, 0.0], major)[0], sound.chord([0.0, 0.0, 1.0], major)[0])
    assert study.times_as_rough(major) == pytest.approx(sound.chord(None, major)[0] / alone)


def test_a_recording_is_the_tones_and_their_sum():
    tones = sound.tempered((0, 4, 7))
    clean = study.recording(tones, samples=300, noise=0.0, rng=1)
    np.testing.assert_allclose(clean[:, :3].sum(axis=1), clean[:, 3])
    heard = study.recording(tones, samples=300, rng=1)
    assert np.abs(heard - clean).std() > 0.1
    mixed = study.recording(tones, samples=300, noise=0.0, shuffled=True, rng=1)
    np.testing.assert_allclose(np.sort(mixed, axis=0), np.sort(clean, axis=0))
    assert not np.allclose(mixed[:, :3].sum(axis=1), mixed[:, 3])


def test_octaves_share_more_than_neighbours():
    found = study.omegas((0,), samples=600)[0]
    assert set(found.index) == set(study.recorded())
    assert found["three octaves"] > 0 > found["three neighbours"]
    assert study.shared_partials(sound.just((4, 5, 6))) > study.shared_partials(sound.tempered((0, 1, 2)))


def test_timbres_turn_the_order_of_scales():
    rough = study.timbres().loc[("major", "middle C")]
    assert rough["harmonic", "ordinary"] < rough["harmonic", "stretched"]
    assert rough["stretched", "ordinary"] > rough["stretched", "stretched"]
    np.testing.assert_allclose(study.scaled((0, 7), 2.0), sound.tempered((0, 7)))


def test_what_is_struck_begins_and_ends_in_silence():
    wave = study.struck(sound.tempered((0,)), sound.tempered((0, 4, 7)), seconds=0.5)
    assert wave.shape == (study.RATE,)
    half = study.RATE // 2
    assert np.abs(wave[[0, half]]).max() == 0
    assert np.abs(wave[half - 1]) < 0.02 * np.abs(wave).max()
