"""Numbers as a reader sees them: as text in which each stands with how far it may move unnoticed.

Two builds on different machines never give the same sixteen digits. What a reader is shown is rounded, so a number has
moved when it is more than a tenth of its last shown digit away, and a mean over seeds when it is more than a quarter of
their spread away. Counts and words have moved when they are others.
"""

import math
import re
from collections.abc import Mapping

DIGITS = 4  # of a number that comes without a spread, as `claims.format_number` shows it
RESIDUE = 1e-6  # below this a number is what rounding or an iteration left: its order of magnitude counts
ZERO = 1e-12
SHARE = 0.1  # of the last shown digit: what is shown stays the same, but for one rounding in ten
SPREAD = 0.25  # of the spread over seeds
NUMBER = re.compile(r"(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?(?![\w]|\.\d)")
WITHIN = re.compile(r"(-?[\d.]+(?:e[+-]?\d+)?)±([\d.]+(?:e[+-]?\d+)?)")
SPEC = re.compile(r"[<>=^+\- 0-9]*?,?(?:\.(\d+))?([feg%]?)")


def as_reported(value, spec=None, within=None):
    """A value as text, each number in it with its tolerance: ``0.2500±0.0001``.

    Parameters
    ----------
    value : float, int, bool, str or mapping
        One number of a claim (``{"mean", "sd", "values"}`` over seeds), or a value for a sentence.
        A count and a word are exact. Numbers inside of a text count to their last digit.
    spec : str, optional
        The format in which it is shown, such as ``".1f"``; by default four significant digits, and whole units from a
        thousand on.
    within : float, optional
        How far a single number may move, in its own units; by default a tenth of the last digit shown.

    Returns
    -------
    str

    Examples
    --------
    >>> as_reported(0.25), as_reported(25.04, ".1f"), as_reported(1218), as_reported(0.25, within=0.02)
    ('0.2500000±1e-05', '25.0400±0.01', '1218', '0.2500±0.02')
    """
    if isinstance(value, Mapping):
        mean, sd, n = value["mean"], value["sd"], len(value["values"])
        if not (isinstance(mean, float) and isinstance(sd, float)):  # infinities travel as text
            return f"{mean}, spread {sd}, n = {n}"
        if sd <= ZERO * abs(mean):
            return f"{_within(mean, SHARE * unit(mean))}, n = {n}"
        return f"{_within(mean, SPREAD * sd)}, spread {_within(sd, SPREAD * sd)}, n = {n}"
    if isinstance(value, float):
        return _within(value, within or SHARE * unit(value, spec)) if math.isfinite(value) else str(value)
    return NUMBER.sub(_in_text, value) if isinstance(value, str) else str(value)


def moved(old, new, factor=1.0):
    """Whether two results of `as_reported` differ by more than ``factor`` times the tolerance of the old one.

    Examples
    --------
    >>> moved("0.2500±0.0001", "0.25007±0.0001"), moved("0.2500±0.0001", "0.2600±0.0001"), moved("holds", "fails")
    (False, True, True)
    """
    before, after = WITHIN.findall(old), WITHIN.findall(new)
    if WITHIN.sub("#", old) != WITHIN.sub("#", new):
        return True
    pairs = zip(before, after, strict=True)
    return any(abs(float(a) - float(b)) > 1.02 * factor * float(within) for (a, within), (b, _) in pairs)


def differing(old, new, page_of, *, elsewhere=(), failed=(), factor=1.0):
    """What differs between two sets of findings, each a mapping from keys to results of `as_reported`.

    Parameters
    ----------
    old, new : mapping
        Keys are ``claim ID: verdict``, ``claim ID: NAME`` for its numbers and ``page NAME: EXPRESSION`` for numbers in
        prose.
    page_of : mapping
        Key to page, for claims; a key of a claim may be missing.
    elsewhere : sequence of str, default=()
        Pages of which verdicts alone are compared.
    failed : sequence of str, default=()
        Pages of which nothing is missed, since they did not come to their end.
    factor : float, default=1.0
        How far a number may move, in units of its tolerance.

    Yields
    ------
    key, old, new : str
        A text is None where the key is missing.

    Examples
    --------
    >>> list(differing({"claim a: n": "7", "page p: x": "1"}, {"claim a: n": "8"}, {}))
    [('claim a: n', '7', '8'), ('page p: x', '1', None)]
    """
    for key in sorted(old.keys() | new.keys()):
        before, after, page = old.get(key), new.get(key), page_of.get(key, _page_in(key))
        if after is None and failed and page in (None, *failed):
            continue
        if page in elsewhere and not key.endswith(": verdict"):
            continue
        if before is None or after is None or moved(before, after, factor):
            yield key, before, after


def other_text(text_from, accepted):
    """Page to why its numbers can't be compared: the packages whose text it learns are others.

    Parameters
    ----------
    text_from : mapping
        Page to a mapping from the packages (or ``python``) whose own files are its data to their versions.
    accepted : mapping
        Package to the version with which the numbers were accepted.

    Returns
    -------
    dict

    Examples
    --------
    >>> other_text({"p": {"numpy": "2"}, "q": {"scipy": "1"}}, {"numpy": "1", "scipy": "1"})
    {'p': 'its text comes from numpy 2 (accepted with 1)'}
    """
    others = {
        page: [
            f"{name} {version} (accepted with {accepted.get(name)})"
            for name, version in versions.items()
            if accepted.get(name) != version
        ]
        for page, versions in text_from.items()
    }
    return {page: f"its text comes from {', '.join(names)}" for page, names in others.items() if names}


def unit(value, spec=None):
    """One unit of the last digit that is shown of a number."""
    digits, kind = SPEC.fullmatch(spec or "").groups() if SPEC.fullmatch(spec or "") else (None, "")
    if kind in ("f", "%") or (kind == "" and spec and digits is None and not isinstance(value, float)):
        return 10.0 ** -(int(digits or (6 if kind else 0)) + 2 * (kind == "%"))
    if kind == "" and not digits and abs(value) >= 1000:
        return 1.0
    shown = int(digits) + (kind == "e") if digits else DIGITS
    return 10.0 ** (math.floor(math.log10(abs(value))) - shown + 1) if value else ZERO


def _page_in(key):
    """The page that a key of a number in prose names, or None."""
    return key.removeprefix("page ").partition(": ")[0] if key.startswith("page ") else None


def _within(value, tolerance):
    tolerance = max(tolerance, 9 * abs(value) + ZERO if abs(value) < RESIDUE else 0)
    # two digits more than can be trusted, so that writing them down moves nothing
    decimals = 2 - math.floor(math.log10(tolerance))
    text = f"{round(value, decimals):.{max(decimals, 0)}f}" if decimals < 10 else f"{value:.3e}"
    return f"{text}±{tolerance:.2g}"


def _in_text(match):
    text = match[0].replace(",", "")
    if "." not in text and "e" not in text:
        return match[0]
    mantissa, _, exponent = text.partition("e")
    return _within(float(text), SHARE * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2])))
