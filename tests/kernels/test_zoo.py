"""The zoo as a whole: its names, its sources, and that one kernel does not load the others."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mixlib.kernels
from mixlib.kernels import ZOO, Kernel

ROOT = Path(__file__).parents[2]


def kernel_modules_after(statement):
    """The kernel files that a fresh interpreter has loaded after ``statement``."""
    script = f"{statement}\nimport sys\nprint(*(m for m in sys.modules if m.startswith('mixlib.kernels.')))"
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name.removeprefix("mixlib.kernels.") for name in run.stdout.split()}


DOCUMENTED = {
    "linear": "Linear",
    "log-linear": "LogLinear",
    "multiplicative-synergistic": "Synergistic",
    "masking-saturating": "CompetitiveBinding",
    "gated-routed": "Gated",
    "stochastic": "Stochastic",
    "reactive": "Reactive",
    "emergent": "Emergent",
    "time-resolved": "TimeResolved",
    "spatial": "Spatial",
}


def test_ten_kernels_stand_in_the_documented_order_and_others_after_them():
    names = [(name, kind.__name__) for name, kind in ZOO.items()]
    assert names[: len(DOCUMENTED)] == list(DOCUMENTED.items())
    assert mixlib.kernels.ZOO is ZOO
    assert all(issubclass(kind, Kernel) for kind in ZOO.values())


@pytest.mark.parametrize("key", ZOO)
def test_file_key_and_page_have_one_name(key):
    assert ZOO[key].__module__ == f"mixlib.kernels.{key.replace('-', '_')}"
    assert (ROOT / "book" / "kernels" / f"{key}.md").exists(), "write its page"


@pytest.mark.parametrize("kind", ZOO.values(), ids=list(ZOO))
def test_a_kernel_says_what_it_is_and_how_to_compare_it(kind):
    for text in (kind.formula, kind.effect, kind.field, kind.carrier, kind.setting):
        assert isinstance(text, str)
        assert text.strip() == text != ""
    parts = np.random.default_rng(0).uniform(0.1, 1.9, (5, 3, 3))
    for n in (2, 3):
        made = kind.for_comparison(n)
        assert type(made) is kind
        assert made(None, parts[:, :n]).shape == made.expected()(None, parts[:, :n]).shape == (5, 3)
    pair, chances = kind.pair_for_comparison()
    assert sum(chances) == pytest.approx(1)
    outcomes = pair(None, parts[:, :2, :1])
    assert outcomes.shape == (5, len(chances))
    mean = kind.for_comparison(2).expected()
    if not kind.deterministic:
        np.testing.assert_allclose(outcomes @ chances, mean(None, parts[:, :2, :1])[:, 0])


@pytest.mark.parametrize("kind", ZOO.values(), ids=list(ZOO))
def test_source_is_in_the_bibliography(kind):
    keys = re.findall(r"@\w+\{([^,]+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"))
    assert kind.reference in keys


@pytest.mark.parametrize("kind", ZOO.values(), ids=list(ZOO))
def test_every_class_is_a_public_name(kind):
    assert getattr(mixlib.kernels, kind.__name__) is kind
    assert kind.__name__ in mixlib.kernels.__all__


def test_one_kernel_loads_its_own_file_alone():
    assert kernel_modules_after("from mixlib.kernels import Linear") == {"base", "linear"}
    assert kernel_modules_after("from mixlib.kernels import LogLinear") == {"base", "log_linear"}
    assert kernel_modules_after("import mixlib; mixlib.kernels.Gated") == {"base", "gated_routed"}
    assert kernel_modules_after("from mixlib.kernels import ZOO; ZOO['spatial']") == {
        "base",
        "linear",
        "log_linear",
        "spatial",
    }


def test_the_zoo_loads_them_all():
    files = {path.stem for path in (ROOT / "mixlib" / "kernels").glob("*.py")} - {"__init__"}
    assert kernel_modules_after("from mixlib.kernels import ZOO") == set()
    assert kernel_modules_after("from mixlib.kernels import ZOO; len(ZOO)") == files


def test_a_star_import_and_dir_give_every_public_name():
    names = {}
    exec("from mixlib.kernels import *", names)
    assert set(mixlib.kernels.__all__) <= names.keys()
    assert set(dir(mixlib.kernels)) == set(mixlib.kernels.__all__)
    assert {"ZOO", "Kernel", "softmax_gate", "top_k_gate"} <= names.keys()


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Quadratic"):
        _ = mixlib.kernels.Quadratic
