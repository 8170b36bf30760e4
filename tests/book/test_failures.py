"""A failure is a failure every time, and says where, what and what to do."""

import subprocess
import sys

import pytest
from sphinx.errors import ExtensionError

import execution
import pages
from small_book import FRONT


def test_a_failed_page_is_red_every_time_in_the_build_and_in_the_tests(book):
    page = book.page(
        "part/plain",
        "```{code-cell} python\n:tags: [a-tag]\n\none = 1\nraise RuntimeError('no ' + 'good')\n```\n",
    )
    line = page.read_text().splitlines().index("raise RuntimeError('no ' + 'good')") + 1
    for _ in range(2):
        built = book.build()
        assert built.code == 1
        assert f"book/part/plain.md:{line}: RuntimeError: no good" in built.output
    for _ in range(2):
        tested = book.pytest("book")
        assert tested.code == 1
        assert f"book/part/plain.md:{line}" in tested.output
        assert "1 failed, 2 passed" in tested.output


def test_a_warning_is_red_every_time(book):
    book.edit("book/part/plain.md", "A page in a book", "A [page](nowhere.md) in a book")
    for _ in range(2):
        built = book.build()
        assert built.code == 1
        assert "nowhere" in built.output


def test_the_build_and_the_tests_share_one_execution(book):
    assert "Pages run: 0 of 3" in book.pytest("book").output
    book.edit("mixlib/simplex.py", "TOLERANCE = 1e-6", "TOLERANCE = 2e-6")
    tested = book.pytest("book")
    assert tested.code == 0, tested.output
    assert "Pages run: 2 of 3" in tested.output
    assert book.build().ran == set()


def test_as_many_pages_are_tested_as_the_table_of_contents_holds():
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "book"]
    listed = subprocess.run(command, cwd=pages.ROOT, capture_output=True, text=True, check=True).stdout
    found = {line.split("::")[0] for line in listed.splitlines() if line.startswith("book/")}
    wanted = {page.path.relative_to(pages.ROOT).as_posix() for page in pages.table_of_contents()}
    assert found == wanted
    assert wanted, "the table of contents is empty"


def test_a_verdict_that_differs_stops_the_page(book):
    (book.root / "book" / "part" / "weights.csv").write_text("1 0\n")
    built = book.build()
    assert built.code == 1
    for part in ("claim test.first", "'fails'", "'holds'", "share = 1", "book/part/weights.md:"):
        assert part in built.output


VERIFY = "```{code-cell} python\nimport mixlib.claims as claims\n\nclaims.verify(%r, stated=True)\n```\n"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("an unknown claim", VERIFY % "test.frist", ["'test.frist'", "test.first"]),
        ("a claim of another page", VERIFY % "test.later", ["test.later", "expects 'fails'"]),
        (
            "a claim used twice",
            VERIFY % "test.first",
            ["test.first is verified twice", "part/plain.md", "part/weights.md"],
        ),
        (
            "a bare picture",
            "```{code-cell} python\nimport matplotlib.pyplot as plt\n\nplt.plot([1, 2]);\n```\n",
            ["part/plain", "alt"],
        ),
        ("a picture without alt text", '<img src="../_static/logo.svg">\n', ["part/plain", "alt"]),
    ],
)
def test_a_bad_page_is_red_and_says_why(book, name, text, said):
    book.page("part/plain", text)
    built = book.build()
    assert built.code == 1, name
    for part in said:
        assert part in built.output


@pytest.mark.parametrize("front", [FRONT.split("# %s")[0] + "# %s\n\nNo card.\n", FRONT.replace("status: seed\n", "")])
def test_a_page_without_card_or_status_is_red_every_time(book, front):
    book.page("part/plain", "", front)
    for _ in range(2):
        built = book.build()
        assert built.code == 1
        assert "part/plain.md" in built.output


def test_a_page_of_the_contents_without_a_file_is_red(book):
    (book.root / "book" / "part" / "plain.md").unlink()
    built = book.build()
    assert built.code == 1
    assert "part/plain" in built.output


def test_a_claim_that_stands_twice_in_the_registry_is_red(book):
    path = book.root / "book" / "claims.yml"
    path.write_text(path.read_text() * 2)
    built = book.build()
    assert built.code == 1
    assert "test.first stands twice" in built.output


def test_a_page_that_changes_during_the_build_is_named_as_such():
    with pytest.raises(ExtensionError, match="changed while the book was being built"):
        execution.read_executed(FRONT % "New" + "```{code-cell} python\nnobody_ran_this\n```\n")
