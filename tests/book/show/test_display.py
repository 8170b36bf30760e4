"""Pictures and tables: what is refused, what the HTML holds, and that the same input gives the same bytes."""

import base64
import re

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from mixbook.show.display import NAMES, PALETTE, colour, figure, table

ALT = "A straight line that rises from zero to one."
CAPTION = "A line that rises."


def line(ax):
    ax.plot([0, 1], label="line")
    ax.scatter([0, 1], [1, 0], color=colour("synergy"))
    ax.legend()


def contrast(one, other):
    def luminance(code):
        channels = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return np.dot([0.2126, 0.7152, 0.0722], linear)

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_stands_out_from_its_page(theme):
    palette = PALETTE[theme]
    codes = {name: palette[name] for name in NAMES if name not in ("page", "faint")}
    codes |= {f"C{i}": code for i, code in enumerate(palette["cycle"])}
    weak = {name: contrast(code, palette["page"]) for name, code in codes.items()}
    assert {name: ratio for name, ratio in weak.items() if ratio < 3} == {}


def test_colour_follows_the_theme_and_says_what_is_wrong():
    assert colour("holds", theme="light") != colour("holds", theme="dark")
    with pytest.raises(ValueError, match="inside draw"):
        colour("holds")
    with pytest.raises(ValueError, match="no colour 'blurple'"):
        colour("blurple", theme="dark")
    with pytest.raises(ValueError, match="theme: got 'sepia'"):
        colour("holds", theme="sepia")


@pytest.mark.parametrize("alt", [None, "", "   ", "figure", "Figure 1"])
def test_a_figure_without_alt_text_is_refused(alt):
    with pytest.raises(ValueError, match="alt: expected a text of at least 5 words"):
        figure(line, alt=alt, caption=CAPTION)


def test_a_caption_is_required():
    with pytest.raises(TypeError):
        figure(line, alt=ALT)
    with pytest.raises(ValueError, match="caption"):
        figure(line, alt=ALT, caption="")
    with pytest.raises(ValueError, match="caption"):
        table(pd.DataFrame({"a": [1]}), caption="a")


def test_figure_holds_one_picture_a_theme_with_the_alt_text_on_both():
    soup = BeautifulSoup(figure(line, alt=ALT + ' "so"', caption="a < b & c", name="rise")._repr_html_(), "html.parser")
    images = soup.select("figure#rise.mx-figure > div > img")
    assert [image["class"] for image in images] == [["only-light"], ["only-dark"]]
    assert {image["alt"] for image in images} == {ALT + ' "so"'}
    assert soup.figcaption.text == "a < b & c"
    light, dark = (base64.b64decode(image["src"].split(",", 1)[1]).decode() for image in images)
    assert colour("synergy", theme="light") in light
    assert colour("synergy", theme="dark") in dark
    for svg in (light, dark):
        assert "<text" not in svg
        assert "dc:date" not in svg
        assert not re.search(r'id="patch_1">\s*<path[^>]*fill: #', svg), "the page of the picture is not transparent"


def test_the_same_figure_is_the_same_bytes_and_leaves_matplotlib_alone():
    import matplotlib

    usual, matplotlib.rcParams["axes.xmargin"] = matplotlib.rcParams["axes.xmargin"], 0.4
    try:
        first = figure(line, alt=ALT, caption=CAPTION)._repr_html_()
        assert matplotlib.rcParams["axes.xmargin"] == 0.4
    finally:
        matplotlib.rcParams["axes.xmargin"] = usual
    assert first == figure(line, alt=ALT, caption=CAPTION)._repr_html_()
    with pytest.raises(ValueError, match="inside draw"):
        colour("holds")


def test_random_numbers_inside_draw_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="not inside draw"):
        figure(lambda ax: ax.plot(rng.random(5)), alt=ALT, caption=CAPTION)


def test_columns_part_between_the_panels_or_stay_together():
    def draw(axes):
        for ax in axes.flat:
            ax.set(ylabel="a label", title="a title")

    def with_a_bar(axes):
        draw(axes)
        axes[0].figure.colorbar(axes[0].imshow([[0, 1]]), ax=axes[0])

    def with_a_legend(axes):
        axes[0].plot([0, 1], label="both")
        axes[0].figure.legend()

    def parted(draw, panels=(1, 2), **more):
        picture = figure(draw, alt=ALT, caption=CAPTION, panels=panels, **more)
        found = re.findall(r'data-columns="([^"]*)"', picture._repr_html_())
        return [float(share) for text in found for share in text.split()]

    (even,), (first, second), (late,) = parted(draw), parted(draw, (2, 3)), parted(with_a_bar, width_ratios=(3, 1))
    assert 0.4 < even < 0.6
    assert 0.25 < first < 0.4 < 0.55 < second < 0.75
    assert late > 0.6  # the colour bar belongs to the panel on its left
    assert parted(draw, sharey=True) == parted(with_a_legend) == []
    assert parted(lambda ax: None, (1, 1)) == []
    assert parted(lambda axes: axes[0].set_title("a title that is much longer than its own panel " * 2)) == []


def test_panels_reach_draw_as_a_flat_array():
    shapes = []
    figure(lambda axes: shapes.append(axes.shape), alt=ALT, caption=CAPTION, panels=(1, 3), sharey=True)
    figure(lambda axes: shapes.append(axes.shape), alt=ALT, caption=CAPTION, panels=(2, 2))
    assert shapes == [(3,), (3,), (2, 2), (2, 2)]


@pytest.mark.parametrize(("ending", "magic"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_save(tmp_path, ending, magic):
    path = figure(line, alt=ALT, caption=CAPTION).save(tmp_path / f"line.{ending}", theme="dark")
    assert path.read_bytes().startswith(magic)


FRAME = pd.DataFrame(
    {"perplexity": [1277.456, 3.0, np.nan, -np.inf], "tokens": [12345, 2, 30, 4], "kind": ["a<b", None, "c", "d"]},
    index=pd.Index(["sum", "mean", "best", "worst"], name="pool"),
)


def cells(shown):
    soup = BeautifulSoup(shown._repr_html_(), "html.parser")
    return soup, [[cell.text for cell in row.find_all(["th", "td"])] for row in soup.select("tr")]


def test_table_is_semantic_and_its_numbers_line_up():
    soup, rows = cells(table(FRAME, caption="Perplexity of the pools"))
    assert rows == [
        ["pool", "perplexity", "tokens", "kind"],
        ["sum", "1,277.46", "12,345", "a<b"],
        ["mean", "3.00", "2", "–"],
        ["best", "–", "30", "c"],
        ["worst", "−∞", "4", "d"],
    ]
    assert soup.caption.text == soup.div["aria-label"] == "Perplexity of the pools"
    assert soup.div["tabindex"] == "0"
    assert soup.div["role"] == "region"
    assert {th["scope"] for th in soup.select("thead th")} == {"col"}
    assert {th["scope"] for th in soup.select("tbody th")} == {"row"}
    assert [cell.get("class") for cell in soup.select("tbody tr")[0].find_all("td")] == [["mx-number"]] * 2 + [None]


def test_digits_by_column_and_numbers_too_small_to_round():
    frame = pd.DataFrame({"gap": [2.5e-12, 0.0], "share": [0.25, 1.0], "ok": [True, False]}, index=["x", "y"])
    _, rows = cells(table(frame, caption="Gaps and their shares", digits={"share": ".1%", "gap": 3}))
    assert rows == [["", "gap", "share", "ok"], ["x", "2e−12", "25.0%", "yes"], ["y", "0.000", "100.0%", "no"]]


def test_an_index_that_only_counts_gives_way_to_the_first_column():
    soup, rows = cells(table(pd.DataFrame({"pool": ["sum"], "value": [0.5]}), caption="One pool only"))
    assert rows == [["pool", "value"], ["sum", "0.50"]]
    assert soup.select_one("tbody th").text == "sum"


def test_row_heads_lead_to_their_pages():
    soup, rows = cells(table(FRAME, caption="Perplexity of the pools", links={"sum": 'sum.html?a&b="1"'}))
    assert [(a.text, a["href"], a.parent["scope"]) for a in soup.select("a")] == [("sum", 'sum.html?a&b="1"', "row")]
    assert [row[0] for row in rows] == ["pool", "sum", "mean", "best", "worst"]


def test_bad_tables_say_what_to_do():
    with pytest.raises(ValueError, match="expected a pandas DataFrame, got list"):
        table([1, 2], caption="A list of numbers")
    with pytest.raises(ValueError, match="digits: no column 'loss'"):
        table(FRAME, caption="Perplexity of the pools", digits={"loss": 1})
    with pytest.raises(ValueError, match="2 levels of columns"):
        table(pd.DataFrame({("a", "b"): [1]}), caption="Two levels of columns")


def test_table_saves_all_digits(tmp_path):
    shown = table(FRAME, caption="Perplexity of the pools")
    pd.testing.assert_frame_equal(pd.read_csv(shown.save(tmp_path / "t.csv"), index_col="pool"), FRAME)
    assert "1,277.46" in shown.save(tmp_path / "t.html").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=r"end it in \.csv or \.html"):
        shown.save(tmp_path / "t.docx")
