"""The journal: which verdict or criterion changed when, from what to what, and why.

``book/journal.yml`` is its only source. An entry is written when a change is accepted; it holds a hash of the
criterion, so that a criterion that moves without a reason is seen.
"""

import datetime
import hashlib
import json

import yaml

from mixbook.build.pages import BOOK, write_atomically

JOURNAL = BOOK / "journal.yml"
KEYS = ("date", "claim", "from", "to", "why", "criterion")
HEAD = """\
# Every change of a verdict or of its criterion, oldest first, with its reason: make accept WHY="claim.id: the reason"
"""
SHORT = 8  # digits of a hash


def read(path=None):
    """The entries, oldest first.

    Raises
    ------
    ValueError
        If the file is unreadable, an entry lacks a key, or dates or verdicts do not follow on each other.
    """
    path = path or JOURNAL
    if not path.is_file():
        return []
    try:
        rows = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or []
    except yaml.YAMLError as error:
        raise ValueError(f"book/{path.name}: is not readable ({error})") from error
    last = {}
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or set(row) != set(KEYS) or not row["why"]:
            raise ValueError(f"book/{path.name}: entry {number} has other keys than {', '.join(KEYS)}, or no reason")
        row["date"], row["criterion"] = str(row["date"]), str(row["criterion"])
        if number > 1 and row["date"] < rows[number - 2]["date"]:
            raise ValueError(f"book/{path.name}: entry {number} is older than the one before it; append new ones")
        if row["from"] != last.get(row["claim"]):
            raise ValueError(
                f"book/{path.name}: entry {number} takes {row['claim']} from {row['from']!r}, but before it that was "
                f"{last.get(row['claim'])!r}"
            )
        last[row["claim"]] = row["to"]
    return rows


def latest(entries):
    """Claim id to its last entry."""
    return {entry["claim"]: entry for entry in entries}


def unexplained(verdicts, registry, entries):
    """Claims whose verdict or criterion is another than their last entry says, as (id, from, to).

    ``verdicts`` maps the ids of computed claims to their words.
    """
    known = latest(entries)
    for id, word in verdicts.items():
        last = known.get(id, {})
        if (last.get("to"), last.get("criterion")) != (word, criterion_of(registry[id])):
            yield id, last.get("to"), word


def criterion_of(entry):
    """A hash of a claim's criterion."""
    words = " ".join((entry.get("criterion") or "").split())
    return hashlib.sha256(words.encode()).hexdigest()[:SHORT]


def reasons(texts):
    """``claim.id: the reason`` for each claim, as a dict; a ValueError shows how to write one."""
    told = {}
    for text in texts:
        id, colon, why = (part.strip() for part in text.partition(":"))
        if not (id and colon and why):
            raise ValueError(f'--why {text!r}: expected "claim.id: the reason"')
        told[id] = why
    return told


def question(change):
    """What to type for a change that has no reason yet."""
    id, old, new = change
    what = f"{old} -> {new}" if old != new else f"still {new}, by another criterion"
    return f'claim {id}: {what}, and the journal has no reason: make accept WHY="{id}: ..."'


def add(changes, told, registry, path=None):
    """Append an entry for each (id, from, to), with the reason that ``told`` has."""
    path, today = path or JOURNAL, datetime.datetime.now(datetime.UTC).date().isoformat()
    rows = [(today, id, old, new, told[id], criterion_of(registry[id])) for id, old, new in changes]
    # JSON is YAML too, and keeps an entry on a line
    lines = [f"- {json.dumps(dict(zip(KEYS, row, strict=True)), ensure_ascii=False)}\n" for row in rows]
    if lines:
        before = path.read_text(encoding="utf-8") if path.is_file() else HEAD
        write_atomically(path, before + "".join(lines))
