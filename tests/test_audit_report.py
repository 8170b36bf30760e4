"""What an audit leaves names what failed: tests with the last line of their error, mutants that nobody noticed."""

import shutil

import pytest

import audit_report
from forked import run_pytest
from mixbook.build.pages import ROOT
from small_book import environment

TESTS = """
import pytest

@pytest.fixture
def broken():
    raise OSError("no file")

def test_right():
    pass

def test_wrong():
    assert 1 == 2, "a `number`"

def test_nothing(broken):
    pass
"""


def audited(folder, tests, *options):
    """The report that a run of these tests leaves, or None."""
    (folder / "test_some.py").write_text(tests)
    shutil.copy(ROOT / "conftest.py", folder)
    paths = " ".join(str(ROOT / name) for name in (".", "book", "tests/support"))
    (folder / "pytest.ini").write_text(f"[pytest]\ntestpaths = .\npythonpath = {paths}\nmarkers = rare: rare\n")
    run_pytest(folder, ["-q", "-c", str(folder / "pytest.ini"), "-p", "no:cacheprovider", *options], environment())
    report = folder / "_build" / "audit" / "tests.md"
    return report.read_text() if report.exists() else None


@pytest.mark.parametrize("options", [[], pytest.param(["-n1"], marks=pytest.mark.rare)], ids=["alone", "in a worker"])
def test_it_names_failed_tests_with_their_errors(tmp_path, options):
    head, _, *rows = audited(tmp_path, TESTS, "--audit", *options).splitlines()
    assert head == "2 tests failed, 1 passed."
    assert [row.rpartition("test_some.py::")[2] for row in sorted(rows)] == [
        "test_nothing: OSError: no file`",
        "test_wrong: AssertionError: a 'number'`",
    ]


def test_it_says_that_all_is_well_and_that_the_tests_did_not_end(tmp_path):
    assert audited(tmp_path, "def test_right():\n    pass\n") is None  # no audit
    assert audited(tmp_path, "def test_right():\n    pass\n", "--audit") == "All 1 tests passed.\n"
    assert audited(tmp_path, "raise KeyboardInterrupt\n", "--audit").startswith("The tests did not come to their end")


def test_it_names_mutants_that_nobody_noticed():
    summary = "SURVIVED: mixlib/a.py:3 f: + to -\n9 of 10 mutants noticed: 90.0%"
    text = "9 of 10 mutants noticed: 90.0%.\n\n- `SURVIVED: mixlib/a.py:3 f: + to -`\n"
    assert audit_report.of_mutants(summary) == text
    red = audit_report.of_mutants(summary, "FAILED tests/test_a.py::test_it")
    assert red.startswith(text)
    assert red.endswith("```\nFAILED tests/test_a.py::test_it\n```\n")
