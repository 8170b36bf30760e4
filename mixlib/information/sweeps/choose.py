"""Which engine is the quickest for a problem and a range of orders."""

import math

from mixlib.extras import needed_by
from mixlib.information.estimators import ESTIMATORS
from mixlib.information.sweeps.prefixes import GaussianPrefixes
from mixlib.information.sweeps.tree import GaussianTree

MOST_FORKED = 62  # a mask must fit into the bits of an integer


def make_engine(problem, lowest, highest, device=None):
    """The engine for subsets of ``lowest`` to ``highest`` variables.

    Raises
    ------
    ValueError
        If there are too few samples for these orders.
    """
    if problem.n_samples is not None and problem.n_samples < highest + 2:
        raise ValueError(
            f"orders: subsets of {highest} variables need at least {highest + 2} samples, got {problem.n_samples}; "
            "lower the highest order"
        )
    if problem.correlation is None:
        if device is not None:
            raise ValueError(f"device: got {device!r}, but estimator {problem.estimator!r} runs on the processor only")
        from mixlib.information.sweeps.sampled import Neighbours, OneByOne, States  # compile

        if problem.estimator == "plugin":
            return States(problem.values, lowest, highest, **problem.options)
        if problem.estimator == "ksg":
            return Neighbours(problem.values, lowest, highest, **problem.options, **problem.names)
        kind = ESTIMATORS[problem.estimator]
        return OneByOne(kind, problem.values, lowest, highest, problem.options, **problem.names)
    kinds, options = (GaussianTree, GaussianPrefixes), {}
    if device is not None:
        with needed_by(f"device={device!r}"):
            from mixlib.information.sweeps.on_device import SubsetsOnDevice, TreeOnDevice  # torch

        kinds, options = (TreeOnDevice, SubsetsOnDevice), {"device": device}
    kind = kinds[0] if forking_is_quicker(problem.n, lowest, highest) else kinds[1]
    return kind(problem.correlation, lowest, highest, problem.n_samples, **problem.names, **options)


def forking_is_quicker(n, lowest, highest):
    """Whether the tree of all orders takes less time than the prefixes of the orders asked for."""
    # measured: about 16 ns for any subset in the tree, 4 k ns for one of k variables by its prefix
    return n <= MOST_FORKED and 2**n < sum(math.comb(n, k) * k for k in range(lowest, highest + 1)) / 4
