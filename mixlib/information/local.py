"""Local O-information: what each single sample adds to redundancy or synergy."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_torch_array
from scipy.linalg import cho_factor, cho_solve
from scipy.special import digamma

from mixlib.arrays import floats, generator
from mixlib.information.estimators import ESTIMATORS
from mixlib.information.estimators.gaussian import entropy_bias
from mixlib.information.estimators.ksg import neighbour_counts
from mixlib.information.result import MEASURES, NATS_PER_UNIT, check_units, totals_from_entropy
from mixlib.information.table import columns_of, read_table

__all__ = ["LocalInformation", "local_o_information"]


@dataclass(frozen=True)
class LocalInformation:
    """TC, DTC, Omega and S of each of ``T`` samples; their means are the measures of all samples.

    Attributes
    ----------
    tc, dtc, omega, s_information : array (T,)
        Of a single sample each may be negative.
    units : {"nats", "bits"}
        Unit of everything here; :meth:`to` changes it.
    estimator : str
        How they were found.
    note : str
        What makes them doubtful, if anything.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information import local_o_information
    >>> samples = np.random.default_rng(0).normal(size=(100, 3))
    >>> list(local_o_information(samples).to("bits").to_frame())
    ['tc', 'dtc', 'omega', 's_information']
    """

    tc: Any
    dtc: Any
    omega: Any
    s_information: Any
    units: str = "nats"
    estimator: str = "gaussian"
    note: str = ""

    @property
    def errors(self):
        r"""Standard errors of the means over samples, by measure: :math:`s / \sqrt T`, a dict.

        For independent rows. A normal density, relative frequencies and normal scores have a local value that is, to
        first order, what its sample moves the mean by, and so their spread is that of the mean; a bias is left out.
        Empty for "ksg", whose samples are neighbours of each other: there the same came out a quarter too small.

        Source: Hampel 1974 for influence.
        """
        if self.estimator == "ksg":
            return {}
        values = {name: floats(getattr(self, name), name) for name in MEASURES}
        return {name: float(np.std(value) / np.sqrt(len(value))) for name, value in values.items()}

    def to(self, units):
        """The same result in ``"nats"`` or ``"bits"``.

        Raises
        ------
        ValueError
            If ``units`` is neither.
        """
        factor = NATS_PER_UNIT[self.units] / NATS_PER_UNIT[check_units(units)]
        return replace(self, **{name: factor * getattr(self, name) for name in MEASURES}, units=units)

    def to_frame(self):
        """A pandas table, a row a sample and a column a measure."""
        import pandas as pd

        return pd.DataFrame({name: floats(getattr(self, name), name) for name in MEASURES})

    def __repr__(self):
        return f"LocalInformation({len(self.omega)} samples, {self.units}, {self.estimator})"


def local_o_information(samples, estimator="gaussian", *, units="nats", groups=None, rng=None, **options):
    r"""Local O-information: Omega of each sample, whose mean over samples is the O-information.

    With the local entropies :math:`h(x) = -\log p(x)` in place of their means,

    .. math:: \omega(x) = (n - 2)\, h(x) + \sum_i \bigl[ h(x_i) - h(x_{-i}) \bigr],

    and TC and DTC alike. Patterns that the variables share redundantly are above zero, those that no part of them
    foretells are below.

    The mean is what :func:`mixlib.o_information` says with the same estimator, to rounding: Gaussian entropies bring
    their bias correction along, spread evenly over the samples, and relative frequencies that of Miller and Madow.
    Hence the mean is as biased as that estimate, whose result says so in ``bias``. A single value lacks the sampling
    error of ``p``, which is estimated from all samples, its own included.

    Source: Scagliarini et al. 2022.

    Parameters
    ----------
    samples : array (T, N), list of rows or DataFrame
        As for :func:`mixlib.o_information`.
    estimator : {"gaussian", "gaussian-copula", "ksg", "plugin"}, default="gaussian"
        Whose ``p`` is taken: a normal density of the sample covariance, the same of normal scores, relative frequencies
        of states, or for "ksg" how many neighbours each sample has, by terms of the sum over samples. Marginal
        densities cancel, so an increasing transform of a column changes nothing for the copula and "ksg".
    units : {"nats", "bits"}, default="nats"
        Unit of the result.
    groups : None, list of lists, or dict of lists, default=None
        Columns that together form one variable; columns in no group are left out.
    rng : None, int or numpy.random.Generator, default=None
        Breaks ties for "ksg"; ``None`` is seed 0.
    **options
        Of the estimator, as for :func:`mixlib.o_information`.

    Returns
    -------
    LocalInformation
        Arrays (T,), or tensors for torch (no gradients flow).

    Raises
    ------
    ValueError
        If the estimator has no local values ("score" has none), or as :func:`mixlib.o_information`.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information import local_o_information
    >>> bits = np.random.default_rng(0).integers(2, size=(1000, 2))
    >>> rows = np.column_stack([bits, bits[:, 0] ^ bits[:, 1]])
    >>> local = local_o_information(rows, "plugin", units="bits", correction=None)
    >>> print(f"from {local.omega.min():.2f} to {local.omega.max():.2f}, on average {local.omega.mean():.2f}")
    from -1.21 to -0.90, on average -1.00
    """
    check_units(units)
    if estimator not in LOCAL:
        known = ", ".join(map(repr, LOCAL))
        raise ValueError(f"estimator: got {estimator!r}, expected one of {known}, which have values of single samples")
    kind = ESTIMATORS[estimator]
    if unknown := [name for name in options if name not in kind.options()]:
        known = ", ".join(kind.options()) or "none"
        raise ValueError(f"{unknown[0]}: is no option of estimator {estimator!r}, which has {known}")
    table = read_table(samples, groups)
    made = kind(table.values, table.groups, generator(rng), **options)
    made.check(table)
    values = LOCAL[estimator](made)
    if is_torch_array(samples):
        xp = array_namespace(samples)
        dtype = samples.dtype if xp.isdtype(samples.dtype, "real floating") else xp.float64
        values = {name: xp.asarray(value, dtype=dtype, device=samples.device) for name, value in values.items()}
    return LocalInformation(**values, estimator=estimator, note=made.note).to(units)


def _of_normals(made):
    """By the density of the sample covariance; the constants of the entropy cancel in every measure."""
    every = np.arange(len(made.values))
    points = made.sample(every)
    points = points - points.mean(axis=0)
    (cov,) = made.covariances(every[None])

    def entropy(variables):
        columns = columns_of(made.groups, variables)
        factor = cho_factor(cov[np.ix_(columns, columns)], lower=True)
        chosen = points[:, columns]
        distance = np.einsum("tk,kt->t", chosen, cho_solve(factor, chosen.T))
        bias = float(entropy_bias(len(points), len(columns)))
        return np.log(np.diag(factor[0])).sum() + distance / 2 - bias

    return totals_from_entropy(cache(entropy), len(made.groups))


def _of_states(made):
    """By relative frequencies."""
    size = len(made.values)

    def entropy(variables):
        joint = made.states(variables)
        counts = np.bincount(joint)
        bias = 0.0 if made.correction is None else (np.count_nonzero(counts) - 1) / (2 * size)
        return np.log(size) - np.log(counts)[joint] + bias

    return totals_from_entropy(cache(entropy), len(made.groups))


def _of_neighbours(made):
    """By the terms of the sum over samples, see :mod:`mixlib.information.estimators.ksg`."""
    n, all_of_them, few = len(made.groups), digamma(len(made.points)), digamma(made.k)
    alone, without = neighbour_counts(made.points, made.groups, made.k)
    if alone.min() < 0:
        made.totals([np.arange(len(made.points))])  # which says what is wrong
    near, rest = digamma(alone + 1.0).sum(axis=0), digamma(without + 1.0).sum(axis=0)
    tc = (n - 1) * all_of_them + few - near
    dtc = all_of_them + (n - 1) * few - rest
    return {"tc": tc, "dtc": dtc, "omega": tc - dtc, "s_information": tc + dtc}


LOCAL = {"gaussian": _of_normals, "gaussian-copula": _of_normals, "ksg": _of_neighbours, "plugin": _of_states}
