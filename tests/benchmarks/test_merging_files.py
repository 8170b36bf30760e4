"""The benchmark of merging files: its made-up checkpoints, and its figures at a small size."""

import math

import pytest
from safetensors import safe_open

from benchmarks import merging_files


@pytest.mark.parametrize("width", [2, 4])
def test_a_layout_has_about_the_size_that_is_asked_for(width):
    for size in (100_000_000, 1_000_000_000):
        found = sum(math.prod(shape) for shape in merging_files.layout(size, width).values()) * width
        assert 0.9 * size < found <= size


def test_a_checkpoint_is_one(tmp_path):
    shapes = {"table": (300, 20), "norm": (20,)}
    merging_files.write(tmp_path / "a.safetensors", shapes, "bfloat16")
    with safe_open(tmp_path / "a.safetensors", "pt") as opened:
        assert {name: tuple(opened.get_tensor(name).shape) for name in opened.keys()} == shapes  # noqa: SIM118
        assert opened.get_tensor("table").std() > 0


@pytest.mark.rare
def test_every_case_is_timed_and_memory_stays_in_its_bound(tmp_path):
    found = merging_files.speed(models=2, size=60_000_000, rounds=1, folder=tmp_path)
    assert len(found) == len(merging_files.CASES)
    assert (found["memory over bound"] < 1.5).all()
    assert (found[["merging (s)", "copying (s)"]] > 0).all(axis=None)
    assert not list(tmp_path.iterdir())
