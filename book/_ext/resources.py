"""How much memory this process and all that it started take together."""

import contextlib
import threading

import psutil


class Peak:
    """The largest sum of resident memory seen so far, in ``bytes``."""

    def __init__(self):
        self.bytes = 0

    def sample(self):
        """Look once."""
        process, total = psutil.Process(), 0
        for member in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                total += member.memory_info().rss
        self.bytes = max(self.bytes, total)


@contextlib.contextmanager
def peak_memory(every=0.5, into=None):
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
