"""``mixlib merge``: a user's own checkpoints, made by another library, merged and loaded by it again."""

import json
import warnings
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from mixlib.cli import main
from mixlib.merging import merge_files

transformers = pytest.importorskip("transformers")

from own_checkpoints import WORDS, tokenizer_of, write_llama  # noqa: E402


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def generated(folder):
    """What the merged model writes, by transformers alone."""
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    ids = tokenizer("wave wind", return_tensors="pt")["input_ids"]
    return model, tokenizer.decode(model.generate(ids, max_new_tokens=5, do_sample=False, eos_token_id=None)[0])


@pytest.mark.parametrize("method", ["linear", "karcher", "slerp"])
def test_two_checkpoints_are_merged_loaded_and_generate(capsys, method):
    a, b = write_llama("a", 0, shard="5KB"), write_llama("b", 1)
    assert len(list(Path("a").glob("*.safetensors"))) > 2
    line = ["merge", "a", "b", "--method", method, "--weights", ".3", ".7", "-o", "m", "--shard-size", "4KB", "--json"]
    assert main(line) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["method"], done["tensors"], done["weights"]) == (method, 21, [0.3, 0.7])
    assert sorted(done["files"]) == sorted(path.name for path in Path("m").glob("*.safetensors"))
    model, text = generated("m")
    assert len(text.split()) == 7
    if method == "linear":
        for merged, left, right in zip(model.parameters(), a.parameters(), b.parameters(), strict=True):
            torch.testing.assert_close(merged, 0.3 * left + 0.7 * right)
    assert main(["merge", "m/merge.yml", "-o", "again"]) == 0
    for left, right in zip(model.parameters(), generated("again")[0].parameters(), strict=True):
        assert torch.equal(left, right)


def test_half_precision_stays_and_another_one_is_noted_in_the_configuration():
    write_llama("a", 0, dtype=torch.bfloat16)
    write_llama("b", 1, dtype=torch.bfloat16)
    assert main(["merge", "a", "b", "-o", "m"]) == 0
    assert generated("m")[0].dtype == torch.bfloat16
    assert main(["merge", "a", "b", "-o", "wide", "--dtype", "float32"]) == 0
    assert generated("wide")[0].dtype == torch.float32


def test_tied_weights_stay_tied_and_one_output_of_its_own_unties():
    a, b, own = write_llama("a", 0, tied=True), write_llama("b", 1, tied=True), write_llama("own", 2)
    assert main(["merge", "a", "b", "-o", "m"]) == 0
    tied = generated("m")[0]
    assert tied.lm_head.weight is tied.model.embed_tokens.weight
    torch.testing.assert_close(tied.lm_head.weight, (a.lm_head.weight + b.lm_head.weight) / 2)
    for pair in (["a", "own"], ["own", "a"]):
        assert main(["merge", *pair, "-o", "m", "--force"]) == 0
        merged = generated("m")[0]
        torch.testing.assert_close(merged.lm_head.weight, (a.lm_head.weight + own.lm_head.weight) / 2)
        torch.testing.assert_close(
            merged.model.embed_tokens.weight, (a.model.embed_tokens.weight + own.model.embed_tokens.weight) / 2
        )


def test_a_head_that_is_missing_is_tied_where_the_configuration_leaves_that_out():
    for name, seed, tied in [("tied", 0, True), ("own", 1, False)]:
        sizes = {"vocab_size": 9, "n_positions": 8, "n_embd": 8, "n_layer": 1, "n_head": 1}
        torch.manual_seed(seed)
        config = transformers.GPT2Config(**sizes, tie_word_embeddings=tied, bos_token_id=0, eos_token_id=0)
        transformers.GPT2LMHeadModel(config).save_pretrained(name)
    config = json.loads(Path("tied/config.json").read_text())
    config.pop("tie_word_embeddings", None)
    Path("tied/config.json").write_text(json.dumps(config))
    assert main(["merge", "tied", "own", "-o", "m"]) == 0
    models = [transformers.AutoModelForCausalLM.from_pretrained(name) for name in ("tied", "own", "m")]
    heads = [model.lm_head.weight for model in models]
    torch.testing.assert_close(heads[2], (heads[0] + heads[1]) / 2)
    assert models[2].lm_head.weight is not models[2].transformer.wte.weight


def test_vocabularies_are_united_by_token(capsys):
    models = [write_llama("a", 0, added=["<A>"]), write_llama("b", 1, words=WORDS[::-1], added=["<B>", "<C>"])]
    ids = [tokenizer_of(WORDS, ["<A>"]).get_vocab(), tokenizer_of(WORDS[::-1], ["<B>", "<C>"]).get_vocab()]
    assert main(["merge", "a", "b", "-o", "m"]) == 2
    assert "2 tokens only in b, 1 only in a, 6 with other ids" in capsys.readouterr().err
    assert main(["merge", "a", "b", "-o", "m", "--vocabulary", "union"]) == 0
    merged, united = generated("m")[0], transformers.AutoTokenizer.from_pretrained("m")
    assert united.tokenize("tide <C> wave") == ["tide", "<C>", "wave"]
    assert len(united) == merged.config.vocab_size == 10
    for token, i in united.get_vocab().items():
        having = [
            (model, vocabulary[token]) for model, vocabulary in zip(models, ids, strict=True) if token in vocabulary
        ]
        for table in ("model.embed_tokens", "lm_head"):
            rows = [model.get_submodule(table).weight[row] for model, row in having]
            torch.testing.assert_close(merged.get_submodule(table).weight[i], sum(rows) / len(rows))


def test_settings_that_differ_are_told():
    write_llama("a", 0)
    write_llama("b", 1, rms_norm_eps=1e-3)
    with pytest.warns(
        UserWarning, match=r"a and b differ in rms_norm_eps \(1e-06 and 0\.001\); the result has the first"
    ):
        merge_files(["a", "b"], "m")


def settings_of(folder, file="config.json", **changes):
    path = Path(folder) / file
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_settings_that_matter_for_text_are_told_and_left_out_ones_counted():
    write_llama("a", 0)
    write_llama("b", 1)
    settings_of("b", eos_token_id=3)
    settings_of("b", "generation_config.json", temperature=0.5)
    Path("b/chat_template.jinja").write_text("{{ messages }} and much more that need not be shown in full here")
    notes = merge_noted(["a", "b"])
    assert len(notes) == 1
    assert "eos_token_id (0 and 3)" in notes[0]
    assert "temperature (None and 0.5)" in notes[0]
    assert "chat_template (None and '{{ messages }} and much more that need…)" in notes[0]
    settings_of("b", **{f"x{i}": i for i in range(9)})
    assert ", and 7 more; the result has the first's" in merge_noted(["a", "b"])[0]
    assert merge_noted(["a", "a"]) == []


def merge_noted(paths, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return merge_files(paths, "m", overwrite=True, **more).notes


def test_what_the_first_model_lacks_comes_from_the_next_that_has_it(capsys):
    write_llama("a", 0)
    write_llama("b", 1)
    for name in ("config.json", "generation_config.json"):
        Path("a", name).unlink()
    assert main(["merge", "a", "b", "-o", "m"]) == 0
    assert "mixlib merge: a has no configuration; the result has that of b\n" in capsys.readouterr().err
    generated("m")
    write_llama("a", 0)
    for path in Path("a").glob("token*"):
        path.unlink()
    assert merge_noted(["a", "b"]) == ["a has no tokenizer; the result has that of b"]
    generated("m")
    assert merge_noted(["a/model.safetensors", "b"], dtype="bfloat16") == [
        "a/model.safetensors has no configuration; the result has that of b",
        "a/model.safetensors has no tokenizer; the result has that of b",
    ]
    assert generated("m")[0].dtype == torch.bfloat16


@pytest.fixture
def files(here):
    for i, name in enumerate(("base", "a", "b")):
        save_file({"w": torch.arange(4.0) + i}, f"{name}.safetensors")
    return ["a.safetensors", "b.safetensors"]


def test_it_says_what_was_made_and_where(files, capsys):
    assert main(["merge", *files, "-o", "out.safetensors", "--json", "done.json"]) == 0
    said = capsys.readouterr()
    assert "out.safetensors: 2 models merged by linear, 1 tensor, 4 numbers, " in said.out
    assert "the merge is described in out.merge.yml" in said.out
    assert json.loads(Path("done.json").read_text())["path"] == "out.safetensors"


def test_it_says_what_the_merge_did(here, capsys):
    for i, name in enumerate("ab"):
        save_file({"w": torch.eye(2).roll(i, 0), "v": torch.ones(3), "n": torch.tensor(i)}, f"{name}.safetensors")
    line = ["merge", "a.safetensors", "b.safetensors", "-o", "out.safetensors", "--diagnose"]
    assert main([*line, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["diagnosis"]
    assert found["w"]["norm"] == pytest.approx(0.5**0.5)
    assert (found["w"]["effective_rank"], found["v"]["effective_rank"]) == (pytest.approx(1), None)
    assert main([*line, "--force"]) == 0
    assert "effective_rank" in capsys.readouterr().out


def test_one_is_not_called_many_and_notes_are_said(files, capsys):
    assert main(["merge", files[0], "-o", "one.safetensors"]) == 0
    assert "one.safetensors: 1 model merged by linear, 1 tensor, 4 numbers" in capsys.readouterr().out
    for i, name in enumerate(files):
        save_file({"w": torch.arange(4.0), "n": torch.tensor(i)}, name)
    assert main(["merge", *files, "-o", "out.safetensors"]) == 0
    said = "mixlib merge: whole numbers are not averaged, and models differ in 'n'; the result has what a.safeten"
    assert said in capsys.readouterr().err


def test_options_reach_the_method(files):
    line = ["merge", *files, "--base", "base.safetensors", "--method", "ties", "--density", ".5", "--scale", "2"]
    assert main([*line, "--option", "normalize=false", "-o", "out.safetensors"]) == 0
    recipe = Path("out.merge.yml").read_text()
    assert "density: 0.5" in recipe
    assert "scale: 2.0" in recipe
    assert "normalize: false" in recipe
    assert load_file("out.safetensors")["w"][3] == 6  # 3 + 2 * (0.5 * 1 + 0.5 * 2)


TIES = ["a.safetensors", "--base", "base.safetensors", "--method", "ties"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["nothing", "-o", "x"], "nothing: no such file or folder"),
        (["a.safetensors"], "the following arguments are required: -o/--out"),
        (["a.safetensors", "-o", "a.safetensors"], "is or holds the input"),
        (["a.safetensors", "b.safetensors", "--weights", "1", "-o", "x"], "weights: expected 2"),
        (["a.safetensors", "--option", "density", "-o", "x"], "--option: expected NAME=VALUE, got 'density'"),
        ([*TIES, "--scale", "nan", "-o", "x"], "scale: got nan, expected a finite number"),
        ([*TIES, "--scale", "1e300", "-o", "x"], "w: the merge leaves the range of float32; take a smaller scale"),
        ([*TIES, "--option", "normalize=maybe", "-o", "x"], "normalize: got 'maybe', expected true or false"),
        ([*TIES, "--option", "density=true", "-o", "x"], "density: got True, expected the share of entries to keep"),
        (["minus.safetensors", "a.safetensors", "--method", "karcher", "-o", "x"], "w: model 1 and model 2 are antipo"),
        (["minus.safetensors", "a.safetensors", "--method", "slerp", "-o", "x"], "--method linear)"),
        (["", "-o", "x"], "paths: model 1: got '', expected a path"),
        (["a.safetensors", "-o", ""], "out: got '', expected a path"),
        (["a.safetensors", "--shard-size", "much", "-o", "x"], "shard_size: got 'much'"),
        (["r.yml", "--dtype", "float16", "-o", "x"], "--dtype: is said in r.yml; change it there"),
        (["r.yml", "a.safetensors", "-o", "x"], "a.safetensors: r.yml names the models; give it alone"),
        (["no.yml", "-o", "x"], "no.yml: No such file or directory"),
        (["a.safetensors", "-o", "x", "--json", "no/where.json"], "its folder does not exist"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(files, capsys, line, said):
    Path("r.yml").write_text("models: [a.safetensors]")
    save_file({"w": -load_file("a.safetensors")["w"]}, "minus.safetensors")
    assert main(["merge", *line]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
