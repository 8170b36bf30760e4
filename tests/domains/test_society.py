"""Opinions: averaging by hand, who stays in which hull, and what turns a process back into averaging."""

import numpy as np
import pytest

from mixlib.carriers import Graph, degroot
from mixlib.domains import society

PEOPLE = 9


@pytest.fixture
def crowd():
    rng = np.random.default_rng(3)
    trust = rng.dirichlet(np.ones(PEOPLE), size=PEOPLE)
    return trust, rng.uniform(0.2, 0.8, (5, PEOPLE))


def test_listening_by_hand():
    path = Graph(edges=((0, 1, 1.0), (1, 2, 0.5)))
    np.testing.assert_allclose(society.listening(path, own=2)[1], [0.2, 0.4, 0.4])
    np.testing.assert_allclose(society.listening(path, own=0)[0], [0, 1, 0])


def test_averaging_is_degroot(crowd):
    trust, first = crowd
    told = society.trajectory(society.averaging, first, 7, trust=trust)
    assert told.shape == (8, 5, PEOPLE)
    for opinions, start in zip(told[-1], first, strict=True):
        np.testing.assert_allclose(opinions, degroot(trust, start[:, None], steps=7).opinions[:, 0])


def test_the_stubborn_end_where_the_limit_says(crowd):
    trust, first = crowd
    held = np.linspace(0.1, 0.5, PEOPLE)
    told = society.trajectory(society.averaging, first[0], 300, trust=trust, first=first[0], stubborn=held)
    np.testing.assert_allclose(told[-1], degroot(trust, first[0][:, None], stubborn=held).opinions[:, 0])


@pytest.mark.parametrize(
    ("process", "settings"),
    [
        (society.bounded_confidence, {"within": 1.0}),
        (society.biased_assimilation, {"bias": 0.0}),
        (society.signed, {"signs": np.ones((PEOPLE, PEOPLE)), "neutral": 0.3}),
        (society.repulsion, {"within": np.inf}),
        (society.averaging, {"stubborn": 0.0}),
    ],
)
def test_every_process_has_averaging_in_it(crowd, process, settings):
    trust, first = crowd
    np.testing.assert_allclose(process(first, trust, **settings), first @ trust.T)


def test_which_hull_keeps_a_process(crowd):
    trust, first = crowd
    signs = np.where(np.arange(PEOPLE) < 4, 1, -1)
    signs = np.outer(signs, signs)
    kept = {
        society.bounded_confidence: ({"within": 0.1}, first.min(), first.max()),
        society.signed: ({"signs": signs}, -first.max(), first.max()),
        society.biased_assimilation: ({"bias": 2.0}, 0.0, 1.0),
    }
    for process, (settings, low, high) in kept.items():
        told = society.trajectory(process, first, 60, trust=trust, **settings)
        assert low - 1e-12 <= told.min() <= told.max() <= high + 1e-12
    assert society.repulsion(first, trust, within=0.01).max() > 1.5


def test_foes_end_on_opposite_sides():
    first, side = np.array([0.9, 0.8, 0.3, 0.2]), np.array([1, 1, -1, -1])
    told = society.trajectory(society.signed, first, 200, trust=np.full((4, 4), 0.25), signs=np.outer(side, side))
    np.testing.assert_allclose(told[-1], 0.3 * side)  # the mean of 0.9, 0.8, -0.3 and -0.2


def test_bias_by_hand():
    # own 0.5, hears 0.5 * 0.7: (0.2 + 0.16 * 0.35) / (0.5 + 0.16 * 0.35 + 0.36 * 0.15)
    told = society.biased_assimilation([0.4, 0.7], np.full((2, 2), 0.5), bias=2)
    assert told[0] == pytest.approx(0.256 / 0.61)


def test_the_ends_of_the_scale_stay_under_any_bias():
    np.testing.assert_array_equal(society.biased_assimilation([0.0, 1.0], np.full((2, 2), 0.5), bias=3), [0, 1])


def test_who_hears_nobody_stays():
    np.testing.assert_array_equal(society.bounded_confidence([0.0, 1.0], [[0, 1], [1, 0]], within=0.5), [0, 1])


def test_near_opinions_attract_and_far_ones_repel():
    near, far = (society.repulsion([0.4, x], np.full((2, 2), 0.5), within=0.2) for x in (0.5, 0.9))
    assert np.ptp(near) < 0.1
    assert np.ptp(far) > 0.5
    np.testing.assert_array_equal(society.repulsion([0.1, 0.9], np.full((2, 2), 0.5), 0.1, ends=(0, 1)), [0, 1])


def test_camps_are_counted_by_gaps():
    np.testing.assert_array_equal(society.camps([[0, 0.05, 0.1], [0, 0.5, 1], [1, 0, 1]], 0.1), [1, 3, 2])


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: society.listening(np.eye(2)), "graph"),
        (lambda: society.listening(Graph(), own=-1), "own"),
        (lambda: society.averaging([0.1, 0.2], np.eye(3)), "trust"),
        (lambda: society.averaging([0.1, 0.2], [[0.5, 0.6], [0.5, 0.5]]), "trust"),
        (lambda: society.averaging([0.1, 0.2], np.eye(2), stubborn=0.5), "first"),
        (lambda: society.bounded_confidence([0.1, 0.2], np.eye(2), within=0), "within"),
        (lambda: society.biased_assimilation([0.1, 1.2], np.eye(2), bias=1), "now"),
        (lambda: society.biased_assimilation([0.1, 0.2], np.eye(2), bias=-1), "bias"),
        (lambda: society.signed([0.1, 0.2], np.eye(2), signs=[[1, 0], [0, 1]]), "signs"),
        (lambda: society.repulsion([0.1, 0.2], np.eye(2), within=-1), "within"),
        (lambda: society.trajectory(society.averaging, [0.1], -1, trust=np.eye(1)), "rounds"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=rf"^{named}"):
        call()


def test_galtons_middlemost_guess_is_his_constant():
    assert np.median(society.OX) == society.DOMAIN.constants["middlemost guess"].value
