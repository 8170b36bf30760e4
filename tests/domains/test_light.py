"""Light: the standard observer, colours on a screen, and lights that match."""

import numpy as np
import pytest

from mixlib.domains import light, spectra

# CIE 1931 2-degree observer as tabulated, at wavelengths in nm
TABULATED = {
    440: (0.3483, 0.0230, 1.7471),
    460: (0.2908, 0.0600, 1.6692),
    500: (0.0049, 0.3230, 0.2720),
    540: (0.2904, 0.9540, 0.0203),
    600: (1.0622, 0.6310, 0.0008),
    650: (0.2835, 0.1070, 0.0000),
}
EQUAL_ENERGY = np.ones(light.WAVELENGTHS.size)


def test_colour_matching_is_near_the_tabulated_observer():
    fitted = light.colour_matching(list(TABULATED))
    np.testing.assert_allclose(fitted, list(TABULATED.values()), atol=0.02)


def test_equal_energy_is_neutral():
    np.testing.assert_allclose(light.tristimulus(EQUAL_ENERGY), 1, atol=0.005)


def test_lights_add():
    rng = np.random.default_rng(1)
    spectra, amounts = rng.uniform(size=(4, 81)), rng.uniform(size=4)
    np.testing.assert_allclose(light.tristimulus(amounts @ spectra), amounts @ light.tristimulus(spectra))


@pytest.mark.parametrize(("kelvin", "xy"), [(2856, (0.4476, 0.4074)), (6500, (0.3135, 0.3237))])
def test_black_bodies_have_their_known_chromaticity(kelvin, xy):
    spectrum = light.black_body(kelvin)
    np.testing.assert_allclose(light.tristimulus(spectrum)[1], 1)
    np.testing.assert_allclose(light.chromaticity(light.tristimulus(spectrum)), xy, atol=0.003)


def test_a_band_has_the_width_and_the_power_it_says():
    band = light.band(550, width=40)
    above_half = light.WAVELENGTHS[band >= band.max() / 2 - 1e-12]
    assert (above_half[0], above_half[-1]) == (530, 570)
    np.testing.assert_allclose(band.mean(), 1)


def test_the_screen_has_the_published_matrix():
    published = [[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]]
    np.testing.assert_allclose(light.screen_lights(), published, atol=1e-4)


def test_a_screen_shows_its_own_lights_and_greys():
    lights = light.screen_lights()
    np.testing.assert_allclose(light.srgb(lights), np.eye(3), atol=1e-9)
    np.testing.assert_allclose(light.srgb(0.5 * lights.sum(axis=0)), 0.735, atol=1e-3)  # 188 of 255
    np.testing.assert_allclose(light.srgb(0.002 * lights.sum(axis=0)), 12.92 * 0.002)
    assert light.srgb(light.colour_matching(500.0)).min() == 0


def test_another_white_is_shown_as_white():
    white = light.tristimulus(light.black_body(3000))
    np.testing.assert_allclose(light.srgb(white, white=white), 1)


def test_lab_has_its_fixed_points():
    white = np.array([0.95, 1.0, 1.09])
    np.testing.assert_allclose(light.lab(white, white=white), [100, 0, 0], atol=1e-12)
    np.testing.assert_allclose(light.lab(0 * white, white=white), 0, atol=1e-12)
    np.testing.assert_allclose(light.lab(0.184187 * white, white=white), [50, 0, 0], atol=1e-3)
    pink = light.lab(white * [1.331, 1, 1], white=white)  # 1.331 is the cube of 1.1
    np.testing.assert_allclose(pink, [100, 50, 0], atol=1e-12)
    np.testing.assert_allclose(light.chroma(pink), 50)


def test_matching_lights_look_the_same_and_outsiders_need_a_negative_amount():
    lights = light.colour_matching(light.WRIGHT_LAMPS)
    targets = light.colour_matching([500.0, 560.0])
    amounts = light.match(targets, lights)
    np.testing.assert_allclose(amounts @ lights, targets)
    assert amounts[0, 0] < 0
    assert (light.match(lights.sum(axis=0), lights) > 0).all()


def test_dependent_lights_are_refused():
    lights = light.colour_matching([500.0, 560.0])
    with pytest.raises(ValueError, match=r"lights: .* rank 2"):
        light.match([1, 1, 1], np.vstack([lights, lights.sum(axis=0)]))


def test_the_fits_are_near_the_tabulated_observer_everywhere():
    off = np.abs(light.colour_matching() - spectra.observer(light.WAVELENGTHS))
    assert off.max() < 0.025


@pytest.mark.parametrize("wavelength", [460, 540, 600])
def test_cones_are_linear_and_add_up_to_the_luminance(wavelength):
    seen = spectra.observer(wavelength)
    np.testing.assert_allclose(light.cones(seen)[:2].sum(), seen[1], atol=1e-4)
    both = light.cones(np.stack([seen, 2 * seen]))
    np.testing.assert_allclose(both[1], 2 * both[0])


def test_another_observer_sees_another_colour():
    day = spectra.illuminant("D65", light.WAVELENGTHS)
    two, ten = (spectra.observer(light.WAVELENGTHS, year) for year in ("1931", "1964"))
    np.testing.assert_allclose(light.chromaticity(light.tristimulus(day, two)), (0.3127, 0.3290), atol=5e-4)
    np.testing.assert_allclose(light.chromaticity(light.tristimulus(day, ten)), (0.3138, 0.3310), atol=5e-4)


def test_wright_s_units_are_what_he_said():
    lamps = light.wright_lamps()
    yellow, turquoise = light.match(spectra.observer(light.WRIGHT_UNITS), lamps)
    np.testing.assert_allclose(yellow[0], yellow[1])
    np.testing.assert_allclose(turquoise[1], turquoise[2])
