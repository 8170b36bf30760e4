"""``mixlib doctor``: what an installation has, what it lacks, and what mends it."""

import sys
import time

from mixlib.cli._shared.command import Command, write_json


def add_options(command):
    """Add the options to the parser."""
    command.add_argument(
        "--compile",
        action="store_true",
        help="first compile what first calls on large input would wait for, about a minute of processor time, once",
    )
    command.add_argument("--json", action="store_true", help="print what was found as JSON")


def run(arguments):
    """Print a line for each check, with what mends it; 1 if something is broken that is needed."""
    from mixlib.cli._shared import ahead, checks

    record = {}
    if arguments.compile:
        started = time.perf_counter()
        ahead.compile_all(None if sys.stderr.isatty() else _to_standard_error)
        record["compile_seconds"] = round(time.perf_counter() - started, 1)
    found = list(checks.every())
    broken = [each for each in found if each.status == checks.BROKEN]
    if arguments.json:
        write_json(record | {"healthy": not broken, "checks": [each._asdict() for each in found]}, "-")
        return int(bool(broken))
    width = max(len(each.name) for each in found)
    for each in found:
        print(f"{each.status:<8}  {each.name:<{width}}  {each.said}")
        if each.fix:
            print(f"{'':<8}  {'':<{width}}  fix: {each.fix}")
    print(f"\n{len(broken)} broken" if broken else "\nNothing that is needed is missing")
    return int(bool(broken))


def _to_standard_error(line):
    print(line, file=sys.stderr, flush=True)


COMMAND = Command(
    summary="check the installation: versions, extras, GPU, compiled code, browser, disk; one line and one fix each",
    examples=(
        "mixlib doctor",
        "mixlib doctor --compile",
    ),
    add_options=add_options,
    run=run,
)
