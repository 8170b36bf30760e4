"""Executed notebooks on disk, each in one file with the footprint and stamp that say how long it stays true.

One file holds outputs and their conditions, written in one step: a build that is interrupted cannot leave the two at
odds, which an index beside a cache can.
"""

import dataclasses
import json
import shutil

import nbformat
from nbformat.v4 import to_notebook

from mixbook.build import footprint
from mixbook.build.pages import ROOT, code_digest, dumps, write_atomically

KEEP = 12  # runs kept for each page, so that a revert finds its own
FORMAT = 1
HIDING = {f"{what}-{part}" for what in ("hide", "remove") for part in ("cell", "input", "output")}


@dataclasses.dataclass(frozen=True)
class Run:
    """One execution of a page; ``errors`` are the Mistakes that it ended with, and only a run without any is kept."""

    notebook: nbformat.NotebookNode
    errors: tuple = ()

    @property
    def facts(self):
        """``code``, ``seen``, ``stamp``, ``seconds``, ``finished``, ``key``."""
        return self.notebook.metadata["mixing_book"]

    @property
    def key(self):
        return self.facts["key"]

    @property
    def cpu_seconds(self):
        """Processor time of the page's process; all of its time for a run of before this was noted."""
        return self.facts["seen"].get("cpu_seconds", self.facts["seconds"])

    def onto(self, notebook):
        """Give ``notebook``, whose code is that of the run, its outputs; its prose may have changed since."""
        code, executed = ([cell for cell in nb.cells if cell.cell_type == "code"] for nb in (notebook, self.notebook))
        for cell, done in zip(code, executed, strict=True):
            cell.outputs, cell.execution_count = done.outputs, done.execution_count
        for error in self.errors:  # what failed is marked, and never folded away
            metadata = notebook.cells[error.cell].metadata
            metadata["tags"] = sorted({*metadata.get("tags", ()), "failed"} - HIDING)
        return notebook


class Store:
    """The executed notebooks below one folder."""

    def __init__(self, folder, *, root=ROOT, say=print):
        self.folder, self.root, self.say = folder, root, say

    def find(self, page, claims, taken=frozenset()):
        """The newest run of this page whose code and footprint are as they are now, or None.

        Of a run with one of the keys in ``taken``, packages and machine may be others: the page says which they were.
        """
        code, of_others = code_digest(page.notebook()), None
        for run in self._runs(page):
            facts = run.facts
            if facts["code"] != code:
                continue
            now = footprint.stamp(self.root, facts["seen"], claims)
            if facts["stamp"] == now:
                return run
            if run.key in taken and footprint.of_project(facts["stamp"]) == footprint.of_project(now):
                of_others = of_others or run
        return of_others

    def why(self, page, claims):
        """Why the page must run, in a few words."""
        runs = list(self._runs(page))
        if not runs:
            return "first run"
        facts = runs[0].facts
        if facts["code"] != code_digest(page.notebook()):
            return "its code changed"
        changed = footprint.differences(facts["stamp"], footprint.stamp(self.root, facts["seen"], claims))
        return "changed: " + ", ".join(changed[:3]) + (f" and {len(changed) - 3} more" if len(changed) > 3 else "")

    def newest(self, page):
        """The last run of the page, true or not, or None."""
        return next(self._runs(page), None)

    def add(self, page, notebook, facts):
        """Keep an executed notebook; returns its Run."""
        key = footprint.digest([facts["code"], facts["stamp"]])
        facts = {**facts, "format": FORMAT, "key": key}
        notebook.metadata["mixing_book"] = facts
        notebook.metadata["mixing_book"]["sum"] = _sum(json.loads(dumps(notebook)))
        write_atomically(self._folder(page) / f"{key}.ipynb", dumps(notebook))
        for old in self._paths(page)[KEEP:]:
            old.unlink(missing_ok=True)
        return Run(notebook)

    def _folder(self, page):
        return self.folder / page.name

    def _paths(self, page):
        found = self._folder(page).glob("*.ipynb")
        return sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)

    def _runs(self, page):
        if self.folder.exists() and not self.folder.is_dir():
            self._drop(self.folder, "not a folder")
        for path in self._paths(page):
            try:
                content = json.loads(path.read_text(encoding="utf-8"))
                facts = content["metadata"]["mixing_book"]
                if facts["format"] != FORMAT or facts["sum"] != _sum(content):
                    raise ValueError("its content does not match its sum")
            except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
                self._drop(path, error)
            else:
                yield Run(to_notebook(content))  # with its sum right it was a notebook once: no second validation

    def _drop(self, path, reason):
        self.say(f"notice: the cache file {path.name} is damaged ({reason}); its page runs again")
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _sum(content):
    """A digest of a notebook as JSON holds it, without the place for the digest itself."""
    facts = {key: value for key, value in content["metadata"]["mixing_book"].items() if key != "sum"}
    return footprint.digest({**content, "metadata": {**content["metadata"], "mixing_book": facts}})
