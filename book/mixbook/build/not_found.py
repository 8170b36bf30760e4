"""Sphinx extension: the page that a server shows where there is none.

It is shown at addresses of any depth, so that its own links must not depend on where it is: they begin with the path of
the site.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

NAME = "404"
BODY = """\
<section><h1>There is no such page</h1>
<p>The address may have a mistake in it, or the page has another name now.</p>
<ul><li><a href="index.html">The front page</a></li>
<li><a href="ledger.html">The ledger of all claims</a></li>
<li><a href="search.html">Search</a></li></ul></section>
"""
# an attribute whose address is relative, and not one within the page
RELATIVE = re.compile(r'(?<=\s)(href|src|action|data-content_root)="(?![a-z][a-z0-9+.-]*:|//|/|#)(?:\./)?([^"]*)"')


def setup(app):
    app.connect("html-collect-pages", add_page)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def add_page(app):
    """Have Sphinx write it, in the look of all pages."""
    if not app.config.mixing_only:
        yield (
            NAME,
            {"title": "No such page", "body": BODY, "metatags": '<meta name="robots" content="noindex">'},
            "page.html",
        )


def finish(app, exception):
    """Make its links independent of where it is shown."""
    path = Path(app.outdir) / f"{NAME}.html"
    if exception is None and app.builder.format == "html" and path.is_file():
        path.write_text(anywhere(path.read_text(encoding="utf-8"), app.config.html_baseurl), encoding="utf-8")


def anywhere(page, base):
    """A page of the root of the site at ``base`` whose links hold at any depth; without ``base``, that of a server."""
    root = urlsplit(base).path or "/"
    return RELATIVE.sub(lambda found: f'{found[1]}="{root}{found[2]}"', page)
