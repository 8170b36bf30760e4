"""Characteristic words, and a router that knows what stands before a token and nothing more."""

import numpy as np
import pytest

from mixbook.studies.federation.cost.keyword_router import KeywordRouter

TEXTS = ["the wave and the sea, the wave", "the field and the wheat, the field", "the cloud and the rain"]


def test_keywords_are_what_one_text_has_and_the_others_lack():
    router = KeywordRouter(TEXTS, keywords=2)
    assert router.keywords == ({"wave", "sea"}, {"field", "wheat"}, {"cloud", "rain"})
    with pytest.raises(ValueError, match="keywords"):
        KeywordRouter(TEXTS, keywords=0)


def test_a_frequent_word_of_all_is_nobodys():
    often = ["the " * 50 + "wave " * 5, "the " * 40 + "field " * 5]
    assert KeywordRouter(often, keywords=1).keywords == ({"wave"}, {"field"})


def test_a_word_counts_once_it_is_complete_and_never_before():
    router = KeywordRouter(TEXTS, keywords=2)
    pieces = ["a", " fi", "eld", " and", " rain", ".", " rain", "!", "x"]
    asked = router.asked(pieces, k=1)
    assert asked[:, :4].all()  # "field" may go on until " and" has come
    assert asked[:, 4:8].T.tolist() == [[False, True, False]] * 4  # then one rain each: the first of equals
    assert asked[:, 8].tolist() == [False, False, True]
    for t in range(len(pieces)):  # what comes later changes nothing
        changed = router.asked([*pieces[:t], *["wave "] * (len(pieces) - t)], k=1)
        np.testing.assert_array_equal(changed[:, : t + 1], asked[:, : t + 1])


def test_so_many_are_asked():
    asked = KeywordRouter(TEXTS, keywords=2).asked(["wheat ", "rain ", "wave ", "x"], k=2)
    assert asked.sum(axis=0).tolist() == [3, 2, 2, 2]
    assert asked[:, 2].tolist() == [False, True, True]
