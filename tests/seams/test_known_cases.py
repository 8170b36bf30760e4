"""Seams by other routes: rankings, marks and deals whose outcome is known beforehand."""

import numpy as np
import pytest

from mixlib.seams import find_seams, shuffle_terms
from mixlib.seams import null as module

TEXTS = {
    "a": "kelp broth umami salt",
    "b": "kelp broth umami rice",
    "c": "kelp tin copper zinc",
    "d": "brass tin copper zinc",
    "e": "amber jade onyx opal",
}


def test_pairs_are_ranked_by_their_score():
    found = find_seams(TEXTS)
    frame = found.to_frame()
    assert (frame["score"].diff().dropna() <= 0).all()
    assert frame[["first", "second"]].values[:2].tolist() == [["c", "d"], ["a", "b"]]
    assert frame["score"].iloc[0] > frame["score"].iloc[1] > 0
    for row in frame.itertuples(index=False):
        one, other = (list(TEXTS).index(name) for name in (row.first, row.second))
        assert (row.score, row.shared) == (found.scores[one, other], found.shared[one, other])


def test_a_higher_score_goes_before_more_shared_terms():
    long = " ".join(f"{word}{end}" for word in ("kal", "kel", "kil", "kol") for end in "abcdefgh")
    texts = {"a": f"kelp broth {long}", "b": f"kelp broth {long.upper()[::-1]}", "c": "tin zinc", "d": "tin copper"}
    frame = find_seams(texts).to_frame()
    assert frame[["first", "second", "shared"]].values[:2].tolist() == [["c", "d", 1], ["a", "b", 2]]


def test_a_term_is_marked_where_it_is_salient_in_both():
    texts = {"a": "kelp kelp kelp salt rice", "b": "salt salt salt kelp wine", "c": "kelp kelp kelp tin"}
    found = find_seams(texts, salient=1)
    assert not found.terms("a", "b")["salient"].any()
    marked = find_seams({"a": texts["a"], "c": texts["c"].replace("tin", "kelp")}, salient=1).terms("a", "c")
    assert marked[["term", "salient"]].values.tolist() == [["kelp", True]]


def test_wide_letters_are_letters_and_an_empty_background_is_no_fault():
    assert find_seams({"a": "ｋｅｌｐ broth", "b": "kelp soup"}).terms("a", "b")["term"].tolist() == ["kelp"]
    beside = find_seams({"a": "kelp broth", "b": "kelp soup"}, background=["it is"])
    common, rare = np.log(4 / 3) + 1, np.log(4 / 2) + 1  # three texts, of which two and one have it
    assert beside.scores[0, 1] == pytest.approx(common**2 / (common**2 + rare**2))


def test_hands_of_any_size_get_back_as_many_as_they_gave():
    rng = np.random.default_rng(0)
    hands = [np.arange(2), np.arange(1, 9)]
    for _ in range(20):
        module._trade(hands, 0, 1, rng)
        assert [len(hand) for hand in hands] == [2, 8]


def test_one_deal_has_no_spread_and_two_have_half_their_difference():
    found = find_seams(TEXTS)
    one, two = (shuffle_terms(found, rounds=rounds, rng=3) for rounds in (1, 2))
    assert not one.sd.any()
    second = 2 * two.mean - one.mean
    assert np.abs(second - one.mean).max() > 0
    np.testing.assert_allclose(two.sd, np.abs(second - one.mean) / 2, atol=1e-12)


def test_deals_follow_each_other_nearly_as_if_each_were_new():
    words = [f"{a}{b}{c}" for a in "kst" for b in "aeiou" for c in "lmnr"]
    rng = np.random.default_rng(0)
    found = find_seams({f"t{i}": " ".join(rng.choice(words, 12, replace=False)) for i in range(12)})
    pairs = np.triu_indices(12, 1)
    runs = [shuffle_terms(found, rounds=10, rng=seed) for seed in range(30)]
    spread_of_means = np.var([run.mean[pairs] for run in runs], axis=0).mean()
    spread_of_deals = np.mean([run.sd[pairs] ** 2 for run in runs]) * 10 / 9
    assert spread_of_means == pytest.approx(spread_of_deals / 10, rel=0.5)


def test_a_truth_value_is_no_number():
    found = find_seams(TEXTS)
    with pytest.raises(ValueError, match="rounds: got True"):
        shuffle_terms(found, rounds=True)
    with pytest.raises(ValueError, match="salient: got True"):
        find_seams(TEXTS, salient=True)
