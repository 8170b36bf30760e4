"""A site with a repository, and the same without: links, meta data, pictures, sitemap; no request to another host."""

import re
import subprocess

import pytest
from bs4 import BeautifulSoup
from lxml import etree
from PIL import Image

from elsewhere import asked
from mixbook.build import social_picture

BASE, REPOSITORY = "https://someone.github.io/mixing-book/", "https://github.com/Someone/mixing-book"


def parsed(project, name):
    return BeautifulSoup(project.html(name), "html.parser")


def addresses(page, start):
    return [node["href"] for node in page.find_all("a", href=True) if node["href"].startswith(start)]


def meta(page):
    return {
        node.get("property") or node.get("name"): node["content"] for node in page.head.find_all("meta", content=True)
    }


def test_without_a_repository_the_site_has_no_such_links(built_once):
    site = built_once.root / "_build" / "html"
    for name in ("index", "part/weights", "404"):
        page = parsed(built_once, name)
        assert addresses(page, "https://github.com") + addresses(page, "https://mybinder") == []
        assert page.find("link", rel="canonical") is None
        assert not page.select(".mx-report, .dropdown-launch-buttons")
        assert {"og:image", "og:url"} & set(meta(page)) == set()
    assert meta(parsed(built_once, "part/weights"))["description"] == "A page in a book for tests."
    assert not (site / "sitemap.xml").exists()
    assert not (site / "_social").exists()
    assert "Sitemap" not in (site / "robots.txt").read_text()


@pytest.fixture
def published(book):
    """The small book in a checkout with a remote."""
    for arguments in (["init"], ["remote", "add", "origin", "git@github.com:Someone/mixing-book.git"]):
        subprocess.run(["git", "-C", book.root, *arguments], check=True, capture_output=True)
    built = book.build()
    assert (built.code, built.ran) == (0, set()), built.output  # an address runs no page again
    return book


def test_with_one_every_page_can_be_edited_opened_and_corrected(published):
    site, page = published.root / "_build" / "html", parsed(published, "part/weights")
    assert {*addresses(page, f"{REPOSITORY}/edit/")} == {f"{REPOSITORY}/edit/main/book/part/weights.md"}
    assert len(addresses(page, "https://mybinder.org/v2/gh/Someone/mixing-book/main?")) == 2  # above and below
    assert {*addresses(page, "https://colab")} == {
        "https://colab.research.google.com/github/Someone/mixing-book/blob/notebooks/part/weights.ipynb"
    }
    assert (site / "_notebooks/part/weights.ipynb").is_file()  # what the branch of notebooks gets
    for name, claims in (("part/weights", ["test.first"]), ("index", ["test.first", "test.later"])):
        reports = addresses(parsed(published, name), f"{REPOSITORY}/issues/new?")
        assert [re.search("claim=([^&]+)", address)[1] for address in reports] == claims
    assert not addresses(parsed(published, "index"), "https://mybinder")  # a page without code is no notebook

    said = meta(page)
    assert page.find("link", rel="canonical")["href"] == said["og:url"] == f"{BASE}part/weights.html"
    assert said["og:title"] == "part/weights"
    assert said["og:description"] == said["description"] == "A page in a book for tests."
    picture = site / said["og:image"].removeprefix(BASE)
    with Image.open(picture) as image:
        assert image.size == social_picture.SIZE == (int(said["og:image:width"]), int(said["og:image:height"]))

    listed = etree.parse(site / "sitemap.xml").xpath("//*[local-name()='loc']/text()")
    assert listed == [f"{BASE}{name}.html" for name in ("index", "part/plain", "part/weights")]
    assert (site / "robots.txt").read_text().endswith(f"Sitemap: {BASE}sitemap.xml\n")
    assert "<id>" in (site / "feed.xml").read_text()
    assert f"{BASE}journal.html" in (site / "feed.xml").read_text()

    for path in site.rglob("*.html"):
        assert list(asked(path.read_text(encoding="utf-8"))) == [], path.name
    lost = parsed(published, "404")
    for node in lost.find_all(["a", "link", "script", "img"]):
        address = node.get("href") or node.get("src") or "#"
        assert address.startswith(("/mixing-book/", "#", "https://")), address
        if address.startswith("/mixing-book/") and "ledger" not in address:  # the small book has none
            assert (site / re.sub("[?#].*", "", address.removeprefix("/mixing-book/"))).is_file(), address
