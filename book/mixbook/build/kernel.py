"""What happens in the kernel of a page before its first cell, between its cells and after its last."""

import json
import os
import sys

from IPython import get_ipython
from IPython.display import display

from mixbook.build import footprint

NUMBERS = ("float64", "float32", "int64", "int32")


_told = {}  # key of a number in prose -> its value and, where there is none, why
_cells = iter(range(sys.maxsize))


def begin(wanted=()):
    """Show NumPy's numbers as plain ones, let the page go on after a flip, and watch what the page touches.

    ``wanted`` holds pairs of an expression and the number of cells after which it is evaluated.
    """
    os.environ["MIXLIB_SHOW_FLIPS"] = "1"  # the build collects the flips from the cards
    formatter = get_ipython().display_formatter.formatters["text/plain"]
    for name in NUMBERS:
        # a number glued into a sentence is formatted from its text, and "np.float64(0.5)" is no number
        formatter.for_type_by_name("numpy", name, _plain)
        if "numpy" in sys.modules:
            formatter.for_type(getattr(sys.modules["numpy"], name), _plain)
    footprint.watch()
    get_ipython().events.register("post_run_cell", lambda result: _evaluate(wanted, next(_cells)))


def end(root):
    """Put the page's footprint and the numbers of its prose into the output of the cell."""
    # as one text: messages of the kernel hold no infinities
    display({footprint.MIME: footprint.report(root), footprint.NUMBERS: json.dumps(_told)}, raw=True)


def _evaluate(wanted, ran):
    for expression, place in wanted:
        if place == ran:
            try:
                told = _simple(eval(expression, get_ipython().user_ns)), None
            except Exception as error:
                told = None, f"{type(error).__name__}: {error}"
            _told[f"{place} {expression}"] = told


def _simple(value):
    if getattr(value, "ndim", None) == 0:  # a number of NumPy or torch
        value = value.item()
    if not isinstance(value, bool | int | float | str):
        raise TypeError(f"gives a {type(value).__name__}, and a sentence shows one number or text")
    return value


def _plain(value, printer, cycle):
    printer.text(repr(value.item()))
