"""O-information of every subset of variables, or of the best that a search finds."""

from dataclasses import replace
from functools import cache, partial

from mixlib.arrays import generator, whole
from mixlib.information.result import check_units
from mixlib.information.sweeps import problem as problems
from mixlib.information.sweeps.choose import make_engine
from mixlib.information.sweeps.errors import errors_of
from mixlib.information.sweeps.keep import Best, Everything
from mixlib.information.sweeps.result import Sweep
from mixlib.information.sweeps.runner import run
from mixlib.information.sweeps.search import anneal, greedy
from mixlib.information.sweeps.significance import compare_with_shuffled
from mixlib.information.sweeps.subsets import check_orders
from mixlib.information.uncertainty import warn_of_series

MOST_SUBSETS = 10**15  # a year's work for a Gaussian sweep on one processor
BYTES_KEPT = 16  # of a subset: Omega and TC
GIBIBYTE = 2**30


def o_information_sweep(
    samples=None,
    covariance=None,
    n_samples=None,
    orders=None,
    top=None,
    estimator="gaussian",
    units="nats",
    *,
    null=0,
    error=None,
    resamples=50,
    search="exhaustive",
    steps=2000,
    memory=4 * GIBIBYTE,
    progress=None,
    checkpoint=None,
    executor=None,
    device=None,
    rng=None,
    **options,
):
    r"""O-information sweep: all subsets of the variables, of all orders or some.

    Source: Rosas et al. 2019; Benjamini & Hochberg 1995 for false discoveries.

    Parameters
    ----------
    samples : None, array (T, N), list of rows or DataFrame, default=None
        As for :func:`mixlib.o_information`; two more than the highest order are enough, however many columns there are.
    covariance : None, array (N, N) or pandas DataFrame, default=None
        Instead of samples.
    n_samples : None or int, default=None
        Of which ``covariance`` was estimated, to remove the bias; with ``None`` it is taken as exact.
    orders : None, int, pair of int, range or str, default=None
        How many variables the subsets have: 3, (3, 5) for 3 to 5, "3-5", "all". ``None`` is all from 3.
    top : None or int, default=None
        Keep so many subsets of lowest Omega and as many of highest, and none of the rest. ``None`` keeps all.
    estimator : {"gaussian", "gaussian-copula", "ksg", "plugin", "auto"}, default="gaussian"
        As for :func:`mixlib.o_information`. The Gaussian ones take nanoseconds a subset and can do all orders.
    units : {"nats", "bits"}, default="nats"
        Unit of the result.
    null : int, default=0
        How often to shuffle all columns and sweep again, for ``p_values`` and ``q_values``. What is tested is therefore
        total independence: a subset with one correlated pair and a member that has nothing to do with it is likely to
        be significant, all the more with many samples. Whether each member belongs to its subset is tested by
        :func:`mixlib.information.membership.every_member`, which shuffles one at a time. Subsets of one order share
        their null values (for "plugin" those with as many states), so one shuffle is often enough.
    error : {"auto", "jackknife", "bootstrap", None}, default=None
        Standard errors of what is kept, as for :func:`mixlib.o_information`: some milliseconds a subset.
    resamples : int, default=50
        Of a bootstrap. More make the errors steadier and take longer.
    search : {"exhaustive", "greedy", "annealing"}, default="exhaustive"
        Where all subsets are too many: "greedy" grows the ``top`` best triples variable by variable, "annealing" starts
        from random subsets of each order and exchanges variables. Neither is sure to find the best, and neither has a
        null, a checkpoint or an executor.
    steps : int, default=2000
        Exchanges that each chain of "annealing" tries. More find better subsets and take longer.
    memory : int, default=4294967296
        Bytes that the values kept may take; a sweep that needs more is refused before it starts.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.
    checkpoint : None or path, default=None
        File for the state of the sweep. Call again after a kill and it goes on; a null has a file of its own beside.
    executor : None, dask.distributed.Client or concurrent.futures.Executor, default=None
        Who does the work. The result is the same, to the last bit.
    device : None, str or torch.device, default=None
        Sweep with torch on this device, for example "cuda"; ``None`` is compiled for one processor core.
    rng : None, int or numpy.random.Generator, default=None
        Shuffles, and breaks ties for "ksg"; ``None`` is seed 0.
    **options
        Of the estimator: ``k`` for "ksg", ``correction`` and ``bins`` for "plugin".

    Returns
    -------
    Sweep
        Omega and TC of what is kept, as a table with ``to_frame()``.

    Raises
    ------
    ValueError
        If neither or both of samples and covariance are given, they are not usable, an argument is unknown, or all
        values would take more than ``memory``. If a subset is linearly dependent, so that its information is infinite:
        where the other members leave no more than 1e-12 of a member's variance unexplained. The message names fewest
        columns that are. A search refuses such a subset when it comes to it; shuffled samples leave theirs out.

    Examples
    --------
    >>> import numpy as np
    >>> import mixlib
    >>> samples = np.random.default_rng(0).normal(size=(1000, 6))
    >>> samples[:, 5] += samples[:, 0] + samples[:, 1]
    >>> mixlib.o_information_sweep(samples, orders="3-4", top=2).to_frame()[["variables", "omega"]].round(3)
          variables  omega
    0  (0, 1, 4, 5) -0.173
    1  (0, 1, 3, 5) -0.172
    2  (0, 2, 3, 5)  0.001
    3     (0, 2, 5)  0.001
    """
    check_units(units)
    counts = {"top": (top, 1), "n_samples": (n_samples, 4), "null": (null, 0), "steps": (steps, 1)}
    counts |= {"resamples": (resamples, 2), "memory": (memory, 1)}
    for name, (count, least) in counts.items():
        if count is not None or name not in ("top", "n_samples"):  # these two may be left open
            whole(count, name, least)
    draw = cache(lambda: generator(rng))
    if (samples is None) == (covariance is None):
        raise ValueError("samples, covariance: give one of the two")
    if samples is not None:
        if n_samples is not None:
            raise ValueError("n_samples: samples have their own number; give it with a covariance only")
        problem = problems.from_samples(samples, estimator, options, draw)
        series = warn_of_series(problem.values, "measure what you find again with o_information(..., block='auto')")
    else:
        series = ""
        if null or error or options or estimator not in ("gaussian", "auto"):
            raise ValueError("covariance: estimator='gaussian' only, without null, error or options; give samples")
        problem = problems.from_covariance(covariance, n_samples)
    orders = check_orders(orders, problem.n)
    engine = make_engine(problem, *orders, device)
    result = Sweep(
        omega=None,
        tc=None,
        n_subsets=engine.n_subsets,
        n_variables=problem.n,
        orders=orders,
        engine=engine,
        search=search,
        top=top,
        estimator=problem.estimator,
        n_samples=problem.n_samples,
        variables=problem.variables,
        note="; ".join(filter(None, (problem.note, engine.note, series))),
    )
    if search == "exhaustive":
        _check_memory(engine, top, memory)
        sweep = partial(run, executor=executor, progress=progress)
        result = replace(result, **sweep(engine, Everything() if top is None else Best(top), checkpoint=checkpoint))
    elif search in ("greedy", "annealing"):
        if null or checkpoint is not None or executor is not None or top is None:
            raise ValueError(f"search: {search!r} needs top and has no null, checkpoint or executor")
        best = (
            greedy(lambda *few: make_engine(problem, *few, device), orders, top, progress=progress)
            if search == "greedy"
            else anneal(engine, top, steps=steps, rng=draw(), progress=progress)
        )
        result = replace(result, **best)
    else:
        raise ValueError(f"search: got {search!r}, expected 'exhaustive', 'greedy' or 'annealing'")
    if null:
        shuffled = (make_engine(problem.shuffled(draw()), *orders, device) for _ in range(null))
        files = (checkpoint and f"{checkpoint}.null{number + 1}" for number in range(null))
        result = compare_with_shuffled(result, shuffled, files, sweep)
    if error is not None:
        errors = errors_of(problem, result.subsets, error, rng=draw(), resamples=resamples, progress=progress)
        result = replace(result, standard_error=errors)
    return result.to(units)


def _check_memory(engine, top, memory):
    if engine.n_subsets > MOST_SUBSETS:
        raise ValueError(
            f"orders: {engine.n_subsets:.3g} subsets of {engine.lowest} to {engine.highest} variables are too many to "
            "look at all; lower the highest order, or use search='greedy' with top"
        )
    needed = engine.n_subsets * BYTES_KEPT
    if top is None and needed > memory:
        raise ValueError(
            f"memory: {engine.n_subsets:,} subsets take {needed / GIBIBYTE:.3g} GiB, more than "
            f"{memory / GIBIBYTE:.3g}; keep the best with top=100, or allow more"
        )
