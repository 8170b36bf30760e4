"""The table of pools on small text: its rows, its files, and that seeds fix every number."""

import json
import subprocess
import sys

import matplotlib
import numpy as np
import pytest

import mixlib.federation as federation
from mixlib.federation import (
    EMWeights,
    Federation,
    FixedShare,
    GeometricMixing,
    LearnedGate,
    Predictions,
    Stacked,
    evaluate,
    from_files,
    log_probs_along,
    perplexity,
)
from mixlib.federation.evaluation.over_seeds import combined, true_domain, weights_at_home

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def result(folders, told):
    return evaluate(folders, seeds=(0, 3), order=3, vocabulary=400, budget=6_000, progress=told.append)


def test_rows_and_order(result):
    frame = result.to_frame()
    assert list(frame.columns) == ["mean", "sd", "seed 0", "seed 3"]
    mean = frame["mean"]
    assert mean["mixture"] < mean["best single"] < mean["worst single"] < mean["product"]
    assert mean["mixture, fixed-share"] < mean["mixture"]
    assert mean["pooled data, one model"] < mean["pooled data, one budget"]
    assert mean["stacked"] < mean["mixture"]
    assert mean["mixture, learned gate"] < mean["mixture, entropy weights"]
    assert mean["sea alone"] == pytest.approx(np.mean(result.perplexities["sea alone"]))


def test_rows_are_the_perplexities_of_their_tokens(result):
    for name, values in result.log_probs.items():
        assert result.perplexities[name] == [perplexity(v) for v in values]
    alone = [result.perplexities[f"{name} alone"] for name in ("sea", "kitchen", "garden")]
    assert result.perplexities["best single"] == np.min(alone, axis=0).tolist()
    assert result.perplexities["worst single"] == np.max(alone, axis=0).tolist()


def test_bayes_without_resets_is_no_worse_than_the_best_single_by_more_than_log_n(result):
    for seed, never in enumerate(result.log_probs["mixture, Bayes never reset"]):
        singles = [result.log_probs[f"{name} alone"][seed].sum() for name in ("sea", "kitchen", "garden")]
        assert never.sum() == pytest.approx(np.logaddexp.reduce(singles) - np.log(3))


def test_the_true_domain_is_that_of_each_document(trained):
    chosen, targets = true_domain(trained), trained.target_log_probs(trained.test)
    spans = Predictions(targets, trained.test.document_starts).documents()
    for (begin, end), name in zip(spans, trained.test_domains, strict=True):
        np.testing.assert_array_equal(chosen[begin:end], targets[trained.domains.index(name), begin:end])


def test_combiners_learn_from_validation_and_never_see_the_test_beforehand(trained):
    validation, test = (Predictions.of(trained.specialists, s, keep=True) for s in (trained.validation, trained.test))
    rows, settings = combined(validation, test)
    cut = int(test.document_starts[2])
    head = Predictions(test.log_probs[:, :cut], test.document_starts[:2], test.entropies[:, :cut], test.rows)
    again, _ = combined(validation, head)
    for name, values in again.items():
        np.testing.assert_allclose(values, rows[name][:cut], atol=1e-12)
    assert 1 <= settings["queries_a_token"] <= 3
    below = [GeometricMixing(3, settings["geometric_rate"]), LearnedGate(3)]
    stack = Stacked(below, FixedShare(2))
    for combiner in below:
        combiner.fit(validation)
    np.testing.assert_allclose(log_probs_along(stack, test), rows["stacked"], atol=1e-12)


def test_significance_is_sorted_and_in_the_file(result):
    frame = result.significance("mixture", resamples=200)
    assert list(frame.columns) == ["difference", "low", "high", "p"]
    assert (np.diff(frame["difference"]) >= 0).all()
    gap = np.concatenate(result.log_probs["mixture"]).mean() - np.concatenate(result.log_probs["stacked"]).mean()
    assert frame.loc["stacked", "difference"] == pytest.approx(gap)
    written = result.to_dict()["log_loss_differences"]
    assert set(written) == {"mixture", "mixture, fixed-share", "pooled data, one model"}
    assert written["mixture"]["stacked"]["difference"] == pytest.approx(gap)


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


@pytest.mark.rare
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
    assert "1277" not in json.dumps(written), "another one's numbers do not stand beside the reader's own"
    result.write_trace(tmp_path / "t.jsonl")
    lines = (tmp_path / "t.jsonl").read_text().splitlines()
    assert len(lines) == sum(run["test_tokens"] for run in written["settings"]["runs"])


def test_text_frame_sums_the_domains(result):
    frame = result.text_frame()
    assert tuple(frame.index) == result.seeds
    run = result.settings["runs"][1]
    assert frame.loc[3, "training tokens"] == sum(run["training_tokens"].values())
    assert frame.loc[3, "test documents"] == run["test_documents"]


@pytest.fixture(scope="module")
def trained(folders):
    return Federation.train(from_files(folders), order=3, vocabulary=400, budget=6_000)


def test_weights_at_home_are_those_of_the_documents_own_specialist(trained):
    test = trained.test
    fixed = EMWeights()
    fixed.state = np.array([0.5, 0.3, 0.2])
    of = dict(zip(trained.domains, fixed.state, strict=True))
    lengths = [len(d) for d in test.documents()]
    expected = [of[name] for name, n in zip(trained.test_domains, lengths, strict=True) for _ in range(n - 4)]
    np.testing.assert_array_equal(weights_at_home(trained, fixed, after=4), expected)
    following = FixedShare(3)
    start = weights_at_home(trained, following, after=0)[np.cumsum([0, *lengths[:-1]])]
    np.testing.assert_allclose(start, 1 / 3)
    assert np.median(weights_at_home(trained, following)) > 0.6
    for after in (-1, max(lengths)):
        with pytest.raises(ValueError, match="after: expected"):
            weights_at_home(trained, following, after=after)


def test_plot_shows_each_way_once(result):
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert result.plot(ax) is ax
    labels = [tick.get_text() for tick in ax.get_yticklabels()]
    assert sorted(labels) == sorted(set(result.perplexities) - {"best single", "worst single"})
    assert labels[-1] == "product"
    assert [text.get_text() for text in ax.texts][-1] == f"{np.mean(result.perplexities['product']):,.0f}"
    assert ax.get_xscale() == "log"


def test_the_picture_of_significance_shows_the_differences(result):
    from matplotlib.figure import Figure

    shown = result.significance("mixture, fixed-share", rows=("mixture", "mixture, fixed-share", "stacked"))
    assert list(shown.index) == ["mixture", "stacked"]
    axes = result.plot_significance(Figure().subplots(1, 3), rows=("mixture", "stacked"))
    drawn = np.asarray(axes[1].lines[0].get_xdata(), dtype=float)
    np.testing.assert_allclose(drawn, shown["difference"].reindex(["mixture", "stacked"]))


def test_progress_is_told(result, told):
    assert any("seed 3" in line and f"stacked {result.perplexities['stacked'][1]:.1f}" in line for line in told)


@pytest.mark.parametrize("seeds", [(), (1, 1)])
def test_bad_seeds_are_named(seeds):
    with pytest.raises(ValueError, match="seeds: expected distinct"):
        evaluate(seeds=seeds)


def test_no_module_takes_the_name_of_the_function():
    modules = "mixlib.cli.evaluate, mixlib.federation.evaluation.over_seeds"
    code = f"import {modules}, mixlib.federation as f; assert callable(f.evaluate)"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert callable(federation.evaluate)
