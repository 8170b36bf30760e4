"""The study of sentences, places and crowds."""

import itertools

import numpy as np
import pytest

from mixbook.studies.carriers import graphs_and_grammars as discrete
from mixlib.carriers import Grammar


@pytest.mark.parametrize("language", ["spanish", "german"])
def test_rivals_have_as_many_words_and_runs_as_many_switches(language):
    rng = np.random.default_rng(0)
    for _ in range(10):
        carrier = Grammar(english=discrete.random_sentence(rng), language=language)
        found = discrete.mixtures(carrier, 0.5, rng)
        counts = [int(point.sum()) for point in found.values()]
        assert counts[0] == counts[1] == counts[2]
        runs = {kind: len(list(itertools.groupby(point))) for kind, point in found.items()}
        assert runs["runs"] == runs["phrases"]
        assert carrier.failure(found["phrases"], found["phrases"][None]) == 1


def test_the_judge_takes_plain_sentences_and_no_exchanged_words():
    found = discrete.sentence_trials("german", 0, sentences=3)
    assert (found.loc["untouched"] == 1).all()
    assert (found.loc["exchanged"] < 0.5).all()
    assert (found.loc["phrases"] == 1).all()
    assert found.loc["words", "matrix language"] < 0.6


def test_equal_weights_are_best_where_all_err_alike_and_not_where_the_exact_are_heard():
    for crowd in discrete.CROWDS:
        alike, known = (discrete.crowd_trial(crowd, 1, informed=informed) for informed in (False, True))
        assert alike["plain average"] <= alike["consensus"] * (1 + 1e-9)
        assert known["informed average"] < known["consensus"] < known["plain average"]
        assert alike["informed average"] == pytest.approx(alike["plain average"])
    assert discrete.crowd_trial("ring", 1, informed=False)["largest weight"] == pytest.approx(1 / discrete.PEOPLE)


def test_the_mean_of_the_villages_is_on_the_roads():
    for share in (0.0, 0.3, 1.0):
        mean, wrong = discrete.mean_place(share)
        ends = np.eye(8)[list(discrete.VILLAGES)]
        assert discrete.ROADS.failure(mean, ends) == pytest.approx(1)
        assert (discrete.ROADS.failure(wrong, ends) > 1) == (share < 1)
