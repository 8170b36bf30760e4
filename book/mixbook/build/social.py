"""Sphinx extension: what a page says of itself where its address is shared or searched for.

Its description is the text of its card. Where the site has an address, each page also has a picture of its own figure.
"""

import html
import re

from docutils import nodes

from mixbook.build import social_picture
from mixbook.build.pages import Path
from mixbook.build.reading import CARD

FOLDER = "_social"  # of the pictures, in the site
LENGTH = 200  # characters of a description, after which search engines cut it


def setup(app):
    app.connect("html-page-context", describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def describe(app, name, template, context, doctree):
    """Add description, Open Graph and picture to the head of a page."""
    if doctree is None:
        return
    base, title = app.config.html_baseurl, html.unescape(re.sub("<.*?>", "", context["title"]))
    about = description(doctree)
    told = {
        "og:type": "article" if "/" in name else "website",
        "og:site_name": app.config.html_title,
        "og:title": title,
    }
    told |= {"og:description": about} if about else {}
    named = {"description": about} if about else {}
    if base:
        told |= {"og:url": f"{base}{name}.html", **picture(app, name, title, context["body"], base)}
        named["twitter:card"] = "summary_large_image"
    tags = [_tag("name", *pair) for pair in named.items()] + [_tag("property", *pair) for pair in told.items()]
    context["metatags"] = context.get("metatags", "") + "\n" + "\n".join(tags) + "\n"


def description(doctree):
    """The text of a page's card without its head, as long as it may be; "" without a card."""
    for card in doctree.findall(lambda node: isinstance(node, nodes.container) and CARD in node["classes"]):
        told = [node.astext() for node in card.children if f"{CARD}__head" not in node["classes"]]
        return shortened(" ".join(" ".join(told).split()))
    return ""


def shortened(text, length=LENGTH):
    """The text, or as many whole words of it as fit, with an ellipsis."""
    return text if len(text) <= length else text[: length - 1].rpartition(" ")[0].rstrip(",;:.–") + "…"


def picture(app, name, title, body, base):
    """The properties of the picture of a page, which is drawn anew where its figure or title changed."""
    path = f"{FOLDER}/{name}.png"
    drawn, alt = social_picture.figure_of(body)
    social_picture.draw(Path(app.outdir) / path, title, app.config.html_title, drawn)
    width, height = social_picture.SIZE
    told = {"og:image": base + path, "og:image:width": width, "og:image:height": height}
    return told | {"og:image:alt": shortened(alt or f"The title of the page: {title}", 400)}


def _tag(kind, name, content):
    return f'<meta {kind}="{name}" content="{html.escape(str(content))}">'
