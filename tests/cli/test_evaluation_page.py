"""``mixlib evaluate --report``: what the page says is what was computed, and nothing of a user's data runs in it."""

import json
import re

import pytest
from bs4 import BeautifulSoup

from completions_server import CompletionsServer
from hostile import NAMES, hostile  # noqa: F401
from mixlib.cli import main
from mixlib.federation import load_specialist
from own_text import write_text


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A folder in which two own domains were evaluated over two seeds."""
    folder = tmp_path_factory.mktemp("evaluated")
    write_text(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        domains = ["--domain", "sea=sea", "--domain", "land=land", "--vocabulary", "300", "--order", "2"]
        assert main(["evaluate", *domains, "--seeds", "0", "1", "--save", "made", "--report", "out.html"]) == 0
    return folder


def read(path):
    content = path.read_text(encoding="utf-8")
    page = BeautifulSoup(content, "html.parser")
    assert not page.select("script, link, iframe, [src], a[href^='http']")
    assert "url(" not in re.sub(r"url\(#", "", content)
    return page


def rows_of(table):
    """The cells of each row by its head."""
    return {
        row.th.text: [cell.text.replace("−", "-").replace(",", "") for cell in row.select("td")]
        for row in table.select("tbody tr")
    }


def test_the_page_of_a_training_says_what_the_record_says(here):
    page, record = read(here / "out.html"), json.loads((here / "evaluation.json").read_text())
    said = page.select_one(".mx-page__answer").text
    assert record["advice"]["sentence"][1:] in said
    assert "95% interval" in said
    assert [h.text for h in page.select("h2")] == [
        "What was compared",
        "Are the differences real?",
        "Disagreement",
        "By domain",
        "Settings",
        "Environment",
    ]
    perplexity, differences, excess, by_domain = map(rows_of, page.select("table"))
    for name, summary in record["perplexity"].items():
        mean, low, high = (float(cell) if cell != "–" else None for cell in perplexity[name][:3])
        assert mean == pytest.approx(summary["mean"], abs=0.051)
        assert low is None or low <= mean <= high
    assert float(differences["product"][0]) == pytest.approx(
        record["log_loss_differences"]["mixture"]["product"]["difference"], abs=6e-4
    )
    assert float(excess["sharpening"][0]) == pytest.approx(record["excess_log_loss"]["sharpening"]["mean"], abs=6e-4)
    assert float(by_domain["sea alone"][1]) < float(by_domain["land alone"][1])  # columns are land, sea
    assert float(by_domain["land alone"][0]) < float(by_domain["sea alone"][0])
    figure = page.select_one("svg")
    assert figure["role"] == "img"
    assert "Perplexity of" in figure["aria-label"]
    assert "var(--figure-c0" in str(figure)


def test_the_page_of_given_specialists(here, monkeypatch, capsys):
    monkeypatch.chdir(here)
    line = [
        "evaluate",
        "--specialist",
        "made/sea",
        "--specialist",
        "made/land",
        "--json",
        "g.json",
        "--trace",
        "g.jsonl",
    ]
    assert main([*line, "--text", "made/held_out", "--report", "given.html"]) == 0
    page, record = read(here / "given.html"), json.loads((here / "g.json").read_text())
    perplexity, differences, _, documents = map(rows_of, page.select("table"))
    for name, value in record["perplexity"].items():
        found, low, high = map(float, perplexity[name])
        assert found == pytest.approx(value, abs=0.0051)
        assert low <= found <= high
    assert set(differences) == set(record["perplexity"]) - {"mixture", "best single", "worst single"}
    assert len(documents) == record["documents"]
    assert sum(int(cells[0]) for cells in documents.values()) == record["tokens"]
    assert main([*line, "--text", "made/held_out", "--report", "given.html"]) == 2
    assert "is there already" in capsys.readouterr().err


def test_one_document_has_no_interval_and_says_so(here, monkeypatch):
    monkeypatch.chdir(here)
    only = sorted((here / "made" / "held_out").iterdir())[0]
    line = ["evaluate", "--specialist", "made/sea", "--specialist", "made/land", "--text", str(only)]
    assert main([*line, "--json", "1.json", "--trace", "1.jsonl", "--report", "1.html"]) == 0
    page = read(here / "1.html")
    assert "too few to be sure" in page.select_one(".mx-page__answer").text
    assert "which has no interval" in page.text


def test_of_a_served_specialist_it_says_the_bounds(here, monkeypatch, capsys):
    monkeypatch.chdir(here)
    land = load_specialist(here / "made" / "land")
    (here / "short.txt").write_text("wave wind field plough salt wheat stone sail barn shore")
    line = ["evaluate", "--specialist", "made/sea", "--text", "short.txt", "--json", "s.json", "--trace", "s.jsonl"]
    with CompletionsServer(land.model, land.tokenizer, start=[0]) as server:
        line += ["--specialist", f"land={server.url}", "--logprobs", "8", "--report", "served.html"]
        assert main(line) == 0
    low, high = json.loads((here / "s.json").read_text())["mixture_bounds"]
    assert f"{low:,.2f} to {high:,.2f}" in capsys.readouterr().out
    assert f"between {low:,.2f} and {high:,.2f}" in read(here / "served.html").text


def test_a_users_names_and_text_do_not_run(hostile, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    options, text = hostile
    assert main(["evaluate", *options, "--text", str(text), "--report", "out.html"]) == 0
    page = read(tmp_path / "out.html")
    assert not page.select("b, img, [onclick]")
    heads = {row.th.text for row in page.select("tbody tr")}
    assert {f"{name} alone" for name in NAMES} <= heads


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("-", "--report: - is standard"),
        ("no/where.html", "its folder does"),
        ("evaluation.json", "different files"),
    ],
)
def test_a_page_that_cannot_be_written_is_said_first(tmp_path, monkeypatch, capsys, path, message):
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate", "--report", path]) == 2
    assert message in capsys.readouterr().err
