"""One build at a time: whoever comes second says at once for whom it waits, and goes on when the first has ended.

The operating system gives the lock back when its holder ends in whatever way, so a dead process blocks nobody.
"""

import contextlib
import datetime
import json
import os
import time

import filelock
import psutil

from mixbook.build.pages import write_atomically

_held = {}  # folder -> how often this process has taken its turn


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
    lock = filelock.FileLock(folder / "executing.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        say(f"waiting for {_holder(folder)}; stop either with Ctrl-C")
        lock.acquire()
        say("the other one has ended; going on")
    now = datetime.datetime.now().isoformat(" ", "seconds")
    write_atomically(folder / "executing.json", json.dumps({"process": os.getpid(), "since": now}))
    _held[folder] = [lock, 1]


def give_back(folder):
    """Let the next one have its turn."""
    _held[folder][1] -= 1
    if not _held[folder][1]:
        (folder / "executing.json").unlink(missing_ok=True)
        _held.pop(folder)[0].release()


def _holder(folder):
    for _ in range(20):  # between taking the lock and writing who did lies a moment
        with contextlib.suppress(OSError, ValueError, KeyError):
            note = json.loads((folder / "executing.json").read_text(encoding="utf-8"))
            if psutil.pid_exists(note["process"]):
                return f"process {note['process']}, which has been building or testing the book since {note['since']}"
        time.sleep(0.1)
    return "another process that builds or tests the book"
