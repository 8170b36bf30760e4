"""Sphinx extension: where the findings were verified, from the records in ``book/environments``."""

import html

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from mixbook.build import channel, findings, pages, records
from mixbook.build.footprint import file_hash
from mixbook.build.located import Mistake

NONE = "No machine has been recorded yet: <code>make record</code> after <code>make book</code> writes the first one."


def setup(app):
    app.add_directive("environments", Environments)
    app.connect("env-get-outdated", out_of_date)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def out_of_date(app, env, added, changed, removed):
    """The page of the records, where one has come, gone or changed: Sphinx does not look for new files."""
    known = getattr(env, "mixing_records", None)
    env.mixing_records = {path.name: file_hash(path) for path in sorted(records.FOLDER.glob("*.yml"))}
    if known == env.mixing_records:
        return []
    return [name for name in env.found_docs if "{environments}" in pages.text_of(name)]


class Environments(SphinxDirective):
    """A row for each machine, and below it every finding that came out otherwise there."""

    def run(self):
        try:
            found = records.read_all()
        except ValueError as error:
            file, _, what = str(error).partition(": ")
            channel.add(Mistake(file, 1, what, "make record"))
            found = []
        body = "".join(map(_entry, found)) or f"<p>{NONE}</p>"
        return [nodes.raw("", f'<div class="mx-environments">{body}</div>', format="html")]


def _entry(one):
    where, esc = one["where"], html.escape
    differing = len(one["differs"])
    processors = f"{where['processors']} processors" if where["processors"] != 1 else "1 processor"
    rows = {
        "Processor": f"{where['processor'] or 'unknown'}, {processors}",
        "GPU": one["gpu"] or "none",
        "Python": where["python"],
        "Packages": ", ".join(f"{name} {version}" for name, version in one["packages"].items()),
        "Pages": f"{one['pages']}, {one['processor_seconds']:,} processor seconds",
        "Findings": f"{one['verdicts']} verdicts and {one['numbers']:,} numbers, "
        + (f"{differing} of them beyond tolerance" if differing else "all as accepted"),
    }
    if one["not_compared"]:
        texts = findings.by_text(one["not_compared"]).items()
        rows["Numbers not compared"] = "; ".join(f"{', '.join(names)}: {why}" for why, names in texts)
    listed = "".join(f"<dt>{esc(key)}</dt><dd>{esc(str(value))}</dd>" for key, value in rows.items())
    table = _differences(one["differs"]) if differing else ""
    head = f"{where['system']}, Python {where['python']}, {one['date']}"
    return f"<h3>{esc(head)}</h3><dl>{listed}</dl>{table}"


def _differences(rows):
    head = "<tr><th>finding</th><th>accepted</th><th>here</th></tr>"
    cells = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(row[key]))}</td>" for key in ("what", "accepted", "here")) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="mx-table-scroll"><table class="mx-table"><thead>{head}</thead>'
        f"<tbody>{cells}</tbody></table></div>"
    )
