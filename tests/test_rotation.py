"""The sample that `make test` draws: the same for the same sources, another after a change, everything in an audit."""

import re
import shutil

import pytest

import rotation
from forked import run_pytest
from mixbook.build.pages import ROOT
from small_book import environment

NAMES = [f"page {number}" for number in range(30)]


@pytest.fixture
def tree(tmp_path):
    for name, text in {"mixlib/a.py": "a", "book/b.md": "b", "tests/c.py": "c"}.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_seed_is_that_of_the_sources(tree):
    before = rotation.seed(tree)
    (tree / "mixlib" / "__pycache__").mkdir()
    (tree / "mixlib" / "__pycache__" / "a.pyc").write_text("compiled")
    (tree / "_build").mkdir()
    (tree / "_build" / "site.html").write_text("built")
    assert rotation.seed(tree) == before


@pytest.mark.parametrize("name", ["mixlib/a.py", "book/b.md", "tests/c.py"])
@pytest.mark.parametrize("change", ["text", "name"])
def test_each_change_gives_another_seed(tree, name, change):
    before = rotation.seed(tree)
    if change == "text":
        (tree / name).write_text("changed")
    else:
        (tree / name).rename((tree / name).with_stem("changed"))
    assert rotation.seed(tree) != before


@pytest.fixture
def drawn(monkeypatch):
    def draw(seed, count=3, whole=False):
        monkeypatch.setattr(rotation, "chosen", seed)
        monkeypatch.setattr(rotation, "whole", whole)
        return rotation.draw(NAMES, count)

    return draw


def test_a_seed_draws_the_same_again_and_another_something_else(drawn):
    assert drawn("a") == drawn("a") != drawn("b")
    assert len(drawn("a")) == 3
    assert drawn("a") == sorted(drawn("a"), key=NAMES.index)


def test_every_name_has_its_turn(drawn):
    assert {name for seed in range(100) for name in drawn(seed)} == set(NAMES)


def test_an_audit_draws_all(drawn):
    assert drawn("a", whole=True) == NAMES


def test_nothing_is_drawn_before_the_seed_is_known(drawn):
    with pytest.raises(RuntimeError, match="options"):
        drawn(None)


def test_this_run_has_a_seed():
    assert rotation.chosen
    assert len(rotation.seed(ROOT)) == 12


RARE = "import pytest\n\n\n@pytest.mark.rare\n@pytest.mark.parametrize('n', range(7))\ndef test_it(n):\n    pass\n"


@pytest.mark.parametrize("workers", [[], ["-n1"]], ids=["alone", "in a worker"])
def test_a_third_of_the_rare_ones_runs_unless_somebody_names_them(tmp_path, workers):
    (tmp_path / "test_rare.py").write_text(RARE)
    shutil.copy(ROOT / "conftest.py", tmp_path)
    paths = " ".join(str(ROOT / name) for name in (".", "book", "tests/support"))
    (tmp_path / "pytest.ini").write_text(f"[pytest]\ntestpaths = .\npythonpath = {paths}\nmarkers = rare: rare\n")

    def passed(*options):
        arguments = ["-q", "-c", str(tmp_path / "pytest.ini"), "-p", "no:cacheprovider"]
        code, said = run_pytest(tmp_path, [*arguments, *workers, *options], environment())
        assert code == 0, said
        return int(re.search(r"(\d+) passed", said)[1])

    assert passed() == 3
    assert passed("--audit") == 7
    assert passed("test_rare.py") == 7
