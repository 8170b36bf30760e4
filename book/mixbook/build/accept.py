"""Accept what the last build found: ``python book/mixbook accept`` writes locks and journal, and runs nothing."""

import argparse

from mixbook.build import costs, findings, front, journal, ledger, pages, runner
from mixbook.build.store import Store
from mixlib.claims import load_registry

FIRST = "First computed."


def main(arguments=()):
    """Write the locks and say what was accepted; refuse what is out of date, not as expected or without a reason."""
    parser = argparse.ArgumentParser(prog="make accept", description=__doc__)
    parser.add_argument("--why", action="append", default=[], metavar="'claim.id: the reason'", help="once a claim")
    listed, claims = pages.table_of_contents(), runner.claim_fingerprints()
    store = Store(runner.BUILD / "executed")
    runs = {page.name: store.find(page, claims) for page in listed}
    if stale := [
        f"book/{page.name}.md:1: has no run that is up to date: make book" for page in listed if not runs[page.name]
    ]:
        return "\n".join([*stale, "nothing was accepted"])
    found = findings.collect(listed, runs)
    if wrong := [*ledger.mistakes_of(listed, runs), *found.mistakes]:
        return "\n".join([*map(str, wrong), "nothing was accepted"])
    registry = load_registry(pages.BOOK / "claims.yml")
    try:
        told = journal.reasons(parser.parse_args(arguments).why)
        changed = list(journal.unexplained(findings.verdicts(found), registry, journal.read()))
    except ValueError as error:
        return f"{error}\nnothing was accepted"
    told = {id: FIRST for id, old, _ in changed if old is None} | told
    if missing := [(id, old, new) for id, old, new in changed if id not in told]:
        return "\n".join([*map(journal.question, missing), "nothing was accepted"])
    journal.add(changed, told, registry)
    accepted = findings.write(found)
    costs.write({name: run.cpu_seconds for name, run in runs.items()})
    front.write_readme(ledger.claims_of(listed, runs))
    verdicts = len(findings.verdicts(found))
    for change in accepted:
        if change.old is not None or len(accepted) < len(found.lines):  # from no file, everything is new
            print(f"  {change}")
    print(
        f"Accepted {len(accepted)} changes; book/findings.lock holds {verdicts} verdicts and "
        f"{len(found.lines) - verdicts} numbers"
    )
    return 0
