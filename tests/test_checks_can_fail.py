"""A check that cannot fail proves nothing: break the machinery that all checks rely on, and see red.

Each break is planted in a copy of the project, where the test or page that guards it is green before and red after.
Whether the tests notice mistakes in the library itself is for the mutants (``tests/mutation``) to say.
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
        "book/mixbook/build/findings.py",
        "if old is None or new is None or moved(old, new):",
        "if old is None or new is None:",
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
    "compiled into loops.py": Break(
        "mixlib/federation/fused/elementary.py",
        "return z * p + _exponent(x) * log2",
        "return z * p - _exponent(x) * log2",
        "tests/federation/fused/test_mixtures.py::test_any_size_and_range",
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


@pytest.mark.parametrize("planted", BREAKS.values(), ids=BREAKS)
def test_a_break_and_nothing_else_turns_its_guard_red(planted, tmp_path):
    project = copy_project(tmp_path / "project")
    executed = ROOT / "_build" / "executed"
    if executed.is_dir() and planted.guard.startswith("book/"):
        shutil.copytree(executed, project.root / "_build" / "executed", ignore=shutil.ignore_patterns("*.part"))
    green = project.pytest(planted.guard)
    assert green.code == 0, green.output
    text = (project.root / planted.file).read_text(encoding="utf-8")
    assert text.count(planted.old) == 1, f"{planted.old!r} stands {text.count(planted.old)} times in {planted.file}"
    project.edit(planted.file, planted.old, planted.new)
    red = project.pytest("-x", planted.guard)
    assert red.code == 1, red.output  # 1: tests failed; other codes mean that none ran
