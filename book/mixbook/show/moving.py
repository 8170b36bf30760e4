"""Figures that move: drawn once for every position of their sliders, when the page is built.

The picture is one SVG. What differs from frame to frame (a path, a position, a colour) is kept beside it as data, and a
small script of the book puts the values of the chosen frame in. Without a script the starting frame stands still.
"""

import hashlib
import html
import itertools
import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from matplotlib.figure import Figure as Canvas

from mixbook.show.display import sentence, style
from mixbook.show.drawing import columns, data_columns, places_of
from mixlib.web.drawing import prepare, svg

LARGEST = 600_000  # characters of data: about 150 kB on the wire


def moving_figure(draw, sliders, *, alt, caption, start=None, size=(7, 3.6), panels=(1, 1), name=None, **subplots):
    """A matplotlib picture with one slider or more, every position of which is drawn beforehand.

    Parameters
    ----------
    draw : callable
        ``draw(ax, *values)`` for one panel, ``draw(axes, *values)`` for several, with one value a slider. It must fix
        the limits of its axes. The sentence that it returns, if any, is shown below the picture and read aloud.
    sliders : dict
        The label of each slider and the sequence of its values, numbers or texts. A few dozen frames are plenty:
        all combinations are drawn.
    alt : str
        What the picture shows and what moves in it, a sentence of at least five words.
    caption : str
        The text below the picture, at least three words.
    start : tuple, optional
        The value of each slider at the beginning; by default the middle one.
    size, panels, name, **subplots
        As in :func:`mixbook.show.display.figure`.

    Returns
    -------
    MovingPicture
        Shown by a notebook; ``.save(path)`` writes the starting frame.

    Raises
    ------
    ValueError
        If there is no slider or fewer than two values on one, ``start`` is not among the values, the axes' limits
        differ between frames, the frames hold too much data, or ``alt`` or ``caption`` is missing or too short.
    """
    alt, caption = sentence("alt", alt, 5), sentence("caption", caption, 3)
    if not sliders:
        raise ValueError("sliders: got none; name at least one, or call mixbook.show.display.figure")
    values = {label: list(sequence) for label, sequence in sliders.items()}
    for label, sequence in values.items():
        if len(sequence) < 2:
            raise ValueError(f"sliders: {label!r} has {len(sequence)} value; give at least two")
    if start is None:
        start = tuple(sequence[len(sequence) // 2] for sequence in values.values())
    frames = list(itertools.product(*values.values()))
    if tuple(start) not in frames:
        raise ValueError(f"start: {tuple(start)} is not a combination of the sliders' values; choose one of them")
    return MovingPicture(draw, values, frames, frames.index(tuple(start)), alt, caption, size, panels, name, subplots)


class MovingPicture:
    """What `moving_figure` returns: a drawing, what changes in it from frame to frame, and its texts."""

    def __init__(self, draw, sliders, frames, start, alt, caption, size, panels, name, subplots):
        self.alt, self.caption, self.name, self.sliders, self.start = alt, caption, name, sliders, start
        self._draw, self._frames, self._size, self._panels, self._subplots = draw, frames, size, panels, subplots
        roots, self.sentences = self._render_all()
        key = hashlib.sha256(repr((caption, list(sliders), frames[start])).encode()).hexdigest()[:8]
        for root in roots:
            prepare(root, key)
        self.changes = _changes(roots, start)
        self.svg = ElementTree.tostring(roots[start], encoding="unicode")
        if (length := len(self._data())) > LARGEST:
            raise ValueError(
                f"draw: {len(frames)} frames need {length:,} characters of data, at most {LARGEST:,} are allowed; draw "
                "fewer points a line, or give the sliders fewer values"
            )

    def save(self, path, *, theme="light"):
        """Write the starting frame to ``path``; its ending (svg, pdf, png) says how."""
        path = Path(path)
        with style(theme):
            canvas, axes = self._canvas()
            self._draw(axes, *self._frames[self.start])
            canvas.savefig(path)
        return path

    def _canvas(self):
        canvas = Canvas(figsize=self._size, layout="constrained")
        return canvas, canvas.subplots(*self._panels, **self._subplots)

    def _render_all(self):
        """Every frame as an XML tree, in the places that the starting frame's layout gives to the axes."""
        with style("light"):
            canvas, axes = self._canvas()
            self._draw(axes, *self._frames[self.start])
            canvas.draw_without_rendering()
            self.columns = columns(canvas, self._panels[1], **self._subplots)
            places = places_of(canvas)
            limits = _limits(axes)
            roots, sentences = [], []
            for values in self._frames:
                canvas, axes = self._canvas()
                said = self._draw(axes, *values)
                sentences.append(None if said is None else sentence("draw's sentence", said, 2))
                if _limits(axes) != limits:
                    raise ValueError(
                        f"draw: the limits of the axes at {values} differ from those at the start; fix them with "
                        "ax.set(xlim=..., ylim=...), so that the reader sees the curve move and not the scale"
                    )
                roots.append(ElementTree.fromstring(svg(canvas, places)))
        return roots, sentences

    def _data(self):
        data = {"changes": self.changes, "sentences": self.sentences if any(self.sentences) else []}
        # "</" would end the script that holds the data
        return json.dumps(data, separators=(",", ":")).replace("</", "<\\/")

    def _repr_html_(self):
        anchor = f' id="{html.escape(self.name)}"' if self.name else ""
        anchor += data_columns(self.columns)
        width, height = (round(inches * 96) for inches in self._size)
        svg = self.svg.replace(
            "<svg ", f'<svg role="img" aria-label="{html.escape(self.alt)}" width="{width}" height="{height}" ', 1
        )
        position = np.unravel_index(self.start, [len(values) for values in self.sliders.values()])
        controls = "".join(
            f'<label><span>{html.escape(label)}</span> <input type="range" min="0" max="{len(values) - 1}" '
            f'value="{at}" data-values="{html.escape(json.dumps([_show(value) for value in values]))}"> '
            f"<output>{html.escape(_show(values[at]))}</output></label>"
            for (label, values), at in zip(self.sliders.items(), position, strict=True)
        )
        said = html.escape(self.sentences[self.start] or "")
        says = f'<p class="mx-moving__says" aria-live="polite">{said}</p>' if any(self.sentences) else ""
        return (
            f'<figure class="mx-figure mx-moving"{anchor} style="--width: {width}px"><div>{svg}</div>'
            f'<div class="mx-moving__controls" hidden>{controls}</div>{says}'
            f"<figcaption>{html.escape(self.caption)}</figcaption>"
            f'<script type="application/json">{self._data()}</script></figure>'
        )

    def __repr__(self):
        return f"MovingPicture of {len(self._frames)} frames: {self.caption}\n{self.alt}"


def _limits(axes):
    return [(ax.get_xlim(), ax.get_ylim()) for ax in np.ravel(axes)]


def _show(value):
    if isinstance(value, str):
        return value
    return f"{round(float(value), 12):.4g}".replace("-", "−")


def _changes(roots, start):
    """What differs between frames: a node's mark, its attribute ("" for its content), the values, and each frame's."""
    changes = []

    def record(nodes, name, values):
        node = nodes[start]
        mark = node.get("data-moves") or str(len(changes))
        node.set("data-moves", mark)
        distinct = list(dict.fromkeys(values))
        changes.append([mark, name, distinct, [distinct.index(value) for value in values]])

    def compare(nodes):
        for name in sorted({name for node in nodes for name in node.attrib}):
            values = [node.get(name) for node in nodes]
            if len(set(values)) > 1:
                record(nodes, name, values)
        if len({(node.text, *(child.tag for child in node)) for node in nodes}) > 1:
            record(nodes, "", [_inner(node) for node in nodes])
            return
        for children in zip(*nodes, strict=True):
            compare(children)

    compare(roots)
    return changes


def _inner(node):
    return (node.text or "") + "".join(ElementTree.tostring(child, encoding="unicode") for child in node)
