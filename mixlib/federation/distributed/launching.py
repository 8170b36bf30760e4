"""Processes on this machine, one a rank, whose store outlives every one of them."""

import multiprocessing
import pickle
import time
from datetime import timedelta

import torch
import torch.distributed as dist


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
        What each rank returned; for one that raised its exception, for one that died or was killed a
        ``ChildProcessError``.

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
    for rank in range(n):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_run, args=(theirs, task, rank, n, store.port, timeout), daemon=True)
        process.start()
        theirs.close()
        started.append((process, ours))
    end = time.monotonic() + timeout
    return [_outcome(rank, *each, end) for rank, each in enumerate(started)]


def _run(pipe, task, rank, n, port, timeout):
    torch.set_num_threads(1)
    patience = timedelta(seconds=timeout)
    try:
        store = dist.TCPStore("127.0.0.1", port, is_master=False, timeout=patience)
        dist.init_process_group("gloo", store=store, rank=rank, world_size=n, timeout=patience)
        function, args = pickle.loads(task)
        answer = pickle.dumps(function(rank, *args))
    except Exception as error:
        answer = pickle.dumps(error)
    pipe.send_bytes(answer)
    if dist.is_initialized():
        dist.destroy_process_group()


def _outcome(rank, process, pipe, end):
    came = pipe.poll(max(0.0, end - time.monotonic()))  # the end of the process counts, too
    try:
        if came:
            return pickle.loads(pipe.recv_bytes())
        process.kill()
    except EOFError:
        pass
    finally:
        process.join()
    how = "ended with exit code" if came else "ran out of time and was killed:"
    return ChildProcessError(f"rank {rank} {how} {process.exitcode}")
