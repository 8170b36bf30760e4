"""Numbers in prose are evaluated in the page's kernel, shown by the site and the notebook, and wrong ones are named."""

import nbformat
import pytest

from mixbook.build import lint, num, pages
from small_book import FRONT, Project, write_pages

CELLS = (
    "It began with {num}`late:.1f`, {num}`2 + 2`.\n\n```{code-cell} python\nshare, rows = 0.25, [1, 2]\n```\n\n"
    'Then {num}`share:.0%` of {num}`rows[0:1][0]` and {num}`{"a": 1}["a"]:,d`; `` {num}`share` `` is how.\n\n'
    "```\n{num}`share`\n```\n\n```{note}\n{num}`sum(r for r in rows):.1f`\n```\n\n"
    "```{code-cell} python\nfrom math import pi as late\n\ndef local():\n    hidden = 1\n```\n"
)
VALUES = {"2 late": 3.14159, "1 2 + 2": 4, "1 share": 0.25, "1 rows[0:1][0]": 1, '1 {"a": 1}["a"]': 1218}


def test_a_number_is_evaluated_where_it_stands_or_where_its_names_are_defined():
    found = num.numbers_of(pages.read(FRONT % "One" + CELLS))
    assert [number.key for number in found] == [*VALUES, "1 sum(r for r in rows)"]
    assert [number.spec for number in found] == [".1f", "", ".0%", "", ",d", ".1f"]


@pytest.mark.parametrize(("write", "lead", "end"), [(None, "{num}`", "`"), (num.plain, "", "")])
def test_the_text_takes_the_place_of_the_expression_alone(write, lead, end):
    notebook = num.filled(pages.read(CELLS), VALUES, *[write] * (write is not None))
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for text in ("3.1", "4", "25%", "1", "1,218", num.FAILED):
        assert f" {lead}{text}{end}" in prose.replace("\n", " ")
    assert "`` {num}`share` `` is how" in prose
    assert "```\n{num}`share`\n```" in prose
    assert num.plain("a_b*") == r"a\_b\*"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{num}`shaer:.1f`", "{num}`shaer`: no cell defines shaer: define it in a cell (did you mean share?)"),
        ("{num}`hidden`", "no cell defines hidden"),
        ("{num}`share +:.1f`", "is no expression"),
        ("{num}`share:.1z`", "there is no format '.1z'"),
    ],
)
def test_what_can_be_told_without_running_is_told_by_the_linter(tmp_path, text, said):
    project = Project(tmp_path)
    write_pages(project)
    path = project.page("part/plain", CELLS + f"\nProse,\nand {text}.\n")
    (mistake,) = lint.mistakes(tmp_path)
    line = next(n for n, row in enumerate(path.read_text().splitlines(), 1) if row.startswith("and "))
    assert str(mistake).startswith(f"book/part/plain.md:{line}: ")
    assert said in str(mistake)


def test_a_page_without_code_has_nothing_that_computes(tmp_path):
    project = Project(tmp_path)
    write_pages(project)
    project.page("part/plain", "It is {num}`2 + 2`.\n")
    assert [mistake.what for mistake in lint.mistakes(tmp_path)] == [
        "{num}`2 + 2`: there is no cell that could compute it"
    ]


def test_the_site_and_the_notebook_show_the_number_and_a_new_format_runs_nothing(book):
    assert '<span class="mx-num">0.250</span>' in book.html("part/weights")
    book.edit("book/part/weights.md", "{num}`mixture[0]:.3f`", "{num}`mixture[0]:.0%`")
    built = book.build()
    assert (built.code, built.ran) == (0, set()), built.output
    assert '<span class="mx-num">25%</span>' in book.html("part/weights")
    notebook = nbformat.read(book.root / "_build/html/_notebooks/part/weights.ipynb", 4)
    assert notebook.cells[-1].source == "The share is 25%."
    # another expression is code: the page runs, and what goes wrong there is named with its line
    prose = "The sum is {num}`mixture.sum():.2f`,\n{num}`mixture`, {num}`mixture[2]`, {num}`str(mixture):.2f`.\n"
    path = book.root / "book/part/weights.md"
    later = "\n```{code-cell} python\nmixture = 2 * mixture\n```\n\nLater it is {num}`mixture.sum():.2f`.\n"
    path.write_text(path.read_text().replace("The share is {num}`mixture[0]:.0%`.\n", prose + later))
    line = path.read_text().splitlines().index(prose.splitlines()[0]) + 1
    built = book.build()
    assert (built.code, built.ran) == (1, {"part/weights"}), built.output
    for said in (
        "{num}`mixture`: TypeError: gives a ndarray, and a sentence shows one number or text: mend the expression",
        "{num}`mixture[2]`: IndexError: ",
        "{num}`str(mixture)`: '[0.25 0.75]' has no format '.2f': write a format that fits",
    ):
        assert f"book/part/weights.md:{line + 1}: {said}" in built.output
    for shown in ("1.00", "2.00"):  # each as the page was where it stands
        assert f'<span class="mx-num">{shown}</span>' in book.html("part/weights")
    assert book.html("part/weights").count(num.FAILED) == 3


def test_what_a_comprehension_gives_a_value_is_defined_after_no_cell():
    # since Python 3.12 the table of symbols holds it, and a number was asked for before its cell
    assert num._made_in("a = [y := x for x in ()]\n{k: v for k, v in ()}\nsum(i for i in ())") == {"a", "y"}
    assert num._made_in("import numpy as np\nfor q in (): pass\n%matplotlib inline") == {"np", "q"}
