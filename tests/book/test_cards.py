"""The card of a claim: what a page shows where a call of ``verify`` left its evidence."""

import nbformat
import pytest

from mixbook.build.cards import card, with_cards, words
from mixlib import claims

EVIDENCE = {
    "id": "t.one",
    "statement": "a < b & c",
    "source": {"document": "A", "section": "Tests"},
    "verdict": "holds",
    "expected": "holds",
    "numbers": [["some_number_nats", 0.123456]],
}


def test_a_card_names_the_claim_its_verdict_and_its_numbers():
    text = card(EVIDENCE)
    for part in ('id="claim-t.one"', "mx-badge--holds", "a &lt; b &amp; c", "<dt>some number</dt><dd>0.1235 nats</dd>"):
        assert part in text
    assert "mx-flip" not in text


ENTRY = {"statement": "It is so.", "quote": "so it is", "expected": "holds", "finding": "It is {some_number_nats:.2f}."}


def shown(entry, evidence=EVIDENCE):
    output = nbformat.v4.new_output("display_data", {claims.MIME: evidence})
    cell = nbformat.v4.new_code_cell("1", outputs=[output])
    return with_cards(nbformat.v4.new_notebook(cells=[cell]), {"t.one": entry}).cells[0].outputs[0].data["text/html"]


def test_a_card_links_to_the_form_for_an_error_where_there_is_one():
    assert "mx-report" not in card(EVIDENCE)
    text = card(EVIDENCE, lambda id: f"https://example.org/new?claim={id}&title=a")
    assert '<a href="https://example.org/new?claim=t.one&amp;title=a">Report an error in this claim</a>' in text


def test_words_are_those_of_the_registry_now():
    text = shown(ENTRY)
    for part in ("It is so.", "<q>so it is</q>", "It is 0.12."):
        assert part in text
    assert "a &lt; b" not in text


def test_a_finding_is_not_shown_for_another_verdict_than_its_own():
    assert "It is 0.12." not in shown(ENTRY | {"expected": "fails"})


def test_what_was_not_reproduced_says_where_it_was_reported():
    missed = {"expected": "not-reproduced", "reported_at": "a large model"}
    assert "It is 0.12. Reported for a large model." in shown(ENTRY | missed, EVIDENCE | {"verdict": "not-reproduced"})
    assert "Reported" not in shown(ENTRY | {"reported_at": "a large model"})


def test_a_finding_that_names_no_number_says_which_there_are():
    told, why = words(ENTRY | {"finding": "It is {share:.2f}."}, EVIDENCE)
    assert told["finding"] is None
    assert "'share'" in why
    assert "some_number_nats" in why


def test_a_flip_is_marked_and_says_both_words():
    text = card(EVIDENCE | {"expected": "fails"})
    assert " mx-flipped" in text
    assert "<strong>holds</strong>, expected was <strong>fails</strong>" in text


@pytest.mark.parametrize(("mime", "shown"), [(claims.MIME, True), ("application/json", False)])
def test_the_evidence_in_an_output_becomes_a_card_and_the_run_keeps_its_own(mime, shown):
    data = {"text/html": "<p>plain</p>", mime: EVIDENCE}
    cell = nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("display_data", data)])
    kept = cell.outputs[0]
    notebook = with_cards(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("Text"), cell]))
    assert ("mx-verdict" in notebook.cells[1].outputs[0].data["text/html"]) == shown
    assert kept.data["text/html"] == "<p>plain</p>"
