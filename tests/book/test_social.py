"""What a shared link shows: the description of a page, and a picture of its own figure."""

import time

import matplotlib.figure
import numpy as np
import pytest
from docutils import nodes
from PIL import Image

from mixbook.build import social, social_picture
from mixbook.show.display import PALETTE, figure
from mixbook.show.moving import moving_figure

TEXT = {"alt": "A bar that fills all of its axes", "caption": "A bar for a test"}


def bar(ax, height=1.0):
    ax.bar([0], [height], width=2)
    ax.set(xlim=(-1, 1), ylim=(0, 1))


def test_a_description_is_the_card_without_its_head():
    head = nodes.paragraph("", "In a nutshell growing", classes=["mx-l0__head"])
    card = nodes.container("", head, nodes.paragraph("", "One\nline."), nodes.paragraph("", "Two."), classes=["mx-l0"])
    assert social.description(nodes.section("", card)) == "One line. Two."
    assert social.description(nodes.section("")) == ""


def test_a_long_text_ends_with_a_whole_word():
    assert social.shortened("short", 10) == "short"
    assert social.shortened("one two, three", 10) == "one two…"
    assert all(len(social.shortened("word, " * 90, n)) <= n for n in (20, 60, 200))


@pytest.mark.parametrize(
    "shown", [figure(bar, **TEXT), moving_figure(bar, {"height": [0.5, 1.0]}, **TEXT)], ids=["still", "moving"]
)
def test_the_picture_is_that_of_the_page_in_the_colours_of_the_light_theme(shown, tmp_path):
    svg, alt = social_picture.figure_of(f"<h1>Page</h1>{shown._repr_html_()}")
    assert alt == TEXT["alt"]
    assert "var(" not in svg
    social_picture.draw(tmp_path / "a.png", "A title", "The book", svg)
    pixels = np.asarray(Image.open(tmp_path / "a.png").convert("RGB")).astype(int)
    assert pixels.shape == (630, 1200, 3)

    def share(code):
        colour = [int(code[i : i + 2], 16) for i in (1, 3, 5)]
        return (abs(pixels - colour).max(axis=-1) <= 8).mean()

    assert share(PALETTE["light"]["cycle"][0]) > 0.15  # the bar
    assert share(PALETTE["light"]["page"]) > 0.3
    assert (tmp_path / "a.png").stat().st_size < 100_000


def test_a_still_figure_comes_before_a_moving_one_and_a_page_may_have_none(tmp_path):
    body = moving_figure(bar, {"height": [0.5, 1.0]}, **TEXT)._repr_html_()
    other = figure(bar, alt="Another bar that stands still", caption="A bar for a test")._repr_html_()
    assert social_picture.figure_of(body + other)[1] == "Another bar that stands still"
    assert social_picture.figure_of("<p>Words.</p>") == ("", "")
    social_picture.draw(tmp_path / "a.png", "A title " * 30, "The book", "")
    assert np.asarray(Image.open(tmp_path / "a.png").convert("L")).min() < 80  # ink


def test_a_picture_is_drawn_anew_where_its_title_or_figure_changed(tmp_path):
    path, svg = tmp_path / "deep" / "a.png", social_picture.figure_of(figure(bar, **TEXT)._repr_html_())[0]

    def drawn(*what):
        before = path.stat().st_mtime_ns if path.is_file() else 0
        time.sleep(0.01)
        social_picture.draw(path, *what)
        return path.stat().st_mtime_ns != before

    assert drawn("A title", "The book", svg)
    assert not drawn("A title", "The book", svg)
    assert drawn("Another title", "The book", svg)
    assert drawn("Another title", "The book", "")
    assert list(path.parent.iterdir()) == [path]


def test_a_title_shrinks_before_it_is_cut():
    wide = social_picture.SIZE[0] - 2 * social_picture.MARGIN
    sizes = []
    for words in (2, 8, 14, 80):
        size, lines = social_picture.fitted("Mixtures " * words, 2)
        sizes.append(size)
        assert len(lines) <= 2
        assert all(social_picture.serif(size).getlength(line) <= wide + size for line in lines)
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == social_picture.LARGE > sizes[-1] == social_picture.LEAST
    assert lines[-1].endswith("…")


def test_matplotlib_is_not_asked_to_draw_anything_again(monkeypatch, tmp_path):
    svg = social_picture.figure_of(figure(bar, **TEXT)._repr_html_())[0]
    monkeypatch.setattr(matplotlib.figure.Figure, "__init__", None)
    social_picture.draw(tmp_path / "a.png", "A title", "The book", svg)
