"""Another carrier moves mixtures of ten domains, and one that should change nothing does not."""

import numpy as np
import pytest

from mixbook.studies.domains import ten_media
from mixlib.domains import DOMAINS, liquids


@pytest.mark.parametrize("name", ten_media.TEN)
def test_controls_stay_and_some_carrier_moves_the_mixture(name):
    change, _ = ten_media.TEN[name]
    moves, control = change(6, np.random.default_rng(1))
    assert control.max() < 1e-9
    assert len(control) >= 4
    assert max(np.mean(moved) for moved in moves.values()) > 0.01
    for moved in moves.values():
        assert moved.ndim == 1
        assert (moved >= 0).all()


def test_each_domain_of_the_library_is_there():
    assert {name.replace(" ", "-") for name in ten_media.TEN} <= set(DOMAINS)
    assert len(ten_media.TEN) == 10


def test_moves_are_over_the_largest_distance_of_two_parts():
    parts = np.array([[[0.0, 0.0], [3.0, 4.0], [1.0, 1.0]]])
    np.testing.assert_allclose(ten_media.over(np.array([[0.0, 2.0]]), parts), 0.4)


@pytest.mark.parametrize("name", ["taste", "smell"])
def test_a_dish_without_fat_is_the_same_dish(monkeypatch, name):
    monkeypatch.setattr(ten_media, "FAT", 0.0)
    moves, _ = ten_media.TEN[name][0](5, np.random.default_rng(2))
    np.testing.assert_allclose(moves["a dish with fat"], 0, atol=1e-12)


def test_solvents_of_one_speed_are_one_solvent(monkeypatch):
    monkeypatch.setattr(liquids, "MENSHUTKIN", {"this": (0.02, 1.0), "that": (0.02, 9.0)})
    moves, _ = ten_media.chemistry(5, np.random.default_rng(2))
    np.testing.assert_allclose(moves["another solvent"], 0, atol=1e-9)


def test_a_speed_by_the_closed_form(monkeypatch):
    # half and half for the half-life of the first solvent: 1/4 has joined there, and 1/3 at twice the speed
    class Drawn:
        def choice(self, *args, **options):
            return [0, 1]

    monkeypatch.setattr(liquids, "MENSHUTKIN", {"slow": (1.0, 1.0), "fast": (2.0, 9.0)})
    monkeypatch.setattr(ten_media.simplex, "sample", lambda *args, **options: np.array([[0.5, 0.5]]))
    moves, _ = ten_media.chemistry(1, Drawn())
    np.testing.assert_allclose(moves["another solvent"], (1 / 3 - 1 / 4) * 3**0.5 / 2**0.5, rtol=1e-6)


def test_a_melt_that_stays_warm_does_not_part(monkeypatch):
    monkeypatch.setattr(ten_media, "BELOW", (1.1, 1.2))
    moves, _ = ten_media.alloys(8, np.random.default_rng(3))
    assert moves["a colder melt"].max() == 0 < moves["a melt a tenth too cold"].max()


def test_a_ring_is_as_good_as_a_room():
    moves, _ = ten_media.social(3, np.random.default_rng(4))
    assert moves["a ring"].max() < 1e-9 < moves["a star"].min()


def test_all_changes_by_seed(monkeypatch):
    few = {name: ten_media.TEN[name] for name in ("taste", "alloys")}
    monkeypatch.setattr(ten_media, "TEN", few)
    moves, controls = ten_media.run(7, (3, 4))
    assert moves.shape == (3, 2)
    assert list(controls.index) == list(few)
    again, _ = ten_media.alloys(7, np.random.default_rng(4))
    assert moves.loc[("alloys", "a colder melt"), 4] == np.median(again["a colder melt"])
