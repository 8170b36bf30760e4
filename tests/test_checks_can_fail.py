"""A check that cannot fail proves nothing: break the machinery that all checks rely on, and see red.

The breaks are planted in a copy of the project, one at a time. The tests and pages that guard them are green there
before, and each is red after its break. Whether the tests notice mistakes in the library itself is for the mutants
(``tests/mutation``) to say.
"""

import shutil
from typing import NamedTuple

import pytest

from mixbook.build.pages import ROOT
from small_book import copy_project


class Break(NamedTuple):
    """``old`` becomes ``new`` in ``file``; ``guard`` is a test or a page that must notice."""

    file: str
    old: str
    new: str
    guard: str


BREAKS = {
    "a page": Break(
        "mixlib/kernels/linear.py",
        "return (xp",
        "return -(xp",
        "book/seam/l2.md",
    ),
    "a verdict": Break(
        "mixlib/claims/verdicts.py",
        "if all(stated):",
        "if any(stated):",
        "tests/claims/test_verdicts.py::test_the_rule",
    ),
    "how far a number may move": Break(
        "mixlib/reported.py",
        "SHARE = 0.1  #",
        "SHARE = 0.9  #",
        "tests/test_reported.py",
    ),
    "the lock of the findings": Break(
        "mixlib/reported.py",
        "if before is None or after is None or moved(before, after, factor):",
        "if before is None or after is None:",
        "tests/book/test_findings.py::test_numbers_from_the_text_of_a_package_are_held_against_those_of_the_same_version",
    ),
    "freshness: a data file": Break(
        "book/mixbook/build/footprint.py",
        "_opened.add(arguments[0])",
        "_opened.discard(arguments[0])",
        "tests/book/test_freshness.py::test_a_data_file_counts",
    ),
    "freshness: a package": Break(
        "book/mixbook/build/footprint.py",
        'for key in ("files", "claims", "distributions"):',
        'for key in ("files", "claims"):',
        "tests/book/test_freshness.py::test_dependencies_and_device_count",
    ),
    "the stamp of compiled code": Break(
        "mixlib/compiled.py",
        "left |= {other for other in _imported(name) if other not in found}",
        "left |= set()",
        "tests/test_compiled.py::test_the_stamp_holds_what_is_imported_in_any_way",
    ),
    "compiled into tree.py": Break(
        "mixlib/information/sweeps/elimination.py",
        "precisions[earlier] += share",
        "precisions[earlier] -= share",
        "tests/information/sweeps/test_sweep_search.py::test_finds_the_extremes_of_a_system_that_can_be_swept",
    ),
    "the same examples each time": Break(
        "tests/support/chance.py",
        "providers._get_local_constants = lambda: _NO_CONSTANTS",
        "",
        "tests/test_chance.py::test_examples_do_not_depend_on_what_was_imported_before",
    ),
    "the same state of generators": Break(
        "tests/support/chance.py",
        "    random.seed(0)\n",
        "",
        "tests/test_chance.py::test_global_generators_begin_alike",
    ),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project in which all guards are green."""
    project = copy_project(tmp_path_factory.mktemp("broken") / "project")
    executed = ROOT / "_build" / "executed"
    if executed.is_dir():  # the page that is a guard need not run before it is broken
        shutil.copytree(executed, project.root / "_build" / "executed", ignore=shutil.ignore_patterns("*.part"))
    green = project.pytest(*dict.fromkeys(planted.guard for planted in BREAKS.values()))
    assert green.code == 0, green.output
    return project


@pytest.mark.parametrize("planted", BREAKS.values(), ids=BREAKS)
def test_a_break_and_nothing_else_turns_its_guard_red(project, planted):
    path = project.root / planted.file
    text = path.read_text(encoding="utf-8")
    assert text.count(planted.old) == 1, f"{planted.old!r} stands {text.count(planted.old)} times in {planted.file}"
    project.edit(planted.file, planted.old, planted.new)
    try:
        red = project.pytest("-x", planted.guard)
    finally:
        shutil.copy2(ROOT / planted.file, path)  # with its old time, or bytecode of the break would pass for its own
    assert red.code == 1, red.output  # 1: tests failed; other codes mean that none ran
