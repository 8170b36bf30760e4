"""Information measures of Gaussian variables: exactly from their covariance, and from samples without its bias."""

from functools import cache

import numpy as np
from array_api_compat import array_namespace
from scipy.special import digamma

from mixlib.arrays import finite, floating
from mixlib.information.estimators.base import EntropyEstimator, reject_dependent, reject_nominal
from mixlib.information.result import Information, check_units, measures_from_entropy
from mixlib.information.table import check_groups, columns_of, variable_names

BATCH = 2**16  # numbers that are ranked and multiplied at a time


def from_covariance(cov, groups=None, units="nats"):
    r"""O-information of jointly Gaussian variables, exactly, from their covariance.

    .. math:: H(X_S) = \tfrac12 \log\det(2 \pi e\, \Sigma_{SS})

    Source: Rosas et al. 2019; Cover & Thomas 2006 for the entropy.

    Parameters
    ----------
    cov : array (..., N, N) or pandas DataFrame (N, N)
        Covariance, symmetric and positive definite. NumPy array or torch tensor (differentiable).
    groups : None, list of lists, or dict of lists, default=None
        Columns (numbers, or names of a DataFrame) that together form one variable; columns in no group are left out.
        With ``None`` every column is a variable of its own. Keys of a dict name the variables.
    units : {"nats", "bits"}, default="nats"
        Unit of the result.

    Returns
    -------
    Information
        Floats (tensors for torch), or arrays (...) for a batch.

    Raises
    ------
    ValueError
        If ``cov`` is not square, symmetric or finite, has a variance that is not positive, an eigenvalue below 0,
        or is singular (then some variable is a function of the others and information is infinite); or if the
        groups overlap.

    Examples
    --------
    >>> from mixlib.information import from_covariance
    >>> cov = [[1.0, 0.8, 0.8], [0.8, 1.0, 0.8], [0.8, 0.8, 1.0]]
    >>> result = from_covariance(cov)
    >>> round(result.omega, 3), round(result.tc, 3)  # positive: redundant
    (0.401, 1.132)
    """
    check_units(units)
    names = tuple(map(str, cov.columns)) if hasattr(cov, "columns") else None
    correlation = _check_covariance(cov)
    numbers = check_groups(groups, correlation.shape[-1], names)
    measures = measures_from_entropy(cache(lambda v: half_log_det(correlation, columns_of(numbers, v))), len(numbers))
    if correlation.ndim == 2 and isinstance(correlation, np.ndarray):
        measures = {name: value if name == "gradient" else float(value) for name, value in measures.items()}
    variables = variable_names(groups, numbers, names)
    return Information(**measures, estimator="exact Gaussian", variables=variables).to(units)


class Gaussian(EntropyEstimator):
    """Entropies of Gaussians with the sample covariance, its exact bias for Gaussian samples removed."""

    assumes = "columns that are normal together"
    kinds = ("continuous", "discrete")
    cost = "T N^2 + N^4"
    reference = "cover2006"
    place = 1
    leaves_bias = False

    def __init__(self, values, groups, rng):
        super().__init__((values - values.mean(axis=0)) / values.std(axis=0), groups, rng)

    def check(self, table):
        reject_nominal(table, "a Gaussian estimator")
        reject_dependent(table.values, table.labels)

    def sample(self, rows):
        """The rows of which the covariance is taken, or several sets of them."""
        return self.values[rows]

    def covariances(self, rows):
        """Covariances (R, N, N) of R sets of as many rows (R, T)."""
        chosen = self.sample(rows)
        chosen = chosen - chosen.mean(axis=-2, keepdims=True)
        return chosen.mT @ chosen / (chosen.shape[-2] - 1)

    def entropies(self, rows):
        n_samples = np.array([len(chosen) for chosen in rows])
        cov = np.concatenate([self.covariances(np.stack(same)) for same in _alike(rows, self.values.shape[1])])

        @cache
        def entropy(variables):
            columns = columns_of(self.groups, variables)
            return half_log_det(cov, columns) - entropy_bias(n_samples, len(columns))

        return entropy


def half_log_det(cov, columns):
    """Half the log-determinant of a covariance's block: Gaussian entropy but for ``log(2 pi e) / 2`` a column.

    That constant cancels in every measure, since each balances as many columns with plus as with minus.
    """
    xp = array_namespace(cov)
    block = cov[..., columns, :][..., :, columns]
    factor = xp.linalg.cholesky(block)
    return xp.sum(xp.log(xp.linalg.diagonal(factor)), axis=-1)


def entropy_bias(n_samples, n_columns):
    r"""What the sample covariance adds to :math:`\tfrac12 \log\det \Sigma` of ``n_columns`` columns, on average.

    .. math:: \tfrac12 \sum_{j=1}^{k} \psi\!\left(\tfrac{T - j}2\right) + \tfrac k2 \log\tfrac{2}{T - 1}

    The covariance has mean removed and divisor ``T - 1``. ``n_samples`` may be an array.
    """
    n_samples = np.asarray(n_samples, dtype=float)
    digammas = digamma((n_samples[..., None] - np.arange(1, n_columns + 1)) / 2).sum(axis=-1)
    return 0.5 * digammas + 0.5 * n_columns * np.log(2 / (n_samples - 1))


def _check_covariance(cov):
    """The correlation matrix, which has the same measures and no scale."""
    cov = floating(cov, "cov", lists=True)
    xp = array_namespace(cov)
    if xp.finfo(cov.dtype).bits < 32:
        raise ValueError(f"cov: {cov.dtype} is too coarse for determinants; convert to float32")
    if cov.ndim < 2 or cov.shape[-1] != cov.shape[-2] or cov.shape[-1] < 2:
        raise ValueError(f"cov: expected shape (..., N, N) with N >= 2, got {tuple(cov.shape)}")
    variances = xp.linalg.diagonal(finite(cov, "cov"))
    if bool(xp.any(variances <= 0)):
        raise ValueError(f"cov: smallest variance {xp.min(variances).item():.6g}; drop constant columns")
    spread = xp.sqrt(variances)
    correlation = cov / (spread[..., :, None] * spread[..., None, :])
    step = float(xp.finfo(cov.dtype).eps)
    asymmetry = xp.max(xp.abs(correlation - xp.matrix_transpose(correlation))).item()
    if asymmetry > 1e4 * step:
        raise ValueError(
            f"cov: not symmetric (correlations differ by {asymmetry:.3g}); pass a covariance, or (cov + cov.T) / 2"
        )
    correlation = (correlation + xp.matrix_transpose(correlation)) / 2
    smallest = xp.min(xp.linalg.eigvalsh(correlation)).item()
    slack = 10 * cov.shape[-1] * step
    if smallest < -slack:
        raise ValueError(
            f"cov: not positive semi-definite (smallest eigenvalue of the correlation {smallest:.3g}); no variables "
            "have this covariance, check how it was estimated"
        )
    if smallest <= slack:
        raise ValueError(
            "cov: singular, a column is a linear function of others and information is infinite; drop the column "
            "or add the noise that was left out"
        )
    return correlation


def _alike(rows, n_columns):
    """The sets of rows in batches of one length, as many as fit into the cache of a processor."""
    batch = []
    for chosen in rows:
        if batch and (len(chosen) != len(batch[0]) or len(batch) * chosen.size * n_columns > BATCH):
            yield batch
            batch = []
        batch.append(chosen)
    yield batch
