"""The evidence for a claim: truth values and numbers that JSON can hold, and how people read them."""

import math
from collections.abc import Mapping

import numpy as np


def format_number(value):
    """One number of the evidence for people: ``0.1234``, or ``191 ± 27 (n = 3)`` over seeds or instances.

    Parameters
    ----------
    value : number, str or mapping
        As in :attr:`Verdict.numbers`.

    Returns
    -------
    str
        The number with the digits that its spread leaves worth showing.

    Examples
    --------
    >>> from mixlib.claims import format_number
    >>> format_number(0.123456), format_number({"mean": 191.2, "sd": 27.1, "values": [160.0, 204.0, 209.6]})
    ('0.1235', '191 ± 27 (n = 3)')
    """
    if isinstance(value, Mapping):
        mean, sd, n = value["mean"], value["sd"], len(value["values"])
        if not (isinstance(mean, float) and isinstance(sd, float)):  # infinities travel as text
            return f"{mean} ± {sd} (n = {n})"
        if sd <= 1e-12 * abs(mean):  # rounding is no spread
            return f"{format_number(mean)} (n = {n}, all equal)" if n > 1 else format_number(mean)
        # two digits of the spread say how many of the mean are worth showing
        decimals = 1 - math.floor(math.log10(sd))
        if decimals > 6:
            return f"{mean:.3g} ± {sd:.1e} (n = {n})"
        return f"{round(mean, decimals):,.{max(decimals, 0)}f} ± {round(sd, decimals):,.{max(decimals, 0)}f} (n = {n})"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def truths_of(name, value):
    """A bool or several as a list of bools, None as it is; a ValueError names the argument where it is neither."""
    if value is None:
        return None
    array = np.asarray(value)
    if array.dtype != bool or array.size == 0:
        raise ValueError(f"{name}: expected a bool or a sequence of bools, got {value!r}; compare the numbers first")
    return array.ravel().tolist()


def number_of(name, value):
    """A number as JSON has it; of several, one for each seed, with their mean and standard deviation."""
    if isinstance(value, str | bool | int):
        return value
    array = np.asarray(value)
    if array.ndim > 1 or array.size == 0 or array.dtype.kind not in "biuf":
        raise ValueError(
            f"{name}: expected a number, a string or a one-dimensional sequence, got {type(value).__name__} "
            f"of shape {array.shape}; pass one value for each seed"
        )
    if np.isnan(array).any():
        raise ValueError(f"{name}: holds NaN; evidence must be a number")
    values = [_jsonable(v) for v in array.ravel().tolist()]
    if array.ndim == 0:
        return values[0]
    sd = float(np.std(array, ddof=1)) if array.size > 1 else 0.0
    return {"mean": _jsonable(float(np.mean(array))), "sd": _jsonable(sd), "values": values}


def _jsonable(value):
    # JSON has no infinity
    return value if not isinstance(value, float) or math.isfinite(value) else str(value)
