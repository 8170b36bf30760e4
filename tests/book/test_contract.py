"""The contract of a page: every page keeps it, and each breach is told with page and line."""

import re

import pytest

from mixbook.build import lint, pages
from mixbook.build.contract import Contract
from mixbook.build.pages import Page

GOOD = """---
kernelspec: {display_name: Python 3, language: python, name: python3}
---
# Coffee

```{l0}
A card.
```

## Overview

It leans on {cite:t}`one2000` and the {doc}`other page <../seam/other>`.

```{code-cell} ipython3
knobs(DOMAINS["coffee"])
figure(draw, alt="A line that rises from left to right.", caption="A line")
```

(here)=
## Deep dive

As {ref}`here <here>`.

```{code-cell} ipython3
claims.verify("coffee.one", stated=True)
```

## Extend this page

Add to it, see [there](../seam/other.md) and ![a cup of coffee](cup.svg).
"""
ROW = """- {id: coffee.one, part: domains, quote: it is so, statement: It is so., page: domains/coffee, expected: holds,
   source: {document: A, section: Tests}}
"""


@pytest.fixture
def told(tmp_path):
    """The mistakes of the page above after a change, as texts."""

    def check(old="", new="", more=(), name="domains/coffee"):
        text = GOOD
        for one, other in ((old, new), *more):
            assert one in text
            text = text.replace(one, other, 1)
        for path, content in {
            f"book/{name}.md": text,
            "book/seam/other.md": "(there)=\n# Other\n",
            "book/claims.yml": ROW,
            "book/references.bib": "@article{one2000,\n  title = {One}\n}\n",
            "book/costs.lock": f"{name} = {costs}\n",
            "book/findings.lock": lock,
        }.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(content)
        contract = Contract(tmp_path, {name: 1, "seam/other": 2}, {"domains": 32, "seam": 64})
        return [str(mistake) for mistake in contract.mistakes(Page(name, tmp_path / "book" / f"{name}.md"))]

    costs, lock = 8, ""

    def setting(new_costs=8, new_lock=""):
        nonlocal costs, lock
        costs, lock = new_costs, new_lock

    check.setting = setting
    return check


def test_every_page_of_the_book_keeps_it_and_no_folder_is_forgotten():
    listed = dict.fromkeys((page.name for page in pages.table_of_contents()), 1)
    assert lint.check_contract(pages.ROOT, listed) == []
    folders = {name.partition("/")[0] for name in listed if "/" in name}
    config = lint.yaml.safe_load((pages.ROOT / "_config.yml").read_text())["sphinx"]["config"]
    assert folders - {"api"} <= set(config["mixing_pages"])
    assert set(config["mixing_pages"].values()) <= {32, 64, 128}


def test_a_page_that_keeps_it_has_no_mistakes(told):
    assert told() == []


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("```{l0}\nA card.\n```\n", "", 4, "no L0 card"),
        ("A card.", "One\ntwo\nthree\nfour\nfive\nsix.", 6, "the L0 card has 6 lines"),
        ("# Coffee\n", "# Coffee\n\nA word before.\n", 8, "'A word before.' stands above the L0 card"),
        ("## Overview", "## First", 10, "its first section is no overview"),
        ("## Deep dive", "### Deep dive", 10, "has no third level"),
        ("## Extend this page", "## Go on", 28, "does not say how to extend it"),
        ('knobs(DOMAINS["coffee"])', "pass", 10, "shows no knobs"),
        ("verify(", "settle(", 1, "verifies no claim: verify coffee.one"),
        ('"coffee.one"', '"coffee.two"', 1, "verifies no claim"),
        (
            "one2000",
            "one2001",
            12,
            "cites one2001, which is no source: add it to book/references.bib (did you mean one2000?)",
        ),
        ("<../seam/other>", "<../seam/othr>", 12, "links to ../seam/othr, which is no page"),
        ("<../seam/other>", "<other>", 12, "links to other, which is no page"),
        ("(../seam/other.md)", "(../seam/nothing.md)", 30, "links to ../seam/nothing, which is no page"),
        (
            "<here>",
            "<heer>",
            22,
            "refers to heer, which no page has: write (heer)= above the place that is meant (did you",
        ),
        ('alt="A line that rises from left to right.", ', "", 16, "figure has no alt text"),
        ("A line that rises from left to right.", "A line", 16, "the alt text of figure has 2 words"),
        ("![a cup of coffee]", "![]", 30, "an image has no alt text"),
        ("knobs(DOMAINS", "import matplotlib.pyplot as plt\nknobs(DOMAINS", 15, "a picture of pyplot has no alt text"),
        ("knobs(DOMAINS", "from matplotlib import pyplot\nknobs(DOMAINS", 15, "a picture of pyplot has no alt text"),
    ],
)
def test_a_breach_is_told_with_its_line(told, old, new, line, said):
    found = told(old, new)
    assert [text for text in found if text.startswith(f"book/domains/coffee.md:{line}: ") and said in text], found
    assert all(re.match(r"[\w./-]+:\d+: .+: .+", text) for text in found)


def test_a_page_over_its_time_is_told(told):
    told.setting(64)
    (found,) = told()
    assert found.startswith("book/domains/coffee.md:1: costs 64 processor seconds, more than 32: ")
    assert told(old="knobs(DOMAINS", new="box(DOMAINS", name="seam/coffee")[-1].startswith(
        "book/seam/coffee.md:1: verif"
    )


def test_accepted_findings_without_days_have_no_status(told):
    told.setting(8, "claim coffee.one: verdict = holds\n")
    (found,) = told()
    assert "has accepted findings and no status" in found
    told.setting(8, "claim coffee.one: verdict = holds\nsince domains/coffee = 2026-01-02 2026-01-02\n")
    assert told() == []


@pytest.mark.parametrize(
    ("reason", "line", "said"),
    [
        ("{claim: nobody claims anything of it}", None, None),
        ("{claim: none}", 3, "claim has no reason"),
        (
            "{cliam: nobody claims anything of it}",
            3,
            "no page may lack 'cliam': it may be levels, knobs, claim, alt (did",
        ),
        ("nothing at all", 3, "names nothing"),
        ("{claim: nobody claims anything of it, alt: it has no pictures}", 3, "lacking alt, and lacks nothing of it"),
    ],
)
def test_a_reason_excuses_what_it_names_and_nothing_else(told, reason, line, said):
    more = [("name: python3}\n", f"name: python3}}\nwithout: {reason}\n")]
    found = told("verify(", "settle(", more)
    assert (found == []) if said is None else [text for text in found if f".md:{line}: " in text and said in text], (
        found
    )


def test_what_fences_and_spans_show_is_no_reference(told):
    shown = (
        "````markdown\n{cite:p}`none2000`\n\n```{doc}\n```\n````\n\nWrite `` {ref}`nowhere` `` and `[x](nowhere.md)`.\n"
    )
    assert told("Add to it,", f"{shown}\nAdd to it,") == []


def test_the_build_and_the_linter_check_it(book):
    assert lint.mistakes(book.root) == []
    book.edit("_config.yml", "mixing_pages: {", "mixing_pages: {part: 64, ")
    found = [mistake.what for mistake in lint.mistakes(book.root) if mistake.path == "book/part/plain.md"]
    assert {"its first section is no overview", "verifies no claim"} <= set(found)


def test_a_page_outside_of_folders_keeps_it_when_it_is_named(tmp_path):
    for path, content in {"book/lone.md": "# Lone\n", "book/claims.yml": ROW, "book/costs.lock": ""}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(content)
    page = Page("lone", tmp_path / "book" / "lone.md")
    assert Contract(tmp_path, {"lone": 1}, {"seam": 64}).mistakes(page) == []
    assert any("no L0 card" in str(one) for one in Contract(tmp_path, {"lone": 1}, {"lone": 32}).mistakes(page))
