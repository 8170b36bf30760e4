"""What the page on extending the book tells a reader to do works as it is written."""

import re
import subprocess
import sys

import nbformat
import yaml

from forked import run_script
from mixbook.build import lint, pages
from mixbook.build.pages import ROOT
from small_book import environment


def _shown(language):
    text = (pages.BOOK / "extend.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def _command():
    """The words of the command that the page begins with, behind the name of the program."""
    line = next(block for block in _shown("bash") if "new-domain" in block)
    return [word.strip('"') for word in line.split()[1:]]


def _in_parts(book):
    """Let the small book have contents with parts, as the book has."""
    chapters = (book.root / "_toc.yml").read_text().partition("chapters:\n")[2].replace("  - file", "      - file")
    head = "format: jb-book\nroot: index\nparts:\n  - caption: First\n    chapters:\n"
    (book.root / "_toc.yml").write_text(head + chapters)


def test_the_steps_give_a_page_with_a_verdict_that_was_not_expected(book):
    _in_parts(book)
    for written in ("mixlib/domains/coffee.py", "tests/domains/test_coffee.py"):  # by a reader of the page
        (book.root / written).unlink(missing_ok=True)
    code, said = run_script(book.root, ("mixlib/__main__.py", *_command()), environment(), hidden=ROOT)
    assert code == 0, said
    assert [line for line in said.splitlines() if line][:5] == _shown("text")[0].splitlines()
    (module,) = _shown("python")
    (claim,) = _shown("yaml")
    (book.root / "mixlib" / "domains" / "coffee.py").write_text(module)
    row = yaml.safe_load(claim)[0]
    path = book.root / "book" / "claims.yml"
    registry = path.read_text()
    start = registry.index(f"- id: {row['id']}")
    path.write_text(registry[:start] + claim)
    book.edit("tests/domains/test_coffee.py", "by_hand = [3.32]", "by_hand = [53.0]")
    tested = book.pytest("tests/domains/test_coffee.py")
    assert tested.code == 0, tested.output
    built = book.build()
    assert built.code == 1
    assert built.ran == {row["page"]}
    shown = re.escape(" ".join(_shown("text")[1].split())).replace("…", "(.+?)")
    line = int(re.search(shown, built.output)[1])
    code = (book.root / "book" / "domains" / "coffee.md").read_text().splitlines()[line - 2 : line]
    assert [part.strip() for part in code] == ["claims.verify(", f'"{row["id"]}",']
    book.edit("book/claims.yml", f"{claim}", claim.replace("expected: holds", "expected: fails"))
    built = book.build()
    assert built.code == 0, built.output
    verdicts = {claim["id"]: claim["verdict"] for claim in book.claims()}
    assert verdicts[row["id"]] == "fails"
    assert "Coffee</a>" in book.html("index")


def test_a_notebook_becomes_a_page_and_the_linter_names_what_it_lacks(tmp_path):
    cells = [
        nbformat.v4.new_markdown_cell("# Coffee\n\nA cup."),
        nbformat.v4.new_code_cell("import matplotlib.pyplot as plt\nplt.plot([1])"),
    ]
    kernel = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / "coffee.ipynb")
    line = next(block for block in _shown("bash") if "jupytext" in block).splitlines()[0]
    words = line.replace("book/domains/coffee.md", str(tmp_path / "coffee.md"))
    words = words.replace("~/coffee.ipynb", str(tmp_path / "coffee.ipynb")).split()[1:]
    done = subprocess.run(
        [sys.executable, "-m", "jupytext", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "coffee.md").read_text()
    assert "```{code-cell}" in text
    assert lint.check_front_matter(text, "coffee.md") == []
    contract = lint.Contract(ROOT, {}, {"domains": 32})
    (tmp_path / "book" / "domains").mkdir(parents=True)
    (tmp_path / "book" / "domains" / "coffee.md").write_text(text)
    contract.root = tmp_path
    page = pages.Page("domains/coffee", tmp_path / "book" / "domains" / "coffee.md")
    said = " ".join(map(str, contract.mistakes(page)))
    for lacking in (
        "no L0 card",
        "no overview",
        "no third level",
        "how to extend it",
        "shows no knobs",
        "verifies no claim",
        "a picture of pyplot has no alt text",
    ):
        assert lacking in said
