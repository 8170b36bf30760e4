"""How settled a page is, by a rule: from the days on which its findings were accepted, which the lock holds."""

import datetime

from mixbook.build import findings

SEED_DAYS = 7
STABLE_DAYS = 30
RULE = {
    "seed": f"its findings were first accepted in the last {SEED_DAYS} days",
    "growing": f"they are older, and one of them changed in the last {STABLE_DAYS} days",
    "stable": f"none of them changed for {STABLE_DAYS} days or more",
}  # days before the last change of any page's findings


def statuses(lock=None):
    """Page name to (status, day of the last change) for every page that has findings."""
    path = lock or findings.LOCK
    accepted = findings.read(path) if path.is_file() else {}
    since = {key.removeprefix("since "): text.split() for key, text in accepted.items() if key.startswith("since ")}
    days = {page: [datetime.date.fromisoformat(day) for day in pair] for page, pair in since.items()}
    newest = max((last for _, last in days.values()), default=None)
    return {page: (_status(newest - first, newest - last), last) for page, (first, last) in days.items()}


def _status(age, rest):
    if rest.days >= STABLE_DAYS:
        return "stable"
    return "seed" if age.days < SEED_DAYS else "growing"
