"""Paint: what more pigments do to a mixture, which rule measured tints follow, and lights under which matches part."""

import itertools

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from mixlib.domains import light, paint, spectra
from mixlib.instruments import hull_escape
from mixlib.kernels import Linear, LogLinear

W = light.WAVELENGTHS
EYE = spectra.observer(W)
PIGMENTS = paint.PAINTS[:6]  # all but white and black
RULES = {
    "average of reflectances": Linear(),
    "log-linear": LogLinear(),
    "Kubelka-Munk": paint.kubelka_munk,
}
LIGHTS = {
    "D65 (daylight)": spectra.illuminant("D65", W),
    "A (light bulb)": light.black_body(2856.0),
    "F2 (fluorescent)": spectra.illuminant("F2", W),
    "F11 (three-band)": spectra.illuminant("F11", W),
    "D65, dimmed": spectra.illuminant("D65", W) / 3,
}
VISIBLE = 2.0  # a difference of colours (in CIELAB) that is just seen


def lab(reflectance, lamp=None):
    """CIELAB (..., 3) of surfaces (..., 81) under a light, daylight by default, with the light's own white."""
    lamp = LIGHTS["D65 (daylight)"] if lamp is None else lamp
    return light.lab(light.tristimulus(reflectance * lamp, EYE), white=light.tristimulus(lamp, EYE))


def mud():
    """Every equal mixture of two to six pigments, by each rule.

    Returns
    -------
    pandas.DataFrame
        A row a mixture and rule: ``pigments`` (how many), ``rule``, ``lightness``, ``chroma``, ``escape`` in
        reflectance and in absorption over scattering, in distances of the parts, and ``darker``: is the mixture below
        the average of its parts at every wavelength?
    """
    rows = []
    for count in range(1, len(PIGMENTS) + 1):
        for names in itertools.combinations(PIGMENTS, count):
            parts = paint.reflectance(*names)
            for rule, kernel in RULES.items():
                mixture = kernel(np.full(count, 1 / count), parts)
                shade, _, _ = told = lab(mixture)
                out, ratio_out = 0.0, 0.0
                if count > 1:
                    out = float(hull_escape(mixture, parts).distance)
                    ratio_out = float(hull_escape(paint.absorption(mixture), paint.absorption(parts)).distance)
                darker = bool((mixture < parts.mean(axis=0)).all())
                rows.append((count, rule, shade, float(light.chroma(told)), out, ratio_out, darker))
    columns = ["pigments", "rule", "lightness", "chroma", "escape", "escape in K/S", "darker"]
    return pd.DataFrame(rows, columns=columns)


def tints():
    """Measured mixtures of four paints with white, against each rule.

    Returns
    -------
    pandas.DataFrame
        A row a tint and rule: ``off``, the root mean square of the difference at 31 wavelengths, with the shares that
        were weighed, and ``off, best share``, with the share of the paint that suits the rule best.
    """
    rows, shares = [], np.linspace(0, 1, 1001)
    for name in paint.TINTS:
        parts, weights, measured = paint.tint(name)
        for rule, kernel in RULES.items():
            weighed = kernel(weights, parts) - measured
            free = kernel(np.stack([shares, 1 - shares], axis=-1), np.broadcast_to(parts, (shares.size, *parts.shape)))
            best = np.sqrt(((free - measured) ** 2).mean(axis=-1)).min()
            rows.append((name, rule, float(np.sqrt((weighed**2).mean())), float(best)))
    return pd.DataFrame(rows, columns=["tint", "rule", "off", "off, best share"])


def tint_escapes():
    """How far each measured mixture is outside the hull of its two paints in reflectance, in their distance."""
    found = {}
    for name in paint.TINTS:
        parts, _, measured = paint.tint(name)
        found[name] = float(hull_escape(measured, parts).distance)
    return found


def metamers(names, others):
    """Half-and-half paint of two pigments, and a mixture of other paints that has its colour by daylight.

    Returns
    -------
    tuple of array (81,)
        Both reflectances.
    """
    goal = paint.kubelka_munk(None, paint.reflectance(*names))
    pots, target = paint.reflectance(*others), lab(goal)

    def mixed(scores):
        weights = np.exp(scores - scores.max())
        return paint.kubelka_munk(weights / weights.sum(), pots)

    found = minimize(lambda scores: ((lab(mixed(scores)) - target) ** 2).sum(), np.zeros(len(others)), method="BFGS")
    return goal, mixed(found.x)


def pairs_that_match():
    """Metamers of the pairs of pigments that other paints of the chart match by daylight to a hundredth of a unit."""
    found = {}
    for names in itertools.combinations(PIGMENTS, 2):
        others = [name for name in paint.PAINTS if name not in names]
        goal, twin = metamers(names, others)
        if difference(goal, twin) < 0.01:
            found[" + ".join(names)] = goal, twin
    return found


def difference(one, other, lamp=None):
    """Distance of two surfaces in CIELAB under a light."""
    return float(np.linalg.norm(lab(one, lamp) - lab(other, lamp)))
