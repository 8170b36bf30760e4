"""Sphinx extension: what every page owes its reader, and the assets that make a page whole without another host.

A page has an L0 card with its status and the day of its last change, pictures with a text that says what they show, and
a footer that offers the page for download. Fonts and MathJax come from pinned packages and are copied into the site.
"""

import importlib.metadata
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

from docutils import nodes
from fontTools.ttLib import TTFont
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from mixbook.build import channel, status
from mixbook.build.located import Mistake
from mixbook.build.pages import asked_for

L0_LINES = 5
L0_CHARACTERS = 400  # what five lines of the card hold on a desktop
CARD = "mx-l0"
MATHJAX = "sphinx-mathjax-offline"
MATHJAX_PARTS = ("tex-chtml.js", "output/chtml/fonts", "input/tex/extensions")
FONTS = {
    "font-source-serif-pro": ("SourceSerifPro-Regular", "SourceSerifPro-It", "SourceSerifPro-Semibold"),
    "font-source-sans-pro": ("SourceSansPro-Regular", "SourceSansPro-It", "SourceSansPro-Semibold"),
}


def setup(app):
    app.add_config_value("comments_config", {}, "")  # jupyter-book sets it even where no comments are asked for
    app.add_directive("l0", L0Card)
    app.connect("doctree-read", head_the_card)
    app.connect("env-updated", check_cards)
    app.mixing_written = set()  # names of the pages that this build writes
    app.connect("html-page-context", offer_download)
    app.connect("html-page-context", mark_up_references)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class L0Card(SphinxDirective):
    """The page in a nutshell: at most five lines, shown with how settled its findings are, and since when."""

    has_content = True

    def run(self):
        lines = sum(bool(line.strip()) for line in self.content)
        card = nodes.container("", *self.parse_content_to_nodes(), classes=[CARD])
        self.env.metadata[self.env.docname] |= {"l0_lines": lines, "l0_characters": len(card.astext())}
        return [card]


def head_the_card(app, doctree):
    """Put status and date on top of the card, where the page has findings."""
    word, date = status.statuses().get(app.env.docname, ("", None))
    for card in doctree.findall(lambda node: isinstance(node, nodes.container) and CARD in node["classes"]):
        head = nodes.paragraph("", "", classes=[f"{CARD}__head"])
        head += nodes.inline("", "In a nutshell", classes=[f"{CARD}__label"])
        if word:
            head += nodes.inline("", word, classes=[f"{CARD}__status", f"{CARD}__status--{word}"])
            head += nodes.inline("", f"findings of {date.day} {date:%B %Y}", classes=[f"{CARD}__date"])
        card.insert(0, head)


def check_cards(app, env):
    """Name every page without a card; every build looks, not only the one that reads."""
    for name in sorted(env.found_docs):
        for problem in card_problems(env.metadata.get(name, {})):
            channel.add(Mistake(f"book/{name}.md", 1, *problem))
    return []


def card_problems(meta):
    """What is wrong with a page whose front matter, with ``l0_lines`` and ``l0_characters``, is ``meta``."""
    lines = meta.get("l0_lines")
    if lines is None:
        yield "no L0 card", f"add ```{{l0}} below the title, with the page in at most {L0_LINES} lines"
    elif not 1 <= lines <= L0_LINES:
        yield f"the L0 card has {lines} lines", f"write 1 to {L0_LINES}"
    elif meta["l0_characters"] > L0_CHARACTERS:
        yield f"the L0 card has {meta['l0_characters']} characters", f"shorten it: five lines hold {L0_CHARACTERS}"


def offer_download(app, name, template, context, doctree):
    """Tell the page's template what to offer: the executed notebook, or the source of a page without code."""
    if doctree is None:  # search and index, which Sphinx makes itself
        return
    app.mixing_written.add(name)
    has_code = any(node.get("nb_element") == "cell_code" for node in doctree.findall(nodes.container))
    path = f"_notebooks/{name}.ipynb" if has_code else f"_sources/{context['sourcename']}"
    context["mx_download"] = {"path": path, "notebook": has_code}


def mark_up_references(app, name, template, context, doctree):
    """Lists of references hold list items; docutils gives these a role that is deprecated and not allowed in a list."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def finish(app, exception):
    """Add the assets and look at every picture of the pages that were written; after a mistake all are."""
    if exception is not None or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    copy_mathjax(static / "mathjax")
    copy_fonts(static / "fonts")
    written = app.mixing_written if app.parallel == 1 else app.env.found_docs
    for name in sorted(written.intersection(asked_for(app))):
        page = Path(app.builder.get_outfilename(name)).read_text(encoding="utf-8")
        for problem in image_problems(page):
            channel.add(Mistake(f"book/{name}.md", 1, *problem))


def image_problems(page):
    """What is wrong with the images of an HTML page."""
    images = _Images()
    images.feed(page)
    for image in images.found:
        source, alt = image.get("src") or "", (image.get("alt") or "").strip()
        if re.search(r"_images/[0-9a-f]{40,}\.\w+$", source):
            yield (
                f"a cell shows a bare picture ({source})",
                "use figure(draw, alt=..., caption=...) of mixbook.show.display",
            )
        elif not alt or alt.endswith((".png", ".svg", ".jpg", ".jpeg", ".gif")):
            yield f"an image has no alt text ({source[:60]})", "say in alt what it shows"


def copy_mathjax(target):
    """The parts of MathJax that a page with TeX loads; the package holds ten times as much."""
    if target.exists():
        return
    source = installed(MATHJAX, "static/mathjax/tex-chtml.js").parent
    half = target.with_suffix(".part")
    shutil.rmtree(half, ignore_errors=True)
    for part in MATHJAX_PARTS:
        (half / part).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (source / part).is_dir() else shutil.copy)(source / part, half / part)
    half.replace(target)


def copy_fonts(target):
    """The faces of the site, compressed for the web and otherwise as they are, with their licences."""
    target.mkdir(parents=True, exist_ok=True)
    for package, faces in FONTS.items():
        for face in faces:
            if not (target / f"{face}.woff").exists():
                half = target / f"{face}.part"
                font = TTFont(installed(package, f"files/{face}.otf"))
                font.flavor = "woff"
                font.save(half)
                half.replace(target / f"{face}.woff")
        shutil.copy(installed(package, "files/LICENSE.txt"), target / f"{package}-LICENSE.txt")


class _Images(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.found.append(dict(attrs))


def installed(package, ending):
    files = importlib.metadata.files(package) or []
    found = next((file for file in files if file.as_posix().endswith(ending)), None)
    if found is None:
        raise ExtensionError(f"{package}: no file {ending}; install the versions of requirements.txt")
    return Path(found.locate())
