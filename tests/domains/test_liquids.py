"""Emulsions by their known limits, and alcohol in water by other tables than the ones in use."""

import numpy as np
import pytest

from mixlib.domains import liquids


def test_few_drops_follow_einstein_and_taylor():
    tiny = 1e-6
    for ratio, slope in ((1e12, 2.5), (1.0, 1.75), (1e-12, 1.0)):
        made = liquids.emulsion_viscosity(tiny, drops=ratio, around=1.0)
        assert (made - 1) / tiny == pytest.approx(slope, rel=1e-3)


def test_the_onset_is_where_the_emulsion_is_as_viscous_as_the_thicker_liquid():
    for thick in liquids.VISCOSITIES.values():
        for drops, around in ((thick, 0.894), (0.894, thick)):
            onset = liquids.share_that_exceeds(drops, around)
            assert liquids.emulsion_viscosity(onset, drops, around) == pytest.approx(max(drops, around))
            assert liquids.emulsion_viscosity(onset + 1e-3, drops, around) > max(drops, around)


def test_densities_of_alcohol_are_those_of_another_table():
    # g/mL at 20 °C by the percentage of weight, as D. Baril tells them to three places
    for percent, density in ((0, 0.998), (20, 0.968), (40, 0.935), (50, 0.914), (60, 0.891), (80, 0.843), (100, 0.79)):
        assert liquids.alcohol_density(percent / 100) / 1000 == pytest.approx(density, abs=1e-3)


def test_pure_liquids_keep_their_volume():
    np.testing.assert_allclose(liquids.poured_volume([100.0, 0.0], [0.0, 100.0]), 100)
    assert 96 < liquids.poured_volume(50, 50) < 97


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: liquids.emulsion_viscosity(0.64, 1.0, 1.0), "share"),
        (lambda: liquids.emulsion_viscosity(0.1, 0.0, 1.0), "drops, around"),
        (lambda: liquids.alcohol_density(1.1), "share"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=rf"^{named}"):
        call()
