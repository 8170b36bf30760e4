"""Where tasks are done: in this process, in others of this machine, or by the workers of a Dask cluster."""

from concurrent.futures import Executor, as_completed


def completed(executor, work, engine, tasks):
    """Yield ``(index, work(engine, task))`` as tasks are done; ``tasks`` is a dict by index.

    Parameters
    ----------
    executor : None, concurrent.futures.Executor or dask.distributed.Client
        Dask does the tasks of a lost worker again by itself.
    """
    if executor is None:
        return ((index, work(engine, task)) for index, task in tasks.items())
    if isinstance(executor, Executor):
        return _of_pool(executor, work, engine, tasks)
    if hasattr(executor, "scheduler_info"):
        return _of_cluster(executor, work, engine, tasks)
    raise ValueError(
        f"executor: got {type(executor).__name__}; expected a dask.distributed.Client, a concurrent.futures.Executor "
        "or None"
    )


def _of_pool(pool, work, engine, tasks):
    futures = {pool.submit(work, engine, task): index for index, task in tasks.items()}
    try:
        for future in as_completed(futures):
            yield futures.pop(future), future.result()
    finally:
        for future in futures:
            future.cancel()


def _of_cluster(client, work, engine, tasks):
    from distributed import as_completed as as_completed_by_cluster

    # a task of its own: it goes to each worker once, and is done again where a worker is lost
    shared = client.submit(_same, (work, engine), pure=False)
    futures = {client.submit(_do, shared, task, pure=False): index for index, task in tasks.items()}
    try:
        for future, part in as_completed_by_cluster(list(futures), with_results=True):
            yield futures.pop(future), part
    finally:
        client.cancel([shared, *futures])


def _same(shared):
    return shared


def _do(shared, task):
    work, engine = shared
    return work(engine, task)
