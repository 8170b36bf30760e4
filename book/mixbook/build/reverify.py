"""Verify again: ``python book/mixbook reverify`` runs all pages afresh and holds them against the accepted findings.

What differs stands in ``_build/reverify.md``, for an issue or a pull request: verdicts and numbers with the packages
that changed, pages that failed with the cell, versions. The report is written however the build ends.
"""

import re
import subprocess
import sys

from mixbook.build import findings, runner
from mixbook.build.issue import shortened
from mixbook.build.pages import BOOK, write_atomically
from mixlib.cli import main as mixlib

REPORT = "reverify.md"
MOST = 40  # last lines of a build that failed


def main(arguments=()):
    """Build afresh, compare, and write the report; status 1 where either is red."""
    if arguments:
        return "usage: make reverify; with the newest packages that are allowed: make reverify NEWEST=1"
    claims, report = runner.BUILD / "claims.json", runner.BUILD / REPORT
    for old in (claims, report):  # must not pass for that of this build
        old.unlink(missing_ok=True)
    built, said = told([sys.executable, str(BOOK / "mixbook"), "build", "--quiet", "--fresh"])
    compared = 0
    if claims.exists():
        compared = mixlib(["verify", str(claims), "--against", str(findings.LOCK), "--markdown", str(report)])
    parts = [report.read_text(encoding="utf-8").strip()] if report.exists() else []
    if built:
        parts.append(f"### The build ended with status {built}\n\n```\n{last_lines(said)}\n```")
    write_atomically(report, shortened("\n\n".join(parts)) + "\n")
    return built or compared


def told(command):
    """Run a command, its output shown as it comes; returns its status and the output."""
    lines = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as running:
        for line in running.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    return running.returncode, re.sub(r"\x1b\[[0-9;]*m", "", "".join(lines))


def last_lines(said):
    """The last lines of a build, which are all that is wrong, without what would end a code block."""
    return "\n".join(said.rstrip().rpartition("\n\n")[2].splitlines()[-MOST:]).replace("```", "'''")
