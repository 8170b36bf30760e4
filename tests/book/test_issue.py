"""One issue for a scheduled check: opened, updated, closed, with a stand-in for GitHub's command."""

import json
import os
import sys

import pytest

from mixbook.build import issue

STAND_IN = """#!{python}
import json, pathlib, sys
here = pathlib.Path(__file__).parent
with (here / "asked.jsonl").open("a") as file:
    file.write(json.dumps([sys.argv[1:], sys.stdin.read() if "-" in sys.argv else ""]) + "\\n")
if sys.argv[1:3] == ["issue", "list"]:
    print((here / "open.json").read_text())
elif sys.argv[1:3] == ["issue", "create"]:
    print("https://github.com/o/n/issues/9")
"""


@pytest.fixture
def github(tmp_path, monkeypatch):
    """A folder with a command gh, which notes what it is asked and says what is open."""
    (tmp_path / "gh").write_text(STAND_IN.format(python=sys.executable))
    (tmp_path / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("GITHUB_RUN_ID", raising=False)
    (tmp_path / "report.md").write_text("| claim | from | to |\n")
    return tmp_path


def run(github, *arguments, open_ones=()):
    (github / "open.json").write_text(json.dumps([{"number": n, "title": title} for n, title in open_ones]))
    (github / "asked.jsonl").unlink(missing_ok=True)
    issue.main(["--title", "What moved", *map(str, arguments)])
    asked = [json.loads(line) for line in (github / "asked.jsonl").read_text().splitlines()]
    return [(" ".join(words[:3]), text) for words, text in asked[1:]]


def test_an_issue_is_opened_once_and_then_updated(github):
    report = github / "report.md"
    others = [(3, "What moved, and why"), (4, "Other")]
    assert run(github, report, open_ones=others) == [("issue create --title", "| claim | from | to |")]
    assert run(github, report, open_ones=[*others, (7, "What moved")]) == [("issue edit 7", "| claim | from | to |")]


def test_it_is_closed_when_nothing_is_left(github):
    assert run(github, "--close", open_ones=[(7, "What moved")]) == [("issue close 7", "")]
    assert run(github, "--close") == []


def test_reports_stand_below_each_other_and_a_missing_one_says_so(github):
    (github / "pins").mkdir()
    (github / "pins" / "reverify.md").write_text("Nothing moved.\n")
    text = issue.body([github / "pins" / "reverify.md", github / "newest" / "reverify.md"], {})
    assert text.startswith("## pins: reverify\n\nNothing moved.\n\n## newest: reverify\n\nThis check ended before")
    run = {"GITHUB_RUN_ID": "5", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "o/n"}
    assert issue.body([], run) == "Written by https://github.com/o/n/actions/runs/5."


def test_a_long_report_is_cut_at_the_end_of_a_line(github):
    (github / "report.md").write_text("a line of a report\n" * 9000)
    text = issue.body([github / "report.md"], {})
    assert len(text) < 65_536
    assert set(text.splitlines()) == {"a line of a report", "", "The rest is in the run."}


def test_without_the_command_it_says_what_to_install(github, monkeypatch):
    monkeypatch.setenv("PATH", str(github / "nothing"))
    with pytest.raises(SystemExit, match=r"gh: no such command; install"):
        issue.main(["--title", "What moved"])
