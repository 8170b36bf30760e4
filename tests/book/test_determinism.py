"""Same code, same numbers."""

import pytest

import rotation
from mixbook.build import ledger, pages, runner
from mixlib import claims

TIMES = ("verified_at",)
VERIFYING = {entry["page"] for entry in claims.load_registry(pages.BOOK / "claims.yml").values()}
PAGES = [page for page in pages.table_of_contents() if page.name in VERIFYING]
LONG = {"federation/weights-or-outputs", "measure/score"}  # more than a minute, so only in an audit
DRAWN = rotation.draw([page for page in PAGES if rotation.whole or page.name not in LONG], 3, of=lambda page: page.name)


@pytest.mark.parametrize("page", DRAWN, ids=lambda page: page.name)
def test_a_second_cold_run_gives_the_same_claims(page_runs, page, tmp_path):
    again = runner.bring_up_to_date([page], build=tmp_path, say=lambda line: None)
    assert again.errors == []
    assert again.ran == [page.name]
    assert _claims(page, again) == _claims(page, page_runs) != []


def _claims(page, runs):
    """The rows of the ledger after this page alone, without times."""
    return [{k: v for k, v in row.items() if k not in TIMES} for row in ledger.claims_of([page], runs)]


def test_long_pages_are_pages():
    assert {page.name for page in PAGES} > LONG
