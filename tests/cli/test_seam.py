"""``mixlib seam``: what it prints and writes for two files and for many, and what it refuses."""

import json
from pathlib import Path

import pytest

from mixlib.cli import main
from mixlib.seams import find_seams, prose_of, shuffle_terms

PAGES = {
    "kelp.md": "---\na: b\n---\nKelp! Kelp broth holds glutamate, and glutamate tastes of umami.\n\n```\nhidden\n```\n",
    "fish.md": "# Fish\n\nDried fish holds inosinate; broth of fish and kelp has umami.\n",
    "brass.md": "# Brass\n\nCopper and zinc melt together, and the alloy is hard.\n",
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in PAGES.items():
        (tmp_path / name).write_text(text)


def told(capsys, *arguments):
    assert main(["seam", *arguments]) == 0
    return capsys.readouterr().out


def refused(capsys, *arguments):
    assert main(["seam", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_two_files_in_print(capsys):
    out = told(capsys, "kelp.md", "fish.md")
    assert out.startswith("kelp.md: 8 words without stop words, 6 terms\n")
    assert "4 shared salient terms, of the 100 heaviest of each\n" in out
    assert "hidden" not in out
    shown = [line.split() for line in out.splitlines() if line.endswith("yes")]
    assert {line[0] for line in shown} == {"kelp", "broth", "holds", "umami"}
    assert sum(float(line[1]) for line in shown) == pytest.approx(100, abs=0.3)
    assert "note: of two texts alone" in out
    assert "note: all terms of kelp.md and fish.md are salient" in out
    assert "note" not in told(capsys, "kelp.md", "fish.md", "--background", "brass.md", "--salient", "5")


def test_one_is_no_plural(capsys):
    Path("one.txt").write_text("Kelp and nothing else.")
    out = told(capsys, "kelp.md", "one.txt")
    assert "\n1 shared salient term, of" in out
    assert "\n1 term in both" in out


def test_json_is_what_the_library_finds(capsys):
    record = json.loads(told(capsys, "kelp.md", "fish.md", "--json"))
    found = find_seams({name: prose_of(PAGES[name]) for name in ("kelp.md", "fish.md")})
    (pair,) = record["pairs"]
    assert pair["score"] == pytest.approx(found.scores[0, 1])
    assert pair["shared"] == found.shared[0, 1]
    assert pair["terms"] == found.terms("kelp.md", "fish.md").to_dict("records")
    assert {"shared_by_chance", "p_value"}.isdisjoint(pair)


def test_more_files_are_ranked(capsys):
    out = told(capsys, *PAGES, "--null", "20", "--json", "seams.json")
    lines = out.splitlines()
    assert lines[0] == "3 pairs of 3 texts, 100 salient terms of each"
    assert lines[3].split()[4:6] == ["kelp.md", "fish.md"]
    record = json.loads(Path("seams.json").read_text())
    assert [pair["shared"] for pair in record["pairs"]] == [4, 0, 0]
    found = find_seams({name: prose_of(text) for name, text in PAGES.items()})
    null = shuffle_terms(found, rounds=20, rng=0)
    assert record["pairs"][0]["shared_by_chance"] == pytest.approx(null.mean[0, 1])
    assert record["n_pairs"] == 3
    assert "and 2 more pairs" in told(capsys, *PAGES, "--top", "1", "--terms", "1")


def test_a_background_may_hold_the_files_themselves(capsys):
    record = json.loads(told(capsys, "kelp.md", "fish.md", "--background", *PAGES, "./brass.md", "--json"))
    assert record["background"] == ["brass.md"]
    beside = find_seams(
        {name: prose_of(PAGES[name]) for name in ("kelp.md", "fish.md")}, background=[prose_of(PAGES["brass.md"])]
    )
    assert record["pairs"][0]["score"] == pytest.approx(beside.scores[0, 1])


def test_options_reach_the_library(capsys):
    record = json.loads(told(capsys, "kelp.md", "fish.md", "--salient", "1", "--terms", "0", "--json"))
    assert record["salient"] == 1
    assert record["pairs"][0]["shared"] == 0
    assert record["pairs"][0]["terms"] == []
    assert record["pairs"][0]["terms_in_both"] == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["kelp.md"], "file: got one (kelp.md), expected two or more"),
        (["kelp.md", "nope.md"], "file: nope.md: no such file"),
        (["kelp.md", "."], "file: .: is a folder, expected a file"),
        (["kelp.md", "fish.md", "--background", "nope.md"], "--background: nope.md: no such file"),
        (["kelp.md", "./kelp.md"], "kelp.md stands twice"),
        (["kelp.md", "fish.md", "--null", "9"], "--null: got 9, but two files have one pair"),
        (["kelp.md", "fish.md", "--top", "9"], "--top: got 9, but two files have one pair"),
        (["kelp.md", "fish.md", "--salient", "0"], "--salient: got 0, expected a whole number, 1 or more"),
        (["kelp.md", "fish.md", "--json", "no/such.json"], "no/such.json: its folder does not exist"),
    ],
)
def test_what_is_wrong_names_the_argument(arguments, said, capsys):
    assert said in refused(capsys, *arguments)


def test_the_help_states_the_method(capsys):
    with pytest.raises(SystemExit):
        main(["seam", "--help"])
    out = capsys.readouterr().out
    for word in ("cosine", "scikit-learn", "English stop words", "(1 + log c)", "example:", "--null"):
        assert word in out
