"""The links of the page for addresses that lead nowhere hold wherever it is shown."""

from mixbook.build.not_found import anywhere

PAGE = """<html data-content_root="./"><link href="_static/a.css?v=1"><script src="./b.js"></script>
<a href="part/c.html#d">c</a> <a href="#main">m</a> <a href="https://example.org/">e</a> <a href="mailto:a@b">f</a>
<img src="data:image/png;base64,AA"><a href="/root.html">g</a><form action="search.html"></form>"""


def test_relative_links_begin_with_the_path_of_the_site_and_others_stay():
    page = anywhere(PAGE, "https://someone.github.io/book/")
    for part in (
        'data-content_root="/book/"',
        'href="/book/_static/a.css?v=1"',
        'src="/book/b.js"',
        'href="/book/part/c.html#d"',
        'href="#main"',
        'href="https://example.org/"',
        'href="mailto:a@b"',
        'src="data:image/png;base64,AA"',
        'href="/root.html"',
        'action="/book/search.html"',
    ):
        assert part in page


def test_a_site_without_an_address_is_at_the_root_of_its_server():
    assert 'href="/_static/a.css?v=1"' in anywhere(PAGE, "")
