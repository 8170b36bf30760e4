"""Sphinx extension: the ledger as a page, its scoreboard, and each verdict as ClaimReview data in the page's head."""

import datetime
import html
import json

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from mixbook.build import cards, footprint
from mixbook.build.ledger import flipped, scoreboard
from mixlib.claims import PENDING

LEDGER = "ledger"  # the page that holds the whole list
BOOK_NAME = "The mixing book"
DOCUMENTS = {"A": "Document A (the seam page)", "B": "Document B (the combiner)"}  # another source is shown as it is
RATINGS = {"holds": 5, "corrected": 3, "fails": 1}  # the other words rate nothing: the claim may still be true


def setup(app):
    app.add_directive("ledger", Ledger)
    app.add_directive("scoreboard", Scoreboard)
    app.connect("html-page-context", add_claim_reviews)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class Scoreboard(SphinxDirective):
    """How many claims hold, hold when corrected, fail, and so on."""

    def run(self):
        ledger = "../" * self.env.docname.count("/") + f"{LEDGER}.html"
        items = "".join(
            f'<li class="mx-score mx-score--{word}"><a href="{ledger}?verdict={word}">'
            f'<span class="mx-score__count">{count}</span> '
            f'<span class="mx-score__label">{word.replace("-", " ")}</span></a></li>'
            for word, count in scoreboard(self.env.app.mixing_claims).items()
            if count or word != PENDING  # nobody has to read that nothing is left
        )
        count = sum(flipped(claim) for claim in self.env.app.mixing_claims)
        flips = f'<p class="mx-flip"><a href="{ledger}">{count} not as expected</a></p>' if count else ""
        return [nodes.raw("", f'<ul class="mx-scoreboard">{items}</ul>{flips}', format="html")]


class Ledger(SphinxDirective):
    """All claims: finding, quote and verdict in sight, the evidence folded away, each with an address of its own."""

    def run(self):
        claims = self.env.app.mixing_claims
        up = "../" * self.env.docname.count("/")
        verdicts = [word for word, count in scoreboard(claims).items() if count]
        parts = list(dict.fromkeys(claim["part"] for claim in claims))
        pending = [claim for claim in claims if claim["verdict"] == PENDING]
        report = self.env.app.mixing_repository and self.env.app.mixing_repository.report
        rows = "".join(_row(claim, up, report) for claim in claims if claim not in pending)
        later = "".join(_row(claim, up, report) for claim in pending)
        if pending:
            summary = f"{len(pending)} claims whose pages are planned"
            rows += f'<details class="mx-ledger__pending"><summary>{summary}</summary>{later}</details>'
        return [
            nodes.raw(
                "",
                '<div class="mx-ledger"><div class="mx-ledger__filters" role="search" aria-label="Filter the ledger">'
                f"{_select('verdict', verdicts)}{_select('part', parts)}"
                '<label>Text <input type="search" data-filter="text" placeholder="umami, nats, fed.…"></label>'
                f'<output class="mx-ledger__count" aria-live="polite">{len(claims)} claims</output></div>'
                f'<p class="mx-ledger__none" hidden>No claim matches these filters.</p>{rows}</div>',
                format="html",
            )
        ]


def _row(claim, up, report):
    esc, id, word = html.escape, html.escape(claim["id"]), claim["verdict"]
    flip = f'<p class="mx-flip">expected: {esc(claim["expected"])}</p>' if flipped(claim) else ""
    source = claim["source"]
    document = DOCUMENTS.get(source["document"], source["document"])
    shown, quoted = {**claim, "source": {**source, "document": document}}, bool(claim["quote"])
    return (
        f'<article class="mx-verdict mx-row mx-verdict--{word}{" mx-flipped" if flip else ""}" id="{id}" '
        f'data-verdict="{word}" data-part="{esc(claim["part"])}">'
        f'<p class="mx-verdict__head"><a class="mx-row__id" href="#{id}" title="Link to this verdict"><code>{id}</code>'
        f'</a><span class="mx-badge mx-badge--{word}">{word}</span></p>{flip}'
        f"{cards.told(shown, with_statement=not quoted)}{cards.folded(claim, with_statement=quoted)}"
        f'<div class="mx-row__foot"><p>{_when(claim, up)}</p>{_cite(claim)}</div>'
        f"{cards.report_link(id, report)}</article>"
    )


def _select(name, values):
    options = "".join(
        f'<option value="{html.escape(value)}">{html.escape(value.replace("-", " "))}</option>' for value in values
    )
    every = '<option value="">all</option>'
    return f'<label>{name.capitalize()} <select data-filter="{name}">{every}{options}</select></label>'


def _when(claim, up):
    page = html.escape(claim["page"])
    if claim["verdict"] == PENDING:
        return f"No page verifies it yet; planned: <code>{page}</code>"
    if "verified_at" not in claim:
        return f"<code>{page}</code> came to no verdict in this build"
    moment = datetime.datetime.fromisoformat(claim["verified_at"])
    versions = ", ".join(f"{name} {version}" for name, version in claim["versions"].items())
    return (
        f'<a href="{up}{page}.html#claim-{html.escape(claim["id"])}">The evidence on its page</a>, computed '
        f'<time datetime="{claim["verified_at"]}" title="{html.escape(versions)}">{moment:%Y-%m-%d %H:%M} UTC</time>'
    )


def _cite(claim):
    if "verified_at" not in claim:
        return ""
    return (
        '<details class="mx-cite"><summary>Cite this verdict</summary>'
        f'<p class="mx-cite__text">{html.escape(citation(claim))} '
        f'<span class="mx-cite__address">{LEDGER}.html#{html.escape(claim["id"])}</span></p></details>'
    )


def citation(claim):
    """A verdict as a sentence for a list of references; the site adds the address."""
    day = claim["verified_at"][:10]
    finding = f" {claim['finding']}" if claim["finding"] else ""
    return (
        f"{BOOK_NAME}, verdict on {claim['id']}: {claim['verdict']}.{finding} "
        f"Computed {day} with mixlib {claim['versions'].get('mixlib') or footprint.version('mixlib')}."
    )


def claim_review(claim):
    """A verdict as ClaimReview of schema.org; addresses are relative to the ledger's."""
    document = DOCUMENTS.get(claim["source"]["document"], claim["source"]["document"])
    rating = {"@type": "Rating", "alternateName": claim["verdict"]}
    if claim["verdict"] in RATINGS:
        rating |= {"ratingValue": RATINGS[claim["verdict"]], "bestRating": 5, "worstRating": 1}
    work = {"@type": "CreativeWork", "name": document, "text": claim["quote"] or claim["statement"]}
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "@id": f"#{claim['id']}",
        "url": f"#{claim['id']}",
        "claimReviewed": claim["statement"],
        "itemReviewed": {"@type": "Claim", "name": claim["id"], "appearance": work},
        "reviewRating": rating,
        "reviewBody": claim["finding"] or claim["criterion"] or claim["statement"],
        "author": {"@type": "Organization", "name": BOOK_NAME},
        "datePublished": claim["verified_at"][:10],
    }


def add_claim_reviews(app, name, template, context, doctree):
    """Put the verdicts into the head of the ledger's page."""
    if name != LEDGER:
        return
    reviews = [claim_review(claim) for claim in app.mixing_claims if "verified_at" in claim]
    data = json.dumps(reviews, ensure_ascii=False).replace("<", "\\u003c")
    context["metatags"] = context.get("metatags", "") + f'\n<script type="application/ld+json">{data}</script>\n'
