"""One more file in the folder is one more combiner: its laws are tried, and the comparison runs it."""

import re
import shutil
import sys

import pytest

from mixbook.build.pages import ROOT
from small_book import copy_project

SEEN = """
from mixlib.federation.combiners import COMBINERS
from mixlib.federation.evaluation.over_seeds import combined
from mixlib.federation.evaluation.result import COMBINED


def test_cautious_share_is_compared(validation, text):
    rows, _ = combined(validation, text)
    assert "mixture, cautious" in COMBINED
    assert (rows["mixture, cautious"] == rows["mixture, fixed-share"]).all()
    assert "cautious-share" in COMBINERS
"""


@pytest.mark.rare
@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork")
def test_a_copy_under_another_name_is_tried_and_compared(tmp_path):
    project = copy_project(tmp_path, book=False)
    (tmp_path / "book").mkdir()
    shutil.copytree(ROOT / "book" / "mixbook", tmp_path / "book" / "mixbook")
    shutil.copy(ROOT / "book" / "references.bib", tmp_path / "book")
    folder = tmp_path / "mixlib" / "federation" / "combiners"
    text = (folder / "fixed_share.py").read_text(encoding="utf-8")
    text = text.replace("class FixedShare", "class CautiousShare").replace("mixture, fixed-share", "mixture, cautious")
    (folder / "cautious_share.py").write_text(text, encoding="utf-8")
    tests = tmp_path / "tests" / "federation" / "combiners"
    (tests / "test_seen.py").write_text(SEEN, encoding="utf-8")
    tried = project.pytest(str(tests / "test_protocol.py"), str(tests / "test_seen.py"), "-k", "cautious")
    assert tried.code == 0, tried.output
    assert int(re.search(r"(\d+) passed", tried.output)[1]) >= 10  # each law of the protocol, and the test above
    project.edit("mixlib/federation/combiners/cautious_share.py", "(1 - self.share) * v", "(2 - self.share) * v")
    broken = project.pytest(str(tests / "test_seen.py"), "-k", "cautious")
    assert broken.code == 1, broken.output
