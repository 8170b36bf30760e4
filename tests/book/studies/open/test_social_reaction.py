"""The four tests tell a flame from averaging, and a process that is not what it should be fails the one it should."""

import numpy as np
import pytest

from mixbook.studies.open import social_reaction as study


@pytest.fixture(scope="module")
def flame():
    pytest.importorskip("cantera")
    return study.examine(study.PROCESSES["hydrogen and oxygen"])


def test_hydrogen_and_oxygen_pass_all_four(flame):
    assert all(flame[test] for test in study.TESTS)
    assert 700 < flame["at"] < 850


def test_averaging_passes_but_one():
    found = study.examine(study.PROCESSES["averaging"])
    assert [found[test] for test in study.TESTS] == [False, False, True, False]


def test_excitement_ignites_and_its_absence_does_not():
    slow, fast = (study.examine(study.PROCESSES[name]) for name in ("two camps", "two camps, strong excitement"))
    assert all(fast[test] for test in study.TESTS)
    assert [slow[test] for test in study.TESTS] == [False, True, True, True]


class Forgetful(study.Averaging):
    """People who agree for as long as they are kept talking."""

    def run(self, state, control, seed):
        return super().run(state, control, seed) if control > 0.006 else self.begin(seed)


def test_a_process_that_falls_back_fails_the_third_test():
    assert not study.examine(Forgetful())["does not go back"]


def test_the_crowd_makes_nothing_new_and_jumps():
    found = study.examine(study.Crowd(people=2000))
    assert found["ignites"]
    assert not found["something new"]
    assert 9 < found["at"] < 15


def test_the_town_keeps_its_shares():
    town = study.Town(side=20, rounds=20)
    start = town.begin(0)
    np.testing.assert_allclose(town.holds(town.run(start, 0.5, 0)), town.holds(start))


def test_a_table_has_a_row_a_process_and_seed():
    processes = {"averaging": study.Averaging(), "two camps": study.Camps(people=200)}
    found = study.examine_all([0, 1], processes)
    assert found["process"].tolist() == ["averaging"] * 2 + ["two camps"] * 2
    assert set(study.TESTS) <= set(found)
    assert 0 <= study.together([1.0, 2.0], {"excitement": 9.0})[0] <= 1
