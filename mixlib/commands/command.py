"""What the commands share: their help, their tables, and where their JSON goes."""

import argparse
import json
import math
from pathlib import Path

MOST_NAMED = 6  # in a message


def add_command(commands, name, run, summary, *examples):
    """A parser for one command, with its function, and examples below its options."""
    command = commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog="\n  ".join(["example:", *examples]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run)
    return command


def check_folder(path):
    """Raise a ValueError if a file cannot be written to ``path`` for want of a folder; ``-`` is standard output."""
    if path != "-" and not Path(path).absolute().parent.is_dir():
        raise ValueError(f"{path}: its folder does not exist; make it first")


def write_json(record, path):
    """Write ``record`` to ``path``, or to standard output for ``-``; numbers that are none become null."""
    text = json.dumps(_without_nan(record), indent=2, ensure_ascii=False)
    if path == "-":
        print(text)
    else:
        Path(path).write_text(text + "\n", encoding="utf-8")


def plain_table(frame, digits, index=True):
    """A pandas table as text."""
    return frame.to_string(index=index, float_format=lambda value: f"{value:,.{digits}f}", na_rep="")


def enumerated(names):
    """Names with commas between them, the last of many only counted."""
    names = list(map(str, names))
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _without_nan(record):
    if isinstance(record, dict):
        return {key: _without_nan(value) for key, value in record.items()}
    if isinstance(record, (list, tuple)):
        return [_without_nan(value) for value in record]
    return None if isinstance(record, float) and not math.isfinite(record) else record
