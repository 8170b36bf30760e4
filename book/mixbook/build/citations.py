"""The list of references that every page with citations ends with; a page writes it only where it wants another one."""

import functools
import re

import nbformat
import pybtex.plugin

from mixbook.build.num import without_code

CITES = re.compile(r"\{cite(:\w+)?\}`")
HEADING = "## References"
# asked some six hundred times in a build, each time about all that is installed
pybtex.plugin.entry_points = functools.cache(pybtex.plugin.entry_points)
LIST = "```{bibliography}\n:filter: docname in docnames\n:list: bullet\n```\n"


def lists_all(text):
    """Whether a page writes a list of references itself, as the one of all sources does."""
    return "```{bibliography}" in text


def keep(env):
    """Leave the formatted references as they were read with the pages: to be called where no page has changed.

    sphinxcontrib-bibtex formats all of them in each build, which takes as long as all the rest of one without changes.
    """
    domain = env.get_domain("cite")
    if domain.citations:
        domain.env_updated = list  # asked for the names of pages to write again: none


def has_list(text):
    """Whether a page shows a list of references, its own or the one that it ends with."""
    return lists_all(text) or CITES.search(text) is not None


def with_references(notebook):
    """Add the list to a page that cites, and its heading where the page does not end with one."""
    prose = without_code("\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown"))
    if CITES.search(prose) and not lists_all(prose):
        sections = [line.strip() for line in prose.splitlines() if line.startswith("## ")]
        text = LIST if sections[-1:] == [HEADING] else f"{HEADING}\n\n{LIST}"
        notebook.cells.append(nbformat.v4.new_markdown_cell(text, id="references"))
        if "source_map" in notebook.metadata:  # warnings count from the end of the page
            notebook.metadata.source_map.append(notebook.metadata.source_map[-1])
    return notebook
