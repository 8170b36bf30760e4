"""The network: every place can be visited and says what it is, with and without a page."""

import pytest
from bs4 import BeautifulSoup

from mixbook.show.network import network

PLACES = {
    "one": ("The first place.", "one.html"),
    "two": ("A second <place>.", None),
    "three": ("A third place.", None),
}
TEXTS = {"alt": "Three places, two of them joined.", "caption": "Three places, joined", "kinds": {"strong": "joined"}}


def test_every_place_takes_the_focus_and_says_what_it_is():
    shown = BeautifulSoup(network(PLACES, {("one", "two"): "strong"}, **TEXTS)._repr_html_(), "html.parser")
    places = shown.select(".mx-network__place")
    assert [place["data-name"] for place in places] == list(PLACES)
    assert places[0].name == "a"
    assert places[0]["href"] == "one.html"
    assert places[1]["tabindex"] == "0"
    assert places[1]["aria-label"] == "two: A second <place>."
    assert shown.select_one("svg")["aria-label"] == TEXTS["alt"]
    assert len(shown.select("line[data-from]")) == 1
    assert "joined" in shown.select_one(".mx-network__legend").text


def test_places_stand_apart_within_the_picture():
    at = list(network(PLACES, {}, **TEXTS).positions().values())
    assert len({(round(x), round(y)) for x, y in at}) == 3
    assert all(0 < x < 720 and 0 < y < 420 for x, y in at)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"places": {"one": ("The first place.", None)}}, "places: got 1"),
        ({"places": {**PLACES, "two": ("Short.", None)}}, r"places\['two'\]"),
        ({"lines": {("one", "four"): "strong"}}, "no place 'four'"),
        ({"lines": {("one", "two"): "thick"}}, "'thick' is no kind"),
        ({"lines": {("one", "two"): "faint"}}, "'faint' is no kind"),
        ({"alt": "Short."}, "alt: expected"),
    ],
)
def test_what_cannot_be_drawn_is_named(changed, message):
    with pytest.raises(ValueError, match=message):
        network(**({"places": PLACES, "lines": {}} | TEXTS | changed))
