"""``make notebooks``: what a release offers is what the site offers, page by page and in one archive."""

import zipfile

import nbformat
import pytest

from mixbook.build import downloads, notebooks, pages, store
from mixbook.build.pages import Page


@pytest.fixture
def run_of(built_once, monkeypatch):
    """A page of the small book with its run."""
    monkeypatch.setattr(downloads, "ROOT", built_once.root)

    def found(name):
        page = Page(name, built_once.root / "book" / f"{name}.md")
        return page, store.Store(built_once.root / "_build" / "executed", root=built_once.root).newest(page)

    return found


def test_they_are_those_of_the_site_and_the_same_each_time(run_of, built_once, tmp_path):
    paths = [notebooks.write(*run_of(f"part/{name}"), tmp_path) for name in ("weights", "plain")]
    of_site = nbformat.read(built_once.root / "_build" / "html" / "_notebooks" / "part" / "weights.ipynb", 4)
    written = nbformat.read(paths[0], 4)
    assert written.cells[-1].source == of_site.cells[-1].source
    assert any(cell.get("outputs") for cell in written.cells)
    first = notebooks.pack(paths, tmp_path).read_bytes()
    assert notebooks.pack(paths[::-1], tmp_path).read_bytes() == first
    with zipfile.ZipFile(tmp_path / notebooks.ARCHIVE) as archive:
        assert archive.namelist() == ["part/plain.ipynb", "part/weights.ipynb"]


def test_a_page_without_code_is_a_notebook_that_installs_nothing(run_of, tmp_path):
    notebook = nbformat.read(notebooks.write(*run_of("index"), tmp_path), 4)
    nbformat.validate(notebook)
    assert {cell.cell_type for cell in notebook.cells} == {"markdown"}
    assert "source_map" not in notebook.metadata


def test_an_unknown_page_is_named(capsys):
    assert notebooks.main(["kernels/none"]) == "no page is called kernels/none; the names are in _toc.yml"
    assert "kernels/linear" in {page.name for page in pages.table_of_contents()}
