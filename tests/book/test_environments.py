"""Binder and the dev container: their files say what the project says, and hold all that the pages use."""

import importlib.metadata
import json
import os
import re
import stat
import subprocess
import sys

import pytest

from mixbook.build import pages, store
from mixbook.build.pages import ROOT
from package_builds import needs

BINDER = ROOT / ".binder"
NAME = re.compile(r"^([A-Za-z][\w.-]*)", re.MULTILINE)
KEYS = {  # of containers.dev, as far as this file uses them, with their kinds
    "name": str,
    "image": str,
    "hostRequirements": dict,
    "onCreateCommand": str,
    "postCreateCommand": str,
    "postAttachCommand": str,
    "forwardPorts": list,
    "portsAttributes": dict,
    "remoteEnv": dict,
    "customizations": dict,
}
# seen by a run because something else looked for them
UNUSED = {"coverage", "hypothesis", "mypy-extensions", "setuptools", "triton"}


def plain(requirement):
    return NAME.match(requirement)[1].lower().replace("_", "-")


def test_binder_installs_all_that_a_run_of_a_page_has_used():
    listed = {plain(name) for name in NAME.findall((BINDER / "requirements.txt").read_text(encoding="utf-8"))}
    listed |= {plain(need) for need in importlib.metadata.requires("mixlib") if "extra ==" not in need}
    there = {plain(name) for name in needs(sorted(listed))} | listed
    runs = store.Store(ROOT / "_build" / "executed")
    used = {plain(name) for page in pages.table_of_contents() if (run := runs.newest(page)) for name in facts(run)}
    assert used - there <= UNUSED


def facts(run):
    return run.facts["stamp"]["distributions"]


def test_binder_takes_the_pinned_versions():
    text = (BINDER / "requirements.txt").read_text(encoding="utf-8")
    assert "-c ../requirements.txt" in text.splitlines()
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    (lab,) = re.findall(r"^jupyterlab==(\S+)$", text, re.MULTILINE)
    assert f"jupyterlab=={lab}\n" in make
    version = (BINDER / "runtime.txt").read_text().strip().removeprefix("python-")
    assert version in ("3.11", "3.12", "3.13", "3.14")


@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_its_scripts_can_be_run_and_read_by_a_shell(name):
    assert os.stat(BINDER / name).st_mode & stat.S_IXUSR
    assert subprocess.run(["bash", "-n", BINDER / name], check=False).returncode == 0


def test_what_binder_starts_imports_the_books_code(tmp_path):
    code = "import mixbook.show; print(mixbook.__path__[0])"
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [BINDER / "start", sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert done.stdout.strip() == str(ROOT / "book" / "mixbook"), done.stderr


def test_the_dev_container_runs_lines_of_the_makefile():
    settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert settings.keys() <= KEYS.keys()
    assert all(isinstance(value, KEYS[name]) for name, value in settings.items())
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for name in ("postCreateCommand", "postAttachCommand"):
        make, target = settings[name].split()
        assert (make, target in targets) == ("make", True)
    assert set(settings["portsAttributes"]) == {str(port) for port in settings["forwardPorts"]}
    assert settings["remoteEnv"]["PYTHONPATH"] == "${containerWorkspaceFolder}/book"
