"""The tables of the atlas on squares whose answer is known: what stands above the diagonal, and who is next to whom."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from mixbook.studies.domains.atlas import alike, keys, null

NAMES = list("abcd")
# a and c are alike, and b and d; the two groups are not
SQUARE = pd.DataFrame([[1, 0.1, 0.9, 0.2], [0.1, 1, 0.2, 0.8], [0.9, 0.2, 1, 0.1], [0.2, 0.8, 0.1, 1]], NAMES, NAMES)


def test_pairs_are_those_above_the_diagonal():
    found = alike.above(SQUARE)
    assert list(found.index) == [("a", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"), ("c", "d")]
    assert found.tolist() == [0.1, 0.9, 0.2, 0.2, 0.8, 0.1]


def test_who_is_alike_stands_together():
    places = {name: place for place, name in enumerate(alike.order(SQUARE))}
    assert abs(places["a"] - places["c"]) == abs(places["b"] - places["d"]) == 1


def test_nobody_is_nearest_to_oneself():
    assert alike.nearest(1 - SQUARE) == [("a", "c"), ("b", "d")]


def test_laws_that_cannot_be_asked_of_both_count_for_nothing():
    table = pd.DataFrame({"a": [1, 0, np.nan, np.nan], "b": [1, 0, 1, 0], "c": [0, 1, 1, 0]}, dtype=float)
    assert alike.common(table).loc["a", "b"] == 0.5
    assert alike.agreement(table).loc["a"].tolist() == [1, 1, 0]


def test_medians_are_of_sets_without_repeats():
    blocks = np.arange(5)[:, None] == np.arange(5)  # nothing in common but with oneself
    square = pd.DataFrame(blocks.astype(float))
    assert not null.medians_of_sets(square, 3, sets=50, rng=0).any()
    whole = null.medians_of_sets(SQUARE, 4, sets=3, rng=0)
    assert whole.tolist() == pytest.approx([np.median([0.1, 0.9, 0.2, 0.2, 0.8, 0.1])] * 3)


def test_a_map_is_as_good_as_its_worse_direction(monkeypatch):
    voices = [SimpleNamespace(name=name, identities=lambda: {"equal parts": 0.0}) for name in "ab"]
    told = {"a": SimpleNamespace(error=0.001, units_error=0.03), "b": SimpleNamespace(error=0.02, units_error=0.002)}
    monkeypatch.setattr(keys, "fit_key", lambda player, played, *given, **settings: told[player.name])
    pair = keys.compare(*voices)
    assert (pair.error, pair.units_error, pair.kind) == (0.02, 0.03, "none")
