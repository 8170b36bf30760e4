"""The built site behind a local server, and one browser that visits each page once a theme and width."""

import functools
import http.server
import threading

import pytest
from playwright.sync_api import sync_playwright

from browsing import FLAGS, THEMES, WIDTHS, Reader, browser_path


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


@pytest.fixture(scope="session")
def readers(browser, base_url):
    return {(theme, width): Reader(browser, base_url, theme, width) for theme in THEMES for width in WIDTHS}


@pytest.fixture(scope="session")
def visits(readers):
    """Call it with a page: its visits, one for each theme and width, made once and kept."""

    @functools.cache
    def visits_of(page):
        return [reader.read(f"{page}.html") for reader in readers.values()]

    return visits_of


@pytest.fixture
def reader(readers):
    """A tab to click in, in the light theme at full width."""
    return readers["light", 1400]
