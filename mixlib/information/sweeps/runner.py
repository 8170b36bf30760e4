"""Do the tasks of a sweep: here or elsewhere, with a progress bar, and with a state that survives."""

import numpy as np
from tqdm import tqdm

from mixlib.information.sweeps.checkpoint import Checkpoint
from mixlib.information.sweeps.executors import completed


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
    progress : bool, optional
        Whether to show a bar; by default only on a terminal, after a second.
    label : str
        What stands before the bar.
    """
    tasks = engine.tasks
    state = keep.start(engine)
    done = np.zeros(len(tasks), dtype=bool)
    if checkpoint is None and executor is None and len(tasks) == 1:
        keep.add(state, 0, keep.of_task(engine, tasks[0]))
        return keep.finish(engine, state)
    with Checkpoint(checkpoint, engine, keep, state, done) as saved:
        left = [index for index in range(len(tasks)) if not done[index]]
        bar = tqdm(
            total=engine.n_subsets,
            initial=sum(engine.size(tasks[index]) for index in np.flatnonzero(done)),
            desc=label,
            unit=" subsets",
            unit_scale=True,
            disable=None if progress is None else not progress,
            delay=1 if progress is None else 0,
        )
        with bar:
            for index, part in completed(executor, keep.of_task, engine, {index: tasks[index] for index in left}):
                saved.add(index, part)
                bar.update(engine.size(tasks[index]))
    return keep.finish(engine, state)
