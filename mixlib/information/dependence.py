r"""When columns are linearly dependent: one rule for every estimator and every sweep.

Columns are linearly dependent if the others leave no more than ``SMALLEST`` of a column's variance unexplained,

.. math:: \min_i \frac{1}{(R^{-1})_{ii}} \le 10^{-12},

with ``R`` their correlation matrix. Entries of ``R`` are rounded by about 1e-16, so that of a share of 1e-12 some three
digits are known, and of a much smaller one none. A column more can only take from a share: if all columns together are
independent, so is every subset.
"""

import numpy as np

SMALLEST = 1e-12


def smallest_share(correlation):
    """The smallest share of a variance (n, n) that the others leave unexplained; 0 if rounding decides."""
    try:
        inverse = np.linalg.inv(np.linalg.cholesky(correlation))  # for few variables in one thread, unlike SciPy's
    except np.linalg.LinAlgError:
        return 0.0
    precisions = (inverse**2).sum(axis=0)
    return 1 / float(precisions.max()) if np.isfinite(precisions).all() else 0.0


def are_dependent(correlation):
    """Whether variables of this correlation matrix are linearly dependent."""
    return smallest_share(correlation) <= SMALLEST


def fewest_dependent(correlation, subset):
    """Members of a dependent ``subset`` that are so among themselves, and none of them superfluous: a list."""
    members = list(subset)
    for member in sorted(members, reverse=True):
        rest = [other for other in members if other != member]
        if len(rest) > 1 and are_dependent(correlation[np.ix_(rest, rest)]):
            members = rest
    return members
