"""Records of machines: what they hold, what the page shows, and that a difference is never hidden."""

import platform

import pytest
import yaml

from mixbook.build import environments_page, findings, footprint, pages, record, records, store


def test_a_record_names_the_machine_and_what_it_found_otherwise(book):
    root = book.root
    (root / "book" / "findings.lock").write_text(
        "claim test.first: share = 0.2600000±1e-05\nclaim test.first: verdict = holds\n"
        "page part/weights: mixture[0] = 0.2500000±0.0001\n"
    )
    assert book.build().code == 0
    built = book.command("record")
    assert built.code == 0, built.output
    (path,) = (root / "book" / "environments").glob("*.yml")
    (one,) = records.read_all(path.parent)
    assert one["differs"] == [
        {"what": "claim test.first: share", "accepted": "0.2600000±1e-05", "here": "0.2500000±1e-05"}
    ]
    assert (one["verdicts"], one["numbers"], one["pages"]) == (1, 2, 3)
    assert path.stem == record.name_of(one)
    assert str(root) not in path.read_text()
    shown = environments_page._entry(one)
    assert "1 of them beyond tolerance" in shown
    assert "<td>0.2600000±1e-05</td><td>0.2500000±1e-05</td>" in shown


def test_what_was_computed_elsewhere_is_not_recorded(book):
    book.edit("book/part/weights.csv", "0.25", "0.35")
    built = book.command("record")
    assert built.code == 1
    assert "book/part/weights.md:1: has no run of this machine" in built.output
    assert not (book.root / "book" / "environments").exists()


def test_a_record_is_escaped_and_a_damaged_one_is_named(tmp_path):
    one = {key: {} for key in records.KEYS} | {
        "date": "2026-01-02",
        "where": {"system": "<b>Linux", "processor": "", "processors": 1, "python": "3.11"},
        "gpu": None,
        "pages": 1, "verdicts": 1, "numbers": 1, "processor_seconds": 1,
        "differs": [{"what": "<script>", "accepted": None, "here": "1"}],
    }  # fmt: skip
    shown = environments_page._entry(one)
    assert "<script>" not in shown
    assert "<b>" not in shown
    (tmp_path / "one.yml").write_text(yaml.safe_dump(one))
    assert records.read_all(tmp_path) == [one]
    for text in ("a: [", "date: soon", "[]", "date: '2026-01-02'\n"):
        (tmp_path / "two.yml").write_text(text)
        with pytest.raises(ValueError, match=r"book/environments/two\.yml: is no record"):
            records.read_all(tmp_path)


def test_records_of_the_book_are_readable():
    for one in records.read_all():
        assert set(one) == set(records.KEYS)


def test_the_newest_record_stands_first(tmp_path):
    text = (
        "{date: '%s', where: {system: a, processor: b, processors: 2, python: '3'}, gpu: null, packages: {}, pages: 1, "
        "verdicts: 1, numbers: 0, processor_seconds: 1, differs: [], not_compared: {}}"
    )
    for day in ("2026-01-02", "2026-03-01", "2025-12-31"):
        (tmp_path / f"{day}.yml").write_text(text % day)
    assert [one["date"] for one in records.read_all(tmp_path)] == ["2026-03-01", "2026-01-02", "2025-12-31"]


def test_findings_that_agree_leave_nothing_to_tell(built_once, tmp_path):
    listed = pages.table_of_contents(built_once.root / "_toc.yml", built_once.root / "book")
    runs = {page.name: store.Store(built_once.root / "_build" / "executed").newest(page) for page in listed}
    found = findings.collect(listed, runs)
    findings.write(found, tmp_path / "findings.lock")
    one = record.of(found, runs, tmp_path / "findings.lock")
    assert one["differs"] == []
    assert one["not_compared"] == {}
    assert "all as accepted" in environments_page._entry(one)


def test_a_new_record_shows_with_the_next_build(book):
    book.page("where", "```{environments}\n```\n")
    book.edit("_toc.yml", "  - file: part/plain\n", "  - file: part/plain\n  - file: where\n")
    assert book.build().code == 0
    assert "No machine has been recorded yet" in book.html("where")
    (book.root / "book" / "findings.lock").write_text("claim test.first: verdict = fails\n")
    assert book.command("record").code == 0
    assert book.build().code == 0
    assert "<td>claim test.first: verdict</td><td>fails</td><td>holds</td>" in book.html("where")


def test_a_verdict_that_came_out_otherwise_somewhere_is_told_with_the_claim(book):
    assert book.build().code == 0
    row = {"what": "claim test.first: verdict", "accepted": "holds", "here": "fails"}
    one = {key: {} for key in records.KEYS} | {
        "date": "2026-01-02",
        "where": {"system": "Plan <9>", "processor": "", "processors": 1, "python": "3.14.1"},
        "gpu": None,
        "pages": 3, "verdicts": 1, "numbers": 2, "processor_seconds": 1,
        "differs": [row, row | {"what": "claim test.first: share"}],
    }  # fmt: skip
    path = book.root / "book" / "environments" / "one.yml"
    path.parent.mkdir()
    said = "On Plan &lt;9&gt; with Python 3.14.1 it came out as <strong>fails</strong>"
    for not_compared, ending in (({}, "."), ({"part/weights": "other"}, ", where the page learns another text.")):
        path.write_text(yaml.safe_dump(one | {"not_compared": not_compared}))
        built = book.build()
        assert (built.code, built.ran) == (0, set()), built.output
        assert book.html("part/weights").count(said + ending) == book.html("index").count(said + ending) == 1
    assert book.claims()[0]["otherwise"] == [
        {"verdict": "fails", "where": "Plan <9> with Python 3.14.1", "other_text": True}
    ]
    row["here"] = "holds"
    path.write_text(yaml.safe_dump(one | {"not_compared": {}, "differs": [row]}))
    assert book.build().code == 0
    assert "it came out as" not in book.html("part/weights") + book.html("index")


@pytest.mark.parametrize(
    ("cpuinfo", "told"),
    [
        ("processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu avx avx2 fma\n", "AMD EPYC, AVX2"),
        (
            "model name\t: AMD EPYC\nflags\t: avx2 avx512f\n\nmodel name\t: other\nflags\t: \n",
            "AMD EPYC, AVX-512",
        ),
        ("model name\t: Old\nflags\t\t: sse2\n", "Old"),
    ],
)
def test_the_processor_is_named_with_the_vectors_that_decide_how_sums_are_rounded(tmp_path, cpuinfo, told):
    path = tmp_path / "cpuinfo"
    path.write_text(cpuinfo)
    assert footprint._processor(path) == told
    assert footprint._processor(tmp_path / "none") == platform.processor()
