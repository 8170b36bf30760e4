"""A report holds what it is given as text, in every theme and width, and writes a file that is whole."""

import base64
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from mixlib.cli._shared.report import Report, check_report
from mixlib.web.style import PALETTE

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "'onmouseover='alert(3)",
    "</style></title><b>",
    "&amp;",
    "$\\frac{a}{b}$",
    "${7*7}",
    "http://example.org/x.js",
)


def full(names=HOSTILE):
    report = Report(f"Of {names[0]}", f"What {names[1]} says.")
    report.section(names[2])
    report.text(names[3])
    report.facts({names[4]: names[5], "several": list(names)})
    frame = pd.DataFrame({names[6]: [names[7]], "names": [tuple(names)], names[0]: [1.5]})
    report.table(frame, caption=names[1])
    report.figure(lambda figure: figure.subplots().set_title(names[5]), alt=names[1], caption=names[0])
    return report


def parsed(report):
    return BeautifulSoup(report.html(), "html.parser")


def pictures(page):
    addresses = [source["srcset"] for source in page.find_all("source")] + [img["src"] for img in page.find_all("img")]
    assert all(address.startswith("data:image/svg+xml;base64,") for address in addresses)
    return [base64.b64decode(address.partition(",")[2]).decode() for address in addresses]


def test_names_are_text_wherever_they_stand():
    page = parsed(full())
    assert not page.find_all(["script", "b", "a", "link", "iframe", "object"])
    assert len(page.find_all("img")) == 1
    assert not [name for tag in page.find_all(True) for name in tag.attrs if name.startswith("on")]
    assert page.h1.get_text() == page.title.get_text() == f"Of {HOSTILE[0]}"
    assert page.h2.get_text() == HOSTILE[2]
    assert page.img["alt"] == HOSTILE[1]
    assert page.figcaption.get_text() == HOSTILE[0]
    assert page.caption.get_text() == HOSTILE[1]
    assert [tag.get_text() for tag in page.find("tbody").find_all("bdi")][1:] == list(HOSTILE)


def test_nothing_is_loaded_or_run():
    page = parsed(full())
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'none'")
    assert "url(" not in page.style.get_text()
    assert "@import" not in page.style.get_text()
    for picture in pictures(page):
        assert "<script" not in picture
        assert not re.search(r'(?:href|src)="(?!#)', picture)


def test_characters_that_no_file_can_hold_are_replaced():
    text = Report("a\0b\ud800c\x1b", "d").html()
    assert "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c\N{REPLACEMENT CHARACTER}</h1>" in text
    text.encode()


def test_figures_are_drawn_for_both_themes_and_for_a_phone():
    widths = []

    def draw(figure):
        widths.append(figure.get_figwidth())
        figure.subplots().plot([0, 1], color="C1")

    report = Report("Lines")
    report.figure(draw, alt="a line", caption="a line that rises")
    page = parsed(report)
    assert sorted(set(widths)) == [4.2, 8.0]
    media = [source["media"] for source in page.find_all("source")]
    assert [("dark" in rule, "max-width" in rule) for rule in media] == [(True, True), (False, True), (True, False)]
    themes = ["dark", "light", "dark", "light"]
    for theme, picture in zip(themes, pictures(page), strict=True):
        other = "light" if theme == "dark" else "dark"
        assert PALETTE[theme]["cycle"][1] in picture
        assert PALETTE[other]["cycle"][1] not in picture


def test_the_same_report_is_the_same_file():
    assert full().html() == full().html()


def test_a_users_settings_do_not_show():
    import matplotlib

    before = parsed(full())
    with matplotlib.rc_context({"axes.facecolor": "red", "font.size": 40}):
        assert parsed(full()) == before


def test_numbers_line_up():
    frame = pd.DataFrame({"who": ["a", "b"], "value": [-1234.5678, np.nan], "count": [1234567, 8], "share": [0.25, 1]})
    report = Report("Numbers")
    report.table(frame, caption="some numbers", formats={"value": ",.2f", "share": ".0%"})
    rows = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in parsed(report).find_all("tr")]
    assert rows == [
        ["who", "value", "count", "share"],
        ["a", "−1,234.57", "1,234,567", "25%"],
        ["b", "–", "8", "100%"],
    ]
    cells = parsed(report).find("tbody").find_all(["th", "td"])
    assert [cell.get("class") for cell in cells[:4]] == [None, ["mx-number"], ["mx-number"], ["mx-number"]]
    assert [cell.name for cell in cells[:2]] == ["th", "td"]


def test_names_from_right_to_left_stay_in_their_place():
    report = Report("Names")
    report.facts({"both": ("\u05d0a", "b")})
    assert "<bdi>\u05d0a</bdi>, <bdi>b</bdi>" in report.html()


def test_a_file_is_replaced_when_the_new_one_is_whole(tmp_path):
    path = tmp_path / "out.html"
    full().write(path)
    before = path.read_text(encoding="utf-8")
    assert before == full().html()
    broken = Report("Broken")
    broken.html = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        broken.write(path)
    assert path.read_text(encoding="utf-8") == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk_is_said_of_the_file():
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        full().write("/dev/full")


def test_where_it_cannot_be_written_is_said_first(tmp_path):
    check_report(str(tmp_path / "out.html"))
    with pytest.raises(ValueError, match="--report: - is standard output"):
        check_report("-")
    with pytest.raises(ValueError, match="is a folder"):
        check_report(str(tmp_path))
    with pytest.raises(ValueError, match="its folder does not exist"):
        check_report(str(tmp_path / "none" / "out.html"))
