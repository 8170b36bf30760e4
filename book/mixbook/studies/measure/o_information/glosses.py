"""What the document says the signs of Omega mean, as comparisons that can be computed: left side minus right side.

The last variable of a system is the mixture M, those before it are the parts P. All in bits.
"""

import numpy as np
import pandas as pd

from mixbook.studies.measure.o_information import entropies
from mixlib.arrays import generator

REDUNDANT = {  # "more predictable from parts than the parts are from each other", three readings
    "by all parts": "I(M; P) − TC(P)",
    "by one part": "mean I(M; Pᵢ) − mean I(Pᵢ; Pⱼ)",
    "as shares": "I(M; P) / H(M) − mean I(Pᵢ; P₋ᵢ) / H(Pᵢ)",
}
SYNERGISTIC = {  # "more joint information than any individual part can account for", two readings
    "shared": "DTC − max I(Xᵢ; X₋ᵢ)",
    "told": "I(M; P) − max I(M; Pᵢ)",
}


def compare(pmfs):
    """``omega`` of a batch (T, 2, ..., 2), and left minus right side of each reading, a column each.

    ``before and after`` is Omega's own comparison for two parts: what they tell about each other, minus what they
    still tell once the mixture is known.
    """
    n = pmfs.ndim - 2
    parts, mixture, everything = range(n), [n], range(n + 1)
    others = {i: [j for j in parts if j != i] for i in parts}
    tc, dtc = entropies.total_correlation(pmfs, everything), entropies.dual_total_correlation(pmfs)
    told = entropies.information(pmfs, parts, mixture)
    single = np.array([entropies.information(pmfs, [i], mixture) for i in parts])
    pairs = np.array([entropies.information(pmfs, [i], [j]) for i in parts for j in range(i)])
    shares = [entropies.information(pmfs, [i], others[i]) / entropies.entropy(pmfs, [i]) for i in parts]
    rest = [entropies.information(pmfs, [i], [j for j in everything if j != i]) for i in everything]
    known = entropies.information(pmfs, [0], [1], given=mixture) if n == 2 else np.nan
    return pd.DataFrame({
        "omega": tc - dtc,
        "by all parts": told - entropies.total_correlation(pmfs, parts),
        "by one part": single.mean(axis=0) - pairs.mean(axis=0),
        "as shares": told / entropies.entropy(pmfs, mixture) - np.mean(shares, axis=0),
        "shared": dtc - np.max(rest, axis=0),
        "told": told - single.max(axis=0),
        "before and after": pairs[0] - known,
    })  # fmt: skip


def dependent(parts, instances, *, rng=None):
    """:func:`compare` for random systems of so many parts and their mixture, all of them bits."""
    return compare(entropies.random_systems(parts + 1, instances, rng=rng))


def independent(parts, instances, *, rng=None):
    """The same for independent parts and whatever a random channel makes of them."""
    rng = generator(rng)
    biased = rng.uniform(0.1, 0.9, size=(instances, parts))
    pmfs = np.ones((instances,))
    for i in range(parts):
        bit = np.stack([biased[:, i], 1 - biased[:, i]], axis=-1)
        pmfs = pmfs[..., None] * bit.reshape(instances, *[1] * i, 2)
    up = rng.beta(0.5, 0.5, size=pmfs.shape)
    return compare(pmfs[..., None] * np.stack([up, 1 - up], axis=-1))


def readings_of_a_hidden_bit(flip, readings=3):
    """The joint mass function (1, 2, ..., 2) of readings of one fair bit, each flipped by itself: pure redundancy."""
    seen = np.array([[1 - flip, flip], [flip, 1 - flip]])  # hidden bit, reading
    joint = np.full(2, 0.5)
    for _ in range(readings):
        joint = joint[..., None] * seen.reshape(2, *[1] * (joint.ndim - 1), 2)
    return joint.sum(axis=0)[None]
