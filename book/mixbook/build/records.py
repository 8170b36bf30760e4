"""The records of machines that are committed: what each one found, and which verdicts came out otherwise there."""

import collections
import datetime
import functools

import yaml

from mixbook.build.pages import BOOK

FOLDER = BOOK / "environments"
KEYS = (
    "date",
    "where",
    "gpu",
    "packages",
    "pages",
    "verdicts",
    "numbers",
    "processor_seconds",
    "differs",
    "not_compared",
)


def read_all(folder=FOLDER):
    """All records, newest first.

    Raises
    ------
    ValueError
        If a file is no record.
    """
    records = []
    for path in sorted(folder.glob("*.yml")):
        try:
            record = yaml.safe_load(path.read_text(encoding="utf-8"))
            datetime.date.fromisoformat(record["date"])
            if set(record) != set(KEYS):
                raise ValueError(f"its keys are not {', '.join(KEYS)}")
        except (yaml.YAMLError, ValueError, KeyError, TypeError) as error:
            raise ValueError(f"book/environments/{path.name}: is no record ({error}); make record writes one") from None
        records.append(record)
    return sorted(records, key=lambda record: record["date"], reverse=True)


def otherwise(claim, page, verdict, folder=FOLDER):
    """Where a claim came to another verdict than this one, as ``[{"verdict", "where", "other_text"}]``."""
    state = tuple((path.name, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.yml")))
    return [
        {"verdict": word, "where": where, "other_text": page in pages}
        for word, where, pages in _verdicts(folder, state).get(claim, ())
        if word != verdict
    ]


@functools.cache
def _verdicts(folder, state):
    found = collections.defaultdict(list)
    try:
        records = read_all(folder)
    except ValueError:  # the page on environments says which file is no record
        return found
    for record in records:
        where = f"{record['where']['system']} with Python {record['where']['python']}"
        for row in record["differs"]:
            id, _, what = row["what"].removeprefix("claim ").partition(": ")
            if what == "verdict" and row["here"]:
                found[id].append((row["here"], where, tuple(record["not_compared"])))
    return found
