"""The four tests tell a flame from averaging, and a process that is not what it should be fails the one it should."""

import numpy as np
import pytest

from mixbook.studies.open import social_reaction as study
from mixlib.domains.epidemics import final_size


@pytest.fixture(scope="module")
def flame():
    pytest.importorskip("cantera")
    return study.examine(study.PROCESSES["hydrogen and oxygen"])


def test_hydrogen_and_oxygen_pass_all_four(flame):
    assert all(flame[test] for test in study.TESTS)
    assert 700 < flame["at"] < 850


@pytest.mark.parametrize("name", ["averaging", "averaging, network", "word of mouth", "epidemic"])
def test_plain_mixing_passes_but_one(name):
    found = study.examine(study.PROCESSES[name])
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


def test_two_halves_of_a_crowd_that_counts_heads_riot_together_only():
    crowd = study.Crowd(people=2000, heads=True)
    found = study.examine(crowd)
    assert [found[test] for test in study.TESTS] == [True, False, True, True]
    together = crowd.run(crowd.begin(0), 14.0, 0)
    assert together["acting"] > 0.9
    assert all(crowd.run(half, 14.0, 0)["acting"] < 0.1 for half in crowd.alone(0))


def test_an_epidemic_ends_at_its_final_size():
    epidemic = study.Epidemic()
    for number in (1.5, 3.0):
        end = epidemic.run(epidemic.begin(0), number, 0)
        assert end.sum() == pytest.approx(1)
        assert end[2] == pytest.approx(final_size(number), abs=1e-3)


def test_the_network_agrees_with_its_stationary_mean():
    network = study.Network()
    opinions, trust = network.begin(0), network._trust(200)
    np.testing.assert_allclose(trust.sum(axis=1), 1)
    slow = network.run(opinions, 0.01, 0)
    for _ in range(network.rounds):
        opinions = opinions + 0.01 * (trust @ opinions - opinions)
    np.testing.assert_allclose(slow, opinions, atol=1e-12)


def test_word_of_mouth_is_the_logistic_curve():
    adoption = study.Adoption()
    half = adoption.wait(adoption.begin(0), 0.2, 0)
    assert study.Adoption(time=half).run(adoption.begin(0), 0.2, 0)[1] == pytest.approx(0.5)
    assert adoption.run(np.array([0.0, 1.0]), 0.2, 0).tolist() == [0.0, 1.0]


def test_news_needs_many_meetings_and_both_camps():
    assert study.news() > 1e9
    assert not study.examine(study.News())["ignites"]
    assert study.News().run(np.array([1.0, 0.0, 0.0]), 5.0, 0).tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("settings", [{}, {"proof": 10.0}, {"excitement": 4.5}, {"excitement": 9.0}])
def test_many_people_flow_as_they_are_drawn(settings):
    drawn, flow = study.Camps(people=200_000, settings=settings), study.Flow(settings=settings)
    for noise in (0.9, 1.1, 1.6, 2.5):
        ends = [camps.course(camps.run(camps.begin(0), noise, 0)) for camps in (drawn, flow)]
        assert ends[0] == pytest.approx(ends[1], abs=0.05)
    waits = [camps.wait(camps.begin(0), 1.5, 0) for camps in (drawn, flow)]
    assert waits[0] == pytest.approx(waits[1], rel=0.05)


def test_many_people_go_back_to_where_both_ways_are_as_fast():
    flow = study.Flow(time=1e9, settings={"return_barrier": 14.0})
    up, down = (flow.course(flow.run(np.array([(1 - c) / 2, (1 - c) / 2, c]), 2.0, 0)) for c in (0.0, 0.99))
    assert up == pytest.approx(down, abs=2e-3)
    assert (1 - up) ** 2 / 2 * np.exp(-6) == pytest.approx(up * np.exp(-7), rel=0.02)


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
