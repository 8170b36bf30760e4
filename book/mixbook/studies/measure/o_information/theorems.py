"""Statements about O-information, each checked over random systems by a second way to compute it.

The tables are pandas frames with one row a system, in bits.
"""

import numpy as np
import pandas as pd

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
    r"""TC and DTC of random systems, by the library and again by their other definitions.

    .. math:: \mathrm{TC} = D\bigl(p \,\big\|\, \textstyle\prod_i p_i\bigr), \qquad
              \mathrm{DTC} = H(X) - \sum_i H(X_i \mid X_{-i}),

    the conditional entropies from conditional distributions. Columns ``tc``, ``dtc``, ``omega``,
    ``tc_divergence``, ``dtc_conditional``.

    Source: Watanabe 1960; Han 1978; Rosas et al. 2019.
    """
    rows = []
    for pmf in _random_systems(instances, generator(rng)):
        result = from_pmf(pmf, units="bits")
        rows.append((result.tc, result.dtc, result.omega, _divergence_from_margins(pmf), _dual_by_conditionals(pmf)))
    return pd.DataFrame(rows, columns=["tc", "dtc", "omega", "tc_divergence", "dtc_conditional"])


def gaussian_systems(instances=200, *, rng=None):
    """TC, DTC and Omega of random Gaussian systems of four variables. Columns ``tc``, ``dtc``, ``omega``."""
    roots = generator(rng).normal(size=(instances, 4, 6))
    result = from_covariance(roots @ np.swapaxes(roots, -1, -2), units="bits")
    return pd.DataFrame({"tc": result.tc, "dtc": result.dtc, "omega": result.omega})


def independent_variables(instances=200, *, rng=None):
    """TC, DTC and Omega of three independent random variables: all 0. Columns ``tc``, ``dtc``, ``omega``."""
    rng = generator(rng)
    margins = (rng.dirichlet(np.ones(3), size=3) for _ in range(instances))
    return measure({i: systems.independent(*three) for i, three in enumerate(margins)})


def two_variables(instances=200, *, rng=None):
    """Omega of random pairs of variables, which is always 0. Columns ``tc`` and ``omega``."""
    rng = generator(rng)
    results = [from_pmf(_random_pmf(rng.integers(2, 5, size=2), rng), units="bits") for _ in range(instances)]
    return pd.DataFrame([(r.tc, r.omega) for r in results], columns=["tc", "omega"])


def independent_parts(instances=200, *, rng=None):
    r"""Omega of independent parts with whatever a random channel makes of them: never positive.

    Columns ``n``, ``omega`` and ``identity``, which is Omega once more by the formula behind the theorem,
    :math:`I(M; P) - \sum_j I(M; P_j \mid P_{-j})`. Channels range from nearly constant to nearly deterministic.
    """
    rng = generator(rng)
    rows = []
    for _ in range(instances):
        n = int(rng.integers(2, 5))
        states = rng.integers(2, 4, size=n)
        parts = systems.independent(*(rng.dirichlet(np.ones(k)) for k in states))
        sharpness = 10 ** rng.uniform(-1, 2)
        transition = systems.random_channel(states, rng.integers(2, 5), sharpness=sharpness, rng=rng)
        joint = systems.channel(parts, transition)
        rows.append((n, from_pmf(joint, units="bits").omega, _synergy_formula(joint)))
    return pd.DataFrame(rows, columns=["n", "omega", "identity"])


def relabelled_mixtures(instances=200, *, rng=None):
    """Omega before and after a random bijection of the mixture's states: the same. Columns ``omega``, ``after``."""
    rng = generator(rng)
    rows = []
    for _ in range(instances):
        states = rng.integers(2, 4, size=2)
        joint = systems.channel(_random_pmf(states, rng), systems.random_channel(states, 5, sharpness=5, rng=rng))
        shuffled = joint[..., rng.permutation(5)]
        rows.append([from_pmf(pmf, units="bits").omega for pmf in (joint, shuffled)])
    return pd.DataFrame(rows, columns=["omega", "after"])


def joint_against_pairs(instances=200, *, n=3, rng=None):
    r"""Omega of ``n`` dependent variables, and how much TC exceeds the sum of all pairwise informations.

    For three variables the excess is exactly :math:`-\Omega`; for more, neither decides the other's sign.
    Columns ``omega``, ``excess``.
    """
    rng = generator(rng)
    rows = []
    for _ in range(instances):
        pmf = _random_pmf((2,) * n, rng)
        result = from_pmf(pmf, units="bits")
        rows.append((result.omega, result.tc - pairwise_information(pmf)))
    return pd.DataFrame(rows, columns=["omega", "excess"])


def largest_gap(table, computed, known):
    """The largest difference between columns that should agree: one or more names on either side."""
    return float(np.abs(table[computed].to_numpy() - table[known].to_numpy()).max())


def pairwise_information(pmf):
    """The sum of the mutual informations of all pairs of variables, in bits."""
    n = pmf.ndim
    pairs = [(i, j) for i in range(n) for j in range(i)]
    return sum(from_pmf(pmf.sum(axis=tuple(set(range(n)) - set(pair))), units="bits").tc for pair in pairs)


def _random_systems(instances, rng):
    for _ in range(instances):
        yield _random_pmf(rng.integers(2, 4, size=rng.integers(2, 5)), rng)


def _random_pmf(shape, rng):
    """From nearly uniform to nearly all mass in one state."""
    concentration = 10 ** rng.uniform(-1, 1)
    return rng.dirichlet(np.full(np.prod(shape), concentration)).reshape(shape)


def _divergence_from_margins(pmf):
    margins = [pmf.sum(axis=tuple(j for j in range(pmf.ndim) if j != i)) for i in range(pmf.ndim)]
    product = systems.independent(*margins)
    seen = pmf > 0
    return float(np.sum(pmf[seen] * np.log2(pmf[seen] / product[seen])))


def _dual_by_conditionals(pmf):
    return _entropy(pmf) - sum(_conditional_entropy(pmf, i) for i in range(pmf.ndim))


def _synergy_formula(joint):
    """``I(M; P) - sum_j I(M; P_j | P_-j)``, the mixture on the last axis."""
    n = joint.ndim - 1
    parts = joint.sum(axis=-1)
    given_all = _conditional_entropy(joint, n)
    total = _entropy(joint.sum(axis=tuple(range(n)))) - given_all
    shares = [_conditional_entropy(parts, j) - _conditional_entropy(joint, j) for j in range(n)]
    return total - sum(shares)


def _conditional_entropy(pmf, axis):
    """Entropy of one variable given all others, from its conditional distributions."""
    others = pmf.sum(axis=axis, keepdims=True)
    conditional = np.divide(pmf, others, out=np.ones_like(pmf), where=others > 0)
    return float(-np.sum(pmf * np.log2(np.where(pmf > 0, conditional, 1))))


def _entropy(pmf):
    return float(-np.sum(pmf * np.log2(np.where(pmf > 0, pmf, 1))))
