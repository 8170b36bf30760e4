"""Where the findings were verified: ``python book/mixbook record`` writes what this machine found to a file to commit.

A record names the machine and its packages, and every verdict and number that is not the accepted one here. It holds
the findings of the last build; those that were taken from a release were not made here, and are refused.
"""

import re

import yaml

from mixbook.build import findings, footprint, ledger, pages, records, runner
from mixbook.build.store import Store

PACKAGES = tuple(name for name in ledger.PACKAGES if name != "mixlib")
HEAD = "# What one machine found, next to what is accepted: make record\n"


def main(arguments=()):
    """Write the record of this machine, and say what it holds."""
    if arguments:
        return "usage: make record, after make book"
    store, claims = Store(runner.BUILD / "executed"), runner.claim_fingerprints()
    listed = pages.table_of_contents()
    runs = {page.name: store.find(page, claims) for page in listed}
    stale = [name for name, run in runs.items() if run is None]
    if stale:
        rows = [f"book/{name}.md:1: has no run of this machine that is up to date: make book" for name in stale]
        return "\n".join([*rows, "nothing was recorded"])
    record = of(findings.collect(listed, runs), runs)
    path = records.FOLDER / f"{name_of(record)}.yml"
    pages.write_atomically(path, HEAD + yaml.safe_dump(record, sort_keys=False, allow_unicode=True, width=120))
    print(
        f"{record['verdicts']} verdicts and {record['numbers']} numbers, {len(record['differs'])} beyond tolerance\n"
        f"Wrote book/environments/{path.name}; to show it in the book: git add it, make book"
    )
    return 0


def of(found, runs, lock=findings.LOCK):
    """The record of these findings, as a dict."""
    facts = [run.facts for run in runs.values()]
    verdicts = len(findings.verdicts(found))
    gpus = {run["where"].get("gpu") for run in facts if "where" in run} - {None}
    return {
        "date": max(run["finished"] for run in facts)[:10],
        "where": footprint.where(),
        "gpu": min(gpus, default=None),
        "packages": {name: version for name in PACKAGES if (version := footprint.version(name))},
        "pages": len(runs),
        "verdicts": verdicts,
        "numbers": len(found.lines) - verdicts,
        "processor_seconds": round(sum(run.cpu_seconds for run in runs.values())),
        "differs": [{"what": c.key, "accepted": c.old, "here": c.new} for c in findings.changes(found, lock)],
        "not_compared": found.elsewhere(findings.read(lock)),
    }


def name_of(record):
    """The name of its file: a new record of the same kind of machine, Python and GPU replaces the old one."""
    where = record["where"]
    text = " ".join(filter(None, (where["system"], where["processor"], f"python {where['python']}", record["gpu"])))
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")
