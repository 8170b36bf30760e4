"""What O-information is, checked over random systems by a second way to compute it.

The tables are pandas frames with one row a system, in bits.
"""

import numpy as np
import pandas as pd

from mixbook.studies.measure.o_information.entropies import conditional_entropy, entropy, random_pmf
from mixlib.arrays import generator
from mixlib.information import systems
from mixlib.information.estimators.gaussian import from_covariance
from mixlib.information.exact import from_pmf


def measure(joints):
    """TC, DTC and Omega of joint mass functions, a row for each entry of the dict ``joints``.

    Columns ``tc``, ``dtc``, ``omega``.
    """
    results = {name: from_pmf(pmf, units="bits") for name, pmf in joints.items()}
    rows = {name: (result.tc, result.dtc, result.omega) for name, result in results.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["tc", "dtc", "omega"])


def canonical():
    r"""TC and DTC of the classical systems beside their closed forms, a row a system.

    Columns ``tc``, ``dtc``, ``omega``, ``known tc``, ``known dtc``; :math:`h` is the entropy of a biased bit.
    """

    def h(p):
        return -p * np.log2(p) - (1 - p) * np.log2(1 - p)

    known = {
        "copy of one bit, n = 3": (systems.copy(3), 2, 1),
        "copy of one bit, n = 5": (systems.copy(5), 4, 1),
        "noisy copies, 10% flips": (systems.noisy_copy(0.1), 2 * (1 - h(0.1)), 1 + h(0.18) - 2 * h(0.1)),
        "parity, n = 3": (systems.parity(3), 1, 2),
        "parity, n = 5": (systems.parity(5), 1, 4),
        "noisy parity, 10% flips": (systems.noisy_parity(0.1), 1 - h(0.1), 2 * (1 - h(0.1))),
        "AND of two bits": (systems.and_gate(), h(0.25), 1),
        "dyadic": (systems.dyadic(), 3, 3),
        "triadic": (systems.triadic(), 3, 3),
    }
    table = measure({name: pmf for name, (pmf, _, _) in known.items()})
    table[["known tc", "known dtc"]] = [closed for _, *closed in known.values()]
    return table


def definition(instances=200, *, rng=None):
    """:func:`definition_of` random systems of two to four variables."""
    return definition_of(_random_systems(instances, generator(rng)))


def definition_of(joints):
    r"""TC and DTC of joint mass functions, by the library and again by their other definitions, a row for each.

    .. math:: \mathrm{TC} = D\bigl(p \,\big\|\, \textstyle\prod_i p_i\bigr), \qquad
              \mathrm{DTC} = H(X) - \sum_i H(X_i \mid X_{-i}),

    the conditional entropies from conditional distributions. Columns ``tc``, ``dtc``, ``omega``,
    ``tc_divergence``, ``dtc_conditional``.

    Source: Watanabe 1960; Han 1978; Rosas et al. 2019.
    """
    rows = []
    for pmf in joints:
        result = from_pmf(pmf, units="bits")
        rows.append((result.tc, result.dtc, result.omega, _divergence_from_margins(pmf), _dual_by_conditionals(pmf)))
    return pd.DataFrame(rows, columns=["tc", "dtc", "omega", "tc_divergence", "dtc_conditional"])


def gaussian_systems(instances=200, *, rng=None):
    """TC, DTC and Omega of random Gaussian systems of four variables. Columns ``tc``, ``dtc``, ``omega``."""
    roots = generator(rng).normal(size=(instances, 4, 6))
    result = from_covariance(roots @ np.swapaxes(roots, -1, -2), units="bits")
    return pd.DataFrame({"tc": result.tc, "dtc": result.dtc, "omega": result.omega})


def independent_systems(instances=200, *, rng=None):
    """Joint mass functions of three independent random variables of three states, a list."""
    rng = generator(rng)
    return [systems.independent(*rng.dirichlet(np.ones(3), size=3)) for _ in range(instances)]


def random_pairs(instances=200, *, rng=None):
    """Joint mass functions of two dependent random variables, a list."""
    rng = generator(rng)
    return [random_pmf(rng.integers(2, 5, size=2), rng) for _ in range(instances)]


def largest_gap(table, computed, known):
    """The largest difference between columns that should agree: one or more names on either side."""
    return float(np.abs(table[computed].to_numpy() - table[known].to_numpy()).max())


def _random_systems(instances, rng):
    for _ in range(instances):
        yield random_pmf(rng.integers(2, 4, size=rng.integers(2, 5)), rng)


def _divergence_from_margins(pmf):
    margins = [pmf.sum(axis=tuple(j for j in range(pmf.ndim) if j != i)) for i in range(pmf.ndim)]
    product = systems.independent(*margins)
    seen = pmf > 0
    return float(np.sum(pmf[seen] * np.log2(pmf[seen] / product[seen])))


def _dual_by_conditionals(pmf):
    return entropy(pmf[None], range(pmf.ndim))[0] - sum(conditional_entropy(pmf, i) for i in range(pmf.ndim))
