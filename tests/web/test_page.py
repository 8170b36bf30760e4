"""Parts of a page that stands alone: escaped, numbered as on the site, and written whole or not at all."""

import base64
import hashlib
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from mixlib.web import page as web
from mixlib.web.style import PALETTE


def test_text_of_any_kind_stays_text():
    shown = web.text("<b>&\"'\x00\x1b\u202e\ud800 é 海\n\t‰")
    assert "<" not in shown
    assert BeautifulSoup(shown, "html.parser").text == "<b>&\"'\ufffd\ufffd\ufffd\ufffd é 海\n\t‰"


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (1234.5, 1, "1,234.5"),
        (-0.25, 2, "−0.25"),
        (0.00001, 2, "1e−05"),
        (0.0, 2, "0.00"),
        (float("nan"), 2, "–"),
        (float("inf"), 2, "∞"),
        (1234567, 2, "1,234,567"),
        (-1234567, 2, "−1,234,567"),
        (0.25, ".1%", "25.0%"),
        (1, ".0%", "100%"),
        (True, 2, True),
        (None, 2, "–"),
        ("a", 2, "a"),
    ],
)
def test_numbers(value, digits, shown):
    assert web.shown(value, digits) == shown


def test_a_table_has_heads_and_escapes_all_of_them():
    frame = pd.DataFrame({"<i>": [1.0, 2.5], "words": ["<u>", "b"]}, index=["<s>", "row"])
    table = BeautifulSoup(web.table(frame, caption="A <q> table", digits=1), "html.parser")
    assert not table.select("i, u, s, q")
    assert [cell.text for cell in table.select("thead th")] == ["<i>", "words"]
    assert [cell.text for cell in table.select("tbody tr")[0].select("th, td")] == ["<s>", "1.0", "<u>"]
    assert len(table.select("td.mx-number")) == 2


def test_without_an_index_the_first_column_heads_the_rows():
    frame = pd.DataFrame({"who": ["a", "b"], "value": [-1234.567, np.nan], "count": [12345, 8], "share": [0.25, 1]})
    table = BeautifulSoup(web.table(frame, caption="some numbers", digits={"value": 2, "share": ".0%"}), "html.parser")
    rows = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]
    assert rows == [
        ["who", "value", "count", "share"],
        ["a", "−1,234.57", "12,345", "25%"],
        ["b", "–", "8", "100%"],
    ]
    cells = table.tbody.find_all(["th", "td"])
    assert [cell.get("class") for cell in cells[:4]] == [None, ["mx-number"], ["mx-number"], ["mx-number"]]
    assert [cell.name for cell in cells[:2]] == ["th", "td"]


def test_several_names_in_a_cell_stay_in_their_places():
    names = ("\u05d0a", "<b>")
    held = "<bdi>\u05d0a</bdi>, <bdi>&lt;b&gt;</bdi>"
    assert held in web.settings({"both": names})
    assert held in web.table(pd.DataFrame({"both": [names], "value": [1.0]}), caption="names")


def test_names_in_a_figure_are_text_and_no_formula():
    names = ["$\\frac{$", "<script>", "a$b$", "海"]
    drawn = web.figure(lambda ax: ax.set_xticks(range(4), names), alt="\0 four", caption="four names")
    svg = BeautifulSoup(drawn, "html.parser").svg
    assert set(names) <= {text.get_text() for text in svg.find_all("text")}
    assert svg["aria-label"] == "\ufffd four"
    assert not svg.find_all("script")


def test_a_users_settings_do_not_show():
    import matplotlib

    def drawn():
        return web.figure(lambda ax: ax.plot([1, 2]), alt="a line", caption="a line")

    before = drawn()
    with matplotlib.rc_context({"axes.facecolor": "red", "font.size": 40}):
        assert drawn() == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk_is_said_of_the_file():
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        web.write_page("/dev/full", "x")


def test_a_browser_lets_only_its_own_script_run():
    content = web.page(
        "A <page>", [web.paragraph("x")], styles=("page.css", "glass-box.css"), scripts=("glass-box.js",)
    )
    page = BeautifulSoup(content, "html.parser")
    policy = page.select_one("meta[http-equiv]")["content"]
    digest = base64.b64encode(hashlib.sha256(page.script.string.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert page.title.text == "A <page>"
    assert "script-src 'none'" in web.page("A page", [])
    for theme in PALETTE:
        assert all(code in content for code in PALETTE[theme]["cycle"])


def test_every_colour_of_its_styles_is_one_of_the_page():
    content = web.page("A page", [], styles=("page.css", "glass-box.css"), scripts=())
    used, set_there = set(re.findall(r"var\((--[\w-]+)", content)), set(re.findall(r"(--[\w-]+):", content))
    assert used - set_there == {"--width", "--share"}  # which stand where they are used


def test_a_figure_is_one_drawing_for_both_themes():
    drawn = web.figure(lambda ax: ax.plot([1, 2]), alt='a "line" <up>', caption="A line & more", size=(3, 2))
    svg = BeautifulSoup(drawn, "html.parser").svg
    assert svg["aria-label"] == 'a "line" <up>'
    codes = set(re.findall(r"#[0-9a-f]{6}(?![\w-])", re.sub(r"var\(--figure-[\w-]+, #\w+\)", "", drawn)))
    assert codes <= {"#000000", "#ffffff"}
    assert "var(--figure-c0, " in drawn


def test_it_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "out.html"
    web.write_page(path, "a\ud800")
    assert path.read_bytes() == b"a?"

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        web.write_page(path, "b")
    assert path.read_bytes() == b"a?"
    assert [p.name for p in tmp_path.iterdir()] == ["out.html"]
    web.write_page("/dev/null", "c")
