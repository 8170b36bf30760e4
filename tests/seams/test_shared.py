"""Weights, scores and shared terms of texts, held against scikit-learn and against counting by hand."""

import math
import sys

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from mixlib.seams import find_seams
from mixlib.seams.shared import FEW, WORD
from mixlib.seams.stop_words import STOP_WORDS


def texts(count, seed=0, words=80):
    rng = np.random.default_rng(seed)
    chosen = [f"{a}{b}{c}" for a in "kst" for b in "aeiou" for c in "lmnr"]
    odds = rng.dirichlet(np.full(len(chosen), 0.2), size=count)
    return {f"t{i}": " ".join(rng.choice(chosen, words, p=odds[i])) for i in range(count)}


@pytest.mark.parametrize("count", [2, 5, FEW, FEW + 1, FEW + 20])
def test_weights_are_those_of_scikit_learn(count):
    given = texts(count)
    peer = TfidfVectorizer(sublinear_tf=True, token_pattern=WORD, stop_words=sorted(STOP_WORDS))
    expected = peer.fit_transform(given.values()).toarray()
    found = find_seams(given)
    assert list(found.words) == list(peer.get_feature_names_out())
    np.testing.assert_allclose(found.weights.toarray(), expected, atol=1e-14)
    np.testing.assert_allclose(found.scores, expected @ expected.T, atol=1e-14)


def test_few_and_many_are_counted_alike(monkeypatch):
    given = texts(12)
    few = find_seams(given, salient=9)
    monkeypatch.setattr("mixlib.seams.shared.FEW", 3)
    many = find_seams(given, salient=9)
    assert list(few.words) == list(many.words)
    for name in ("weights", "counts", "salient"):
        one, other = (getattr(found, name).toarray() for found in (few, many))
        np.testing.assert_allclose(one.astype(float), other.astype(float), atol=1e-14, err_msg=name)


def test_by_hand():
    found = find_seams({"a": "kelp kelp broth", "b": "broth fish"})
    rare, common = math.log(3 / 2) + 1, 1.0
    kelp, fish = (1 + math.log(2)) * rare, rare
    score = common / math.hypot(kelp, common) * common / math.hypot(fish, common)
    assert found.to_frame().values.tolist() == [["a", "b", pytest.approx(score), 1]]
    assert found.terms("a", "b").values.tolist() == [["broth", 1.0, 1, 1, True]]
    assert found.shared.tolist() == [[2, 1], [1, 2]]


def test_shares_sum_to_one_and_fall():
    found = find_seams(texts(5))
    terms = found.terms("t1", "t3")
    assert terms["share"].sum() == pytest.approx(1)
    assert (terms["share"].diff().dropna() <= 1e-15).all()
    assert len(found.terms("t1", "t3", top=2)) == 2
    assert found.terms("t3", "t1")["first"].tolist() == terms["second"].tolist()


def test_salient_terms_are_the_heaviest_and_ties_go_by_the_alphabet():
    found = find_seams({"a": "kelp kelp fish broth salt", "b": "kelp salt rice soup wine"}, salient=2)
    assert found.words[found.salient[[0]].indices].tolist() == ["broth", "kelp"]
    assert found.words[found.salient[[1]].indices].tolist() == ["rice", "soup"]
    assert found.shared[0, 1] == 0
    assert len(found.terms("a", "b")) == 2  # shared and not salient


def test_the_order_of_texts_and_their_case_change_nothing():
    given = texts(6)
    turned = {name: text.upper() for name, text in reversed(given.items())}
    one, other = (find_seams(some).to_frame() for some in (given, turned))
    np.testing.assert_allclose(one["score"], other["score"], atol=1e-14)
    assert [{*pair} for pair in one[["first", "second"]].values] == [
        {*pair} for pair in other[["first", "second"]].values
    ]


def test_a_text_and_itself_score_one_and_strangers_nothing():
    found = find_seams({"a": "kelp broth", "b": "kelp broth", "c": "brass tin"})
    assert found.scores[0].tolist() == pytest.approx([1, 1, 0])


def test_a_background_makes_common_words_light():
    given = {"a": "page kelp broth", "b": "page kelp soup"}
    alone = find_seams(given).terms("a", "b").set_index("term")["share"]
    beside = find_seams(given, background=["page one", "page salt", "page iron"]).terms("a", "b")
    assert alone["page"] == alone["kelp"]
    assert beside["term"].tolist() == ["kelp", "page"]
    assert find_seams(given, background=["tungsten"]).words.tolist() == ["broth", "kelp", "page", "soup"]


def test_words_with_accents_and_other_letters():
    found = find_seams({"a": "Geschmäcker 混ざった味 x2y2 o'clock", "b": "GESCHMA\u0308CKER the umami_salt"})
    assert found.terms("a", "b")["term"].tolist() == ["geschmäcker"]
    assert "umami" in found.words


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: find_seams({"a": "kelp"}), "texts: expected two or more, as a mapping of names to prose, got 1"),
        (lambda: find_seams(["kelp", "fish"]), "texts: expected two or more.*got list"),
        (lambda: find_seams({"a": "kelp", "b": "it is the one"}), "b: has no term"),
        (lambda: find_seams({"a": "kelp", "b": 3}), "b: expected a text, got int"),
        (lambda: find_seams({"a": "kelp", "b": "fish"}, salient=0), "salient: got 0"),
        (lambda: find_seams({"a": "kelp", "b": "fish"}, background="salt"), "background: got one string"),
        (lambda: find_seams({"a": "kelp", "b": "fish"}).terms("a", "c"), "second: there is no text 'c'.*a, b"),
    ],
)
def test_bad_input_is_told(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_many_texts_ask_for_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.feature_extraction.text", None)
    with pytest.raises(ImportError, match=r"needs the package scikit-learn.*pip install 'scikit-learn"):
        find_seams(texts(FEW + 1))
    assert len(find_seams(texts(FEW)).names) == FEW


def test_progress_is_told():
    lines = []
    find_seams(texts(4), progress=lines.append)
    assert lines[-1] == "counting terms, 4 of 4 texts"
