"""Cells are there to be read: narrow enough not to scroll, short enough to take in at once."""

import pytest

from mixbook.build import pages

WIDTH = 84  # what the text column holds
LINES = 16
FOLDED_LINES = 30  # of a cell that is folded away until a reader asks for it
FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}


@pytest.mark.parametrize("page", pages.table_of_contents(), ids=lambda page: page.name)
def test_cells_are_narrow_and_short(page):
    problems = []
    for index, cell in enumerate(page.notebook().cells):
        lines = cell.source.splitlines() if cell.cell_type == "code" else []
        allowed = FOLDED_LINES if FOLDED & set(cell.metadata.get("tags", [])) else LINES
        wide = [number for number, line in enumerate(lines, 1) if len(line) > WIDTH]
        problems += [f"{page.where(index, number)}: wider than {WIDTH} characters" for number in wide]
        if len(lines) > allowed:
            problems.append(f"{page.where(index)}: {len(lines)} lines, more than {allowed}: move code to mixlib")
    assert not problems, "\n".join(problems)
