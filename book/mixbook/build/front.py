"""Sphinx extension: what was found, in a few plain sentences with a picture each, on the front page and in the README.

A line of the directive is ``claim.id: sentence``, with placeholders for the numbers of the claim's evidence; its
picture is the one that the claim's page left with ``thumbnail``.
"""

import base64
import html
import re

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from mixbook.build import channel
from mixbook.build.located import Mistake
from mixbook.build.pages import ROOT, write_atomically
from mixbook.show import THUMBNAIL
from mixlib.claims import fill

INDEX = "book/index.md"
README = ROOT / "README.md"
BLOCK = re.compile(r"^```\{findings\}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"\S+\.\S+: ")
MARKED = re.compile(r"(<!-- findings: written by make accept -->\n).*?(<!-- end of findings -->)", re.DOTALL)


def setup(app):
    app.add_directive("findings", Findings)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class Findings(SphinxDirective):
    """What was found, each with its picture, its verdict and a link to the evidence."""

    has_content = True

    def run(self):
        pictures = thumbnails_of(self.env.app.mixing_outcome)
        items = ""
        for claim, text in told(self.content, self.env.app.mixing_claims):
            items += _item(claim, text, pictures.get(claim["id"]))
            if claim["id"] not in pictures and not self.env.app.config.mixing_only:
                fix = f"call thumbnail({claim['id']!r}, draw, alt=...) on {claim['page']}"
                channel.add(Mistake(INDEX, 1, f"the finding {claim['id']} has no picture", fix))
        return [nodes.raw("", f'<ul class="mx-findings">{items}</ul>', format="html")]


def told(lines, claims):
    """The (claim, sentence) pairs of a directive, numbers filled in; one that cannot be filled is a mistake."""
    rows = {claim["id"]: claim for claim in claims}
    for line in " ".join(f"\n{line}" if NAMED.match(line) else line for line in lines).split("\n"):
        id, _, sentence = line.strip().partition(": ")
        if not id:
            continue
        claim = rows.get(id)
        try:
            if claim is None:
                raise ValueError(f"there is no claim {id}")
            yield claim, fill(sentence, claim["settings"] | claim["numbers"])
        except ValueError as error:
            channel.add(Mistake(INDEX, 1, str(error), "mend the line of the directive {findings}"))


def thumbnails_of(runs):
    """Claim id to the picture that its page left."""
    found = {}
    for run in runs.values():
        for cell in run.notebook.cells:
            for output in cell.get("outputs", []):
                if picture := output.get("data", {}).get(THUMBNAIL):
                    found[picture["claim"]] = picture
    return found


def write_readme(claims, readme=README):
    """Write the findings of the front page into the README, where it has a place for them."""
    if not (readme.is_file() and (ROOT / INDEX).is_file()):
        return
    text = readme.read_text(encoding="utf-8")
    write_atomically(readme, MARKED.sub(lambda found: found[1] + block(claims) + found[2], text))


def block(claims):
    """The findings of the front page as a list in Markdown."""
    found = told(lines_of_index(), claims)
    return "".join(f"- {sentence} (`{claim['id']}`: {claim['verdict']})\n" for claim, sentence in found)


def lines_of_index():
    """What the directive on the front page holds."""
    found = BLOCK.search((ROOT / INDEX).read_text(encoding="utf-8"))
    return found[1].splitlines() if found else []


def _item(claim, text, picture):
    esc = html.escape
    images = "".join(
        f'<img class="only-{theme}" alt="{esc(picture["alt"])}" width="250" height="154" '
        f'src="data:image/svg+xml;base64,{base64.b64encode(picture[theme].encode()).decode()}">'
        for theme in ("light", "dark")
        if picture
    )
    word = claim["verdict"]
    return (
        f'<li class="mx-finding"><div class="mx-finding__picture">{images}</div>'
        f'<p class="mx-finding__text">{esc(text)}</p>'
        f'<p class="mx-finding__foot"><a href="{claim["page"]}.html#claim-{esc(claim["id"])}">How we know</a> '
        f'<a href="ledger.html#{esc(claim["id"])}"><span class="mx-badge mx-badge--{word}">{word}</span></a></p></li>'
    )
