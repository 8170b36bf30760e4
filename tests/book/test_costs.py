"""The longest page starts first: by its last run, else by what was committed; and the lock is no noise in diffs."""

from pathlib import Path

import pytest

from mixbook.build import costs, pages, runner
from mixbook.build.store import Store
from small_book import FRONT


@pytest.fixture
def three(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    (tmp_path / "book").mkdir()
    listed = [pages.Page(name, tmp_path / "book" / f"{name}.md") for name in ("short", "long", "longest")]
    for number, page in enumerate(listed):
        page.path.write_text(FRONT % "A page" + "Prose.\n" * (9 - number))  # the longest has the least text
    return listed


@pytest.fixture
def lock(tmp_path):
    return tmp_path / "costs.lock"


def started(three, lock, tmp_path, monkeypatch):
    """The names of the pages in the order in which a build starts them."""
    monkeypatch.setattr(costs.longest_first, "__defaults__", (lock,))
    said = []
    runner.bring_up_to_date(three, build=tmp_path / "_build", say=said.append, jobs=1)
    return [line.split()[1] for line in said if line.startswith("running ")]


def test_a_first_run_starts_the_longest_page_first_and_a_later_one_goes_by_the_last(three, lock, tmp_path, monkeypatch):
    costs.write({"short": 1.0, "long": 30.0, "longest": 200.0}, lock)
    assert started(three, lock, tmp_path, monkeypatch) == ["longest", "long", "short"]
    store = Store(tmp_path / "_build" / "executed")
    for page, seconds in zip(three, (9.0, 2.0, 3.0), strict=True):
        run = store.newest(page)
        run.facts["seen"]["cpu_seconds"] = seconds
        store.add(page, run.notebook, run.facts)
    assert [page.name for page in costs.longest_first(three, store, lock)] == ["short", "longest", "long"]


def test_the_processor_time_of_a_page_is_that_of_its_process(built_once):
    runs = Store(built_once.root / "_build" / "executed")
    computed, prose = (pages.Page(name, built_once.root / "book" / f"{name}.md") for name in ("part/weights", "index"))
    assert 0.1 < runs.newest(computed).cpu_seconds < 60
    assert runs.newest(prose).cpu_seconds == 0


def test_a_page_that_nobody_knows_starts_first(three, lock, tmp_path):
    store = Store(tmp_path / "executed")
    costs.write({"short": 8, "longest": 64}, lock)
    assert [page.name for page in costs.longest_first(three, store, lock)] == ["long", "longest", "short"]
    lock.unlink()  # then more text stands for more work
    assert [page.name for page in costs.longest_first(three, store, lock)] == ["short", "long", "longest"]


def test_a_line_changes_only_where_a_cost_did(lock):
    costs.write({"a/b": 0.2, "c": 5.5, "d": 90.0, "gone": 3}, lock)
    assert costs.read(lock) == {"a/b": 1, "c": 4, "d": 64, "gone": 4}
    first = lock.read_text()
    assert "\nd = 64\n" in first
    costs.write({"a/b": 2.0, "c": 2.0, "d": 128.0, "gone": 8}, lock)
    assert lock.read_text() == first
    costs.write({"a/b": 2.1, "c": 1.9, "d": 129.0, "new": 17.0}, lock)
    assert costs.read(lock) == {"a/b": 2, "c": 2, "d": 128, "new": 16}


def test_committed_costs_are_of_pages():
    known = costs.read(Path(costs.LOCK))
    assert known.keys() <= {page.name for page in pages.table_of_contents()}
