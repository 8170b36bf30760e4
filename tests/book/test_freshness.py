"""What runs again, what does not, and that no stale or half-written number reaches the site."""

import signal
from types import SimpleNamespace

import numpy as np
import pytest

from mixbook.build import execution, footprint, pages, store


def test_the_first_build_computes_everything(built_once):
    first, later = built_once.claims()
    assert first["verdict"] == "holds"
    assert first["numbers"] == {"share": 0.25}
    assert later["verdict"] == "pending"
    assert "mixture [0.25 0.75]" in built_once.html("part/weights")
    assert '<span class="mx-num">0.250</span>' in built_once.html("part/weights")
    ledger = built_once.html("index")
    assert 'data-verdict="holds"' in ledger
    assert 'data-verdict="pending"' in ledger
    assert 'href="part/weights.html#claim-test.first"' in ledger
    assert 'id="claim-test.first"' in built_once.html("part/weights")


def test_a_module_reruns_the_pages_that_import_it_and_a_revert_comes_from_the_cache(book):
    # part/weights imports mixlib.kernels, which imports mixlib.simplex; part/plain does so directly
    book.edit("mixlib/simplex.py", "TOLERANCE = 1e-6", "TOLERANCE = 2e-6")
    assert book.build().ran == {"part/weights", "part/plain"}
    assert "tolerance 2e-06" in book.html("part/plain")
    book.edit("mixlib/simplex.py", "TOLERANCE = 2e-6", "TOLERANCE = 1e-6")
    assert book.build().ran == set()
    assert "tolerance 1e-06" in book.html("part/plain")
    # only one page imports this one
    book.edit("mixlib/kernels/linear.py", '"""', '"""The same. ')
    assert book.build().ran == {"part/weights"}
    # and none these, the second of which is read for the names that it defines
    book.edit("mixlib/federation/pools.py", '"""', '"""The same. ')
    book.edit("mixlib/kernels/emergent.py", '"""', '"""The same. ')
    assert book.build().ran == set()


def test_a_new_kernel_reruns_the_pages_that_go_through_the_zoo(book):
    book.edit("book/part/plain.md", "import mixlib\n", "import mixlib\nassert len(mixlib.kernels.ZOO)\n")
    assert book.build().ran == {"part/plain"}
    (book.root / "mixlib" / "kernels" / "another.py").write_text("")
    assert book.build().ran == {"part/plain"}


def test_the_books_own_modules_count_like_the_librarys_but_for_what_runs_the_pages(book):
    book.edit("book/mixbook/show/__init__.py", '"""', '"""The same. ')
    book.edit("book/mixbook/build/turns.py", '"""', '"""The same. ')
    assert book.build().ran == {"part/plain"}


def test_a_data_file_counts(book):
    (book.root / "book" / "part" / "weights.csv").write_text("0.5 0.5\n")
    assert book.build().ran == {"part/weights"}
    assert book.claims()[0]["numbers"] == {"share": 0.5}
    assert "0.5" in book.html("index")


def test_prose_alone_runs_nothing_and_still_shows(book):
    book.edit("book/part/plain.md", "A page in a book for tests.", "Another sentence.")
    assert book.build().ran == set()
    assert "Another sentence." in book.html("part/plain")
    assert "Another sentence." in (book.root / "_build" / "html" / "_notebooks" / "part" / "plain.ipynb").read_text()


def test_no_change_and_the_look_alone_run_nothing_and_the_look_still_shows(book):
    assert book.build().ran == set()
    book.edit("book/_static/mixing.css", "", "/* another look */\n")
    assert book.build().ran == set()
    assert "another look" in (book.root / "_build" / "html" / "_static" / "mixing.css").read_text()


def test_what_a_page_shows_includes_how_settled_it_is(monkeypatch):
    book = SimpleNamespace(mixing_outcome={"part/weights": SimpleNamespace(key="run")}, mixing_claims=[])
    shown = {}
    for settled in ("seed", "stable"):
        monkeypatch.setattr(execution.status, "statuses", lambda settled=settled: {"part/weights": settled})
        shown[settled] = execution._shown(book)["part/weights"]
    assert shown["seed"] != shown["stable"]


def test_a_claim_keeps_its_place_when_prose_is_put_before_its_cell(book):
    line = int(book.claims()[0]["cell"].split(":")[1])
    book.edit("book/part/weights.md", "```{code-cell}", "One more.\n\n+++\n\nAnd more.\n\n```{code-cell}")
    assert book.build().ran == set()
    assert int(book.claims()[0]["cell"].split(":")[1]) == line + 6


def test_the_claims_entry_counts_for_its_page_alone(book):
    book.edit("book/claims.yml", "Nobody has looked.", "Still nobody.")
    assert book.build().ran == set()
    assert "Still nobody." in book.html("index")
    book.edit("book/claims.yml", "page: part/weights,", "page: part/weights, reported_at: a large scale,")
    assert book.build().ran == {"part/weights"}


def test_better_words_show_on_page_and_ledger_and_run_nothing(book):
    book.edit("book/claims.yml", "A weight is below one.", "One weight is below one.")
    book.edit("book/claims.yml", "{share:.2f}", "{share:.3f}")
    assert book.build().ran == set()
    share = next(claim for claim in book.claims() if claim["id"] == "test.first")["numbers"]["share"]
    for name in ("index", "part/weights"):
        assert "One weight is below one." in book.html(name)
        assert f"It is {share:.3f}." in book.html(name)
    book.edit("book/claims.yml", "{share:.3f}", "{portion:.3f}")
    built = book.build()
    assert built.code == 1
    assert "no number is called 'portion'; the evidence has share" in built.output


def test_dependencies_and_device_count(monkeypatch, tmp_path):
    seen = {"files": [], "claims": {}, "distributions": ["numpy"], "gpu": True}
    monkeypatch.setattr(footprint, "gpu", lambda: "one")
    now = footprint.stamp(tmp_path, seen, {})
    assert now["distributions"] == {"numpy": np.__version__}
    monkeypatch.setattr(footprint, "version", lambda name: "0")
    assert footprint.differences(now, footprint.stamp(tmp_path, seen, {})) == ["numpy"]
    monkeypatch.undo()
    monkeypatch.setattr(footprint, "gpu", lambda: "two")
    assert footprint.differences(now, footprint.stamp(tmp_path, seen, {})) == ["gpu"]


def test_the_distributions_behind_a_page_are_seen(built_once):
    page = pages.Page("part/weights", built_once.root / "book" / "part" / "weights.md")
    runs = list(store.Store(built_once.root / "_build" / "executed", root=built_once.root)._runs(page))
    assert "numpy" in runs[0].facts["seen"]["distributions"]
    assert "torch" not in runs[0].facts["seen"]["distributions"]
    assert "book/part/weights.csv" in runs[0].facts["seen"]["files"]


def test_what_is_installed_within_the_project_is_no_file_of_it(tmp_path):
    """Whichever environment it is: a distribution counts by its version."""
    for folder, name in ((".venv", None), (".venv-newest/lib", None), ("mixlib", "mixlib/one.py")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "one.py").write_text("")
        assert footprint._inside(tmp_path, tmp_path / folder / "one.py") == name


def test_the_cache_alone_makes_the_site(book):
    for name in ("html", ".doctrees", "jupyter_execute"):
        assert (book.root / "_build" / name).exists()
        (book.root / "_build" / name).rename(book.root / f"gone-{name}")
    (book.root / "_build" / "claims.json").unlink()
    built = book.build()
    assert (built.code, built.ran) == (0, set())
    assert book.claims()[0]["verdict"] == "holds"
    assert "mixture [0.25 0.75]" in book.html("part/weights")
    assert 'data-verdict="holds"' in book.html("index")


def test_a_page_that_left_the_book_leaves_the_site(book):
    book.edit("_toc.yml", "  - file: part/plain\n", "")
    (book.root / "book" / "part" / "plain.md").unlink()
    assert book.build().code == 0
    assert not list((book.root / "_build" / "html").rglob("plain.*"))
    assert book.html("part/weights")


@pytest.mark.rare
@pytest.mark.parametrize("damage", ["cut", "changed", "replaced"])
def test_a_damaged_cache_is_rebuilt_with_a_notice(book, damage):
    executed = book.root / "_build" / "executed"
    if damage == "replaced":
        executed.rename(book.root / "old")
        executed.write_text("not a folder")
    else:
        for path in executed.rglob("*.ipynb"):
            text = path.read_text()
            path.write_text(text[: len(text) // 2] if damage == "cut" else text.replace("0.25", "0.26"))
    (book.root / "_build" / ".doctrees" / "environment.pickle").write_bytes(b"garbage")
    built = book.build()
    assert built.code == 0, built.output
    assert "notice: the cache file" in built.output
    assert "part/weights" in built.ran
    assert "mixture [0.25 0.75]" in book.html("part/weights")


@pytest.mark.rare
@pytest.mark.parametrize("moment", ["running part/slow", "checking consistency"])
def test_an_interrupted_build_leaves_a_state_from_which_the_next_is_right(book, moment):
    book.build()  # so that Sphinx knows the pages of this folder, and would leave them as they are
    book.page("part/slow", "```{code-cell} python\nimport time\n\ntime.sleep(2)\nprint('slow', 6 * 7)\n```\n")
    book.edit("_toc.yml", "  - file: part/plain\n", "  - file: part/plain\n  - file: part/slow\n")
    book.edit("mixlib/simplex.py", "TOLERANCE = 1e-6", "TOLERANCE = 3e-6")
    ledgers = [book.root / "_build" / name for name in ("claims.json", "html/claims.json")]
    for ledger in ledgers:
        ledger.write_text("an old ledger")
    building = book.start()
    for line in building.stdout:
        if moment in line:
            break
    building.send_signal(signal.SIGKILL)
    building.wait()
    building.stdout.close()
    assert [ledger for ledger in ledgers if ledger.exists() and ledger.read_text() == "an old ledger"] == []
    built = book.build()
    assert built.code == 0, built.output
    assert "slow 42" in book.html("part/slow")
    assert "tolerance 3e-06" in book.html("part/plain")
    assert book.build().ran == set()


def test_a_page_is_read_once_but_nobody_shares_its_notebook(tmp_path):
    path = tmp_path / "book" / "one.md"
    path.parent.mkdir()
    path.write_text("# One\n\n```{code-cell} python\n1\n```\n")
    page = pages.Page("one", path)
    page.notebook().cells[1].source = "changed"
    assert page.notebook().cells[1].source == "1"
    path.write_text("# One\n\n```{code-cell} python\n2\n```\n")
    assert page.notebook().cells[1].source == "2"
    assert page.where(1) == "book/one.md:4"
