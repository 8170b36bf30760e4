"""The version stands in one file, and what else says it agrees; the changelog has the form that readers know."""

import datetime
import re
import tomllib

import yaml

import mixlib
from package_builds import ROOT

HEADING = re.compile(r"^## \[(Unreleased|\d+\.\d+\.\d+)\](?: - (\d{4}-\d\d-\d\d))?$", re.MULTILINE)
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_pyproject_reads_it_from_the_library_and_the_citation_agrees():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in settings["project"]
    assert settings["project"]["dynamic"] == ["version"]
    assert settings["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "mixlib.__version__"}
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    newest, date = releases()[0]
    assert mixlib.__version__ == newest == str(citation["version"])
    assert date == str(citation["date-released"])


def releases():
    return [(version, date) for version, date in HEADING.findall(CHANGES) if version != "Unreleased"]


def test_the_changelog_lists_releases_newest_first():
    assert CHANGES.startswith("# Changelog\n")
    headings = re.findall(r"^## (.*)$", CHANGES, re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    assert all(HEADING.fullmatch(f"## {heading}") for heading in headings)
    assert set(re.findall(r"^### (.*)$", CHANGES, re.MULTILINE)) <= KINDS
    numbers = [tuple(map(int, version.split("."))) for version, _ in releases()]
    dates = [datetime.date.fromisoformat(date) for _, date in releases()]
    assert (numbers, dates) == (sorted(numbers, reverse=True), sorted(dates, reverse=True))
