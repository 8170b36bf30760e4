"""The table of pools on small text: its rows, its files, and that seeds fix every number."""

import json
import subprocess
import sys

import matplotlib
import numpy as np
import pytest

import mixlib.federation as federation
from mixlib.federation import PUBLISHED, evaluate

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def result(folders):
    return evaluate(folders, seeds=(0, 3), order=3, vocabulary=400, budget=6_000)


def test_rows_and_order(result):
    frame = result.to_frame()
    assert list(frame.columns) == ["mean", "sd", "seed 0", "seed 3", "document B (quoted)"]
    mean = frame["mean"]
    assert mean["mixture"] < mean["best single"] < mean["worst single"] < mean["product"]
    assert mean["mixture, fixed-share"] < mean["mixture"]
    assert mean["pooled data, one model"] < mean["pooled data, one budget"]
    assert mean["sea alone"] == pytest.approx(np.mean(result.perplexities["sea alone"]))
    assert frame["document B (quoted)"].dropna().to_dict() == PUBLISHED
    assert PUBLISHED == {"best single": 197, "worst single": 339, "product": 1277, "mixture": 156}


def test_excess_adds_up(result):
    gap = np.log(result.perplexities["product"]) - np.log(result.perplexities["mixture"])
    parts = np.add(result.excess["sharpening"], result.excess["disagreement"])
    np.testing.assert_allclose(parts, gap)
    assert len(result.excess_frame()) == 4


def test_trace_reconciles_and_gives_the_mixture_back(result):
    for seed, expected in zip(result.seeds, result.perplexities["mixture"], strict=True):
        records = [r for r in result.trace if r["seed"] == seed]
        joint = [r["joint"] for r in records]
        assert np.exp(-np.mean(joint)) == pytest.approx(expected)
        assert np.abs([r["residual"] for r in records]).max() < 1e-5
        assert {r["domain"] for r in records} == {"sea", "kitchen", "garden"}


def test_same_seeds_same_numbers(result, folders):
    again = evaluate(folders, seeds=(3,), order=3, vocabulary=400, budget=6_000)
    for name, values in again.perplexities.items():
        assert values == [result.perplexities[name][1]]
    assert np.isnan(again.to_frame()["sd"]).all()
    assert again.to_dict()["perplexity"]["mixture"]["sd"] is None


def test_files(result, tmp_path):
    result.to_json(tmp_path / "r.json")
    written = json.loads((tmp_path / "r.json").read_text())
    assert written["perplexity"]["mixture"]["per_seed"] == result.perplexities["mixture"]
    assert "quoted" in written["published"]["source"]
    result.write_trace(tmp_path / "t.jsonl")
    lines = (tmp_path / "t.jsonl").read_text().splitlines()
    assert len(lines) == sum(run["test_tokens"] for run in written["settings"]["runs"])


def test_plot_shows_each_way_once(result):
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert result.plot(ax) is ax
    labels = [tick.get_text() for tick in ax.get_yticklabels()]
    assert sorted(labels) == sorted(set(result.perplexities) - {"best single", "worst single"})
    assert labels[-1] == "product"
    assert [text.get_text() for text in ax.texts][-1] == f"{np.mean(result.perplexities['product']):,.0f}"
    assert ax.get_xscale() == "log"


def test_progress_is_told(folders):
    lines = []
    evaluate(folders, seeds=(0,), order=2, vocabulary=300, budget=2_000, progress=lines.append)
    assert any("seed 0" in line for line in lines)


@pytest.mark.parametrize("seeds", [(), (1, 1)])
def test_bad_seeds_are_named(seeds):
    with pytest.raises(ValueError, match="seeds: expected distinct"):
        evaluate(seeds=seeds)


def test_the_module_of_the_command_leaves_the_name_a_function():
    code = "import mixlib.federation.evaluate, mixlib.federation as f; assert callable(f.evaluate)"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert callable(federation.evaluate)
