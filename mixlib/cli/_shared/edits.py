"""Changes to several text files that are made all together or not at all."""

import contextlib
import os
import signal
import threading
from pathlib import Path

HALF = ".half-written"  # what a file beside its place is called until all are complete
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")  # not every system has the last


def apply(changes):
    """Write, replace and delete files; after an error or an interruption each is as it was.

    Ctrl-C or an end from outside that comes when all are complete waits until they are in their places.

    Parameters
    ----------
    changes : dict
        Path to the text that it should have; None deletes it.
    """
    with _signals_wait() as came:
        _apply(changes, came)


def _apply(changes, came):
    folders, halves = [], {}
    try:
        for path, text in changes.items():
            folders += _make(path.parent)
            if text is not None:
                halves[path] = path.with_name(f".{path.name}{HALF}")
                halves[path].write_text(text, encoding="utf-8")
        if came:
            raise KeyboardInterrupt
        _commit(changes, halves)
        for path in (path for path, text in changes.items() if text is None):
            with contextlib.suppress(OSError):  # the folder holds more
                path.parent.rmdir()
    except BaseException:
        for half in halves.values():
            half.unlink(missing_ok=True)
        for folder in reversed(folders):
            with contextlib.suppress(OSError):  # somebody else has put something into it
                folder.rmdir()
        raise


def _commit(changes, halves):
    """Put every file in its place, which takes no time; if one can't be, take the others back."""
    before = {path: path.read_bytes() if path.exists() else None for path in changes}
    done = []
    try:
        for path, text in changes.items():
            done.append(path)
            os.replace(halves[path], path) if text is not None else path.unlink()
    except BaseException:
        for path in done:
            path.unlink(missing_ok=True) if before[path] is None else path.write_bytes(before[path])
        raise


def _make(folder):
    """Make a folder and those above it; returns the new ones, the outermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


@contextlib.contextmanager
def _signals_wait():
    """Note Ctrl-C, an end from outside or of the terminal, and hand it on at the end; yields those that came."""
    came = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return
    signals = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    heard = [number for number in signals if signal.getsignal(number) not in (None, signal.SIG_IGN)]
    old = {number: signal.signal(number, lambda number, frame: came.append(number)) for number in heard}
    try:
        yield came
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
        for number in came[:1]:
            signal.raise_signal(number)


def insert_after(text, line, more):
    """Put ``more`` behind the first ``line`` lines of a text; all others stay as they are, comments included."""
    lines = text.splitlines(keepends=True)
    if line and not lines[line - 1].endswith("\n"):
        lines[line - 1] += "\n"
    return "".join([*lines[:line], more, *lines[line:]])


def project_at(folder):
    """The project at or above a folder: where the contents, the registry of claims and the domains are.

    Raises
    ------
    ValueError
        If there is none.
    """
    folder = Path(folder).resolve()
    for root in (folder, *folder.parents):
        if all((root / part).exists() for part in ("_toc.yml", "book/claims.yml", "mixlib/domains")):
            return root
    raise ValueError(
        f"no project at or above {folder}: the installed library has no pages; get the project's source, which holds "
        "_toc.yml, book/ and mixlib/, and run this in it"
    )
