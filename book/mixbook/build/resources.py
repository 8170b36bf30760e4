"""How much memory this process and all that it started take together.

Pages of memory that several processes share count once (proportional set size) where the system tells; a browser's
dozen processes would otherwise be charged for the same library a dozen times.
"""

import contextlib
import threading

import psutil


class Peak:
    """The largest sum of memory seen so far, in ``bytes``."""

    def __init__(self):
        self.bytes = 0

    def sample(self):
        """Look once."""
        process, total = psutil.Process(), 0
        for member in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                total += _memory(member)
        self.bytes = max(self.bytes, total)


def _memory(process):
    try:
        return process.memory_full_info().pss
    except (AttributeError, psutil.AccessDenied):  # not told on macOS and Windows
        return process.memory_info().rss


@contextlib.contextmanager
def peak_memory(every=1.0, into=None):
    """Sample the memory of the process tree until the block ends; yields a Peak."""
    peak, stop = into or Peak(), threading.Event()
    peak.sample()

    def watch():
        while not stop.wait(every):
            peak.sample()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()
