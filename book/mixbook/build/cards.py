"""The card of a claim on its page, made from the evidence that ``mixlib.claims.verify`` leaves in the outputs.

Words come from the registry as it is now, numbers from the run: a better sentence runs nothing again.
"""

import html

from mixbook.build import records
from mixlib.claims import MIME, PENDING, UNVERIFIED, WORDS, fill, format_number, readable


def with_cards(notebook, registry=None, report=None):
    """Show each verdict of an executed notebook as a card of the book; other outputs stay as they are.

    ``report`` gives the address where an error in a claim is reported, by its id.
    """
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [_as_card(output, registry or {}, report) for output in cell.outputs]
    return notebook


def _as_card(output, registry, report):
    evidence = output.get("data", {}).get(MIME)
    if evidence is None:
        return output
    entry = registry.get(evidence["id"])
    otherwise = records.otherwise(evidence["id"], (entry or {}).get("page"), evidence["verdict"])
    shown = card({**evidence, **words(entry, evidence)[0], "otherwise": otherwise}, report)
    return type(output)({**output, "data": {**output["data"], "text/html": shown}})


def words(entry, evidence):
    """What the registry says of a claim, with the finding filled in; and, where that cannot be done, why."""
    if entry is None:
        return {}, None
    told = {key: entry.get(key) for key in WORDS}
    if not told["finding"] or evidence["verdict"] != entry["expected"]:  # a finding is written for its verdict
        return told | {"finding": None}, None
    try:
        finding = fill(told["finding"], evidence.get("settings", {}) | dict(evidence["numbers"]))
    except ValueError as error:
        return told | {"finding": None}, str(error)
    where = f" Reported for {entry['reported_at']}." if evidence["verdict"] == "not-reproduced" else ""
    return told | {"finding": finding + where}, None


def card(evidence, report=None):
    """One verdict as HTML: finding, quote and verdict; what it was computed with folds away below."""
    esc, word = html.escape, evidence["verdict"]
    flipped = word != evidence["expected"]
    flip = (
        f'<p class="mx-flip">The evidence says <strong>{word}</strong>, expected was '
        f"<strong>{esc(evidence['expected'])}</strong>.</p>"
    )
    return (
        f'<div class="mx-verdict mx-verdict--{word}{" mx-flipped" * flipped}" id="claim-{esc(evidence["id"])}">'
        f'<p class="mx-verdict__head"><code>{esc(evidence["id"])}</code> '
        f'<span class="mx-badge mx-badge--{word}">{word}</span></p>{flip * flipped}'
        f"{told(evidence)}{folded(evidence)}{report_link(evidence['id'], report)}</div>"
    )


def report_link(id, report):
    """The link to report an error in a claim, where there is an address for it."""
    return (
        f'<p class="mx-report"><a href="{html.escape(report(id))}">Report an error in this claim</a></p>'
        if report
        else ""
    )


def told(claim, *, with_statement=True):
    """Quote, statement and finding of a row or a card."""
    esc, source = html.escape, claim["source"]
    cited = f"<cite>{esc(source['document'])}, “{esc(source['section'])}”</cite>"
    quote = f"<q>{esc(claim['quote'])}</q> " if claim.get("quote") else ""
    finding = f'<p class="mx-verdict__finding">{esc(claim["finding"])}</p>' if claim.get("finding") else ""
    elsewhere = "".join(map(_elsewhere, claim.get("otherwise", ())))
    return f'<p class="mx-verdict__quote">{quote}{cited}</p>{_statement(claim) * with_statement}{finding}{elsewhere}'


def _elsewhere(one):
    """A verdict that a recorded machine came to, where it is another one."""
    text = ", where the page learns another text" if one["other_text"] else ""
    return (
        f'<p class="mx-verdict__elsewhere">On {html.escape(one["where"])} it came out as '
        f"<strong>{html.escape(one['verdict'])}</strong>{text}.</p>"
    )


def folded(claim, *, with_statement=False):
    """The rest of a row or a card, folded away: criterion, what was tried, and the numbers with their units."""
    esc = html.escape
    criterion = f'<p class="mx-verdict__criterion">{esc(claim["criterion"])}</p>' if claim.get("criterion") else ""
    rows = [(" ".join(name.split("_")), _listed(value)) for name, value in (claim.get("settings") or {}).items()]
    if claim.get("seeds"):
        rows.append(("seeds", ", ".join(map(str, claim["seeds"]))))
    tried = "".join(f"<div><dt>{esc(name)}</dt><dd>{esc(value)}</dd></div>" for name, value in rows)
    numbers = "".join(
        f"<div><dt>{esc(label)}</dt><dd>{esc(f'{format_number(value)} {unit}'.strip())}</dd></div>"
        for (label, unit), value in ((readable(name), value) for name, value in dict(claim["numbers"]).items())
    )
    if claim["verdict"] in (PENDING, UNVERIFIED) or not (criterion or tried or numbers):
        return _statement(claim) * with_statement
    return (
        '<details class="mx-verdict__more"><summary>How it was decided</summary>'
        + _statement(claim) * with_statement
        + criterion
        + (f'<dl class="mx-verdict__numbers">{numbers}</dl>' if numbers else "")
        + (f'<dl class="mx-verdict__settings">{tried}</dl>' if tried else "")
        + "</details>"
    )


def _statement(claim):
    return f'<p class="mx-verdict__statement">{html.escape(claim["statement"])}</p>'


def _listed(value):
    return ", ".join(value) if isinstance(value, list) else format_number(value)
