"""Tipping by other routes: neighbours counted by turning the town, and people against the rate equations."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from mixlib.domains.tipping import found_together, settle

TOWN = np.random.default_rng(4).choice([0, 1, 2], size=(9, 11), p=[0.2, 0.4, 0.4])
CROWD = 20_000


@pytest.mark.parametrize(("settings", "reach"), [({}, 2), ({"radius": 1}, 1), ({"radius": 3}, 3)])
def test_neighbours_are_those_in_the_square_around_on_a_town_whose_edges_are_joined(settings, reach):
    steps = [(i, j) for i in range(-reach, reach + 1) for j in range(-reach, reach + 1) if (i, j) != (0, 0)]
    around = np.stack([np.roll(TOWN, step, axis=(0, 1)) for step in steps])
    like, people = (around == TOWN).sum(axis=0)[TOWN > 0], (around > 0).sum(axis=0)[TOWN > 0]
    assert settle(TOWN, 0.0, rounds=0, **settings)[1] == pytest.approx([np.mean(like / people)])


def test_who_has_as_many_as_wished_or_nobody_near_stays():
    town = np.zeros((9, 9), dtype=int)
    town[2, 2:4], town[3, 2:4] = (1, 2), (1, 2)  # each has one of three alike
    assert np.array_equal(settle(town, 1 / 3, rounds=5, radius=1)[0], town)
    assert not np.array_equal(settle(town, 0.34, rounds=5, radius=1)[0], town)
    hermits = np.zeros((9, 9), dtype=int)
    hermits[1, 1], hermits[6, 6] = 1, 2
    same, alike = settle(hermits, 0.9, rounds=5)
    assert np.array_equal(same, hermits)
    assert alike.tolist() == [1.0] * 6


@pytest.mark.parametrize(
    "settings",
    [
        {"barrier": 6.0, "proof": 4.0},
        {"barrier": 6.0, "excitement": 3.0},
        {"barrier": 2.0, "proof": 20.0},  # the barrier is gone, and does not turn into a slope
        {"barrier": 3.0, "proof": 2.0, "excitement": 1.5, "return_barrier": 4.0},
    ],
)
def test_many_people_follow_the_rate_equations(settings):
    told = {"proof": 0.0, "excitement": 0.0, "return_barrier": 60.0} | settings

    def rates(_, shares):
        first, second, both = shares
        noise = 1.0 + told["excitement"] * both
        high = max(told["barrier"] - told["proof"] * both, 0)
        joining = first * second / np.exp(high / noise)
        parting = both / 2 / np.exp(told["return_barrier"] / noise)
        return [parting - joining, parting - joining, 2 * (joining - parting)]

    start = np.array([0.35, 0.25, 0.4])
    times = np.array([1.0, 4.0, 12.0])
    known = solve_ivp(rates, (0, times[-1]), start, t_eval=times, rtol=1e-8).y.T
    for time, shares in zip(times, known, strict=True):
        people = found_together((CROWD * start).astype(int), 1.0, time, rng=2, **settings)
        np.testing.assert_allclose(people / CROWD, shares, atol=0.01)


def test_a_course_stops_where_it_was_asked_to_and_lasts_as_long_as_nothing_happens():
    people, times, course = found_together([500, 500, 0], 4.0, 1e6, until=0.5, record=True)
    assert 500 <= people[2] < 560
    assert course[-2, 2] < 500
    assert times[-1] < 1e6
    _, times, course = found_together([50, 0, 0], 4.0, 70.0, record=True)
    assert times.tolist() == [0, 70]
    assert course.tolist() == [[50, 0, 0]] * 2
