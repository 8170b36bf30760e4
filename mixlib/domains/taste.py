"""Taste: the umami of glutamate and of nucleotides, which do little alone and much together.

All amounts are in g/100 mL, and umami is told as the amount of monosodium glutamate that tastes as strong. How strong
that seems to somebody is another scale, and what fat does to a taste is a matter of what dissolves in it.
"""

import numpy as np

from mixlib.carriers.euclidean import Euclidean
from mixlib.domains.base import Constant, Domain
from mixlib.kernels import Synergistic

SYNERGY = 1218.0  # per (g/100 mL): Yamaguchi 1967
AMINO_ACIDS = {"glutamate": 1.0, "aspartate": 0.077}  # strength over glutamate's: Yamaguchi et al. 1971
NUCLEOTIDES = {"inosinate": 1.0, "guanylate": 2.3, "adenylate": 0.18}  # strength over inosinate's: the same
GUANYLATE = 3.8  # strength over inosinate's by another count: Kuninaka 1966
RECOGNISED = 0.03  # g/100 mL of glutamate from which on it is recognised: Forum Vegetables and Culture
TRACE = 1e-5  # g/100 mL of glutamate that the water of the mixture below holds, so that nucleotides alone taste


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


def gain_at_strength(share, strength, *, potency=1.0):
    r"""How many times less of a blend than of glutamate tastes as strong: what it saves in a dish.

    .. math:: (1 - w) c + 1218 \, p \, w (1 - w) c^2 = y, \qquad \text{gain} = y / c

    It is :func:`gain` where the taste is given and not the amount; tables of seasonings are made in this way.

    Parameters
    ----------
    share : array_like (...)
        The share w of the nucleotide, from 0 to below 1; the rest is glutamate.
    strength : array_like (...)
        The taste y, as the amount of glutamate that has it, in g/100 mL.
    potency : array_like (...), default=1.0
        The strength p of the nucleotide over inosinate's.

    Raises
    ------
    ValueError
        If a share is below 0 or not below 1, or a strength is not positive.

    Examples
    --------
    >>> from mixlib.domains.taste import gain_at_strength
    >>> gain_at_strength([0.0, 0.5], 0.2).round(1)
    array([1. , 8.1])
    """
    w, strength = _share(share), _positive("strength", strength)
    slope, bend = 1 - w, SYNERGY * np.asarray(potency, dtype=float) * w * (1 - w)
    return (slope + np.sqrt(slope**2 + 4 * bend * strength)) / 2  # y / c from the quadratic equation in c


def strength_at_gain(share, gain, *, potency=1.0):
    r"""The taste at which a blend of this share has this gain over as strong a solution of glutamate.

    The inverse of :func:`gain_at_strength`, in g/100 mL of glutamate.

    Raises
    ------
    ValueError
        If a share is not between 0 and 1, or a gain is below that of the glutamate in the blend.

    Examples
    --------
    >>> from mixlib.domains.taste import gain_at_strength, strength_at_gain
    >>> print(f"{gain_at_strength(0.5, strength_at_gain(0.5, 8.0)):.3f}")
    8.000
    """
    w, gain = _share(share), np.asarray(gain, dtype=float)
    if not np.all(gain > 1 - w):
        raise ValueError(f"gain: got {np.min(gain)}; the glutamate alone gives 1 - share, ask for more")
    return gain * (gain / (1 - w) - 1) / (SYNERGY * np.asarray(potency, dtype=float) * w)


def perceived(amount, threshold=RECOGNISED):
    r"""How strong an amount seems on a logarithmic scale: how often it doubles from the threshold, and 0 below it.

    .. math:: \max(0, \log_2 (y / y_0))

    Source: the law of Weber and Fechner, with the threshold of recognition.

    Parameters
    ----------
    amount : array_like (...)
        As glutamate, in g/100 mL.
    threshold : float, default=0.03
        What can just be recognised, in g/100 mL.

    Examples
    --------
    >>> from mixlib.domains.taste import perceived
    >>> perceived([0.02, 0.06, 0.24])
    array([0., 1., 3.])
    """
    return np.maximum(0, np.log2(_positive("amount", amount) / threshold))


def in_water(fat, partition=0.0):
    r"""How many times more of a tastant is in the water of a dish when part of the dish is fat.

    .. math:: 1 / (1 - f + f K)

    The recipe stays, so much for 100 mL of dish; what is tasted is what is dissolved in water.

    Parameters
    ----------
    fat : array_like (...)
        The share f of the volume, from 0 to below 1.
    partition : array_like (...), default=0.0
        The concentration in fat over that in water, K: 0 for salt or glutamate, 1 changes nothing, above 1 weakens.

    Raises
    ------
    ValueError
        If a share of fat is below 0 or not below 1, or a partition coefficient is negative.

    Examples
    --------
    >>> from mixlib.domains.taste import in_water
    >>> in_water(0.2, [0.0, 1.0, 100.0]).round(3)
    array([1.25 , 1.   , 0.048])
    """
    fat, partition = np.asarray(fat, dtype=float), np.asarray(partition, dtype=float)
    if not np.all((fat >= 0) & (fat < 1)):
        raise ValueError(f"fat: from {np.min(fat)} to {np.max(fat)}; give a share of the volume from 0 to below 1")
    if not np.all(partition >= 0):
        raise ValueError(f"partition: holds {np.min(partition)}; a ratio of concentrations is not negative")
    return 1 / (1 - fat + fat * partition)


def in_broth(total, background, *, potency=1.0):
    r"""The same blends in a broth with some glutamate of its own, as a kernel and its two parts.

    A background s gives the nucleotide something to work on, and the kernel is exact with nothing to take off:

    .. math:: p_1 = c + s, \qquad p_2 = s \, (1 + 1218 \, p \, c), \qquad g_{12} = 1218 \, p \, c^2 / p_1 p_2

    Parameters
    ----------
    total : float
        What is added, c, in g/100 mL.
    background : float
        The broth's own glutamate, s, in g/100 mL, positive.
    potency : float, default=1.0
        The strength p of the nucleotide over inosinate's.

    Returns
    -------
    kernel : Synergistic
    parts : array (2, 1)
        The broth with glutamate only, and with the nucleotide only.

    Examples
    --------
    >>> from mixlib.domains.taste import in_broth
    >>> kernel, parts = in_broth(0.02, 0.01)
    >>> parts.round(3), kernel([0.5, 0.5], parts).round(3)
    (array([[0.03 ],
           [0.254]]), array([0.264]))
    """
    total, background = float(_positive("total", total)), float(_positive("background", background))
    synergy = SYNERGY * float(_positive("potency", potency))
    parts = np.array([[total + background], [background * (1 + synergy * total)]])
    return Synergistic(synergy * total**2 / parts.prod()), parts


def _positive(name, amount):
    amount = np.asarray(amount, dtype=float)
    if not np.all(np.isfinite(amount) & (amount > 0)):
        raise ValueError(f"{name}: holds {np.min(amount)}; give positive numbers, amounts in g/100 mL")
    return amount


def _share(share):
    share = np.asarray(share, dtype=float)
    if not np.all((share >= 0) & (share < 1)):
        raise ValueError(f"share: from {np.min(share)} to {np.max(share)}; keep it from 0 to below 1")
    return share


CONSTANTS = {
    "synergy of glutamate and inosinate": Constant(value=SYNERGY, unit="per (g/100 mL)", source="Yamaguchi 1967"),
    "guanylate over inosinate": Constant(value=GUANYLATE, unit="", source="Kuninaka 1966"),
    "glutamate with 4% of nucleotides": Constant(value=5.0, unit="times glutamate", source="Huang A."),
    "glutamate with 8% of nucleotides": Constant(value=7.1, unit="times glutamate", source="Huang Y. 2019"),
    "glutamate with 50% of inosinate": Constant(value=7.5, unit="times glutamate", source="Umami Information Center"),
}
BOTH = (1 + GUANYLATE) / 2  # strength over inosinate's of as much inosinate as guanylate
# the taste of the solutions that such tables compare: from their entry of 4%, so that the entry of 8% is foretold
STRENGTH = float(strength_at_gain(0.04, CONSTANTS["glutamate with 4% of nucleotides"].value, potency=BOTH))
_TOTAL = STRENGTH / float(gain_at_strength(0.08, STRENGTH, potency=BOTH))
_KERNEL, _PARTS = in_broth(_TOTAL, TRACE, potency=BOTH)

DOMAIN = Domain(
    about="glutamate, and the two nucleotides of seasonings",
    parts=_PARTS / _TOTAL,
    weights=np.array([0.92, 0.08]),
    kernel=Synergistic(float(_KERNEL.interaction) * _TOTAL),
    carrier=Euclidean(),
    points="umami",
    unit="times as strong as glutamate",
    known=np.array([7.1]),
    tolerance=0.5,  # the entry of 4% is a whole number, half a unit of it moves this one by 0.7
    source="Huang 2019",
    reference="huang2019",
    route="table",
    constants=CONSTANTS,
)
