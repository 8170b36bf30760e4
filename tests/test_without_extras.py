"""What a plain ``pip install .`` can do: everything but what needs torch and its like, which says what to install."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import mixlib
from mixlib import extras

ROOT = Path(mixlib.__file__).parents[1]

SCRIPT = """
import importlib.abc, json, sys

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "transformers", "pyarrow", "dask", "distributed", "ot", "cantera"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
import numpy as np
import mixlib
import mixlib.carriers as carriers
import mixlib.federation as federation
from mixlib.cli import main
from mixlib.domains import combustion
from mixlib.federation.text import corpora

corpora.installed.__defaults__ = 180_000, 0  # a small part of the text
statuses = [main(["evaluate", "--seeds", "0", "--order", "2", "--vocabulary", "300", "--save", "saved"])]
statuses += [main(["audit", "attribution.jsonl", "--seal", "evaluation.json"])]

def said(call):
    try:
        call()
    except ImportError as error:
        return str(error)

with open("t.parquet", "w") as file:
    file.write("PAR1")
statuses += [main(["audit", "t.parquet"]), main(["evaluate", "--save", "new", "--gru", "9", "--force"])]
samples = np.random.default_rng(0).normal(size=(50, 3))
hints = {
    "recurrent": said(lambda: federation.GRULanguageModel(9)),
    "several processes": said(lambda: federation.DistributedMixture),
    "parquet": said(lambda: federation.write_trace("t.parquet", [])),
    "score": said(lambda: mixlib.o_information(samples, estimator="score")),
    "transport": said(lambda: carriers.DiscreteMeasure().mean(carriers.DiscreteMeasure().sample(2))),
    "device": said(lambda: mixlib.o_information_sweep(samples, device="cuda")),
    "chemistry": said(lambda: combustion.species()),
}
with open("config.json", "w") as file:
    file.write("{}")
hints["hf"] = said(lambda: federation.load_specialist("."))
with open("hints.json", "w") as file:
    json.dump({"statuses": statuses, "hints": hints}, file)
"""


def declared(extra):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["optional-dependencies"][extra]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    here = tmp_path_factory.mktemp("plain")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=here,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return here, done, json.loads((here / "hints.json").read_text())


def test_evaluate_runs_on_text_that_is_there(run):
    here, done, found = run
    assert found["statuses"] == [0, 0, 2, 2]
    assert "Traceback" not in done.stderr
    results = json.loads((here / "evaluation.json").read_text())
    assert results["settings"]["domains"] == ["prose", "python", "c"]
    assert results["perplexity"]["mixture"]["mean"] < results["perplexity"]["best single"]["mean"]
    assert "as published" in done.stdout
    assert {"prose", "python", "c", "held_out"} <= {path.name for path in (here / "saved").iterdir()}


def test_every_hint_names_packages_that_an_index_has(run):
    _, done, found = run
    for name, hint in found["hints"].items():
        assert hint is not None, name
        assert re.search(r"needs the package \w+, which is not installed: pip install '", hint), hint
        assert "mixlib[" not in hint
    commands = [line for line in done.stderr.splitlines() if "pip install" in line]
    assert [line.partition(":")[0] for line in commands] == ["mixlib audit", "mixlib evaluate"]
    assert all(f"'{requirement}'" in found["hints"]["hf"] for requirement in declared("hf")[:1])


def test_the_hints_follow_the_declared_extras():
    assert set(extras.EXTRAS.values()) <= set(
        tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    )
    for package, extra in extras.EXTRAS.items():
        index_name = extras.INDEX_NAMES.get(package, package)
        assert any(requirement.startswith(index_name) for requirement in declared(extra))
        assert str(extras.missing(package, "x")).startswith(
            f"x needs the package {index_name}, which is not installed: pip"
        )


def test_without_an_installation_the_package_itself_is_named(monkeypatch):
    def none(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", none)
    assert str(extras.missing("torch", "x")).endswith("pip install 'torch'")


def test_other_errors_stay_as_they_are():
    error = ModuleNotFoundError("No module named 'frob'", name="frob")
    assert extras.explained(error, "x") is error
