"""The record of what runs on a GPU: its parts on the processor, at small sizes, and what is said without a GPU."""

import json
import math

import pytest
import torch

from benchmarks import gpu
from benchmarks.__main__ import main

SMALL = (6, 2, 50)


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(gpu, "ROUNDS", 1)
    monkeypatch.setattr(torch, "compile", lambda call, **options: call)  # its compiler takes half a minute
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)


def test_without_a_gpu_it_says_so_and_writes_nothing(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(gpu, "RECORDED", tmp_path / "gpu.json")
    monkeypatch.setattr(gpu.run, "__defaults__", (tmp_path / "gpu.json",))
    main(["gpu"])
    said = capsys.readouterr()
    assert "No GPU: torch" in said.out
    assert "python -m benchmarks gpu" in said.out
    assert not said.err
    assert not (tmp_path / "gpu.json").exists()


def test_what_is_not_installed_is_named(monkeypatch, capsys):
    def run():
        raise ImportError("needs the package torch")

    monkeypatch.setattr(gpu, "run", run)
    with pytest.raises(SystemExit) as ended:
        main(["gpu"])
    assert ended.value.code == 1
    assert capsys.readouterr().err == "needs the package torch\n"


def test_every_mixture_is_timed_and_right(small):
    found, notes = gpu.mixtures(SMALL, "cpu")
    assert not notes
    known = {(row["what"], row["by"]) for row in found}
    assert {(path, by) for path in gpu.PATHS for by in ("mixlib", "torch", "torch.compile")} <= known
    assert all(row["milliseconds"] > 0 and row["largest_error"] < 0.05 for row in found)
    positions, specialists, outcomes = SMALL
    by_path = {row["what"]: row["bytes"] for row in found}
    assert by_path["logits to target"] == 2 * specialists * positions * outcomes
    assert by_path["logits to mixture"] == 2 * (specialists + 1) * positions * outcomes


def test_a_wrong_solver_shows_in_its_error(small, monkeypatch):
    monkeypatch.setattr(gpu, "solvers", lambda path: {"wrong": lambda given: given["log_probs"].sum(0)})
    (row, *_), _ = gpu.mixtures(SMALL, "cpu")
    assert row["largest_error"] > 1


def test_what_fails_is_a_note_and_no_number(small, monkeypatch):
    def fails(*_):
        raise RuntimeError("out of memory\nat length")

    monkeypatch.setattr(gpu, "solvers", lambda path: {"broken": fails})
    monkeypatch.setattr(gpu, "copy", fails)
    monkeypatch.setattr(gpu, "score", fails)
    monkeypatch.setattr(gpu, "_version", lambda name: None)
    found, notes = gpu.measure("cpu", [SMALL], variables=5, backend="nccl")
    assert [row["what"] for row in found] == ["sweep of all subsets"]
    told = "\n".join(notes)
    for said in (
        "Liger is not installed here",
        "copy failed, RuntimeError: out of memory\n",
        "broken: failed, Runtime",
    ):
        assert said in told
    assert "score failed" in told
    assert "needs two and was not measured" in told


def test_copies_and_scores_are_timed(small):
    found = gpu.copy("cpu", size=1000)[0] + gpu.score(1, "cpu")[0]
    assert [row["what"] for row in found] == ["copy", "score network"]
    assert found[0]["bytes"] == 8000
    assert all(row["milliseconds"] > 0 for row in found)


@pytest.mark.rare
def test_ranks_of_their_own(small):
    (row,), _ = gpu.across(SMALL, "gloo", ranks=2)
    assert row["setting"] == "T=6, N=2, V=50, gloo"
    assert math.isfinite(row["milliseconds"])


def test_records_are_added_not_overwritten(monkeypatch, capsys, tmp_path):
    path = tmp_path / "gpu.json"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a card")
    monkeypatch.setattr(gpu, "measure", lambda: ([gpu._row("copy", "torch", "1 GiB", 0.5, 8)], ["a note"]))
    gpu.run(path)
    gpu.run(path)
    first, second = json.loads(path.read_text())
    assert first == second
    assert first["device"] == "a card"
    assert first["measurements"][0]["milliseconds"] == 500
    assert {"date", "command", "driver", "versions", "notes"} <= set(first)
    assert "copy, 1 GiB, torch: 500.000 ms" in capsys.readouterr().out


def test_the_committed_record_has_what_the_page_shows():
    for record in json.loads(gpu.RECORDED.read_text(encoding="utf-8")):
        assert {"date", "command", "device", "driver", "versions", "measurements", "notes"} <= set(record)
        assert all({"what", "by", "setting", "milliseconds"} <= set(row) for row in record["measurements"])
