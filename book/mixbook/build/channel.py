"""Sphinx extension: the one channel in which a build says what is wrong, all of it, at its end.

Whoever finds a mistake adds it here: the linter, the runs of the pages, the ledger, the checks of cards and pictures,
and every warning of Sphinx. An error that nobody foresaw is one line as well; its traceback goes to a file.
"""

import contextlib
import errno
import re
import sys
import traceback
from pathlib import Path

from sphinx.util.logging import WarningStreamHandler, logging

from mixbook.build import stopping
from mixbook.build.located import Mistake
from mixbook.build.pages import ROOT  # before the library: it is that of this checkout

TRACEBACK = ROOT / "_build" / "traceback.txt"
WARNING = "mend it there; the build is red until nothing is left to warn of"

SHARED = ("_toc.yml", "_config.yml", "book/claims.yml")

DISK = {
    errno.ENOSPC: "the disk is full: make room",
    errno.EDQUOT: "your share of the disk is used up: make room",
    errno.EROFS: "is read-only: build in a folder that can be written to",
    errno.EACCES: "may not be written to: change whose it is, or build elsewhere",
}
AGAIN = "the pages that were finished are kept, and the next build goes on from there"
ERRNO = re.compile(r"\[Errno (\d+)\]|Error\((\d+),")

_found = []
_only = None  # the file of the one page that is asked for


def setup(app):
    stopping.install()
    for handler in logging.getLogger("sphinx").handlers:
        if isinstance(handler, WarningStreamHandler):
            handler.addFilter(hear)
    app.connect("build-finished", end, priority=1000)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def listen_to(name):
    """From here on note only what is wrong with one page, or with what all pages share."""
    global _only
    _only = f"book/{name}.md"


def add(*mistakes):
    """Note mistakes, each once, in the order in which they come."""
    _found.extend(mistake for mistake in dict.fromkeys(heard(mistakes)) if mistake not in _found)


def heard(mistakes):
    """Those of the page that is asked for, or all."""
    return [mistake for mistake in mistakes if _only is None or mistake.path in (_only, *SHARED)]


def found():
    """What has been noted so far."""
    return list(_found)


def hear(record):
    """Note a warning of Sphinx instead of printing it: at the end it stands with the others."""
    add(
        Mistake(
            *place_of(getattr(record, "location", None)),
            " ".join((record.msg % record.args if record.args else record.msg).split()),
            WARNING,
        )
    )
    return False


def place_of(location):
    """Path below the project and line, from what Sphinx calls a location."""
    path, docstring, line = re.fullmatch(
        r"(.*?)(:docstring of .*?)?(?::(\d+|None|<.*>))?:?", location or "_config.yml"
    ).groups()
    path = Path(path)
    path = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return path.as_posix() + (docstring or ""), int(line) if line and line.isdigit() else 1


def end(app, exception):
    """Say what is wrong, as the last lines of the build, and end with status 1."""
    if exception is not None:
        name = app.env.temp_data.get("docname") if app.env else None
        foresee_not(exception, f"book/{name}.md" if name else "_config.yml")
    if _found:
        stop("The site was not built" if exception else "The site shows what there is")


def foresee_not(exception, path="_config.yml"):
    """Note an error that no check foresaw; where it comes from is all that is known."""
    with contextlib.suppress(OSError):  # a full disk has no room for that either
        TRACEBACK.parent.mkdir(exist_ok=True)
        TRACEBACK.write_text("".join(traceback.format_exception(exception)), encoding="utf-8")
    what = f"{type(exception).__name__}: {' '.join(str(exception).split())}"
    add(Mistake(path, 1, what, f"see {TRACEBACK.relative_to(ROOT)} for where it was raised"))


def stop(state):
    """List the mistakes and end this process; an exception would bury them under the tracebacks of others."""
    wrong = in_one_line(_found)
    count = "this is wrong" if len(wrong) == 1 else f"{len(wrong)} things are wrong"
    print(f"\n{state}, but {count}:" if "shows" in state else f"\n{state}; {count}:")
    print("\n".join(map(str, wrong)), flush=True)
    sys.exit(1)


def in_one_line(mistakes):
    """The mistakes, those that a full disk and its like make in one line: they come with every file."""
    numbers = [
        {int(number) for found in ERRNO.findall(mistake.what) for number in found if number} for mistake in mistakes
    ]
    causes = sorted(set().union(*numbers) & DISK.keys() - {errno.EACCES})
    others = [mistake for mistake, found in zip(mistakes, numbers, strict=True) if not found & set(causes)]
    return [*others, *(Mistake("_build", 1, DISK[cause], AGAIN) for cause in causes)]


def unwritable(folder=ROOT / "_build"):
    """Why nothing can be written to the folder of a build, as a line, or None."""
    try:
        folder.mkdir(exist_ok=True)
        probe = folder / ".probe"
        probe.write_text("a")
        probe.unlink()
    except OSError as error:
        return f"{folder}: {DISK.get(error.errno, error.strerror)}; nothing was run"
    return None
