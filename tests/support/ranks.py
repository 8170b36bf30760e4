"""What single ranks do in the tests of the distributed mixture: functions that a fresh process can import."""

import os
import signal
import subprocess
import threading
import time
import warnings
from multiprocessing.connection import Connection

import numpy as np
import torch
import torch.distributed as dist

from mixlib.federation.distributed import DistributedMixture, part

NAMES = ("prose", "python", "c++")
WEIGHTS = (0.5, 0.3, 0.2)


def logits(n=3, t=40, v=50, seed=0, scale=3.0):
    """Logits of all specialists ``(N, T, V)`` and targets ``(T,)``."""
    rng = np.random.default_rng(seed)
    return scale * rng.normal(size=(n, t, v)) + 5 * rng.normal(size=(n, t, 1)), rng.integers(0, v, t)


def make(rank, calls, chunk=part.CHUNK):
    """Make ``calls``, each ``(method, [the arguments of each rank])``; a ``ValueError`` counts as a result."""
    part.CHUNK = chunk
    ours, results = DistributedMixture(WEIGHTS, name=NAMES[rank]), []
    for method, arguments in calls:
        try:
            results.append(getattr(ours, method)(*arguments[rank]))
        except ValueError as error:
            results.append(error)
    return results


def lose(rank, victim, how, on_failure, timeout, method="attribute", exchange=2, hosted=False):
    """Six calls; before that ``exchange`` of the third, ``victim`` is killed, stopped, or sleeps for ``how`` seconds.

    If ``hosted``, rank 0 hosts the store. Returns the results, the last of them perhaps an error, the seconds
    of the last call, the warnings, and the names of the missing.
    """
    if hosted:
        host = dist.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False) if rank == 0 else None
        port = torch.tensor([host.port if host else 0])  # a port that nobody else can take meanwhile
        dist.broadcast(port, 0)
        store = host or dist.TCPStore("127.0.0.1", port.item(), is_master=False)
        dist.barrier()
        dist.destroy_process_group()
        dist.init_process_group("gloo", store=store, rank=rank, world_size=3)
    ours = DistributedMixture(WEIGHTS, name=NAMES[rank], timeout=timeout, on_failure=on_failure)
    proceed, to_come = ours._members._exchange, list(range(exchange))

    def lost_on_the_way(begin):
        if rank == victim and ours._members.call == 3 and to_come:
            to_come.pop()
            if not to_come:
                _vanish(how, timeout)
        proceed(begin)

    ours._members._exchange = lost_on_the_way
    results, began = [], 0.0
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            for i in range(6):
                given, targets = logits(seed=i)
                arguments = (given[rank],) if method == "combine" else (given[rank], targets, None, 40 * i)
                began = time.monotonic()
                results.append(getattr(ours, method)(*arguments))
        except Exception as error:
            results.append(error)
    return results, time.monotonic() - began, [str(w.message) for w in caught], ours.missing


def _vanish(how, timeout):
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif how == "stopped":
        subprocess.Popen(["sh", "-c", f"sleep {2 * timeout}; kill -CONT {os.getpid()}"])  # so that the test ends
        os.kill(os.getpid(), signal.SIGSTOP)
    else:
        time.sleep(how)


class Unreadable(Exception):
    """An error that goes into a pickle and does not come out: its arguments are not those of its parent."""

    def __init__(self, place, what):
        super().__init__(f"{place}: {what}")


def answer_badly(rank):
    """Rank 0 answers and never ends, 1 raises what cannot be read, 2 dies."""
    if rank == 0:
        threading.Thread(target=time.sleep, args=(3600,)).start()
    elif rank == 1:
        raise Unreadable("here", "too deep")
    else:
        os.kill(os.getpid(), signal.SIGKILL)
    return rank


def stop_half_way(rank):
    """Send half of the answer, then stop."""
    send = Connection._send

    def send_half(pipe, data, *more):
        send(pipe, data[: len(data) // 2], *more)
        os.kill(os.getpid(), signal.SIGSTOP)

    Connection._send = send_half


def add_up(rank, values):
    """The sum of everybody's ``values + rank``; whoever has it leaves at once."""
    total = torch.as_tensor(values) + rank
    dist.all_reduce(total)
    return total.numpy()


def say(rank, text):
    """The text."""
    return text
