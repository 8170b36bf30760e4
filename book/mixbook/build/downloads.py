"""The notebook that a page offers for download: it runs in an empty folder, on a machine that never saw the project.

Its first cell installs what the machine lacks. The library comes with the notebook, unless ``mixing_library`` in
``_config.yml`` names an address that pip can install it from; so do the book's own code for pages, their data files and
their claims.
"""

import base64
import functools
import hashlib
import importlib.metadata
import io
import json
import lzma
import os.path
import pprint
import re
import zipfile

import nbformat

from mixbook.build import num
from mixbook.build.footprint import digest, file_hash
from mixbook.build.pages import BOOK, ROOT, dumps, has_code, write_atomically
from mixlib.claims import load_registry

# what pages import beyond the needs of the library itself
BEYOND = ("torch", "pot", "scikit-learn", "myst-nb", "transformers", "distributed")
BUILD = ("mixbook/build/", "mixbook/__main__.py")  # what no page imports
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same sources give the same bytes

INSTALL = """\
# Run this cell first. It installs what this page needs and this Python lacks,
# in the versions that the page was computed with, and leaves alone what is there.
import base64, importlib.util, lzma, pathlib, tempfile
from importlib.metadata import distributions

NEEDED = {needed}
LIBRARY = "{library}"
BOOK = "{book}"


def carried(name, content):
    path = pathlib.Path(tempfile.mkdtemp(), name)
    path.write_bytes(lzma.decompress(base64.b64decode(content)))
    return path


there = {{found.name.lower().replace("_", "-") for found in distributions()}}
wanted = [f"{{name}}=={{at}}" for name, at in NEEDED.items() if name not in there]
if importlib.util.find_spec("mixlib") is None:
    library = {library_from}
    wanted.append(f'"{{library}}"')
if importlib.util.find_spec("mixbook") is None:
    book = carried("{book_name}", BOOK)
    wanted.append(f'"{{book}}"')
if wanted:
    wanted = " ".join(wanted)
    %pip install --quiet {{wanted}}
    importlib.invalidate_caches()
"""
PRESET, KEEP = 9, 4  # of compression; of what was compressed
SOURCES = (".py", ".mplstyle", ".css", ".csv", ".js", ".typed")
CLAIMS = """\
# The claims that this page verifies, as the book's registry has them.
import mixlib.claims

mixlib.claims.use_registry(
{rows}
)
"""
FILES = """\
# The data that this page reads, written beside the notebook where it is not there yet.
import base64, pathlib

for name, data in {files}.items():
    path = pathlib.Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(base64.b64decode(data))
"""


def write_changed(listed, runs, site, library, known):
    """Write the notebooks that the site offers, but for those that ``known``, a JSON file, says are there already."""
    try:
        before = dict(json.loads(known.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        before = {}
    shared, now = [library, _state()], {**before}
    for page in listed:
        if not has_code(page.notebook()):
            continue
        path, run = site / "_notebooks" / f"{page.name}.ipynb", runs[page.name]
        made_of = digest([shared, file_hash(page.path), run.key, run.facts["finished"], _claims(page.name)])
        if before.get(page.name) != [made_of, file_hash(path)]:
            write_atomically(path, dumps(portable(page, run, library)))
        now[page.name] = [made_of, file_hash(path)]
    if now != before:
        write_atomically(known, json.dumps(now))


def portable(page, run, library=""):
    """The executed notebook of a page, with cells in front that make it independent of the project.

    Parameters
    ----------
    page : pages.Page
    run : store.Run
    library : str
        What pip installs mixlib from, an address or a path; by default the notebook carries it.
    """
    notebook = num.filled(run.onto(page.notebook()), run.facts.get("numbers", {}), num.plain)
    cells = [INSTALL.format(needed=_literal(_needed(run.facts)), **_carried(library))]
    if files := _files(page, run.facts["seen"]["files"]):
        cells.append(FILES.format(files=_literal(files)))
    if rows := _claims(page.name):
        cells.append(CLAIMS.format(rows=_literal(rows)))
    notebook.cells[:0] = [_hidden(nbformat.v4.new_code_cell(source.rstrip("\n"))) for source in cells]
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # the same page gives the same file
    notebook.metadata.pop("source_map", None)
    return notebook


def _needed(facts):
    """The versions of the packages that the page used, as far as it or the library imports them by name."""
    plain = (need for need in _installed().requires if "extra ==" not in need)
    wanted = {*BEYOND, *(re.match(r"[\w.-]+", need)[0].lower().replace("_", "-") for need in plain)}
    versions = facts["stamp"]["distributions"]
    versions = {name.lower().replace("_", "-"): version for name, version in versions.items() if version}
    # "2.13.0+cpu" is a build of 2.13.0 that the package index does not hold
    return {name: versions[name].split("+")[0] for name in sorted(versions) if name in wanted}


def _files(page, seen):
    """The data that the page read from the book's folder, by path as the page names it."""
    data = (name for name in seen if name.startswith("book/") and not name.startswith("book/mixbook/"))
    paths = (ROOT / name for name in data if not name.endswith(".py") and ROOT / name != page.path)
    return {
        os.path.relpath(path, page.path.parent): base64.b64encode(path.read_bytes()).decode() for path in sorted(paths)
    }


def _claims(name):
    return [entry for entry in _registry(file_hash(BOOK / "claims.yml")).values() if entry["page"] == name]


@functools.lru_cache(maxsize=1)
def _registry(state):
    return load_registry(BOOK / "claims.yml")


@functools.cache
def _carried(address):
    """What the first cell says of the library and of the book's code, each as a compressed wheel or an address."""
    (name, library), (book_name, book) = wheel(), book_wheel()
    packed = {"book": _packed(book), "book_name": book_name}
    if address:
        return packed | {"library": "", "library_from": repr(address)}
    return packed | {"library": _packed(library), "library_from": f'carried("{name}", LIBRARY)'}


def _state():
    """A digest of all that notebooks carry: the library and the book's code, this file among it."""
    carried = [_sources(ROOT, "mixlib"), _sources(BOOK, "mixbook"), {"": _metadata(_installed())}]
    return digest([{name: _sum(content) for name, content in files.items()} for files in carried])


def _packed(content, folder=ROOT / "_build" / "packed"):
    """Compressed, which takes longer than a small build: kept below the sum of what it is, the newest few of them."""
    kept = folder / digest([_sum(content), PRESET])
    if kept.is_file():
        sum_of_text, _, text = kept.read_text(encoding="ascii", errors="replace").partition("\n")
        if sum_of_text == _sum(text.encode()):
            return text
    text = base64.b64encode(lzma.compress(content, preset=PRESET)).decode()
    write_atomically(kept, f"{_sum(text.encode())}\n{text}")
    for old in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)[:-KEEP]:
        old.unlink(missing_ok=True)
    return text


def wheel():
    """Name and content of a wheel of the library as it is now, stored without compression and without a date."""
    installed = _installed()
    points = {"entry_points.txt": (installed.read_text("entry_points.txt") or "").encode()}
    return _wheel("mixlib", installed.version, _sources(ROOT, "mixlib"), _metadata(installed), **points)


def book_wheel():
    """The same for what pages import of the book's own code: how they draw, and their experiments."""
    version = importlib.metadata.version("mixlib")
    sources = _sources(BOOK, "mixbook")
    shown = {name: content for name, content in sources.items() if not name.startswith(BUILD)}
    return _wheel("mixbook", version, shown, f"Metadata-Version: 2.1\nName: mixbook\nVersion: {version}\n".encode())


def _sources(root, package):
    paths = (path for path in sorted((root / package).rglob("*")) if path.suffix in SOURCES)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def _wheel(package, version, files, metadata, **more):
    info = f"{package}-{version}.dist-info"
    files = dict(files)
    files[f"{info}/METADATA"] = metadata
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: mixing-book\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files |= {f"{info}/{name}": content for name, content in more.items()}
    record = [f"{name},sha256={_sum(content)},{len(content)}\n" for name, content in files.items()]
    files[f"{info}/RECORD"] = "".join([*record, f"{info}/RECORD,,\n"]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), content)
    return f"{package}-{version}-py3-none-any.whl", buffer.getvalue()


def _installed():
    """The distribution that pip installed; a build of the package leaves an older description in the checkout."""
    found = importlib.metadata.distributions(name="mixlib")
    return max(found, key=lambda distribution: distribution.read_text("RECORD") is not None)


def _metadata(installed):
    """What pip wants to know of the library: its name and its needs."""
    fields = ("Metadata-Version", "Name", "Version", "Summary", "Requires-Python", "Provides-Extra", "Requires-Dist")
    lines = (f"{field}: {value}\n" for field in fields for value in installed.metadata.get_all(field, []))
    return "".join(lines).encode()


def _sum(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _literal(value):
    return pprint.pformat(value, width=100, sort_dicts=False)


def _hidden(cell):
    """A cell that Jupyter shows folded: it is long, and no part of the page."""
    cell.metadata |= {"tags": ["hide-input"], "jupyter": {"source_hidden": True}}
    return cell
