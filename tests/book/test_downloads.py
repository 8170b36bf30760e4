"""A downloaded page runs in an empty folder, with nothing of the project but what it carries."""

import base64
import copy
import io
import json
import lzma
import os
import re
import subprocess
import sys
import zipfile

import nbformat
import pytest

from mixbook.build import downloads, store
from mixbook.build.pages import ROOT, Page, dumps

EXECUTE = (
    "import sys, nbformat, nbclient\n"
    "notebook = nbformat.read(sys.argv[1], 4)\n"
    "nbclient.NotebookClient(notebook, kernel_name='python3').execute()\n"
    "nbformat.write(notebook, sys.argv[1])\n"
)


def _notebook(book, name):
    return nbformat.read(book.root / "_build" / "html" / "_notebooks" / f"{name}.ipynb", 4)


def _packed(notebook, name="LIBRARY"):
    return lzma.decompress(base64.b64decode(re.search(rf'{name} = "([^"]*)"', notebook.cells[0].source)[1]))


@pytest.fixture(scope="module")
def carried(built_once, tmp_path_factory):
    """A folder with the library and the book's code that a page carries, installed from their wheels."""
    folder = tmp_path_factory.mktemp("carried")
    wheels = {"LIBRARY": folder / "mixlib-0.1.0-py3-none-any.whl", "BOOK": folder / "mixbook-0.1.0-py3-none-any.whl"}
    for name, wheel in wheels.items():
        wheel.write_bytes(_packed(_notebook(built_once, "part/weights"), name))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", folder / "there"]
    subprocess.run([*pip, *wheels.values()], check=True)
    return folder / "there"


def _run(folder, library):
    """Run page.ipynb in its folder; the project is not to be found but for ``library``."""
    # the installed mixlib of these tests points to the checkout: a path that is looked at first stands in its way
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
    env |= {"PYTHONPATH": str(library), "IPYTHONDIR": str(folder / "ipython")}
    command = [sys.executable, "-c", EXECUTE, "page.ipynb"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return nbformat.read(folder / "page.ipynb", 4)


def test_pages_run_in_an_empty_folder_with_their_claims_and_data(built_once, carried, tmp_path):
    for name in ("weights", "plain"):
        folder = tmp_path / name
        folder.mkdir()
        notebook = _notebook(built_once, f"part/{name}")
        where = nbformat.v4.new_code_cell(
            "import mixlib\nimport mixbook.show.display as show\n\nmixlib.__file__, show.__file__"
        )
        notebook.cells.append(where)
        nbformat.write(notebook, folder / "page.ipynb")
        done = _run(folder, carried)
        assert done.cells[-1].outputs[0].data["text/plain"].count(str(carried)) == 2
        text = json.dumps(done.cells)
        assert ("mixture [0.25 0.75]" in text, "tolerance 1e-06" in text) == (name == "weights", name == "plain")
        assert ("test.first: holds" in text) == (name == "weights")
        assert (folder / "weights.csv").exists() == (name == "weights")


def test_the_first_cell_installs_what_is_missing_and_leaves_alone_what_is_there(built_once, monkeypatch):
    source = _notebook(built_once, "part/weights").cells[0].source
    assert "%pip install" in source
    code = source.replace("%pip install --quiet {wanted}", "installed = wanted")
    here = {}
    exec(code, here)
    assert here["wanted"] == []
    monkeypatch.setattr("importlib.metadata.distributions", lambda: [])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    exec(code, here)
    for name in ("numpy", "pyyaml"):
        assert re.search(rf"(^| ){name}==[\d.]+( |$)", here["installed"]), here["installed"]
    for wheel in (here["library"], here["book"]):
        assert f' "{wheel}"' in here["installed"]
        assert zipfile.is_zipfile(wheel)


def test_the_library_that_is_carried_is_the_whole_one(built_once):
    _, content = downloads.wheel()
    assert _packed(_notebook(built_once, "part/weights")) == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        held = {file for file in archive.namelist() if file.startswith("mixlib/")}
        metadata = archive.read(next(file for file in archive.namelist() if file.endswith("/METADATA"))).decode()
        entry_points = archive.read(next(file for file in archive.namelist() if file.endswith("points.txt"))).decode()
    tracked = (path.relative_to(ROOT).as_posix() for path in (ROOT / "mixlib").rglob("*") if path.is_file())
    assert held == {file for file in tracked if "__pycache__" not in file}
    assert "Requires-Dist: numpy" in metadata
    assert 'Requires-Dist: torch>=2.4; extra == "torch"' in metadata
    assert "mixlib = mixlib.cli:main" in entry_points


def test_of_the_books_code_all_is_carried_that_a_page_can_import(built_once):
    _, content = downloads.book_wheel()
    assert _packed(_notebook(built_once, "part/weights"), "BOOK") == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        held = {file for file in archive.namelist() if file.startswith("mixbook/")}
    folder = ROOT / "book" / "mixbook"
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    ours = {path.as_posix() for path in files if "__pycache__" not in path.parts}
    assert held == {f"mixbook/{name}" for name in ours if not name.startswith("build/")} - {"mixbook/__main__.py"}


def test_what_was_compressed_is_kept_and_a_damaged_file_is_not_taken(tmp_path, monkeypatch):
    contents = [bytes([k]) * 1000 for k in range(downloads.KEEP + 2)]
    packed = [downloads._packed(content, tmp_path) for content in contents]
    assert [lzma.decompress(base64.b64decode(text)) for text in packed] == contents
    assert len(list(tmp_path.iterdir())) == downloads.KEEP
    monkeypatch.setattr(downloads.lzma, "compress", None)  # must not be asked again
    assert downloads._packed(contents[-1], tmp_path) == packed[-1]
    monkeypatch.undo()
    for kept in tmp_path.iterdir():
        kept.write_text(kept.read_text()[:-4] + "AAAA")
    assert downloads._packed(contents[-1], tmp_path) == packed[-1]


def test_an_address_that_is_set_takes_the_place_of_what_is_carried(built_once, monkeypatch):
    monkeypatch.setattr(downloads, "ROOT", built_once.root)
    page = Page("part/weights", built_once.root / "book" / "part" / "weights.md")
    (run,) = store.Store(built_once.root / "_build" / "executed", root=built_once.root)._runs(page)
    first = downloads.portable(page, run, library="git+https://example.org/mixing").cells[0].source
    assert "git+https://example.org/mixing" in first
    assert 'LIBRARY = ""' in first
    assert dumps(downloads.portable(page, run)) == dumps(downloads.portable(page, run))


def test_a_page_that_reads_other_pages_carries_them_and_not_itself():
    page = Page("seams", ROOT / "book" / "seams.md")
    seen = ["book/seams.md", "book/domains/taste.md", "book/mixbook/show/display.py", "mixlib/simplex.py"]
    files = downloads._files(page, seen)
    assert list(files) == ["domains/taste.md"]
    assert base64.b64decode(files["domains/taste.md"]) == (ROOT / "book" / "domains" / "taste.md").read_bytes()


def test_a_notebook_is_written_again_when_anything_that_it_holds_has_changed(built_once, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "ROOT", built_once.root)
    monkeypatch.setattr(downloads, "BOOK", built_once.root / "book")
    source = tmp_path / "weights.md"
    source.write_text((built_once.root / "book" / "part" / "weights.md").read_text())
    page = Page("part/weights", source)
    (run,) = store.Store(built_once.root / "_build" / "executed", root=built_once.root)._runs(page)
    path, known = tmp_path / "_notebooks" / "part" / "weights.ipynb", tmp_path / "offered.json"
    monkeypatch.setattr(downloads, "portable", lambda page, run, library: page.notebook())

    def written(library="", run=run):
        """Whether it is written anew."""
        before = path.stat().st_ino if path.exists() else None  # each writing makes another file
        kept = path.open() if path.exists() else None  # so that its number is not given to the next one
        downloads.write_changed([page], {page.name: run}, tmp_path, library, known)
        if kept:
            kept.close()
        return path.stat().st_ino != before

    assert [written(), written()] == [True, False]
    assert [written("git+https://example.org/mixing"), written("git+https://example.org/mixing")] == [True, False]
    source.write_text(source.read_text() + "\nAnother sentence.\n")
    assert [written(), written()] == [True, False]
    later = store.Run(copy.deepcopy(run.notebook))
    later.facts["finished"] = "2100-01-01T00:00:00+00:00"
    assert [written(run=later), written(run=later)] == [True, False]
    monkeypatch.setattr(downloads, "_claims", lambda name: [{"id": "test.other"}])
    assert [written(run=later), written(run=later)] == [True, False]
    monkeypatch.setattr(downloads, "_state", lambda: "another library")
    assert [written(run=later), written(run=later)] == [True, False]
    path.write_text("cut")
    assert [written(run=later), written(run=later)] == [True, False]
    for damaged in ("[1, 2", "[1, 2]", "7"):
        known.write_text(damaged)
        assert [written(run=later), written(run=later)] == [True, False]
