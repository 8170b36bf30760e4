"""Which parts make synergy: the document's conditions over random systems, gates and linear maps. All in bits.

The last variable of a system is the mixture M, those before it are the parts P.
"""

import numpy as np
import pandas as pd

from mixbook.studies.measure.o_information import entropies
from mixlib.arrays import generator
from mixlib.information import systems
from mixlib.information.estimators.gaussian import from_covariance
from mixlib.information.exact import from_pmf

# five equally likely states of four bits: synergistic, though TC is less than the informations of all pairs
FEWER_THAN_PAIRS = ("0000", "0001", "0010", "0100", "1011")


def over_systems(parts, instances, *, rng=None):
    """:func:`conditions` of random systems of so many parts and their mixture, all of them bits."""
    return conditions(entropies.random_systems(parts + 1, instances, rng=rng))


def conditions(pmfs):
    r"""What the document asks of synergistic systems, for a batch (T, 2, ..., 2): a row a system.

    Columns ``omega``; ``over pairs``, TC minus the informations of all pairs; ``over parts``,
    :math:`I(M; P) - \sum_i I(M; P_i)`; ``least added``, the smallest :math:`I(M; P_i \mid P_{-i})`.
    """
    n = pmfs.ndim - 2
    parts, mixture, everything = range(n), [n], range(n + 1)
    tc = entropies.total_correlation(pmfs, everything)
    pairs = sum(entropies.information(pmfs, [i], [j]) for i in everything for j in range(i))
    alone = sum(entropies.information(pmfs, [i], mixture) for i in parts)
    added = [entropies.information(pmfs, [i], mixture, given=[j for j in parts if j != i]) for i in parts]
    return pd.DataFrame({
        "omega": tc - entropies.dual_total_correlation(pmfs),
        "over pairs": tc - pairs,
        "over parts": entropies.information(pmfs, parts, mixture) - alone,
        "least added": np.min(added, axis=0),
    })  # fmt: skip


def equally_likely(states):
    """The mass function (1, 2, ..., 2) that is uniform over states written as ``"0110"``."""
    pmf = np.zeros((1, *[2] * len(states[0])))
    for state in states:
        pmf[(0, *map(int, state))] = 1 / len(states)
    return pmf


def share_redundant(parts, agreements, instances, *, rng=None):
    """The share of random channels from so many agreeing bits to four outputs with Omega > 0, by agreement."""
    rng = generator(rng)
    channels = [systems.random_channel((2,) * parts, 4, sharpness=10 ** rng.uniform(-1, 2), rng=rng)
                for _ in range(instances)]  # fmt: skip
    bits = [systems.agreeing_bits(a, parts) for a in agreements]
    return np.array([np.mean([from_pmf(systems.channel(b, c)).omega > 0 for c in channels]) for b in bits])


def share_redundant_linear(parts, correlations, instances, *, snr=10, rng=None):
    """The same for Gaussian parts and noisy linear maps of them with random coefficients, by correlation."""
    maps = generator(rng).normal(size=(instances, parts))
    shares = []
    for rho in correlations:
        covariance = np.zeros((instances, parts + 1, parts + 1))
        covariance[:, :-1, :-1] = systems.equicorrelated(parts, rho)
        covariance[:, :-1, -1] = covariance[:, -1, :-1] = maps @ systems.equicorrelated(parts, rho)
        signal = np.sum(maps * covariance[:, :-1, -1], axis=-1)
        covariance[:, -1, -1] = signal * (1 + 1 / snr)
        shares.append(np.mean(from_covariance(covariance).omega > 0))
    return np.array(shares)
