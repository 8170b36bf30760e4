"""Standard errors of the subsets that a sweep has kept."""

import numpy as np

from mixlib.information.estimators import ESTIMATORS
from mixlib.information.uncertainty import METHODS, standard_errors
from mixlib.progress import followed


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
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.

    Raises
    ------
    ValueError
        If the method is unknown.
    """
    if method not in METHODS:
        raise ValueError(f"error: got {method!r}, expected one of {', '.join(map(repr, METHODS))}")
    kind = ESTIMATORS[problem.estimator]
    errors = np.empty(len(subsets))
    for row, subset in enumerate(followed(subsets, progress, "errors", "subsets")):
        values = problem.values[:, subset[subset >= 0]]
        estimator = kind(values, [[i] for i in range(values.shape[1])], rng, **problem.options)
        errors[row] = standard_errors(estimator, method, rng=rng, resamples=resamples).errors["omega"]
    return errors
