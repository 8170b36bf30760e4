"""Entropies and informations of groups of variables, in bits, straight from their definitions.

Joint mass functions come in a batch (T, k1, ..., kn): one axis a variable after the first, variables counted from 0.
A second way to what `mixlib.information` computes, and quick for many small systems.
"""

import numpy as np

from mixlib.arrays import generator


def entropy(pmfs, variables):
    """The joint entropy (T,) of some variables."""
    others = tuple(i + 1 for i in range(pmfs.ndim - 1) if i not in variables)
    margins = pmfs.sum(axis=others).reshape(len(pmfs), -1)
    return -np.sum(margins * np.log2(np.where(margins > 0, margins, 1)), axis=-1)


def information(pmfs, one, other, given=()):
    """The mutual information (T,) of two groups of variables, given a third."""
    one, other, given = ({*group} for group in (one, other, given))
    joint = entropy(pmfs, one | other | given) + (entropy(pmfs, given) if given else 0)
    return entropy(pmfs, one | given) + entropy(pmfs, other | given) - joint


def total_correlation(pmfs, variables):
    """The total correlation (T,) of some variables."""
    return sum(entropy(pmfs, [i]) for i in variables) - entropy(pmfs, variables)


def dual_total_correlation(pmfs):
    """The dual total correlation (T,) of all variables."""
    everything = range(pmfs.ndim - 1)
    total = entropy(pmfs, everything)
    return total - sum(total - entropy(pmfs, [j for j in everything if j != i]) for i in everything)


def random_systems(n, instances, *, rng=None):
    """Random joint mass functions (instances, 2, ..., 2) of ``n`` bits, from nearly uniform to nearly one state."""
    rng = generator(rng)
    return np.stack([random_pmf((2,) * n, rng) for _ in range(instances)])


def random_pmf(shape, rng):
    """One random joint mass function, from nearly uniform to nearly all mass in one state."""
    concentration = 10 ** rng.uniform(-1, 1)
    return rng.dirichlet(np.full(np.prod(shape), concentration)).reshape(shape)


def conditional_entropy(pmf, axis):
    """Entropy of one variable given all others, of a single mass function, from its conditional distributions."""
    others = pmf.sum(axis=axis, keepdims=True)
    conditional = np.divide(pmf, others, out=np.ones_like(pmf), where=others > 0)
    return float(-np.sum(pmf * np.log2(np.where(pmf > 0, conditional, 1))))
