"""Ctrl-C and its like end a build at once: no process is left behind, and nothing false is said.

Nothing has to be tidied up: whatever a build writes and the next one trusts is written in one step, and a build that
did not come to its end is known by the file that it leaves.
"""

import contextlib
import os
import signal

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
SAID = b"\nstopped; the pages that were finished are kept, and the next build goes on from there\n"

_process = os.getpid()


def install():
    """From here on, these signals end the process and everything that it started."""
    for name in SIGNALS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _stop)


def children():
    """The processes below this one."""
    import psutil

    return psutil.Process().children(recursive=True)


def end_children(spare=()):
    """Kill the processes below this one but those to ``spare``, and what they started in the meantime."""
    import psutil

    for _ in range(3):
        ending = [child for child in children() if child not in spare]
        for child in ending:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        if not ending:
            return
        psutil.wait_procs(ending, timeout=0.3)


def _stop(number, frame):
    if os.getpid() == _process:  # a copy of this process that a fork made has nothing to say
        end_children()
        os.write(1, SAID)  # print() may have been interrupted half-way
    os._exit(128 + number)
