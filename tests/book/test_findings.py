"""What the book found is what somebody accepted; a number that moves is told with what moved it."""

import warnings

import pytest

from forked import run_script
from mixbook.build import costs, findings, pages
from mixbook.build.located import Mistake
from mixbook.build.pages import ROOT
from mixbook.build.store import Run
from mixlib.claims import MIME
from small_book import ACCEPTED, FRONT, PAGES, environment


def test_the_findings_are_those_that_were_accepted(page_runs):
    found = findings.collect(pages.table_of_contents(), page_runs)
    assert found.mistakes == []
    said = findings.report(found)
    assert said.startswith(findings.NOTHING), said
    for page in sorted(findings.new_pages(found)):  # stands at the end of the tests, which are green
        warnings.warn(f"page {page} is new, and its findings are not accepted yet: make accept", stacklevel=1)


def accept(book):
    return run_script(book.root, ("book/mixbook/__main__.py", "accept"), environment(), hidden=ROOT)


def test_a_number_that_moves_is_told_until_it_is_accepted(book):
    weights, lock = (book.root / "book" / name for name in ("part/weights.csv", "findings.lock"))
    # from no file
    assert "book/findings.lock: no findings were accepted yet: make accept" in book.pytest(ACCEPTED).output
    assert accept(book) == (0, "Accepted 3 changes; book/findings.lock holds 1 verdicts and 2 numbers\n")
    assert costs.read(book.root / "book" / "costs.lock").keys() == PAGES.keys() - {"index"}  # it computes nothing
    first = lock.read_text()
    for line in (
        "claim test.first: verdict = holds\n",
        "claim test.first: share = 0.2500000±1e-05\n",
        "page part/weights: mixture[0] = 0.250000±0.0001\n",
        "used book/part/weights.csv = ",
        "used mixlib/kernels/linear.py = ",
        "used numpy = ",
    ):
        assert line in first
    # within tolerance nothing is said
    weights.write_text("0.250000001 0.75\n")
    tested = book.pytest(ACCEPTED)
    assert tested.code == 0, tested.output
    # and a number that moved is, with what moved it, in the build and in the tests
    weights.write_text("0.5 0.5\n")
    moved = [
        "claim test.first: share: 0.2500000±1e-05 -> 0.5000000±1e-05 (changed: book/part/weights.csv)",
        "page part/weights: mixture[0]: 0.250000±0.0001 -> 0.500000±0.0001 (changed: book/part/weights.csv)",
    ]
    built, tested = book.build(), book.pytest(ACCEPTED)
    assert (built.code, tested.code) == (0, 1)
    assert "What changed since the findings were accepted (2)" in built.output
    assert [line for line in moved if line not in built.output or line not in tested.output] == []
    code, said = accept(book)
    assert code == 0
    assert [line for line in moved if line not in said] == []
    assert accept(book)[1].startswith("Accepted 0 changes")
    assert len(set(lock.read_text().splitlines()) - set(first.splitlines())) == 3  # the two numbers and the file
    # what is out of date or not as expected is not accepted
    accepted = lock.read_text()
    weights.write_text("1 0\n")
    code, said = accept(book)
    assert code == 1
    assert "book/part/weights.md:1: has no run that is up to date: make book" in said
    book.pytest("book/part/weights.md")
    code, said = accept(book)
    assert code == 1
    assert "claim test.first: the evidence says 'fails'" in said
    assert lock.read_text() == accepted


CODE = "```{code-cell} python\npass\n```\n\n"
CODE += "It is {glue:text}`share:.2f`, {glue:text}`share:.3f`, in {glue:text}`seconds:.0f` s.\n"


@pytest.fixture
def found(tmp_path):
    """Makes the Findings of one page from its front matter and numbers, as if it had run."""

    def make(front="", numpy="1", module="aaaa", errors=(), **values):
        path = tmp_path / "book" / "one.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text((FRONT % "One").replace("measured: []\ntext_from: []\n", front) + CODE)
        page = pages.Page("one", path)
        notebook = page.notebook()
        evidence = {"id": "a.claim", "verdict": "holds", "numbers": [["size", 2.5], ["millis", 7.0]]}
        outputs = [{"output_type": "display_data", "data": {MIME: evidence}, "metadata": {}}]
        for name, value in values.items():
            glue = {"mime_prefix": "any/", "name": name}
            data = {"any/text/plain": repr(value)}
            outputs.append({"output_type": "display_data", "data": data, "metadata": {"scrapbook": glue}})
        cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
        cell.outputs, cell.execution_count = [pages.nbformat.from_dict(output) for output in outputs], 1
        files, distributions = {"mixlib/a.py": module}, {"numpy": numpy}
        stamp = {"python": "3", "machine": "m", "files": files, "distributions": distributions}
        notebook.metadata["mixing_book"] = {"code": "c", "stamp": stamp}
        return findings.collect([page], {"one": Run(notebook, errors)})

    return make


FAILED = Mistake("book/one.md", 12, "RuntimeError", "mend the cell", 1)
MEASURED = "measured: [seconds, millis]\n"


def test_what_is_measured_anew_is_not_in_the_lock(found):
    one = found(MEASURED, share=0.25, seconds=3.5, unseen=1.0)
    assert one.mistakes == []
    assert one.lines == {
        "claim a.claim: verdict": "holds",
        "claim a.claim: size": "2.500000±0.0001",
        "page one: share": "0.250000±0.0001",  # the finer one of two formats
    }


def test_what_training_found_may_move_by_what_its_page_says(found, tmp_path):
    front = MEASURED + "within: {share: 0.05, size: 1}\n"
    one, lock = found(front, share=0.25, seconds=3.5), tmp_path / "findings.lock"
    assert one.mistakes == []
    assert one.lines["page one: share"] == "0.2500±0.05"
    assert one.lines["claim a.claim: size"] == "2.50±1"
    findings.write(one, lock)
    assert findings.changes(found(front, share=0.295, seconds=3.5), lock) == []
    assert [change.key for change in findings.changes(found(front, share=0.31, seconds=3.5), lock)] == [
        "page one: share"
    ]


@pytest.mark.parametrize(
    ("within", "value", "wrong"),
    [
        ("{other: 0.1}", 0.25, "nothing on the page is called 'other'"),
        ("[share]", 0.25, "['share'] names no distances"),
        ("{share: 0}", 0.25, "share has 0"),
        ("{share: much}", 0.25, "share has 'much'"),
        ("{share: true}", 0.25, "share has True"),
        ("{share: 0.1}", 3, "share is no single number with digits"),
        ("{share: 0.1}", "three", "share is no single number with digits"),
    ],
)
def test_how_far_a_number_may_move_is_a_distance(found, within, value, wrong):
    (mistake,) = found(f"{MEASURED}within: {within}\n", share=value, seconds=3.5).mistakes
    assert mistake.what == f"within: {wrong}"
    assert mistake.line == 6


def test_names_that_nothing_has_are_told(found):
    (wrong,) = found("measured: [second]\n", share=0.25, seconds=3.5).mistakes
    assert str(wrong).startswith(
        "book/one.md:5: measured: nothing on the page is called 'second': the page has millis,"
    )
    (wrong,) = found("text_from: [numbers]\n", share=0.25, seconds=3.5).mistakes
    assert "text_from: nothing on the page is called 'numbers'" in str(wrong)


def test_a_page_of_which_the_lock_holds_nothing_is_told_as_new_and_is_no_change(found, tmp_path):
    lock = tmp_path / "findings.lock"
    lock.write_text("claim another.one: verdict = holds\nsince another = 2026-01-02 2026-01-02\n")
    one = found(MEASURED, share=0.25, seconds=3.5)
    assert findings.new_pages(one, lock) == {"one"}
    gone = "claim another.one: verdict: holds -> nothing"
    assert gone in findings.report(one, lock)  # what is missing is a change as before
    findings.write(one, lock)
    assert findings.new_pages(one, lock) == set()
    lock.write_text("".join(line for line in lock.open() if "claim a.claim: size" not in line))
    assert findings.report(one, lock).startswith("What changed since the findings were accepted (1)")
    lock.write_text("claim a.claim: verdict = holds\n")  # of a page that was called otherwise
    assert findings.new_pages(one, lock) == set()
    lock.write_text("")
    said = findings.report(one, lock)
    assert said.startswith(findings.NOTHING)
    assert "page one: new, nobody has accepted its 3 findings yet: make accept" in said


def test_many_changes_are_counted_those_of_the_project_first():
    because = "mixlib/a.py", "mixlib/b.py", "mixlib/c.py", "numpy", "scipy", "torch"
    change = findings.Change("page one: a", "1", "2", because)
    assert str(change).endswith("(changed: mixlib/a.py, mixlib/b.py, mixlib/c.py, numpy and 2 more)")


def test_what_came_and_went_is_told_but_not_for_a_failed_page(found, tmp_path):
    lock = tmp_path / "findings.lock"
    findings.write(found(MEASURED, share=0.25, seconds=3.5), lock)
    gone = found(MEASURED, seconds=3.5, module="bbbb")
    assert [str(change) for change in findings.changes(gone, lock)] == [
        "page one: share: 0.250000±0.0001 -> nothing (changed: mixlib/a.py)"
    ]
    assert findings.changes(gone, lock, whole=False) == []
    assert findings.changes(found(MEASURED, seconds=3.5, errors=(FAILED,)), lock) == []
    findings.write(gone, lock)
    (came,) = findings.changes(found(MEASURED, share=0.25, seconds=3.5, module="cccc"), lock)
    assert str(came) == "page one: share: nothing -> 0.250000±0.0001 (changed: mixlib/a.py)"


def test_a_number_that_did_not_move_keeps_its_line(found, tmp_path):
    lock = tmp_path / "findings.lock"
    findings.write(found(MEASURED, share=0.25, seconds=3.5), lock)
    before = lock.read_text()
    findings.write(found(MEASURED, share=0.25004, seconds=4.5), lock)
    assert lock.read_text() == before
    lock.write_text(before.replace("0.250000±0.0001", "0.2500±0.01"))  # as if it had been shown with fewer digits
    findings.write(found(MEASURED, share=0.25, seconds=4.5), lock)
    assert lock.read_text() == before


def test_numbers_from_the_text_of_a_package_are_held_against_those_of_the_same_version(found, tmp_path):
    lock, front = tmp_path / "findings.lock", MEASURED + "text_from: [python, numpy]\n"
    findings.write(found(front, share=0.25, seconds=3.5), lock)
    assert len(findings.changes(found(front, share=0.75, seconds=3.5), lock)) == 1
    other = found(front, share=0.75, seconds=3.5, numpy="2")
    assert findings.changes(other, lock) == []
    assert "its text comes from numpy 2 (accepted with 1)" in findings.report(other, lock)
    other.lines["claim a.claim: verdict"] = "fails"  # verdicts hold for every text
    assert len(findings.changes(other, lock)) == 1


def test_a_number_in_prose_is_locked_under_its_expression_once_for_each_value(tmp_path):
    path = tmp_path / "book" / "one.md"
    path.parent.mkdir()
    cell = "```{code-cell} python\nshare = 1\n```\n\n{num}`share:.1f`, {num}`2 * share:.0%`, {num}`share`.\n\n"
    path.write_text(FRONT % "One" + 3 * cell)
    page = pages.Page("one", path)
    notebook = page.notebook()
    values = {"1 share": 0.25, "2 share": 0.5, "3 share": 0.25, "1 2 * share": 0.5, "2 2 * share": 0.5}
    stamp = {"python": "3", "machine": "m", "files": {}, "distributions": {}}
    notebook.metadata["mixing_book"] = {"code": "c", "stamp": stamp, "numbers": values}
    for each in notebook.cells:
        if each.cell_type == "code":
            each.execution_count = 1
    assert findings.collect([page], {"one": Run(notebook)}).lines == {
        "page one: share": "0.2500000±1e-05",
        "page one: share (2)": "0.5000000±1e-05",
        "page one: 2 * share": "0.50000±0.001",
    }
