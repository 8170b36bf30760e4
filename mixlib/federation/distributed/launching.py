"""Processes on this machine, one a rank, whose store outlives every one of them."""

import multiprocessing
import pickle
import threading
import time
from contextlib import suppress
from datetime import timedelta

import torch
import torch.distributed as dist

GRACE = 5.0  # seconds that ranks have to end in, once all answers are there


def launch(function, n, *args, timeout=60.0):
    """Launcher of ``function(rank, *args)`` in ``n`` processes of a gloo group on this machine.

    The store is hosted here, in the caller, so that any rank can be lost without taking it along.

    Parameters
    ----------
    function : callable
        From a module that the processes can import.
    n : int
        Number of ranks.
    *args
        Passed on; must be picklable.
    timeout : float, default=60.0
        Seconds after which ranks that still run are killed.

    Returns
    -------
    list
        What each rank returned; for one that raised its exception, for one that died or was killed, or whose answer
        cannot be read here, a ``ChildProcessError``.

    Raises
    ------
    ValueError
        If ``n`` is below 1.

    Examples
    --------
    >>> from mixlib.federation.distributed import launch
    >>> launch(max, 1, 5)  # max(rank, 5) in one process
    [5]
    """
    if n < 1:
        raise ValueError(f"n: expected at least 1 rank, got {n}")
    context = multiprocessing.get_context("forkserver")  # imports torch once for all ranks
    context.set_forkserver_preload([__name__, "mixlib.federation.distributed.mixture"])
    store = dist.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    task = pickle.dumps((function, args))  # by value: torch would pass tensors as files that end with their process
    started = []
    try:
        for rank in range(n):
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_run, args=(theirs, task, rank, n, store.port, timeout), daemon=True)
            process.start()
            theirs.close()
            started.append((process, _Answer(ours)))
        end = time.monotonic() + timeout
        return [_outcome(rank, *each, end) for rank, each in enumerate(started)]
    finally:
        _end(started)


def _run(pipe, task, rank, n, port, timeout):
    torch.set_num_threads(1)
    patience = timedelta(seconds=timeout)
    try:
        store = dist.TCPStore("127.0.0.1", port, is_master=False, timeout=patience)
        dist.init_process_group("gloo", store=store, rank=rank, world_size=n, timeout=patience)
        function, args = pickle.loads(task)
        answer = pickle.dumps(function(rank, *args))
    except Exception as error:
        answer = _told(rank, error)
    pipe.send_bytes(answer)
    if dist.is_initialized():
        dist.destroy_process_group()


def _told(rank, error):
    """An error as bytes that the caller can read: many classes of errors go into a pickle and never come out."""
    try:
        answer = pickle.dumps(error)
        pickle.loads(answer)
        return answer
    except Exception:
        return pickle.dumps(ChildProcessError(f"rank {rank} raised {type(error).__name__}: {error}"))


class _Answer(threading.Thread):
    """Reads what a process sends, beside all else: one that stops half-way must not keep the caller waiting."""

    def __init__(self, pipe):
        super().__init__(daemon=True)
        self._pipe, self.bytes = pipe, None
        self.start()

    def run(self):
        with self._pipe, suppress(EOFError, OSError):  # the process has ended
            self.bytes = self._pipe.recv_bytes()


def _outcome(rank, process, answer, end):
    answer.join(max(0.0, end - time.monotonic()))
    if answer.bytes is not None:
        try:
            return pickle.loads(answer.bytes)
        except Exception as error:
            return ChildProcessError(f"rank {rank} returned what cannot be read: {type(error).__name__}: {error}")
    how = "ended with exit code"
    if answer.is_alive():
        how = "ran out of time and was killed:"
        process.kill()
    process.join(GRACE)
    return ChildProcessError(f"rank {rank} {how} {process.exitcode}")


def _end(started):
    """No process outlives the call: one that has answered may still wait, in a thread or for its connections."""
    end = time.monotonic() + GRACE
    for process, _ in started:
        process.join(max(0.0, end - time.monotonic()))
        process.kill()
        process.join()
