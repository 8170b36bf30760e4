"""The journal: what it refuses, when a reason is asked for, its page's feed, and that it agrees with the ledger."""

import json

import pytest
from lxml import etree

from mixbook.build import findings, journal, journal_page, pages
from mixlib.claims import load_registry

ATOM = {"a": "http://www.w3.org/2005/Atom"}
REGISTRY = {"a.one": {"criterion": "Holds if it is so."}, "a.two": {}}


def write(path, *rows):
    path.write_text("".join(f"- {json.dumps(dict(zip(journal.KEYS, row, strict=True)))}\n" for row in rows))
    return path


def test_the_last_entry_of_each_claim_is_what_the_lock_holds():
    accepted, ending = findings.read(), ": verdict"
    known = {key[len("claim ") : -len(ending)]: word for key, word in accepted.items() if key.endswith(ending)}
    registry = load_registry(pages.BOOK / "claims.yml")
    assert list(journal.unexplained(known, registry, journal.read())) == []
    assert len(known) >= 37


def test_a_changed_verdict_or_criterion_wants_a_reason(tmp_path):
    path, verdicts = tmp_path / "journal.yml", {"a.one": "holds", "a.two": "fails"}
    changes = list(journal.unexplained(verdicts, REGISTRY, journal.read(path)))
    assert changes == [("a.one", None, "holds"), ("a.two", None, "fails")]
    journal.add(changes, dict.fromkeys(verdicts, "First computed."), REGISTRY, path)
    entries = journal.read(path)
    assert list(journal.unexplained(verdicts, REGISTRY, entries)) == []
    assert list(journal.unexplained(verdicts | {"a.two": "open"}, REGISTRY, entries)) == [("a.two", "fails", "open")]
    other = REGISTRY | {"a.one": {"criterion": "Holds if it is not so."}}
    assert list(journal.unexplained(verdicts, other, entries)) == [("a.one", "holds", "holds")]
    assert "by another criterion" in journal.question(("a.one", "holds", "holds"))
    reworded = REGISTRY | {"a.one": {"criterion": "Holds  if it\nis so.", "statement": "Other words."}}
    assert list(journal.unexplained(verdicts, reworded, entries)) == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("2026-01-02", "a.one", None, "holds", "", "0")], "no reason"),
        ([("2026-01-02", "a.one", "fails", "holds", "So.", "0")], "takes a.one from 'fails'"),
        (
            [("2026-01-02", "a.one", None, "holds", "So.", "0"), ("2026-01-01", "a.two", None, "holds", "So.", "0")],
            "older",
        ),
    ],
)
def test_what_does_not_follow_is_refused(tmp_path, rows, said):
    with pytest.raises(ValueError, match=said):
        journal.read(write(tmp_path / "journal.yml", *rows))


@pytest.mark.parametrize("text", ["no colon", "a.one:", ": because"])
def test_a_reason_names_its_claim(text):
    with pytest.raises(ValueError, match="--why"):
        journal.reasons([text])


def test_the_feed_is_atom_newest_first(tmp_path):
    rows = [
        ("2026-01-02", "a.one", None, "holds", "First computed.", "0"),
        ("2026-01-03", "a.one", "holds", "fails", "A <fairer> test.", "0"),
    ]
    entries = journal.read(write(tmp_path / "journal.yml", *rows))
    feed = etree.fromstring(journal_page.feed(entries, "https://example.org/", "A book"))
    assert feed.tag == f"{{{ATOM['a']}}}feed"
    for element in ("id", "title", "updated", "author/a:name", "link"):  # what RFC 4287 asks of a feed
        assert len(feed.findall(f"a:{element}", ATOM)) == 1, element
    found = feed.findall("a:entry", ATOM)
    for entry in found:
        for element in ("id", "title", "updated", "link", "summary"):
            assert len(entry.findall(f"a:{element}", ATOM)) == 1, element
    assert [entry.findtext("a:title", namespaces=ATOM) for entry in found] == ["a.one: holds → fails", "a.one: holds"]
    assert found[0].findtext("a:summary", namespaces=ATOM) == "A <fairer> test."
    assert found[0].find("a:link", ATOM).get("href") == "https://example.org/ledger.html#a.one"
    ids = [element.text for element in feed.iterfind(".//a:id", ATOM)]
    assert len(set(ids)) == 3
    again = etree.fromstring(journal_page.feed(entries[:1]))
    assert again.findtext("a:entry/a:id", namespaces=ATOM) == found[1].findtext("a:id", namespaces=ATOM)
