"""``mixlib o-information``: what it prints and writes for one result and for sweeps."""

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mixlib
from mixlib import o_information
from mixlib.cli import main
from mixlib.information import o_information_sweep
from mixlib.information.sweeps import duration


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 1)) + rng.normal(size=(300, 6))
    x[:, 5] = x[:, 0] + x[:, 1] + 0.3 * rng.normal(size=300)
    return pd.DataFrame(x, columns=["a", "b", "c", "d", "e", "sum"])


@pytest.fixture
def csv(frame, tmp_path):
    frame.to_csv("t.csv", index=False)
    return "t.csv"


def run_json(capsys, *arguments):
    assert main(["o-information", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_one_result_is_that_of_the_library(csv, frame, capsys):
    record = run_json(capsys, csv, "--columns", "a,b,sum", "--estimator", "gaussian-copula", "--units", "bits")
    result = o_information(frame[["a", "b", "sum"]], "gaussian-copula", units="bits")
    for name in ("tc", "dtc", "omega", "s_information", "standard_error"):
        assert record[name] == pytest.approx(getattr(result, name))
    assert record["gradient"] == pytest.approx(dict(zip(["a", "b", "sum"], result.gradient, strict=True)))
    assert (record["samples"], record["units"], record["estimator"]) == (300, "bits", "gaussian-copula")


def test_one_result_in_print(csv, capsys):
    assert main(["o-information", csv, "--null", "9", "--estimator", "auto"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("300 samples of a, b, c, d, e, sum (gaussian, nats)\n")
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["TC", "DTC", "Omega", "S", "Omega", "p", "note:"]
    assert "Omega" in out
    assert "against 9 shuffles" in out


def test_without_standard_errors_json_has_null_and_no_nan(csv, capsys):
    assert main(["o-information", csv, "--error", "none", "--json"]) == 0
    out = capsys.readouterr().out
    assert "NaN" not in out
    assert json.loads(out)["standard_error"] is None


def test_options_reach_the_estimator(csv, frame, capsys):
    plugin = run_json(capsys, csv, "--columns=a,b,sum", "--estimator=plugin", "--bins=3")
    assert plugin["omega"] == pytest.approx(o_information(frame[["a", "b", "sum"]], "plugin", bins=3).omega)
    ksg = [run_json(capsys, csv, "--columns=a,b,sum", "--estimator=ksg", f"--k={k}") for k in (3, 9)]
    assert ksg[0]["omega"] != ksg[1]["omega"]


def test_sweep_writes_and_prints_what_the_library_finds(csv, frame, capsys):
    options = ["--orders", "3-4", "--top", "3", "--estimator", "gaussian-copula", "--json", "out.json"]
    assert main(["o-information", csv, *options]) == 0
    out, err = capsys.readouterr()
    found = o_information_sweep(frame, orders="3-4", top=3, estimator="gaussian-copula", error="auto", rng=0)
    record = json.loads(Path("out.json").read_text())
    for side in ("synergistic", "redundant"):
        expected = getattr(found, side)(3)
        assert [tuple(row["variables"]) for row in record[side]] == expected["variables"].tolist()
        for name in ("omega", "tc", "dtc", "standard_error"):
            assert [row[name] for row in record[side]] == pytest.approx(expected[name].tolist())
    assert record["synergistic"][0]["variables"] == ["a", "b", "sum"]
    assert record["subsets"] == 35
    assert [row["subsets"] for row in record["by_order"]] == [20, 15]
    assert "wrote out.json" in err
    assert out.startswith("35 subsets of 3 to 4 among 6 variables, 300 samples (gaussian-copula, nats, exhaustive)")
    best = next(line for line in out.splitlines() if line.endswith("a, b, sum"))
    assert float(best.split()[0]) == pytest.approx(record["synergistic"][0]["omega"], abs=1e-4)


def test_sweep_with_null_has_p_and_q_values(csv, capsys):
    assert main(["o-information", csv, "--orders=3", "--top=1", "--null=2", "--json", "o.json"]) == 0
    head = capsys.readouterr().out.splitlines()[3].split()
    assert head == ["Omega", "+-", "TC", "DTC", "p", "q", "certain", "variables"]
    (best,) = json.loads(Path("o.json").read_text())["synergistic"]
    assert best["p_value"] == pytest.approx(2 / 41)  # of 20 subsets, shuffled twice, none is as extreme
    assert best["q_value"] >= best["p_value"]


def test_search_and_every_size(csv, capsys):
    every = run_json(capsys, csv, "--orders", "all", "--top", "1", "--error", "none")
    assert (every["orders"], every["subsets"]) == ([3, 6], 42)
    greedy = run_json(capsys, csv, "--orders", "all", "--top", "1", "--search", "greedy", "--error", "none")
    assert "by_order" not in greedy
    assert greedy["synergistic"][0]["variables"] == every["synergistic"][0]["variables"]


def test_workers_and_a_checkpoint_change_nothing(csv, capsys):
    alone = run_json(capsys, csv, "--orders", "3-5", "--estimator", "plugin", "--bins", "2")
    options = ["--orders", "3-5", "--estimator", "plugin", "--bins", "2", "--workers", "2", "--checkpoint", "state"]
    assert run_json(capsys, csv, *options) == alone
    assert Path("state").exists()
    assert run_json(capsys, csv, *options) == alone


def test_a_bar_is_shown_on_request(csv, capsys):
    arguments = ["o-information", csv, "--orders", "3-5", "--estimator", "plugin", "--bins", "2"]
    assert main([*arguments, "--progress"]) == 0
    assert "100%" in capsys.readouterr().err
    assert main([*arguments, "--no-progress"]) == 0
    assert capsys.readouterr().err == ""


def _heed_interrupts():
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell makes what it runs in the background deaf to them


def test_a_sweep_that_is_stopped_says_how_to_go_on():
    wide = pd.DataFrame(np.random.default_rng(1).normal(size=(300, 12)), columns=list("abcdefghijkl"))
    wide.to_csv("wide.csv", index=False)
    command = [sys.executable, "-m", "mixlib.cli", "o-information", "wide.csv", "--orders", "3-9", "--estimator", "ksg"]
    here = os.environ | {"PYTHONPATH": str(Path(mixlib.__file__).parents[1])}
    options = {"stderr": subprocess.PIPE, "text": True, "env": here, "preexec_fn": _heed_interrupts}
    with subprocess.Popen([*command, "--checkpoint", "state"], **options) as run:
        while not Path("state").exists():
            assert run.poll() is None
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        _, err = run.communicate()
    assert run.returncode == 130
    assert err.endswith("mixlib o-information: stopped; the same command goes on from state\n")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--orders", "x"], "--orders: got 'x', expected a size such as 4"),
        (["--orders", "2-3"], "--orders: got 2 to 3 for 6 variables"),
        (["--top", "3"], "--top: belongs to a sweep; add --orders"),
        (["--orders", "4-3"], "--orders: got 4-3, but the lower size comes first: 3-4"),
        (["--seed", "-1"], "--seed: got -1, expected a whole number, 0 or more"),
        (["--seed", "x"], "--seed: got x, expected a whole number"),
        (["--k", "0"], "--k: got 0, expected a whole number, 1 or more"),
        (["--bins", "1"], "--bins: got 1, expected a whole number, 2 or more"),
        (["--null", "-3"], "--null: got -3, expected a whole number, 0 or more"),
        (["--orders", "3", "--top", "0"], "--top: got 0, expected a whole number, 1 or more"),
        (["--orders", "3", "--k", "4"], "--k: is no option of estimator 'gaussian'"),
        (["--orders", "3", "--workers", "0"], "--workers: got 0, expected a whole number, 1 or more"),
        (["--orders", "3", "--estimator", "score"], "--estimator: got 'score', expected one of 'gaussian'"),
        (["--orders", "3", "--search", "greedy", "--null", "1"], "--search: 'greedy' needs top and has no null"),
        (["--estimator", "plugin"], "use --estimator gaussian-copula, or cut columns with --bins 4"),
        (["--json", "/nowhere/x.json"], "/nowhere/x.json: its folder does not exist; make it first"),
        (["--orders", "3", "--checkpoint", "/nowhere/x"], "/nowhere/x: its folder does not exist"),
        (["--drop", "foo"], "--drop: got 'foo', expected some of text,"),
    ],
)
def test_bad_options_are_explained(csv, options, message, capsys):
    assert main(["o-information", csv, *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.filterwarnings("default")
def test_a_doubt_is_said_without_the_place_in_the_code(frame, capsys):
    frame.round(0).to_csv("t.csv", index=False)
    assert main(["o-information", "t.csv", "--estimator", "plugin", "--error", "none"]) == 0
    out, err = capsys.readouterr()
    assert err.startswith("mixlib o-information: plugin: 300 samples show ")
    assert err.count("\n") == 1
    assert "note: " in out


def test_what_is_too_few_and_the_way_out_are_in_the_words_of_the_command_line(capsys):
    pd.DataFrame(np.random.default_rng(0).normal(size=(5, 3)), columns=list("abc")).to_csv("t.csv", index=False)
    assert main(["o-information", "t.csv", "--error", "bootstrap"]) == 2
    err = capsys.readouterr().err
    assert "t.csv: 5 samples of 3 columns are too few for the standard error" in err
    assert "use --error jackknife or --error none" in err


class Piped:
    """Standard input that holds bytes."""

    def __init__(self, content):
        self.buffer = io.BytesIO(content)


def packed(frame, form):
    whole = io.BytesIO()
    if form == "npy":
        np.save(whole, frame.to_numpy())
    elif form == "parquet":
        pytest.importorskip("pyarrow")
        frame.to_parquet(whole)
    else:
        text = frame.to_csv(index=False, sep="\t" if form.startswith("tsv") else ",").encode()
        whole.write(gzip.compress(text) if form.endswith("gz") else text)
    return whole.getvalue()


@pytest.mark.parametrize("form", ["csv", "tsv", "csv.gz", "tsv.gz", "parquet", "npy"])
def test_every_format_from_a_file_and_from_standard_input(frame, form, monkeypatch, capsys):
    expected = o_information(frame).omega
    content = packed(frame, form)
    Path(f"t.{form}").write_bytes(content)
    assert run_json(capsys, f"t.{form}")["omega"] == pytest.approx(expected)
    monkeypatch.setattr(sys, "stdin", Piped(content))
    assert run_json(capsys, "-")["omega"] == pytest.approx(expected)


@pytest.mark.parametrize("form", ["csv", "csv.gz", "parquet", "npy"])
def test_damaged_and_empty_files_are_one_line(frame, form, monkeypatch, capsys):
    content = packed(frame, form)
    for damaged in (b"", content[:40], content[: len(content) // 2], content[:-9] if form != "csv" else b"\0" * 9):
        Path(f"t.{form}").write_bytes(damaged)
        status = main(["o-information", f"t.{form}", "--error", "none"])
        err = capsys.readouterr().err
        if status:
            assert status == 2
            assert err.startswith(f"mixlib o-information: t.{form}: ")
        else:
            assert form == "csv"  # half a text is a text
    monkeypatch.setattr(sys, "stdin", Piped(b""))
    assert main(["o-information", "-"]) == 2
    assert capsys.readouterr().err == "mixlib o-information: standard input: is empty\n"


def test_years_are_names_and_decimal_commas_have_a_remedy(capsys):
    values = np.random.default_rng(0).normal(size=(100, 4)).round(3)
    years = pd.DataFrame(values, columns=range(2019, 2023))
    years.to_csv("years.csv", index=False)
    record = run_json(capsys, "years.csv", "--error", "none")
    assert record["samples"] == 100
    assert record["omega"] == pytest.approx(o_information(values, error=None).omega)
    assert main(["o-information", "years.csv", "--no-header"]) == 0
    assert "101 samples" in capsys.readouterr().out
    assert main(["o-information", "years.csv"]) == 0
    assert "years.csv: the first line (2019, 2020, 2021, 2022) is taken for the names" in capsys.readouterr().err
    years.to_csv("commas.csv", index=False, sep=";", decimal=",")
    assert main(["o-information", "commas.csv"]) == 2
    assert "these are decimal commas; read them with --decimal ," in capsys.readouterr().err
    found = run_json(capsys, "commas.csv", "--decimal", ",", "--error", "none")
    assert found["omega"] == pytest.approx(record["omega"])


def test_thousands_and_signs_for_missing_values_have_a_remedy(frame, capsys):
    big = frame.assign(a=[f"{1000 + 7 * i:,}" for i in range(len(frame))])
    big.to_csv("t.csv", index=False)
    assert main(["o-information", "t.csv"]) == 2
    assert "a ('1,000' in row 1); the commas may group thousands" in capsys.readouterr().err
    frame.assign(a=frame["a"].astype(object).mask(frame["a"] > 1, "?")).to_csv("t.csv", index=False)
    assert main(["o-information", "t.csv"]) == 2
    assert "--missing ?" in capsys.readouterr().err
    assert main(["o-information", "t.csv", "--missing", "?", "--drop", "missing"]) == 0


def test_a_long_sweep_is_announced(csv, monkeypatch, capsys):
    arguments = ["o-information", csv, "--orders", "3-4", "--estimator", "ksg", "--error", "none"]
    assert main(arguments) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(duration, "expected_seconds", lambda *_, **__: (7300, 35))
    assert main(arguments) == 0
    assert capsys.readouterr().err == (
        "35 subsets will take about 2 hours on 1 processor; shorter: fewer --orders, --search greedy, --workers\n"
    )
    assert main([*arguments, "--search", "greedy"]) == 0
    assert capsys.readouterr().err == ""


def test_no_more_workers_than_processors(csv, monkeypatch, capsys):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    options = ["--orders", "3-4", "--estimator", "plugin", "--bins", "2", "--error", "none"]
    alone = run_json(capsys, csv, *options)
    assert main(["o-information", csv, *options, "--workers", "64", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == "--workers: 64 asked for, but there are 2 processors, so 2 are used\n"
    assert json.loads(out) == alone
    assert main(["o-information", csv, *options, "--workers", "2"]) == 0
    assert capsys.readouterr().err == ""


def test_the_examples_of_the_help_run(frame, monkeypatch, capsys):
    frame.to_csv("data.csv", index=False)
    monkeypatch.setattr(sys, "stdin", Piped(packed(frame, "tsv")))
    with pytest.raises(SystemExit):
        main(["o-information", "--help"])
    examples = capsys.readouterr().out.split("example:\n")[1].splitlines()
    assert len(examples) == 5
    for example in examples:
        program, *words = example.split("|")[-1].split()
        assert program == "mixlib"
        assert main(words) == 0
        assert capsys.readouterr().out


@pytest.mark.filterwarnings("default::mixlib.information.uncertainty.SeriesWarning")
def test_errors_of_a_series_come_from_blocks(tmp_path, capsys):
    rng = np.random.default_rng(0)
    walk = np.cumsum(rng.normal(size=(200, 3)), axis=0)
    pd.DataFrame(walk, columns=["a", "b", "c"]).to_csv("walk.csv", index=False)
    assert main(["o-information", "walk.csv"]) == 0
    said = capsys.readouterr()
    assert said.err.startswith("mixlib o-information: walk.csv: 200 rows remember")
    assert "give --block auto, which draws" in said.err
    assert "200 rows remember the rows before them" in said.out
    assert main(["o-information", "walk.csv", "--block", "10"]) == 0
    assert "remember" not in capsys.readouterr().err
    assert main(["o-information", "walk.csv", "--block", "150"]) == 2
    assert "--block: got 150" in capsys.readouterr().err
    assert main(["o-information", "walk.csv", "--orders", "3", "--block", "10"]) == 2
    assert "--block: serves one result" in capsys.readouterr().err


def test_names_stay_on_their_line_and_are_not_obeyed(frame, capsys):
    frame.columns = ["a\nb", "\x1b[31mred", "\u202eturned", *map(str, frame.columns[3:])]
    frame.to_csv("odd.csv", index=False)
    for more in ([], ["--orders", "3"]):
        assert main(["o-information", "odd.csv", *more]) == 0
        out = capsys.readouterr().out
        assert "a b, \ufffd[31mred, \ufffdturned" in out
        assert not set("\x1b\u202e") & set(out)


def test_two_columns_have_no_subsets(frame, capsys):
    frame.iloc[:, :2].to_csv("two.csv", index=False)
    assert main(["o-information", "two.csv", "--orders", "3"]) == 2
    assert "--orders: of two columns there is no subset to sweep" in capsys.readouterr().err
