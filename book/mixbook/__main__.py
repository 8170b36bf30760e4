"""The book's commands, from any folder: ``python book/mixbook build``, ``page NAME``, ``watch NAME``, ``lint``, ..."""

import importlib
import sys
from pathlib import Path

BOOK = Path(__file__).resolve().parents[1]
LIGHT = ("issue", "serve", "tag", "take")  # need no more than Python, and start no processes
COMMANDS = (
    "accept",
    "branch",
    "build",
    "deviations",
    "links",
    "lint",
    "notebooks",
    "page",
    "record",
    "release",
    "reverify",
    "watch",
    *LIGHT,
)

if __name__ == "__main__":
    sys.path[:1] = [str(BOOK.parent), str(BOOK)]  # the library and the code of this checkout, whichever is installed
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.exit(f"usage: python book/mixbook COMMAND ...; the commands are {', '.join(sorted(COMMANDS))}")
    if sys.argv[1] not in LIGHT:
        from mixbook.build import stopping

        stopping.install()  # before anything that takes long to import
    sys.exit(importlib.import_module(f"mixbook.build.{sys.argv[1]}").main(sys.argv[2:]))
