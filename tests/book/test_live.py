"""A page that somebody opens and saves in Jupyter is still a page of the book: the same code and front matter."""

import jupytext
import pytest
from jupytext.config import load_jupytext_configuration_file

from mixbook.build import lint, pages


@pytest.mark.parametrize("name", ["seam/l2", "extend"])
def test_a_page_that_jupyter_saves_is_still_a_page(name):
    config = load_jupytext_configuration_file(str(pages.ROOT / "pyproject.toml"))
    text = (pages.BOOK / f"{name}.md").read_text(encoding="utf-8")
    opened = jupytext.reads(text, "md", config=config)  # no header says which Markdown it is: its cells do
    assert opened.metadata.kernelspec.name == "python3"  # or Jupyter asks for a kernel
    saved = jupytext.writes(opened, "md:myst", config=config)
    assert lint.check_front_matter(saved, f"{name}.md") == []
    assert "jupytext" not in saved.partition("# ")[0]
    before, after = pages.read(text), pages.read(saved)
    assert pages.code_digest(after) == pages.code_digest(before)
    assert [cell.metadata.get("tags") for cell in after.cells] == [cell.metadata.get("tags") for cell in before.cells]
    for key in ("measured", "text_from", "within", "kernelspec"):
        assert after.metadata.get(key) == before.metadata.get(key)
