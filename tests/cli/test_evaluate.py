"""``mixlib evaluate`` with given specialists: every kind, its files, and one line for what is wrong."""

import json
import os

import numpy as np
import pytest

from mixlib.cli import main
from mixlib.federation import (
    CacheModel,
    GRULanguageModel,
    KneserNey,
    check_trace,
    encode_text,
    save_specialist,
    train_tokenizer,
)

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


def test_a_model_of_any_kind_can_be_scored(here, tokenizer, capsys):
    land = encode_text(tokenizer, LAND)
    save_specialist("memory", CacheModel(tokenizer.get_vocab_size()).fit(land.tokens, land.document_starts), tokenizer)
    given = ["evaluate", "--specialist", "sea", "--specialist", "memory", "--text", "held_out.txt", "--json", "-"]
    assert main(given) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["settings"]["specialists"]["memory"]["kind"] == "cache-model"
    assert record["perplexity"]["memory alone"] < 60


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
    given = ["evaluate", "--json", "given.json", "--trace", "given.jsonl", "--text", "made/held_out"]
    assert main([*given, "--specialist=made/sea", "--specialist=made/garden"]) == 0
    second = json.loads((tmp_path / "given.json").read_text())["perplexity"]
    for row in ("sea alone", "garden alone", "mixture", "product"):
        assert second[row] == pytest.approx(first[row]["mean"], rel=1e-5)
    networks = ["--specialist", "made/sea-gru", "--specialist", "made/garden-gru"]
    assert main([*given, *networks, "--force"]) == 0


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
        (nothing, ["--specialist", "=sea"], "expected FOLDER, URL or NAME="),
        (nothing, ["--specialist", "\udcff=sea"], r"--specialist: the name '\udcff' cannot be printed"),
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


def test_results_that_are_there_are_kept(here, capsys):
    """It refuses before it loads anything; --force replaces them, and a run that stops midway leaves the old ones."""
    for name in ("evaluation.json", "attribution.jsonl"):
        (here / name).write_text("mine")
        assert main([*GIVEN, "--text", "held_out.txt"]) == 2
        assert main(["evaluate"]) == 2
        err = capsys.readouterr().err
        assert err.count(f"{name}: is there already; name another") == err.count("\n") == 2
        assert (here / name).read_text() == "mine"
        if name == "evaluation.json":
            (here / name).unlink()
    other_vocabulary(here)
    assert main([*GIVEN, "--text", "held_out.txt", "--force"]) == 2
    assert (here / "attribution.jsonl").read_text() == "mine"
    assert not (here / "part-attribution.jsonl").exists()


def test_force_replaces_results(here, capsys):
    for _ in range(2):
        assert main([*GIVEN, "--text", "held_out.txt", "--force"]) == 0
    record = json.loads((here / "evaluation.json").read_text())
    assert check_trace(here / "attribution.jsonl", seal=record["settings"]["trace_seal"]).sealed
    assert sorted(path.name for path in here.glob("*attribution*")) == ["attribution.jsonl"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--json", "x", "--trace", "x"], "expected different files, other than the text"),
        (["--json", "held_out.txt", "--force"], "expected different files, other than the text"),
        (["--trace", "-"], "--trace: - is standard output"),
    ],
)
def test_outputs_that_would_destroy_something_are_named(here, options, message, capsys):
    text = (here / "held_out.txt").read_text()
    assert main([*GIVEN, "--text", "held_out.txt", *options]) == 2
    assert message in capsys.readouterr().err
    assert (here / "held_out.txt").read_text() == text


def test_outputs_that_nobody_wants_can_go_to_the_null_device(here, capsys):
    assert main([*GIVEN, "--text", "held_out.txt", "--json", os.devnull, "--trace", os.devnull]) == 0
    assert "best single" in capsys.readouterr().out
    assert not list(here.glob("*.json*"))


def test_a_folder_of_specialists_is_not_written_over(here, capsys):
    assert main(["evaluate", "--domain", "a=sea", "--domain", "b=land", "--save", "sea"]) == 2
    assert "sea: holds files already; name another folder with --save, or add --force" in capsys.readouterr().err


def test_all_that_is_wrong_with_specialists_is_said_before_one_is_loaded(here, capsys):
    whole = (here / "land" / "specialist.npz").read_bytes()
    (here / "land" / "specialist.npz").write_bytes(whole[: len(whole) // 2])
    assert main([*GIVEN, "--specialist", "nowhere", "--text", "held_out.txt"]) == 2
    err = capsys.readouterr().err
    assert "loaded" not in err
    assert "land: is no complete specialist" in err
    assert "nowhere: no such folder" in err


@pytest.mark.filterwarnings("default:.*left out")
def test_pictures_in_a_folder_are_counted_and_left_out(here, capsys):
    folder = here / "texts"
    folder.mkdir()
    for i in range(6):
        (folder / f"{i}.txt").write_text("tide gull wave salt path oak stone hill " * (2 + i))
    assert main([*GIVEN, "--text", "texts"]) == 0
    before = json.loads((here / "evaluation.json").read_text())
    (folder / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)))
    (folder / "b.gz").write_bytes(bytes(np.random.default_rng(0).integers(0, 256, 999, dtype=np.uint8)))
    capsys.readouterr()
    assert main([*GIVEN, "--text", "texts", "--force"]) == 0
    assert "text: 2 files are no text and left out (a.png, b.gz)" in capsys.readouterr().err
    after = json.loads((here / "evaluation.json").read_text())
    assert after["perplexity"] == before["perplexity"]
    assert main([*GIVEN, "--text", "texts/a.png", "--force"]) == 2
    assert "a.png: is no text but binary data; leave it out" in capsys.readouterr().err
    (folder / "c.txt").write_bytes("Möwe".encode("latin-1"))
    assert main([*GIVEN, "--text", "texts", "--force"]) == 2
    assert "c.txt: byte 0xf6 at offset 1 is not UTF-8" in capsys.readouterr().err


def test_the_last_line_answers(here, capsys):
    """With error bars from documents, and the same sentence in the JSON file."""
    folder = here / "texts"
    folder.mkdir()
    for i in range(12):
        words = ["tide gull wave salt ", "path oak stone hill "]
        (folder / f"{i:02}.txt").write_text(words[i % 2] * 9 + words[1 - i % 2] * 9)
    assert main([*GIVEN, "--text", "texts"]) == 0
    out, _ = capsys.readouterr()
    record = json.loads((here / "evaluation.json").read_text())
    last = out.splitlines()[-1]
    assert last == record["advice"]["sentence"]
    assert last.startswith("use ")
    assert last.endswith("over 12 documents")
    assert "standard error" in out
    assert record["standard_error"].keys() == record["perplexity"].keys()
    assert all(error > 0 for error in record["standard_error"].values())


def test_json_alone_on_standard_output(here, capsys):
    assert main([*GIVEN, "--text", "held_out.txt", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert "1 document is too few to be sure" in record["advice"]["sentence"]
    assert record["standard_error"] == {}
    assert not (here / "evaluation.json").exists()
