"""Tipping: known outcomes of crowds and towns, and what a reaction of people conserves."""

import numpy as np
import pytest
from scipy.integrate import trapezoid
from scipy.optimize import brentq
from scipy.stats import norm

from mixlib.domains.tipping import cascade, found_together, settle


def test_the_hundred_people_of_granovetter():
    crowd = np.arange(100) / 100
    assert cascade(crowd)[-1] == 1
    assert cascade(np.where(crowd == 0.01, 0.02, crowd))[-1] == pytest.approx(0.01)


def test_a_large_crowd_ends_at_the_smallest_fixed_point():
    nerve = np.random.default_rng(0).normal(size=200_000)
    end = cascade(0.25 + 0.1 * nerve)[-1]
    assert end == pytest.approx(brentq(lambda r: norm.cdf((r - 0.25) / 0.1) - r, 0, 0.05), abs=2e-3)
    assert cascade(0.25 + 0.13 * nerve, rounds=2000)[-1] > 0.99


def test_a_town_keeps_its_people_and_parts():
    town = np.random.default_rng(1).choice([0, 1, 2], size=(24, 24), p=[0.1, 0.45, 0.45])
    end, alike = settle(town, wish=0.5, rounds=60)
    assert sorted(end.ravel()) == sorted(town.ravel())
    assert alike[-1] > 0.8 > alike[0]
    same, still = settle(town, wish=0.0)
    assert (same == town).all()
    assert still[-1] == still[0]


def test_people_are_conserved_and_one_camp_alone_makes_nothing():
    end, times, people = found_together([300, 200, 0], 2.0, 500.0, record=True, rng=3)
    assert (people.sum(axis=1) == 500).all()
    assert (np.diff(times) >= 0).all()
    assert people[0].tolist() == [300, 200, 0]
    assert end[2] == people[-1, 2] > 0
    assert end[0] - end[1] == 100
    assert found_together([500, 0, 0], 5.0, 1e6).tolist() == [500, 0, 0]


def test_without_feedback_the_camps_follow_the_law_of_mass_action():
    noise, time = 2.0, 1500.0
    people = found_together([5000, 5000, 0], noise, time, rng=0)
    left = 5000 / (1 + 0.5 * np.exp(-12 / noise) * time)
    assert people[0] == pytest.approx(left, rel=0.05)


@pytest.mark.parametrize("settings", [{"excitement": 9.0}, {"proof": 10.0}, {"excitement": 4.5, "proof": 5.0}])
def test_the_time_to_half_is_the_integral_over_the_rate(settings):
    joined = np.linspace(0, 0.5, 20_001)
    noise = 1.5 + settings.get("excitement", 0.0) * joined
    there = (1 - joined) ** 2 / 2 * np.exp(-(12 - settings.get("proof", 0.0) * joined) / noise)
    known = trapezoid(1 / (there - joined * np.exp(-60 / noise)), joined)
    _, times, _ = found_together([100_000, 100_000, 0], 1.5, 1e9, record=True, until=0.5, rng=0, **settings)
    assert times[-1] == pytest.approx(known, rel=0.03)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="thresholds"):
        cascade([])
    with pytest.raises(ValueError, match="acting"):
        cascade([0.5], acting=2)
    with pytest.raises(ValueError, match="town"):
        settle([[3]], 0.5)
    with pytest.raises(ValueError, match="temperature"):
        found_together([1, 1, 0], 0.0, 1.0)
    with pytest.raises(ValueError, match="camps"):
        found_together([1, 1], 1.0, 1.0)
