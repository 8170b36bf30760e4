"""Measured alloys: which are outside, and phases that hold what went in."""

import pytest

from mixbook.studies.domains import alloys as study
from mixlib.domains import alloys


def test_what_is_outside():
    found = study.measured()["escape"]
    melts = found["melting point (°C)"]
    assert (melts.drop("copper and nickel") > 0).all()
    assert melts["copper and nickel"] == 0, "copper and nickel melt between"
    assert (found["resistivity (nΩ m)"] > 1).all()
    assert found["density (g/cm³)"].item() == pytest.approx(0, abs=1e-9)
    assert study.volumes().abs().max() < 0.02


@pytest.mark.parametrize(("share", "celsius"), [(0.1, 200), (0.9, 250), (0.3, 150), (0.6, 140)])
def test_phases_hold_all_of_the_metal(share, celsius):
    words, liquid, within = study.state(share, celsius + alloys.FREEZING)
    crystals = float("cadmium" in words)  # the share of cadmium in them
    assert 0 < liquid < 1
    assert liquid * within + (1 - liquid) * crystals == pytest.approx(share)


def test_hot_is_liquid_and_cold_is_solid():
    assert study.state(0.5, 700.0)[0] == "liquid"
    assert study.state(0.5, 300.0)[0] == "solid"


@pytest.mark.parametrize("chi", [1.5, 2.0, 2.2, 2.5, 3.0])
def test_the_hull_of_the_energy_parts_where_the_equation_does(chi):
    assert study.parted(chi) == pytest.approx(alloys.binodal(chi), abs=2e-3)


def test_liquids_that_part_move_and_those_that_mix_do_not():
    told = study.parting()
    assert told["cadmium and gallium"] == pytest.approx(0.2495)
    assert told["copper and mercury"] == pytest.approx(0.35)
    assert told["lead and tin"] == 0
