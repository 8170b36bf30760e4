"""Compiled code on disk: never older than what it is made of, wherever it lies, and never in the way."""

import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

import mixlib
from mixbook.build.pages import ROOT
from mixlib import compiled

CHAIN = {
    "__init__": "",
    "values": "RATE = 2.0\n",
    "steps": "from mixlib.compiled import compiled\nfrom chain.values import RATE\n\n\n"
    "@compiled()\ndef step(x):\n    return RATE * x\n",
    "walk": "from chain.steps import step\nfrom mixlib.compiled import compiled\n\n\n"
    "@compiled()\ndef walk(x):\n    return step(x) + 1\n",
}
RUN = """
import sys, warnings
import numpy as np
{before}
from chain.walk import walk
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(*(walk(number) for number in {numbers}))
print(sum(walk.dispatcher._cache_hits.values()), "loaded,", sum(walk.dispatcher._cache_misses.values()), "compiled")
for warning in caught:
    print(warning.category.__name__, warning.filename, warning.message)
"""


@pytest.fixture
def chain(tmp_path):
    """A folder with a package of three modules that import each other, to run in processes of their own."""
    folder = tmp_path / "chain"
    folder.mkdir()
    for name, text in CHAIN.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def start(folder, *options, numbers="[3.0]", before="", library=ROOT, **environment):
    script = RUN.format(numbers=numbers, before=before)
    known = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    paths = os.pathsep.join(map(str, (folder.parent if folder.is_dir() else folder, library)))
    environment = known | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"} | environment
    command = [sys.executable, *options, "-c", script]
    return subprocess.Popen(
        command, cwd=folder.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(process):
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return output.splitlines()


def run(folder, *options, **names):
    return finish(start(folder, *options, **names))


def test_a_change_in_an_imported_module_is_compiled_in_and_nothing_else_is_compiled_again(chain, tmp_path):
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    assert run(chain, **cache) == ["7.0", "0 loaded, 1 compiled"]
    assert run(chain, **cache) == ["7.0", "1 loaded, 0 compiled"]
    values = chain / "values.py"
    values.write_text("RATE = 5.0\n")
    assert run(chain, **cache) == ["16.0", "0 loaded, 1 compiled"]
    values.write_text("RATE = 2.0\n")
    (chain / "unused.py").write_text("RATE = 9.0\n")
    assert run(chain, **cache) == ["7.0", "1 loaded, 0 compiled"]


@pytest.mark.rare
def test_processes_at_once_do_not_mix_up_their_signatures(chain, tmp_path):
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    kinds = [f"[np.{name}(3)]" for name in ("float64", "float32", "int64")]
    for process in [start(chain, numbers=kind, **cache) for kind in kinds]:
        assert finish(process) == ["7.0", "0 loaded, 1 compiled"]
    assert run(chain, numbers="[np.float64(3), np.float32(4), np.int64(5)]", **cache) == [
        "7.0 9.0 11.0",
        "3 loaded, 0 compiled",
    ]


@pytest.mark.rare
def test_without_a_folder_to_write_to_there_is_one_notice_and_the_right_result(chain, tmp_path):
    # a file where a folder must be stops even the superuser
    library, blocked, temporary = tmp_path / "library", tmp_path / "blocked", tmp_path / "temporary"
    shutil.copytree(ROOT / "mixlib", library / "mixlib", ignore=shutil.ignore_patterns("__pycache__"))
    temporary.mkdir()
    blocked.touch()
    (library / "mixlib" / "__pycache__").touch()
    environment = {"HOME": f"{blocked}/home", "XDG_CACHE_HOME": f"{blocked}/cache", "TMPDIR": str(temporary)}
    result, counts, *notices = run(chain, library=library, numbers="[3.0, 3]", **environment)
    assert (result, counts) == ("7.0 7.0", "0 loaded, 2 compiled")
    assert len(notices) == 1
    assert notices[0].startswith("RuntimeWarning <string> mixlib: compiled code cannot be written to ")
    assert str(temporary) in notices[0]
    assert "NUMBA_CACHE_DIR" in notices[0]
    # the next process finds it there; not if others can write there, who could leave anything to run
    assert run(chain, library=library, **environment) == ["7.0", "1 loaded, 0 compiled"]
    (own,) = temporary.iterdir()
    own.chmod(0o777)
    result, counts, notice = run(chain, library=library, **environment)
    assert (result, counts) == ("7.0", "0 loaded, 1 compiled")
    assert "by every process" in notice


def test_a_folder_of_the_users_choice_that_cannot_be_written_is_named(chain, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.touch()
    nowhere = "import tempfile\ntempfile.gettempdir = lambda: open('/no/such/folder/at/all')"
    result, counts, notice = run(chain, before=nowhere, NUMBA_CACHE_DIR=str(blocked))
    assert (result, counts) == ("7.0", "0 loaded, 1 compiled")
    assert str(blocked) in notice


@pytest.mark.rare
def test_damaged_code_is_compiled_again(chain, tmp_path):
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    run(chain, **cache)
    for path in (tmp_path / "cache").rglob("walk-*"):
        path.write_bytes(path.read_bytes()[:-9])
    assert run(chain, **cache) == ["7.0", "0 loaded, 1 compiled"]
    assert run(chain, **cache) == ["7.0", "1 loaded, 0 compiled"]


@pytest.mark.rare
def test_archives_keep_their_code_and_modules_without_a_source_do_not(chain, tmp_path):
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    archive = tmp_path / "chain.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in chain.iterdir():
            file.write(path, f"chain/{path.name}")
    assert run(archive, **cache) == ["7.0", "0 loaded, 1 compiled"]
    assert run(archive, **cache) == ["7.0", "1 loaded, 0 compiled"]
    assert run(archive, "-O", **cache) == ["7.0", "0 loaded, 1 compiled"]
    subprocess.run([sys.executable, "-m", "compileall", "-qb", str(chain)], check=True)
    for path in chain.glob("*.py"):
        path.unlink()
    assert run(chain, **cache) == run(chain, **cache) == ["7.0", "0 loaded, 1 compiled"]


WAYS = {
    "by name": "from chain.values import RATE",
    "relative": "from .values import RATE",
    "as a module": "import chain.values",
    "from its package": "from chain import values",
    "by a name that its package finds when asked": "from chain import RATE",
    "later": "def rate():\n    from chain.values import RATE\n    return RATE",
}


@pytest.fixture
def stamp(chain, monkeypatch):
    """Gives the stamp of a module of the chain as a new process would."""

    def fresh(name):
        for cached in (compiled._source, compiled._imported, compiled._spec):
            cached.cache_clear()
        for module in [name for name in sys.modules if name.partition(".")[0] == "chain"]:
            monkeypatch.delitem(sys.modules, module)
        return compiled.stamp_of(name)

    monkeypatch.syspath_prepend(str(chain.parent))
    monkeypatch.setattr(mixlib, "IMPORTED", time.time_ns() + 10**12)
    yield fresh
    monkeypatch.undo()
    fresh("mixlib.compiled")


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_stamp_holds_what_is_imported_in_any_way(way, chain, stamp):
    (chain / "steps.py").write_text(way)
    before = stamp("chain.walk")
    (chain / "values.py").write_text("RATE = 3.0\n")
    assert before != stamp("chain.walk")
    (chain / "values.py").write_text(CHAIN["values"])
    assert before == stamp("chain.walk")


def test_a_source_that_changed_since_it_was_imported_is_not_what_runs(chain, stamp, monkeypatch):
    assert stamp("chain.walk")
    monkeypatch.setattr(mixlib, "IMPORTED", (chain / "values.py").stat().st_mtime_ns - 1)
    assert stamp("chain.walk") is None


def test_code_of_old_contents_is_removed(tmp_path):
    other = tmp_path / "mixlib.other-0" / "f.machine"
    compiled._write(other, b"0")
    for number in range(compiled.KEPT + 3):
        path = tmp_path / f"mixlib.walk-{number}" / "f.machine"
        compiled._write(path, b"0")
        os.utime(path.parent, ns=(number, number))
    newest = {f"mixlib.walk-{number}" for number in range(3, compiled.KEPT + 3)}
    assert {path.name for path in tmp_path.iterdir()} - newest <= {"mixlib.other-0", "mixlib.walk-2"}
    assert newest <= {path.name for path in tmp_path.iterdir()}
    assert other.read_bytes() == b"0"
    assert not list(tmp_path.rglob("*.part"))


def test_plain_functions_call_each_other_without_the_compiler():
    from mixlib.instruments import nearest

    plain = nearest._furthest.plain
    assert plain.__globals__["_dot"] is nearest._dot.plain
    assert not isinstance(plain.__globals__["_dot"], compiled.Compiled)


def test_every_compiled_function_of_the_library_is_kept_this_way():
    own = Path(compiled.__file__)
    for path in sorted(own.parent.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert path == own or not re.search(r"\b(njit|numba\.jit|vectorize|guvectorize|enable_caching)\b", text), path
