"""``mixlib verify``: claims with their verdicts, from a claims.json."""

import json
from collections import Counter
from pathlib import Path

from mixlib.cli._shared.claims_files import compare, from_lock, markdown, same, told
from mixlib.cli._shared.command import Command, check_file, write_json

DEFAULT_CLAIMS = Path("_build/html/claims.json")
COLUMNS = ("id", "verdict", "expected", "page")


def add_options(command):
    """Add the options to the parser."""
    command.add_argument("claims", nargs="?", default=DEFAULT_CLAIMS, type=Path, help="default: %(default)s")
    command.add_argument(
        "--against",
        metavar="OLD",
        type=Path,
        help="another claims.json, or a findings.lock: print the verdicts, numbers (those in prose, too), claims, "
        "versions and machines that differ; status 1 if a verdict or a number does or is gone, or if a page failed",
    )
    command.add_argument(
        "--tolerance",
        metavar="FACTOR",
        type=float,
        default=1.0,
        help="how far a number may be from the old one, in tenths of its last shown digit (default: %(default)g)",
    )
    command.add_argument(
        "--markdown", metavar="FILE", type=Path, help="with --against: also write what differs as tables in Markdown"
    )
    command.add_argument("--json", action="store_true", help="print counts and differing claims as JSON")


def run(arguments):
    """Print the verdicts, or what differs from another file; 1 if a verdict is not as expected, or if they differ."""
    from mixlib.claims import PENDING

    file = _read(arguments.claims)
    rows = [tuple(claim[column] for column in COLUMNS) for claim in file["claims"]]
    differing = [row for row in rows if row[1] not in (PENDING, row[2])]
    counts = dict(Counter(row[1] for row in rows))
    if arguments.markdown is not None and arguments.against is None:
        raise ValueError(f"--markdown {arguments.markdown}: there is nothing to compare; name a file with --against")
    record = {"counts": counts, "differing": [dict(zip(COLUMNS, row, strict=True)) for row in differing]}
    if arguments.against is not None:
        record |= _compare(file, arguments)
    if arguments.json:
        write_json(record, "-")
    elif arguments.against is not None:
        _tell(record, arguments)
    else:
        width = max((len(row[0]) for row in rows), default=0)
        for row in rows:
            mark = "  <- differs" if row in differing else ""
            print(f"{row[0]:<{width}}  {row[1]:<14}  expected {row[2]:<14}{mark}".rstrip())
        print("\n" + ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))
    if not arguments.json:
        print(f"{len(differing)} of {len(rows)} differ from what was expected")
    return 1 if differing or (arguments.against is not None and not same(record)) else 0


def _compare(file, arguments):
    if not arguments.tolerance > 0:
        raise ValueError(f"--tolerance {arguments.tolerance:g}: expected a positive factor; 1 is a tenth of a digit")
    old = _read_lock(arguments.against) if arguments.against.suffix == ".lock" else _read(arguments.against)
    try:
        record = compare(old, file, arguments.tolerance)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{arguments.against} and {arguments.claims}: numbers of another form ({error})") from None
    if arguments.markdown is not None:
        arguments.markdown.write_text("\n".join(markdown(record)) + "\n", encoding="utf-8")
    return record


def _tell(record, arguments):
    lines = list(told(record))
    print("\n".join(lines) if lines else "The two files say the same")
    print(
        f"\n{len(record['verdicts'])} verdicts and {len(record['numbers'])} numbers differ from {arguments.against}, "
        f"{len(record['went'])} claims are gone "
        f"(tolerance: {arguments.tolerance:g} tenths of the last digit shown)"
    )


def _read(path):
    if not path.exists():
        raise ValueError(f"{path}: no such file; name the claims.json that a build wrote")
    check_file(path)
    try:
        file = json.loads(path.read_text(encoding="utf-8"))
        for claim in file["claims"]:
            [claim[column] for column in COLUMNS]
    except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        trouble = f"{error} is missing" if isinstance(error, KeyError) else error
        raise ValueError(f"{path}: is not a claims.json ({trouble})") from None
    return file


def _read_lock(path):
    if not path.exists():
        raise ValueError(f"{path}: no such file; name a findings.lock, which `make accept` wrote")
    check_file(path)
    try:
        return from_lock(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: is not a findings.lock ({error})") from None


COMMAND = Command(
    summary="list the claims with their verdicts; exit status 1 if one differs from the expected",
    examples=(
        f"mixlib verify {DEFAULT_CLAIMS}",
        "mixlib verify --against last-year.json",
        "mixlib verify _build/claims.json --against book/findings.lock --markdown changes.md",
    ),
    add_options=add_options,
    run=run,
)
