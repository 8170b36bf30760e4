"""Light: is the white of three lamps outside their hull, by which reading, and who looks at it."""

import numpy as np
import pandas as pd

from mixlib.arrays import generator
from mixlib.domains import light, spectra
from mixlib.instruments import hull_escape

W = light.WAVELENGTHS
EYE = {year: spectra.observer(W, year) for year in ("1931", "1964")}
DAYLIGHT = spectra.illuminant("D65", W)
DAYLIGHT = DAYLIGHT / light.tristimulus(DAYLIGHT, EYE["1931"])[1]
WHITE = light.tristimulus(DAYLIGHT, EYE["1931"])
VISIBLE = 2.3  # a difference of colours (in CIELAB) that is just seen: Mahy et al. 1994
DIODES = (615.0, 535.0, 465.0)  # nm

# Amounts of 650, 530 and 460 nm, in thousandths, that ten observers took to match 400 to 700 nm in steps of 10 nm, in
# the units of Wright 1929, as told by Broadbent 2004
_MATCHED = (
    "37 37 35 32 26 15 0 -21 -62 -106 -135 -117 -64 0 76 151 244 352 473 603 717 813 885 943 979 1000 1010 1015 1019 "
    "1022 1026",
    "-58 -57 -56 -52 -44 -29 0 66 203 440 754 952 1013 1000 945 876 786 672 547 409 292 193 121 61 23 0 -10 -15 -19 "
    "-22 -26",
    "1021 1020 1021 1020 1019 1014 1000 955 859 665 381 165 51 0 -21 -27 -30 -24 -20 -12 -9 -7 -5 -4 -3 0 0 0 0 0 0",
)
MATCHED = np.array([[int(value) for value in row.split()] for row in _MATCHED]).T / 1000
PURE = np.arange(400.0, 701.0, 10.0)  # nm


def pure_lamps():
    """Spectra (3, 81) of the lights of 650, 530 and 460 nm."""
    return (light.WRIGHT_LAMPS[:, None] == W).astype(float)


def lamps():
    """Spectra (3, 81) of red, green and blue by the name of the set."""
    return {
        "pure lights": pure_lamps(),
        "picture tube": spectra.screen("tube", W),
        "liquid crystal": spectra.screen("liquid crystal", W),
        "three diodes": np.stack([light.band(centre) for centre in DIODES]),
    }


def drawn_lamps(count, rng=None):
    """Sets (3, 81) of three diodes with centres and widths drawn from those that are sold."""
    rng = generator(rng)
    low, high = np.array([600.0, 510.0, 440.0]), np.array([650.0, 550.0, 470.0])
    centres, widths = rng.uniform(low, high, (count, 3)), rng.uniform(15, 40, (count, 3))
    return [
        np.stack([light.band(*one) for one in zip(*pair, strict=True)]) for pair in zip(centres, widths, strict=True)
    ]


def white_of(spectra_of_three, year="1931"):
    """The three lamps, each in the amount that makes daylight's white with the others for an observer."""
    seen = light.tristimulus(spectra_of_three, EYE[year])
    amounts = light.match(light.tristimulus(DAYLIGHT, EYE[year]), seen)
    return amounts[:, None] * spectra_of_three


def escapes(full):
    """How far the white of three lamps is outside, by each reading, and what of it is brightness.

    ``full`` are the lamps (3, 81), each at its full power. Distances are over the largest one among the lamps; negative
    amounts in the cone count as outside.
    """
    parts = light.tristimulus(full, EYE["1931"])
    white = parts.sum(axis=0)
    in_lab = light.lab(parts, white=white)
    dimmed = [
        light.lab(np.stack([part, part / 2, 0.75 * part]), white=white) for part in parts
    ]  # no new colour: a control
    plane = light.lab(white / 3, white=white)[1:]
    return {
        "shares": float(hull_escape(white, 3 * parts).distance),
        "triangle": float(hull_escape(light.chromaticity(white), light.chromaticity(parts)).distance),
        "sum": float(hull_escape(white, parts).distance),
        "cone": float(hull_escape(white, parts, design="addition").distance),
        "brighter": float(white[1] / parts[:, 1].max()),
        "lab": _away(light.lab(white / 3, white=white), in_lab),
        "lab, a and b": _away(plane, in_lab[:, 1:]),
        "lab, all on": _away(light.lab(white, white=white), in_lab),
        "lab, one lamp dimmed": max(_away(between, ends) for *ends, between in dimmed),
    }


def _away(colour, corners):
    """Distance of a colour from the hull of others, in units of CIELAB."""
    return float(np.linalg.norm(colour - hull_escape(colour, np.asarray(corners)).weights @ np.asarray(corners)))


def carriers(three):
    """A white is matched on another carrier: what the standard observer would have taken, and what he sees instead.

    The carriers are a field of 10 degrees, CIELAB and the numbers of a screen averaged in place of light (in equal
    shares, so that the lamps take turns), and the cones' numbers in place of X, Y, Z, which should change nothing.

    Returns
    -------
    dict of tuple
        Tristimulus values of the right white and of the other, by the name of the carrier.
    """
    seen = light.tristimulus(white_of(three), EYE["1931"])
    wide = light.tristimulus(white_of(three, "1964"), EYE["1931"]).sum(axis=0)
    cones, target = light.cones(seen), light.cones(WHITE)
    return {
        "a larger field": (WHITE, wide),
        "averages in CIELAB": (WHITE / 3, from_lab(light.lab(seen, white=WHITE).mean(axis=0))),
        "averages of screen numbers": (WHITE / 3, decoded(np.full(3, 1 / 3)) @ seen),
        "the cones' numbers": (WHITE, light.match(target, cones) @ seen),
    }


def apart(three):
    """The largest distance in CIELAB of the three lamps that make daylight's white together."""
    seen = light.lab(light.tristimulus(white_of(three), EYE["1931"]), white=WHITE)
    return float(np.linalg.norm(seen[:, None] - seen, axis=-1).max())


def from_lab(colour):
    """X, Y, Z of a colour in CIELAB, with daylight's white."""
    lightness, a, b = colour
    y = (lightness + 16) / 116
    roots = np.array([y + a / 500, y, y - b / 200])
    return WHITE * np.where(roots > 6 / 29, roots**3, 3 * (6 / 29) ** 2 * (roots - 4 / 29))


def decoded(codes):
    """Light of a screen for its numbers, the inverse of what :func:`mixlib.domains.light.srgb` ends with."""
    codes = np.asarray(codes)
    return np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)


def difference(one, other):
    """Distance of two lights in CIELAB, with daylight's white."""
    return float(np.linalg.norm(light.lab(one, white=WHITE) - light.lab(other, white=WHITE)))


def measured_matches():
    """Amounts that Wright's observers took, and those of the standard observer in the same units.

    Returns
    -------
    pandas.DataFrame
        A row a light, its wavelength or "white"; columns red, green and blue of both, as shares of their sum.
    """
    units = light.wright_lamps()
    goals = np.vstack([spectra.observer(PURE), light.DOMAIN.known])
    amounts = light.match(goals, units)
    amounts = amounts / amounts.sum(axis=1, keepdims=True)
    taken = np.vstack([MATCHED, light.WRIGHT_WHITE])
    names = [*(f"{one:.0f}" for one in PURE), "white"]
    columns = [f"{lamp}, {who}" for who in ("measured", "computed") for lamp in ("red", "green", "blue")]
    return pd.DataFrame(np.hstack([taken, amounts]), index=names, columns=columns)
