"""The files for programs that index the site."""

import datetime

from lxml import etree

from mixbook.build import crawlers

SPACE = {"s": crawlers.SCHEMA}


def test_a_sitemap_holds_whole_addresses_and_the_days_of_findings():
    dates = {"index": None, "a & b/c": datetime.date(2026, 1, 2)}
    tree = etree.fromstring(crawlers.sitemap(dates, "https://example.org/book/").encode())
    found = [[node.text for node in url] for url in tree.iterfind("s:url", SPACE)]
    assert found == [
        ["https://example.org/book/index.html"],
        ["https://example.org/book/a%20%26%20b/c.html", "2026-01-02"],
    ]


def test_robots_may_read_everything_and_find_the_sitemap():
    assert crawlers.robots("") == "User-agent: *\nAllow: /\n"
    assert crawlers.robots("https://example.org/").endswith("\nSitemap: https://example.org/sitemap.xml\n")
