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


def asked(html):
    """Addresses on other hosts that a page loads."""
    page = BeautifulSoup(html, "html.parser")
    for tag, names in LOADS.items():
        for node in page.find_all(tag):
            if tag == "link" and NAMES_ONLY & {*node.get("rel", ())}:
                continue
            for name in names:
                value = node.get(name, "")
                yield from () if value.startswith("data:") else ADDRESS.findall(value)
    for node in page.find_all("meta", attrs={"http-equiv": True}):
        yield from ADDRESS.findall(node.get("content", ""))
    for style in [*(node.text for node in page.find_all("style")), *(n["style"] for n in page.find_all(style=True))]:
        yield from asked_by_style(style)


def asked_by_style(css):
    """Addresses on other hosts that a style sheet loads."""
    return IN_STYLE.findall(css)
