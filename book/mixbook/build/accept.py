"""Accept what the last build found: ``python book/mixbook accept`` writes two locks, and runs nothing."""

from mixbook.build import costs, findings, ledger, pages, runner
from mixbook.build.store import Store


def main(arguments=()):
    """Write the lock and say what was accepted; refuse where a page is out of date or not as expected."""
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
    accepted = findings.write(found)
    costs.write({name: run.cpu_seconds for name, run in runs.items()})
    verdicts = sum(key.endswith(": verdict") for key in found.lines)
    for change in accepted:
        if change.old is not None or len(accepted) < len(found.lines):  # from no file, everything is new
            print(f"  {change}")
    print(
        f"Accepted {len(accepted)} changes; book/findings.lock holds {verdicts} verdicts and "
        f"{len(found.lines) - verdicts} numbers"
    )
    return 0
