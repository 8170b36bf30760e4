"""Do the tasks of a sweep: here or elsewhere, with a progress bar, and with a state that survives."""

import numpy as np

from mixlib.information.sweeps.checkpoint import Checkpoint
from mixlib.information.sweeps.executors import completed
from mixlib.progress import Progress


def run(engine, keep, *, executor=None, checkpoint=None, progress=None, label="sweep"):
    """What ``keep`` makes of all tasks of ``engine``.

    Parameters
    ----------
    engine : Engine
    keep : Everything, Best or the like
    executor : dask.distributed.Client or concurrent.futures.Executor, optional
        Does the tasks; by default this process, one after the other.
    checkpoint : path, optional
        A file for the state. If it exists, the tasks that it has are not done again.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.
    label : str
        What is done, in a word.
    """
    tasks = engine.tasks
    state = keep.start(engine)
    done = np.zeros(len(tasks), dtype=bool)
    if checkpoint is None and executor is None and len(tasks) == 1:
        with Progress(progress, label, engine.n_subsets, "subsets") as work:
            keep.add(state, 0, keep.of_task(engine, tasks[0]))
            work.add(engine.n_subsets)
        return keep.finish(engine, state)
    with Checkpoint(checkpoint, engine, keep, state, done) as saved:
        left = [index for index in range(len(tasks)) if not done[index]]
        before = sum(engine.size(tasks[index]) for index in np.flatnonzero(done))
        with Progress(progress, label, engine.n_subsets, "subsets", before) as work:
            for index, part in completed(executor, keep.of_task, engine, {index: tasks[index] for index in left}):
                saved.add(index, part)
                work.add(engine.size(tasks[index]))
    return keep.finish(engine, state)
