"""Two ledgers side by side on the command line."""

import copy
import json

import pytest

from mixlib.cli import main

LEDGER = {
    "claims": [
        {
            "id": "a.one",
            "verdict": "holds",
            "expected": "holds",
            "page": "p",
            "numbers": {"share": 0.25, "count": 7, "seconds": 3.5},
            "measured": ["seconds"],
        },
        {"id": "a.two", "verdict": "fails", "expected": "fails", "page": "p", "numbers": {}},
    ],
    "pages": {
        "p": {
            "numbers": {"whatever": "3", "mean": "0.500±0.01"},
            "packages": {"numpy": "2.3.5", "python": "3.11.7"},
            "text_from": [],
            "errors": [],
        },
        "q": {"numbers": {"words": "12"}, "packages": {"scipy": "1.16.3"}, "text_from": ["scipy"], "errors": []},
        "bare": {"numbers": {}, "packages": {}, "text_from": [], "errors": []},
    },
    "environment": {"python": "3.11.7", "packages": {"numpy": "2.3.5", "scipy": "1.16.3"}},
}


@pytest.fixture
def against(tmp_path, capsys):
    def run(change, *options):
        new = copy.deepcopy(LEDGER)
        change(new)
        paths = [tmp_path / name for name in ("new.json", "old.json")]
        for path, ledger in zip(paths, (new, LEDGER), strict=True):
            path.write_text(json.dumps(ledger))
        status = main(["verify", str(paths[0]), "--against", str(paths[1]), *options])
        return status, capsys.readouterr()

    return run


def nothing(ledger):
    ledger["claims"][0]["numbers"] |= {"share": 0.250009, "seconds": 4.5}


def numbers(ledger):
    ledger["claims"][0]["numbers"] |= {"share": 0.26, "count": 8}


def verdict(ledger):
    ledger["claims"][1] |= {"verdict": "holds", "expected": "holds"}


def prose(ledger):
    ledger["pages"]["p"]["numbers"] = {"whatever": "4", "mean": "0.505±0.01"}


def claims(ledger):
    new = ledger["claims"][1] | {"id": "a.three"}
    ledger["claims"].append(new)
    ledger["pages"]["new"] = {"numbers": {"x": "1"}, "packages": {}, "text_from": [], "errors": []}
    for packages in (ledger["environment"]["packages"], ledger["pages"]["p"]["packages"]):
        packages["numpy"] = "2.4.0"


def gone(ledger):
    ledger["claims"].pop()
    del ledger["claims"][0]["numbers"]["count"]
    del ledger["pages"]["p"]["numbers"]["whatever"]


def page_gone(ledger):
    del ledger["pages"]["q"]


def failed(ledger):
    ledger["pages"]["p"] |= {"numbers": {}, "errors": [{"where": "book/p.md:12", "what": "RuntimeError: no good"}]}
    ledger["claims"][0] |= {"verdict": "unverified", "numbers": {}}


def other_text(ledger):
    ledger["pages"]["q"] |= {"numbers": {"words": "13"}, "packages": {"scipy": "1.17.0"}}
    ledger["environment"]["packages"] = {"numpy": "2.3.5"}


def test_within_tolerance_they_say_the_same(against):
    status, said = against(nothing)
    assert status == 0
    assert "The two files say the same" in said.out


def test_numbers_are_told_from_and_to(against):
    status, said = against(numbers)
    assert status == 1
    assert "number   a.one: share: 0.2500000±1e-05 -> 0.2600000±1e-05" in said.out
    assert "number   a.one: count: 7 -> 8" in said.out
    assert "0 verdicts and 2 numbers differ" in said.out


def test_so_are_numbers_in_prose(against):
    status, said = against(prose)
    assert status == 1
    assert "number   page p: whatever: 3 -> 4" in said.out
    assert "0 verdicts and 1 numbers differ" in said.out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (gone, ["number   a.one: count: 7 -> nothing", "number   page p: whatever: 3 -> nothing", "went     a.two"]),
        (page_gone, ["number   page q: words: 12 -> nothing"]),
        (lambda ledger: ledger["claims"].pop(), ["went     a.two", "1 claims are gone"]),
        (lambda ledger: ledger["claims"][1].update(verdict="pending"), ["went     a.two"]),
        (lambda ledger: ledger.pop("pages"), ["went     all numbers in prose: build the book again"]),
    ],
)
def test_what_is_gone_is_a_fault(against, change, said):
    status, out = against(change)
    assert status == 1
    assert [line for line in said if line not in out.out] == []
    assert out.out.count("went ") + out.out.count("number ") == sum(not line[0].isdigit() for line in said)


def test_of_a_page_that_failed_the_error_is_told_and_nothing_is_missed(against):
    status, out = against(failed)
    assert status == 1
    assert "failed   book/p.md:12: RuntimeError: no good" in out.out
    assert "verdict  a.one: holds -> unverified" in out.out
    assert "number " not in out.out
    status, out = against(
        lambda ledger: ledger["pages"]["bare"].update(errors=[{"where": "book/b.md:1", "what": "no"}])
    )
    assert (status, out.out.splitlines()[0]) == (1, "failed   book/b.md:1: no")


def test_numbers_from_the_text_of_another_version_are_not_compared(against):
    status, out = against(other_text)
    assert status == 0
    assert (
        "page     q: its numbers were not compared, its text comes from scipy 1.17.0 (accepted with 1.16.3)" in out.out
    )
    assert "made on  scipy: 1.16.3 -> nothing" not in out.out
    assert "made on  scipy: 1.16.3 -> 1.17.0" in out.out


def test_a_larger_tolerance_hides_a_number_but_no_count(against):
    status, said = against(numbers, "--tolerance", "2000")
    assert status == 1
    assert "share" not in said.out
    assert "count" in said.out


def test_a_verdict_differs_even_as_expected(against):
    status, said = against(verdict)
    assert status == 1
    assert "verdict  a.two: fails -> holds" in said.out
    assert "0 of 2 differ from what was expected" in said.out


def test_claims_and_versions_are_told_and_are_no_fault(against):
    status, said = against(claims)
    assert status == 0
    for line in ("came     a.three", "came     page new", "made on  numpy: 2.3.5 -> 2.4.0"):
        assert line in said.out
    assert said.out.count("came ") == 2


def test_as_json(against):
    status, said = against(numbers, "--json")
    record = json.loads(said.out)
    assert status == 1
    assert [row["name"] for row in record["numbers"]] == ["count", "share"]
    assert record["counts"] == {"holds": 1, "fails": 1}
    assert record["came"] == record["went"] == record["verdicts"] == record["environment"] == []


@pytest.mark.parametrize("options", [["--tolerance", "0"], ["--tolerance", "nan"]])
def test_a_tolerance_is_positive(against, options):
    status, said = against(nothing, *options)
    assert status == 2
    assert "--tolerance" in said.err


LOCK = """# a comment
claim a.one: count = 7
claim a.one: share = 0.2500000±1e-05
claim a.one: verdict = holds
claim a.two: verdict = fails
page p: mean = 0.500±0.01
page p: whatever = 3
page q: words = 12
since p = 2026-01-01 2026-01-01
used book/p.md = 01234567
used numpy = 2.3.5
used python = 3.11.7
used scipy = 1.16.3
"""


@pytest.fixture
def against_lock(tmp_path, capsys):
    def run(lock, *options, change=lambda ledger: None):
        new = copy.deepcopy(LEDGER)
        change(new)
        (tmp_path / "new.json").write_text(json.dumps(new))
        (tmp_path / "old.lock").write_text(lock)
        status = main(["verify", str(tmp_path / "new.json"), "--against", str(tmp_path / "old.lock"), *options])
        return status, capsys.readouterr()

    return run


def test_the_lock_of_accepted_findings_is_another_ledger(against_lock):
    status, said = against_lock(LOCK)
    assert status == 0
    assert said.out.startswith("The two files say the same")
    status, said = against_lock(LOCK, change=numbers)
    assert status == 1
    assert "number   a.one: share: 0.2500000±1e-05 -> 0.2600000±1e-05" in said.out
    assert "number   a.one: count: 7 -> 8" in said.out
    status, said = against_lock(LOCK, change=prose)
    assert status == 1
    assert "number   page p: whatever: 3 -> 4" in said.out
    status, said = against_lock(LOCK.replace("fails", "holds").replace("2.3.5", "2.3.4"))
    assert status == 1
    assert "verdict  a.two: holds -> fails" in said.out
    assert "made on  numpy: 2.3.4 -> 2.3.5" in said.out
    assert "verdict  a.two: holds -> fails (changed: numpy)" in said.out
    status, said = against_lock(LOCK.replace("a.one", "a.gone"))
    assert status == 1
    assert "went     a.gone" in said.out


@pytest.mark.parametrize(
    ("lock", "wrong"),
    [
        ("claim a.one: share = 0.25\n", "it holds no verdict of a.one"),
        ("nothing here\n", "it holds no claims"),
        ("claim a.one: verdict holds\n", "a line without a value"),
    ],
)
def test_a_lock_that_is_none_is_named(against_lock, lock, wrong):
    status, said = against_lock(lock)
    assert status == 2
    assert wrong in said.err


def test_differences_as_tables_for_an_issue(against_lock, tmp_path):
    path = tmp_path / "changes.md"
    against_lock(LOCK.replace("2.3.5", "1|`<b>"), "--markdown", str(path), change=numbers)
    text = path.read_text()
    assert text.startswith("**0 verdicts differ, 2 numbers differ.**\n")
    assert "| `a.one: share` | `0.2500000±1e-05` | `0.2600000±1e-05` | `numpy` |" in text
    assert "| `numpy` | `1\\|'<b>` | `2.3.5` |" in text
    assert main(["verify", str(tmp_path / "new.json"), "--markdown", str(path)]) == 2
    # versions stand there where nothing moved, too, and a page that failed with its cell
    against_lock(LOCK.replace("2.3.5", "2.3.4"), "--markdown", str(path))
    text = path.read_text()
    assert text.startswith("0 verdicts differ, 0 numbers differ.\n\n### Made with")
    assert "| `numpy` | `2.3.4` | `2.3.5` |" in text
    against_lock(LOCK, "--markdown", str(path), change=failed)
    text = path.read_text()
    assert text.startswith("**1 verdicts differ, 0 numbers differ, 1 cells failed.**\n\n### Pages that failed")
    assert "| `p` | `book/p.md:12` | `RuntimeError: no good` |" in text
