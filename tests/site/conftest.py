"""The built site behind a local server, and a browser that visits each page in each theme and at each width.

So many visits as stay cheap however many pages there are, in rotation; all of them under ``--audit``.
"""

import functools
import http.server
import itertools
import threading
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from sphinx_external_toc.parsing import parse_toc_yaml

import rotation
from browsing import FLAGS, THEMES, WIDTHS, Reader, browser_path

PAGES = list(parse_toc_yaml(Path(__file__).parents[2] / "_toc.yml"))
LOOKS = list(itertools.product(THEMES, WIDTHS))
VISITS = 32  # a few seconds each


def pytest_generate_tests(metafunc):
    """Visits look by look, so that few tabs are opened; each look has as many pages, the rotation decides which."""
    if "visit" in metafunc.fixturenames:
        drawn = {page: LOOKS[k % len(LOOKS)] for k, page in enumerate(rotation.shuffled(PAGES)[:VISITS])}
        visits = [(look, page) for look in LOOKS for page in PAGES if rotation.whole or drawn.get(page) == look]
        names = ["{}-{}-{}".format(*look, page) for look, page in visits]
        metafunc.parametrize("visit", visits, ids=names, indirect=True, scope="session")


class Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def send_error(self, code, message=None, explain=None):
        """As servers of static sites do: with the page for addresses that lead nowhere."""
        page = Path(self.directory, "404.html").read_bytes() if code == 404 else b""
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)


@pytest.fixture(scope="session")
def base_url(built_site):
    handler = functools.partial(Quiet, directory=str(built_site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    path = browser_path()  # before the site is built: a machine without a browser need not wait for it
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def reader_in(browser, base_url):
    """The tab in a theme and at a width; only one is open at a time, to save memory."""
    open_ones = {}

    def reader(*look):
        if look not in open_ones:
            for other in open_ones.values():
                other.context.close()
            open_ones.clear()
            open_ones[look] = Reader(browser, base_url, *look)
        return open_ones[look]

    yield reader
    for last in open_ones.values():
        last.context.close()


@pytest.fixture(scope="session")
def visit(request, reader_in):
    """A page as one reader sees it, for all checks of it."""
    look, page = request.param
    return reader_in(*look).read(f"{page}.html")


@pytest.fixture
def desk(browser, base_url):
    """A tab to click in, in the light theme at full width."""
    reader = Reader(browser, base_url, "light", 1400)
    yield reader
    reader.context.close()
