"""Decimal numbers in prose are computed, or marked as quoted: one that is typed goes stale in silence."""

import ast
import re

import pytest

from mixbook.build import pages

DECIMAL = re.compile(r"(?<![\w.{])\d+\.\d+(?![\w}])")
MARKED = re.compile(r"\bquoted\b|\{cite:")  # in the same sentence
UNREAD = (  # what is no prose: fences other than cards, mathematics, roles, code, links
    re.compile(r"(?ms)^(`{3,})(?!\{l0\}).*?^\1\s*$"),
    re.compile(r"(?m)^`{3,}.*$"),
    re.compile(r"(?s)\$\$.*?\$\$|\$[^$\n]*(?:\n[^$\n]*)?\$"),
    re.compile(r"\{(?!cite:)[^}`]*\}`[^`]*`|(?<!\})`[^`]*`"),
    re.compile(r"\]\([^)]*\)"),
)
SENTENCE = re.compile(r"(?<=[.;!?])\s+(?=[^\da-z])|\n\n+|\|")
# typed before this check was: thresholds that a design states, settings, and pictures told in words; none may be added
DEFINED = {}


def typed_in(text):
    """The sentences of a Markdown text that hold a decimal number and no mark."""
    for unread in UNREAD:
        text = unread.sub(" ", text)
    return [" ".join(s.split()) for s in SENTENCE.split(text) if DECIMAL.search(s) and not MARKED.search(s)]


def typed_beside(code):
    """The alternative texts and captions of a cell that hold a decimal number which is not computed."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.keyword) and node.arg in ("alt", "caption"):
            typed = [k.value for k in ast.walk(node.value) if isinstance(k, ast.Constant) and isinstance(k.value, str)]
            found += [text for text in typed if DECIMAL.search(text) and not MARKED.search(text)]
    return found


@pytest.mark.parametrize("page", pages.table_of_contents(), ids=lambda page: page.name)
def test_numbers_of_prose_are_computed_or_quoted(page):
    found = []
    for index, cell in enumerate(page.notebook().cells):
        if cell.cell_type == "markdown":
            found += [f"{page.where(index)}: {sentence}" for sentence in typed_in(cell.source)]
        elif cell.cell_type == "code":
            found += [f"{page.where(index)}: {text}" for text in typed_beside(cell.source)]
    told = "\n".join(found)
    assert len(found) <= DEFINED.get(page.name, 0), f"compute these with {{num}}, or say that they are quoted:\n{told}"
    assert len(found) == DEFINED.get(page.name, 0), f"fewer than before: lower the number in DEFINED to {len(found)}"


def test_a_typed_number_is_found():
    assert typed_in("It makes 25.0 ppb. See $x = 1.5$, `2.5` and {num}`a:.1f`.") == ["It makes 25.0 ppb."]
    assert not typed_in("It makes 25.0 ppb (quoted). It takes 2.5 {cite:p}`stone1961`, and 12 or a half.")
    assert typed_in("```{l0}\nA card with 0.25.\n```") == ["A card with 0.25."]
    assert not typed_in("```\n0.25\n```")
    assert typed_beside("figure(draw, alt='from 0.04 up', caption=f'{x:.2f} and 1.5')") == ["from 0.04 up", " and 1.5"]
    assert not typed_beside("figure(draw, alt='a curve', caption=f'{x:.2f}', width=0.5)")
