"""The built site behind a local server, and a browser that visits each page once a theme and width."""

import functools
import http.server
import itertools
import threading
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from sphinx_external_toc.parsing import parse_toc_yaml

from browsing import FLAGS, THEMES, WIDTHS, Reader, browser_path

PAGES = list(parse_toc_yaml(Path(__file__).parents[2] / "_toc.yml"))
LOOKS = list(itertools.product(THEMES, WIDTHS))


class Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass


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


@pytest.fixture(scope="session", params=LOOKS, ids=lambda look: "{}-{}".format(*look))
def reader(request, browser, base_url):
    """A tab in each theme and at each width in turn; only one is open at a time, to save memory."""
    reader = Reader(browser, base_url, *request.param)
    yield reader
    reader.context.close()


@pytest.fixture(scope="session", params=PAGES)
def visit(request, reader):
    """A page as one reader sees it, for all checks of it."""
    return reader.read(f"{request.param}.html")


@pytest.fixture
def desk(browser, base_url):
    """A tab to click in, in the light theme at full width."""
    reader = Reader(browser, base_url, "light", 1400)
    yield reader
    reader.context.close()
