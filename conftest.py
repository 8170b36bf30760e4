"""Shared by all tests: pages as nbmake items, the built site, and the numbers at the end."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbmake.pytest_items import NotebookFailedException, NotebookItem

import pages
import runner
from resources import Peak, peak_memory

ROOT = Path(__file__).resolve().parent
STARTED = time.perf_counter()

# one thread each: tests and pages share the processors, and the numbers don't depend on how many there are
for _name, _value in runner.THREADS.items():
    os.environ.setdefault(_name, _value)


class PageFile(pytest.File):
    def collect(self):
        yield PageItem.from_parent(self, filename=str(self.path))


class PageItem(NotebookItem):
    """A page of the book, run by nbmake unless its last run is still true."""

    def runtest(self):
        outcome = _all_pages(self.config)[_page(self.path).name]
        if isinstance(outcome, runner.PageError):
            result = outcome.result
            result.error.trace = f"{outcome.place}\n{result.error.trace}"
            result.error.summary = f"{outcome.place}: {result.error.summary}"
            raise NotebookFailedException(result)

    def reportinfo(self):
        return self.path, 0, f"page {_page(self.path).name}"


def _page(path):
    return next((page for page in pages.table_of_contents() if page.path == path), None)


def _all_pages(config):
    """Run what is out of date among the collected pages, several at once, when the first item asks."""
    stash = config.stash
    if OUTCOME not in stash:
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        wanted = [page for page in pages.table_of_contents() if page.path in stash[COLLECTED]]
        with config.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
            reporter.write_line("")
            stash[OUTCOME] = runner.bring_up_to_date(wanted, say=reporter.write_line)
    return stash[OUTCOME]


OUTCOME = pytest.StashKey()
COLLECTED = pytest.StashKey()
MEMORY = pytest.StashKey()


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".md" and pages.BOOK in file_path.parents and _page(file_path):
        return PageFile.from_parent(parent, path=file_path)
    return None


def pytest_collection_modifyitems(config, items):
    items.sort(key=_rank)
    config.stash[COLLECTED] = {item.path for item in items if isinstance(item, PageItem)}


def _rank(item):
    # pages run before the site is built from them
    if isinstance(item, PageItem):
        return 1
    return 2 if "built_site" in getattr(item, "fixturenames", ()) else 0


@pytest.fixture(scope="session")
def built_site():
    """The folder of the built site; builds it first, which runs no page that is up to date."""
    command = [str(Path(sys.executable).parent / "jupyter-book"), "build", "book"]
    command += ["--config", str(ROOT / "_config.yml"), "--toc", str(ROOT / "_toc.yml")]
    command += ["--path-output", ".", "-W", "--keep-going"]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout[-6000:] + built.stderr[-6000:]
    return ROOT / "_build" / "html"


def pytest_sessionstart(session):
    session.config.stash[MEMORY] = (peak := peak_memory(into=Peak())), peak.__enter__()


def pytest_sessionfinish(session):
    session.config.stash[MEMORY][0].__exit__(None, None, None)


def pytest_terminal_summary(terminalreporter, config):
    outcome = config.stash.get(OUTCOME, None)
    if outcome is not None:
        terminalreporter.write_line(f"Pages run: {len(outcome.ran)} of {len(outcome)}")
    terminalreporter.write_line(
        f"Time: {time.perf_counter() - STARTED:.0f} s    Peak memory: {config.stash[MEMORY][1].bytes / 2**30:.2f} GiB"
    )
