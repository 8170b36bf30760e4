"""The landscape: shapes that hold every subset, colours by sign, and the names of the extreme ones."""

import time

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch
from matplotlib.text import Text

from mixlib import o_information_sweep
from mixlib.information import plot_landscape


def samples(n=9, rows=300, names=None):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(rows, n))
    values[:, 2] += values[:, 0] + values[:, 1]
    values[:, 3:6] += rng.normal(size=(rows, 1))
    return pd.DataFrame(values, columns=pd.Index(names or [f"v{i}" for i in range(n)], dtype=object))


def drawn(sweep, **options):
    return plot_landscape(sweep, Figure(figsize=(8, 4)).subplots(), **options)


def names_in(ax):
    return [text.get_text() for text in ax.texts]


def shapes(ax, colour=None):
    """Edges of the cells and widths of each shape, of one colour or of all."""
    found = [patch for patch in ax.patches if isinstance(patch, StepPatch)]
    chosen = [patch for patch in found if colour is None or to_hex(patch.get_facecolor()) == to_hex(colour)]
    return [(patch.get_data().edges, patch.get_data().values - patch.get_data().baseline) for patch in chosen]


def test_a_column_for_each_order_reaches_as_far_as_its_subsets():
    sweep = o_information_sweep(samples(), orders="3-5")
    ax = drawn(sweep)
    profile = sweep.by_order()
    segments = [path.get_segments()[0] for path in ax.collections]
    for order, (bottom, top) in zip((3, 4, 5), [(s[0], s[1]) for s in segments], strict=True):
        assert bottom[0] == order
        assert bottom[1] == pytest.approx(profile.loc[order, "lowest"])
        assert top[1] == pytest.approx(profile.loc[order, "highest"])
    assert ax.get_xlim() == (2.4, 5.6)


def test_blue_is_redundant_and_orange_synergistic():
    ax = drawn(o_information_sweep(samples(), orders="3-5"))
    blue, orange = shapes(ax, "C0"), shapes(ax, "C1")
    assert len(blue) == len(orange) == 3
    assert all(edges.min() == 0 for edges, _ in blue)
    assert all(edges.max() == 0 for edges, _ in orange)


@pytest.mark.parametrize("orders", [3, 5, 8])
def test_widths_are_logarithms_of_counts(orders):
    sweep = o_information_sweep(samples(), orders=orders)
    counted, widths = [], []
    for edges, width in shapes(drawn(sweep, count=0)):
        within = (sweep.omega[:, None] >= edges[:-1]) & (sweep.omega[:, None] < edges[1:])
        counted += within.sum(axis=0).tolist()
        widths += width.tolist()
    counted = np.array(counted)
    assert counted.sum() == len(sweep.omega)
    assert max(widths) < 1
    assert np.array(widths) / max(widths) == pytest.approx(np.log1p(counted) / np.log1p(counted.max()))


def test_the_extreme_subsets_are_named_and_marked():
    sweep = o_information_sweep(samples(), orders="3-4", top=5)
    ax = drawn(sweep, count=2)
    wanted = [*sweep.synergistic(2)["variables"], *sweep.redundant(2)["variables"]]
    assert sorted(names_in(ax)) == sorted(", ".join(subset) for subset in wanted)
    low, high = ax.get_ylim()
    for text in ax.texts:
        assert low < text.xyann[1] < high
    marks = [line for line in ax.lines if line.get_marker() in "v^"]
    assert [line.get_ydata().tolist() for line in marks] == [
        frame["omega"].tolist() for frame in (sweep.synergistic(2), sweep.redundant(2))
    ]


@pytest.mark.parametrize("options", [{"top": 5}, {"top": 5, "search": "greedy"}])
def test_without_all_subsets_it_shows_what_is_known(options):
    sweep = o_information_sweep(samples(), orders="3-5", **options)
    ax = drawn(sweep)
    assert bool(ax.patches) == ("search" not in options)  # boxes of mean and standard deviation
    assert len(names_in(ax)) == 6


def test_shapes_may_come_from_another_sweep():
    best, every = (o_information_sweep(samples(), orders="3-5", top=top) for top in (3, None))
    assert len(shapes(drawn(best, every=every))) == len(shapes(drawn(every))) == 6
    assert shapes(drawn(best)) == []
    with pytest.raises(ValueError, match=r"every: its orders is \(3, 4\)"):
        drawn(best, every=o_information_sweep(samples(), orders="3-4"))
    with pytest.raises(ValueError, match="every: its units is 'nats'"):
        drawn(best.to("bits"), every=every)


def test_what_is_no_sweep_is_refused_with_the_fix():
    sweep = o_information_sweep(samples(), orders=3)
    for given in (samples(), sweep.to_frame(), [1.0, 2.0]):
        with pytest.raises(
            ValueError, match=rf"sweep: expected a Sweep, got {type(given).__name__}; sweep samples first"
        ):
            drawn(given)
    with pytest.raises(ValueError, match="every: expected a Sweep, got DataFrame"):
        drawn(sweep, every=sweep.to_frame())


def box_of(text):
    """Where a name stands, in pixels, without its line."""
    return Text.get_window_extent(text).translated(*(text.axes.transData.transform(text.xyann) - text.xyann))


def crossed(ax):
    """Names that a line to another name's marker runs through."""
    ax.figure.canvas.draw()
    share = np.linspace(0, 1, 200)[:, None]
    found = []
    for text in ax.texts:
        box = box_of(text)
        for other in ax.texts:
            start, end = ax.transData.transform([other.xyann, other.xy])
            points = start + share * (end - start)
            inside = ((points > box.p0 + 1) & (points < box.p1 - 1)).all(axis=1)
            if other is not text and inside.any():
                found.append((text.get_text(), other.get_text()))
    return found


@pytest.mark.parametrize("width", [4.2, 8])
@pytest.mark.parametrize(("columns", "orders"), [(3, 3), (4, 3), (4, "all"), (6, 3), (6, "3-5"), (9, "all")])
def test_no_line_runs_through_a_name(columns, orders, width):
    name = "variable {}" if width > 5 else "v{}"
    table = samples(names=[name.format(i) for i in range(9)]).iloc[:, :columns]
    for count in (3, 6) if width > 5 else (3,):  # six names of each sign have no room in a narrow picture
        ax = Figure(figsize=(width, 4)).subplots()
        assert crossed(plot_landscape(o_information_sweep(table, orders=orders), ax, count=count)) == []
        assert all(box.x0 > 0 and box.x1 < ax.figure.bbox.width for box in map(box_of, ax.texts)), "cut off"


def test_with_standard_errors_only_what_is_certain_is_named():
    noise = np.random.default_rng(0).normal(size=(200, 6))
    assert len(names_in(drawn(o_information_sweep(noise, orders=3)))) == 6
    assert names_in(drawn(o_information_sweep(noise, orders=3, error="auto"))) == []
    found = o_information_sweep(samples(), orders=3, error="auto")
    assert "v0, v1, v2" in names_in(drawn(found))
    assert len(names_in(drawn(found))) < 6


def test_one_subset_alone():
    for scale in (1, -1):
        values = samples()[["v0", "v1", "v2"]] if scale < 0 else samples()[["v3", "v4", "v5"]]
        ax = drawn(o_information_sweep(values))
        assert len(names_in(ax)) == 1
        assert ax.get_ylabel() == "O-information (nats)"


def test_any_name_can_be_drawn():
    names = ["$\\frac{", "x\ny", "<b>", "\u202ebackwards", "n" * 100, "\ud800", "\0", "漢字", "a_b^c$d$"]
    ax = drawn(o_information_sweep(samples(names=names), orders="3-6"))
    ax.figure.canvas.draw()
    assert len(names_in(ax)) == 6
    for text in names_in(ax):
        assert len(text) < 80
        assert not set(text) & {"\n", "\0", "\u202e", "\ud800"}


def test_long_names_are_counted():
    ax = drawn(o_information_sweep(samples(names=[f"temperature_of_station_{i}" for i in range(9)]), orders=6))
    assert all(text.endswith(" more") for text in names_in(ax))


def test_without_axes_it_takes_the_current_ones():
    import matplotlib.pyplot as plt

    with matplotlib.rc_context({"backend": "agg"}):
        figure, ax = plt.subplots()
        assert plot_landscape(o_information_sweep(samples(), orders=3)) is ax
        plt.close(figure)


@pytest.mark.rare
def test_a_million_subsets_take_seconds():
    sweep = o_information_sweep(samples(20))
    assert sweep.n_subsets > 10**6
    began = time.process_time()
    ax = drawn(sweep)
    ax.figure.canvas.draw()
    assert time.process_time() - began < 10
    assert len(shapes(ax)) <= 18 * 2
