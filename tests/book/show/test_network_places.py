"""Where a network draws what: places clockwise from the top, lines from place to place, names outside of the ring."""

import numpy as np
import pytest
from bs4 import BeautifulSoup

from mixbook.show.network import network

PLACES = {name: (f"The place {name} stands here.", None) for name in ("top", "right", "bottom", "left")}
LINES = {("top", "right"): "strong", ("left", "bottom"): "faint", ("bottom", "top"): "plain"}
KINDS = {"strong": "joined", "plain": "met", "faint": "seen"}


@pytest.fixture(scope="module")
def drawn():
    shown = network(
        PLACES, LINES, alt="Four places, some of them joined.", caption="Four places and three lines", kinds=KINDS
    )
    return BeautifulSoup(shown._repr_html_(), "html.parser")


def numbers(tag, *names):
    return np.array([float(tag[name]) for name in names])


@pytest.fixture(scope="module")
def centres(drawn):
    return {place["data-name"]: numbers(place.circle, "cx", "cy") for place in drawn.select(".mx-network__place")}


def test_places_go_round_with_the_clock_from_the_top(centres):
    middle = np.mean(list(centres.values()), axis=0)
    ways = {name: centre - middle for name, centre in centres.items()}
    for name, (across, down) in {"top": (0, -1), "right": (1, 0), "bottom": (0, 1), "left": (-1, 0)}.items():
        np.testing.assert_allclose(np.sign(np.round(ways[name])), (across, down), err_msg=name)


def test_lines_go_from_place_to_place_and_look_like_their_kind(drawn, centres):
    lines = drawn.select("line[data-from]")
    assert [(line["data-from"], line["data-to"]) for line in lines] == list(LINES)
    for line, kind in zip(lines, LINES.values(), strict=True):
        np.testing.assert_array_equal(numbers(line, "x1", "y1"), centres[line["data-from"]])
        np.testing.assert_array_equal(numbers(line, "x2", "y2"), centres[line["data-to"]])
        assert line["class"][-1] == f"mx-network__line--{kind}"


def test_names_stand_outside_of_the_ring(drawn, centres):
    for place in drawn.select(".mx-network__place"):
        name, off = place["data-name"], numbers(place.find("text"), "x", "y") - centres[place["data-name"]]
        anchor = place.find("text")["text-anchor"]
        assert anchor == {"right": "start", "left": "end"}.get(name, "middle")
        if name in ("right", "left"):
            assert (np.sign(off[0]), abs(off[1]) < 10) == ({"right": 1, "left": -1}[name], True)
        else:
            assert off[0] == 0
            assert {"top": off[1] < -10, "bottom": off[1] > 18}[name]
