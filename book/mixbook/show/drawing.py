"""A drawn matplotlib figure, still or moving: its SVG, where its axes stand, where its columns part."""

import io

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG


def svg(canvas, places=None):
    """A figure as a transparent SVG, in bytes; drawn once, where ``savefig`` draws all of it for the layout as well.

    The axes have the ``places`` of an earlier drawing, or those that the layout gives them.
    """
    canvas.patch.set(facecolor="none", edgecolor="none")
    dpi, engine = canvas.dpi, canvas.get_layout_engine()
    if places is None and engine is not None:
        with matplotlib.rc_context({"savefig.format": "svg"}):  # by which the layout measures texts
            canvas.dpi = 72
            engine.execute(canvas)
    canvas.set_layout_engine("none")
    for ax, place in zip(canvas.axes, places or (), strict=False):
        ax.set_position(place)
    canvas.dpi = matplotlib.rcParams["savefig.dpi"]  # of images within the SVG
    buffer = io.BytesIO()
    FigureCanvasSVG(canvas).print_svg(buffer, metadata={"Date": None, "Creator": None})
    canvas.dpi = dpi
    return buffer.getvalue()


def places_of(canvas):
    """Where the axes of a drawn figure stand, for `svg` of the same picture in other colours or of another frame."""
    return [ax.get_position(original=True) for ax in canvas.axes]


def columns(canvas, count, sharey=False, **subplots):
    """Where the ``count`` columns of a drawn figure part, as shares of its width, so that a phone may stack them.

    Empty where one column can't stand without the others: they share an axis or a legend, or overlap.
    """
    if count == 1 or sharey not in (False, "none", "col") or canvas.legends or canvas.texts:
        return []
    begins, ends = [1.0] * count, [0.0] * count
    for ax in sorted(canvas.axes, key=lambda ax: ax.get_subplotspec() is None):  # colour bars last: they have no place
        box, place = ax.get_tightbbox().transformed(canvas.transFigure.inverted()), ax.get_subplotspec()
        column = place.colspan.start if place else sum(begin <= box.x0 for begin in begins) - 1
        begins[column], ends[column] = min(begins[column], box.x0), max(ends[column], box.x1)
    gaps = list(zip(ends[:-1], begins[1:], strict=True))
    return [round((end + begin) / 2, 4) for end, begin in gaps] if all(end < begin for end, begin in gaps) else []


def data_columns(shares):
    """These columns as an attribute of HTML, for the script that stacks them."""
    return f' data-columns="{" ".join(map(str, shares))}"' if shares else ""
