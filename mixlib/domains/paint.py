"""Paint: reflectance spectra of a colour chart, and the rules by which paints mix.

The spectra are measured; the mixtures are calculated. Nobody has stirred these paints together, and real ones also
differ in how strongly they scatter, which these rules of one constant a paint leave out.
"""

import numpy as np
from scipy.interpolate import PchipInterpolator

from mixlib.carriers.euclidean import Euclidean
from mixlib.domains import light
from mixlib.domains.base import Domain
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
    return PchipInterpolator(np.linspace(380, 780, measured.shape[1]), measured, axis=1)(light.WAVELENGTHS)


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


_BLUE_AND_YELLOW = reflectance("blue", "yellow")
_RATIO = np.mean((1 - _BLUE_AND_YELLOW) ** 2 / (2 * _BLUE_AND_YELLOW), axis=0)

DOMAIN = Domain(
    about="blue and yellow",
    parts=_BLUE_AND_YELLOW,
    weights=np.array([0.5, 0.5]),
    kernel=kubelka_munk,
    carrier=Euclidean(),
    points="reflectance from 380 to 780 nm",
    unit="share of light",
    known=1 + _RATIO - np.sqrt(_RATIO**2 + 2 * _RATIO),
    tolerance=1e-12,
    source="Kubelka & Munk 1931; Ohta 1997",
    reference="kubelka1931",
    route="definition",
)
