"""``mixlib verify``: the claims of the book with their verdicts."""

import json
from collections import Counter
from pathlib import Path

from mixlib.claims import PENDING
from mixlib.commands.command import add_command, check_file, write_json

DEFAULT_CLAIMS = Path("_build/html/claims.json")
COLUMNS = ("id", "verdict", "expected", "page")


def add(commands):
    """Add the command to the parser."""
    command = add_command(
        commands,
        "verify",
        run,
        "list the claims with their verdicts; exit status 1 if one differs from the expected",
        f"mixlib verify {DEFAULT_CLAIMS}",
    )
    command.add_argument("claims", nargs="?", default=DEFAULT_CLAIMS, type=Path, help="default: %(default)s")
    command.add_argument("--json", action="store_true", help="print counts and differing claims as JSON")


def run(arguments):
    """Print the verdicts; 1 if one differs."""
    rows = _read(arguments.claims)
    differing = [row for row in rows if row[1] not in (PENDING, row[2])]
    counts = dict(Counter(row[1] for row in rows))
    if arguments.json:
        write_json({"counts": counts, "differing": [dict(zip(COLUMNS, row, strict=True)) for row in differing]}, "-")
    else:
        width = max((len(row[0]) for row in rows), default=0)
        for row in rows:
            mark = "  <- differs" if row in differing else ""
            print(f"{row[0]:<{width}}  {row[1]:<14}  expected {row[2]:<14}{mark}".rstrip())
        print("\n" + ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))
        print(f"{len(differing)} of {len(rows)} differ from what was expected")
    return 1 if differing else 0


def _read(path):
    if not path.exists():
        raise ValueError(f"{path}: no such file; build the book first (make book)")
    check_file(path)
    try:
        text = path.read_text(encoding="utf-8")
        return [tuple(claim[column] for column in COLUMNS) for claim in json.loads(text)["claims"]]
    except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path}: is not a claims.json of the book ({error})") from None
