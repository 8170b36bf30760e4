"""Mistakes in the files of the book are named before anything runs: where, what, what to do, and all at once."""

import re

import pytest

from mixbook.build import lint, pages
from small_book import FRONT, Project, write_pages


@pytest.fixture
def files(tmp_path):
    """The files of the small book, without the library."""
    project = Project(tmp_path)
    write_pages(project)
    return project


def test_the_book_and_the_small_book_have_no_mistakes(files):
    assert lint.mistakes() == []
    assert lint.mistakes(files.root) == []


PLAIN, CLAIMS, KERNEL = "book/part/plain.md", "book/claims.yml", "language: python, name: python3"


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "said"),
    [
        ("_toc.yml", "part/plain", "part/plian", "_toc.yml:5", ["part/plian has no file", "did you mean part/plain?"]),
        ("_toc.yml", "part/plain", "part/plain.md", "_toc.yml:5", ["part/plain.md has no file"]),
        ("_toc.yml", "  - file: part/plain", "", PLAIN + ":1", ["not in the contents", "- file: part/plain"]),
        ("_toc.yml", "part/plain", "part/weights", "_toc.yml:5", ["part/weights stands on line 4"]),
        ("_toc.yml", "chapters:", "chaptres:", "_toc.yml:1", ["chaptres"]),
        ("_config.yml", "execute:", "execute", "_config.yml:9", ["no YAML"]),
        ("_toc.yml", "  - file: part/plain", "\t- file: part/plain", "_toc.yml:5", ["no YAML", "spaces"]),
        (PLAIN, KERNEL, "language: python, name: pyhton3", PLAIN + ":4", ["name 'pyhton3'", "python3"]),
        (PLAIN, KERNEL, "language: julia, name: python3", PLAIN + ":4", ["language 'julia'"]),
        (PLAIN, KERNEL, "language: python", PLAIN + ":4", ["name None"]),
        (PLAIN, "kernelspec: {", "kernel: {", PLAIN + ":4", ["'kernel'", "did you mean kernelspec?"]),
        (
            PLAIN,
            "kernelspec: {display_name: Python 3, language: python, name: python3}\n",
            "",
            PLAIN + ":1",
            ["no kernel"],
        ),
        (PLAIN, "format_name: myst", "format_name: markdown", PLAIN + ":3", ["'markdown'", "format_name: myst"]),
        (PLAIN, "measured: []", "measured: []\nmeasured: []", PLAIN + ":6", ["measured stands twice"]),
        (PLAIN, "measured: []", "measured: []\nexecution: {allow_errors: true}", PLAIN + ":6", ["'execution'"]),
        (PLAIN, "measured: []", "status: stable", PLAIN + ":5", ["nobody reads the key 'status'"]),
        (PLAIN, "measured: []", "measured: [seed", PLAIN + ":6", ["no YAML"]),
        (PLAIN, "measured: []", " measured: []", PLAIN + ":5", ["no YAML"]),
        (PLAIN, "text_from: []\n---\n", "text_from: []\n", PLAIN + ":1", ["has no end", "three dashes"]),
        (PLAIN, "---\njupytext", "jupytext", PLAIN + ":1", ["no front matter"]),
        (CLAIMS, "part: tests, statement: A", "part: test, statement: A", CLAIMS + ":2", ["'test'", "mean tests?"]),
        (
            CLAIMS,
            "part: tests, statement: A",
            "part: domains, statement: A",
            CLAIMS + ":2",
            ["outside its part domains"],
        ),
        (CLAIMS, "expected: holds", "expected: hold", CLAIMS + ":2", ["'hold'", "holds, corrected"]),
        (CLAIMS, "expected: holds", "expected: not-reproduced", CLAIMS + ":2", ["add reported_at"]),
        (CLAIMS, "expected: holds", "expcted: holds", CLAIMS + ":2", ["test.first", "lacks expected"]),
        (CLAIMS, "expected: holds", "expected: holds, note: no", CLAIMS + ":2", ["nobody reads the key 'note'"]),
        (CLAIMS, "expected: holds", "expected: holds, expected: fails", CLAIMS + ":2", ["expected stands twice"]),
        (CLAIMS, "id: test.first", "id: test_first", CLAIMS + ":2", ["another form", "lower case"]),
        (CLAIMS, "id: test.later", "id: test.first", CLAIMS + ":4", ["test.first stands twice", "on line 2"]),
        (CLAIMS, "page: part/later", "page: part/weight", CLAIMS + ":4", ["no page part/weight", "part/weights"]),
        (CLAIMS, "document: A, ", "", CLAIMS + ":3", ["source is incomplete"]),
        (CLAIMS, "- {id: test.first", "- a word\n- {id: test.first", CLAIMS + ":1", ["'a word' is no claim"]),
        (CLAIMS, "   source", "\tsource", CLAIMS + ":3", ["no YAML", "spaces"]),
    ],
)
def test_a_mistake_is_named_with_its_place_and_its_repair(files, file, old, new, place, said):
    files.edit(file, old, new)
    found = [str(mistake) for mistake in lint.mistakes(files.root)]
    named = [line for line in found if line.startswith(place + ": ") and all(part in line for part in said)]
    assert named, found
    assert all(re.match(r"[\w./-]+:\d+: .+: .+", line) for line in found)


def test_a_claim_among_those_of_another_part_is_named(files):
    files.edit("_config.yml", "mixing_parts:\n", "mixing_parts:\n      others: [part]\n")
    files.edit(CLAIMS, "id: test.later, part: tests", "id: test.later, part: others")
    with (files.root / CLAIMS).open("a", encoding="utf-8") as registry:
        registry.write(
            "- {id: test.last, part: tests, statement: One more., page: part/none, expected: open,\n"
            "   source: {document: A, section: Tests}, quote: one more}\n"
        )
    (found,) = lint.mistakes(files.root)
    assert "outside its part tests" in found.what
    assert found.line == 6


def test_code_that_prose_shows_is_no_code(files):
    shown = FRONT.replace("kernelspec: {display_name: Python 3, language: python, name: python3}\n", "") % "Shown"
    path = files.root / PLAIN
    path.write_text(shown + "````markdown\n```{code-cell} python\n1\n```\n````\n")
    assert lint.mistakes(files.root) == []
    path.write_text(shown + "````{code-cell} python\n1\n````\n")
    assert [mistake.what for mistake in lint.mistakes(files.root)] == ["a page with code cells has no kernelspec"]


def test_every_mistake_is_told_at_once_and_the_build_is_red(book):
    book.page("part/forgotten", "")
    book.edit("book/claims.yml", "part: tests, statement: A", "part: test, statement: A")
    book.edit(PLAIN, "display_name: Python 3, language: python", "display_name: Python 3, language: julia")
    built = book.build()
    assert built.code == 1
    for place in ("book/part/forgotten.md:1: ", "book/claims.yml:2: ", PLAIN + ":4: "):
        assert place in built.output


def test_another_order_of_the_contents_shows_on_every_page(book):
    book.build()  # so that Sphinx knows the pages of this folder, and would leave them as they are
    assert _around(book, "index") == ["part/weights"]
    first, second = (f"  - file: part/{name}\n" for name in ("weights", "plain"))
    book.edit("_toc.yml", first + second, second + first)
    built = book.build()
    assert (built.code, built.ran) == (0, set()), built.output
    assert _around(book, "index") == ["part/plain"]
    assert _around(book, "part/plain") == ["index", "part/weights"]
    assert _around(book, "part/weights") == ["part/plain"]
    for name in ("index", "part/weights", "part/plain"):
        assert re.findall(r"(weights|plain)</a>", _sidebar(book, name)) == ["plain", "weights"], name


def _around(book, name):
    """The pages that links lead back and on to."""
    links = re.findall(r'class="(?:left-prev|right-next)"\s+href="([^"]+)"', book.html(name))
    site = book.root / "_build" / "html"
    found = [((site / f"{name}.html").parent / link).resolve().relative_to(site.resolve()) for link in links]
    return [path.with_suffix("").as_posix() for path in found]


def _sidebar(book, name):
    return re.search(r'<nav class="bd-links[^"]*".*?</nav>', book.html(name), re.DOTALL)[0]


def test_the_registry_and_the_settings_agree():
    used = {entry["part"] for entry in lint.load((pages.BOOK / "claims.yml").read_text(), CLAIMS)[0]}
    assert used == set(lint.parts_of(pages.ROOT))
