"""The theorems on the sign of Omega, each checked over random systems. Frames with one row a system, in bits."""

import numpy as np
import pandas as pd

from mixbook.studies.measure.o_information.entropies import conditional_entropy, entropy, random_pmf
from mixbook.studies.measure.o_information.theorems import random_pairs
from mixlib.arrays import generator
from mixlib.information import systems
from mixlib.information.exact import from_pmf


def two_variables(instances=200, *, rng=None):
    """Omega of random pairs of variables, which is always 0. Columns ``tc`` and ``omega``."""
    results = [from_pmf(pmf, units="bits") for pmf in random_pairs(instances, rng=rng)]
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
        joint = systems.channel(random_pmf(states, rng), systems.random_channel(states, 5, sharpness=5, rng=rng))
        shuffled = joint[..., rng.permutation(5)]
        rows.append([from_pmf(pmf, units="bits").omega for pmf in (joint, shuffled)])
    return pd.DataFrame(rows, columns=["omega", "after"])


def _synergy_formula(joint):
    """``I(M; P) - sum_j I(M; P_j | P_-j)``, the mixture on the last axis."""
    n = joint.ndim - 1
    parts = joint.sum(axis=-1)
    given_all = conditional_entropy(joint, n)
    total = entropy(joint[None], [n])[0] - given_all
    shares = [conditional_entropy(parts, j) - conditional_entropy(joint, j) for j in range(n)]
    return total - sum(shares)
