"""Same code, same numbers."""

import pytest

import rotation
from mixbook.build import costs, ledger, pages, runner
from mixlib import claims

TIMES = ("verified_at",)
VERIFYING = {entry["page"] for entry in claims.load_registry(pages.BOOK / "claims.yml").values()}
PAGES = [page for page in pages.table_of_contents() if page.name in VERIFYING]
LONG = {name for name, seconds in costs.read().items() if seconds > 16}  # only in an audit
DRAWN = rotation.draw([page for page in PAGES if rotation.whole or page.name not in LONG], 2, of=lambda page: page.name)


@pytest.mark.parametrize("page", DRAWN, ids=lambda page: page.name)
def test_a_second_cold_run_gives_the_same_claims(page_runs, page, tmp_path):
    again = runner.bring_up_to_date([page], build=tmp_path, say=lambda line: None)
    assert again.errors == []
    assert again.ran == [page.name]
    assert _claims(page, again) == _claims(page, page_runs) != []


def _claims(page, runs):
    """The rows of the ledger after this page alone, without times: neither numbers that are timings nor their words."""
    return [_lasting(row) for row in ledger.claims_of([page], runs)]


def _lasting(row):
    timings = row.get("measured") or ()
    kept = {k: v for k, v in row.items() if k not in TIMES and not (timings and k == "finding")}
    return kept | {"numbers": {k: v for k, v in (row.get("numbers") or {}).items() if k not in timings}}


def test_few_pages_are_too_long_to_run_again():
    assert len({page.name for page in PAGES} - LONG) > len(PAGES) / 2
