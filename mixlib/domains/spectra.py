"""Tabulated spectra: two standard observers, lights that rooms are lit with, and the three lamps of two screens."""

import numpy as np
from scipy.interpolate import PchipInterpolator

# Colour-matching functions in ten-thousandths, 380 to 780 nm in steps of 10 nm: CIE 2004
_OBSERVERS = {
    "1931": (
        "14 42 143 435 1344 2839 3483 3362 2908 1954 956 320 49 93 633 1655 2904 4334 5945 7621 9163 10263 10622 "
        "10026 8544 6424 4479 2835 1649 874 468 227 114 58 29 14 7 3 2 1 0",
        "0 1 4 12 40 116 230 380 600 910 1390 2080 3230 5030 7100 8620 9540 9950 9950 9520 8700 7570 6310 5030 3810 "
        "2650 1750 1070 610 320 170 82 41 21 10 5 2 1 1 0 0",
        "65 201 679 2074 6456 13856 17471 17721 16692 12876 8130 4652 2720 1582 782 422 203 87 39 21 17 11 8 3 2 0 0 "
        "0 0 0 0 0 0 0 0 0 0 0 0 0 0",
    ),
    "1964": (
        "2 24 191 847 2045 3147 3837 3707 3023 1956 805 162 38 375 1177 2365 3768 5298 7052 8787 10142 11185 11240 "
        "10305 8563 6475 4316 2683 1526 813 409 199 96 46 22 10 5 3 1 1 0",
        "0 3 20 88 214 387 621 895 1282 1852 2536 3391 4608 6067 7618 8752 9620 9918 9973 9556 8689 7774 6583 5280 "
        "3981 2835 1798 1076 603 318 159 77 37 18 8 4 2 1 0 0 0",
        "7 105 860 3894 9725 15535 19673 19948 17454 13176 7721 4153 2185 1120 607 305 137 40 0 0 0 0 0 0 0 0 0 0 0 0 "
        "0 0 0 0 0 0 0 0 0 0 0",
    ),
}

# Lights in thousandths of their largest value, in steps of 5 nm: CIE 2004
_ILLUMINANTS = {
    "D65": (
        "424 444 464 583 702 739 777 785 793 764 736 813 890 942 993 997 1000 987 975 979 984 954 924 926 928 922 915 "
        "902 889 902 914 900 886 885 883 866 849 833 818 815 813 783 753 758 764 762 761 752 744 726 707 709 710 695 "
        "679 680 681 690 698 681 664 628 592 600 608 619 631 577 523 558 593 615 637 589 540 467 394 481 567 553 538"
    ),
    "F2": (
        "34 42 53 61 98 449 110 107 120 132 145 1000 338 179 190 198 206 212 216 218 219 218 218 213 208 204 202 201 "
        "205 214 230 254 286 711 476 417 462 502 532 614 652 551 533 507 473 435 395 353 313 276 240 209 180 155 134 "
        "115 99 85 73 63 54 47 44 36 31 28 25 22 19 17 16 15 15 13 13 12 13 13 11 9 8"
    ),
    "F11": (
        "12 9 6 5 18 174 22 25 34 46 62 466 167 95 99 98 92 84 75 66 78 196 205 123 65 32 20 15 12 11 16 67 544 1000 "
        "448 103 39 27 23 61 155 203 175 134 101 133 759 585 181 181 168 70 28 32 49 41 34 29 21 18 20 27 27 16 19 56 "
        "77 34 8 4 3 3 3 3 3 3 4 4 2 2 1"
    ),
}

# Lamps in thousandths of the largest value of the three, in steps of 5 nm: Machado 2010; Fairchild & Wyble 1998
_SCREENS = {
    "tube": (
        "2 1 1 1 1 2 2 3 4 5 6 7 7 7 7 7 7 10 10 7 6 7 11 14 8 8 16 15 8 7 13 37 40 16 15 20 12 10 8 14 43 76 116 135 "
        "48 33 152 362 583 1000 403 69 20 13 12 12 10 11 14 12 23 49 40 76 447 691 193 15 11 9 7 6 6 6 5 5 5 4 4 5 4",
        "1 1 1 1 2 2 3 4 5 6 8 9 11 12 14 17 21 29 40 58 84 116 155 199 247 292 330 363 386 398 400 395 386 370 346 "
        "320 287 249 205 169 138 110 88 72 58 47 38 33 28 27 17 11 8 7 5 4 3 3 2 2 2 2 1 2 5 7 2 1 1 0 1 1 1 1 1 1 1 "
        "1 1 1 1",
        "14 21 33 49 70 101 144 200 266 334 392 436 465 477 468 445 412 371 322 270 218 177 142 113 88 68 53 42 33 26 "
        "21 18 15 12 10 9 7 6 5 4 4 3 3 3 2 1 2 4 5 9 4 1 0 0 0 0 0 0 0 0 0 1 1 1 4 6 2 0 1 0 1 1 1 1 1 1 1 1 2 3 4",
    ),
    "liquid crystal": (
        "0 0 0 0 0 0 0 0 0 0 0 0 3 3 0 3 0 3 3 3 3 3 3 3 3 0 0 0 0 0 0 0 0 28 20 3 0 0 0 0 3 13 40 55 40 45 166 678 "
        "309 224 133 123 35 15 30 43 15 25 25 18 18 20 20 13 10 8 60 60 10 3 0 0 0 0 0 0 0 0 0 0 0",
        "0 0 0 0 0 0 0 0 0 0 3 8 0 8 8 5 13 15 20 23 33 55 55 43 28 23 20 20 15 15 20 123 1000 889 261 60 20 10 5 60 "
        "90 93 48 23 10 3 30 10 3 3 0 0 0 0 0 0 0 3 3 0 0 0 0 0 0 0 3 0 0 0 0 0 0 0 0 0 0 0 0 8 0",
        "0 0 0 0 3 3 5 15 33 63 118 249 161 173 191 191 188 171 156 133 156 249 211 128 58 28 15 8 5 3 3 10 50 48 5 3 "
        "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
    ),
}


def observer(wavelengths, year="1931"):
    r"""The colour-matching functions :math:`\bar x, \bar y, \bar z` (..., 3) of a standard observer, as tabulated.

    Source: CIE 2004, in steps of 10 nm; between them by a curve that keeps the shape.

    Parameters
    ----------
    wavelengths : array_like (...)
        In nm, from 380 to 780.
    year : {"1931", "1964"}, default="1931"
        That of 1931 looks at a field of 2 degrees, about a thumbnail at arm's length, that of 1964 at one of 10.

    Raises
    ------
    ValueError
        If there is no such observer.

    Examples
    --------
    >>> from mixlib.domains.spectra import observer
    >>> observer([460.0, 500.0], "1964").round(3)
    array([[0.302, 0.128, 1.745],
           [0.004, 0.461, 0.218]])
    """
    return _curves(_known("year", year, _OBSERVERS), 10)(np.asarray(wavelengths, dtype=float)) / 1e4


def illuminant(name, wavelengths):
    """Power (...) of a standard light: D65 is daylight, F2 and F11 are fluorescent lamps; the largest value is 1.

    Source: CIE 2004.

    Examples
    --------
    >>> from mixlib.domains.spectra import illuminant
    >>> illuminant("D65", [450.0, 560.0, 650.0]).round(2)
    array([0.99, 0.85, 0.68])
    """
    return _curves([_known("name", name, _ILLUMINANTS)], 5)(np.asarray(wavelengths, dtype=float))[..., 0] / 1e3


def screen(name, wavelengths):
    """Spectra (3, ...) of the red, green and blue of a screen, each measured alone; the largest value is 1.

    Source: Fairchild & Wyble 1998 for the liquid crystal, Machado 2010 for the tube.

    Examples
    --------
    >>> from mixlib.domains.spectra import screen
    >>> screen("tube", [450.0, 530.0, 625.0]).round(2)
    array([[0.01, 0.01, 1.  ],
           [0.01, 0.4 , 0.03],
           [0.47, 0.02, 0.01]])
    """
    curves = _curves(_known("name", name, _SCREENS), 5)(np.asarray(wavelengths, dtype=float)) / 1e3
    return np.moveaxis(curves, -1, 0)


SCREENS = tuple(_SCREENS)
ILLUMINANTS = tuple(_ILLUMINANTS)


def _known(argument, name, choices):
    if name not in choices:
        raise ValueError(f"{argument}: got {name!r}, choose one of {', '.join(map(repr, choices))}")
    return choices[name]


def _curves(texts, step):
    values = np.array([[int(value) for value in text.split()] for text in texts])
    return PchipInterpolator(np.arange(380, 781, step), values.T)
