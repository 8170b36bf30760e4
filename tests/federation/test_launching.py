"""Processes of a group: each has an outcome by the deadline, whatever becomes of it, and none is left behind."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import ranks
from mixlib.federation.distributed import launch, launching


def test_every_rank_has_an_outcome_and_none_outlives_the_call(monkeypatch):
    monkeypatch.setattr(launching, "GRACE", 0.5)
    answered, raised, died = launch(ranks.answer_badly, 3, timeout=60.0)
    assert answered == 0
    assert str(raised) == "rank 1 raised Unreadable: here: too deep"
    assert str(died) == "rank 2 ended with exit code -9"
    assert not multiprocessing.active_children()


def test_a_rank_that_stops_in_its_answer_is_out_of_time():
    [stopped] = launch(ranks.stop_half_way, 1, timeout=2.0)
    assert str(stopped) == "rank 0 ran out of time and was killed: -9"
    assert not multiprocessing.active_children()


def test_what_the_caller_cannot_read_is_the_outcome_of_its_rank_alone(monkeypatch):
    loads = launching.pickle.loads

    def refuse(answer):
        if b"refused" in answer:
            raise AttributeError("no such class")
        return loads(answer)

    monkeypatch.setattr(launching.pickle, "loads", refuse)
    [outcome] = launch(max, 1, 5, timeout=60.0)
    assert outcome == 5
    [outcome] = launch(ranks.say, 1, "refused", timeout=60.0)
    assert str(outcome) == "rank 0 returned what cannot be read: AttributeError: no such class"


@pytest.mark.rare
@pytest.mark.parametrize("size", [3, 300_000])
def test_ranks_that_leave_at_once_take_nothing_from_the_others(size):
    """Several groups at once, more processes than processors: each rank closes its connections when it has its sum."""
    values = np.arange(float(size))
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda _: launch(ranks.add_up, 3, values), range(8)))
    for outcomes in runs:
        for outcome in outcomes:
            np.testing.assert_array_equal(outcome, 3 * values + 3)
