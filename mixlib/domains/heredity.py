"""Heredity: what a child gets from two parents, drawn as in Mendel's peas or blended as was believed before him."""

import numpy as np

from mixlib.arrays import generator
from mixlib.kernels import Linear, Stochastic

# Plants or seeds of the second generation that show the dominant and the recessive form (Mendel 1866)
MENDEL = {
    "round or wrinkled seeds": (5474, 1850),
    "yellow or green seeds": (6022, 2001),
    "violet-red or white flowers": (705, 224),
    "inflated or constricted pods": (882, 299),
    "green or yellow pods": (428, 152),
    "axial or terminal flowers": (651, 207),
    "long or short stems": (787, 277),
}

# Offspring by two linked genes: both dominant, only the first, only the second, none
# (Rao's counts, in Dempster et al. 1977)
LINKED = np.array([125, 18, 20, 34])

# Maize from crossed over maize from self-fertilised parents: difference in height of 15 pairs, in eighths of an inch
# (Darwin's measurements, as in Fisher 1935)
DARWIN = np.array([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48])


def founders(size, genes, rng):
    """Genomes ``(size, 2, genes)``: two alleles a gene, 0 or 1 with equal chances.

    Examples
    --------
    >>> from mixlib.domains.heredity import founders
    >>> founders(100, 5, rng=0).shape
    (100, 2, 5)
    """
    return generator(rng).integers(0, 2, (size, 2, genes)).astype(float)


def height(genomes):
    """A trait ``(size,)`` to which every allele adds its part, scaled to mean 0 and variance 1 among founders.

    Examples
    --------
    >>> from mixlib.domains.heredity import founders, height
    >>> print(f"{height(founders(1000, 20, rng=0)).var():.2f}")
    1.03
    """
    genes = genomes.shape[-1]
    return (genomes.sum(axis=(1, 2)) - genes) / np.sqrt(genes / 2)


def breed(genomes, rng):
    """The next generation ``(size, 2, genes)``: of each gene, one allele of either parent, drawn independently.

    Parents are paired at random, and the size of the population is kept.

    Examples
    --------
    >>> from mixlib.domains.heredity import breed, founders, height
    >>> print(f"{height(breed(founders(1000, 20, rng=0), rng=1)).var():.2f}")  # as varied as their parents
    1.00
    """
    rng = generator(rng)
    parents = genomes[rng.integers(0, len(genomes), (len(genomes), 2))]  # (child, parent, allele, gene)
    alleles = np.moveaxis(parents, 2, -1)[..., None]  # the two parts of each draw lie on the last axis but one
    return Stochastic(rng)(None, alleles)[..., 0]


def blend(heights, rng):
    """The next generation's trait ``(size,)`` if a child were the mean of its parents.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.heredity import blend
    >>> heights = np.random.default_rng(0).normal(size=1000)
    >>> print(f"{blend(heights, rng=1).var() / heights.var():.2f}")  # half as varied as their parents
    0.53
    """
    pairs = generator(rng).integers(0, len(heights), (len(heights), 2))
    return Linear()(None, heights[pairs][..., None])[..., 0]


def histories(size, genes, generations, rng):
    """The trait ``(generations + 1, size)`` under drawing and under blending, from the same founders.

    Examples
    --------
    >>> from mixlib.domains.heredity import histories
    >>> drawn, blended = histories(500, 20, 5, rng=0)
    >>> drawn.shape, bool(drawn[-1].var() > 10 * blended[-1].var())
    ((6, 500), True)
    """
    rng = generator(rng)
    genomes = founders(size, genes, rng)
    drawn, blended = [height(genomes)], [height(genomes)]
    for _ in range(generations):
        genomes = breed(genomes, rng)
        drawn.append(height(genomes))
        blended.append(blend(blended[-1], rng))
    return np.array(drawn), np.array(blended)


def linked_classes(together):
    r"""Shares ``(..., 4)`` of the classes of `LINKED`, given how often both recessive alleles travel together.

    .. math:: \tfrac12 + \tfrac\theta4, \quad \tfrac{1-\theta}4, \quad \tfrac{1-\theta}4, \quad \tfrac\theta4,
              \qquad \theta = (1 - r)^2

    at recombination fraction ``r``; independent genes have ``r = 1/2`` and the shares 9 : 3 : 3 : 1.

    Examples
    --------
    >>> from mixlib.domains.heredity import linked_classes
    >>> linked_classes(0.25)  # independent genes
    array([0.5625, 0.1875, 0.1875, 0.0625])
    """
    theta = np.asarray(together, dtype=float)
    return np.stack([0.5 + theta / 4, (1 - theta) / 4, (1 - theta) / 4, theta / 4], axis=-1)


def estimate_linkage(counts, *, start=0.5, steps=8):
    r"""Estimates of :math:`\theta` by expectation-maximisation, from the start on: array ``(steps + 1,)``.

    The first class is itself a mixture, of weights 1/2 and :math:`\theta/4`. Each step shares its members out by these
    weights, then counts.

    Source: Dempster et al. 1977.

    Examples
    --------
    >>> from mixlib.domains.heredity import LINKED, estimate_linkage
    >>> estimate_linkage(LINKED).round(4)[[0, 1, -1]]
    array([0.5   , 0.6082, 0.6268])
    """
    both, first, second, neither = counts
    estimates = [start]
    for _ in range(steps):
        hidden = both * (estimates[-1] / 4) / (0.5 + estimates[-1] / 4)
        estimates.append((hidden + neither) / (hidden + first + second + neither))
    return np.array(estimates)
