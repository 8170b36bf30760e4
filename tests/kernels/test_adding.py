"""A new kernel is one file and its page: a copy of the project finds, tries and compares it, and a bad one is red."""

import re

import pytest

from mixbook.build.pages import ROOT
from small_book import copy_project

pytestmark = pytest.mark.rare

LINEAR = (ROOT / "mixlib" / "kernels" / "linear.py").read_text(encoding="utf-8")
COMPARED = """
from dataclasses import replace

from mixbook.studies.kernels.index import zoo

def test_compared():
    specimens = zoo.specimens()
    assert list(specimens)[-2:] == ["arithmetic", "overflowing"]
    chosen = {name: replace(specimens[name], instances=20) for name in ("linear", "arithmetic", "overflowing")}
    frame = zoo.measure_zoo(chosen).to_frame()
    assert frame.loc["arithmetic"].equals(frame.loc["linear"])
    assert frame.idempotent.tolist() == [True, True, False]
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What the tests of all kernels say of the linear one under another name, and of one that overflows, in a copy."""
    project = copy_project(tmp_path_factory.mktemp("with_more_kernels"))
    arithmetic = LINEAR.replace("class Linear", "class Arithmetic").replace("place: ClassVar[int] = 1", "")
    assert "place" not in arithmetic
    overflowing = arithmetic.replace("Arithmetic", "Overflowing").replace("[..., 0, :]", "[..., 0, :] * 1.01")
    assert "1.01" in overflowing
    for name, text in (("arithmetic", arithmetic), ("overflowing", overflowing)):
        (project.root / "mixlib" / "kernels" / f"{name}.py").write_text(text, encoding="utf-8")
    project.page("kernels/arithmetic", "")
    tests = [f"tests/kernels/{name}.py" for name in ("test_laws", "test_zoo", "test_compared")]
    (project.root / tests[-1]).write_text(COMPARED, encoding="utf-8")
    said = project.pytest("-rA", *tests, "-k", "arithmetic or overflowing or compared").output
    return re.findall(r"^(PASSED|FAILED) tests/kernels/(.+)$", said, re.MULTILINE), said


def test_a_new_kernel_is_found_tried_and_compared(outcomes):
    found, said = outcomes
    verdicts = {name: verdict for verdict, name in found}
    ours = {name: verdict for name, verdict in verdicts.items() if re.search(r"\barithmetic\b", name)}
    assert len(ours) > 25, said
    assert set(ours.values()) == {"PASSED"}, said
    assert verdicts["test_compared.py::test_compared"] == "PASSED", said


def test_one_that_breaks_a_law_or_has_no_page_is_red(outcomes):
    found, said = outcomes
    failed = " ".join(name for verdict, name in found if verdict == "FAILED")
    for test in ("test_equal_parts_return_themselves", "test_all_weight_on_any_part", "test_file_key_and_page"):
        assert re.search(rf"{test}\S*\[overflowing\]", failed), said
