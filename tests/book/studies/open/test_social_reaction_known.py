"""The four tests on a made-up reaction whose numbers are known, and processes against closed forms."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from mixbook.studies.open import social_reaction as study


@dataclass(kw_only=True)
class Match(study.Process):
    """Lights at 2, waits as Arrhenius says with a barrier of 20, and may go out again below 2."""

    controls: tuple = (0.5, 8.0)
    lasting: float = 1.0  # how much of what has burnt stays so in the cold
    barrier: float = 20.0
    width: float = 0.0  # over which it lights
    product: tuple = (0.0, 0.0, 1.0)

    def begin(self, seed):
        return np.array([0.5, 0.5, 0.0])

    def alone(self, seed):
        return [np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])]

    def run(self, state, control, seed):
        if state[:2].max() == 1:  # nothing happens to one part alone
            return state
        lit = np.clip((control - 2) / self.width + 0.5, 0, 1) if self.width else float(control >= 2)
        burnt = max(lit, self.lasting * self.course(state))
        return (1 - burnt) * self.begin(seed) + burnt * np.array(self.product)

    def wait(self, state, control, seed):
        return np.exp(self.barrier / control)

    def course(self, state):
        return state[2] / self.product[2]

    def holds(self, state):
        return state


def test_the_numbers_of_a_match_are_known():
    found = study.examine(Match())
    assert all(found[test] for test in study.TESTS)
    assert found["at"] == pytest.approx(2, rel=0.002)
    assert (found["jump"], found["stays"]) == (1, 1)
    assert found["straight"] == pytest.approx(1)
    assert found["steep"] == pytest.approx(20 / 2, rel=0.002)
    assert found["outside"] == pytest.approx(np.sqrt(3) / 2)  # the height of a triangle of sides 1


@pytest.mark.parametrize(
    ("changed", "fails"),
    [
        ({"width": 0.2}, 0),  # a tenth of it lights within one hundredth of the control
        ({"barrier": 9.0}, 1),
        ({"barrier": -20.0}, 1),
        ({"lasting": 0.0}, 2),
        ({"lasting": 0.8}, 2),
        ({"product": (0.47, 0.47, 0.06)}, 3),  # outside, and hardly so
    ],
)
def test_a_match_that_differs_in_one_thing_fails_one_test(changed, fails):
    found = study.examine(Match(**changed))
    assert [found[test] for test in study.TESTS] == [number != fails for number in range(4)]


def test_a_crowd_ignites_where_its_first_standstill_ends():
    def gap(spread):  # the largest distance of r from the share that acts at r, below one half
        r = np.linspace(0, 0.24, 4001)
        return (r - norm.cdf((r - 0.25) / spread)).max()

    known = 100 * brentq(gap, 0.05, 0.3)
    at, _, _ = study.ignition(study.Crowd(people=40_000), 0)
    assert at == pytest.approx(known, rel=0.03)


def test_half_of_the_way_takes_as_long_as_closed_forms_say():
    averaging = study.Averaging()
    wait = averaging.wait(None, 0.01, 0)
    first = averaging.begin(0)
    half = study.Averaging(rounds=wait).run(first, 0.01, 0)
    assert averaging.course(half) == pytest.approx((averaging.course(first) + 1) / 2)
    camps = study.Camps()
    start = camps.begin(0)
    assert camps.wait(start, 2.0, 0) == pytest.approx(2 * np.exp(12 / 2), rel=0.03)  # mass action
    # as many as have acted by then are about half of those who will
    crowd = study.Crowd(people=4000)
    state = crowd.begin(0)
    wait = int(crowd.wait(state, 20.0, 0))
    shorter = (study.Crowd(people=4000, rounds=rounds) for rounds in (wait - 1, wait))
    before, by_then, end = (process.run(state, 20.0, 0)["acting"] for process in (*shorter, crowd))
    assert before < end / 2 <= by_then


def test_a_town_has_come_all_the_way_when_it_is_parted():
    town = study.Town(side=40)
    mixed = town.begin(0)
    assert town.course(mixed) == pytest.approx(0, abs=0.05)
    parted = np.sort(mixed, axis=None).reshape(40, 40)
    assert town.course(parted) > 0.8
    for kind, alone in zip((1, 2), town.alone(0), strict=True):
        assert set(np.unique(alone)) == {0, kind}
        assert (alone == kind).sum() == (mixed == kind).sum()
