"""The pages of the book: which there are, and each as a notebook."""

import copy
import dataclasses
import functools
import re
import sys
from pathlib import Path

import nbformat
from myst_nb.core.read import read_myst_markdown_notebook
from sphinx_external_toc.parsing import parse_toc_yaml

from mixbook.build import num
from mixbook.build.footprint import digest
from mixbook.build.located import load

ROOT = Path(__file__).resolve().parents[3]
BOOK = ROOT / "book"
TOC = ROOT / "_toc.yml"
HEAD = re.compile(r"---[ \t]*\n(.*?\n|)---[ \t]*$", re.MULTILINE | re.DOTALL)  # the front matter of a page
KERNEL = {"name": "python3", "language": "python"}
sys.path.insert(0, str(ROOT))  # the library of this checkout, whichever is installed


@dataclasses.dataclass(frozen=True)
class Page:
    """A page of the table of contents; ``name`` is its path without suffix, as in links."""

    name: str
    path: Path

    @property
    def root(self):
        """The folder of the project, which holds ``book/``."""
        return self.path.parents[self.name.count("/") + 1]

    def notebook(self):
        """The page as an unexecuted notebook; ``metadata.source_map`` holds each cell's first line."""
        return copy.deepcopy(_read_once(self.path.read_text(encoding="utf-8")))

    def where(self, index, line=1):
        """``book/page.md:line`` of a line of the cell with this index."""
        text = self.path.read_text(encoding="utf-8")
        notebook, lines = _read_once(text), text.splitlines()
        start = notebook.metadata.source_map[index]
        code = notebook.cells[index].source.splitlines() or [""]
        # options may stand between the fence and the code
        first = next((n for n in range(start, len(lines)) if lines[n] == code[0]), start)
        return f"{self.path.relative_to(self.root).as_posix()}:{first + line}"


def read(text):
    """A notebook from the text of a MyST page; front matter that is no YAML, which the linter names, is left out."""
    head = HEAD.match(text)
    if head and not isinstance(load(head[1], "")[0], dict):
        text = "\n" * head[0].count("\n") + text[head.end() :]
    notebook = read_myst_markdown_notebook(text, add_source_map=True)
    lines, starts = text.splitlines(), notebook.metadata.source_map
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":  # warnings count from here, as if one blank line came before the text
            first = next((n for n in range(starts[index], len(lines)) if lines[n].strip()), starts[index])
            starts[index] = max(first - 1, 0)
    notebook.metadata["kernelspec"] = KERNEL | {"display_name": "Python 3"}
    return notebook


_read_once = functools.lru_cache(maxsize=256)(read)  # a build asks a dozen times for each page


def text_of(name):
    """The source of a page."""
    return (BOOK / f"{name}.md").read_text(encoding="utf-8")


def code_digest(notebook):
    """A name for the code of a page, numbers in prose included: other prose may change without a new run."""
    numbers = sorted({number.key for number in num.numbers_of(notebook)})
    return digest([cell.source for cell in notebook.cells if cell.cell_type == "code"] + numbers)


def has_code(notebook):
    """Whether there is anything to run."""
    return any(cell.cell_type == "code" for cell in notebook.cells)


def table_of_contents(toc=TOC, book=BOOK):
    """All pages that ``_toc.yml`` names, in its order.

    Raises
    ------
    ValueError
        If a page has no file.
    """
    site = parse_toc_yaml(toc)
    listed = []
    for name in site:
        path = Path(book) / f"{name}.md"
        if not path.is_file():
            raise ValueError(f"{toc}: page {name!r} has no file {path}; write it or take the line out")
        listed.append(Page(name, path))
    return listed


def asked_for(app):
    """The names of the pages that a build of Sphinx is about: one, or all that it knows."""
    return [app.config.mixing_only] if app.config.mixing_only else sorted(app.env.found_docs)


def write_atomically(path, text):
    """Write a file so that an interruption leaves the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(path.suffix + ".part")
    half.write_text(text, encoding="utf-8")
    half.replace(path)


def dumps(notebook):
    """A notebook as text."""
    return nbformat.writes(notebook)
