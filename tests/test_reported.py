"""Numbers as text with their tolerance: what counts as the same, and that the text says it."""

import doctest

import numpy as np
import pytest

import mixlib.reported as reported
from mixlib.reported import as_reported, moved


def spread(*values):
    return {"mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1)), "values": list(values)}


@pytest.mark.parametrize(
    ("value", "spec", "close", "far"),
    [
        (25.04, ".1f", 25.049, 25.06),  # a tenth of the last digit that the reader sees
        (0.0725, ".0%", 0.0734, 0.0736),
        (0.123456, None, 0.123464, 0.12348),  # four digits where nobody asks for a format
        (66000.4, None, 66000.45, 66000.6),
        (1234.5678, ",.0f", 1234.66, 1234.7),
        (0.00031, ".0e", 0.000318, 0.000322),
        (123.456, ".2g", 124.4, 124.6),
        (8.0, ".0f", 8.09, 7.2),
        (1e-15, None, 8e-15, 1e-11),  # what rounding leaves is another each time
        (3e-8, None, 2e-7, 4e-7),
        (0.0, None, 1e-13, 1e-9),
        (0.0, ".2f", 0.0009, 0.0011),
        (spread(1.0, 2.0, 3.0), None, spread(1.24, 2.24, 3.24), spread(1.3, 2.3, 3.3)),
        (spread(0.5, 0.5), None, spread(0.500009, 0.500009), spread(0.5002, 0.5002)),
        ("16 of 1777, 4.25 each", None, "16 of 1777, 4.2505 each", "16 of 1777, 4.3 each"),
    ],
)
def test_what_a_reader_would_not_see_has_not_moved(value, spec, close, far):
    old = as_reported(value, spec)
    assert not moved(old, old)
    assert not moved(old, as_reported(close, spec))
    assert moved(old, as_reported(far, spec))
    assert not moved(old, as_reported(far, spec), factor=1e5)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (1218, 2118),
        (True, False),
        ("holds", "fails"),
        ("16 of 1777", "17 of 1777"),
        ("1,234.5 m", "1,234.5 km"),
        (1.5, -1.5),
        ("-1.5", "−1.5"),
        (1.0, "inf"),
        (0.5, spread(0.5, 0.5)),
        (spread(1.0, 2.0), spread(1.0, 1.0, 2.0, 2.0)),
        ({"mean": "inf", "sd": "inf", "values": ["inf"]}, {"mean": "inf", "sd": "inf", "values": ["inf"] * 2}),
    ],
)
def test_counts_words_and_kinds_are_exact(old, new):
    assert moved(as_reported(old), as_reported(new), factor=1e9) or isinstance(old, float)
    assert moved(as_reported(old), as_reported(new))


@pytest.mark.parametrize(
    ("value", "spec", "unit"),
    [(12, ",", 1), (12, "d", 1), (0.25, ".2f", 0.01), (0.25, "f", 1e-6), (0.25, ".1%", 0.001), (66000.4, None, 1)],
)
def test_a_unit_of_the_last_digit_as_python_shows_it(value, spec, unit):
    assert reported.unit(value, spec) == pytest.approx(unit)
    assert format(value, spec or "") != format(value + unit, spec or "")


def test_the_examples_run():
    assert doctest.testmod(reported).failed == 0
