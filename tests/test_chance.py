"""`make test` is the same on every run: nothing in the tests draws from a generator that nobody seeded."""

import ast
import random
import re
import sys
import types

import hypothesis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forked import run_pytest
from mixbook.build.pages import ROOT
from small_book import environment

FILES = sorted([*(ROOT / "tests").rglob("*.py"), ROOT / "conftest.py"])
UNSEEDED = {"default_rng", "Random", "SystemRandom", "RandomState", "Generator"}
ALLOWED = {("chance.py", "SystemRandom")}  # draws the seed that --explore prints


def test_every_generator_has_a_seed():
    found = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and not (node.args or node.keywords):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in UNSEEDED and (path.name, name) not in ALLOWED and not _seeded_next(path, node):
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {name}() needs a seed")
    assert found == []


def _seeded_next(path, node):
    """``torch.Generator().manual_seed(0)``."""
    return ".manual_seed(" in path.read_text(encoding="utf-8").splitlines()[node.lineno - 1]


@pytest.mark.parametrize("turn", [1, 2])
def test_global_generators_begin_alike(turn):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)  # here it may have been imported just now
    drawn = random.random(), float(np.random.random()), float(torch.rand(()))  # noqa: NPY002
    assert drawn == pytest.approx((0.8444218515, 0.5488135039, 0.4962565899), abs=1e-9)


def drawn_examples():
    seen = []

    @given(st.integers() | st.floats() | st.text())
    def record(value):
        seen.append(repr(value))

    record()
    return seen


@pytest.mark.skipif("config.option.explore", reason="examples differ on purpose")
def test_examples_do_not_depend_on_what_was_imported_before(monkeypatch, tmp_path):
    first = drawn_examples()
    assert len(first) >= 50
    odd = tmp_path / "odd.py"
    odd.write_text(f"{[7919 * i + 123_456 for i in range(500)]}")
    module = types.ModuleType("odd")
    module.__file__ = str(odd)
    monkeypatch.setitem(sys.modules, "odd", module)
    assert drawn_examples() == first
    assert hypothesis.settings.default.derandomize
    assert hypothesis.settings.default.database is None


def test_exploring_prints_its_seed_and_draws_the_same_from_it(tmp_path):
    inner = tmp_path / "test_inner.py"
    inner.write_text(
        "from hypothesis import given, strategies as st\n"
        "@given(st.integers(0, 10**9))\n"
        "def test_it(value):\n"
        "    print('drawn', value)\n"
    )

    def run(*options):
        arguments = ["-q", "-s", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml")]
        arguments += ["--confcutdir", str(ROOT), "-p", "conftest", str(inner), *options]
        code, out = run_pytest(tmp_path, arguments, environment())
        assert code == 0, out
        return re.findall(r"drawn \d+", out), out

    usual, _ = run()
    fresh, out = run("--explore")
    assert len(fresh) >= 9 * len(usual)
    again = re.search(r"(--explore=\d+) draws the same again", out)[1]
    assert run(again)[0] == fresh != usual
