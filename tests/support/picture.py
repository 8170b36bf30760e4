"""The picture that opens the README: the front page of the built site. Run: python tests/support/picture.py"""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]


def take(target=ROOT / "book" / "_static" / "site.png"):
    """Photograph ``_build/html/index.html``."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto((ROOT / "_build" / "html" / "index.html").as_uri())
        page.wait_for_timeout(1000)
        page.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    take()
