"""Pages that the commands write, in a browser: nothing of a user's data runs, nothing is asked for, all can be read."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from browsing import THEMES, WIDTHS
from hostile import hostile  # noqa: F401
from mixlib.cli import main


@pytest.fixture(scope="module")
def pages(hostile, tmp_path_factory):  # noqa: F811
    """A generation and an evaluation, of specialists that would run scripts."""
    folder, (options, text) = tmp_path_factory.mktemp("alone"), hostile
    outputs = ["--json", str(folder / "j"), "--trace", str(folder / "t"), "--force"]
    generation, evaluation = folder / "generation.html", folder / "evaluation.html"
    assert main(["generate", "<img src=x>", *options, *outputs, "--tokens", "60", "--html", str(generation)]) == 0
    assert main(["evaluate", *options, *outputs, "--text", str(text), "--report", str(evaluation)]) == 0
    return {"generation": generation, "evaluation": evaluation}


@pytest.mark.parametrize(("theme", "width"), list(zip(THEMES, WIDTHS, strict=True)))
@pytest.mark.parametrize("name", ["generation", "evaluation"])
def test_it_stands_alone_and_can_be_read(browser, pages, name, theme, width):
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": WIDTHS[width]})
    tab, heard = context.new_page(), []
    tab.on("request", lambda request: heard.append(request.url))
    tab.on("console", lambda message: heard.append(message.text))
    tab.on("pageerror", lambda error: heard.append(str(error)))
    tab.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    tab.goto(pages[name].as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    paper = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(253, 252, 250)", "dark": "rgb(20, 24, 31)"}[theme]
    if name == "generation":
        tokens = tab.locator(".mx-glass__text .mx-token")
        tokens.nth(7).click()
        assert "Token 8 of 60" in tab.locator(".mx-glass__account").inner_text()
        assert tokens.nth(7).get_attribute("aria-current") == "true"
    found = Axe().run(tab).response["violations"]
    assert [(rule["id"], node["html"][:90]) for rule in found for node in rule["nodes"]] == []
    assert heard == [pages[name].as_uri()]
    context.close()
