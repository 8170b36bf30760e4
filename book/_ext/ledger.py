"""Sphinx extension: the ledger of claims, collected from the evidence in the outputs of the pages."""

import collections
import datetime
import html
import json
import platform

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

import footprint
from mixlib.claims import MIME, PENDING, VERDICTS, format_number, load_registry
from pages import BOOK, write_atomically

PACKAGES = ("mixlib", "numpy", "scipy", "torch", "numba", "POT", "tokenizers", "pandas", "matplotlib")
DOCUMENTS = {"A": "Document A (the seam page)", "B": "Document B (the combiner)"}  # another source is shown as it is


def setup(app):
    app.add_directive("ledger", Ledger)
    app.add_directive("scoreboard", Scoreboard)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def claims_of(pages, runs, registry=None):
    """Every claim of the registry with the verdict that a page computed, or ``pending``.

    Raises
    ------
    ExtensionError
        If a claim is verified twice, or on another page than the one that the registry names.
    """
    registry = load_registry(BOOK / "claims.yml") if registry is None else registry
    found, problems = {}, []
    for page in pages:
        for index, cell in enumerate(runs[page.name].onto(page.notebook()).cells):
            for output in cell.get("outputs", []):
                evidence = output.get("data", {}).get(MIME)
                if evidence is None:
                    continue
                place, id = page.where(index), evidence["id"]
                if id in found:
                    problems.append(f"claim {id} is verified twice, at {found[id]['cell']} and {place}: keep one")
                elif registry[id]["page"] != page.name:
                    problems.append(
                        f"claim {id} is verified at {place}, but claims.yml gives it to {registry[id]['page']!r}: "
                        "change its `page` or move the call"
                    )
                found[id] = {**evidence, "cell": place, "run": runs[page.name].facts}
    if problems:
        raise ExtensionError("\n".join(problems))
    return [_row(entry, found.get(id)) for id, entry in registry.items()]


def _row(entry, evidence):
    row = {name: entry[name] for name in ("id", "part", "statement", "source", "page")}
    row |= {"verdict": PENDING, "expected": entry["expected"], "numbers": {}, "seeds": None}
    if evidence is not None:
        row |= {name: evidence[name] for name in ("verdict", "seeds", "stated", "corrected")}
        row["numbers"] = dict(evidence["numbers"])
        versions = evidence["run"]["stamp"]["distributions"]
        row["cell"] = evidence["cell"]
        row["versions"] = {name: versions[name] for name in PACKAGES if name in versions}
        row["gpu"] = evidence["run"]["stamp"]["gpu"]
        row["verified_at"] = evidence["run"]["finished"]
    return row


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
    """How many claims have each verdict, in the order of the verdicts, the pending ones last."""
    counts = collections.Counter(claim["verdict"] for claim in claims)
    return {word: counts[word] for word in (*VERDICTS, PENDING) if counts[word] or word != "open"}


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
        return [nodes.raw("", f'<ul class="mx-scoreboard">{items}</ul>', format="html")]


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
        if claim["verdict"] != PENDING:
            name = f'<a href="{up}{claim["page"]}.html#claim-{esc(claim["id"])}">{name}</a>'
        source = claim["source"]
        document = f"{DOCUMENTS.get(source['document'], source['document'])}, “{source['section']}”"
        numbers = "".join(
            f"<div><dt>{esc(key.replace('_', ' '))}</dt><dd>{esc(format_number(value))}</dd></div>"
            for key, value in claim["numbers"].items()
        )
        return (
            f'<tr data-verdict="{claim["verdict"]}" data-part="{esc(claim["part"])}">'
            f'<th scope="row">{name}<p>{esc(claim["statement"])}</p>'
            f'<p class="mx-ledger__source">{esc(document)}</p></th>'
            f'<td><span class="mx-badge mx-badge--{claim["verdict"]}">{claim["verdict"]}</span></td>'
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
    day = datetime.datetime.fromisoformat(claim["verified_at"]).strftime("%Y-%m-%d %H:%M UTC")
    versions = ", ".join(f"{name} {version}" for name, version in claim["versions"].items())
    return f"{day}<br><span class='mx-ledger__versions'>{html.escape(versions)}</span>"
