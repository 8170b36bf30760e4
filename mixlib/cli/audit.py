"""``mixlib audit``: whether the trace of a mixture adds up, line by line."""

import argparse
import json
import sys
from pathlib import Path

from mixlib.cli._shared.command import Command, check_file, check_folder, plain_table, write_json

DTYPES = ("float64", "float32", "float16", "bfloat16")


def add_options(command):
    """Add the options to the parser."""
    command.add_argument("trace", help="JSON lines, .parquet, or - for JSON lines on standard input")
    command.add_argument(
        "--dtype", choices=DTYPES, help="insist on it; the tolerance follows (default: as stated, or float32)"
    )
    command.add_argument(
        "--seal",
        metavar="HEX",
        help="the chain's last link as the writer published it, 64 digits, or the JSON file that has it as trace_seal; "
        "without it, lines may be missing at the end",
    )
    command.add_argument(
        "--progress", action=argparse.BooleanOptionalAction, help="a bar (default: on a terminal, after a second)"
    )
    command.add_argument(
        "--json", nargs="?", const="-", metavar="PATH", help="write the result there; without PATH, print it as JSON"
    )


def run(arguments):
    """Check, and print what was found; 1 if a line is wrong."""
    if arguments.json:
        check_folder(arguments.json)

    from mixlib.federation.audit.trace_check import check_trace

    piped = arguments.trace == "-"
    if not piped:
        check_file(arguments.trace)
    source = sys.stdin.buffer if piped else arguments.trace
    check = check_trace(source, dtype=arguments.dtype, seal=_seal(arguments.seal), progress=arguments.progress)
    record = {"trace": arguments.trace, **check.to_dict()}
    if arguments.json == "-":
        write_json(record, "-")
    else:
        print("\n".join(_lines(arguments.trace, check)))
        if arguments.json:
            write_json(record, arguments.json)
            print(f"wrote {arguments.json}", file=sys.stderr)
    return 0 if check.sound else 1


def _seal(given):
    """The seal as given, or from the results that were written with the trace."""
    from mixlib.federation.audit.trace_check import SEAL

    if given is None or SEAL.fullmatch(given.strip().lower()):
        return given
    if not given or not (Path(given).exists() or Path(given).suffix):
        raise ValueError(f"--seal: expected 64 hexadecimal digits, or the JSON file that has them, got {given!r}")
    try:
        check_file(given)
    except ValueError as error:
        raise ValueError(f"--seal: {error}") from None
    try:
        record = json.loads(Path(given).read_text(encoding="utf-8"))
        return record["settings"]["trace_seal"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError(
            f"--seal: {given} holds no trace_seal; give the JSON file that mixlib evaluate wrote"
        ) from None


def _lines(name, check):
    yield f"{name}: {check.lines:,} tokens of {check.documents:,} documents, {check.dtype}"
    if check.readable_lines:
        yield f"perplexity {check.perplexity:.2f}"
        yield f"largest residual {check.largest_residual:.2g} nats, line {check.largest_residual_line:,}"
        yield plain_table(check.to_frame(), 3)
    published = ", as published" if check.sealed else ""
    yield f"seal {check.seal}{published}" if check.seal else "no chain, so no seal"
    if check.sound:
        yield "every line adds up" + (f"; {check.unknown} (--seal)" if check.unknown else "")
        return
    yield from map(str, check.problems)
    if check.faults > len(check.problems):
        yield f"... and {check.faults - len(check.problems):,} more"
    if check.lines and not check.faulty_lines:  # only the seal is left
        yield "DOES NOT ADD UP: every line does, the whole does not; lines are missing at the end, or all is another's"
        return
    yield f"DOES NOT ADD UP: {check.faulty_lines:,} of {check.lines:,} lines are wrong, faults in all: {check.faults:,}"


COMMAND = Command(
    summary="check the trace of a mixture line by line; exit status 1 if one does not add up",
    examples=(
        "mixlib audit attribution.jsonl",
        "mixlib audit attribution.jsonl --seal evaluation.json --json audit.json",
    ),
    add_options=add_options,
    run=run,
)
