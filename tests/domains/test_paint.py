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


def test_photons_agree_with_a_known_reflectance():
    counts = paint.collisions(100_000, most=600, rng=3)
    # a layer that absorbs nothing returns all; one that hardly scatters, what its first collision sends back
    assert paint.walked_reflectance(0.0, counts) == pytest.approx(1)
    assert paint.walked_reflectance(1e4, counts) * 1e4 == pytest.approx((counts == 1).mean(), rel=1e-2)
    # between them Chandrasekhar's function H gives it, the solution of an integral equation
    nodes, weights = np.polynomial.legendre.leggauss(64)
    mu, weights = (nodes + 1) / 2, weights / 2
    albedo, h = 0.8, np.ones(64)
    for _ in range(200):
        h = 1 / (1 - albedo / 2 * mu * ((weights * h) / (mu[:, None] + mu)).sum(axis=1))
    known = 1 - 2 * np.sqrt(1 - albedo) * (weights * mu * h).sum()
    assert paint.walked_reflectance(1 / albedo - 1, counts) == pytest.approx(known, abs=0.004)


def test_photons_that_walk_again_give_the_known_mixture():
    counts = paint.collisions(50_000, most=600, rng=5)
    again = paint.walked_mixture(paint.DOMAIN.weights, paint.DOMAIN.parts, counts)
    np.testing.assert_allclose(again, paint.DOMAIN.known, atol=0.003)
    assert np.abs(LogLinear()(None, paint.DOMAIN.parts) - paint.DOMAIN.known).max() > 0.05  # another rule is not that


def test_equal_paints_stay_whoever_walks():
    parts = np.full((2, 3), (0.1, 0.4, 0.8))
    np.testing.assert_allclose(paint.walked_mixture((0.3, 0.7), parts, paint.collisions(5000)), parts[0], atol=2e-3)


@pytest.mark.parametrize("name", paint.TINTS)
def test_tints_are_between_their_paints_at_most_wavelengths(name):
    parts, weights, mixture = paint.tint(name)
    assert parts.shape == (2, paint.TINT_WAVELENGTHS.size)
    assert weights.sum() == pytest.approx(1)
    assert (mixture < parts.max(axis=0)).all()
    assert (mixture > parts.min(axis=0)).mean() > 0.9


def test_an_unknown_tint_is_named():
    with pytest.raises(ValueError, match=r"^name: no tint 'mauve'"):
        paint.tint("mauve")
