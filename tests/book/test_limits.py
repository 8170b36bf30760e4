"""The list of what the book cannot compute: complete for the open rows, and in the documents' words."""

import yaml

from mixbook.build import pages
from mixbook.build.fairness import QUOTE_WORDS
from mixlib.claims import load_registry

KINDS = {"source", "value", "outside", "data"}
REGISTRY = load_registry(pages.BOOK / "claims.yml")
LISTED = {page.name for page in pages.table_of_contents()}


def _rows():
    return yaml.safe_load((pages.BOOK / "limits.yml").read_text(encoding="utf-8"))


def wrong(rows, registry, listed):
    """What is wrong with the list, as lines."""
    for row in rows:
        name = row.get("quote", "a row")
        if set(row) - {"claim"} != {"document", "section", "quote", "kind", "why"}:
            yield f"{name}: its keys are {', '.join(row)}"
            continue
        if row["kind"] not in KINDS:
            yield f"{name}: no kind {row['kind']}"
        if len(name.replace("…", " ").split()) > QUOTE_WORDS:
            yield f"{name}: more than {QUOTE_WORDS} words"
        if not row["why"].endswith("."):
            yield f"{name}: the reason is no sentence"
        if "claim" in row and registry.get(row["claim"], {}).get("expected") != "open":
            yield f"{name}: {row['claim']} is not open"
    named = [row["claim"] for row in rows if "claim" in row]
    for id, entry in registry.items():
        if entry["expected"] == "open" and entry["page"] in listed and id not in named:
            yield f"{id} is open, and book/limits.yml does not say why"


def test_every_open_row_is_listed_with_its_reason():
    assert list(wrong(_rows(), REGISTRY, LISTED)) == []


def test_sentences_are_no_row_of_the_registry_that_is_decided():
    decided = {entry["quote"] for entry in REGISTRY.values() if entry["expected"] != "open"}
    assert [row["quote"] for row in _rows() if row["quote"] in decided] == []


def test_what_is_missing_or_stale_is_told():
    row = {
        "document": "A",
        "section": "s",
        "quote": "it is so",
        "kind": "value",
        "why": "A judgement.",
        "claim": "a.one",
    }
    registry = {"a.one": {"expected": "open", "page": "p"}, "a.two": {"expected": "open", "page": "p"}}
    assert list(wrong([row], registry, {"p"})) == ["a.two is open, and book/limits.yml does not say why"]
    assert list(wrong([row], {"a.one": {"expected": "holds", "page": "p"}}, {"p"})) == ["it is so: a.one is not open"]
    assert any(said.endswith("more than 12 words") for said in wrong([row | {"quote": "so " * 13}], {}, {"p"}))
