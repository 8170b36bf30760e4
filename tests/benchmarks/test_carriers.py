"""The comparison with POT: everybody solves the same problem, to the residual that is asked."""

import pytest

from benchmarks import carriers


def test_barycenters_reach_the_residual_that_is_asked():
    rows = carriers.bures(dimensions=(3,), rounds=1)
    many = carriers.batches(cases=((4, 2),), rounds=1)
    for found in (rows.iloc[0], many.iloc[0]):
        assert 0 < found["residual, mixlib"] <= carriers.RESIDUAL
        assert 0 < found["residual, POT"] <= 2 * carriers.RESIDUAL
        assert found["ratio"] == pytest.approx(found["POT (ms)"] / found["mixlib (ms)"])


def test_both_find_the_barycenter_on_the_grid():
    found = carriers.on_a_grid(rounds=1)
    assert (found["L1 error"] < 5e-3).all()
    assert found["ratio"].iloc[0] == 1
