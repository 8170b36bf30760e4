"""Sphinx extension: the journal as a page, and as an Atom feed that every page names."""

import datetime
import html
import uuid
from pathlib import Path

from docutils import nodes
from feedgen.feed import FeedGenerator  # Atom has rules that a template gets wrong
from sphinx.util.docutils import SphinxDirective

from mixbook.build import journal, status

FEED = "feed.xml"


def setup(app):
    app.add_directive("journal", Journal)
    app.add_directive("statuses", Statuses)
    app.connect("html-page-context", name_the_feed)
    app.connect("build-finished", write_feed)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class Journal(SphinxDirective):
    """All entries, newest first, by day."""

    def run(self):
        self.env.note_dependency(str(journal.JOURNAL))
        up = "../" * self.env.docname.count("/")
        days = {}
        for entry in journal.read():
            days.setdefault(entry["date"], []).append(entry)
        blocks = []
        for day, entries in sorted(days.items(), reverse=True):
            changed = [entry for entry in entries if entry["from"] is not None]
            first = [entry for entry in entries if entry["from"] is None]
            rows = "".join(_row(entry, up) for entry in changed)
            new = "".join(_row(entry, up) for entry in first)
            folded = f"<details><summary>{len(first)} verdicts computed for the first time</summary>{new}</details>"
            date = datetime.date.fromisoformat(day)
            heading = f'<h3 id="day-{day}"><time datetime="{day}">{date.day} {date:%B %Y}</time></h3>'
            blocks.append(f"{heading}{rows}{folded if first else ''}")
        return [nodes.raw("", f'<div class="mx-journal">{"".join(blocks)}</div>', format="html")]


class Statuses(SphinxDirective):
    """The words for how settled a page is, with their rule and the number of pages of each."""

    def run(self):
        known = [word for word, _ in status.statuses().values()]
        rows = "".join(
            f"<dt>{word} ({known.count(word)} pages)</dt><dd>{html.escape(rule)}</dd>"
            for word, rule in status.RULE.items()
        )
        return [nodes.raw("", f'<dl class="mx-statuses">{rows}</dl>', format="html")]


def _row(entry, up):
    esc, id = html.escape, html.escape(entry["claim"])
    words = dict.fromkeys(
        word for word in (entry["from"], entry["to"]) if word
    )  # one, where only the criterion changed
    badges = " → ".join(f'<span class="mx-badge mx-badge--{word}">{word}</span>' for word in words)
    return (
        f'<article class="mx-entry"><p class="mx-entry__head"><a href="{up}ledger.html#{id}"><code>{id}</code></a> '
        f"<span>{badges}</span></p><p>{esc(entry['why'])}</p></article>"
    )


def name_the_feed(app, name, template, context, doctree):
    """Tell readers of feeds where it is."""
    up = "../" * name.count("/")
    link = f'<link rel="alternate" type="application/atom+xml" title="Changed verdicts" href="{up}{FEED}">'
    context["metatags"] = context.get("metatags", "") + f"\n{link}\n"


def write_feed(app, exception):
    """Write the feed beside the pages."""
    if exception is None and app.builder.format == "html":
        (Path(app.outdir) / FEED).write_bytes(feed(journal.read(), app.config.html_baseurl, app.config.html_title))


def feed(entries, base="", title="The mixing book"):
    """The entries as an Atom feed; without an address of the site its links are relative."""
    maker = FeedGenerator()
    maker.id(_name("journal"))
    maker.title(f"{title}: changed verdicts")
    maker.author(name=title)
    maker.link(href=f"{base}journal.html")
    maker.updated(_midnight(entries[-1]["date"]) if entries else _midnight("2026-01-01"))
    for number, entry in enumerate(entries):
        one = maker.add_entry()  # the newest first
        one.id(_name(f"{number} {entry['date']} {entry['claim']} {entry['to']}"))
        one.title(f"{entry['claim']}: " + " → ".join(dict.fromkeys(filter(None, (entry["from"], entry["to"])))))
        one.link(href=f"{base}ledger.html#{entry['claim']}")
        one.updated(_midnight(entry["date"]))
        one.summary(entry["why"])
    return maker.atom_str(pretty=True)


def _name(text):
    return uuid.uuid5(uuid.NAMESPACE_OID, f"mixing book {text}").urn


def _midnight(day):
    return datetime.datetime.fromisoformat(f"{day}T00:00:00+00:00")
