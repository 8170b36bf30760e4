"""Sphinx extension: what programs that index the site read, ``robots.txt`` and ``sitemap.xml``."""

from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

from mixbook.build import status

SITEMAP, ROBOTS = "sitemap.xml", "robots.txt"
SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"


def setup(app):
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write(app, exception):
    """Write both beside the pages; a site without an address has no sitemap, which must hold whole addresses."""
    if exception is not None or app.builder.format != "html":
        return
    site, base = Path(app.outdir), app.config.html_baseurl
    if base:
        settled = status.statuses()
        dates = {name: settled.get(name, ("", None))[1] for name in sorted(app.env.found_docs)}
        (site / SITEMAP).write_text(sitemap(dates, base), encoding="utf-8")
    else:
        (site / SITEMAP).unlink(missing_ok=True)
    (site / ROBOTS).write_text(robots(base), encoding="utf-8")


def sitemap(dates, base):
    """The pages with the day on which their findings changed last, by name, for the site at ``base``."""
    entries = "".join(
        f"<url><loc>{escape(base + quote(name))}.html</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</url>\n"
        for name, day in dates.items()
    )
    return f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="{SCHEMA}">\n{entries}</urlset>\n'


def robots(base):
    """Everything may be read; where the sitemap is."""
    return "User-agent: *\nAllow: /\n" + (f"\nSitemap: {base}{SITEMAP}\n" if base else "")
