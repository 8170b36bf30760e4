"""Sphinx extension: the ledger of claims, collected from the evidence in the outputs of the pages."""

import collections
import datetime
import html
import json
import platform
import re

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from mixbook.build import footprint
from mixbook.build.located import Mistake
from mixbook.build.pages import BOOK, write_atomically
from mixlib.claims import MIME, PENDING, UNVERIFIED, VERDICTS, format_number, load_registry

PACKAGES = ("mixlib", "numpy", "scipy", "torch", "numba", "POT", "tokenizers", "pandas", "matplotlib")
DOCUMENTS = {"A": "Document A (the seam page)", "B": "Document B (the combiner)"}  # another source is shown as it is


def setup(app):
    app.add_directive("ledger", Ledger)
    app.add_directive("scoreboard", Scoreboard)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def claims_of(pages, runs, registry=None):
    """Every claim of the registry with the verdict that its page computed; ``pending`` without a page."""
    registry = load_registry(BOOK / "claims.yml") if registry is None else registry
    found = {}
    for page, run, place, evidence in evidence_of(pages, runs):
        if evidence["id"] not in found and _belongs(registry, evidence, page):
            found[evidence["id"]] = {**evidence, "cell": place, "run": run.facts, "measured": _measured(page, evidence)}
    built = {page.name for page in pages}
    return [_row(entry, found.get(id), built) for id, entry in registry.items()]


def mistakes_of(pages, runs, registry=None):
    """What is wrong with the evidence of these pages, as Mistakes: flips, claims without a verdict, or with two."""
    registry = load_registry(BOOK / "claims.yml") if registry is None else registry
    places = {}
    for page, _, place, evidence in evidence_of(pages, runs):
        id = evidence["id"]
        if id in places:
            yield Mistake.at(place, f"claim {id} is verified twice, first at {places[id]}", "keep one of them")
        elif not _belongs(registry, evidence, page):
            gives = f"claim {id} is verified here, but claims.yml gives it to {registry[id]['page']!r}"
            yield Mistake.at(place, gives, "change its `page` or move the call")
        elif evidence["verdict"] != registry[id]["expected"]:
            numbers = ", ".join(f"{name} = {format_number(value)}" for name, value in evidence["numbers"])
            yield Mistake.at(
                place,
                f"claim {id}: the evidence says {evidence['verdict']!r}, the registry expects "
                f"{registry[id]['expected']!r}{f' ({numbers})' if numbers else ''}",
                "change `expected` in claims.yml if the evidence is right, else mend what computed it",
            )
        places.setdefault(id, place)
    for page in pages:
        if not runs[page.name].errors:  # which would be why
            for id, entry in registry.items():
                if entry["page"] == page.name and id not in places:
                    yield Mistake.at(page.where(0), f"no cell verifies claim {id}", "call verify, or change its `page`")


def evidence_of(pages, runs):
    """What each call of ``verify`` left in the outputs: page, run, place as ``page.md:line``, evidence."""
    for page in pages:
        run = runs[page.name]
        for index, cell in enumerate(run.onto(page.notebook()).cells):
            for output in cell.get("outputs", []):
                evidence = output.get("data", {}).get(MIME)
                if evidence is not None:
                    lines, quoted = cell.source.splitlines(), f"[\"']{re.escape(evidence['id'])}[\"']"
                    line = next((n for n, text in enumerate(lines, 1) if re.search(quoted, text)), 1)
                    yield page, run, page.where(index, line), evidence


def _belongs(registry, evidence, page):
    return registry[evidence["id"]]["page"] == page.name


def _measured(page, evidence):
    """The numbers that the page's front matter says are timings and the like, which no two runs share."""
    names = page.notebook().metadata.get("measured") or ()
    return [name for name, _ in evidence["numbers"] if name in names]


def _row(entry, evidence, built):
    row = {name: entry[name] for name in ("id", "part", "statement", "source", "page")}
    word = UNVERIFIED if entry["page"] in built else PENDING
    row |= {"verdict": word, "expected": entry["expected"], "numbers": {}, "seeds": None}
    if evidence is not None:
        row |= {name: evidence[name] for name in ("verdict", "seeds", "stated", "corrected")}
        row["numbers"] = dict(evidence["numbers"])
        row["measured"] = evidence["measured"]
        versions = evidence["run"]["stamp"]["distributions"]
        row["cell"] = evidence["cell"]
        row["versions"] = {name: versions[name] for name in PACKAGES if name in versions}
        row["gpu"] = evidence["run"]["stamp"]["gpu"]
        row["verified_at"] = evidence["run"]["finished"]
    return row


def flipped(claim):
    """Whether a row of the ledger says something else than was expected."""
    return claim["verdict"] not in (PENDING, claim["expected"])


def write_claims(claims, path):
    """Write ``claims.json``: the claims, and the environment they were verified in."""
    environment = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.system(),
        "packages": {name: footprint.version(name) for name in PACKAGES},
        "gpu": next((claim["gpu"] for claim in claims if claim.get("gpu")), None),
    }
    write_atomically(path, json.dumps({"claims": claims, "environment": environment}, indent=1, ensure_ascii=False))


def scoreboard(claims):
    """How many claims have each verdict, in the order of the verdicts, those without one last."""
    counts = collections.Counter(claim["verdict"] for claim in claims)
    return {
        word: counts[word]
        for word in (*VERDICTS, UNVERIFIED, PENDING)
        if counts[word] or word not in ("open", UNVERIFIED)
    }


class Scoreboard(SphinxDirective):
    """How many claims hold, hold when corrected, fail, and so on."""

    def run(self):
        ledger = "../" * self.env.docname.count("/") + "ledger.html"
        items = "".join(
            f'<li class="mx-score mx-score--{word}"><a href="{ledger}?verdict={word}">'
            f'<span class="mx-score__count">{count}</span> '
            f'<span class="mx-score__label">{word.replace("-", " ")}</span></a></li>'
            for word, count in scoreboard(self.env.app.mixing_claims).items()
        )
        count = sum(flipped(claim) for claim in self.env.app.mixing_claims)
        flips = f'<p class="mx-flip"><a href="{ledger}">{count} not as expected</a></p>' if count else ""
        return [nodes.raw("", f'<ul class="mx-scoreboard">{items}</ul>{flips}', format="html")]


class Ledger(SphinxDirective):
    """All claims with verdict, numbers, a link to the cell, and when and with what they were verified."""

    def run(self):
        claims = self.env.app.mixing_claims
        up = "../" * self.env.docname.count("/")
        rows = "".join(self._row(claim, up) for claim in claims)
        verdicts = [word for word, count in scoreboard(claims).items() if count]
        parts = list(dict.fromkeys(claim["part"] for claim in claims))
        return [
            nodes.raw(
                "",
                '<div class="mx-ledger"><div class="mx-ledger__filters">'
                f"{_select('verdict', verdicts)}{_select('part', parts)}"
                f'<output class="mx-ledger__count" aria-live="polite">{len(claims)} claims</output></div>'
                '<div class="mx-table-scroll" tabindex="0" role="region" aria-label="The ledger of claims">'
                '<table class="mx-table mx-ledger__table"><thead><tr><th scope="col">Claim</th>'
                '<th scope="col">Verdict</th><th scope="col">Evidence</th><th scope="col">Verified</th></tr></thead>'
                f"<tbody>{rows}</tbody></table></div></div>",
                format="html",
            )
        ]

    def _row(self, claim, up):
        esc = html.escape
        name = f"<code>{esc(claim['id'])}</code>"
        if "verified_at" in claim:
            name = f'<a href="{up}{claim["page"]}.html#claim-{esc(claim["id"])}">{name}</a>'
        source = claim["source"]
        document = f"{DOCUMENTS.get(source['document'], source['document'])}, “{source['section']}”"
        numbers = "".join(
            f"<div><dt>{esc(key.replace('_', ' '))}</dt><dd>{esc(format_number(value))}</dd></div>"
            for key, value in claim["numbers"].items()
        )
        flip = f'<p class="mx-flip">expected: {esc(claim["expected"])}</p>' if flipped(claim) else ""
        return (
            f'<tr data-verdict="{claim["verdict"]}" data-part="{esc(claim["part"])}"'
            f"{' class=mx-flipped' if flip else ''}>"
            f'<th scope="row">{name}<p>{esc(claim["statement"])}</p>'
            f'<p class="mx-ledger__source">{esc(document)}</p></th>'
            f'<td><span class="mx-badge mx-badge--{claim["verdict"]}">{claim["verdict"]}</span>{flip}</td>'
            f"<td>{f'<dl>{numbers}</dl>' if numbers else '–'}</td><td>{_when(claim)}</td></tr>"
        )


def _select(name, values):
    options = "".join(
        f'<option value="{html.escape(value)}">{html.escape(value.replace("-", " "))}</option>' for value in values
    )
    every = '<option value="">all</option>'
    return f'<label>{name.capitalize()} <select data-filter="{name}">{every}{options}</select></label>'


def _when(claim):
    if claim["verdict"] == PENDING:
        return f"no page verifies it yet; planned: <code>{html.escape(claim['page'])}</code>"
    if "verified_at" not in claim:
        return f"<code>{html.escape(claim['page'])}</code> came to no verdict in this build"
    day = datetime.datetime.fromisoformat(claim["verified_at"]).strftime("%Y-%m-%d %H:%M UTC")
    versions = ", ".join(f"{name} {version}" for name, version in claim["versions"].items())
    return f"{day}<br><span class='mx-ledger__versions'>{html.escape(versions)}</span>"
