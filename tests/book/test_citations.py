"""A page that cites ends with its references, and nobody has to write the list."""

from mixbook.build import pages
from mixbook.build.citations import HEADING, LIST, with_references

CITING = "# One\n\nAs {cite:t}`stone1961` says.\n\n```{code-cell} python\npass\n```\n"


def ending(text):
    notebook = pages.read(text)
    count = len(notebook.cells)
    with_references(notebook)
    assert len(notebook.cells) == len(notebook.metadata.source_map)
    return notebook.cells[-1].source if len(notebook.cells) > count else None


def test_the_list_is_added_with_its_heading_where_there_is_none():
    assert ending(CITING) == f"{HEADING}\n\n{LIST}"
    assert ending(CITING + f"\n{HEADING}\n\nThe proof is by {{cite:t}}`jaynes1957`.\n") == LIST


def test_a_page_with_its_own_list_or_without_citations_stays_as_it_is():
    assert ending(CITING + "\n```{bibliography}\n:all:\n```\n") is None
    assert ending("# One\n\nWrite `` {cite:t}`key` ``.\n\n````markdown\n{cite:p}`key`\n````\n") is None


def test_every_page_shows_what_it_cites_once():
    for page in pages.table_of_contents():
        notebook = with_references(page.notebook())
        lists = sum(cell.source.count("```{bibliography}") for cell in notebook.cells if cell.cell_type == "markdown")
        cites = any("{cite:" in cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        assert lists <= 1
        assert lists == 1 or not cites, page.name
