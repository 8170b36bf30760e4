"""Same code, same numbers."""

import json

import ledger
import pages
import runner

TIMES = ("verified_at",)


def test_two_cold_runs_of_all_pages_give_the_same_claims(built_site, tmp_path):
    first = json.loads((built_site / "claims.json").read_text(encoding="utf-8"))
    listed = pages.table_of_contents()
    outcome = runner.bring_up_to_date(listed, build=tmp_path / "second", say=lambda line: None)
    assert outcome.errors == []
    assert len(outcome.ran) == len(listed)
    ledger.write_claims(ledger.claims_of(listed, outcome), tmp_path / "claims.json")
    second = json.loads((tmp_path / "claims.json").read_text(encoding="utf-8"))
    assert _without_times(second) == _without_times(first)


def _without_times(ledger):
    return ledger | {"claims": [{k: v for k, v in claim.items() if k not in TIMES} for claim in ledger["claims"]]}
