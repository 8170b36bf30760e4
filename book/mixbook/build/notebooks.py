"""All pages as executed notebooks, each of which runs in an empty folder: ``python book/mixbook notebooks``.

A release offers them; the site offers the same, a page at a time.
"""

import argparse
import zipfile
from pathlib import Path

import yaml

from mixbook.build import downloads, num, pages, runner
from mixlib.progress import followed

FOLDER = runner.BUILD / "notebooks"
ARCHIVE = "notebooks.zip"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same notebooks give the same archive


def main(arguments=()):
    """Write the notebooks and an archive of them; pages that are out of date run first."""
    parser = argparse.ArgumentParser(prog="make notebooks", description=__doc__)
    parser.add_argument("pages", nargs="*", help="names from _toc.yml (default: all)")
    parser.add_argument("--to", type=Path, default=FOLDER, metavar="FOLDER", help="default: %(default)s")
    options = parser.parse_args(arguments)
    listed = {page.name: page for page in pages.table_of_contents()}
    if unknown := sorted(set(options.pages) - set(listed)):
        return f"no page is called {', '.join(unknown)}; the names are in _toc.yml"
    wanted = [listed[name] for name in options.pages or listed]
    outcome = runner.bring_up_to_date(wanted)
    if outcome.errors:
        return "\n".join([*map(str, outcome.errors), "no notebooks were written"])
    written = [write(page, outcome[page.name], options.to) for page in followed(wanted, None, "writing", "pages")]
    archive = pack(written, options.to)
    print(f"{len(written)} notebooks in {options.to}, and all of them in {archive}")
    return 0


def write(page, run, folder):
    """Write the notebook of a page; one without code has nothing that was run, and needs nothing installed."""
    notebook = page.notebook()
    if pages.has_code(notebook):
        settings = yaml.safe_load((pages.ROOT / "_config.yml").read_text(encoding="utf-8"))
        notebook = downloads.portable(page, run, settings["sphinx"]["config"].get("mixing_library", ""))
    else:
        notebook = num.filled(notebook, {}, num.plain)
        notebook.metadata.pop("source_map", None)
    path = Path(folder, f"{page.name}.ipynb")
    pages.write_atomically(path, pages.dumps(notebook))
    return path


def pack(paths, folder):
    """One archive of the notebooks, by their names below ``folder``."""
    archive = Path(folder, ARCHIVE)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(paths):
            name = zipfile.ZipInfo(path.relative_to(folder).as_posix(), LONG_AGO)
            name.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(name, path.read_bytes())
    return archive
