"""``mixlib o-information --report``: the page has what was found, whatever the columns are called."""

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright

from browsing import FLAGS, THEMES, WIDTHS, browser_path
from mixlib import o_information_sweep
from mixlib.cli import main
from mixlib.web.page import plain

NAMES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "$\\frac{a}{b}$",
    "\u202eback",
    "</style></title>",
    "http://example.org/x.js",
    "n" * 150,
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def table(names=NAMES):
    values = np.random.default_rng(0).normal(size=(200, 7))
    values[:, 4] += values[:, 0] + values[:, 1]
    values[:, [2, 3, 6]] += np.random.default_rng(1).normal(size=(200, 1))
    frame = pd.DataFrame(values, columns=list(names))
    frame.to_csv("data.csv", index=False)
    return frame


def page_of(*options):
    assert main(["o-information", "data.csv", "--report", "out.html", *options]) == 0
    with open("out.html", encoding="utf-8") as file:
        return BeautifulSoup(file.read(), "html.parser")


def rows_of(page, caption):
    (found,) = (one for one in page.find_all("table") if caption in one.caption.get_text())
    return [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in found.tbody.find_all("tr")]


def test_a_sweep_has_its_subsets_with_errors_the_landscape_and_the_settings(capsys):
    frame = table()
    page = page_of("--orders", "3-4", "--top", "5", "--null", "1", "--seed", "7")
    assert "Most synergistic" in capsys.readouterr().out
    sweep = o_information_sweep(frame, orders="3-4")
    for side, best in (("lowest", sweep.synergistic(5)), ("highest", sweep.redundant(5))):
        rows = rows_of(page, f"of {side} Ω")
        assert [row[0] for row in rows] == [plain(", ".join(subset)) for subset in best["variables"]]
        assert [float(row[1].replace("−", "-")) for row in rows] == pytest.approx(list(best["omega"]), abs=6e-5)
        assert all(0 < float(row[2]) < 0.2 for row in rows)
        assert {row[3] for row in rows} <= {"yes", "no"}
        assert len(rows[0]) == 8
    assert [row[:2] for row in rows_of(page, "Ω of all subsets")] == [["3", "35"], ["4", "35"]]
    settings = dict(zip(*([one.get_text() for one in page.find_all(tag)] for tag in ("dt", "dd")), strict=True))
    assert (settings["Seed"], settings["Shuffles"], settings["Subsets"]) == ("7", "1", "70")
    assert settings["Variables"] == plain(", ".join(NAMES))
    assert not page.find_all("script")
    assert sweep.synergistic(1)["variables"][0][0] in page.svg["aria-label"]


def test_the_picture_has_the_shapes_of_all_subsets():
    table("abcdefg")
    page = page_of("--orders", "3-5", "--top", "2")
    picture = str(page.svg)
    assert "Its width is the logarithm" in page.figcaption.get_text()
    assert len(re.findall(r' d="[^"]{200,}"', picture)) == 6  # a shape of either sign for each size
    searched = page_of("--orders", "3-5", "--top", "2", "--search", "greedy")
    assert "that the search found" in searched.figcaption.get_text()
    assert "All subsets by size" not in searched.get_text()


def test_one_result_has_its_measures_and_what_each_variable_adds():
    table()
    page = page_of("--estimator", "gaussian-copula", "--null", "9", "--units", "bits")
    measures = rows_of(page, "Of all variables together, in bits")
    assert [row[0] for row in measures][2] == "O-information"
    assert all(row[2] != "–" for row in measures)
    assert sorted(row[0] for row in rows_of(page, "Ω without it")) == sorted(map(plain, NAMES))
    assert "with p = " in page.get_text()


def test_json_and_report_go_together(capsys):
    table()
    assert main(["o-information", "data.csv", "--orders", "3", "--json", "--report", "out.html"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("{")
    assert "wrote out.html" in shown.err


@pytest.mark.parametrize(
    ("path", "message"),
    [("-", "--report: - is standard output"), ("none/out.html", "its folder does not exist"), (".", "is a folder")],
)
def test_a_path_that_cannot_be_written_is_refused_before_anything_is_read(path, message, capsys):
    assert main(["o-information", "missing.csv", "--report", path]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.rare
def test_in_a_browser_it_reads_well_and_asks_for_nothing(tmp_path):
    path = browser_path()
    table()
    page_of("--orders", "3-4", "--top", "5")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        for theme, width in itertools.product(THEMES, WIDTHS):
            tab = browser.new_page(color_scheme=theme, viewport={"width": width, "height": WIDTHS[width]})
            asked, said = [], []
            tab.on("request", lambda request, asked=asked: asked.append(request.url))
            tab.on("dialog", lambda dialog, said=said: said.append(dialog.message))
            tab.on("console", lambda message, said=said: said.append(message.text))
            tab.goto(f"file://{tmp_path}/out.html")
            assert asked == [f"file://{tmp_path}/out.html"]
            assert said == []
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
            assert tab.evaluate("document.querySelector('svg').getBoundingClientRect().width") > 300
            found = Axe().run(tab).response["violations"]
            assert [(one["id"], one["nodes"][0]["html"][:100]) for one in found] == []
            tab.close()
        browser.close()


@pytest.mark.parametrize(("columns", "said"), [(2, "0, as of any two variables"), (3, "not distinguishable from zero")])
def test_no_sign_is_read_from_nothing(columns, said, capsys):
    noise(columns).to_csv("data.csv", index=False)
    assert said in page_of().get_text()
    assert said in capsys.readouterr().out


def noise(columns):
    values = np.random.default_rng(0).normal(size=(400, columns))
    return pd.DataFrame(values, columns=list("abcdef"[:columns]))


def test_a_sweep_of_nothing_calls_nothing_synergistic(capsys):
    noise(6).to_csv("data.csv", index=False)
    page = page_of("--orders", "3-4", "--top", "5")
    for text in (page.get_text() + page.svg["aria-label"], capsys.readouterr().out):
        assert "Nothing is distinguishable from zero" in text
        assert "none distinguishable from zero" in text
        assert "most synergistic" not in text.lower()
        assert "most redundant" not in text.lower()
    assert {row[3] for row in rows_of(page, "of lowest Ω")} == {"no"}


def test_what_stands_out_is_told_from_what_does_not(capsys):
    frame = noise(6)
    frame["f"] += frame["a"] + frame["b"]
    frame.to_csv("data.csv", index=False)
    page = page_of("--orders", "3", "--top", "5")
    assert "Most synergistic, 1 of 5 distinguishable from zero" in capsys.readouterr().out
    assert "Not everything listed is distinguishable from zero" in page.get_text()
    assert [row[3] for row in rows_of(page, "of lowest Ω")] == ["yes", "no", "no", "no", "no"]


def test_without_standard_errors_no_more_is_said_than_before(capsys):
    noise(5).to_csv("data.csv", index=False)
    page = page_of("--orders", "3", "--error", "none")
    assert "distinguishable" not in page.get_text() + capsys.readouterr().out
