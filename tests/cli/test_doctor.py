"""``mixlib doctor``: what is whole, what could be added and what is broken, each with a line and what mends it."""

import importlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

from mixlib.cli import main
from mixlib.cli._shared import ahead, checks


def told(capsys, *options):
    status = main(["doctor", "--json", *options])
    record = json.loads(capsys.readouterr().out)
    assert status == int(not record["healthy"])
    return record, {check["name"]: check for check in record["checks"]}


def test_this_installation_is_whole_and_each_line_tells_what_mends_it(capsys):
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "Nothing that is needed is missing"
    words = [line.split()[0] for line in lines[:-2]]
    assert set(words) <= {"ok", "optional", "fix:"}
    assert words.count("optional") == words.count("fix:")
    assert any(line.startswith("ok        numpy ") for line in lines)


def test_a_need_that_is_too_old_is_broken(capsys, monkeypatch):
    version = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.9" if name == "scipy" else version(name))
    record, found = told(capsys)
    assert not record["healthy"]
    assert found["scipy"]["status"] == "broken"
    assert found["scipy"]["said"].startswith("1.9, ")
    assert found["scipy"]["fix"] == "pip install 'scipy>=1.15'"
    assert [name for name, check in found.items() if check["status"] == "broken"] == ["scipy"]


def test_a_need_that_is_missing_or_does_not_load_is_broken(capsys, monkeypatch):
    version, load = importlib.metadata.version, importlib.import_module

    def absent(name):
        if name == "tqdm":
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    def failing(name, *package):
        if name == "tokenizers":
            raise ImportError("libother.so: cannot open shared object file\nmore")
        return load(name, *package)

    monkeypatch.setattr(importlib.metadata, "version", absent)
    monkeypatch.setattr(importlib, "import_module", failing)
    _, found = told(capsys)
    assert (found["tqdm"]["status"], found["tqdm"]["said"]) == ("broken", "is not installed")
    assert found["tokenizers"]["status"] == "broken"
    assert found["tokenizers"]["said"].endswith("does not load: libother.so: cannot open shared object file")
    assert found["tokenizers"]["fix"].endswith("--force-reinstall")


def test_what_can_be_added_breaks_nothing(capsys, monkeypatch):
    version, find = importlib.metadata.version, importlib.util.find_spec

    def absent(name):
        if name.lower() in ("torch", "pyarrow"):
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", absent)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "torch" else find(name, *rest))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    record, found = told(capsys)
    assert record["healthy"]
    for name in ("extra torch", "extra parquet", "GPU", "Chromium"):
        assert found[name]["status"] == "optional"
        assert "install" in found[name]["fix"]
    assert found["extra parquet"]["fix"] == "pip install 'pyarrow>=16'"


@pytest.mark.parametrize(("free", "status"), [(2**40, "ok"), (2**28, "optional"), (2**20, "broken")])
def test_room_on_the_disk(monkeypatch, free, status):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    assert checks.space().status == status


def test_a_python_out_of_range_is_broken(monkeypatch):
    monkeypatch.setattr("platform.python_version", lambda: "3.9.1")
    assert checks.python().status == "broken"
    assert "3.9.1" in checks.python().said


def test_a_system_without_fonts_is_told(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}" if name in ("chromium", "fc-list") else None)
    monkeypatch.setattr(subprocess, "run", lambda *given, **options: SimpleNamespace(stdout="\n"))
    assert checks.browser().fix == "apt-get install fonts-dejavu-core"


def test_a_cache_that_may_not_be_written_is_told(monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    found = checks.compiled_code()
    assert (found.status, found.fix) == ("optional", "set NUMBA_CACHE_DIR to a folder that you may write")


def test_compiled_code_is_counted(monkeypatch, tmp_path):
    (tmp_path / "compiled").mkdir()
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path))
    found = checks.compiled_code()
    assert found.said.startswith(f"0 of {len(ahead.functions())} functions, in ")
    assert found.fix == "mixlib doctor --compile"
    assert len(ahead.functions()) > 50


@pytest.mark.rare
def test_compiling_ahead_leaves_nothing_to_compile():
    """Where code is kept already, it is loaded; so this is quick after the tests of what is compiled."""
    command = [sys.executable, "-m", "mixlib", "doctor", "--compile", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"compiling, {len(ahead.CALLS)} of {len(ahead.CALLS)} groups: densities" in done.stderr
    record = json.loads(done.stdout)
    (code,) = (check for check in record["checks"] if check["name"] == "compiled code")
    assert code["status"] == "ok", code
    assert record["compile_seconds"] > 0
