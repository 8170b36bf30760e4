"""Models whose tokenizers differ: refused, or united by token."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from mixlib.merging import merge_files
from mixlib.merging.files.reading import Checkpoint
from mixlib.merging.files.vocabulary import Union, tokens_of


def write(folder, words, added=(), rows=None, kind="WordLevel", merges=None, seed=0):
    """A folder with a tokenizer.json and an embedding, whose rows are drawn."""
    folder.mkdir()
    vocabulary = {word: i for i, word in enumerate(words)}
    tokens = [{"id": len(words) + i, "content": token, "special": True} for i, token in enumerate(added)]
    model = {"type": kind, "vocab": vocabulary} | ({} if merges is None else {"merges": merges})
    (folder / "tokenizer.json").write_text(json.dumps({"added_tokens": tokens, "model": model}))
    rows = len(words) + len(added) if rows is None else rows
    (folder / "config.json").write_text(json.dumps({"vocab_size": rows}))
    torch.manual_seed(seed)
    tensors = {"embed_tokens.weight": torch.randn(rows, 3), "lm_head.weight": torch.randn(rows, 3), "w": torch.randn(2)}
    save_file(tensors, folder / "model.safetensors")
    return tensors["embed_tokens.weight"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_same_rows_for_other_tokens_are_refused(here):
    write(here / "a", ["x", "y"])
    write(here / "b", ["y", "x"])
    with pytest.raises(ValueError, match="vocabulary: the models' differ: 2 with other ids, such as 'x'; unite them"):
        merge_files(["a", "b"], "out")
    write(here / "c", ["x", "z", "v"])
    with pytest.raises(ValueError, match="2 tokens only in c, 1 only in a;"):
        merge_files(["a", "c"], "out")


def test_a_union_matches_rows_by_token(here):
    a = write(here / "a", ["x", "y", "z"], added=["<A>"], seed=1)
    b = write(here / "b", ["z", "x", "v"], added=["<B>"], seed=2)
    merge_files(["a", "b"], "out", weights=[0.25, 0.75], vocabulary="union")
    table = load_file("out/model.safetensors")["embed_tokens.weight"]
    ids = tokens_of(Checkpoint("out"))
    assert ids == {"x": 0, "y": 1, "z": 2, "<A>": 3, "v": 4, "<B>": 5}
    expected = [0.25 * a[0] + 0.75 * b[1], a[1], 0.25 * a[2] + 0.75 * b[0], a[3], b[2], b[3]]
    torch.testing.assert_close(table, torch.stack(expected))
    assert json.loads((here / "out/config.json").read_text())["vocab_size"] == 6
    tokens = json.loads((here / "out/tokenizer.json").read_text())["added_tokens"]
    assert [(token["id"], token["content"]) for token in tokens] == [(3, "<A>"), (5, "<B>")]


def test_with_a_base_missing_rows_are_the_base_s_and_its_ids_stay(here):
    base = write(here / "base", ["x", "y"], seed=1)
    a = write(here / "a", ["y", "x", "z"], seed=2)
    b = write(here / "b", ["x"], seed=3)
    merge_files(["a", "b"], "out", base="base", vocabulary="union")
    table = load_file("out/model.safetensors")["embed_tokens.weight"]
    expected = [(a[1] + b[0]) / 2, (a[0] + base[1]) / 2, a[2]]
    torch.testing.assert_close(table, torch.stack(expected))


def test_rows_that_pad_a_table_stay(here):
    a = write(here / "a", ["x", "y"], rows=4, seed=1)
    b = write(here / "b", ["x", "y"], rows=2, seed=2)
    with pytest.raises(ValueError, match="embeddings of 4 and 2 rows"):
        merge_files(["a", "b"], "out")
    merge_files(["a", "b"], "out", vocabulary="union")
    table = load_file("out/model.safetensors")["embed_tokens.weight"]
    torch.testing.assert_close(table, torch.cat([(a[:2] + b) / 2, a[2:]]))


def test_merges_of_byte_pairs_come_along(here):
    write(here / "a", ["a", "b", "ab"], kind="BPE", merges=["a b"])
    write(here / "b", ["b", "a", "c", "ba", "bac"], kind="BPE", merges=[["b", "a"], ["ba", "c"]])
    union = Union([Checkpoint("a"), Checkpoint("b")], [3, 5])
    assert union.tokens == {"a": 0, "b": 1, "ab": 2, "c": 3, "ba": 4, "bac": 5}
    assert union.tokenizer["model"]["merges"] == ["a b", "b a", "ba c"]
    assert [rows.tolist() for rows in union.rows] == [[0, 1, 2, -1, -1, -1], [1, 0, -1, 2, 3, 4]]


def test_what_cannot_be_united_is_refused(here):
    write(here / "a", ["x", "y"])
    write(here / "b", ["x", "z"], kind="BPE", merges=[])
    with pytest.raises(ValueError, match="tokenizers of the kinds WordLevel and BPE cannot be united but for added"):
        merge_files(["a", "b"], "out", vocabulary="union")
    write(here / "c", ["x", "y", "z"])
    (here / "c/tokenizer.json").unlink()
    with pytest.raises(ValueError, match=r"a union needs the tokenizer\.json of each model, and c has none"):
        merge_files(["a", "c"], "out", vocabulary="union")
