"""Whatever is wrong comes in one form, ``page.md:line: what: fix``, all of it, as the last lines of the build."""

import re

import pytest

from mixbook.build import channel, pages, runner
from mixbook.build.located import Mistake
from small_book import FRONT, TOC

FORM = re.compile(r"[\w./-]+:\d+: .+: .+")
NOISE = ("Traceback", "zmq", "nbclient", "nbmake", "Exception occurred", "docname", "RuntimeError")


def _cells(*cells):
    return "\n".join(f"```{{code-cell}} python\n{cell}\n```\n\nProse.\n" for cell in cells)


def _line(path, text):
    return path.read_text(encoding="utf-8").splitlines().index(text) + 1


def _listed(built):
    """The last lines of a build, after the one that says how many they are."""
    lines = built.output.rstrip().splitlines()
    start = max(i for i, line in enumerate(lines) if line.endswith(("wrong:",)))
    return lines[start + 1 :]


def test_every_mistake_of_a_build_is_in_its_last_lines(book):
    front = FRONT.replace("measured: []", "measured: [seed")
    plain = book.page("part/plain", _cells("one = 1\nundefined + one"), front)
    dead = book.page("part/dead", _cells("first = 1", "import os\n\nos._exit(3)", "never = 1"))
    again = book.page(
        "part/again", _cells("import mixlib.claims as claims\n\nclaims.verify('test.first', stated=True, share=0.5)")
    )
    looks = book.page("part/looks", 'A [page](nowhere.md) and\n<img src="../_static/logo.svg">\n')
    contents = TOC + "".join(f"  - file: part/{name}\n" for name in ("dead", "again", "looks"))
    (book.root / "_toc.yml").write_text(contents)
    book.edit("book/claims.yml", "part: tests, statement: Nobody", "part: test, statement: Nobody")
    built = book.build()
    assert built.code == 1
    listed = _listed(built)
    verified = _line(again, "claims.verify('test.first', stated=True, share=0.5)")
    for said in (
        f"book/part/plain.md:{_line(plain, 'text_from: []')}: no YAML",
        f"book/part/plain.md:{_line(plain, 'undefined + one')}: NameError: name 'undefined' is not defined: ",
        f"book/part/dead.md:{_line(dead, 'import os')}: the process of the page died in this cell: ",
        f"book/part/again.md:{verified}: claim test.first is verified",
        f"book/part/looks.md:{_line(looks, 'A [page](nowhere.md) and')}: ",
        "book/part/looks.md:1: an image has no alt text",
        "book/claims.yml:4: claim test.later: there is no part 'test'",
    ):
        assert [line for line in listed if line.startswith(said)], f"{said}\n{built.output}"
    assert [line for line in listed if not FORM.fullmatch(line)] == []
    assert len(set(listed)) == len(listed)
    assert str(book.root) not in "\n".join(listed)
    told = built.output.replace("NameError                                 Traceback (most recent call last)", "")
    assert [noise for noise in NOISE if noise in told] == [], told
    assert book.html("part/dead")
    assert book.html("part/plain")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("book/claims.yml", "- {id: test.later", "  - {id: test.later", "book/claims.yml:4: no YAML"),
        ("book/claims.yml", "expected: holds", "expected: hold", "book/claims.yml:2: claim test.first: no verdict"),
        ("_toc.yml", "  - file: part/plain", " - file: part/plain", "_toc.yml:5: no YAML"),
        ("_config.yml", "execute:", "execute", "_config.yml:9: no YAML"),
    ],
)
def test_what_stops_a_build_is_said_before_anything_is_run(book, file, old, new, said):
    book.edit(file, old, new)
    built = book.build()
    assert built.code == 1
    assert "Nothing was run" in built.output
    assert not list((book.root / "_build").rglob("claims.json"))
    assert [line for line in _listed(built) if line.startswith(said)], built.output
    assert [line for line in _listed(built) if not FORM.fullmatch(line)] == []
    assert [noise for noise in NOISE if noise in built.output] == []


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run one page alone; returns the page's path and its mistakes."""
    monkeypatch.setattr(pages, "ROOT", tmp_path)

    def alone(text, **options):
        path = tmp_path / "book" / "page.md"
        path.parent.mkdir()
        path.write_text(FRONT % "Alone" + text, encoding="utf-8")
        page = pages.Page("page", path)
        return path, runner.bring_up_to_date([page], build=tmp_path / "_build", say=lambda line: None, **options).errors

    return alone


def test_a_cell_that_is_too_slow_is_named(run):
    path, (mistake,) = run(_cells("import time", "time.sleep(3600)"), seconds_a_cell=8)
    assert (mistake.path, mistake.line) == ("book/page.md", _line(path, "time.sleep(3600)"))
    assert mistake.what == "this cell takes more than 8 s"
    assert "mixing_seconds_a_cell" in mistake.fix


def test_a_page_that_no_kernel_can_run_is_named(run, monkeypatch):
    def no_kernel(self):
        raise RuntimeError("Kernel died before replying to kernel_info")

    monkeypatch.setattr(runner.NotebookRun, "execute", no_kernel)
    path, (mistake,) = run(_cells("one = 1"))
    assert (mistake.path, mistake.line) == ("book/page.md", _line(path, "one = 1"))
    assert "kernel_info" in mistake.what


@pytest.mark.parametrize(
    ("location", "place"),
    [
        (f"{pages.BOOK}/part/plain.md:12", ("book/part/plain.md", 12)),
        (f"{pages.BOOK}/part/plain.md", ("book/part/plain.md", 1)),
        (f"{pages.BOOK}/part/plain.md:None", ("book/part/plain.md", 1)),
        (f"{pages.BOOK}/part/plain.md:<unknown>", ("book/part/plain.md", 1)),
        (
            f"{pages.ROOT}/mixlib/simplex.py:docstring of mixlib.sample:3",
            ("mixlib/simplex.py:docstring of mixlib.sample", 3),
        ),
        (None, ("_config.yml", 1)),
    ],
)
def test_a_warning_has_a_place(location, place):
    assert channel.place_of(location) == place


def test_what_a_full_disk_breaks_is_one_line_and_other_mistakes_stay():
    full = "[Errno 28] No space left on device: '_build/html/a.html'"
    of_sphinx = "Failed to copy a file: OSError(28, 'No space left on device')"
    found = [
        Mistake("_config.yml", 1, text, "mend it") for text in (full, of_sphinx, "FileNotFoundError: [Errno 2] a.csv")
    ]
    other, disk = channel.in_one_line(found)
    assert "a.csv" in other.what
    assert str(disk).startswith("_build:1: the disk is full: make room: ")
    assert channel.in_one_line(found[2:]) == found[2:]


def test_a_folder_that_cannot_be_written_to_is_named_before_anything_runs(tmp_path):
    assert channel.unwritable(tmp_path / "_build") is None
    (tmp_path / "file").write_text("a")
    assert "nothing was run" in channel.unwritable(tmp_path / "file")
    assert list((tmp_path / "_build").iterdir()) == []
