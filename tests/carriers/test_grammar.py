"""The carrier of mixed sentences: laws in steps of a phrase, translations, and a judge that shares no rule with it."""

import itertools

import numpy as np
import pytest

from mixlib import simplex
from mixlib.carriers import Grammar
from mixlib.carriers._code_switching import ACCOUNTS

SPANISH, GERMAN = Grammar.variants()
SHORT = Grammar(english="the white house hides the old teacher")
BOTH = np.array([[0.0] * 7, [1.0] * 7])
each_language = pytest.mark.parametrize("carrier", [SPANISH, GERMAN], ids=["Spanish", "German"])


def ends(carrier):
    return np.stack([np.zeros(len(carrier.pair.english)), np.ones(len(carrier.pair.english))])


@pytest.mark.parametrize(
    ("language", "english", "other"),
    [
        ("spanish", "the white house hides the old teacher", "la casa blanca esconde el maestro viejo"),
        ("spanish", "these queens have seen the red letters", "estas reinas han visto las cartas rojas"),
        ("german", "the old teacher sees the red letter", "der alte Lehrer sieht den roten Brief"),
        ("german", "the queens have bought this table with the friends", "die Königinnen haben diesen Tisch gekauft "
         "mit den Freunden"),
        ("german", "this girl hides the small lamps but the queen sees the house", "dieses Mädchen versteckt die "
         "kleinen Lampen aber die Königin sieht das Haus"),
    ],
)  # fmt: skip
def test_translations_are_those_of_a_speaker(language, english, other):
    carrier = Grammar(english=english, language=language)
    assert carrier.text(ends(carrier)[0]) == english
    assert carrier.text(ends(carrier)[1]) == other
    for account, text in itertools.product(ACCOUNTS, (english, other)):
        assert carrier.grammatical(text, account)


@each_language
def test_every_mixture_of_phrases_is_a_sentence_by_both_accounts(carrier):
    for point in carrier.sample(40, rng=1):
        assert carrier.grammatical(carrier.text(point))
        assert carrier.grammatical(carrier.text(point), "matrix language")


@pytest.mark.parametrize(
    ("text", "equivalence", "matrix"),
    [
        ("la casa blanca hides el maestro viejo", True, True),
        ("la white house hides el maestro viejo", True, False),  # a Spanish article alone in an English clause
        ("the casa white hides el maestro viejo", False, False),
        ("the white casa hides el maestro viejo", False, True),  # a Spanish noun in an English frame
        ("la casa blanco esconde the teacher", False, False),  # gender
        ("los casa blanca esconde the teacher", False, False),
        ("the white house esconden the teacher", False, False),  # number across languages
        ("house white the hides teacher the", False, False),
        ("the white house hides", False, False),
        ("the white maison hides the teacher", False, False),  # no such word
    ],
)
def test_the_judge_knows_orders_agreement_and_frames(text, equivalence, matrix):
    assert SHORT.grammatical(text) == equivalence
    assert SHORT.grammatical(text, "matrix language") == matrix


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("die Königin hat den Brief gesehen", True),
        ("die Königin hat der Brief gesehen", False),  # case
        ("die Königin hat gesehen den Brief", False),
        ("die Königin has seen den Brief", False),
        ("die Königin hat the letter gesehen", False),
        ("the queen sieht den roten Brief", True),
        ("the queen sieht den rote Brief", False),
        ("die Königin sieht das Haus mit dem Freund", True),
        ("die Königin sieht das Haus mit den Freund", False),
    ],
)
def test_the_judge_knows_german_cases_and_the_place_of_the_participle(text, right):
    assert GERMAN.grammatical(text) == right


def test_a_mean_of_two_languages_has_their_shares_of_phrases():
    for share in (0.0, 0.2, 0.5, 0.9, 1.0):
        mean = SPANISH.mean(ends(SPANISH), [1 - share, share])
        assert SPANISH.distance(mean, ends(SPANISH)[0]) == pytest.approx(8 * share, abs=0.5)
    assert SHORT.text(SHORT.mean(BOTH, [0.7, 0.3])) == "the white house hides el maestro viejo"
    assert SHORT.text(SHORT.wrong_mean(BOTH)) == "la casa white hides el maestro old"


@each_language
def test_no_single_switch_lowers_the_cost_of_a_mean(carrier):
    for seed in range(5):
        points, weights = carrier.sample(5, rng=seed), simplex.sample(5, rng=seed)
        mean = carrier.mean(points, weights)
        cost = weights @ carrier.distance(points, mean) ** 2
        for phrase in carrier.pair.phrases:
            other = mean.copy()
            other[list(phrase)] = 1 - other[list(phrase)]
            assert weights @ carrier.distance(points, other) ** 2 >= cost - 1e-9
        order = [3, 1, 4, 0, 2]
        np.testing.assert_array_equal(carrier.mean(points[order], weights[order]), mean)
        again = 1 - carrier.mean(1 - points, weights)  # the languages change places: of several means one
        assert weights @ carrier.distance(points, again) ** 2 == pytest.approx(cost)


def test_a_geodesic_switches_one_phrase_at_a_time():
    way = SPANISH.geodesic(*ends(SPANISH), np.arange(9) / 8)
    assert np.array_equal(SPANISH.distance(way[:-1], way[1:]), np.ones(8))
    assert np.array_equal(way[-1], ends(SPANISH)[1])


def test_failure_counts_the_languages_within_a_phrase():
    assert SHORT.failure(BOTH[1], BOTH) == 1
    assert SHORT.failure(np.array([0, 0, 0, 0, 1, 0, 1.0]), BOTH) == pytest.approx(1 / (4 / 9 + 1 / 9))
    assert SHORT.failure(BOTH.mean(0), BOTH) == 2
    assert SHORT.failure(3 * BOTH[1], BOTH) == 3


@pytest.mark.parametrize(
    ("english", "message"),
    [
        ("the white house", "ends too early, expected a word for verb or auxiliary"),
        ("the white dog sees the house", "got 'dog' as word 3, expected noun; known are car, cars, friend,"),
        ("the old techer sees the house", r"got 'techer' as word 3, expected noun; did you mean teacher or"),
        ("The teacher sees the house", r"got 'The' as word 1, expected article; did you mean the"),
        ("the houses sees the lamp", "'sees' does not agree"),
        ("these house sees the lamp", "the article of 'house' does not agree"),
        ("the house sees the lamp the", "got 'the' as word 6, expected conjunction"),
        (" and ".join(["the house sees the lamp"] * 4), "has 15 phrases, at most 14"),
    ],
)
def test_sentences_that_it_does_not_know_are_named(english, message):
    with pytest.raises(ValueError, match=f"english: .*{message}"):
        Grammar(english=english)


def test_bad_points_and_options_are_named():
    with pytest.raises(ValueError, match=r"a: .* has a phrase in two languages"):
        SHORT.distance(np.array([0, 1.0, 0, 0, 0, 0, 0]), BOTH[0])
    with pytest.raises(ValueError, match="point: has 3 entries, the sentence 7 words"):
        SHORT.text(np.zeros(3))
    with pytest.raises(ValueError, match="account: got 'none'"):
        SHORT.grammatical("the house", "none")
    with pytest.raises(ValueError, match="language: got 'french'"):
        Grammar(language="french")
