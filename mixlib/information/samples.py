"""O-information estimated from samples, with a standard error."""

import numpy as np
from array_api_compat import is_array_api_obj, is_torch_array

from mixlib.information import estimators
from mixlib.information.groups import check_groups, columns_of
from mixlib.information.measures import measures_from_entropy, o_information_from_entropy
from mixlib.information.result import Information, check_units

BLOCKS = 32  # of the jackknife: its error is then known to about an eighth


def o_information(samples, estimator="gaussian", *, units="nats", groups=None, rng=None):
    r"""Estimate how the columns of ``samples`` share information.

    The standard error of Omega is a jackknife over (up to) 32 random blocks :math:`b` of samples, each left out
    once: :math:`\mathrm{se}^2 = \frac{B - 1}{B} \sum_b (\Omega_{-b} - \overline{\Omega})^2`.

    Source: Rosas et al. 2019; Miller-Madow and jackknife are textbook material.

    Parameters
    ----------
    samples : array (T, N) or DataFrame
        ``T`` independent samples of ``N`` columns.
    estimator : {"gaussian", "plugin"}
        "gaussian": sample covariance, with the exact bias of Gaussian samples removed. "plugin": relative
        frequencies of discrete values, with the Miller-Madow correction.
    units : {"nats", "bits"}
    groups : list of lists of int, optional
        Columns that together form one variable; columns in no group are left out.
    rng : numpy Generator or int, optional
        Deals the samples into the jackknife's blocks; by default seed 0.

    Returns
    -------
    Information
        Numbers of the samples' kind: floats and an array, or torch tensors (no gradients flow).

    Raises
    ------
    ValueError
        If a value is NaN or text, a column is constant, samples are too few, the estimator is unknown or the data
        are not of its kind: duplicated or linearly dependent columns for "gaussian" (information is infinite),
        continuous columns for "plugin".
    """
    check_units(units)
    if estimator not in estimators.ESTIMATORS:
        known = ", ".join(map(repr, estimators.ESTIMATORS))
        raise ValueError(f"estimator: got {estimator!r}, expected one of {known}")
    table = _check_samples(samples)
    groups = check_groups(groups, table.shape[1])
    used = columns_of(groups, range(len(groups)))
    _check_columns(table, used)
    n_samples = len(table)
    blocks = _deal_blocks(n_samples, len(used), np.random.default_rng(0 if rng is None else rng))
    entropies = estimators.ESTIMATORS[estimator](table, groups, blocks)
    measures = measures_from_entropy(lambda v: entropies(v)[:1], len(groups))
    left_out = o_information_from_entropy(lambda v: entropies(v)[1:], len(groups))
    error = float(np.sqrt((len(left_out) - 1) * np.var(left_out)))
    numbers = {name: value[0] if name == "gradient" else float(value[0]) for name, value in measures.items()}
    if is_torch_array(samples):
        numbers = {name: samples.new_tensor(value) for name, value in numbers.items()}
    return Information(**numbers, standard_error=error, estimator=estimator, n_samples=n_samples).to(units)


def _check_samples(samples):
    if is_torch_array(samples):
        samples = samples.detach().cpu().numpy()
    table = samples.to_numpy() if hasattr(samples, "to_numpy") else samples
    if not is_array_api_obj(table):
        raise ValueError(
            f"samples: expected an array (T, N) or a DataFrame, got {type(samples).__name__}; use numpy.asarray"
        )
    if table.ndim != 2 or table.shape[1] < 2:
        raise ValueError(
            f"samples: expected shape (T, N), one row a sample and N >= 2 columns, got {tuple(table.shape)}"
        )
    if table.dtype.kind not in "fiub":
        kinds = sorted({type(value).__name__ for value in table.flat})
        if not set(kinds) <= {"int", "float", "bool", "NoneType"}:
            raise ValueError(
                f"samples: expected real numbers, found {', '.join(kinds)}; turn categories into integers "
                "(pandas.factorize) first"
            )
    table = np.asarray(table, dtype=float)
    if not np.isfinite(table).all():
        row, column = np.argwhere(~np.isfinite(table))[0]
        raise ValueError(f"samples: {table[row, column]} in row {row}, column {column}; drop or fill such rows")
    return table


def _check_columns(table, used):
    if len(table) < len(used) + 2:
        raise ValueError(
            f"samples: {len(table)} samples of {len(used)} columns are too few, at least {len(used) + 2} are needed "
            "(rows are samples: is the table transposed?)"
        )
    constant = [column for column in used if np.all(table[:, column] == table[0, column])]
    if constant:
        raise ValueError(f"samples: column {constant[0]} is constant and carries no information; drop it")


def _deal_blocks(n_samples, n_columns, rng):
    """The block of each sample (T,); what stays when a block is left out still exceeds the columns."""
    n_blocks = min(BLOCKS, n_samples)
    if n_samples - -(-n_samples // n_blocks) <= n_columns:
        n_blocks = n_samples
    return rng.permutation(np.arange(n_samples) % n_blocks)
