"""The landscape of a sweep: all subsets by order and O-information, and the names of the extreme ones."""

import re
from collections import Counter
from itertools import product

import numpy as np

from mixlib.information.sweeps.result import Sweep

__all__ = ["plot_landscape"]

CELLS = 80  # of a histogram
WIDEST = 0.42  # half of an order's column
LONGEST = 60  # characters of a name of a subset
UNSHOWN = re.compile("[\0-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def plot_landscape(sweep, ax=None, *, count=3, every=None):
    """Landscape plot: how Omega is distributed among the subsets of each order, with the extreme subsets named.

    Each order is a column. Its width grows with the logarithm of the number of subsets of that Omega, each column for
    itself, so that one subset beside a million still shows; a thin line goes from the lowest to the highest.
    Redundancy and synergy differ in colour (blue and orange, which colour-blind readers tell apart) and in their side
    of zero. A sweep that kept the best alone has mean and standard deviation in place of the shape.

    Source: in the manner of violin plots, Hintze & Nelson 1998.

    Parameters
    ----------
    sweep : Sweep
        Of :func:`mixlib.o_information_sweep`; its names and markers are of the best that it kept, and with
        standard errors only of subsets whose sign is certain.
    ax : None or matplotlib Axes, default=None
        Where to draw; ``None`` takes the current axes.
    count : int, default=3
        How many of the most synergistic and of the most redundant subsets are named; 0 for none.
    every : None or Sweep, default=None
        The same sweep with all subsets kept, for the shapes, if ``sweep`` kept the best alone.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If ``sweep`` or ``every`` is no sweep, or ``every`` is of other variables, orders or units.

    Examples
    --------
    >>> import numpy as np
    >>> import mixlib
    >>> from mixlib.information import plot_landscape
    >>> sweep = mixlib.o_information_sweep(np.random.default_rng(0).normal(size=(100, 8)))
    >>> plot_landscape(sweep).get_xlabel()
    'variables in the subset'
    """
    for name, given in {"sweep": sweep, "every": every}.items():
        if not isinstance(given, Sweep) and (name == "sweep" or given is not None):
            raise ValueError(
                f"{name}: expected a Sweep, got {type(given).__name__}; sweep samples first, with "
                "o_information_sweep(samples), and give what it returns, not its to_frame()"
            )
    every = sweep if every is None else every
    for name in ("n_variables", "orders", "units"):
        mine, other = getattr(sweep, name), getattr(every, name)
        if mine != other:
            raise ValueError(f"every: its {name} is {other!r}, that of the sweep {mine!r}; give the same sweep")
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.gca()
    ax.axhline(0, color=ax.xaxis.label.get_color(), linewidth=0.8, zorder=1)
    lowest, highest = sweep.orders
    if every.top is None and every.search == "exhaustive":
        orders = every.engine.orders(every.keys)
        for order in range(lowest, highest + 1):
            _shape(ax, order, every.omega[orders == order])
    elif sweep.search == "exhaustive":
        for order, row in sweep.by_order().iterrows():
            _summary(ax, order, row)
    low, high = sweep.synergistic(count), sweep.redundant(count)
    found = [frame[frame["certain"]] if "certain" in frame else frame for frame in (low, high)]
    if sweep.search != "exhaustive":  # of which nothing is known but what was found
        for frame, colour in zip((sweep.synergistic(10**6), sweep.redundant(10**6)), ("C1", "C0"), strict=True):
            ax.plot(frame["order"], frame["omega"], "_", color=colour, markersize=9, zorder=2)
    ax.set_xlim(lowest - 0.6, highest + 0.6)
    ax.set_xticks(_ticks(lowest, highest))
    ax.set_xlabel("variables in the subset")
    ax.set_ylabel(f"O-information ({sweep.units})")
    for frame, colour, marker in zip(found, ("C1", "C0"), ("v", "^"), strict=True):
        ink = {"markeredgecolor": ax.xaxis.label.get_color(), "markeredgewidth": 0.8}
        ax.plot(frame["order"], frame["omega"], marker, color=colour, markersize=6, zorder=4, **ink)
    _name(ax, found)
    return ax


def _shape(ax, order, omega):
    """One order's histogram, mirrored about its column."""
    if not len(omega):
        return
    ends = omega.min(), omega.max()
    ax.vlines(order, *ends, color="0.55", linewidth=0.8, zorder=2)
    if ends[0] == ends[1]:
        ax.hlines(ends[0], order - WIDEST / 2, order + WIDEST / 2, color="C0" if ends[0] > 0 else "C1", zorder=3)
        return
    # zero is the edge of a cell, so that no cell has two colours
    width = (ends[1] - ends[0]) / min(CELLS, max(8, 2 * int(np.sqrt(len(omega)))))
    first = np.floor(ends[0] / width)
    edges = width * np.arange(first, np.floor(ends[1] / width) + 2)
    counts, _ = np.histogram(omega, edges)
    sizes = WIDEST * np.log1p(counts) / np.log1p(counts.max())
    zero = np.searchsorted(edges, 0.0)
    for cells, colour in ((slice(None, zero), "C1"), (slice(zero, None), "C0")):
        part, side = sizes[cells], edges[cells.start : None if cells.stop is None else cells.stop + 1]
        if len(part):
            ends = order + part, order - part
            ax.stairs(ends[0], side, baseline=ends[1], orientation="horizontal", fill=True, color=colour, zorder=3)


def _summary(ax, order, row):
    """One order's range, mean and standard deviation."""
    ax.vlines(order, row["lowest"], row["highest"], color="0.55", linewidth=0.8, zorder=2)
    for end in ("lowest", "highest"):
        ax.hlines(row[end], order - 0.08, order + 0.08, color="0.55", linewidth=0.8, zorder=2)
    low, high = row["mean"] - row["sd"], row["mean"] + row["sd"]
    for start, stop, colour in ((min(low, 0), min(high, 0), "C1"), (max(low, 0), max(high, 0), "C0")):
        ax.bar(order, stop - start, 0.3, start, color=colour, linewidth=0, alpha=0.6, zorder=3)
    ax.hlines(row["mean"], order - 0.15, order + 0.15, color=ax.xaxis.label.get_color(), linewidth=1.5, zorder=3)


def _ticks(lowest, highest):
    step = -(-(highest - lowest + 1) // 12)
    return range(lowest, highest + 1, step)


def _name(ax, found):
    """Write the names of the subsets below and above all that is drawn, each with a line to its marker."""
    low, high = ax.get_ylim()
    named = [len(frame) for frame in found]
    wide, tall = (length or 1 for length in ax.get_position().size * ax.figure.get_size_inches())
    line = 0.2 / tall * (high - low)  # the height of a line of text
    spans = [named[0] * line + line / 2 if named[0] else 0, named[1] * line + line / 2 if named[1] else 0]
    stretch = 1 / max(1 - sum(spans) / (high - low), 0.4)
    line *= stretch
    low, high = low - (named[0] + 0.5) * line * (named[0] > 0), high + (named[1] + 0.5) * line * (named[1] > 0)
    ax.set_ylim(low, high)
    for frame, start, step in ((found[0], low + 0.7 * line, line), (found[1], high - 0.7 * line, -line)):
        for row, (text, mark, x) in enumerate(_rows(frame, *ax.get_xlim(), wide)):
            side = 1 if x > mark[0] else -1
            ax.annotate(
                text,
                mark,
                xytext=(x, start + row * step),
                ha="left" if side > 0 else "right",
                va="center",
                fontsize="small",
                parse_math=False,  # a name with two dollars is no formula
                arrowprops={
                    "arrowstyle": "-",
                    "color": "0.55",
                    "linewidth": 0.6,
                    "shrinkA": 0,
                    "shrinkB": 3,
                    "relpos": (0 if side > 0 else 1, 0.5),
                },
                zorder=5,
            )


def _rows(frame, left, right, inches):
    """The names, where their markers are, and where they begin: the row that is farthest from the markers first.

    No line crosses a name that has room. Names of markers on the left run to the right, the farther rows for the
    markers farther left; on the right it is the other way round. The side whose rows are nearer ends before the
    markers of the other side.
    """
    letter, gap = (size * (right - left) / inches for size in (0.062, 0.1))
    marks = list(zip(frame["variables"], frame["order"], frame["omega"], strict=True))
    arrangements = []
    for farther, split in product((1, -1), [*frame["order"], left]):
        rows, ends, good = [], {1: right, -1: left}, 0
        sides = {1: [mark for mark in marks if mark[1] <= split], -1: [mark for mark in marks if mark[1] > split]}
        if others := [order for _, order, _ in sides[farther]]:
            last = min(others) if farther < 0 else max(others)
            ends[-farther] = last + farther * gap * others.count(last)
        for side in (farther, -farther):
            taken = Counter()
            for names, order, omega in sorted(sides[side], key=lambda mark, side=side: side * mark[1]):
                taken[order] += 1  # rows of one order begin further and further aside
                begin = order + side * gap * taken[order]
                room = int(min(LONGEST, side * (ends[side] - begin) / letter - 1))
                rows.append((_short(names, room), (order, omega), begin))
                shown = len(rows[-1][0])
                good += shown if shown <= room else -LONGEST
        arrangements.append((good, rows))
    return max(arrangements, key=lambda arrangement: arrangement[0])[1]


def _short(names, most):
    """Names with commas, at least one, as many as fit; the others are counted."""
    shown = [UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", " ".join(str(name).split())) for name in names]
    text, rest = shown[0], shown[1:]
    for place, name in enumerate(rest, start=1):
        after = f" and {len(shown) - place - 1} more" if place + 1 < len(shown) else ""
        if len(f"{text}, {name}{after}") > most:
            after = f" and {len(shown) - place} more"
            return f"{_cut(text, most - len(after))}{after}"
        text = f"{text}, {name}"
    return _cut(text, most)


def _cut(text, most):
    return text if len(text) <= most else text[: max(most - 1, 5)] + "…"
