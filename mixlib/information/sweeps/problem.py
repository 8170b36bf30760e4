"""What is to be swept: samples or a covariance, checked, in the form that the estimator works on."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mixlib.arrays import finite, floats
from mixlib.information.choice import choose_estimator
from mixlib.information.estimators import ESTIMATORS
from mixlib.information.estimators.base import SMALLEST, reject_nominal
from mixlib.information.estimators.gaussian import Gaussian
from mixlib.information.estimators.gaussian_copula import GaussianCopula
from mixlib.information.ranks import normal_scores
from mixlib.information.sweeps.subsets import LOWEST
from mixlib.information.table import read_table


@dataclass(frozen=True)
class Problem:
    """Samples or a covariance.

    Attributes
    ----------
    values : array (T, n) or None
        Samples as the estimator takes them: normal scores for a copula and for neighbours, means removed for the
        Gaussian ones.
    correlation : array (n, n) or None
        For the Gaussian estimators.
    labels : tuple of str
        What to call the columns in messages.
    n_samples : int or None
    estimator : str
    options : dict
        Of the estimator.
    variables : tuple of str or None
        Their names.
    note : str
    shuffles : bool
        Whether the samples are shuffled ones.
    """

    values: Any
    correlation: Any
    labels: tuple
    n_samples: int | None
    estimator: str
    options: dict
    variables: tuple | None = None
    note: str = ""
    shuffles: bool = False

    @property
    def n(self):
        """The number of variables."""
        return len(self.labels)

    @property
    def names(self):
        """What an engine needs to refuse dependent variables; where shuffling has made them so, they are left out."""
        source = "covariance" if self.values is None else "samples"
        return {"labels": self.labels, "source": source, "refuse": not self.shuffles}

    def shuffled(self, rng):
        """The problem with the rows of every column but the first shuffled by themselves."""
        values = self.values.copy()
        values[:, 1:] = rng.permuted(values[:, 1:], axis=0)
        correlation = None if self.correlation is None else correlation_of(values)
        return replace(self, values=values, correlation=correlation, shuffles=True)


def from_samples(samples, estimator, options, draw):
    """Read samples for one of the ``ESTIMATORS`` that a sweep can take, or "auto"; ``draw()`` gives a Generator.

    Raises
    ------
    ValueError
        If the samples, the estimator or its options are not usable, or do not fit together.
    """
    table, note = read_table(samples, together=LOWEST), ""
    if estimator == "auto":
        estimator, note = choose_estimator(table, draw())
    kind = ESTIMATORS.get(estimator)
    if kind is None or kind.sweep_options is None:
        able = [name for name, other in ESTIMATORS.items() if other.sweep_options is not None]
        raise ValueError(f"estimator: got {estimator!r}, expected one of {', '.join(map(repr, able))} or 'auto'")
    known = kind.sweep_options
    for name in options:
        if name not in known:
            raise ValueError(f"{name}: is no option of estimator {estimator!r}, which has {', '.join(known) or 'none'}")
    values, correlation = table.values, None
    if kind in (Gaussian, GaussianCopula):  # what another estimator makes of them has covariances of its own
        reject_nominal(table, "a Gaussian estimator")
        if kind is GaussianCopula:
            values = normal_scores(values)
        values -= values.mean(axis=0)
        correlation = correlation_of(values)
        _reject_alike(correlation, table.labels, "samples")
    else:
        made = kind(values, table.groups, draw(), **options)
        if "nominal" not in kind.kinds:
            reject_nominal(table, f"estimator {estimator!r}")
        if "continuous" not in kind.kinds:
            _reject_continuous(table, options.get("bins"))
        if estimator == "ksg":
            values = made.points
            _reject_alike(np.corrcoef(values, rowvar=False), table.labels, "samples")
    return Problem(values, correlation, table.labels, len(values), estimator, options, table.variables, note)


def from_covariance(covariance, n_samples):
    """Read a covariance, perhaps a torch tensor or a DataFrame.

    Raises
    ------
    ValueError
        If it is not square, finite and symmetric with positive variances and eigenvalues not below 0, or two
        variables are one.
    """
    variables = tuple(map(str, covariance.columns)) if hasattr(covariance, "columns") else None
    covariance = floats(covariance, "covariance")
    if covariance.ndim != 2 or covariance.shape[0] != covariance.shape[1] or len(covariance) < 3:
        raise ValueError(f"covariance: expected shape (N, N) with N >= 3, got {covariance.shape}")
    finite(covariance, "covariance")
    names = map(repr, variables) if variables else range(len(covariance))
    labels = tuple(f"column {name}" for name in names)
    variances = np.diag(covariance)
    if variances.min() <= 0:
        raise ValueError(f"covariance: the variance of {labels[variances.argmin()]} is {variances.min():.6g}; drop it")
    spread = np.sqrt(variances)
    correlation = covariance / spread[:, None] / spread
    asymmetry = np.abs(correlation - correlation.T).max()
    if asymmetry > 1e-8:
        raise ValueError(f"covariance: not symmetric (correlations differ by {asymmetry:.3g}); pass (cov + cov.T) / 2")
    correlation = (correlation + correlation.T) / 2
    smallest = np.linalg.eigvalsh(correlation)[0]
    if smallest < -1e-8:
        raise ValueError(
            f"covariance: not positive semi-definite (smallest eigenvalue of the correlation {smallest:.3g}); no "
            "variables have this covariance, check how it was estimated"
        )
    _reject_alike(correlation, labels, "covariance")
    return Problem(None, correlation, labels, n_samples, "gaussian", {}, variables)


def correlation_of(values):
    """The correlation matrix of columns with mean 0."""
    with np.errstate(all="ignore"):
        products = values.T @ values
        spread = np.sqrt(np.diag(products))
        correlation = products / spread[:, None] / spread
    if np.isfinite(correlation).all():
        return correlation
    largest = np.abs(values).max(axis=0)  # squares beyond what a number can hold, or below
    if not np.isfinite(largest).all():
        raise ValueError("samples: values are too large for their mean to be a number; divide them by 1e10")
    return correlation_of(values / largest)


def _reject_continuous(table, bins):
    for column, label in enumerate(table.labels):
        if bins is None and table.looks_continuous(column):
            raise ValueError(
                f"samples: {label} has {table.distinct[column]} different values in {len(table.values)} samples and "
                "looks continuous; use estimator='gaussian-copula', or cut columns with bins=4"
            )


def _reject_alike(correlation, labels, name):
    others = np.abs(correlation - np.eye(len(correlation)))
    if 1 - others.max() ** 2 <= SMALLEST:
        first, second = (labels[i] for i in np.unravel_index(others.argmax(), others.shape))
        raise ValueError(
            f"{name}: {first} and {second} are the same up to scale, so their information is infinite; drop one"
        )
