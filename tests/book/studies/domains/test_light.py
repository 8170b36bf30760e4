"""The readings of 'red, green and blue make white', and who looks at it."""

import numpy as np
import pytest

from mixbook.studies.domains import light as study
from mixlib.domains import light
from mixlib.instruments import hull_escape


@pytest.mark.parametrize("name", study.lamps())
def test_three_lamps_make_the_white_they_should(name):
    full = study.white_of(study.lamps()[name])
    np.testing.assert_allclose(light.tristimulus(full, study.EYE["1931"]).sum(axis=0), study.WHITE)


def test_a_white_that_lamps_cannot_make_is_outside():
    orange = np.stack([light.band(centre) for centre in (620.0, 600.0, 570.0)])
    full = study.white_of(orange)
    assert (full.sum(axis=1) < 0).any()
    assert study.escapes(np.abs(full))["cone"] < 1e-9  # what they do make is in their cone
    parts = light.tristimulus(orange, study.EYE["1931"])
    corners = light.chromaticity(parts)
    assert hull_escape(light.chromaticity(study.WHITE), corners).distance > 0.1


def test_readings_of_lamps_that_are_easy_to_check():
    found = study.escapes(study.white_of(study.lamps()["picture tube"]))
    assert found["shares"] < 1e-12
    assert found["triangle"] < 1e-12
    assert found["cone"] < 1e-12
    assert found["sum"] > 0.5
    assert 1 < found["brighter"] < 3
    assert found["lab, one lamp dimmed"] < 1e-9


def test_numbers_of_a_screen_and_back():
    np.testing.assert_allclose(study.decoded([0, 0.02, 0.5, 1]), [0, 0.02 / 12.92, 0.2140, 1], atol=1e-4)
    grey = light.srgb(0.3 * light.screen_lights().sum(axis=0))
    np.testing.assert_allclose(study.decoded(grey), 0.3)


def test_cielab_and_back():
    for dim in (0.5, 0.001):
        np.testing.assert_allclose(study.from_lab(light.lab(dim * study.WHITE, white=study.WHITE)), dim * study.WHITE)
    seen = np.array([0.3, 0.2, 0.6])
    np.testing.assert_allclose(study.from_lab(light.lab(seen, white=study.WHITE)), seen)


def test_lamps_are_further_apart_than_the_white_is_from_any():
    three = study.lamps()["picture tube"]
    parts = light.tristimulus(study.white_of(three), study.EYE["1931"])
    assert study.apart(three) > max(study.difference(study.WHITE / 3, part) for part in parts)


def test_the_control_changes_nothing_and_the_rest_does():
    seen = study.carriers(study.lamps()["three diodes"])
    moved = {name: study.difference(*pair) for name, pair in seen.items()}
    assert moved["the cones' numbers"] < 1e-9
    assert moved["averages in CIELAB"] > 20
    assert moved["a larger field"] < 5
    assert moved["averages of screen numbers"] > 20


def test_matches_are_shares_and_the_lamps_match_themselves():
    told = study.measured_matches()
    np.testing.assert_allclose(told.iloc[:, :3].sum(axis=1), 1, atol=0.003)
    np.testing.assert_allclose(told.iloc[:, 3:].sum(axis=1), 1)
    np.testing.assert_allclose(told.loc["650"].to_numpy(), [1, 0, 0, 1, 0, 0], atol=1e-9)
    assert told.loc["500", "red, measured"] < 0


def test_drawn_lamps_are_repeatable():
    first, again = study.drawn_lamps(2, 1), study.drawn_lamps(2, np.random.default_rng(1))
    np.testing.assert_array_equal(first, again)
    assert np.shape(first) == (2, 3, light.WAVELENGTHS.size)
