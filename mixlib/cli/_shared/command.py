"""What a command is, and what commands share: their help, their tables, and where their JSON goes."""

import argparse
import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

MOST_NAMED = 6  # in a message
STOPPED = 130  # the exit status that shells expect after Ctrl-C


class Command(NamedTuple):
    """A command of the line: a file of ``mixlib/cli`` has one as its constant ``COMMAND``, and is called as it.

    Attributes
    ----------
    summary : str
        What it does, for the list of all commands: one line, begun in lower case and without a full stop.
    examples : tuple of str
        Lines to type, below its options.
    add_options : callable
        Adds its options to the parser that it is given.
    run : callable
        Does it with the options read, and returns the exit status.
    """

    summary: str
    examples: tuple
    add_options: Callable
    run: Callable

    def add(self, name, commands):
        """Add the command to the parser of the whole line."""
        parser = commands.add_parser(
            name,
            help=self.summary,
            description=self.summary[0].upper() + self.summary[1:] + ".",
            epilog="\n  ".join(["example:", *self.examples]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self.add_options(parser)
        parser.set_defaults(run=self.run)


def whole_number(least):
    """What an option does with its text: a whole number, ``least`` or more; argparse names the option."""

    def read(text):
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or number < least:
            raise argparse.ArgumentTypeError(f"got {text}, expected a whole number, {least} or more")
        return number

    return read


def seconds(text):
    """What an option does with its text: a time above 0."""
    try:
        time = float(text)
    except ValueError:
        time = math.nan
    if not 0 < time < math.inf:
        raise argparse.ArgumentTypeError(f"got {text}, expected a number of seconds above 0")
    return time


def is_interrupt(error):
    """Whether an error is Ctrl-C, also within one that compiled code made of it."""
    while error and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__
    return error is not None


def check_file(path):
    """Raise a ValueError that says why ``path`` cannot be read, if it can't."""
    path = Path(path)
    if path.is_dir():
        raise ValueError(f"{path}: is a folder, expected a file")
    if not path.exists():
        raise ValueError(f"{path}: no such file")
    if not os.access(path, os.R_OK):
        raise ValueError(f"{path}: may not be read by you; change its permissions, or name another file")


def check_folder(path):
    """Raise a ValueError if the file ``path`` cannot be written, or is a folder; ``-`` is standard output."""
    if path == "-":
        return
    if Path(path).is_dir():
        raise ValueError(f"{path}: is a folder; name a file in it")
    if not Path(path).absolute().parent.is_dir():
        raise ValueError(f"{path}: its folder does not exist; make it first")
    target = Path(path) if Path(path).exists() else Path(path).absolute().parent
    if not os.access(target, os.W_OK):
        raise ValueError(f"{path}: may not be written by you; name a file in a folder of yours")


def check_report(path):
    """Raise a ValueError, before the work begins, if no page can be written to ``path``."""
    if path == "-":
        raise ValueError("--report: - is standard output, where the tables go; name a file, such as report.html")
    check_folder(path)


def write_json(record, path):
    """Write ``record`` to ``path``, or to standard output for ``-``; numbers that are none become null."""
    record = _without_nan(record)
    if path == "-":
        print(json.dumps(record, indent=2))  # in ASCII, which every terminal and pipe takes
    else:
        text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
        # a lone surrogate (of a file's name, of somebody else's file) has no UTF-8; its escape is JSON too
        Path(path).write_bytes(text.encode("utf-8", "backslashreplace"))


def in_words(seconds):
    """A duration in the unit that suits it."""
    units = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400, "years": 365.25 * 86400}
    unit = [name for name, length in units.items() if name == "seconds" or seconds >= 2 * length][-1]
    return f"{seconds / units[unit]:,.0f} {unit}"


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
