"""How long a sweep will take, from a few of its subsets."""

from functools import cache
from math import comb
from time import perf_counter

import numpy as np

from mixlib.arrays import generator
from mixlib.information.sweeps import problem as problems
from mixlib.information.sweeps.base import GaussianEngine
from mixlib.information.sweeps.choose import make_engine
from mixlib.information.sweeps.subsets import check_orders

MANY = 10**7  # subsets, before which a Gaussian sweep is over in less than a second


def expected_seconds(samples, orders=None, estimator="gaussian", *, null=0, rng=None, **options):
    """Seconds that an exhaustive sweep takes on one processor, and its number of subsets; standard errors left out.

    Parameters
    ----------
    samples, orders, estimator, null, rng, **options
        As for :func:`mixlib.o_information_sweep`.

    Returns
    -------
    seconds : float
        0 for Gaussian sweeps of few subsets, which take less than a second.
    n_subsets : int

    Raises
    ------
    ValueError
        As the sweep itself.

    Examples
    --------
    >>> seconds, n_subsets = expected_seconds(np.random.default_rng(0).normal(size=(50, 8)), orders="3-5")
    >>> n_subsets
    182
    """
    draw = cache(lambda: generator(rng))
    problem = problems.from_samples(samples, estimator, options, draw)
    lowest, highest = check_orders(orders, problem.n)
    engine = make_engine(problem, lowest, highest)
    if not isinstance(engine, GaussianEngine):
        alone = {order: _of_one(engine, order) for order in {lowest, highest}}
        shares = {k: (k - lowest) / max(highest - lowest, 1) for k in range(lowest, highest + 1)}
        each = {k: (1 - share) * alone[lowest] + share * alone[highest] for k, share in shares.items()}
        once = sum(comb(problem.n, order) * seconds for order, seconds in each.items())
    elif engine.n_subsets < MANY:
        once = 0.0
    else:
        # subsets of the higher orders take longer, so a run from the middle of the keys
        once = engine.n_subsets * _of_a_run(engine)
    return (1 + null) * once, engine.n_subsets


def _of_one(engine, order):
    """Seconds for one subset of this order, measured twice: the first time may wait for a compiler."""
    subset = np.arange(order)[None]
    return min(_seconds(lambda: engine.measure(subset)) for _ in range(2))


def _of_a_run(engine):
    """Seconds for one subset in the first blocks of a task in the middle."""
    task = engine.tasks[len(engine.tasks) // 2]

    def run():
        seen = 0
        for block in engine.blocks(task):
            seen += np.count_nonzero(~np.isnan(block.omega))
            if seen > MANY // 10:
                break
        return max(seen, 1)

    return min(_seconds(run, each=True) for _ in range(2))


def _seconds(work, each=False):
    started = perf_counter()
    done = work()
    return (perf_counter() - started) / (done if each else 1)
