"""Shared by all tests: pages as nbmake items, the built site, two workers, and the numbers at the end."""

import functools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import filelock
import pytest
import xdist
from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprTraceback
from nbmake.nb_result import NotebookError, NotebookResult
from nbmake.pytest_items import NotebookFailedException, NotebookItem
from xdist.scheduler import LoadScopeScheduling

import audit_report
import chance
import rotation
from mixbook.build import findings, ledger, pages, runner
from mixbook.build.resources import Peak, peak_memory

ROOT = Path(__file__).resolve().parent
STARTED = time.perf_counter()
OUTCOME, COLLECTED, RAN, MEMORY = (pytest.StashKey() for _ in range(4))

# one thread each: tests and pages share the processors, and the numbers don't depend on how many there are
for _name, _value in runner.THREADS.items():
    os.environ.setdefault(_name, _value)


def pytest_addoption(parser):
    parser.addoption(
        "--explore",
        nargs="?",
        const="fresh",
        metavar="SEED",
        help="ten times as many examples as usual, drawn from SEED; without one from a fresh one, which is printed",
    )
    parser.addoption("--audit", action="store_true", help="run whole what is otherwise drawn in part")
    parser.addoption("--rotation", metavar="SEED", help="draw that part from SEED, not from the content of the sources")


@pytest.hookimpl(tryfirst=True)  # before hypothesis reads its own options
def pytest_configure(config):
    vars(config.option).update(getattr(config, "workerinput", {}).get("drawn", {}))
    if seed := config.option.explore:
        seed = chance.fresh_seed() if seed == "fresh" else seed
        if not seed.isdecimal():
            raise pytest.UsageError(f"--explore: expected a seed, got {seed!r}; write --explore=SEED, or put it last")
        config.option.explore = config.option.hypothesis_seed = seed
        config.option.hypothesis_profile = "explore"
    config.option.rotation = config.option.rotation or rotation.seed()
    rotation.whole, rotation.chosen = config.option.audit, config.option.rotation


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Workers draw what the first process says; they read its command line themselves."""
    node.workerinput["drawn"] = {name: getattr(node.config.option, name) for name in ("explore", "rotation")}


@pytest.fixture(autouse=True)
def _seeded():
    chance.seed_everything()


class PageFile(pytest.File):
    def collect(self):
        yield PageItem.from_parent(self, filename=str(self.path))


class PageItem(NotebookItem):
    """A page of the book, run by nbmake unless its last run is still true."""

    def runtest(self):
        page, runs = _page(self.path), _all_pages(self.config)
        other_text = findings.collect([page], runs).other_text()
        mistakes = [*runs[page.name].errors, *ledger.mistakes_of([page], runs, other_text=other_text)]
        if mistakes:
            trace = "\n".join(f"{mistake.trace}\n{mistake}" for mistake in mistakes)
            error = NotebookError("; ".join(map(str, mistakes)), trace, mistakes[0].cell)
            raise NotebookFailedException(NotebookResult(runs[page.name].notebook, error))

    def repr_failure(self, excinfo, style=None):
        """What nbmake shows, in a form that a worker can send whole."""
        shown = super().repr_failure(excinfo, style)
        return ReprExceptionInfo(ReprTraceback([ReprEntryNative([shown.term])], None, "native"), shown.reprcrash)

    def reportinfo(self):
        return self.path, 0, f"page {_page(self.path).name}"


def _page(path):
    return next((page for page in pages.table_of_contents() if page.path == path), None)


def _all_pages(config):
    """Run what is out of date among the collected pages, several at once, when the first item asks."""
    stash = config.stash
    if OUTCOME not in stash:
        wanted = [page for page in pages.table_of_contents() if page.path in stash[COLLECTED]]
        with config.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
            reporter = config.pluginmanager.get_plugin("terminalreporter")  # a worker has none
            say = reporter.write_line if reporter else functools.partial(print, file=sys.stderr)
            say("")
            stash[OUTCOME] = runner.bring_up_to_date(wanted, say=say)
        stash[RAN] = len(stash[OUTCOME].ran), len(wanted)
    return stash[OUTCOME]


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".md" and pages.BOOK in file_path.parents and _page(file_path):
        return PageFile.from_parent(parent, path=file_path)
    return None


def pytest_collection_modifyitems(config, items):
    _draw_rare_ones(config, items)
    items.sort(key=_rank)
    config.stash[COLLECTED] = {item.path for item in items if isinstance(item, PageItem)}


def pytest_collection_finish(session):
    """Where a test forks, start what it forks from; the tests of one file do so when they come to it."""
    if "forked" in sys.modules and len({item.path for item in session.items}) > 1:
        sys.modules["forked"].start_server()


def _draw_rare_ones(config, items):
    """Leave a third of the tests marked ``rare``, unless somebody names what to run."""
    if config.args_source is pytest.Config.ArgsSource.ARGS:
        return
    rare = [item for item in items if item.get_closest_marker("rare")]
    left_out = {*rare} - {*rotation.draw(rare, -(-len(rare) // 3), of=lambda item: item.nodeid)}
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = [item for item in items if item not in left_out]


def _rank(item):
    """First the pages and the files of the site; with two workers the other tests meanwhile; then what needs both."""
    needs = getattr(item, "fixturenames", ())
    if isinstance(item, PageItem):
        return 0
    if "browser" in needs or "page_runs" in needs:
        return 3
    return 1 if "built_site" in needs else 2


class InOrder(LoadScopeScheduling):
    """Give the workers the tests in their order, file by file: what the tests of a file share is made once."""

    def _split_scope(self, nodeid):
        file, _, test = nodeid.partition("::")
        if file.startswith("book/") or file == "tests/site/test_files.py":
            return "pages and site"
        if file == "tests/site/test_in_the_browser.py" and "[" in test:
            return test[test.index("[") :]  # all checks of one visit
        if file.startswith("tests/site/") or file == "tests/book/test_determinism.py":
            return nodeid  # long ones, the last of all
        return f"{file} {self._stretch[nodeid]}"

    @functools.cached_property
    def _stretch(self):
        """The number of the stretch of one file's tests in which a test stands: some files are torn by the order."""
        stretches, number, last = {}, 0, None
        for nodeid in self.collection:
            file = nodeid.partition("::")[0]
            number, last = number + (file != last), file
            stretches[nodeid] = number
        return stretches


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False
    return InOrder(config, log)


@pytest.fixture(scope="session")
def once(tmp_path_factory, worker_id):
    """Call it with a name and a function: one worker calls the function, all get its value, which JSON can hold."""
    folder = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        folder = folder.parent  # that of all workers

    def value(name, make):
        path = folder / f"{name}.json"
        with filelock.FileLock(f"{path}.lock"):
            if not path.exists():
                path.write_text(json.dumps(make()), encoding="utf-8")
        return json.loads(path.read_text(encoding="utf-8"))

    return value


@pytest.fixture(scope="session")
def built_site(once):
    """The folder of the built site; builds it first, which runs no page that is up to date."""
    once("site", _build_site)
    return ROOT / "_build" / "html"


def _build_site():
    command = [sys.executable, str(ROOT / "book" / "mixbook"), "build"]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout[-6000:] + built.stderr[-6000:]


def pytest_sessionstart(session):
    if not xdist.is_xdist_worker(session):  # the one process that has all others below it
        session.config.stash[MEMORY] = (peak := peak_memory(into=Peak())), peak.__enter__()


def pytest_sessionfinish(session):
    stash = session.config.stash
    if not xdist.is_xdist_worker(session):
        stash[MEMORY][0].__exit__(None, None, None)
    elif RAN in stash:
        session.config.workeroutput["pages"] = stash[RAN]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    if "pages" in getattr(node, "workeroutput", {}):
        node.config.stash[RAN] = node.workeroutput["pages"]


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    if config.option.audit:
        report = audit_report.of_tests(terminalreporter.stats, exitstatus)
        audit_report.write(ROOT / "_build" / "audit" / "tests.md", report)
    if config.option.explore:
        terminalreporter.write_line(f"Explored: --explore={config.option.explore} draws the same again")
    if not config.option.audit:
        terminalreporter.write_line(f"Drawn with --rotation={config.option.rotation}; --audit runs all")
    if RAN in config.stash:
        terminalreporter.write_line("Pages run: {} of {}".format(*config.stash[RAN]))
    terminalreporter.write_line(
        f"Time: {time.perf_counter() - STARTED:.0f} s    Peak memory: {config.stash[MEMORY][1].bytes / 2**30:.2f} GiB"
    )
