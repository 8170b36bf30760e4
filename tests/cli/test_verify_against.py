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


def claims(ledger):
    ledger["claims"][1]["id"] = "a.three"
    ledger["environment"]["packages"]["numpy"] = "2.4.0"


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
    for line in ("came     a.three", "went     a.two", "made on  numpy: 2.3.5 -> 2.4.0"):
        assert line in said.out


def test_as_json(against):
    status, said = against(numbers, "--json")
    record = json.loads(said.out)
    assert status == 1
    assert [row["name"] for row in record["numbers"]] == ["share", "count"]
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
page p: whatever = 3
since p = 2026-01-01 2026-01-01
used book/p.md = 01234567
used numpy = 2.3.5
used python = 3.11.7
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
    status, said = against_lock(LOCK.replace("fails", "holds").replace("2.3.5", "2.3.4"))
    assert status == 1
    assert "verdict  a.two: holds -> fails" in said.out
    assert "made on  numpy: 2.3.4 -> 2.3.5" in said.out
    status, said = against_lock(LOCK.replace("a.one", "a.gone"))
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
    assert text.startswith("0 verdicts and 2 numbers differ.\n")
    assert "| `a.one: share` | `0.2500000±1e-05` | `0.2600000±1e-05` |" in text
    assert "| `numpy` | `1\\|'<b>` | `2.3.5` |" in text
    assert main(["verify", str(tmp_path / "new.json"), "--markdown", str(path)]) == 2
