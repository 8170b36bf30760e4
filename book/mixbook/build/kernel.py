"""What happens in the kernel of a page before its first cell and after its last."""

import os
import sys

from IPython import get_ipython
from IPython.display import display

from mixbook.build import footprint

NUMBERS = ("float64", "float32", "int64", "int32")


def begin():
    """Show NumPy's numbers as plain ones, let the page go on after a flip, and watch what the page touches."""
    os.environ["MIXLIB_SHOW_FLIPS"] = "1"  # the build collects the flips from the cards
    formatter = get_ipython().display_formatter.formatters["text/plain"]
    for name in NUMBERS:
        # a number glued into a sentence is formatted from its text, and "np.float64(0.5)" is no number
        formatter.for_type_by_name("numpy", name, _plain)
        if "numpy" in sys.modules:
            formatter.for_type(getattr(sys.modules["numpy"], name), _plain)
    footprint.watch()


def end(root):
    """Put the page's footprint into the output of the cell."""
    display({footprint.MIME: footprint.report(root)}, raw=True)


def _plain(value, printer, cycle):
    printer.text(repr(value.item()))
