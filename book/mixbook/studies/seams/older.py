"""What two works that are older than the O-information measure, held against it."""

import itertools

import numpy as np
import pandas as pd

from mixlib.information import from_pmf

YEARS = {"Williams and Beer": 2010, "Timme et al.": 2014, "Rosas et al.": 2019}  # the last named the O-information


def interaction_information(pmf):
    """Interaction information of all axes, in nats: the alternating sum of the entropies of all subsets.

    For three variables it is what two share, less what they share once the third is known.
    """
    axes = range(pmf.ndim)
    subsets = itertools.chain.from_iterable(itertools.combinations(axes, size) for size in range(1, pmf.ndim + 1))
    return -sum((-1) ** len(kept) * _entropy(pmf.sum(axis=tuple(set(axes) - set(kept)))) for kept in subsets)


def redundancy_less_synergy(pmf):
    """Of the sources (all axes but the last) about the target: what each tells less what only all together tell.

    The first is the lowest node of the lattice of Williams and Beer 2010, the second its highest.
    """
    sources = range(pmf.ndim - 1)
    target = pmf.sum(axis=tuple(sources))
    each = [_specific(pmf, (one,), target) for one in sources]
    all_but_one = [_specific(pmf, kept, target) for kept in itertools.combinations(sources, len(sources) - 1)]
    everything = _specific(pmf, tuple(sources), target)
    return float(target @ np.min(each, axis=0) - target @ (everything - np.max(all_but_one, axis=0)))


def compare(variables, systems=500, rng=0):
    """Ω of random systems of bits, of which the last is the target, and the measures of both works: a row a system."""
    rng = np.random.default_rng(rng)
    rows = []
    for _ in range(systems):
        pmf = rng.dirichlet(np.full(2**variables, 0.5)).reshape((2,) * variables)
        rows.append((from_pmf(pmf).omega, interaction_information(pmf), redundancy_less_synergy(pmf)))
    return pd.DataFrame(rows, columns=["omega", "interaction", "decomposition"])


def _entropy(pmf):
    pmf = pmf[pmf > 0]
    return float(-np.sum(pmf * np.log(pmf)))


def _specific(pmf, kept, target):
    """What some sources tell of each outcome of the target."""
    others = tuple(set(range(pmf.ndim - 1)) - set(kept))
    joint = pmf.sum(axis=others).reshape(-1, len(target))
    source = joint.sum(axis=1, keepdims=True)
    ratio = np.divide(joint, source * target, out=np.ones_like(joint), where=joint > 0)
    return (joint * np.log(ratio)).sum(axis=0) / target
