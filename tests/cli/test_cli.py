"""The command line: what it prints, what it writes, its exit status, and one line for bad input."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mixlib
from mixlib.cli import main


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def domains(tmp_path):
    rng = np.random.default_rng(0)
    for domain, words in {"sea": "wave tide sail gull salt reef", "land": "hill stone path oak field barn"}.items():
        (tmp_path / domain).mkdir()
        for i in range(12):
            lines = [" ".join(rng.choice(words.split(), 9)) + "." for _ in range(30)]
            (tmp_path / domain / f"{i}.txt").write_text("\n".join(lines))
    return [f"--domain={name}={tmp_path / name}" for name in ("sea", "land")]


def test_evaluate_own_text(domains, tmp_path, capsys):
    results, trace = tmp_path / "r.json", tmp_path / "t.jsonl"
    options = ["--seeds", "0", "--order", "2", "--vocabulary", "300", "--json", str(results), "--trace", str(trace)]
    assert main(["evaluate", *domains, *options]) == 0
    out, err = capsys.readouterr()
    assert "mixture, fixed-share" in out
    assert "seed 0" in err
    written = json.loads(results.read_text())
    assert written["settings"]["domains"] == ["sea", "land"]
    assert json.loads(trace.read_text().splitlines()[0])["responsibilities"].keys() == {"sea", "land"}


def test_evaluate_as_a_module_writes_results_and_trace_without_being_asked(domains, tmp_path):
    command = [sys.executable, "-m", "mixlib", "evaluate", *domains, "--seeds", "0", "--order", "2"]
    command += ["--vocabulary", "300"]
    here = os.environ | {
        "PYTHONPATH": str(Path(mixlib.__file__).parents[1])
    }  # the library under test, installed or not
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=here)
    assert "wrote evaluation.json and attribution.jsonl" in run.stderr
    assert json.loads((tmp_path / "evaluation.json").read_text())["seeds"] == [0]
    assert json.loads((tmp_path / "attribution.jsonl").read_text().splitlines()[0])["position"] == 0


def test_evaluate_json_on_standard_output(domains, capsys):
    assert main(["evaluate", *domains, "--seeds", "0", "--order", "2", "--vocabulary", "300", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["seeds"] == [0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "--domain", "sea"], "expected NAME=PATH, got 'sea'"),
        (["evaluate", "--domain", "a=/nowhere", "--domain", "b=/nowhere"], "/nowhere does not exist"),
        (["evaluate", "--domain", "a=/nowhere"], "at least 2"),
        (["evaluate", "--domain", "\udcff=/nowhere"], r"--domain: the name '\udcff' cannot be printed"),
        (["evaluate", "--json", "/nowhere/r.json"], "its folder does not exist"),
        (["verify", "/nowhere/claims.json"], "no such file; name the claims.json"),
        (["o-information", "/nowhere/x.csv"], "no such file"),
    ],
)
def test_bad_input_is_one_line_and_status_2(arguments, message, capsys):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
    assert err.startswith(f"mixlib {arguments[0]}: ")


def claims(tmp_path, *verdicts):
    rows = [
        {"id": f"c.{i}", "verdict": v, "expected": e, "page": "p", "statement": "", "source": {}}
        for i, (v, e) in enumerate(verdicts)
    ]
    (tmp_path / "claims.json").write_text(json.dumps({"claims": rows, "environment": {}}))
    return str(tmp_path / "claims.json")


def test_verify_agreeing(tmp_path, capsys):
    path = claims(tmp_path, ("holds", "holds"), ("pending", "fails"))
    assert main(["verify", path]) == 0
    out = capsys.readouterr().out
    assert "1 holds, 1 pending" in out
    assert "0 of 2 differ" in out


def test_verify_counts_what_a_failed_page_left_unverified(tmp_path, capsys):
    assert main(["verify", claims(tmp_path, ("unverified", "holds"))]) == 1
    assert "1 of 1 differ" in capsys.readouterr().out


def test_verify_differing(tmp_path, capsys):
    path = claims(tmp_path, ("holds", "fails"), ("open", "open"))
    assert main(["verify", path]) == 1
    assert "c.0  holds           expected fails           <- differs" in capsys.readouterr().out
    assert main(["verify", path, "--json"]) == 1
    assert [c["id"] for c in json.loads(capsys.readouterr().out)["differing"]] == ["c.0"]


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        ("{}", "'claims' is missing"),
        ("not json", "Expecting value"),
        ('{"claims": [{"id": "x"}]}', "'verdict' is missing"),
    ],
)
def test_verify_of_another_file(tmp_path, capsys, content, trouble):
    (tmp_path / "c.json").write_text(content)
    assert main(["verify", str(tmp_path / "c.json")]) == 2
    err = capsys.readouterr().err
    assert "is not a claims.json" in err
    assert trouble in err


def test_a_module_is_the_command_line_as_well():
    here = os.environ | {"PYTHONPATH": str(Path(mixlib.__file__).parents[1])}
    for options in (["--version"], ["verify", "/nowhere.json"]):
        runs = [
            subprocess.run([sys.executable, "-m", module, *options], capture_output=True, text=True, env=here)
            for module in ("mixlib", "mixlib.cli")
        ]
        assert (runs[0].stdout, runs[0].stderr, runs[0].returncode) == (
            runs[1].stdout,
            runs[1].stderr,
            runs[1].returncode,
        )
    assert runs[0].returncode == 2


@pytest.mark.parametrize("option", ["--json", "--trace", "--save"])
def test_results_that_could_not_be_written_are_named_before_the_work(option, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "closed").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "closed")  # root may write anywhere
    assert main(["evaluate", "--domain", "a=/nowhere", option, "closed/results"]) == 2
    assert "closed/results: may not be written by you" in capsys.readouterr().err


def test_the_command_line_starts_without_numpy():
    """Help and wrong options come at once, and Ctrl-C finds no long import before it is looked after."""
    code = "import sys, mixlib.cli; assert not {'numpy', 'yaml', 'pandas', 'scipy'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_version_is_that_of_the_library(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"mixlib {mixlib.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "mixlib: the following arguments are required: command (see mixlib --help)"),
        (["evaluate", "--seeds", "-1"], "--seeds: got -1, expected a whole number, 0 or more"),
        (["evaluate", "--order", "2.5"], "--order: got 2.5, expected a whole number, 1 or more"),
        (["evaluate", "--vocabulary", "10"], "--vocabulary: got 10, expected a whole number, 256 or more"),
        (["audit", "t", "--dtype", "int"], "--dtype: invalid choice: 'int'"),
        (["verify", "--frob"], "unrecognized arguments: --frob"),
    ],
)
def test_options_are_named_as_typed(arguments, message, capsys):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["audit", "verify", "o-information"])
def test_a_folder_and_an_unreadable_file_are_called_what_they_are(command, tmp_path, monkeypatch, capsys):
    (tmp_path / "t.csv").mkdir()
    assert main([command, "t.csv"]) == 2
    assert "t.csv: is a folder, expected a file" in capsys.readouterr().err
    (tmp_path / "u.csv").write_text("")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert main([command, "u.csv"]) == 2
    assert "u.csv: may not be read by you" in capsys.readouterr().err


def test_results_do_not_go_into_a_folder_by_its_own_name(tmp_path, capsys):
    assert main(["evaluate", "--json", str(tmp_path)]) == 2
    assert f"{tmp_path}: is a folder; name a file in it" in capsys.readouterr().err


def test_text_that_has_no_utf_8_is_printed_escaped(tmp_path, capsys):
    path = Path(claims(tmp_path, ("holds", "holds")))
    path.write_text(path.read_text().replace("c.0", "\\ud800"))
    assert main(["verify", str(path)]) == 0
    assert "\\ud800  holds" in capsys.readouterr().out
