"""One page alone: it is linted, run, written and checked, and nothing else is touched; and again at each save."""

import signal
import time

from forked import run_script
from mixbook.build.pages import ROOT
from small_book import TOC, environment

PAGE = ("book/mixbook/__main__.py", "page")


def page(book, *names):
    return run_script(book.root, [*PAGE, *names], environment(), hidden=ROOT)


def test_one_page_is_built_and_the_others_are_left_alone(book):
    other = book.root / "_build/html/part/plain.html"
    before = other.stat().st_mtime_ns
    book.edit("book/part/weights.md", "The share is", "See {doc}`plain`: **now** the share is")
    book.page("part/plain", "```{code-cell} python\nraise SystemError\n```\n")  # which nobody asked for
    code, said = page(book, "weights")
    assert code == 0, said
    assert f"Open {book.root / '_build/html/part/weights.html'}" in said
    assert "running" not in said
    assert "<strong>now</strong>" in book.html("part/weights")
    assert other.stat().st_mtime_ns == before
    # what is out of date runs
    book.page("part/plain", "```{code-cell} python\nprint('well')\n```\n")
    (book.root / "book/part/weights.csv").write_text("0.5 0.5\n")
    code, said = page(book, "book/part/weights.md")
    assert code == 0, said
    assert "running part/weights (changed: book/part/weights.csv)" in said
    # and the book is whole again after the next build
    built = book.build()
    assert (built.code, built.ran) == (0, {"part/plain"}), built.output
    assert "well" in book.html("part/plain")


def test_what_is_wrong_with_it_is_told(book):
    code, said = page(book, "part/wieghts")
    assert code == 1
    assert "no page is called part/wieghts (did you mean part/weights?); the names are in _toc.yml" in said
    code, said = page(book)
    assert code == 1
    assert "which page? make page P=kernels/linear" in said
    book.edit("book/part/weights.md", "The share is", "See {doc}`nowhere`, {num}`nothing`. The share is")
    book.edit("book/part/plain.md", "measured: []", "status: ripe")
    code, said = page(book, "part/weights")
    assert code == 1
    assert "2 things are wrong" in said
    assert "no cell defines nothing" in said
    assert "nowhere" in said.split("are wrong:")[1]
    assert "plain.md" not in said
    # the findings of this page alone, once some are accepted
    lock = "page part/weights: mixture[0] = 0.9±0.1\npage part/plain: gone = 1\n"
    (book.root / "book/findings.lock").write_text(lock)
    said = page(book, "part/weights")[1]
    assert "page part/weights: mixture[0]: 0.9±0.1 -> 0.250000±0.0001" in said
    assert "page part/plain: gone" not in said


def test_a_save_builds_it_again_until_ctrl_c(book):
    watching = book.start(["book/mixbook", "watch", "part/weights"])

    def until(word):
        said = ""
        for line in watching.stdout:
            said += line
            if word in line:
                return said
        raise AssertionError(said)

    try:
        assert "weights.html" in until("watching part/weights")
        time.sleep(0.5)  # the watcher is being set up
        book.edit("book/part/weights.md", "The share is", "**Again** the share is")
        until("watching part/weights")
        assert "<strong>Again</strong>" in book.html("part/weights")
        watching.send_signal(signal.SIGINT)
        assert watching.wait(20) == 130
    finally:
        watching.kill()


def test_a_source_that_is_new_can_be_cited_at_once(book):
    book.page("part/sources", "```{bibliography}\n:all:\n```\n")
    (book.root / "_toc.yml").write_text(TOC + "  - file: part/sources\n")
    assert book.build().code == 0
    assert page(book, "part/weights")[0] == 0  # which reads all pages once, and then keeps them
    with (book.root / "book" / "references.bib").open("a", encoding="utf-8") as sources:
        sources.write(
            "\n@book{nobody2026, author = {Nobody, Ann}, title = {A new source}, publisher = {None}, year = 2026}\n"
        )
    book.edit("book/part/weights.md", "The share is", "As {cite:t}`nobody2026` says, the share is")
    code, said = page(book, "part/weights")
    assert code == 0, said
    assert "A new source" in book.html("part/weights")
    built = book.build()
    assert built.code == 0, built.output
    assert "A new source" in book.html("part/sources")
