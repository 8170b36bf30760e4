"""Partial information decomposition of Williams and Beer, for two sources and a target."""

from dataclasses import dataclass

import numpy as np

from mixlib.arrays import floating
from mixlib.information.result import NATS_PER_UNIT, check_units
from mixlib.simplex import check_weights

__all__ = ["Decomposition", "williams_beer"]


@dataclass(frozen=True, kw_only=True)
class Decomposition:
    """What two sources tell of a target, in four parts that are not negative.

    Attributes
    ----------
    redundancy : float
        What either source tells.
    unique : tuple of float
        What only the first tells, and only the second.
    synergy : float
        What both tell together, and neither alone.
    units : {"nats", "bits"}

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information import williams_beer
    >>> told = williams_beer(np.array([[[0.25, 0], [0, 0.25]], [[0, 0.25], [0.25, 0]]]), units="bits")  # exclusive or
    >>> float(told.synergy), float(told.total)
    (1.0, 1.0)
    """

    redundancy: float
    unique: tuple
    synergy: float
    units: str

    @property
    def total(self):
        """The information of both sources together about the target."""
        return self.redundancy + sum(self.unique) + self.synergy


def williams_beer(pmf, units="nats"):
    r"""Partial information decomposition by the redundancy :math:`I_{\min}`.

    .. math:: I_{\min} = \sum_y p(y) \, \min_i \sum_{x_i} p(x_i \mid y) \log \frac{p(y \mid x_i)}{p(y)}

    is what the sources tell alike, outcome by outcome of the target. What a source tells beyond it is unique, and what
    is left of the information of both is synergy. Redundancy less synergy is the O-information of the three.

    Source: Williams & Beer 2010.

    Parameters
    ----------
    pmf : array (k_1, k_2, k_y)
        Joint probabilities: an axis for each of the two sources, and the last one for the target.
    units : {"nats", "bits"}, default="nats"
        Unit of the result.

    Returns
    -------
    Decomposition

    Raises
    ------
    ValueError
        If there are not three axes, an entry is NaN or negative, or the entries do not sum to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information import williams_beer
    >>> xor = np.array([[[0.25, 0.0], [0.0, 0.25]], [[0.0, 0.25], [0.25, 0.0]]])
    >>> print(f"{williams_beer(xor, units='bits').synergy:.3f}")
    1.000
    """
    check_units(units)
    pmf = np.asarray(floating(pmf, "pmf", "divide counts by their sum", lists=True), dtype=float)
    if pmf.ndim != 3:
        raise ValueError(f"pmf: expected an axis for each of two sources and the target, got shape {pmf.shape}")
    pmf = check_weights(pmf.reshape(-1), pmf.size, like=pmf.reshape(-1), name="pmf").reshape(pmf.shape)
    first, second, target = pmf.sum(axis=1), pmf.sum(axis=0), pmf.sum(axis=(0, 1))
    specific = np.array([_specific(joint, target) for joint in (first, second)])
    redundancy = float(target @ specific.min(axis=0))
    alone = specific @ target
    both = float(target @ _specific(pmf.reshape(-1, len(target)), target))
    told = (redundancy, *(alone - redundancy), both - alone.sum() + redundancy)
    redundancy, one, two, synergy = (max(float(value), 0.0) / NATS_PER_UNIT[units] for value in told)
    return Decomposition(redundancy=redundancy, unique=(one, two), synergy=synergy, units=units)


def _specific(joint, target):
    """What a source tells of each outcome of the target (k_y,), from their joint probabilities (k, k_y); nats."""
    source = joint.sum(axis=1, keepdims=True)
    found = joint > 0
    ratio = np.where(found, joint, 1.0) / np.where(found, source * target, 1.0)
    return (joint * np.log(ratio)).sum(axis=0) / np.where(target > 0, target, 1.0)
