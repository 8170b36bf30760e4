"""One page in seconds: ``python book/mixbook page kernels/linear`` lints, runs, writes and checks it and no other.

Sphinx keeps a state of its own for this, so that the next build of the whole book reads what it would have read anyway.
"""

from jupyter_book.sphinx import build_sphinx

from mixbook.build import channel, lint
from mixbook.build.located import or_near
from mixbook.build.pages import BOOK, ROOT, TOC, table_of_contents

STATE = ROOT / "_build" / "one-page"


def main(arguments):
    """Build the page that the arguments name; returns what is wrong with them, or nothing."""
    page = named(arguments)
    if isinstance(page, str):
        return page
    channel.listen_to(page.name)
    channel.add(*lint.at_start())
    if lint.stops():
        channel.stop("Nothing was run")
    settings = {"external_toc_path": TOC.as_posix(), "latex_individualpages": False, "mixing_only": page.name}
    return bool(
        build_sphinx(
            BOOK,
            ROOT / "_build" / "html",
            noconfig=True,
            path_config=ROOT / "_config.yml",
            confoverrides=settings,
            doctreedir=STATE,
            filenames=[str(page.path)],
            quiet=True,
            keep_going=True,
        )
    )


def named(arguments):
    """The Page that one argument names, by its name in the contents or its file; or a text that says what is wrong."""
    pages = {page.name: page for page in table_of_contents()}
    if len(arguments) != 1 or not arguments[0]:
        return "which page? make page P=kernels/linear, with a name from _toc.yml"
    name = arguments[0].removeprefix("book/").removesuffix(".md")
    last = [page for known, page in pages.items() if known.rpartition("/")[2] == name]
    if name not in pages and len(last) != 1:
        return f"no page is called {name}{or_near(name, pages)}; the names are in _toc.yml"
    return pages.get(name) or last[0]
