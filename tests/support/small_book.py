"""A book of three pages with the project's own library, extensions and settings, to break and to rebuild."""

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from forked import run_pytest, run_script
from mixbook.build.pages import ROOT

FRONT = """---
jupytext:
  text_representation: {extension: .md, format_name: myst, format_version: 0.13}
kernelspec: {display_name: Python 3, language: python, name: python3}
measured: []
text_from: []
---
# %s

```{l0}
A page in a book for tests.
```

"""

PAGES = {
    "index": "```{scoreboard}\n```\n\n```{ledger}\n```\n",
    "part/weights": (
        "```{code-cell} python\nimport mixlib.claims as claims\nimport numpy as np\n"
        "from mixlib.kernels import Linear\n\n"
        'mixture = Linear()(np.loadtxt("weights.csv"), np.eye(2))\nprint("mixture", mixture)\n'
        'claims.verify("test.first", stated=bool(mixture[0] < 1), share=float(mixture[0]))\n```\n\n'
        "The share is {num}`mixture[0]:.3f`.\n"
    ),
    "part/plain": (
        "```{code-cell} python\nimport mixbook.show\nimport mixlib\n\n"
        "print('tolerance', mixlib.simplex.TOLERANCE)\n```\n"
    ),
}

CLAIMS = """
- {id: test.first, part: tests, statement: A weight is below one., page: part/weights, expected: holds,
   source: {document: A, section: Tests}, quote: below one, criterion: Holds below one., finding: "It is {share:.2f}."}
- {id: test.later, part: tests, statement: Nobody has looked., page: part/later, expected: fails,
   source: {document: B, section: Tests}, quote: nobody has looked}
"""

TOC = "format: jb-book\nroot: index\nchapters:\n  - file: part/weights\n  - file: part/plain\n"

ACCEPTED = "tests/book/test_findings.py::test_the_findings_are_those_that_were_accepted"
BUILD = ("book/mixbook/__main__.py", "build")
FOLDERS = ("mixlib", "tests", "benchmarks", "tools", ".binder", ".devcontainer", ".github")
FILES = ("conftest.py", "pyproject.toml", "_config.yml", "_toc.yml", "requirements.txt", "Makefile", "MANIFEST.in")
FILES += ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "CITATION.cff", "LICENSE")
LEAVE = shutil.ignore_patterns("_build", "*.part", "*.pyc.*")


@dataclasses.dataclass
class Project:
    """A copy of the project with a small book."""

    root: Path

    def page(self, name, text, front=FRONT):
        path = self.root / "book" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((front % name if front else "") + text, encoding="utf-8")
        return path

    def edit(self, name, old, new):
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def start(self, command=BUILD, **options):
        """A command of the book, by default a build, in a process of its own."""
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=self.root,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )

    def build(self):
        """A build in a fork, which spares the imports."""
        code, output = run_script(self.root, BUILD, environment(), hidden=ROOT)
        return Built(code, re.sub(r"\x1b\[[0-9;]*m", "", output))

    def command(self, *arguments):
        """Another command of the book, in a fork."""
        code, output = run_script(self.root, (BUILD[0], *arguments), environment(), hidden=ROOT)
        return Built(code, re.sub(r"\x1b\[[0-9;]*m", "", output))

    def pytest(self, *arguments, processor_seconds=None, **more):
        # red or green is what counts: plain asserts save the rewriting of all tests in each copy
        arguments = ["-q", "-p", "no:cacheprovider", "--assert=plain", *arguments]
        code, output = run_pytest(self.root, arguments, environment() | more, ROOT, processor_seconds)
        return Built(code, re.sub(r"\x1b\[[0-9;]*m", "", output))

    def html(self, name):
        return (self.root / "_build" / "html" / f"{name}.html").read_text(encoding="utf-8")

    def claims(self):
        return json.loads((self.root / "_build" / "claims.json").read_text(encoding="utf-8"))["claims"]


@dataclasses.dataclass
class Built:
    """How a command ended."""

    code: int
    output: str

    @property
    def ran(self):
        """The names of the pages that were executed."""
        line = re.search(r"Pages run: (\d+) of \d+(?: \((.*)\))?", self.output)
        assert line, self.output
        return set(filter(None, (line[2] or "").split(", ")))


def environment():
    """The environment without what the outer test run has set."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "JPY_", "COV_"))}


def copy_project(target, *, book=True):
    """Copy what the project is made of, caches of compiled code included, without what a build leaves."""
    for name in (*FOLDERS, *(["book"] if book else [])):
        shutil.copytree(ROOT / name, target / name, ignore=LEAVE)
    for name in FILES:
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, target / name)
    return Project(target)


def small_book(root):
    """The small book below ``root``, not built yet."""
    project = copy_project(root, book=False)
    for name in ("mixbook", "_static", "_templates"):
        shutil.copytree(ROOT / "book" / name, root / "book" / name, ignore=LEAVE)
    shutil.copy(ROOT / "book" / "references.bib", root / "book")
    write_pages(project)
    return project


def write_pages(project):
    """The contents, the registry and the pages of the small book, and the settings of the real one."""
    shutil.copy(ROOT / "_config.yml", project.root)
    project.edit("_config.yml", "mixing_parts:\n", "mixing_parts:\n      tests: [part]\n")
    (project.root / "_toc.yml").write_text(TOC)
    for name, text in PAGES.items():
        project.page(name, text)
    (project.root / "book" / "claims.yml").write_text(CLAIMS)
    (project.root / "book" / "part" / "weights.csv").write_text("0.25 0.75\n")
