"""A page whose data is the text of installed packages, with other versions than those of its words."""

from mixbook.build import pages
from small_book import ACCEPTED, FRONT

READS_IT = "mixlib/federation/text/installed_sources.py"

FROM_NUMPY = FRONT.replace("text_from: []", "text_from: [numpy]")
CELL = """```{code-cell} python
import mixlib.claims as claims
import numpy as np

claims.verify("test.first", stated=%s, share=0.25)
```

```{code-cell} python
:tags: [remove-cell]
small = 1 < 2
assert small == %s, "a <small> share"
```

```{code-cell} python
print("and on")
```
"""


def test_with_another_text_a_verdict_and_words_that_are_otherwise_are_told_and_no_fault(book):
    page, lock = "part/weights", book.root / "book" / "findings.lock"
    book.page(page, CELL % (True, True), FROM_NUMPY)
    assert book.build().code == 0
    assert book.command("accept").code == 0
    accepted = lock.read_text()
    numpy = next(line for line in accepted.splitlines() if line.startswith("used numpy = "))
    book.page(page, CELL % (False, False), FROM_NUMPY)

    failed = book.build()
    assert failed.code == 1
    assert "AssertionError: a <small> share" in failed.output
    assert "claim test.first: verdict: holds -> fails" in failed.output

    lock.write_text(accepted.replace(numpy, "used numpy = 0.1"))
    built, tested = book.build(), book.pytest(ACCEPTED, f"book/{page}.md")
    assert (built.code, built.ran) == (0, {page}), built.output
    assert tested.code == 0, tested.output
    where = "book/part/weights.md:24"
    assert f"with this text the words of {where} are not true: a <small> share" in built.output
    assert "with this text claim test.first: verdict: holds -> fails" in built.output
    assert "What changed" not in built.output
    shown = book.html(page)
    assert "accepted with 0.1" in shown
    assert f"a &lt;small&gt; share (<code>{where}</code>)" in shown
    assert "and on" in shown
    assert "Traceback" not in shown
    assert "AssertionError" not in shown
    assert book.build().ran == set()

    lock.write_text(accepted)  # the same run, now of the very text that the words were written for
    again = book.build()
    assert (again.code, again.ran) == (1, {page})
    assert "AssertionError: a <small> share" in again.output


def test_a_page_that_reads_installed_text_says_so(page_runs):
    silent = [
        page.name
        for page in pages.table_of_contents()
        if READS_IT in page_runs[page.name].facts["seen"]["files"] and not page.notebook().metadata.get("text_from")
    ]
    assert silent == []


def test_with_another_text_any_other_error_is_a_fault_as_before(book):
    lock = book.root / "book" / "findings.lock"
    lock.write_text("used numpy = 0.1\n")
    book.page("part/weights", CELL % (True, "nothing"), FROM_NUMPY)
    built = book.build()
    assert built.code == 1
    assert "NameError" in built.output
