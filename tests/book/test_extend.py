"""What the page on extending the book tells a reader to do works as it is written."""

import re

from mixbook.build import pages


def _shown(language, fence="```"):
    text = (pages.BOOK / "extend.md").read_text(encoding="utf-8")
    return re.findall(rf"^{fence}{language}\n(.*?)^{fence}$", text, re.MULTILINE | re.DOTALL)


def test_the_six_steps_give_a_page_with_a_computed_verdict(book):
    (page,) = _shown("markdown", "````")
    claim, contents = _shown("yaml")
    name = re.search(r"page: (\S+)", claim)[1]
    book.page(name, page, front="")
    with (book.root / "book" / "claims.yml").open("a", encoding="utf-8") as registry:
        registry.write("\n" + claim)
    file_line = re.search(r"- file: \S+", contents)[0]
    assert name in file_line
    with (book.root / "_toc.yml").open("a", encoding="utf-8") as toc:
        toc.write(f"  {file_line}\n")
    built = book.build()
    assert built.code == 0, built.output
    assert built.ran == {name}
    verdicts = {claim["id"]: claim["verdict"] for claim in book.claims()}
    assert verdicts[re.search(r"id: (\S+)", claim)[1]] == "corrected"
    assert "This page, " in book.html("index")
