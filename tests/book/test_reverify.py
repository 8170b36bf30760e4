"""All pages again, held against the accepted findings: the report names what failed, moved, is gone, and changed."""

import re

import pytest

from mixbook.build import issue, reverify


def verified(book):
    """Status, output and report of a second verification."""
    report = book.root / "_build" / "reverify.md"
    report.unlink(missing_ok=True)
    done = book.command("reverify")
    return done.code, done.output, report.read_text() if report.exists() else None


def edit_lock(book, *changes):
    for old, new in changes:
        book.edit("book/findings.lock", old, new)


def test_the_report_names_what_differs_and_pages_that_failed(book):
    assert book.command("accept").code == 0
    lock = (book.root / "book" / "findings.lock").read_text()
    version = re.search(r"^used numpy = (.*)$", lock, re.MULTILINE)[1]
    # versions that differ stand there though nothing moved
    edit_lock(book, (f"used numpy = {version}", "used numpy = 0.1"))
    code, said, report = verified(book)
    assert (code, report.splitlines()[0]) == (0, "0 verdicts differ, 0 numbers differ.")
    assert "Pages run: 3 of 3" in said
    assert f"| `numpy` | `0.1` | `{version}` |" in report
    # a number of a claim, one in prose and a claim that is gone, each with what changed; a page with its cell
    edit_lock(book, ("share = 0.25", "share = 0.35"), ("mixture[0] = 0.25", "mixture[0] = 0.45"))
    edit_lock(book, ("used numpy", "claim test.gone: verdict = holds\nused numpy"))
    book.edit("book/part/plain.md", "print(", "1 / 0\nprint(")
    line = (book.root / "book" / "part" / "plain.md").read_text().splitlines().index("1 / 0") + 1
    code, said, report = verified(book)
    assert code == 1
    assert report.startswith("**0 verdicts differ, 2 numbers differ, 1 claims are gone, 1 cells failed.**")
    for row in (
        f"| `part/plain` | `book/part/plain.md:{line}` | `ZeroDivisionError: division by zero` |",
        "| `test.first: share` | `0.3500000±1e-05` | `0.2500000±1e-05` | `numpy` |",
        "| `page part/weights: mixture[0]` | `0.450000±0.0001` | `0.250000±0.0001` | `numpy` |",
        "| `test.gone` |",
        "### The build ended with status 1",
        f"book/part/plain.md:{line}: ZeroDivisionError: division by zero: mend",
    ):
        assert row in report
    # the build compares the same lines
    told = said.split("What changed since the findings were accepted (2):")[1]
    for key in ("claim test.first: share", "page part/weights: mixture[0]"):
        assert f"  {key}: " in told


def test_a_build_that_cannot_even_begin_is_in_the_report(book):
    assert book.command("accept").code == 0
    book.edit("book/mixbook/build/build.py", "from jupyter_book", "from a_package_that_is_gone")
    code, _, report = verified(book)
    assert code == 1
    assert report.startswith("### The build ended with status 1\n\n```\n")
    assert "ModuleNotFoundError: No module named 'a_package_that_is_gone'" in report
    assert not (book.root / "_build" / "claims.json").exists()


@pytest.mark.parametrize("said", ["one\n\nThe site; 1 is wrong:\na\nb\n", "The site; 1 is wrong:\na\nb"])
def test_the_last_lines_are_what_is_wrong(said):
    assert reverify.last_lines(said) == "The site; 1 is wrong:\na\nb"
    assert len(reverify.last_lines("line\n" * 9999)) < issue.LONGEST / 10
    assert "```" not in reverify.last_lines("```")
