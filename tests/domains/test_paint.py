"""Paint: measured reflectances, and how paints mix."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixlib.domains import light, paint
from mixlib.kernels import Linear, LogLinear

# what the maker of the chart publishes for a screen, of 255
PUBLISHED = {"green": (70, 148, 73), "red": (175, 54, 60), "yellow": (231, 199, 31), "magenta": (187, 86, 149)}


def test_the_spectra_have_the_chart_s_published_colours():
    shown = 255 * paint.swatch(paint.reflectance(*PUBLISHED))
    np.testing.assert_allclose(shown, list(PUBLISHED.values()), atol=12)  # equal energy is not quite the chart's light


def test_every_paint_is_measured_over_all_wavelengths():
    spectra = paint.reflectance(*paint.PAINTS)
    assert spectra.shape == (8, light.WAVELENGTHS.size)
    assert ((spectra > 0.02) & (spectra < 0.9)).all()
    assert paint.reflectance("red")[0, light.WAVELENGTHS == 620] == 0.486


def test_unknown_paints_are_named():
    with pytest.raises(ValueError, match="names: no paint 'mauve'"):
        paint.reflectance("red", "mauve")


@given(st.floats(1e-6, 1))
def test_absorption_and_reflectance_are_inverse(value):
    np.testing.assert_allclose(paint.from_absorption(paint.absorption(value)), value, rtol=1e-9)


def test_absorption_has_its_known_values():
    np.testing.assert_allclose(paint.absorption([1, 0.5, 0.1]), [0, 0.25, 4.05])


@pytest.mark.parametrize("value", [0.0, -0.1, 1.2])
def test_impossible_reflectances_are_refused(value):
    with pytest.raises(ValueError, match="reflectance: "):
        paint.absorption([0.5, value])


def test_kubelka_munk_mixes_absorption_and_darkens():
    parts = paint.reflectance("cyan", "yellow")
    mixture = paint.kubelka_munk((0.3, 0.7), parts)
    np.testing.assert_allclose(paint.absorption(mixture), [0.3, 0.7] @ paint.absorption(parts))
    assert (mixture <= Linear()((0.3, 0.7), parts) + 1e-12).all()


def test_dark_paints_mix_by_the_harmonic_mean():
    parts = np.array([[1e-4], [4e-4]])
    np.testing.assert_allclose(paint.kubelka_munk(None, parts), paint.power_mean(None, parts, -1), rtol=1e-3)


def test_power_means_have_their_known_members():
    rng = np.random.default_rng(2)
    parts, weights = rng.uniform(0.1, 1, (20, 3, 4)), rng.dirichlet(np.ones(3), 20)
    np.testing.assert_allclose(paint.power_mean(weights, parts, 1), Linear()(weights, parts))
    np.testing.assert_allclose(paint.power_mean(weights, parts, 0), LogLinear()(weights, parts))
    np.testing.assert_allclose(paint.power_mean(weights, parts, 1e-7), LogLinear()(weights, parts), rtol=1e-6)
    np.testing.assert_allclose(1 / paint.power_mean(weights, parts, -1), Linear()(weights, 1 / parts))


def test_cyan_and_yellow_paint_make_green_where_their_light_makes_grey():
    parts = paint.reflectance("cyan", "yellow")
    mixtures = np.stack([paint.kubelka_munk(None, parts), Linear()(None, parts)])
    (_, green_red, _), (_, beside, _) = light.lab(paint.appearance(mixtures), white=paint.WHITE)
    assert green_red < -30 < -10 < beside
