"""``mixlib seam`` on texts of many terms: how many are shown, and whose chance it tells."""

import json

import numpy as np
import pytest

from mixlib.cli import main
from mixlib.seams import find_seams, shuffle_terms

WORDS = [f"{a}{b}{c}" for a in "kst" for b in "aeiou" for c in "lmnr"]


@pytest.fixture
def texts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    made = {f"{name}.txt": " ".join(rng.choice(WORDS, 90)) for name in "abcdefgh"}
    for name, text in made.items():
        (tmp_path / name).write_text(text)
    return made


def record(capsys, *arguments):
    assert main(["seam", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_twenty_terms_of_one_pair_and_five_of_each_of_many(texts, capsys):
    (pair,) = record(capsys, "a.txt", "b.txt")["pairs"]
    assert (len(pair["terms"]), pair["terms_in_both"] > 20) == (20, True)
    found = record(capsys, *texts)
    assert found["n_pairs"] == 28
    assert len(found["pairs"]) == 20
    assert {len(pair["terms"]) for pair in found["pairs"]} == {5}
    assert [text["words"] for text in found["texts"]] == [90] * 8
    assert [text["terms"] for text in found["texts"]] == [len(set(text.split())) for text in texts.values()]


def test_the_chance_of_each_pair_is_that_of_its_seed(texts, capsys):
    seams = find_seams(texts, salient=20)
    names = list(texts)
    for given, seed in (((), 0), (("--seed", "4"), 4)):
        null = shuffle_terms(seams, rounds=9, rng=seed)
        for pair in record(capsys, *names, "--salient", "20", "--null", "9", "--top", "28", *given)["pairs"]:
            at = names.index(pair["first"]), names.index(pair["second"])
            assert pair["shared_by_chance"] == pytest.approx(null.mean[at])
            assert pair["p_value"] == pytest.approx(null.p_values[at])
    assert not np.allclose(null.mean, shuffle_terms(seams, rounds=9, rng=0).mean)


def test_print_tells_what_is_left_out_and_three_digits(texts, capsys):
    assert main(["seam", *texts, "--top", "28"]) == 0
    out = capsys.readouterr().out
    assert "more pair" not in out
    scores = [line.split()[0] for line in out.splitlines() if line.startswith(("0.", " 0."))]
    best = find_seams(texts).to_frame()["score"]
    assert scores == [f"{score:.3f}" for score in best]
