"""What a page makes a browser ask other hosts for, read from its files: what it only links to does not count."""

import re

from bs4 import BeautifulSoup

LOADS = {  # tag: attributes whose address is asked for as soon as the page is shown
    "script": ("src",),
    "img": ("src", "srcset"),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "track": ("src",),
    "iframe": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "link": ("href",),
    "input": ("src",),
    "image": ("href", "xlink:href"),
    "use": ("href", "xlink:href"),
    "form": ("action",),  # not asked for, but sent to
    "base": ("href",),
}
NAMES_ONLY = {"canonical", "alternate", "next", "prev", "license", "author"}  # of <link>
ADDRESS = re.compile(r"(?:https?:)?//[^\s\"'),]+")
IN_STYLE = re.compile(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\s\"')]+)")


def asked(page):
    """Addresses on other hosts that a page, its text or what Beautiful Soup made of it, loads."""
    page = BeautifulSoup(page, "html.parser") if isinstance(page, str) else page
    for node in page.find_all(True):
        named = node.name == "link" and NAMES_ONLY & {*node.get("rel", ())}
        for name in () if named else LOADS.get(node.name, ()):
            value = node.get(name, "")
            yield from () if value.startswith("data:") else ADDRESS.findall(value)
        if node.name == "meta" and "http-equiv" in node.attrs:
            yield from ADDRESS.findall(node.get("content", ""))
        if node.name == "style":
            yield from asked_by_style(node.text)
        yield from asked_by_style(node.get("style", ""))


def asked_by_style(css):
    """Addresses on other hosts that a style sheet loads."""
    return IN_STYLE.findall(css)
