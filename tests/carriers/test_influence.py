"""DeGroot's averages: limits against long powers, groups and periods, hulls, the stubborn."""

import numpy as np
import pytest
import torch

from mixlib import simplex
from mixlib.carriers import degroot

START = np.random.default_rng(0).normal(size=(5, 2))


def test_the_limit_is_that_of_many_rounds_and_the_left_eigenvector():
    trust = simplex.sample(5, 5, concentration=0.5, rng=1)
    found = degroot(trust, START)
    np.testing.assert_allclose(found.opinions, degroot(trust, START, steps=2000).opinions, atol=1e-9)
    assert found.consensus
    assert found.classes == ((0, 1, 2, 3, 4),)
    np.testing.assert_allclose(found.weights @ trust, found.weights, atol=1e-12)
    assert np.ptp(found.weights[0]) > 0.05, "influence is equal by chance"
    assert "consensus: everybody" in str(found)


def test_a_round_stays_in_the_hull_of_those_listened_to():
    trust = np.array([[0.2, 0.8, 0, 0, 0], [0, 0.5, 0.5, 0, 0], *simplex.sample(5, 3, rng=2)])
    once = degroot(trust, START, steps=1)
    np.testing.assert_allclose(once.opinions, trust @ START)
    assert ((START[:2].min(0) < once.opinions[0]) & (once.opinions[0] < START[:2].max(0))).all()
    assert not once.consensus
    np.testing.assert_array_equal(degroot(trust, START, steps=0).opinions, START)


def test_closed_groups_keep_their_own_and_others_land_between():
    trust = np.array(
        [[0.5, 0.5, 0, 0, 0], [0.1, 0.9, 0, 0, 0], [0, 0, 1, 0, 0], [0.2, 0, 0.3, 0.5, 0], [0, 0, 0, 0.5, 0.5]]
    )
    found = degroot(trust, START)
    assert found.classes == ((0, 1), (2,))
    assert not found.consensus
    assert str(found) == "no consensus: 2 groups listen to themselves alone, {0, 1} and {2}"
    np.testing.assert_allclose(found.opinions, np.linalg.matrix_power(trust, 4000) @ START, atol=1e-9)


def test_a_circle_goes_round_for_ever():
    circle = np.roll(np.eye(3), 1, axis=1)
    with pytest.raises(ValueError, match=r"trust: \{0, 1, 2\} has period 3"):
        degroot(circle, START[:3])
    np.testing.assert_array_equal(degroot(circle, START[:3], steps=3).opinions, START[:3])
    circle[0] = [0.1, 0.9, 0]
    assert degroot(circle, START[:3]).consensus


def test_the_stubborn_pull_all_and_no_consensus_is_reached():
    trust, stubborn = simplex.sample(5, 5, rng=3), np.array([0.9, 0, 0, 0.2, 0])
    found = degroot(trust, START, stubborn=stubborn)
    x = START
    for _ in range(3000):
        x = (1 - stubborn)[:, None] * (trust @ x) + stubborn[:, None] * START
    np.testing.assert_allclose(found.opinions, x, atol=1e-9)
    assert not found.consensus
    assert "have not agreed" in str(found)
    assert found.weights[:, [1, 2, 4]].max() < 1e-12 < found.weights[:, 0].min()
    one = degroot(trust, START, stubborn=np.eye(5)[0])
    np.testing.assert_allclose(one.opinions, START[[0] * 5], atol=1e-9)
    assert one.consensus
    assert one.classes == ((0,),), "who moves not at all listens to nobody"
    with pytest.raises(ValueError, match="stubborn: some listen to nobody stubborn"):
        degroot(np.eye(5), START, stubborn=np.eye(5)[0])


def test_those_who_are_still_apart_have_not_agreed():
    trust = np.array([[0.5, 0.5], [0.25, 0.75]])
    assert not degroot(trust, START[:2], steps=12).consensus  # 6e-8 apart, a quarter of it a round later
    assert degroot(trust, START[:2], steps=20).consensus


def test_torch_comes_back_as_torch():
    trust, start = simplex.sample(5, 5, rng=1), torch.asarray(START).float()
    assert degroot(trust, start).opinions.dtype == torch.float32


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"trust": np.full((5, 5), 0.3)}, "trust: sums to 1.5"),
        ({"trust": np.eye(4)}, r"trust: shape \(4, 4\)"),
        ({"steps": -1}, "steps: "),
        ({"stubborn": np.full(5, 1.5)}, "stubborn: expected 5 numbers from 0 to 1"),
        ({"opinions": START[:, 0]}, "opinions: "),
    ],
)
def test_bad_input_is_named(given, message):
    with pytest.raises(ValueError, match=message):
        degroot(**({"trust": np.eye(5), "opinions": START} | given))
