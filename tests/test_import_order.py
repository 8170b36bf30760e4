"""Imports run down the layers of ``pyproject.toml``, without cycles, and the library knows nothing of the book."""

import os
import shutil
import subprocess
import sys

import pytest

from mixbook.build.pages import ROOT

LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
SOURCES = shutil.ignore_patterns("__pycache__", "*.nbi", "*.nbc")


def lint(root):
    """Exit status and output of the linter on the project below ``root``, which is read and not imported."""
    here = os.environ | {"PYTHONPATH": os.pathsep.join((str(root), str(root / "book")))}
    done = subprocess.run([sys.executable, "-c", LINT], cwd=root, env=here, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    for name in ("mixlib", "book/mixbook"):
        shutil.copytree(ROOT / name, root / name, ignore=SOURCES)
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def test_imports_run_down_and_never_in_a_circle():
    status, said = lint(ROOT)
    assert status == 0, said


@pytest.mark.parametrize(
    ("file", "planted", "broken"),
    [
        ("mixlib/kernels/linear.py", "from mixlib.federation import pools", "mixlib.kernels is not allowed to import"),
        (
            "mixlib/information/exact.py",
            "import mixlib.instruments.hull",
            "is not allowed to import mixlib.instruments",
        ),
        ("mixlib/domains/taste.py", "def late():\n    import mixlib.claims", "is not allowed to import mixlib.claims"),
        ("mixlib/arrays.py", "import mixbook.show.display", "mixlib is not allowed to import mixbook"),
        ("mixlib/federation/text/tokenizer.py", "import mixlib.federation.evaluation.advice", "mixlib.federation."),
        ("mixlib/stray.py", "", "mixlib.stray"),
        ("book/mixbook/show/display.py", "import mixbook.studies.measure.sweep", "mixbook.show"),
    ],
)
def test_an_import_upward_a_circle_and_a_file_outside_of_the_layers_are_seen(copied, file, planted, broken):
    path = copied / file
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n{planted}\n", encoding="utf-8")
    try:
        status, said = lint(copied)
    finally:
        path.unlink() if before is None else path.write_text(before, encoding="utf-8")
    assert status == 1, said
    assert broken in said
