"""Same code, same numbers."""

import pytest

import ledger
import pages
import runner
from mixlib import claims

TIMES = ("verified_at",)
VERIFYING = {entry["page"] for entry in claims.load_registry(pages.BOOK / "claims.yml").values()}
PAGES = [page for page in pages.table_of_contents() if page.name in VERIFYING]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_second_cold_run_gives_the_same_claims(page_runs, page, tmp_path):
    again = runner.bring_up_to_date([page], build=tmp_path, say=lambda line: None)
    assert again.errors == []
    assert again.ran == [page.name]
    assert _claims(page, again) == _claims(page, page_runs) != []


def _claims(page, runs):
    """The rows of the ledger after this page alone, without times."""
    return [{k: v for k, v in row.items() if k not in TIMES} for row in ledger.claims_of([page], runs)]
