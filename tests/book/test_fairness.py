"""The rules of a fair verdict that a machine can hold, each broken once."""

import pytest

from mixbook.build import fairness, ledger, pages
from mixbook.build.located import load

ROW = """- id: a.one
  quote: "it can be so"
  statement: It may be so.
  criterion: Holds if it is so.
  finding: "It is so by {gap:.2f}."
"""
EVIDENCE = {"verdict": "holds", "seeds": [0, 1, 2], "settings": {"systems": ["one", "another"]}}


def told(text, computed=True):
    (row,), mistakes = load(text, "claims.yml")
    assert mistakes == []
    return [str(mistake) for mistake in fairness.check_words(row, "claim a.one", "claims.yml", computed=computed)]


def test_a_fair_row_has_no_mistakes():
    assert told(ROW) == []
    assert list(fairness.check_evidence(EVIDENCE)) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('  quote: "it can be so"\n', "", 1, "has no quote"),
        ("it can be so", "it can be so " * 4, 2, "has 16 words"),
        ("It may be so.", "It may only be so.", 3, "says 'only'"),
        ("It may be so.", "It may be so by itself.", 3, "says 'by itself'"),
        ("It may be so.", "It is so.", 3, "drops the quote's 'can'"),
        ("  criterion: Holds if it is so.\n", "", 1, "has no criterion"),
        ('  finding: "It is so by {gap:.2f}."\n', "", 1, "has no finding"),
        ("{gap:.2f}", "0.25", 5, "no number of the evidence"),
    ],
)
def test_what_is_unfair_is_told_with_its_line(old, new, line, said):
    assert old in ROW
    (mistake,) = told(ROW.replace(old, new))
    assert mistake.startswith(f"claims.yml:{line}: claim a.one: ")
    assert said in mistake


def test_what_the_quote_says_the_statement_may_say():
    assert told(ROW.replace("it can be so", "it can only be so").replace("It may be so.", "It may only be so.")) == []
    assert told(ROW.replace("it can be so", "it is so … as one may tell")) == []


def test_twelve_words_are_the_limit():
    assert told(ROW.replace("it can be so", "can " + "so " * 11)) == []
    assert "has 13 words" in told(ROW.replace("it can be so", "can " + "so " * 12))[0]


def test_a_planned_claim_needs_no_criterion_and_no_finding():
    assert told("".join(ROW.splitlines(keepends=True)[:3]), computed=False) == []


def test_an_open_claim_has_no_numbers():
    assert told(ROW.replace("{gap:.2f}", "something") + "  expected: open\n") == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"settings": {}}, "no systems"),
        ({"settings": {"missing": "the log"}}, "no systems"),
        ({"settings": {"missing": "the log"}, "verdict": "open"}, None),
        ({"settings": {}, "verdict": "open"}, "no systems"),
        ({"settings": {"systems": ["one"]}}, "by 1 system and 3 seeds"),
        ({"seeds": [0, 1, 1]}, "by 2 systems and 2 seeds"),
        ({"seeds": None}, "by 2 systems and 0 seeds"),
        ({"seeds": None, "settings": {"systems": "any pool", "theorem": "Jensen"}}, None),
        ({"seeds": None, "verdict": "fails"}, None),
    ],
)
def test_a_claim_that_holds_needs_a_theorem_or_enough_cases(more, said):
    found = [what for what, _ in fairness.check_evidence(EVIDENCE | more)]
    assert [said in what for what in found] == [True] * (said is not None)


def test_every_verdict_of_the_book_has_enough_evidence_and_its_finding(page_runs):
    listed = pages.table_of_contents()
    wrong = [
        f"{place}: {evidence['id']}: {what}"
        for _, _, place, evidence in ledger.evidence_of(listed, page_runs)
        for what, _ in fairness.check_evidence(evidence)
    ]
    assert wrong == []
    rows = ledger.claims_of(listed, page_runs)
    assert [row["id"] for row in rows if row["verdict"] == row["expected"] and not row["finding"]] == []
