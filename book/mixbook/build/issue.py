"""One issue for what a scheduled check found: ``python book/mixbook issue --title T REPORT.md`` opens or updates it.

The issue with this title is the one; with ``--close`` it is closed, because the check found nothing any more. It speaks
to GitHub through its command ``gh``, which has to be logged in.
"""

import argparse
import json
import os
import shutil
import subprocess
from pathlib import Path

LONGEST = 60_000  # characters of an issue, of which GitHub takes 65,536
GONE = "The last check found nothing of this any more."


def main(arguments):
    parser = argparse.ArgumentParser(prog="python book/mixbook issue", description=__doc__)
    parser.add_argument(
        "reports", nargs="*", type=Path, metavar="REPORT.md", help="what the issue says, one below another"
    )
    parser.add_argument("--title", required=True, help="the title, by which the issue is found again")
    parser.add_argument("--close", action="store_true", help="close the issue, if one is open")
    options = parser.parse_args(arguments)
    if not shutil.which("gh"):
        raise SystemExit("gh: no such command; install GitHub's command line, https://cli.github.com")
    number = open_issue(options.title)
    if options.close:
        if number:
            gh("issue", "close", number, "--comment", GONE)
        return print(f"closed issue {number}" if number else "no issue is open")
    text = body(options.reports)
    if number:
        gh("issue", "edit", number, "--body-file", "-", text=text)
        print(f"updated issue {number}")
    else:
        print(f"opened {gh('issue', 'create', '--title', options.title, '--body-file', '-', text=text).strip()}")
    return 0


def open_issue(title):
    """The number of the open issue with exactly this title, as text, or None."""
    found = json.loads(
        gh("issue", "list", "--state", "open", "--search", f'"{title}" in:title', "--json", "number,title")
    )
    return next((str(issue["number"]) for issue in found if issue["title"] == title), None)


def body(reports, environment=os.environ):
    """The reports, each below its path, and the run that wrote them; cut where an issue could not hold them."""
    parts = []
    for path in reports:
        said = (
            path.read_text(encoding="utf-8") if path.is_file() else "This check ended before it had written anything."
        )
        parts += [f"## {path.parent.name}: {path.stem}\n\n{said.strip()}"] if len(reports) > 1 else [said.strip()]
    text = shortened("\n\n".join(parts))
    if run := environment.get("GITHUB_RUN_ID"):
        address = f"{environment['GITHUB_SERVER_URL']}/{environment['GITHUB_REPOSITORY']}/actions/runs/{run}"
        text = f"{text}\n\nWritten by {address}.".strip()
    return text


def shortened(text):
    """A report, cut at the end of a line where an issue or a comment could not hold it."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rpartition(chr(10))[0]}\n\nThe rest is in the run."


def gh(*arguments, text=None):
    """What the command prints; its errors go to the reader."""
    return subprocess.run(["gh", *arguments], input=text, stdout=subprocess.PIPE, text=True, check=True).stdout
