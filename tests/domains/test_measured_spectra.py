"""Typed spectra: a slip of a digit stands out of the curve that its neighbours make, and known colours come out."""

import numpy as np
import pytest

from mixlib.domains import paint, spectra

TINTS = {"yellow": 0.013, "red oxide": 0.003, "magenta": 0.006, "blue": 0.007}
STEPS_OF_TEN = slice(None, None, 2)  # of wavelengths in steps of 5 nm


def slips(values):
    """How far each value is from the cubic through its four neighbours."""
    near, far = values[..., 1:-3] + values[..., 3:-1], values[..., :-4] + values[..., 4:]
    return np.abs(values[..., 2:-2] - (4 * near - far) / 6)


@pytest.mark.parametrize("name", [name for name in paint.PAINTS if name != "white"])
def test_reflectances_of_the_chart_lie_on_smooth_curves(name):
    assert slips(paint.reflectance(name)[0, STEPS_OF_TEN]).max() < 0.015


def test_white_is_flat_beyond_the_violet():
    white = paint.reflectance("white")[0, STEPS_OF_TEN]
    assert slips(white)[5:].max() < 0.003
    assert slips(white).max() < 0.04


@pytest.mark.parametrize(("name", "most"), TINTS.items())
def test_spectra_of_tints_lie_on_smooth_curves(name, most):
    parts, _, mixture = paint.tint(name)
    assert slips(np.stack([parts[0], mixture])).max() < most
    assert slips(parts[1])[2:].max() < 0.005


def test_known_walks_lie_on_a_smooth_curve():
    assert slips(paint.DOMAIN.known[STEPS_OF_TEN]).max() < 0.009


def test_greys_and_blues_of_the_chart_have_their_published_colours():
    # of 255, from the maker; what is hardly there, the red of blue and of cyan, hangs on the light
    shown = 255 * paint.swatch(paint.reflectance("white", "black", "blue", "cyan"))
    np.testing.assert_allclose(shown[:2], [(243, 243, 242), (52, 52, 52)], atol=3)
    np.testing.assert_allclose(shown[2:, 1:], [(61, 150), (133, 161)], atol=6)


@pytest.mark.parametrize("year", ["1931", "1964"])
def test_observers_lie_on_smooth_curves_and_see_equal_energy_as_white(year):
    seen = spectra.observer(np.arange(380.0, 781.0, 10.0), year)
    assert slips(seen.T).max(axis=1) == pytest.approx([0.02, 0.01, 0.09], abs=0.04)
    np.testing.assert_allclose(seen.sum(axis=0) / seen[:, 1].sum(), 1, atol=2e-3)
