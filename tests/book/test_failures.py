"""A failure is a failure every time, and says where, what and what to do."""

import re

import pytest
from sphinx.errors import ExtensionError

from mixbook.build import execution
from small_book import FRONT, PAGES, TOC

CLAIMS = """
- {id: test.second, part: tests, statement: One is two., page: part/weights, expected: fails,
   source: {document: A, section: Tests}}
- {id: test.third, part: tests, statement: The cell is sound., page: part/plain, expected: holds,
   source: {document: A, section: Tests}}
- {id: test.fourth, part: tests, statement: The next cell runs., page: part/plain, expected: fails,
   source: {document: A, section: Tests}}
"""
SECOND = "```{code-cell} python\nclaims.verify('test.second', stated=True)\n```\n"
BROKEN = (
    "```{code-cell} python\n:tags: [hide-cell]\n\none = 1\nraise RuntimeError('no ' + 'good')\n"
    "claims.verify('test.third', stated=True)\n```\n\n"
    "```{code-cell} python\nfrom mixlib import claims\n\nclaims.verify('test.fourth', stated=True)\n```\n"
)


def test_every_flip_and_every_failed_cell_is_shown_and_listed_every_time(book):
    registry, weights = (book.root / "book" / name for name in ("claims.yml", "part/weights.csv"))
    registry.write_text(registry.read_text() + CLAIMS)
    weights.write_text("1 0\n")
    book.edit("book/part/weights.md", "The share is", SECOND + "\nThe share is")
    page = book.page("part/plain", BROKEN)
    line = page.read_text().splitlines().index("raise RuntimeError('no ' + 'good')") + 1
    listed = [
        f"book/part/plain.md:{line}: RuntimeError: no good: mend",
        "claim test.first: the evidence says 'fails', the registry expects 'holds' (share = 1)",
        "claim test.second: the evidence says 'holds', the registry expects 'fails'",
        "claim test.fourth: the evidence says 'holds', the registry expects 'fails'",
    ]
    # a page with errors runs again each time; one whose verdicts only differ has run well
    for ran in ({"part/weights", "part/plain"}, {"part/plain"}):
        built = book.build()
        assert (built.code, built.ran) == (1, ran), built.output
        assert [said for said in listed if said not in built.output.split("are wrong:")[1]] == []
        assert "4  not as expected" in built.output
    verdicts = {claim["id"]: claim["verdict"] for claim in book.claims()}
    assert list(verdicts) == ["test.first", "test.later", "test.second", "test.third", "test.fourth"]
    assert list(verdicts.values()) == ["fails", "pending", "holds", "unverified", "holds"]
    assert (book.root / "_build/html/claims.json").read_text() == (book.root / "_build/claims.json").read_text()
    ledger = book.html("index")
    assert ledger.count(" mx-flipped") == 4
    assert "expected: holds" in ledger
    assert "4 not as expected" in ledger
    assert book.html("part/weights").count(" mx-flipped") == 2
    plain = book.html("part/plain")
    assert plain.count("tag_failed") == 1
    assert "tag_hide-cell" not in plain
    assert plain.count(" mx-flipped") == 1
    tested = book.pytest("book")
    assert tested.code == 1
    assert "2 failed, 1 passed" in tested.output
    assert [said for said in listed if said not in tested.output] == []
    # and nothing of it stays
    registry.write_text(registry.read_text().replace(CLAIMS, ""))
    weights.write_text("0.25 0.75\n")
    book.edit("book/part/weights.md", SECOND, "")
    book.page("part/plain", "")
    assert book.build().code == 0
    assert not [name for name in ("index", "part/weights", "part/plain") if "mx-fl" in book.html(name)]


def test_the_build_and_the_tests_share_one_execution_of_the_pages_in_the_contents(book):
    book.page("part/forgotten", "")
    tested = book.pytest("-v", "book").output
    assert "Pages run: 0 of 3" in tested
    assert set(re.findall(r"^book/(\S+)\.md", tested, re.MULTILINE)) == set(PAGES)
    (book.root / "book" / "part" / "forgotten.md").unlink()
    book.edit("mixlib/simplex.py", "TOLERANCE = 1e-6", "TOLERANCE = 2e-6")
    tested = book.pytest("book")
    assert tested.code == 0, tested.output
    assert "Pages run: 2 of 3" in tested.output
    assert book.build().ran == set()


VERIFY = "```{code-cell} python\nimport mixlib.claims as claims\n\nclaims.verify(%r, stated=True)\n```\n"


BAD = {
    "unknown": (VERIFY % "test.frist", ("'test.frist'", "test.first")),
    "elsewhere": (VERIFY % "test.later", ("claim test.later", "gives it to 'part/later'")),
    "bare": ("```{code-cell} python\nimport matplotlib.pyplot as plt\n\nplt.plot([1, 2]);\n```\n", ("alt",)),
}


def test_bad_pages_are_red_and_say_why(book):
    for name, (text, _) in BAD.items():
        book.page(f"part/{name}", text)
    (book.root / "_toc.yml").write_text(TOC + "".join(f"  - file: part/{name}\n" for name in BAD))
    built = book.build()
    assert built.code == 1
    listed = built.output.split("are wrong:")[1].splitlines()
    for name, (_, said) in BAD.items():
        told = [line for line in listed if line.startswith(f"book/part/{name}.md:")]
        assert [line for line in told if all(part in line for part in said)], f"{name}: {built.output}"


def test_what_sphinx_finds_wrong_is_red_every_time(book):
    book.edit("book/part/plain.md", "A page in a book", "A [page](nowhere.md) in a book")
    book.page("part/cardless", "", FRONT.split("# %s")[0] + "# %s\n\nNo card.\n")
    book.page("part/stateless", "", FRONT.replace("measured: []\n", "status: seed\n"))
    (book.root / "_toc.yml").write_text(TOC + "  - file: part/cardless\n  - file: part/stateless\n")
    for _ in range(2):
        built = book.build()
        assert built.code == 1
        listed = built.output.split("are wrong:")[1]
        for said in ("nowhere", "part/cardless.md", "part/stateless.md"):
            assert said in listed


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
