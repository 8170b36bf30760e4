"""``mixlib evaluate`` with given specialists: every kind, its files, and one line for what is wrong."""

import json

import numpy as np
import pytest

from mixlib.cli import main
from mixlib.federation import GRULanguageModel, KneserNey, check_trace, encode_text, save_specialist, train_tokenizer

SEA = ["wave tide gull salt " * 30, "tide wave reef " * 40]
LAND = ["hill path oak barn " * 30, "stone hill path " * 40]


@pytest.fixture(scope="module")
def tokenizer():
    tokenizer = train_tokenizer(SEA + LAND, 290)
    tokenizer.add_special_tokens(["<s>"])
    return tokenizer


@pytest.fixture
def here(tmp_path, monkeypatch, tokenizer):
    """A folder to work in, with a saved specialist of each kind and a text."""
    monkeypatch.chdir(tmp_path)
    size = tokenizer.get_vocab_size()
    sea, land = encode_text(tokenizer, SEA), encode_text(tokenizer, LAND)
    save_specialist("sea", KneserNey(size, 3).fit(sea.tokens, sea.document_starts), tokenizer)
    save_specialist("land", GRULanguageModel(size, 8).fit(land.tokens, land.document_starts, steps=9), tokenizer)
    (tmp_path / "held_out.txt").write_text("tide gull wave salt path oak stone hill " * 9)
    return tmp_path


GIVEN = ["evaluate", "--specialist", "sea", "--specialist", "land"]


def test_table_json_and_trace(here, capsys):
    assert main([*GIVEN, "--text", "held_out.txt", "--text", "held_out.txt"]) == 0
    out, err = capsys.readouterr()
    for row in ("sea alone", "land alone", "product", "logarithmic pool", "mixture, fixed-share"):
        assert row in out
    assert "loaded land: gru" in err
    assert "100%" in err
    assert "wrote evaluation.json and attribution.jsonl" in err
    record = json.loads((here / "evaluation.json").read_text())
    assert record["documents"] == 2
    assert record["settings"]["specialists"]["sea"] == {"path": "sea", "kind": "kneser-ney"}
    check = check_trace(here / "attribution.jsonl", seal=record["settings"]["trace_seal"])
    assert check.sound
    assert check.lines == record["tokens"]
    assert check.perplexity == pytest.approx(record["perplexity"]["mixture"], rel=1e-5)
    assert main(["audit", "attribution.jsonl"]) == 0


def test_a_hugging_face_folder_joins_with_a_name(here, tokenizer, capsys):
    transformers = pytest.importorskip("transformers", reason="the extra hf is not installed")
    network = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(vocab_size=tokenizer.get_vocab_size(), n_positions=32, n_embd=8, n_layer=1, n_head=1)
    )
    network.save_pretrained(here / "models" / "sea")
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>")
    fast.save_pretrained(here / "models" / "sea")
    options = [
        "--specialist",
        "transformer=models/sea",
        "--text",
        "held_out.txt",
        "--fit",
        "held_out.txt",
        "--json",
        "-",
    ]
    capsys.readouterr()
    assert main([*GIVEN, *options, "--precision", "bfloat16"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["settings"]["specialists"]["transformer"] == {"path": "models/sea", "kind": "hugging-face"}
    assert record["perplexity"]["mixture, EM weights"] <= record["perplexity"]["mixture"]
    assert {"sea alone", "land alone", "transformer alone"} <= record["perplexity"].keys()


def test_what_domain_mode_saves_can_be_scored(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rng, domains = np.random.default_rng(0), []
    for name, words in {"sea": "wave tide sail gull salt reef", "garden": "soil seed rose root mulch hedge"}.items():
        (tmp_path / name).mkdir()
        for i in range(12):
            lines = [" ".join(rng.choice(words.split(), 9)) + "." for _ in range(30)]
            (tmp_path / name / f"{i}.txt").write_text("\n".join(lines))
        domains.append(f"--domain={name}={name}")
    settings = ["--seeds", "4", "--order", "2", "--vocabulary", "300", "--save", "made", "--gru", "2"]
    assert main(["evaluate", *domains, *settings]) == 0
    assert "try: mixlib evaluate --specialist made/sea --specialist made/garden" in capsys.readouterr().err
    first = json.loads((tmp_path / "evaluation.json").read_text())["perplexity"]
    assert main(["evaluate", "--specialist=made/sea", "--specialist=made/garden", "--text=made/held_out"]) == 0
    second = json.loads((tmp_path / "evaluation.json").read_text())["perplexity"]
    for row in ("sea alone", "garden alone", "mixture", "product"):
        assert second[row] == pytest.approx(first[row]["mean"], rel=1e-5)
    networks = ["--specialist", "made/sea-gru", "--specialist", "made/garden-gru"]
    assert main(["evaluate", *networks, "--text", "made/held_out"]) == 0


def other_vocabulary(here):
    tokenizer = train_tokenizer(SEA, 265)
    save_specialist(here / "land", GRULanguageModel(tokenizer.get_vocab_size(), 4), tokenizer)


def nothing(here):
    pass


def short_text(here):
    (here / "held_out.txt").write_text("a")


def no_text(here):
    (here / "held_out.txt").unlink()


def unknown_kind(here):
    (here / "land" / "specialist.json").unlink()


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (other_vocabulary, [], "specialists 'sea' and 'land' have different tokenizers"),
        (short_text, [], "text: too short, 1 tokens"),
        (no_text, [], "held_out.txt: no such file"),
        (unknown_kind, [], "land: holds neither specialist.json"),
        (nothing, ["--specialist", "nowhere"], "nowhere: no such folder"),
        (nothing, ["--specialist", "sea"], "'sea' is given twice"),
        (nothing, ["--specialist", "=sea"], "expected FOLDER or NAME=FOLDER"),
        (nothing, ["--domain", "a=sea"], "leave those out"),
        (nothing, ["--save", "made"], "leave those out"),
        (nothing, ["--gru", "9"], "add --save FOLDER"),
        (nothing, ["--fit", "nowhere.txt"], "nowhere.txt: no such file"),
    ],
)
def test_bad_input_is_one_line(here, change, options, message, capsys):
    change(here)
    assert main([*GIVEN, "--text", "held_out.txt", *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err.splitlines()[-1]


def test_half_of_a_request_is_named(here, capsys):
    assert main(GIVEN) == 2
    assert "--text: is missing; --specialist needs it" in capsys.readouterr().err
    assert main(["evaluate", "--text", "held_out.txt"]) == 2
    assert "--specialist: is missing; --text needs it" in capsys.readouterr().err
    assert main(["evaluate", "--specialist", "sea", "--text", "held_out.txt"]) == 2
    assert "at least 2 to combine, got sea alone" in capsys.readouterr().err
