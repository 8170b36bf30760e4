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
VISIBLE = 2.3  # a difference of colours (in CIELAB) that is just seen: Mahy et al. 1994


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


def recipes(seed, count=20):
    """Mean lightness and chroma of mixtures in random shares, by how many pigments and by two rules.

    Returns
    -------
    dict of array (6, 2)
        For Kubelka and Munk's rule and the log-linear one; ``count`` recipes for every choice of pigments.
    """
    rng, found = np.random.default_rng(seed), {"Kubelka-Munk": [], "log-linear": []}
    for size in range(1, len(PIGMENTS) + 1):
        told = {rule: [] for rule in found}
        for names in itertools.combinations(PIGMENTS, size):
            weights = rng.dirichlet(np.ones(size), count)
            parts = np.broadcast_to(paint.reflectance(*names), (count, size, W.size))
            for rule, rows in told.items():
                shade = lab(RULES[rule](weights, parts))
                rows.append(np.stack([shade[:, 0], light.chroma(shade)], axis=-1))
        for rule, rows in told.items():
            found[rule].append(np.concatenate(rows).mean(axis=0))
    return {rule: np.array(rows) for rule, rows in found.items()}


def outside_in_colour():
    """How far equal mixtures are outside the hull of all six pigments in a* and b*, in the hull's diameter.

    Returns
    -------
    pandas.DataFrame
        A row a mixture by Kubelka and Munk's rule: ``pigments`` (how many) and ``escape``.
    """
    six, rows = lab(paint.reflectance(*PIGMENTS))[:, 1:], []
    for size in range(2, len(PIGMENTS) + 1):
        for names in itertools.combinations(PIGMENTS, size):
            mixture = lab(paint.kubelka_munk(None, paint.reflectance(*names)))[1:]
            rows.append((size, float(hull_escape(mixture, six).distance)))
    return pd.DataFrame(rows, columns=["pigments", "escape"])


def charts():
    """How far averaging in another chart puts the equal mixtures, in distances of the parts.

    Returns
    -------
    pandas.DataFrame
        A row a mixture of two to six pigments: from the average of reflectances to that of absorption over scattering,
        to that of logarithms, and, as a control, to that of reflectances in percent.
    """
    others = {
        "K/S": paint.kubelka_munk,
        "logarithm": LogLinear(),
        "percent": lambda weights, parts: Linear()(weights, 100 * parts) / 100,
    }
    rows = []
    for size in range(2, len(PIGMENTS) + 1):
        for names in itertools.combinations(PIGMENTS, size):
            parts = paint.reflectance(*names)
            across = max(np.linalg.norm(one - other) for one, other in itertools.combinations(parts, 2))
            mean = Linear()(None, parts)
            rows.append([np.linalg.norm(kernel(None, parts) - mean) / across for kernel in others.values()])
    return pd.DataFrame(rows, columns=list(others))


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


def metamers(names, others, start=None):
    """Half-and-half paint of two pigments, and a mixture of other paints that has its colour by daylight.

    Parameters
    ----------
    names, others : sequences of str
    start : None or array, default=None
        Logarithms of the shares to begin the search with; ``None`` is equal shares.

    Returns
    -------
    tuple of array (81,)
        Both reflectances.
    """
    goal = paint.kubelka_munk(None, paint.reflectance(*names))
    pots, target = paint.absorption(paint.reflectance(*others)), lab(goal)

    def mixed(scores):
        weights = np.exp(scores - scores.max())
        return paint.from_absorption(weights / weights.sum() @ pots)

    start = np.zeros(len(others)) if start is None else start
    found = minimize(lambda scores: ((lab(mixed(scores)) - target) ** 2).sum(), start, method="BFGS")
    return goal, mixed(found.x)


def pairs_that_match(starts=4):
    """Metamers of the pairs of pigments that other paints of the chart match by daylight to a hundredth of a unit.

    Returns
    -------
    dict of str to list
        By pair: both reflectances, for each search (from equal shares and from random ones) that found a match.
    """
    found = {}
    for names in itertools.combinations(PIGMENTS, 2):
        others = [name for name in paint.PAINTS if name not in names]
        twins = []
        for seed in range(starts):
            start = np.random.default_rng(seed).normal(0, 2, len(others)) if seed else None
            goal, twin = metamers(names, others, start)
            if difference(goal, twin) < 0.01:
                twins.append((goal, twin))
        if twins:
            found[" + ".join(names)] = twins
    return found


def lights_on(twins):
    """How far twins part under each light, at most over the matches: a row a pair.

    The last column, ``parts``, is the distance of the two pigments in CIELAB by daylight.
    """
    rows = {}
    for name, matches in twins.items():
        rows[name] = {lamp: max(difference(*match, power) for match in matches) for lamp, power in LIGHTS.items()}
        rows[name]["parts"] = difference(*paint.reflectance(*name.split(" + ")))
    return pd.DataFrame(rows).T


def difference(one, other, lamp=None):
    """Distance of two surfaces in CIELAB under a light."""
    return float(np.linalg.norm(lab(one, lamp) - lab(other, lamp)))
