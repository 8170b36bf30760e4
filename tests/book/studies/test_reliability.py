"""Damaged files and altered traces: what counts as a crash, and that a reader or a check that is worse is seen."""

import json

import numpy as np
import pytest

from mixbook.build.pages import BOOK
from mixbook.studies import reliability as study


def test_a_reader_that_breaks_is_counted_with_its_error(monkeypatch):
    def fragile(path):
        return {b"a": 1}[path.read_bytes()]

    def sturdy(path):
        if path.read_bytes() != b"a":
            raise ValueError("not a")

    both = {"fragile": study.Reader("f", b"a", fragile), "sturdy": study.Reader("s", b"a", sturdy)}
    monkeypatch.setattr(study, "readers", lambda folder: both)
    found = study.fuzz(50)
    assert found.loc["fragile", "crashed"] > 30
    assert found.loc["fragile", "example"].startswith("KeyError")
    assert found.loc["sturdy", ["read", "refused", "crashed"]].sum() == 50
    assert found.loc["sturdy", "crashed"] == 0
    assert list(study.fuzz(5, only=["sturdy"]).index) == ["sturdy"]


def test_damage_changes_most_files_and_is_the_same_again():
    content = bytes(range(200))
    first, again = ([study.damaged(content, np.random.default_rng([3, i])) for i in range(100)] for _ in range(2))
    assert first == again
    assert sum(one != content for one in first) > 90
    assert {len(one) > len(content) for one in first} == {True, False}


def test_readers_refuse_what_is_damaged_and_never_crash():
    found = study.fuzz(40, rng=7)
    assert found["crashed"].sum() == 0, found["example"].to_dict()
    assert (found["refused"] > 0).all()


def test_an_alteration_that_the_seal_cannot_see_is_not_called_caught(monkeypatch):
    monkeypatch.setattr(study, "ALTERATIONS", {"nothing": lambda lines, rng: lines, "token": study._token})
    found = study.tampered(5)
    assert found.loc["nothing", "caught"] == 0
    assert found.loc["token", "caught"] == 5


def test_the_record_of_the_book_counts_what_the_page_shows():
    record = json.loads((BOOK / "reliability.json").read_text(encoding="utf-8"))
    for name, trial in record["trials"].items():
        assert 0 <= trial["well"] <= trial["tried"], name
        assert trial["well"] == trial["tried"] or trial["notes"], name
    for name, row in record["readers"].items():
        assert row["read"] + row["refused"] + row["crashed"] == row["inputs"], name


@pytest.mark.rare
def test_every_kind_of_accident_is_survived_once():
    from benchmarks import reliability

    for trial in (reliability.killed_builds, reliability.killed_merges):
        done = trial(kills=1)
        assert done["well"] == done["tried"] == 1, done
    assert reliability.lost_networks(cuts=2)["well"] == 2
