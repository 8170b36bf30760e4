"""The files of the built site: links, anchors, downloads and cards, read without a browser."""

import functools
import json
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlparse

import nbformat
import pytest
from bs4 import BeautifulSoup
from sphinx_external_toc.parsing import parse_toc_yaml

from elsewhere import asked, asked_by_style
from mixbook.build import journal, pages, status, texts
from mixlib.claims import VERDICTS

ROOT = Path(__file__).parents[2]
PAGES = list(parse_toc_yaml(ROOT / "_toc.yml"))

every_page = pytest.mark.parametrize("page", PAGES)


@functools.cache
def parsed(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@functools.cache
def anchors(path):
    return {node["id"] for node in parsed(path).find_all(id=True)}


def broken_links(site, page):
    """Each address on the page that leads to no file of the site, or to no anchor in it."""
    for node in parsed(site / f"{page}.html").find_all(["a", "img", "link", "script", "source"]):
        address = node.get("href") or node.get("src")
        if not address or urlparse(address).scheme:
            continue
        path, anchor = urldefrag(urljoin(f"/{page}.html", address))
        target = site / unquote(urlparse(path).path).lstrip("/")
        if not target.is_file():
            yield f"{address}: no such file"
        elif anchor and target.suffix == ".html" and unquote(anchor) not in anchors(target):
            yield f"{address}: no such anchor"


@every_page
def test_links_lead_somewhere(built_site, page):
    assert list(broken_links(built_site, page)) == []


def test_no_file_of_the_site_asks_another_host_for_anything(built_site):
    pages, styles = list(built_site.rglob("*.html")), list(built_site.rglob("*.css"))
    assert len(pages) > len(PAGES)  # those that Sphinx makes itself, and the one for addresses that lead nowhere
    assert len(styles) >= 5
    found = {path.name: list(asked(parsed(path))) for path in pages}
    found |= {path.name: asked_by_style(path.read_text(encoding="utf-8")) for path in styles}
    assert {name: addresses for name, addresses in found.items() if addresses} == {}


def test_a_request_to_another_host_is_seen():
    page = (
        "<link rel='canonical' href='https://a.org'><a href='https://b.org'>b</a><meta content='https://c.org'>"
        "<link rel='preconnect' href='https://d.org'><script src='//e.org/e.js'></script><img src='data:,https://f.org'>"
        "<img srcset='g.png 1x, https://h.org/h.png 2x'><p style=\"background: url('https://i.org/i.png')\">"
        "<style>@import 'https://j.org/j.css';</style><iframe src='https://k.org'></iframe>"
    )
    hosts = sorted(address.split("/")[2] for address in asked(page))
    assert hosts == ["d.org", "e.org", "h.org", "i.org", "j.org", "k.org"]


def test_a_broken_link_is_seen(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.html").write_text("<h1 id='top'>A</h1>", encoding="utf-8")
    (tmp_path / "deep/b.html").write_text(
        "<a href='../a.html#top'>right</a><a href='../a.html#end'>wrong</a><a href='c.html'>wrong</a>"
        "<a href='https://example.org/x'>elsewhere</a><img src='x.png'>",
        encoding="utf-8",
    )
    assert list(broken_links(tmp_path, "deep/b")) == [
        "../a.html#end: no such anchor",
        "c.html: no such file",
        "x.png: no such file",
    ]


def has_code(page):
    return "{code-cell}" in (ROOT / "book" / f"{page}.md").read_text(encoding="utf-8")


@every_page
def test_page_offers_itself_and_names_the_command(built_site, page):
    foot = parsed(built_site / f"{page}.html").select_one(".mx-foot")
    assert foot.code.text == "make book"
    target = (built_site / f"{page}.html").parent / foot.a["href"]
    if has_code(page):
        notebook = nbformat.read(target, as_version=4)
        nbformat.validate(notebook)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        first = next(
            k for k, cell in enumerate(code) if "source_hidden" not in cell.get("metadata", {}).get("jupyter", {})
        )
        assert "%pip install" in code[0].source
        assert first > 0
        assert all(cell.execution_count for cell in code[first:])
        assert any(cell.outputs for cell in code)
    else:
        assert target.read_text(encoding="utf-8") == (ROOT / "book" / f"{page}.md").read_text(encoding="utf-8")


@every_page
def test_page_opens_with_its_card(built_site, page):
    cards = parsed(built_site / f"{page}.html").select(".mx-l0")
    assert len(cards) == 1
    head = cards[0].select_one(".mx-l0__head")
    word = head.select_one(".mx-l0__status")
    assert (word and word.text) == status.statuses().get(page, (None,))[0]  # none where nothing is computed
    assert word is None or head.select_one(".mx-l0__date").text.endswith(tuple("0123456789"))


def test_a_page_of_the_reference_loads_quickly(built_site):
    heavy = {page: size for page in PAGES if (size := (built_site / f"{page}.html").stat().st_size) > 300_000}
    assert not [page for page in heavy if page.startswith("api")]


def test_assets_are_only_what_pages_need(built_site):
    static = built_site / "_static"
    assert sum(file.stat().st_size for file in (static / "mathjax").rglob("*") if file.is_file()) < 3e6
    assert len(list((static / "fonts").glob("*.woff"))) == 6
    assert len(list((static / "fonts").glob("*LICENSE*"))) == 2


def test_the_ledgers_page_has_every_verdict_for_programs(built_site):
    claims = json.loads((built_site / "claims.json").read_text(encoding="utf-8"))["claims"]
    computed = {claim["id"]: claim for claim in claims if claim["verdict"] in VERDICTS}
    head = parsed(built_site / "ledger.html").head
    reviews = json.loads(head.find("script", type="application/ld+json").string)
    assert {review["url"] for review in reviews} == {f"#{id}" for id in computed}
    for review in reviews:
        claim = computed[review["url"][1:]]
        assert review["reviewRating"]["alternateName"] == claim["verdict"]
        assert review["claimReviewed"] == claim["statement"]
        settled = claim["verdict"] == claim["expected"]  # a finding is written for its verdict
        assert review["reviewBody"] == (claim["finding"] if settled else claim["criterion"])
    for claim in claims:
        assert claim["id"] in anchors(built_site / "ledger.html")


def test_every_page_names_the_feed_of_changed_verdicts(built_site):
    entries = journal.read()
    feed = BeautifulSoup((built_site / "feed.xml").read_bytes(), "xml")
    assert [node.summary.text for node in feed.find_all("entry")] == [entry["why"] for entry in reversed(entries)]
    for page in PAGES:
        link = parsed(built_site / f"{page}.html").head.find("link", type="application/atom+xml")
        assert (built_site / f"{page}.html").parent.joinpath(link["href"]).resolve() == built_site / "feed.xml"


def test_the_front_page_begins_with_six_findings_and_their_pictures(built_site):
    page = parsed(built_site / "index.html")
    found = page.find_all("li", class_="mx-finding")
    assert len(found) == 6
    for finding in found:
        assert len(finding.find_all("img", alt=True)) == 2  # light and dark
        assert any(character.isdigit() for character in finding.find("p", class_="mx-finding__text").text)
    assert page.select_one("article h2").text.startswith("What was found")


def test_the_readme_has_the_findings_of_the_front_page(built_site):
    """But for the numbers of pages that learn another text here than that of the README."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    of_other_text = {f"{page.name}.html" for page in pages.table_of_contents() if texts.other(page)}
    listed = {
        item.find("p").text: item.find("a")["href"].partition("#")[0]
        for item in parsed(built_site / "index.html").find_all("li", class_="mx-finding")
    }
    assert len(listed) > 3
    assert [said for said, page in listed.items() if f"- {said} (" not in text and page not in of_other_text] == []
