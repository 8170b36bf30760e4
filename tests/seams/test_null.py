"""Dealing terms again keeps what each text and each term has, and tells sharing from chance."""

import numpy as np
import pytest

from mixlib.seams import find_seams, shuffle_terms
from mixlib.seams import null as module

TERMS = [f"{a}{b}{c}" for a in "kst" for b in "aeiou" for c in "lmnr"]


def collection(count=12, size=12, seed=0):
    rng = np.random.default_rng(seed)
    return {f"t{i}": " ".join(rng.choice(TERMS, size, replace=False)) for i in range(count)}


def test_a_trade_keeps_margins_and_what_both_hold():
    rng = np.random.default_rng(0)
    hands = [np.array([0, 1, 2, 3]), np.array([2, 3, 4, 5, 6]), np.array([7])]
    before = np.bincount(np.concatenate(hands))
    seen = set()
    for _ in range(50):
        module._trade(hands, 0, 1, rng)
        assert [len(set(hand)) for hand in hands] == [4, 5, 1]
        assert np.array_equal(np.bincount(np.concatenate(hands)), before)
        assert {2, 3} <= set(hands[0]) & set(hands[1])
        seen.add(tuple(sorted(hands[0])))
    assert len(seen) == 10  # two of the five that only one holds


def test_random_texts_share_what_chance_shares():
    found = find_seams(collection(20))
    null = shuffle_terms(found, rounds=200)
    pairs = np.triu_indices(20, 1)
    assert found.shared[pairs].mean() == pytest.approx(null.mean[pairs].mean(), rel=0.01)
    assert 0.3 < np.mean(null.p_values[pairs] < 0.5) < 0.6
    assert np.all(null.p_values[pairs] >= 1 / 201)


def test_two_texts_of_one_subject_stand_out():
    texts = collection()
    texts["t1"] = texts["t0"]
    null = shuffle_terms(find_seams(texts), rounds=99)
    assert null.p_values[0, 1] == 0.01
    assert null.mean[0, 1] < 6
    assert null.sd[0, 1] > 0.5


def test_the_diagonal_keeps_the_size_of_each_text():
    found = find_seams(collection())
    null = shuffle_terms(found, rounds=3)
    assert np.array_equal(np.diag(null.mean), np.diag(found.shared))


def test_results_repeat_and_follow_the_seed():
    found = find_seams(collection())
    first, again, other = (shuffle_terms(found, rounds=5, rng=seed).mean for seed in (None, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_bad_input_and_progress():
    found = find_seams(collection(2))
    with pytest.raises(ValueError, match=r"seams: has 2 texts.*give three or more"):
        shuffle_terms(found)
    with pytest.raises(ValueError, match="rounds: got 0"):
        shuffle_terms(find_seams(collection(3)), rounds=0)
    lines = []
    shuffle_terms(find_seams(collection(3)), rounds=2, progress=lines.append)
    assert lines[-1] == "dealing terms again, 2 of 2 deals"
