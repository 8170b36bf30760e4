"""Checkpoints that are damaged, quantised, of another kind or incomplete are refused by name."""

import json
import os

import pytest
import torch
from safetensors.torch import save_file

from mixlib.merging import merge_files
from mixlib.merging.files.reading import Checkpoint, read_header

TENSORS = {"w": torch.arange(12.0).reshape(4, 3), "half": torch.ones(3, dtype=torch.bfloat16)}


@pytest.fixture
def file(tmp_path):
    save_file(TENSORS, tmp_path / "a.safetensors", metadata={"format": "pt"})
    return tmp_path / "a.safetensors"


def with_header(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def test_the_header_is_read_as_the_library_reads_it(file):
    metadata, entries = read_header(file)
    assert metadata == {"format": "pt"}
    assert {name: entry.shape for name, entry in entries.items()} == {"w": (4, 3), "half": (3,)}


def test_rows_are_read_in_float32(file):
    into = torch.empty(6)
    with Checkpoint(file) as checkpoint:
        checkpoint.read_rows("w", 1, 3, into)
        assert into.tolist() == [3, 4, 5, 6, 7, 8]
        checkpoint.read_rows("half", 1, 3, into[:2])
    assert into.tolist() == [1, 1, 5, 6, 7, 8]


SPEC = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no safetensors file, or was cut off within its header"),
        (b"PK\x03\x04 a zip file, rather long", "is no safetensors file, or was cut off"),
        (with_header({"w": SPEC}, bytes(8), length=1000), "cut off within its header"),
        (with_header({"w": SPEC}, bytes(7)), r"was cut off: its header asks for \d+ bytes and it has \d+"),
        (with_header({"w": SPEC}, bytes(9)), "is too long: its header asks for"),
        (with_header(b"{" + b" " * 20), "its header is damaged"),
        (with_header([1, 2]), "its header is damaged"),
        (with_header({"w": SPEC | {"shape": [-2]}}, bytes(8)), "its header is damaged"),
        (with_header({"w": SPEC | {"shape": [3]}}, bytes(8)), "the place of 'w' does not fit its shape and dtype"),
        (with_header({"w": SPEC | {"data_offsets": [4, 12]}}, bytes(12)), "the place of 'w' does not fit"),
        (with_header({"w": {"dtype": "F32"}}, bytes(8)), "its header is damaged"),
        (with_header({"w": SPEC | {"dtype": "C64"}}, bytes(8)), "'w' is of the dtype 'C64'"),
        (with_header({"w": SPEC | {"dtype": "F8_E4M3", "shape": [8]}}, bytes(8)), "'w' is F8_E4M3; 8-bit numbers come"),
        (with_header({"m.qweight": SPEC | {"dtype": "I32"}}, bytes(8)), "'m.qweight' is quantised"),
    ],
)
def test_a_damaged_file_is_named_with_what_is_wrong(tmp_path, content, said):
    (tmp_path / "bad.safetensors").write_bytes(content)
    with pytest.raises(ValueError, match=rf"bad\.safetensors: .*{said}"):
        merge_files([tmp_path / "bad.safetensors"], tmp_path / "out.safetensors")
    assert os.listdir(tmp_path) == ["bad.safetensors"]


def test_a_file_that_is_shortened_meanwhile_is_said(file):
    with Checkpoint(file) as checkpoint:
        os.truncate(file, file.stat().st_size - 20)
        with pytest.raises(ValueError, match=r"a\.safetensors: ends while it is read"):
            checkpoint.read_rows("w", 0, 4, torch.empty(12))


def folder(tmp_path, **files):
    for name, text in files.items():
        (tmp_path / name.replace("__", ".")).write_text(text if isinstance(text, str) else json.dumps(text))
    return tmp_path


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "holds neither model.safetensors nor model.safetensors.index.json"),
        (
            {"pytorch_model__bin": ""},
            r"its weights are in pytorch_model\.bin, which is no .* save it with save_pretrained",
        ),
        ({"config__json": {"quantization_config": {"bits": 4}}}, "quantised weights cannot be averaged"),
        ({"config__json": "{"}, r"config\.json: is no JSON"),
        ({"config__json": "[1]"}, r"config\.json: expected a JSON object, got list"),
        ({"model__safetensors__index__json": {}}, "has no weight_map"),
        (
            {"model__safetensors__index__json": {"weight_map": {"w": "model-1.safetensors"}}},
            r"its index names model-1\.safetensors, which the folder does not hold",
        ),
    ],
)
def test_a_folder_that_lacks_something_is_named(tmp_path, files, said):
    with pytest.raises(ValueError, match=said):
        Checkpoint(folder(tmp_path, **files))


def test_an_index_must_tell_the_truth(tmp_path):
    save_file(TENSORS, tmp_path / "one.safetensors")
    folder(tmp_path, model__safetensors__index__json={"weight_map": {"w": "one.safetensors", "v": "one.safetensors"}})
    with pytest.raises(ValueError, match=r"its index lists 'v' in one\.safetensors, which does not hold it"):
        Checkpoint(tmp_path)
    save_file(TENSORS, tmp_path / "two.safetensors")
    folder(
        tmp_path, model__safetensors__index__json={"weight_map": {"w": "one.safetensors", "half": "two.safetensors"}}
    )
    with pytest.raises(ValueError, match=r"two\.safetensors: holds 'half', which another file of .* holds too"):
        Checkpoint(tmp_path)


def test_other_kinds_of_files_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"no such file or folder; a merge reads local files alone"):
        Checkpoint("mistralai/Mistral-7B-v0.1")
    (tmp_path / "weights.bin").write_bytes(b"")
    with pytest.raises(ValueError, match=r"weights\.bin: expected a \.safetensors file"):
        Checkpoint(tmp_path / "weights.bin")
