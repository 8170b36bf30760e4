"""The network in a browser: arrow keys walk from place to place, and the lines of a place stand out."""

import pytest

from mixbook.build.pages import table_of_contents

WITH_ONE = [f"{page.name}.html" for page in table_of_contents() if "network(" in page.path.read_text(encoding="utf-8")]


def test_there_is_one():
    assert "domains/atlas.html" in WITH_ONE


@pytest.mark.parametrize("path", WITH_ONE)
def test_the_keyboard_walks_to_every_place(desk, path):
    desk.open(path)
    figure = desk.tab.locator("figure.mx-network").first
    places, says = figure.locator(".mx-network__place"), figure.locator(".mx-network__says")
    names = {place.get_attribute("data-name") for place in places.all()}
    places.first.focus()
    seen, moves = set(), ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp")
    for key in [move for move in moves for _ in names]:  # once around the ellipse
        here = desk.tab.evaluate("document.activeElement.dataset.name")
        assert says.inner_text().startswith(here.replace("-", " ") + ":")
        seen.add(here)
        desk.tab.keyboard.press(key)
    assert len(seen) > len(names) / 2
    for place in places.all():  # Tab reaches every one
        place.focus()
        assert desk.tab.evaluate("document.activeElement.dataset.name") == place.get_attribute("data-name")
    assert not desk.visit.errors
