"""The glass box: a text in which every token shows which specialist carried it, and its account on demand."""

import html
import json

import numpy as np

from mixbook.show.display import sentence

MOST_SPECIALISTS = 6  # colours and underlines that can be told apart
MOST_TOKENS = 2_000
UNSEEN = {"\n": "↵", " ": "␣", "\t": "⇥"}


class GlassBox:
    """What `glass_box` returns; shown by a notebook.

    Tokens are tinted and underlined in the text. Their accounts are the rows of a table, which is folded away; the
    book's script shows the row of the token that was chosen by slider or click, and without a script the table unfolds.
    """

    def __init__(self, audit, pieces, document_starts, caption):
        self.audit, self.pieces, self.document_starts, self.caption = audit, pieces, document_starts, caption
        self.carrier = audit.responsibilities.argmax(axis=0)

    def _repr_html_(self):
        names = html.escape(json.dumps(self.audit.names))
        return (
            f'<figure class="mx-glass" data-names="{names}">{self._legend()}{self._text()}'
            f'<div class="mx-glass__reader" hidden><label><span>Token</span> <input type="range" min="0" '
            f'max="{len(self.pieces) - 1}" value="0"></label><div class="mx-glass__account"></div></div>'
            f"<figcaption>{html.escape(self.caption)}</figcaption>{self._accounts()}</figure>"
        )

    def _legend(self):
        counts = np.bincount(self.carrier, minlength=len(self.audit.names))
        entries = "".join(
            f'<li><span class="mx-token mx-token--{i}" style="--share:1">{html.escape(name)}</span> '
            f"carried {count} tokens</li>"
            for i, (name, count) in enumerate(zip(self.audit.names, counts, strict=True))
        )
        return f'<ul class="mx-glass__legend">{entries}</ul>'

    def _text(self):
        shares = self.audit.responsibilities.max(axis=0)
        spans = [
            f'<span class="mx-token mx-token--{i}" style="--share:{share:.2f}">{_in_text(piece)}</span>'
            for piece, i, share in zip(self.pieces, self.carrier, shares, strict=True)
        ]
        ends = [*self.document_starts[1:], len(spans)]
        documents = ("".join(spans[a:b]) for a, b in zip(self.document_starts, ends, strict=True))
        return "".join(f'<p class="mx-glass__text">{document}</p>' for document in documents)

    def _accounts(self):
        audit, names = self.audit, self.audit.names
        heads = ["token", "carried by", "joint", *(f"log p {name}" for name in names)]
        heads += [*(f"share {name}" for name in names), "entropy", "residual"]
        columns = [audit.joint, *audit.specialists, *audit.responsibilities, audit.entropy]
        numbers = np.stack(columns, axis=1)
        rows = "".join(
            f'<tr><th scope="row">{number}. <code>{_in_a_cell(piece)}</code></th><td>{html.escape(names[who])}</td>'
            + "".join(f"<td>{_minus(format(value, '.3f'))}</td>" for value in row)
            + f"<td>{_minus(format(residual, '.0e'))}</td></tr>"
            for number, (piece, who, row, residual) in enumerate(
                zip(self.pieces, self.carrier, numbers, audit.residual, strict=True), 1
            )
        )
        top = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in heads)
        return (
            f"<details><summary>All {len(self.pieces)} accounts as a table</summary>"
            f'<div class="mx-table-scroll" role="region" tabindex="0" aria-label="The account of every token">'
            f'<table class="mx-table"><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table></div></details>'
        )

    def __repr__(self):
        return f"GlassBox of {len(self.pieces)} tokens: {self.caption}"


def glass_box(audit, pieces, *, caption, document_starts=(0,)):
    """A text coloured by which specialist carried each token, with the account of each.

    Parameters
    ----------
    audit : Attribution
        Of ``T`` tokens by at most six specialists.
    pieces : sequence of T str
        The tokens as text, from :func:`pieces_of`.
    caption : str
        The text below, at least three words.
    document_starts : sequence of int
        Where a new paragraph begins, 0 first.

    Returns
    -------
    GlassBox

    Raises
    ------
    ValueError
        If there is not one piece a token, there are more specialists or tokens than can be shown, paragraphs do not
        begin within the text in order, or the caption is missing.
    """
    caption, pieces = sentence("caption", caption, 3), [str(piece) for piece in pieces]
    starts = [int(start) for start in document_starts]
    if audit.joint.shape != (len(pieces),):
        raise ValueError(f"pieces: got {len(pieces)} for an audit of shape {audit.joint.shape}; give one a token")
    if len(audit.names) > MOST_SPECIALISTS or not 1 <= len(pieces) <= MOST_TOKENS:
        raise ValueError(
            f"audit: {len(audit.names)} specialists and {len(pieces)} tokens; a glass box shows at most "
            f"{MOST_SPECIALISTS} specialists and 1 to {MOST_TOKENS:,} tokens"
        )
    if starts[:1] != [0] or starts != sorted(set(starts)) or starts[-1] >= len(pieces):
        raise ValueError(f"document_starts: got {starts}; expected 0 and then growing positions below {len(pieces)}")
    return GlassBox(audit, pieces, starts, caption)


def pieces_of(tokenizer, tokens):
    """Each token as the text that it stands for; one that is a part of a character shows as a replacement sign."""
    return [tokenizer.decode([int(token)]) for token in tokens]


def _in_text(piece):
    """A line break needs a sign, or nobody could choose it."""
    return html.escape(piece).replace("\n", "↵\n")


def _in_a_cell(piece):
    return html.escape("".join(UNSEEN.get(sign, sign) for sign in piece))


def _minus(number):
    return number.replace("-", "−").replace("inf", "∞")
