"""Exact information measures of a discrete joint distribution."""

from functools import cache

import numpy as np
from array_api_compat import array_namespace

from mixlib.arrays import floating
from mixlib.information.result import Information, check_units, measures_from_entropy
from mixlib.information.table import check_groups, columns_of, variable_names
from mixlib.simplex import check_weights


def from_pmf(pmf, units="nats", *, groups=None):
    """O-information of discrete variables, exactly, from their joint probability mass function.

    Source: Rosas et al. 2019.

    Parameters
    ----------
    pmf : array (k_1, ..., k_n)
        One axis a variable, one entry a joint state. NumPy array or torch tensor (differentiable).
    units : {"nats", "bits"}, default="nats"
        Unit of the result.
    groups : None, list of lists of int, or dict of lists, default=None
        Axes that together form one variable; axes in no group are summed out. Keys of a dict name the variables.

    Returns
    -------
    Information
        With floats and an array for NumPy, with tensors for torch.

    Raises
    ------
    ValueError
        If there are fewer than two variables, an entry is NaN or negative, or the entries do not sum to 1, or
        if the groups overlap.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information import from_pmf
    >>> xor = np.array([[[0.25, 0.0], [0.0, 0.25]], [[0.0, 0.25], [0.25, 0.0]]])
    >>> print(f"{from_pmf(xor, units='bits').omega:.3f}")  # negative: synergistic
    -1.000
    """
    check_units(units)
    pmf = floating(pmf, "pmf", "divide counts by their sum", lists=True)
    xp = array_namespace(pmf)
    if pmf.ndim < 2:
        raise ValueError(f"pmf: expected one axis for each of at least 2 variables, got shape {tuple(pmf.shape)}")
    flat = xp.reshape(pmf, (-1,))
    pmf = xp.reshape(check_weights(flat, flat.shape[0], like=flat, name="pmf"), pmf.shape)

    numbers = check_groups(groups, pmf.ndim)

    @cache
    def entropy(variables):
        kept = columns_of(numbers, variables)
        rest = tuple(axis for axis in range(pmf.ndim) if axis not in kept)
        return _entropy(xp.sum(pmf, axis=rest) if rest else pmf)

    measures = measures_from_entropy(entropy, len(numbers))
    if isinstance(pmf, np.ndarray):
        measures = {name: value if name == "gradient" else float(value) for name, value in measures.items()}
    variables = variable_names(groups, numbers)
    return Information(**measures, estimator="exact pmf", variables=variables).to(units)


def _entropy(pmf):
    xp = array_namespace(pmf)
    # 0 log 0 = 0; the log never sees the zero, whose infinite derivative would survive the mask
    log = xp.log(xp.where(pmf > 0, pmf, xp.ones_like(pmf)))
    return -xp.sum(pmf * log)
