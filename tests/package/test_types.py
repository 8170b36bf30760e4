"""The types that users' checkers see: every exported function has them, right programs pass and wrong ones don't."""

import doctest
import re
import subprocess
import sys
import textwrap

import pytest

from mixbook.build.reference import by_package
from package_builds import ROOT
from tools.stubs.packages import public_names, stubs

SETTINGS = """
[mypy]
check_untyped_defs = True
warn_unused_ignores = True
[mypy-torch.*,transformers.*,tokenizers.*,distributed.*,pandas.*,scipy.*,matplotlib.*,dask.*]
follow_imports = skip
ignore_missing_imports = True
"""
RIGHT = """
import numpy as np
import mixlib
from mixlib.federation import FixedShare, mixture_combine
from mixlib.information import Information
from mixlib.kernels import ZOO, LogLinear

parts = np.array([[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]])
pool: np.ndarray = LogLinear(normalise=True)([0.5, 0.5], parts)
far: bool = mixlib.hull_escape(pool, parts, tolerance=1e-9).inside.item()
measured: Information = mixlib.o_information(parts, estimator="gaussian", rng=0)
mixed: np.ndarray = mixture_combine(np.log(parts), weights=[0.25, 0.75])
combiner = FixedShare(2, share=0.1)
combiner.update(np.log(parts)[:, 0])
names: list[str] = [*ZOO, mixlib.__version__]
"""
WRONG = """
import numpy as np
import mixlib
from mixlib.federation import FixedShare, mixture_combine
from mixlib.kernels import LogLinear, Quadratic
from mixlib.simplex import uniform

parts = np.ones((2, 3))
mixlib.hull_escape("parts", parts)
mixlib.hull_escape(parts, parts, chart="cubic")
mixlib.hull_escape(parts)
mixlib.o_information(parts, estimator=3)
mixlib.o_information(parts, rng="seed")
mixture_combine({"a": parts})
number: int = mixture_combine(parts)
FixedShare("two")
LogLinear(normalize=True)
uniform("three")
"""
UNTYPED = {  # exported functions with a parameter or a result that no phrase of a docstring tells, or any type would do
    "wasserstein_barycenter",
    "groups_of",
    "split",
    "from_covariance",
    "fill",
}
EXAMPLES_BEYOND = {  # lines of examples that run, and that a checker refuses all the same
    "others=None": "others: a function where it has others to compare, which the example leaves out",
    "MergedFiles(": "text where the field says Path",
    ".geodesic(*": "a pair of arrays given as two arguments, whose length no type holds",
    "to_json(": "a call that returns None, shown within a tuple",
    "write_jsonl(": "the same",
    "best_on(": "what fits best is told as a Combiner, without the arguments of its class",
}


@pytest.fixture(scope="module")
def written():
    return stubs(ROOT)


@pytest.fixture(scope="module")
def place(written, tmp_path_factory):
    """A folder with the stubs and mypy's settings."""
    folder = tmp_path_factory.mktemp("types")
    for name, text in written[0].items():
        path = folder / "stubs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "mypy.ini").write_text(SETTINGS)
    return folder


@pytest.fixture(scope="module")
def checked(place):
    """What mypy says of the texts of files: their lines with messages."""
    folder = place

    def check(**files):
        for name, text in files.items():
            (folder / f"{name}.py").write_text(text, encoding="utf-8")
        paths = [folder / f"{name}.py" for name in files]
        options = ["--config-file", folder / "mypy.ini", "--cache-dir", folder / "cache", "--no-error-summary"]
        command = [sys.executable, "-m", "mypy", *options, *paths]
        done = subprocess.run(command, cwd=folder / "stubs", capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        found = re.findall(r"(\w+\.pyi?):(\d+): error: (.*)", done.stdout)
        return [(name, int(line), message) for name, line, message in found]

    return check


def test_right_programs_pass_wrong_ones_do_not_and_examples_do(checked):
    examples, lines = programs()
    found = checked(right=RIGHT, wrong=WRONG, examples=examples)
    assert [error for error in found if error[0] not in ("wrong.py", "examples.py")] == []
    begin = WRONG.splitlines().index("from mixlib.kernels import LogLinear, Quadratic") + 1
    refused = {begin, *range(WRONG.splitlines().index("parts = np.ones((2, 3))") + 2, len(WRONG.splitlines()) + 1)}
    assert {line for name, line, _ in found if name == "wrong.py"} == refused
    beyond = [(lines[line - 1], message) for name, line, message in found if name == "examples.py"]
    surprising = [pair for pair in beyond if not any(part in pair[0] for part in EXAMPLES_BEYOND)]
    assert surprising == []
    assert len(lines) > 500


def programs():
    """The examples of all exported names, each as a function, and their lines."""
    finder, blocks = doctest.DocTestFinder(exclude_empty=True), []
    for modules in by_package().values():
        for name, value in ((name, value) for names in modules.values() for name, value in names.items()):
            for test in finder.find(value, name, globs={}):
                code = "".join(example.source for example in test.examples if not example.exc_msg)
                blocks.append(f"def example_{len(blocks)}() -> None:\n{textwrap.indent(code + 'pass', ' ' * 4)}\n")
    text = "\n".join(blocks)
    return text, text.splitlines()


def test_every_type_that_a_docstring_states_is_understood(written):
    assert written[1].unknown == []


def test_exported_functions_have_types(written):
    _, library = written
    folders = [name for name in library.trees if (ROOT / name.replace(".", "/")).is_dir()]
    exported = {name for folder in folders for _, name in public_names(library, folder)}
    counts = {name.split(".")[-1]: count for name, count in library.counted.items() if name.split(".")[-2].islower()}
    wanted = {name: count for name, count in counts.items() if name in exported}
    assert len(wanted) > 100
    assert {name for name, (typed, every) in wanted.items() if typed < every} <= UNTYPED


@pytest.mark.rare
def test_the_stubs_say_what_is_there_at_runtime(place):
    """mypy's own comparison of stubs with imported modules: names, parameters, defaults, kinds."""
    known = r"_typing failed to import|metaclass differs|document_starts|__all__ is not present|order_parameter"
    command = [sys.executable, "-m", "mypy.stubtest", "mixlib", "--ignore-missing-stub", "--concise"]
    done = subprocess.run(
        [*command, "--mypy-config-file", place / "mypy.ini"],
        cwd=place / "stubs",
        env={"PYTHONPATH": str(ROOT), "MYPYPATH": str(place / "stubs"), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    differences = [line for line in done.stdout.splitlines() if line.startswith("mixlib")]
    assert [line for line in differences if not re.search(known, line)] == [], done.stderr
