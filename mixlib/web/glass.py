"""The glass box: a text in which every token shows which specialist carried it, and its account on demand."""

import json

import numpy as np

from mixlib.web.page import text

MOST_SPECIALISTS = 6  # colours and underlines that can be told apart
MOST_TOKENS = 2_000
UNSEEN = {"\n": "↵", " ": "␣", "\t": "⇥"}


class GlassBox:
    """What `glass_box` returns; shown by a notebook.

    Tokens are tinted and underlined in the text. Their accounts are the rows of a table, which is folded away; the
    script glass-box.js shows the row of the token that was chosen by slider or click, and without it the table unfolds.
    """

    def __init__(self, audit, pieces, document_starts, caption, prompt="", bounds=None):
        self.audit, self.pieces, self.document_starts, self.caption = audit, pieces, document_starts, caption
        self.prompt, self.bounds = prompt, bounds
        self.carrier = audit.responsibilities.argmax(axis=0)
        self.weighted = np.ptp(audit.weights) > 1e-9  # where all are equal, nobody needs a column of them

    def _repr_html_(self):
        names = text(json.dumps(self.audit.names))
        weighted = ' data-weighted="true"' if self.weighted else ""
        return (
            f'<figure class="mx-glass" data-names="{names}"{weighted}>{self._legend()}{self._text()}'
            f'<div class="mx-glass__reader" hidden><label><span>Token</span> <input type="range" min="0" '
            f'max="{len(self.pieces) - 1}" value="0"></label><div class="mx-glass__account"></div></div>'
            f"<figcaption>{text(self.caption)}</figcaption>{self._accounts()}</figure>"
        )

    def _legend(self):
        counts = np.bincount(self.carrier, minlength=len(self.audit.names))
        entries = "".join(
            f'<li><span class="mx-token mx-token--{i}" style="--share:1">{text(name)}</span> '
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
        documents = ["".join(spans[a:b]) for a, b in zip(self.document_starts, ends, strict=True)]
        if self.prompt:
            documents[0] = f'<span class="mx-glass__prompt">{_in_text(self.prompt)}</span>{documents[0]}'
        return "".join(f'<p class="mx-glass__text">{document}</p>' for document in documents)

    def _accounts(self):
        audit, names = self.audit, self.audit.names
        heads = ["token", "carried by", "joint", *(f"weight {name}" for name in names if self.weighted)]
        heads += [f"log p {name}" for name in names] + [f"share {name}" for name in names] + ["entropy", "residual"]
        weights = audit.weights if self.weighted else audit.weights[:0]
        before = [audit.joint, *weights, *audit.specialists]
        columns = [[_number(value) for value in column] for column in before]
        columns += [self._shares(i) for i in range(len(names))]
        columns += [[_number(value) for value in audit.entropy], [_minus(f"{value:.0e}") for value in audit.residual]]
        rows = "".join(
            f'<tr><th scope="row">{number}. <code>{_in_a_cell(piece)}</code></th><td>{text(names[who])}</td>'
            + "".join(f"<td>{cell}</td>" for cell in cells)
            + "</tr>"
            for number, (piece, who, *cells) in enumerate(zip(self.pieces, self.carrier, *columns, strict=True), 1)
        )
        top = "".join(f'<th scope="col">{text(head)}</th>' for head in heads)
        return (
            f"<details><summary>All {len(self.pieces)} accounts as a table</summary>"
            f'<div class="mx-table-scroll" role="region" tabindex="0" aria-label="The account of every token">'
            f'<table class="mx-table"><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table></div></details>'
        )

    def _shares(self, i):
        """Of one specialist, with their bounds where they are not known to the digits shown."""
        shares = [_number(value) for value in self.audit.responsibilities[i]]
        if self.bounds is None:
            return shares
        ends = zip(*(map(_number, side[i]) for side in self.bounds), strict=True)
        return [
            share if low == high else f"{share} ({low} to {high})"
            for share, (low, high) in zip(shares, ends, strict=True)
        ]

    def __repr__(self):
        return f"GlassBox of {len(self.pieces)} tokens: {self.caption}"


def glass_box(audit, pieces, *, caption, document_starts=(0,), prompt="", bounds=None):
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
    prompt : str, default=""
        Text before the first token, which nobody carried.
    bounds : None or pair of array (N, T), default=None
        Least and most of each share, shown where they differ.

    Returns
    -------
    GlassBox

    Raises
    ------
    ValueError
        If there is not one piece a token, there are more specialists or tokens than can be shown, paragraphs do not
        begin within the text in order, or the caption is missing.
    """
    pieces = [str(piece) for piece in pieces]
    if not isinstance(caption, str) or len(caption.split()) < 3:
        raise ValueError(f"caption: expected a text of at least 3 words, got {caption!r}; say what there is to see")
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
    return GlassBox(audit, pieces, starts, " ".join(caption.split()), prompt, bounds)


def pieces_of(tokenizer, tokens):
    """Each token as the text that it stands for; one that is a part of a character shows as a replacement sign."""
    return [tokenizer.decode([int(token)]) for token in tokens]


def _in_text(piece):
    """A line break needs a sign, or nobody could choose it."""
    return text(piece).replace("\n", "↵\n")


def _in_a_cell(piece):
    return text("".join(UNSEEN.get(sign, sign) for sign in piece) or "…")


def _number(value):
    return _minus(format(value, ".3f"))


def _minus(number):
    return number.replace("-", "−").replace("inf", "∞")
