"""Standard errors of the subsets that a sweep has kept."""

import numpy as np
from tqdm import tqdm

from mixlib.information.estimators import ESTIMATORS
from mixlib.information.uncertainty import METHODS, standard_errors


def errors_of(problem, subsets, method, *, rng, resamples, progress=None):
    """Standard errors of Omega in nats (m,), each subset for itself.

    Parameters
    ----------
    problem : Problem
        With samples.
    subsets : int array (m, k)
        Padded with -1.
    method : {"auto", "jackknife", "bootstrap"}
    rng : numpy Generator
    resamples : int
        Of a bootstrap.
    progress : bool, optional

    Raises
    ------
    ValueError
        If the method is unknown.
    """
    if method not in METHODS:
        raise ValueError(f"error: got {method!r}, expected one of {', '.join(map(repr, METHODS))}")
    kind = ESTIMATORS[problem.estimator]
    errors = np.empty(len(subsets))
    hidden = None if progress is None else not progress
    for row, subset in enumerate(tqdm(subsets, "errors", disable=hidden, delay=0 if progress else 1)):
        values = problem.values[:, subset[subset >= 0]]
        estimator = kind(values, [[i] for i in range(values.shape[1])], rng, **problem.options)
        errors[row] = standard_errors(estimator, method, rng=rng, resamples=resamples).errors["omega"]
    return errors
