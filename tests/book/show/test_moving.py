"""Figures that move: what is refused, and that every frame can be put together from the picture and its data."""

import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from bs4 import BeautifulSoup

from mixbook.show.display import PALETTE, colour
from mixbook.show.moving import LARGEST, moving_figure

GRID = np.linspace(0, 1, 31)
ALT = "A curve that bends more as its exponent grows, with a dot that follows the weight."
CAPTION = "A curve that bends."
SLIDERS = {"Weight of the first": [0.0, 0.25, 1.0], "Exponent < 4": [1, 2]}
SVG = "{http://www.w3.org/2000/svg}"


def curve(ax, weight, exponent):
    ax.plot(GRID, GRID**exponent, label="curve")
    ax.scatter([weight], [weight**exponent], color="C1" if weight < 0.5 else colour("accent"))
    ax.bar([0.2] * exponent, [0.1] * exponent)  # one bar more in each frame
    ax.set(xlim=(0, 1), ylim=(0, 1.1))
    return f"At weight {weight:g} the mixture is </b {weight**exponent:.2f}."


@pytest.fixture(scope="module")
def picture():
    return moving_figure(curve, SLIDERS, alt=ALT, caption=CAPTION, start=(0.25, 2), name="bend")


def frame(picture, number):
    """The SVG of one frame, put together from the starting one as the page's script does."""
    root = ElementTree.fromstring(picture.svg)
    for mark, name, values, of in picture.changes:
        (node,) = root.findall(f".//*[@data-moves='{mark}']")
        if name == "":
            for child in list(node):
                node.remove(child)
            node.extend(ElementTree.fromstring(f'<g xmlns="{SVG[1:-1]}">{values[of[number]]}</g>'))
        elif values[of[number]] is None:
            node.attrib.pop(name, None)
        else:
            node.set(name, values[of[number]])
    return unmarked(root)


def unmarked(root):
    for node in root.iter():
        node.attrib.pop("data-moves", None)
    return ElementTree.tostring(root)


def test_each_frame_is_the_picture_drawn_there(picture):
    frames = [(weight, exponent) for weight in SLIDERS["Weight of the first"] for exponent in SLIDERS["Exponent < 4"]]
    for number, start in enumerate(frames):
        there = moving_figure(curve, SLIDERS, alt=ALT, caption=CAPTION, start=start)
        key, other = (re.search(r'id="([0-9a-f]{8})-', p.svg)[1] for p in (picture, there))
        drawn = unmarked(ElementTree.fromstring(there.svg))
        assert frame(picture, number) == drawn.replace(other.encode(), key.encode())
    assert len({frame(picture, number) for number in range(len(frames))}) == len(frames)


def test_what_stays_is_stored_once(picture):
    moved = {tuple(values) for _, _, values, _ in picture.changes}
    assert all(len(values) > 1 for values in moved)
    assert sum(name == "" for _, name, _, _ in picture.changes) == 1, "only the bars change in number"


def test_html_shows_the_start_and_hides_its_sliders_from_those_without_a_script(picture):
    soup = BeautifulSoup(picture._repr_html_(), "html.parser")
    svg = soup.select_one("figure#bend.mx-figure.mx-moving > div > svg[role=img]")
    assert svg["aria-label"] == ALT
    assert soup.select_one(".mx-moving__controls").has_attr("hidden")
    labels = [label.span.text for label in soup.select("label")]
    assert labels == list(SLIDERS)
    assert [(i["min"], i["max"], i["value"]) for i in soup.select("input[type=range]")] == [
        ("0", "2", "1"),
        ("0", "1", "1"),
    ]
    assert [output.text for output in soup.select("output")] == ["0.25", "2"]
    assert soup.select_one("[aria-live=polite]").text == "At weight 0.25 the mixture is </b 0.06."
    (script,) = soup.select("script")
    assert script["type"] == "application/json"
    assert json.loads(script.string)["sentences"][-1] == "At weight 1 the mixture is </b 1.00."
    assert soup.figcaption.text == CAPTION


def test_colours_follow_the_theme_and_ids_are_the_pictures_own(picture):
    assert f"var(--figure-c0, {PALETTE['light']['cycle'][0]})" in picture.svg
    assert not re.findall(r"(?<!, )#[0-9a-f]{6}(?![0-9a-f-])", re.sub(r'href="#[^"]*"|url\(#[^)]*\)', "", picture.svg))
    assert "<style" not in picture.svg, "a style sheet in a picture would rule the page"
    other = moving_figure(curve, SLIDERS, alt=ALT, caption="Another curve that bends.")
    ids = [set(re.findall(r'\bid="([^"]+)"', p.svg)) for p in (picture, other)]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_the_style_sheet_has_every_colour_of_a_picture():
    from mixbook.build.pages import BOOK

    sheet = (BOOK / "_static" / "mixing.css").read_text()
    for theme, colours in PALETTE.items():
        (rules,) = re.findall(rf'html\[data-theme="{theme}"\] {{([^}}]*--figure-[^}}]*)}}', sheet)
        found = dict(re.findall(r"--figure-([\w-]+): (#\w{6})", rules))
        expected = {f"c{i}": code for i, code in enumerate(colours["cycle"])}
        names = ("page", "ink", "faint", "muted", "fails", "pending")
        assert found == expected | {name: colours[name] for name in names}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sliders": {}}, "sliders: got none"),
        ({"sliders": {"weight": [1], "exponent": [1, 2]}}, "'weight' has 1 value"),
        ({"start": (0.3, 2)}, "start: .* is not a combination"),
        ({"alt": "A curve."}, "alt: expected a text of at least 5 words"),
        ({"caption": ""}, "caption"),
    ],
)
def test_bad_input_is_named(change, said):
    with pytest.raises(ValueError, match=said):
        moving_figure(curve, **({"sliders": SLIDERS, "alt": ALT, "caption": CAPTION} | change))


def test_a_scale_that_moves_is_refused():
    with pytest.raises(ValueError, match="limits of the axes at \\(3,\\) differ"):
        moving_figure(lambda ax, k: ax.plot([0, k]) and None, {"k": [2, 3]}, alt=ALT, caption=CAPTION, start=(2,))


def test_too_much_data_is_refused(monkeypatch):
    monkeypatch.setattr("mixbook.show.moving.LARGEST", 1000)
    assert LARGEST > 1000
    with pytest.raises(ValueError, match="draw fewer points"):
        moving_figure(curve, SLIDERS, alt=ALT, caption=CAPTION)


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_the_starting_frame_can_be_saved(picture, tmp_path, kind):
    path = picture.save(tmp_path / f"frame.{kind}")
    assert path.stat().st_size > 1000


def test_the_same_input_gives_the_same_bytes(picture):
    again = moving_figure(curve, SLIDERS, alt=ALT, caption=CAPTION, start=(0.25, 2), name="bend")
    assert again._repr_html_() == picture._repr_html_()
