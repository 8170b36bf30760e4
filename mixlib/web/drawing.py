"""A drawn matplotlib figure as SVG: of its own, or within a page, whose theme sets its colours."""

import io
import re

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG

from mixlib.web.style import PALETTE

_SVG, _LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_OUTLINES = {"d", "x", "y", "transform", "width", "height"}  # attributes whose numbers are positions


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


def prepare(root, key):
    """Shorten numbers, let the page's theme set the colours, and make ids unique in a page of several pictures."""
    root.set("xmlns", _SVG)
    # a style sheet within the picture would rule the whole page; its two settings are inherited just as well
    root.set("stroke-linejoin", "round")
    for name in ("width", "height"):
        del root.attrib[name]
    for parent in [root, *root.findall(f"{{{_SVG}}}defs")]:
        for child in [*parent.findall(f"{{{_SVG}}}metadata"), *parent.findall(f"{{{_SVG}}}style")]:
            parent.remove(child)
    nodes = list(root.iter())
    texts = [value for node in nodes for value in node.attrib.values()]
    links = {found for text in texts for found in re.findall(r"^#(.+)$|url\(#([^)]+)\)", text) for found in found}
    for node in nodes:
        node.tag = node.tag.removeprefix(f"{{{_SVG}}}")
        node.text, node.tail = (text if text and text.strip() else None for text in (node.text, node.tail))
        for name, value in list(node.items()):
            del node.attrib[name]
            name = name.removeprefix(f"{{{_LINK}}}")
            if name == "id" and value not in links:
                continue
            if name == "id":
                value = f"{key}-{value}"
            elif name == "href" and value.startswith("#"):
                value = f"#{key}-{value[1:]}"
            elif name in _OUTLINES:
                value = re.sub(r"-?[1-9]\d*\.\d{3,}", lambda number: f"{float(number[0]):.2f}", " ".join(value.split()))
            elif name in ("style", "clip-path"):
                value = re.sub(r"url\(#([^)]+)\)", rf"url(#{key}-\1)", value)
                value = re.sub(r"#[0-9a-f]{6}", lambda code: _VARIABLES.get(code[0], code[0]), value)
            node.set(name, value)


def _variables():
    """The CSS variable of each colour of the light theme, by its code, which a page without the book's style shows."""
    light = PALETTE["light"]
    names = {code: f"c{i}" for i, code in enumerate(light["cycle"])}
    names |= {light[name]: name for name in ("page", "ink", "faint", "muted", "fails", "pending")}
    return {code: f"var(--figure-{name}, {code})" for code, name in names.items()}


_VARIABLES = _variables()
