"""Tabulated spectra: values and colours as published."""

import numpy as np
import pytest

from mixlib.domains import light, spectra

W = light.WAVELENGTHS


@pytest.mark.parametrize(
    ("year", "published"),
    [
        ("1931", {500: (0.0049, 0.3230, 0.2720), 600: (1.0622, 0.6310, 0.0008)}),
        ("1964", {500: (0.0038, 0.4608, 0.2185)}),
    ],
)
def test_observers_as_published(year, published):
    np.testing.assert_allclose(spectra.observer(list(published), year), list(published.values()), atol=1e-4)


def test_between_the_tabulated_wavelengths_the_curve_is_smooth():
    np.testing.assert_allclose(spectra.observer(445.0), (0.3481, 0.0298, 1.7826), atol=0.02)


@pytest.mark.parametrize(
    ("name", "published"), [("D65", (0.3127, 0.3290)), ("F2", (0.3721, 0.3751)), ("F11", (0.3805, 0.3769))]
)
def test_lights_have_their_published_chromaticity(name, published):
    xyz = light.tristimulus(spectra.illuminant(name, W), spectra.observer(W))
    np.testing.assert_allclose(light.chromaticity(xyz), published, atol=1e-3)
    assert spectra.illuminant(name, W).max() == 1


@pytest.mark.parametrize("name", spectra.SCREENS)
def test_a_screen_is_red_green_and_blue(name):
    lamps = spectra.screen(name, W)
    assert lamps.shape == (3, W.size)
    assert lamps.max() == 1
    peaks = W[lamps.argmax(axis=1)]
    assert 600 < peaks[0] < 640
    assert 500 < peaks[1] < 560
    assert 430 < peaks[2] < 470


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: spectra.observer(500.0, "1976"), "year"),
        (lambda: spectra.illuminant("B", 500.0), "name"),
        (lambda: spectra.screen("plasma", 500.0), "name"),
    ],
)
def test_unknown_names_are_refused(call, named):
    with pytest.raises(ValueError, match=f"^{named}: got"):
        call()
