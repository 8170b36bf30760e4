"""How settled a page is: the rule, at its edges."""

import pytest

from mixbook.build import status


@pytest.mark.parametrize(
    ("first", "last", "word"),
    [
        ("2026-03-31", "2026-03-31", "seed"),
        ("2026-03-25", "2026-03-25", "seed"),
        ("2026-03-24", "2026-03-24", "growing"),  # a week
        ("2026-01-01", "2026-03-02", "growing"),
        ("2026-01-01", "2026-03-01", "stable"),  # 30 days
    ],
)
def test_the_rule(tmp_path, first, last, word):
    lock = tmp_path / "findings.lock"
    lock.write_text(f"since one = {first} {last}\nsince newest = 2026-01-01 2026-03-31\nused numpy = 2\n")
    found = status.statuses(lock)
    assert found["one"][0] == word
    assert found["one"][1].isoformat() == last


def test_without_a_lock_no_page_has_a_status(tmp_path):
    assert status.statuses(tmp_path / "findings.lock") == {}
