"""The card of a claim on its page, made from the evidence that ``mixlib.claims.verify`` leaves in the outputs."""

import html

from mixlib.claims import MIME, format_number


def with_cards(notebook):
    """Show each verdict of an executed notebook as a card of the book; other outputs stay as they are."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [_as_card(output) for output in cell.outputs]
    return notebook


def _as_card(output):
    evidence = output.get("data", {}).get(MIME)
    if evidence is None:
        return output
    return type(output)({**output, "data": {**output["data"], "text/html": card(evidence)}})


def card(evidence):
    """One verdict as HTML: the word, the claim, its source and its numbers; red where another was expected."""
    esc, word = html.escape, evidence["verdict"]
    rows = "".join(
        f"<div><dt>{esc(name.replace('_', ' '))}</dt><dd>{esc(format_number(value))}</dd></div>"
        for name, value in evidence["numbers"]
    )
    source = f"Source: {evidence['source']['document']}, “{evidence['source']['section']}”"
    flipped = word != evidence["expected"]
    flip = (
        f'<p class="mx-flip">The evidence says <strong>{word}</strong>, expected was '
        f"<strong>{esc(evidence['expected'])}</strong>.</p>"
    )
    return (
        f'<div class="mx-verdict mx-verdict--{word}{" mx-flipped" * flipped}" id="claim-{esc(evidence["id"])}">'
        f'<p class="mx-verdict__head"><code>{esc(evidence["id"])}</code> '
        f'<span class="mx-badge mx-badge--{word}">{word}</span></p>{flip * flipped}'
        f'<p class="mx-verdict__statement">{esc(evidence["statement"])}</p>'
        f'<p class="mx-verdict__source">{esc(source)}</p>'
        + (f'<dl class="mx-verdict__numbers">{rows}</dl>' if rows else "")
        + "</div>"
    )
