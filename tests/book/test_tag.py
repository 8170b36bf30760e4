"""A tag that is not the version, or a version without an entry in the changelog, ends a release before it begins."""

import subprocess
import sys

import pytest

from mixbook.build import tag
from mixbook.build.pages import ROOT

CHANGES = "# Changelog\n\n## [Unreleased]\n\n{unreleased}## [0.1.0] - 2026-01-02\n\n### Added\n\n- Everything.\n"


@pytest.fixture
def project(tmp_path):
    """Makes a project of a version with its changelog."""

    def make(version="0.2.0", changes="## [0.2.0] - 2026-02-03\n\n### Fixed\n\n- A sign.\n\n"):
        (tmp_path / "mixlib").mkdir(exist_ok=True)
        (tmp_path / "mixlib" / "__init__.py").write_text(f'import lazy_loader\n\n__version__ = "{version}"\n')
        (tmp_path / "CHANGELOG.md").write_text(CHANGES.format(unreleased=changes))
        return tmp_path

    return make


def test_the_tag_of_a_version_with_its_entry_is_right(project, capsys):
    assert tag.main(["v0.2.0"], project()) == 0
    assert "v0.2.0 is version 0.2.0" in capsys.readouterr().out
    assert tag.main(["v0.1.0"], project("0.1.0", "")) == 0  # the last entry of the file


@pytest.mark.parametrize("wrong", ["v0.2.1", "0.2.0", "v0.2.0rc1", "v0.2", "v0.1.0", "v0.2.0;true", ""])
def test_another_tag_is_refused_in_one_line(project, wrong):
    said = tag.main([wrong], project())
    assert said.startswith(f"the tag {wrong!r} is not the version, which is 0.2.0: tag the commit v0.2.0, or set")
    assert "\n" not in said


@pytest.mark.parametrize(
    "changes",
    [
        "",
        "- A sign.\n\n",  # still under Unreleased
        "## [0.2.0]\n\n- A sign.\n\n",  # no date
        "## [0.2.0] - 2026-02-03\n\n### Fixed\n\n",  # nothing in it
        "## [0.2.00] - 2026-02-03\n\n- A sign.\n\n",
        "## [0x2.0] - 2026-02-03\n\n- A sign.\n\n",
    ],
)
def test_a_version_without_an_entry_is_refused_in_one_line(project, changes):
    said = tag.main(["v0.2.0"], project(changes=changes))
    assert said.startswith("CHANGELOG.md has no entry for 0.2.0: give the lines under [Unreleased] the heading")
    assert "\n" not in said


def test_it_needs_nothing_but_python():
    command = [sys._base_executable, "-S", str(ROOT / "book" / "mixbook"), "tag"]
    done = subprocess.run([*command, "v0.0.0"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("the tag 'v0.0.0' is not the version")
    version = tag.VERSION.search((ROOT / "mixlib" / "__init__.py").read_text(encoding="utf-8"))[1]
    assert subprocess.run([*command, f"v{version}"], check=False).returncode == 0
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
