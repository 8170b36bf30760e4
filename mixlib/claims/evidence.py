"""The evidence for a claim: truth values and numbers that JSON can hold, and how people read them."""

import math
import string
from collections.abc import Mapping

import numpy as np

UNITS = {"nats": "nats", "bits": "bits", "percent": "%", "seconds": "s", "ms": "ms", "tokens": "tokens", "mib": "MiB"}
STATISTICS = {"mean": lambda values: sum(values) / len(values), "min": min, "max": max}


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


def readable(name):
    """The name of a number for people, and its unit: a last word such as ``nats`` or ``percent`` is the unit.

    Parameters
    ----------
    name : str
        As it was passed to :func:`mixlib.claims.verify`.

    Returns
    -------
    label, unit : str
        The unit is empty where the name has none.

    Examples
    --------
    >>> from mixlib.claims import readable
    >>> readable("gain_of_the_mixture_percent"), readable("escape")
    (('gain of the mixture', '%'), ('escape', ''))
    """
    words = name.replace("_", " ").split()
    if len(words) > 1 and words[-1] in UNITS:
        return " ".join(words[:-1]), UNITS[words[-1]]
    return " ".join(words), ""


def fill(template, values):
    """A finding: a sentence whose placeholders are filled with the numbers of the evidence.

    ``{name}`` is written as :func:`format_number` does, ``{name:.1f}`` in a Python format. Of a number over seeds that
    is the mean; ``{name.min:.1f}``, ``{name.max:.1f}`` and ``{name.sd:.1f}`` are the smallest, the largest and the
    standard deviation.

    Parameters
    ----------
    template : str
        The sentence.
    values : mapping
        Names to numbers as in :attr:`Verdict.numbers`, to texts, or to lists of texts.

    Returns
    -------
    str
        The sentence with its numbers.

    Raises
    ------
    ValueError
        If a placeholder has no number, or the number cannot be written in that format.

    Examples
    --------
    >>> from mixlib.claims import fill
    >>> loss = {"mean": 2.0, "sd": 1.0, "values": [1.0, 2.0, 3.0]}
    >>> fill("It loses {loss:.1f} nats, {loss.max:.1f} at most.", {"loss": loss})
    'It loses 2.0 nats, 3.0 at most.'
    """
    try:
        return " ".join(_Filler(values).format(template).split())
    except (ValueError, IndexError, TypeError) as error:
        raise ValueError(f"finding: {error}; the sentence is {template!r}") from None


class _Filler(string.Formatter):
    """Whole names are looked up, spaces and points included, before ``name.statistic`` is."""

    def __init__(self, values):
        self._values = values

    def get_field(self, field_name, args, kwargs):
        if field_name in self._values:
            return self._values[field_name], field_name
        name, _, statistic = field_name.rpartition(".")
        value = self._values.get(name)
        if not isinstance(value, Mapping) or statistic not in (*STATISTICS, "sd"):
            names = ", ".join(self._values) or "none"
            raise ValueError(f"no number is called {field_name!r}; the evidence has {names}")
        if statistic == "sd":
            return value["sd"], field_name
        return STATISTICS[statistic]([float(one) for one in value["values"]]), field_name

    def format_field(self, value, format_spec):
        if isinstance(value, list | tuple):
            return ", ".join(map(str, value))
        if not format_spec:
            return format_number(value)
        value = value["mean"] if isinstance(value, Mapping) else value
        if isinstance(value, str) and value.lstrip("-") in ("inf", "nan"):  # infinities travel as text
            value = float(value)
        text = format(value, format_spec)
        if isinstance(value, str):
            return text
        is_zero = not any(digit in text for digit in "123456789") and "inf" not in text  # a zero has no sign
        return text.replace("-", "" if is_zero else "−")


def settings_of(settings):
    """What was tried, as JSON has it: names to texts, numbers or lists of texts."""
    kept = {}
    for name, value in ({} if settings is None else settings).items():
        if isinstance(value, str):
            kept[name] = value
        elif np.ndim(value) == 0:
            kept[name] = number_of(f"settings: {name}", value)
        else:
            kept[name] = [one if isinstance(one, str) else str(number_of(f"settings: {name}", one)) for one in value]
    return kept


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
