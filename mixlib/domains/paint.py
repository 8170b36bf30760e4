"""Paint: measured reflectance spectra, the rules by which paints mix, photons that walk in a layer, measured tints.

Nobody has stirred the paints of the colour chart together: their mixtures are calculated, by rules of one constant a
paint, which leave out that real ones differ in how strongly they scatter. Of `TINTS` the mixtures are measured too.
"""

import numpy as np
from scipy.interpolate import PchipInterpolator

from mixlib.arrays import generator
from mixlib.carriers.euclidean import Euclidean
from mixlib.domains import light
from mixlib.domains.base import Constant, Domain
from mixlib.kernels import Linear, LogLinear

# Reflectance in thousandths, 380 to 780 nm in steps of 10 nm, of patches of the ColorChecker chart
# (McCamy et al. 1976), as measured by Ohta 1997
_THOUSANDTHS = {
    "blue": (
        "69 96 136 175 208 244 290 335 338 302 239 172 120 86 66 54 48 45 43 41 40 40 39 40 40 41 42 42 43 44 44 45 "
        "48 51 56 64 79 104 138 168 204"
    ),
    "green": (
        "55 57 58 59 59 62 65 70 78 91 113 140 180 244 324 363 355 323 281 238 196 158 124 101 89 84 80 77 75 75 78 "
        "82 88 89 90 89 94 102 110 112 112"
    ),
    "red": (
        "52 52 51 50 49 49 49 49 48 47 45 44 44 44 44 44 45 47 50 57 72 109 192 332 486 598 654 686 700 707 718 724 "
        "729 730 727 729 727 721 728 702 664"
    ),
    "yellow": (
        "54 54 53 53 52 53 53 55 59 75 121 202 303 394 475 544 597 630 660 686 708 726 737 746 753 761 768 777 780 "
        "781 785 787 792 793 790 792 787 778 782 752 710"
    ),
    "magenta": (
        "118 179 283 343 359 350 327 298 267 239 209 182 163 146 124 106 102 107 106 112 141 198 279 394 522 628 696 "
        "742 766 780 791 798 804 807 807 813 813 808 814 785 752"
    ),
    "cyan": (
        "93 134 195 238 258 281 315 352 391 434 458 457 433 392 339 282 228 180 141 114 97 88 80 75 73 73 73 74 76 77 "
        "75 74 72 71 75 82 100 133 176 200 214"
    ),
    "white": (
        "153 245 409 671 840 878 883 886 887 888 888 888 887 887 887 887 887 886 887 888 887 886 887 889 891 891 890 "
        "889 889 888 888 888 888 886 886 885 884 883 882 880 879"
    ),
    "black": (
        "32 33 35 36 36 36 35 35 35 35 34 34 34 34 34 34 34 34 33 33 33 33 33 33 33 33 33 33 33 33 33 32 32 32 32 32 "
        "32 32 32 32 32"
    ),
}

PAINTS = tuple(_THOUSANDTHS)

# Thousandths, 400 to 700 nm in steps of 10 nm, of a paint, its grams and those of white, and of their mixture. Measured
# by miciwan 2024; here means over 12 nm of the first reading (of yellow the second)
_WHITE_PAINT = (
    "724 737 851 898 908 913 917 919 921 920 921 924 925 926 926 927 928 927 928 929 927 926 924 923 922 919 "
    "919 917 911 905 908"
)
_TINTED = {
    "yellow": (
        "177 78 58 57 56 57 62 72 91 128 198 328 472 601 702 756 780 789 791 793 793 790 788 785 783 781 776 772 "
        "765 757 757",
        (0.19, 0.35),
        "304 200 181 184 185 191 208 238 287 361 467 607 720 793 832 847 851 853 852 851 850 845 843 838 833 830 "
        "826 825 821 818 818",
    ),
    "red oxide": (
        "59 42 41 41 40 39 39 39 39 39 39 40 41 42 44 48 57 74 99 129 158 179 193 204 214 222 232 244 257 272 290",
        (0.20, 0.35),
        "184 161 158 156 150 146 143 141 139 137 135 134 133 133 135 143 158 185 224 268 307 335 353 367 377 387 "
        "399 411 425 441 458",
    ),
    "magenta": (
        "67 59 58 54 48 42 39 36 34 32 31 31 30 31 33 34 36 39 43 50 63 83 111 145 177 203 220 231 237 241 245",
        (0.15, 0.23),
        "315 317 327 316 287 255 227 202 175 149 132 114 96 84 80 81 81 90 125 192 284 378 460 526 570 595 610 618 "
        "621 623 626",
    ),
    "blue": (
        "46 48 52 54 59 67 67 58 46 36 30 27 25 25 24 24 25 26 27 29 30 32 34 35 36 35 35 34 34 34 36",
        (0.32, 0.42),
        "243 265 293 322 370 430 458 450 416 366 313 254 204 162 125 98 80 69 64 62 60 59 60 61 64 68 70 68 65 63 61",
    ),
}
TINTS = tuple(_TINTED)
TINT_WAVELENGTHS = np.arange(400.0, 701.0, 10.0)  # nm


def reflectance(*names):
    """Reflectance ``(n, 81)`` of the named paints over :data:`mixlib.domains.light.WAVELENGTHS`, between 0 and 1.

    Source: Ohta 1997.

    Raises
    ------
    ValueError
        If a name is none of `PAINTS`.

    Examples
    --------
    >>> from mixlib.domains.paint import reflectance
    >>> reflectance("blue", "yellow")[:, ::40].round(2)  # at 380, 580 and 780 nm
    array([[0.07, 0.04, 0.2 ],
           [0.05, 0.71, 0.71]])
    """
    if unknown := [name for name in names if name not in PAINTS]:
        raise ValueError(f"names: no paint {unknown[0]!r}; choose from {', '.join(PAINTS)}")
    measured = np.array([[int(value) for value in _THOUSANDTHS[name].split()] for name in names]) / 1000
    return _every_five(measured)


def _every_five(values):
    """Values (n, 41) in steps of 10 nm, on all wavelengths."""
    return PchipInterpolator(np.linspace(380, 780, values.shape[1]), values, axis=1)(light.WAVELENGTHS)


def absorption(reflectance):
    r"""Absorption over scattering of an opaque layer, :math:`K/S = (1 - R)^2 / 2R`.

    Source: Kubelka & Munk 1931.

    Raises
    ------
    ValueError
        If a reflectance is not above 0 and at most 1.

    Examples
    --------
    >>> from mixlib.domains.paint import absorption
    >>> absorption([0.1, 0.5, 1.0])
    array([4.05, 0.25, 0.  ])
    """
    reflectance = np.asarray(reflectance, dtype=float)
    if not ((reflectance > 0) & (reflectance <= 1)).all():
        raise ValueError(
            f"reflectance: expected values above 0 and at most 1, got {reflectance.min():.6g} to "
            f"{reflectance.max():.6g}; a paint that reflects nothing absorbs without bound"
        )
    return (1 - reflectance) ** 2 / (2 * reflectance)


def from_absorption(ratio):
    r"""Reflectance of an opaque layer, the inverse of `absorption`: :math:`R = 1 / (1 + q + \sqrt{q^2 + 2q})`.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.paint import from_absorption
    >>> from_absorption(np.array([4.05, 0.25, 0.0]))
    array([0.1, 0.5, 1. ])
    """
    return 1 / (1 + ratio + np.sqrt(ratio**2 + 2 * ratio))  # no difference of large numbers, unlike 1 + q - sqrt(...)


def kubelka_munk(weights, reflectances):
    """Reflectance of mixed paints that scatter alike: the linear kernel of their `absorption`.

    A kernel as any other: weights ``(..., n)``, reflectances ``(..., n, d)``, mixture ``(..., d)``.

    Source: Kubelka & Munk 1931.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.paint import kubelka_munk
    >>> kubelka_munk([0.5, 0.5], np.array([[0.1], [0.9]])).round(3)  # darker than the mean, 0.5
    array([0.17])
    """
    return from_absorption(Linear()(weights, absorption(reflectances)))


def tint(name):
    """A paint, white, and their measured mixture: reflectances (2, 31) and (31,) over `TINT_WAVELENGTHS`, and weights.

    Source: miciwan 2024; the weights (2,) are shares of the mass.

    Raises
    ------
    ValueError
        If the name is none of `TINTS`.

    Examples
    --------
    >>> from mixlib.domains.paint import tint
    >>> parts, weights, mixture = tint("magenta")
    >>> parts[:, 15].round(2), weights.round(2), mixture[15].round(2)  # at 550 nm
    (array([0.03, 0.93]), array([0.39, 0.61]), np.float64(0.08))
    """
    if name not in _TINTED:
        raise ValueError(f"name: no tint {name!r}; choose from {', '.join(TINTS)}")
    paint, grams, mixture = _TINTED[name]
    pots, mixed = (np.array([int(v) for v in text.split()]) / 1000 for text in (paint, mixture))
    white = np.array([int(v) for v in _WHITE_PAINT.split()]) / 1000
    return np.stack([pots, white]), np.array(grams) / sum(grams), mixed


def collisions(photons=20_000, *, most=400, rng=None):
    """How often photons (photons,) are scattered before they leave an endless layer, single ones followed on their way.

    Light falls on the layer from everywhere. A photon goes straight for an exponential length, is scattered to any
    direction alike, and so on until it is out again or has collided ``most`` times.

    Parameters
    ----------
    photons : int, default=20000
    most : int, default=400
        Those that are inside still are counted with this number.
    rng : None, int or numpy.random.Generator, default=None
        ``None`` is seed 0.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.paint import collisions
    >>> int(np.median(collisions(1000)))  # most are out soon, some go very deep
    6
    """
    rng = generator(rng)
    depth, heading = np.zeros(photons), np.sqrt(rng.uniform(size=photons))  # light from everywhere, downwards
    counts, inside = np.full(photons, most), np.arange(photons)
    for collided in range(most):
        depth = depth + heading * rng.exponential(size=depth.size)
        stays = depth > 0
        counts[inside[~stays]] = collided
        inside, depth = inside[stays], depth[stays]
        heading = rng.uniform(-1, 1, depth.size)
    return counts


def walked_reflectance(ratio, counts):
    r"""Reflectance (...) of an opaque layer by photons that walked in it: the mean of :math:`(1 + q)^{-N}`.

    A photon outlives each of its N collisions with the chance :math:`1 / (1 + q)`; q is absorption over scattering.

    Parameters
    ----------
    ratio : array_like (...)
        The ratio q.
    counts : array (photons,)
        The collisions of photons, of :func:`collisions`.

    Examples
    --------
    >>> from mixlib.domains.paint import collisions, walked_reflectance
    >>> counts = collisions(5000)
    >>> walked_reflectance([0.001, 0.1, 1.0], counts).round(2)
    array([0.96, 0.49, 0.14])
    """
    ratio, times = np.asarray(ratio, dtype=float), np.bincount(counts)
    return (1 + ratio[..., None]) ** -np.arange(times.size, dtype=float) @ (times / times.sum())


def walked_mixture(weights, reflectances, counts):
    """Reflectance (..., d) of stirred paints (..., n, d) that scatter alike, by photons that walk in the layer.

    The absorption of a part is the one at which as much light comes back as it returns; these are averaged, and the
    photons walk again. The formula of two fluxes is not used.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.paint import collisions, walked_mixture
    >>> walked_mixture([0.5, 0.5], np.array([[0.1], [0.8]]), collisions(20000)).round(2)
    array([0.17])
    """
    grid = np.geomspace(1e-4, 100, 400)
    returned = walked_reflectance(grid, counts)  # falls with the ratio
    ratios = np.exp(np.interp(-np.asarray(reflectances), -returned, np.log(grid)))
    return walked_reflectance(Linear()(weights, ratios), counts)


def power_mean(weights, parts, power):
    r"""The weighted power mean :math:`(\sum_i w_i\, p_i^r)^{1/r}` of positive parts.

    Power 1 is the linear kernel, 0 (the limit) the log-linear one, -1 the harmonic mean.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.paint import power_mean
    >>> power_mean([0.5, 0.5], np.array([[0.1], [0.9]]), -1).round(3)
    array([0.18])
    """
    if power == 0:
        return LogLinear()(weights, parts)
    return Linear()(weights, parts**power) ** (1 / power)


def appearance(reflectances):
    """Tristimulus values ``(..., 3)`` of painted surfaces ``(..., 81)`` under light of equal energy.

    Examples
    --------
    >>> from mixlib.domains.paint import appearance, reflectance
    >>> appearance(reflectance("yellow")).round(2)
    array([[0.61, 0.61, 0.09]])
    """
    return light.tristimulus(reflectances)


WHITE = appearance(np.ones(light.WAVELENGTHS.size))  # of a surface that reflects everything


def swatch(reflectances):
    """Screen colours ``(..., 3)`` of painted surfaces: the one that reflects everything is the screen's white.

    Examples
    --------
    >>> from mixlib.domains.paint import reflectance, swatch
    >>> swatch(reflectance("yellow")).round(2)  # red, green and blue
    array([[0.95, 0.79, 0.09]])
    """
    return light.srgb(appearance(reflectances), white=WHITE)


# Half blue and half yellow by 400,000 photons, in thousandths, 380 to 780 nm in steps of 10 nm
_WALKED = (
    "61 69 76 81 83 87 89 93 99 119 160 186 171 139 114 96 87 82 79 75 74 74 72 74 74 76 77 77 79 81 81 83 88 93 "
    "101 114 137 174 221 259 301"
)

DOMAIN = Domain(
    about="blue and yellow",
    parts=reflectance("blue", "yellow"),
    weights=np.array([0.5, 0.5]),
    kernel=kubelka_munk,
    carrier=Euclidean(),
    points="reflectance from 380 to 780 nm",
    unit="share of light",
    known=_every_five(np.array([[int(value) for value in _WALKED.split()]]) / 1000)[0],
    tolerance=0.005,  # of two directions for light in place of all
    source="photons that walk; Ohta 1997",
    reference="ohta1997",
    route="simulation",
    constants={
        "reflectance of blue at 580 nm": Constant(value=0.040, unit="share of light", source="Ohta 1997"),
        "reflectance of yellow at 580 nm": Constant(value=0.708, unit="share of light", source="Ohta 1997"),
    },
)
