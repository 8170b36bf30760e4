"""Merges in YAML, mixlib's own: read, refused by key, written beside the result, and made again."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file

from mixlib.merging import merge, merge_files, read_recipe
from mixlib.merging.files.streamed import run


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for i, name in enumerate(("base", "a", "b")):
        torch.manual_seed(i)
        save_file({"w": torch.randn(6, 5)}, f"{name}.safetensors")
    return tmp_path


def read(document, folder="."):
    path = Path(folder) / "merge.yml"
    path.write_text(document if isinstance(document, str) else yaml.safe_dump(document))
    return read_recipe(path)


def test_a_recipe_is_what_it_says(here):
    document = {
        "method": "ties",
        "models": [{"model": "a.safetensors", "weight": 0.25}, {"model": "b.safetensors", "weight": 0.75}],
        "base": "base.safetensors",
        "dtype": "bfloat16",
        "options": {"density": 0.5, "scale": 0.7},
        "shard_size": "5GB",
        "vocabulary": "union",
    }
    recipe = read(document)
    assert (recipe.key, recipe.method.density, recipe.method.scale) == ("ties", 0.5, 0.7)
    assert recipe.weights.tolist() == [0.25, 0.75]
    assert (recipe.dtype, recipe.shard_size, recipe.vocabulary) == ("bfloat16", "5GB", "union")
    assert recipe.paths == [str(here / "a.safetensors"), str(here / "b.safetensors")]
    assert recipe.base == str(here / "base.safetensors")
    assert recipe.document("merge.yml") == document | {"options": document["options"] | {"normalize": True}}


def test_paths_are_relative_to_the_file_and_weights_may_be_left_out(here):
    (here / "deep").mkdir()
    recipe = read({"models": ["../a.safetensors", "../b.safetensors"]}, "deep")
    assert recipe.paths == [str(here / "a.safetensors"), str(here / "b.safetensors")]
    np.testing.assert_array_equal(recipe.weights, [0.5, 0.5])
    assert recipe.key == "linear"


@pytest.mark.parametrize("out", ["out.safetensors", "out"])
def test_what_is_written_beside_the_result_makes_it_again(here, out):
    models, base = ["a.safetensors", "b.safetensors"], "base.safetensors"
    done = merge_files(models, out, method="task-arithmetic", weights=[0.3, 0.7], base=base, scale=1.5)
    (here / "elsewhere").mkdir()
    os.chdir("elsewhere")
    run(read_recipe(here / done.recipe), "again.safetensors")
    states = [load_file(here / path) for path in models]
    expected = merge(states, "task-arithmetic", weights=[0.3, 0.7], base=load_file(here / base), scale=1.5)
    assert torch.equal(load_file("again.safetensors")["w"], expected["w"])


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("models: [", "is no YAML"),
        ("just words", "expected the keys method, models, base.*, got str"),
        ({"models": ["a"], "weigths": [1]}, "weigths: is no key of a merge; expected method, models"),
        ({"method": "linear"}, "models: expected a list of paths"),
        ({"models": [{"path": "a"}]}, "models: got {'path': 'a'}, expected a path, or model and weight"),
        ({"models": [3]}, "models: got 3"),
        ({"models": [""]}, "models: got '', expected a path"),
        ({"models": ["a"], "base": ""}, "base: got '', expected a path"),
        ("models: [a]\n---\nmodels: [b]", "holds 2 documents, parted by ---; give each merge a file of its own"),
        ({"models": ["a"], "base": "b", "method": "ties", "options": {"normalize": "maybe"}}, "normalize: got 'maybe'"),
        ({"models": [{"model": "a", "weight": 1}, "b"]}, "weight: give one for each model, or for none"),
        ({"models": ["a", "b"], "options": [1]}, r"options: got \[1\]"),
        ({"models": ["a", "b"], "options": {"density": 1}}, "density: is no option of the method linear"),
        ({"models": ["a", "b"], "method": "ties"}, "base: ties needs the model"),
        ({"models": [{"model": "a", "weight": 2}]}, "weights: sums to 2"),
    ],
)
def test_what_it_does_not_know_is_refused_by_its_key(document, said):
    with pytest.raises(ValueError, match=rf"merge\.yml: {said}"):
        read(document)
