"""What the page on chemistry computes: escapes in two charts, delays in two mechanisms, and baths."""

import numpy as np
import pytest

from mixbook.studies.domains import chemistry as study


def test_burnt_gas_is_outside_in_molecules_only():
    far = study.escapes(kelvins=(700, 1250), shares=np.array([0.3, 0.7]))
    hot = far["kelvin"] > 700
    assert (far.loc[hot, "molecules"] > 0.05).all()
    assert (far.loc[~hot, "molecules"] < 1e-3).all()
    assert (far[["atoms", "lost"]] < 1e-9).all().all()
    assert set(far["bath"]) == {"no other gas", "argon", "nitrogen"}


def test_a_bath_matters_by_catching_alone():
    found = study.baths((1000,))
    assert found["steam", True].item() > found["nitrogen", True].item() > 3 * found["argon", True].item()
    without = found.xs(False, axis=1, level=1).to_numpy()
    assert np.ptp(without) / without.min() < 0.05


def test_a_newer_mechanism_has_the_same_order_and_the_same_cause():
    found = study.baths((1000,), mechanism=study.NEWER, names=("argon", "nitrogen"))
    assert list(found.columns) == [("argon", True), ("argon", False), ("nitrogen", True), ("nitrogen", False)]
    later = (found["nitrogen"] / found["argon"]).loc[1000]
    assert 1.5 < later[True] < 3
    assert later[False] < 1.05


@pytest.mark.rare
def test_shocks_are_told_by_both_mechanisms():
    tubes = study.shock_tubes()
    assert len(tubes) == sum(len(shocks) for *_, shocks in study.SHOCK_TUBES.values()) == 37
    hot = tubes[tubes["kelvin"] >= 1100]
    assert (hot["old"] / hot["measured"]).between(0.5, 2).all()
    assert (tubes["newer"] / tubes["measured"]).between(0.5, 5).all()


def test_the_thicker_liquid_around_needs_no_share():
    starts = study.emulsions()
    assert (starts[["in water", "water in it"]].min(axis=1) == 0).all()
    assert (starts[["in water", "water in it"]].max(axis=1) < 0.64).all()
