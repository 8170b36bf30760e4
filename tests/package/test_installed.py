"""The wheel in an environment of its own, with what it declares to need and without torch: it does what it says."""

import json
import os
import subprocess
import tomllib
from pathlib import Path

import pytest

import mixlib
from package_builds import ROOT, clean_environment

USED = {
    "mixlib.carriers": "carriers.Euclidean().mean(points, [0.75, 0.25]).tolist() == [1.0, 2.0]",
    "mixlib.claims": "claims.format_number(0.25)",
    "mixlib.domains": "abs(domains.DOMAINS['alloys'].mixture()[0] - 0.737) < 1e-3",
    "mixlib.federation": "np.exp(federation.mixture_combine(np.log(rows))).round(3).tolist() == [0.4, 0.2, 0.4]",
    "mixlib.information": "abs(information.o_information(samples, estimator='gaussian').omega) < 0.1",
    "mixlib.instruments": "not instruments.hull_escape(points.mean(axis=0) + 1, points).inside",
    "mixlib.kernels": "kernels.LogLinear(normalise=True)([0.5, 0.5], rows).sum().round(12) == 1",
    "mixlib.merging": "merging.karcher_mean(np.eye(2)).shape == (2,)",
    "mixlib.seams": "len(seams.find_seams({'a': 'kelp broth', 'b': 'fish broth', 'c': 'tin'}).terms('a', 'b'))",
    "mixlib.web": "importlib.import_module('mixlib.web.page').page('<b>', []).count('&lt;b&gt;') == 2",
    "mixlib.simplex": "simplex.uniform(4).tolist() == [0.25] * 4",
}
BEFORE = """
import importlib, importlib.util, json, pathlib, sys
import numpy as np
import mixlib

points, rows = np.array([[0.0, 0.0], [4.0, 8.0]]), np.array([[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]])
samples = np.random.default_rng(0).normal(size=(100, 3))
found = {"torch": importlib.util.find_spec("torch") is not None, "home": mixlib.__file__}
for module, line in json.load(sys.stdin).items():
    name = module.rpartition(".")[2]
    found[module] = bool(eval(line, globals() | {name: importlib.import_module(module)}))
print(json.dumps(found))
"""

pytestmark = pytest.mark.rare


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    return clean_environment(tmp_path_factory.mktemp("clean") / "environment", wheel)


@pytest.fixture
def ran(python, tmp_path):
    """Run something in that environment, in an empty folder."""

    def run(*command, **options):
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
        env |= {"NUMBA_CACHE_DIR": str(tmp_path / "numba"), "MPLCONFIGDIR": str(tmp_path)}
        command = [python, "-I", *command]
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, **options)

    return run


def test_a_function_of_each_package_runs_without_torch(ran, python):
    done = ran("-c", BEFORE, input=json.dumps(USED))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert not found.pop("torch")
    assert str(python.parents[1]) in found.pop("home")
    assert all(found.values()), found
    packages = {path.parent.name for path in (ROOT / "mixlib").glob("*/__init__.py")} - {"cli"}
    assert packages <= {module.rpartition(".")[2] for module in USED}


def test_its_command_line_runs(ran, python):
    script = ran("-c", "import sys; from mixlib.cli import main; sys.exit(main(['--version']))")
    assert script.stdout == f"mixlib {mixlib.__version__}\n"
    command = python.with_name("mixlib")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == script.stdout


def test_doctor_finds_the_installation_whole_and_says_what_can_be_added(ran):
    done = ran("-m", "mixlib", "doctor", "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    found = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert {f"extra {name}" for name in extras if name not in ("book", "test")} <= set(found)
    for name in ("torch", "parquet", "hf"):
        assert found[f"extra {name}"]["status"] == "optional"
        assert found[f"extra {name}"]["fix"].startswith("pip install '")
    assert found["numpy"]["status"] == "ok"
    assert found["compiled code"]["fix"] == "mixlib doctor --compile"


def test_the_types_come_with_it(ran):
    folder = Path(ran("-c", "import mixlib; print(mixlib.__path__[0])").stdout.strip())
    assert ROOT not in folder.parents
    assert (folder / "py.typed").exists()
    assert (folder / "kernels" / "linear.pyi").exists()
