"""``mixlib audit``: what it says about a whole trace and about a tampered one."""

import io
import json
import re
import shlex
import sys

import numpy as np
import pytest
from scipy.special import log_softmax

from mixlib.cli import main
from mixlib.federation import TraceWriter, attribute, check_trace


@pytest.fixture
def trace(tmp_path):
    rng = np.random.default_rng(0)
    with TraceWriter(tmp_path / "t.jsonl") as trace:
        for _ in range(3):
            log_probs = log_softmax(3 * rng.normal(size=(2, 40, 9)), axis=-1).astype(np.float32)
            trace.add(attribute(log_probs, rng.integers(0, 9, 40), names=("sea", "land")))
    return trace


def tampered(path):
    lines = path.read_text().splitlines()
    record = json.loads(lines[6])
    record["responsibilities"]["sea"] += 0.01
    lines[6] = json.dumps(record)
    path.with_name("bad.jsonl").write_text("\n".join(lines) + "\n")
    return str(path.with_name("bad.jsonl")), record["responsibilities"]["sea"]


def test_a_whole_trace(trace, capsys):
    assert main(["audit", str(trace.path), "--seal", trace.seal]) == 0
    out, err = capsys.readouterr()
    assert "120 tokens of 3 documents, float32" in out
    assert "largest residual" in out
    assert "land" in out
    assert f"seal {trace.seal}, as published" in out
    assert out.endswith("every line adds up\n")
    assert err == ""


def test_a_tampered_trace(trace, capsys):
    path, found = tampered(trace.path)
    assert main(["audit", path]) == 1
    out = capsys.readouterr().out
    assert f"line 7: responsibilities.sea is {found!r}, expected {str(found - 0.01)[:12]}" in out
    assert "line 7: chain is" in out
    assert "DOES NOT ADD UP: 1 of 120 lines" in out


def test_a_trace_of_another_dtype_than_the_one_asked_for(trace, capsys):
    assert main(["audit", str(trace.path), "--dtype", "float64"]) == 1
    assert 'line 1: dtype is "float32", expected "float64"' in capsys.readouterr().out


def test_another_seal(trace, capsys):
    assert main(["audit", str(trace.path), "--seal", "0" * 64]) == 1
    out = capsys.readouterr().out
    assert f"seal is {trace.seal[:12]}..., expected 000000000000..." in out
    assert out.splitlines()[-1].startswith("DOES NOT ADD UP: every line does, the whole does not")


def test_half_a_trace(trace, tmp_path, capsys):
    """Cut between two lines every line adds up: without a seal the report says what it cannot know."""
    half = tmp_path / "half.jsonl"
    half.write_text("".join(trace.path.read_text().splitlines(keepends=True)[:60]))
    assert main(["audit", str(half)]) == 0
    out = capsys.readouterr().out
    assert "without the writer's seal nobody can know whether lines are missing at the end" in out.splitlines()[-1]
    assert main(["audit", str(half), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert not record["sealed"]
    assert "missing at the end" in record["unknown"]
    assert main(["audit", str(half), "--seal", trace.seal]) == 1
    assert f"seal is {check_trace(half).seal[:12]}..., expected {trace.seal[:12]}..." in capsys.readouterr().out
    assert main(["audit", str(trace.path), "--seal", trace.seal.upper(), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["sealed"], record["unknown"]) == (True, None)


def test_what_is_no_seal_is_named(trace, tmp_path, capsys):
    for given in ("6a09e667f3bcc908", ""):
        assert main(["audit", str(trace.path), "--seal", given]) == 2
        assert "audit: --seal: expected 64 hexadecimal digits" in capsys.readouterr().err
    for given, trouble in {"nowhere.json": "no such file", str(tmp_path): "is a folder"}.items():
        assert main(["audit", str(trace.path), "--seal", given]) == 2
        assert f"--seal: {given}: {trouble}" in capsys.readouterr().err
    for text in ("{}", "[", '{"settings": 3}'):
        (tmp_path / "e.json").write_text(text)
        assert main(["audit", str(trace.path), "--seal", str(tmp_path / "e.json")]) == 2
        assert "holds no trace_seal" in capsys.readouterr().err


def test_the_examples_of_the_help_run(tmp_path, monkeypatch, capsys):
    """On what evaluate writes by default: both modes publish the seal, and it is that of the whole trace."""
    monkeypatch.chdir(tmp_path)
    rng, domains = np.random.default_rng(0), []
    for name, words in {"sea": "wave tide sail gull salt reef", "land": "hill stone path oak field barn"}.items():
        (tmp_path / name).mkdir()
        for i in range(12):
            (tmp_path / name / f"{i}.txt").write_text(
                "\n".join(" ".join(rng.choice(words.split(), 9)) for _ in range(30))
            )
        domains.append(f"--domain={name}={name}")
    assert main(["evaluate", *domains, "--seeds", "0", "1", "--order", "2", "--vocabulary", "300"]) == 0
    published = json.loads((tmp_path / "evaluation.json").read_text())["settings"]["trace_seal"]
    out, err = capsys.readouterr()
    assert published in err
    assert out.splitlines()[-1].startswith("use ")
    with pytest.raises(SystemExit):
        main(["audit", "--help"])
    examples = re.findall(r"^  mixlib (audit .*)", capsys.readouterr().out, re.MULTILINE)
    assert len(examples) == 2
    for example in examples:
        assert main(shlex.split(example)) == 0
    assert f"seal {published}, as published" in capsys.readouterr().out
    lines = (tmp_path / "attribution.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "attribution.jsonl").write_text("".join(lines[: len(lines) // 2]))
    assert main(["audit", "attribution.jsonl", "--seal", "evaluation.json"]) == 1


def test_json(trace, tmp_path, capsys):
    path, _ = tampered(trace.path)
    assert main(["audit", path, "--json"]) == 1
    result = json.loads(capsys.readouterr().out)
    assert (result["sound"], result["lines"], result["faulty_lines"]) == (False, 120, 1)
    assert {problem["line"] for problem in result["problems"]} == {7}
    assert main(["audit", str(trace.path), "--json", str(tmp_path / "a.json")]) == 0
    assert json.loads((tmp_path / "a.json").read_text())["seal"] == trace.seal


def test_a_name_that_has_no_utf_8(trace, tmp_path, capsys):
    """A lone surrogate in a specialist's name comes out escaped, on the terminal and in JSON."""
    odd = tmp_path / "odd.jsonl"
    odd.write_text(trace.path.read_text().replace('"sea"', '"\\ud800"'))
    assert main(["audit", str(odd), "--json", str(tmp_path / "a.json")]) == 1
    assert "\\ud800" in capsys.readouterr().out
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["specialists"].keys() == {"\ud800", "land"}
    assert main(["audit", str(odd), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["specialists"].keys() == {"\ud800", "land"}


def test_standard_input(trace, capsys, monkeypatch):
    text = trace.path.read_bytes()
    for piped, status in ((text, 0), (text[: len(text) // 2], 1)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped)))
        assert main(["audit", "-"]) == status
    assert "record is not JSON" in capsys.readouterr().out


def test_a_bar_on_demand(trace, capsys):
    assert main(["audit", str(trace.path), "--progress"]) == 0
    assert "%|" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["/nowhere/t.jsonl"], "no such file"), (["{here}/not.parquet"], "is not a Parquet file")],
)
def test_no_trace_is_status_2(arguments, message, tmp_path, capsys):
    (tmp_path / "not.parquet").write_text("no")
    assert main(["audit", arguments[0].format(here=tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


def test_help_has_an_example(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["audit", "--help"])
    assert stop.value.code == 0
    assert "example:\n  mixlib audit" in capsys.readouterr().out
