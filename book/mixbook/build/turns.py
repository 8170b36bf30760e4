"""One build at a time: whoever comes second says at once for whom it waits, and goes on when the first has ended.

The operating system gives the lock back when its holder ends in whatever way, so a dead process blocks nobody.
Standard library alone, since a release is taken where nothing else is installed.
"""

import contextlib
import datetime
import json
import os
import time

try:
    import fcntl
except ImportError:  # Windows
    import msvcrt

LOCK, NOTE = "executing.lock", "executing.json"
EACH = 0.05  # seconds between two looks at a lock that somebody else holds

_held = {}  # folder -> the open lock file, and how often this process has taken its turn


@contextlib.contextmanager
def turn(folder, say=print):
    """Hold the right to write below ``folder``; within one process it may be taken again."""
    take(folder, say)
    try:
        yield
    finally:
        give_back(folder)


def take(folder, say=print):
    """Wait for the turn, and keep it until it is given back or the process ends."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder in _held:
        _held[folder][1] += 1
        return
    file = open(folder / LOCK, "ab")  # noqa: SIM115 - closing it gives the turn back
    try:
        if not _locked(file):
            say(f"waiting for {_holder(folder)}; stop either with Ctrl-C")
            while not _locked(file):
                time.sleep(EACH)
            say("the other one has ended; going on")
        now = datetime.datetime.now().isoformat(" ", "seconds")
        half = folder / f"{NOTE}.part"
        half.write_text(json.dumps({"process": os.getpid(), "since": now}), encoding="utf-8")
        half.replace(folder / NOTE)
    except BaseException:
        file.close()
        raise
    _held[folder] = [file, 1]


def give_back(folder):
    """Let the next one have its turn."""
    _held[folder][1] -= 1
    if not _held[folder][1]:
        (folder / NOTE).unlink(missing_ok=True)
        file = _held.pop(folder)[0]
        if os.name != "nt":
            fcntl.flock(file, fcntl.LOCK_UN)  # a fork of this process may have it open, too
        file.close()


def _locked(file):
    """Whether the file could be locked for this process."""
    try:
        if os.name == "nt":
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _holder(folder):
    for _ in range(20):  # between taking the lock and writing who did lies a moment
        with contextlib.suppress(OSError, ValueError, KeyError):
            note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
            if _alive(note["process"]):
                return f"process {note['process']}, which has been building or testing the book since {note['since']}"
        time.sleep(0.1)
    return "another process that builds or tests the book"


def _alive(process):
    """Whether there is such a process; where asking would end it, the note is believed."""
    if os.name != "nt":
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # it is somebody else's
            return True
    return True
