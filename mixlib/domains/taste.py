"""Taste: the umami of glutamate and of nucleotides, which do little alone and much together.

All amounts are in g/100 mL, and umami is told as the amount of monosodium glutamate that tastes as strong.
"""

import numpy as np

from mixlib.carriers.euclidean import Euclidean
from mixlib.domains.base import Domain
from mixlib.kernels import Synergistic

SYNERGY = 1218.0  # per (g/100 mL): Yamaguchi 1967
AMINO_ACIDS = {"glutamate": 1.0, "aspartate": 0.077}  # strength over glutamate's: Yamaguchi et al. 1971
BROTH = 0.01  # g/100 mL of glutamate that a broth holds before anything is added
NUCLEOTIDES = {"inosinate": 1.0, "guanylate": 2.3, "adenylate": 0.18}  # strength over inosinate's: the same


def umami(amino_acid, nucleotide):
    r"""Umami of an amino acid and a nucleotide in one solution.

    .. math:: y = u + 1218 \, u \, v

    Source: Yamaguchi 1967.

    Parameters
    ----------
    amino_acid, nucleotide : array_like
        Amounts u and v in g/100 mL, as glutamate and as inosinate of equal strength.

    Returns
    -------
    array
        The amount of glutamate, in g/100 mL, that tastes as strong.

    Examples
    --------
    >>> from mixlib.domains.taste import umami
    >>> print(f"{umami(0.05, 0.05):.3f} g/100 mL")
    3.095 g/100 mL
    """
    u, v = np.asarray(amino_acid, dtype=float), np.asarray(nucleotide, dtype=float)
    return u + SYNERGY * u * v


def blend(weights, total, names=("glutamate", "inosinate")):
    """Umami of a ``total`` amount that ``weights`` share out, through the multiplicative-synergistic kernel.

    The kernel gives every part a taste of its own. A nucleotide has none, so its own term is taken off again.

    Source: Yamaguchi 1967, Yamaguchi et al. 1971.

    Parameters
    ----------
    weights : array_like (..., n)
        On the simplex, in the order of ``names``.
    total : array_like (...)
        In g/100 mL, positive.
    names : sequence of str
        Keys of ``AMINO_ACIDS`` and ``NUCLEOTIDES``.

    Returns
    -------
    array (...)
        The amount of glutamate, in g/100 mL, that tastes as strong.

    Raises
    ------
    ValueError
        If a name is unknown, a total is not positive, or the weights are off the simplex.

    Examples
    --------
    >>> from mixlib.domains.taste import blend
    >>> print(f"{blend([0.5, 0.5], 0.1):.3f} g/100 mL")
    3.095 g/100 mL
    """
    strengths = AMINO_ACIDS | NUCLEOTIDES
    if unknown := [name for name in names if name not in strengths]:
        raise ValueError(f"names: {unknown[0]!r} is unknown; choose from {', '.join(strengths)}")
    strength = np.array([strengths[name] for name in names])
    tasteless = np.array([name in NUCLEOTIDES for name in names])
    parts = _positive("total", total)[..., None] * strength
    kernel = Synergistic(SYNERGY * (tasteless[:, None] != tasteless))  # a pair needs one of each kind
    weights = np.asarray(weights, dtype=float)
    return kernel(weights, parts[..., None])[..., 0] - np.sum(weights * parts * tasteless, axis=-1)


def gain(share, total):
    r"""How many times stronger than as much pure glutamate: :math:`(1 - w)(1 + 1218 \, c \, w)`.

    Parameters
    ----------
    share : array_like (...)
        The share w of inosinate, from 0 to 1; the rest is glutamate.
    total : array_like (...)
        The amount c of both together, in g/100 mL.

    Examples
    --------
    >>> from mixlib.domains.taste import gain
    >>> gain([0.0, 0.5], 0.1).round(1)
    array([ 1., 31.])
    """
    share = np.asarray(share, dtype=float)
    return blend(np.stack([1 - share, share], axis=-1), total) / total


def best_share(total):
    r"""The share of inosinate of the largest gain, :math:`\max(0, 1/2 - 1 / (2 \cdot 1218 \, c))`.

    Examples
    --------
    >>> from mixlib.domains.taste import best_share
    >>> print(f"{best_share(0.1):.3f}")
    0.496
    """
    return np.maximum(0, 0.5 - 0.5 / (SYNERGY * _positive("total", total)))


def total_of_gain(factor):
    r"""The total amount, in g/100 mL, at which the best blend is ``factor`` times as strong as pure glutamate.

    The largest gain is :math:`(1 + k)^2 / 4k` with :math:`k = 1218 \, c`, hence

    .. math:: c = \frac{2 f - 1 + 2 \sqrt{f (f - 1)}}{1218}

    Raises
    ------
    ValueError
        If ``factor`` is below 1, which pure glutamate has at every amount.

    Examples
    --------
    >>> from mixlib.domains.taste import total_of_gain
    >>> print(f"{total_of_gain(8):.4f} g/100 mL")
    0.0246 g/100 mL
    """
    factor = np.asarray(factor, dtype=float)
    if not np.all(factor >= 1):
        raise ValueError(f"factor: got {factor.min()}; pure glutamate has gain 1 at any amount, ask for at least that")
    return (2 * factor - 1 + 2 * np.sqrt(factor * (factor - 1))) / SYNERGY


def in_broth(total, background):
    r"""The same blends in a broth with some glutamate of its own, as a kernel and its two parts.

    A background s gives the nucleotide something to work on, and the kernel is exact with nothing to take off:

    .. math:: p_1 = c + s, \qquad p_2 = s \, (1 + 1218 \, c), \qquad g_{12} = 1218 \, c^2 / p_1 p_2

    Parameters
    ----------
    total : float
        What is added, c, in g/100 mL.
    background : float
        The broth's own glutamate, s, in g/100 mL, positive.

    Returns
    -------
    kernel : Synergistic
    parts : array (2, 1)
        The broth with glutamate only, and with inosinate only.

    Examples
    --------
    >>> from mixlib.domains.taste import in_broth
    >>> kernel, parts = in_broth(0.02, 0.01)
    >>> parts.round(3), kernel([0.5, 0.5], parts).round(3)
    (array([[0.03 ],
           [0.254]]), array([0.264]))
    """
    total, background = float(_positive("total", total)), float(_positive("background", background))
    parts = np.array([[total + background], [background * (1 + SYNERGY * total)]])
    return Synergistic(SYNERGY * total**2 / parts.prod()), parts


def _positive(name, amount):
    amount = np.asarray(amount, dtype=float)
    if not np.all(np.isfinite(amount) & (amount > 0)):
        raise ValueError(f"{name}: holds {np.min(amount)}; give positive amounts in g/100 mL")
    return amount


_TOTAL = float(total_of_gain(8))
_KERNEL, _PARTS = in_broth(_TOTAL, BROTH)

DOMAIN = Domain(
    about="a broth with glutamate, and with inosinate",
    parts=_PARTS,
    weights=np.array([0.5, 0.5]),
    kernel=_KERNEL,
    carrier=Euclidean(),
    points="umami of a broth",
    unit="g/100 mL of glutamate",
    known=np.array([umami(BROTH + _TOTAL / 2, _TOTAL / 2)]),
    tolerance=1e-12,
    source="Yamaguchi 1967",
    reference="yamaguchi1967",
    route="definition",
)
