"""Figures and tables for the pages: right in light and dark, readable by a screen reader and on a phone."""

import base64
import html
import io
import math
import numbers
import re
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import matplotlib.style
import pandas as pd
from matplotlib.figure import Figure as Canvas

from mixbook.show import THUMBNAIL
from mixbook.show.drawing import columns, data_columns, places_of
from mixlib.web.drawing import svg
from mixlib.web.style import PALETTE, STYLE, colours_of

NAMES = tuple(name for name in PALETTE["light"] if name != "cycle")

_theme = ContextVar("theme", default=None)


def colour(name, *, theme=None):
    """The colour of that name in the theme being drawn, as ``"#rrggbb"``.

    Parameters
    ----------
    name : str
        A meaning (``"synergy"``, ``"redundancy"``, ``"neutral"``, ``"accent"``, ``"muted"``), a verdict (``"holds"``,
        ``"corrected"``, ``"fails"``, ``"not-reproduced"``, ``"open"``, ``"pending"``) or a part of the page
        (``"page"``, ``"ink"``, ``"faint"``).
    theme : {"light", "dark"}, optional
        By default the theme that `figure` is drawing.

    Raises
    ------
    ValueError
        If the name is unknown, or no theme is given outside the ``draw`` function of `figure`.
    """
    theme = theme or _theme.get()
    if theme not in PALETTE:
        raise ValueError(f"theme: got {theme!r}; call colour() inside draw, or pass theme='light' or theme='dark'")
    if name not in NAMES:
        raise ValueError(f"name: no colour {name!r}; choose one of {', '.join(NAMES)}")
    return PALETTE[theme][name]


def figure(draw, *, alt, caption, size=(7, 3.6), panels=(1, 1), name=None, **subplots):
    """A matplotlib picture, drawn once for the light theme and once for the dark one.

    Parameters
    ----------
    draw : callable
        ``draw(ax)`` for one panel, ``draw(axes)`` for several (a NumPy array, flat for a single row or column). It is
        called once a theme, so it must draw the same picture each time: take random numbers outside of it.
    alt : str
        What the picture shows, a sentence of at least five words, for readers who cannot see it.
    caption : str
        The text below the picture, at least three words.
    size : tuple of float
        Width and height in inches.
    panels : tuple of int
        Rows and columns.
    name : str, optional
        An anchor, so that ``#name`` links to the figure.
    **subplots
        Passed to :meth:`matplotlib.figure.Figure.subplots`, for example ``sharey=True`` or ``width_ratios=(2, 1)``.

    Returns
    -------
    Picture
        Shown by a notebook; elsewhere ``.save(path)`` writes it.

    Raises
    ------
    ValueError
        If the alternative text or the caption is missing or too short, or ``draw`` draws another picture when it is
        called again.
    """
    alt, caption = sentence("alt", alt, 5), sentence("caption", caption, 3)
    picture = Picture(draw, alt, caption, size, panels, name, subplots)
    if _shapes(picture.light) != _shapes(picture.dark):
        raise ValueError(
            "draw: drew one picture for the light theme and another for the dark one; draw random numbers before "
            "figure() is called, not inside draw"
        )
    return picture


def table(frame, *, caption, digits=2, links=None):
    """A data frame as an accessible table whose numbers line up on the decimal point.

    Missing values show as an en dash. A number that would round to zero shows in scientific notation instead. The index
    heads the rows; where it only counts the rows, the first column does.

    Parameters
    ----------
    frame : pandas.DataFrame
        One level of columns; the index may have several.
    caption : str
        The text above the table, at least three words.
    digits : int, str or dict
        Decimals of float columns, or a format such as ``".1e"`` or ``".1%"``; a dict gives them by column (others: 2).
    links : dict, optional
        Addresses of row heads, by their text.

    Returns
    -------
    Table
        Shown by a notebook; ``.save(path)`` writes CSV or HTML.

    Raises
    ------
    ValueError
        If the frame is none or has several levels of columns, ``digits`` names an unknown column, or the caption is
        missing or too short.
    """
    caption = sentence("caption", caption, 3)
    if not isinstance(frame, pd.DataFrame):
        raise ValueError(f"frame: expected a pandas DataFrame, got {type(frame).__name__}; build one with pd.DataFrame")
    if frame.columns.nlevels > 1:
        raise ValueError(f"frame: has {frame.columns.nlevels} levels of columns; join their names into one level")
    if not isinstance(digits, dict):
        digits = dict.fromkeys(frame.columns, digits)
    if unknown := [column for column in digits if column not in frame.columns]:
        raise ValueError(f"digits: no column {unknown[0]!r}; the frame has {', '.join(map(str, frame.columns))}")
    return Table(frame, caption, digits, links or {})


def thumbnail(claim, draw, *, alt):
    """A small picture of a finding for the front page; the page that computes it shows nothing.

    Parameters
    ----------
    claim : str
        The id of the claim whose finding it illustrates, one that this page verifies.
    draw : callable
        ``draw(ax)``, as for `figure`: two or three marks, few words.
    alt : str
        What the picture shows, a sentence of at least five words.
    """
    from IPython.display import display

    picture = Picture(draw, sentence("alt", alt, 5), "", (2.6, 1.6), (1, 1), None, {})
    drawn = {theme: getattr(picture, theme).decode() for theme in PALETTE}
    display({THUMBNAIL: {"claim": claim, "alt": picture.alt, **drawn}}, raw=True)


class Picture:
    """What `figure` returns: two drawings, a text that says what they show, and a caption."""

    def __init__(self, draw, alt, caption, size, panels, name, subplots):
        self.alt, self.caption, self.name = alt, caption, name
        self._draw, self._size, self._panels, self._subplots = draw, size, panels, subplots
        self._places = None  # of the axes: both themes have one layout
        self.light = self._render("light")
        self.dark = self._render("dark")

    def save(self, path, *, theme="light"):
        """Write the picture to ``path``; its ending (svg, pdf, png) says how. Pages of PNG and PDF are opaque."""
        path = Path(path)
        kind = path.suffix.lstrip(".") or "svg"
        path.write_bytes(self._render(theme, kind, transparent=kind == "svg"))
        return path

    def _render(self, theme, kind="svg", transparent=True):
        with style(theme):
            canvas = Canvas(figsize=self._size, layout="constrained")
            self._draw(canvas.subplots(*self._panels, **self._subplots))
            if kind == "svg" and transparent:
                drawn = svg(canvas, self._places)
            else:
                date = {"svg": {"Date": None, "Creator": None}, "pdf": {"CreationDate": None}}.get(kind)
                buffer = io.BytesIO()
                canvas.savefig(buffer, format=kind, metadata=date, transparent=transparent)
                drawn = buffer.getvalue()
            if self._places is None:
                self._places, self.columns = places_of(canvas), columns(canvas, self._panels[1], **self._subplots)
        return drawn

    def _repr_html_(self):
        anchor = f' id="{html.escape(self.name)}"' if self.name else ""
        width, height = (round(inches * 96) for inches in self._size)
        images = "".join(
            f'<img class="only-{theme}" alt="{html.escape(self.alt)}" width="{width}" height="{height}" '
            f'src="data:image/svg+xml;base64,{base64.b64encode(svg).decode()}">'
            for theme, svg in (("light", self.light), ("dark", self.dark))
        )
        caption = f"<figcaption>{html.escape(self.caption)}</figcaption>"
        anchor += data_columns(self.columns)
        return f'<figure class="mx-figure"{anchor} style="--width: {width}px"><div>{images}</div>{caption}</figure>'

    def __repr__(self):
        return f"Picture: {self.caption}\n{self.alt}"


class Table:
    """What `table` returns: a data frame, its caption and how its numbers are written.

    pandas' Styler would not do: its heads have no scope and their names a second row, and it shows 2.5e-12 as 0.00.
    """

    def __init__(self, frame, caption, digits, links):
        self.frame, self.caption, self._digits, self._links = frame, caption, digits, links

    def save(self, path):
        """Write the table to ``path``: all digits as ``.csv``, or as shown as ``.html``."""
        path = Path(path)
        if path.suffix == ".csv":
            self.frame.to_csv(path, index=not _counts_rows(self.frame))
        elif path.suffix == ".html":
            path.write_text(self._repr_html_(), encoding="utf-8")
        else:
            raise ValueError(f"path: cannot write {path.suffix or 'a file without an ending'}; end it in .csv or .html")
        return path

    def _repr_html_(self):
        heads, columns = self._columns()
        top = "".join(
            f'<th scope="col"{_side(number)}>{html.escape(title)}</th>' if title else "<td></td>"
            for title, number, _ in heads + columns
        )
        rows = "".join(
            "<tr>"
            + "".join(f'<th scope="row">{self._linked(cells[i])}</th>' for _, _, cells in heads)
            + "".join(f"<td{_side(number)}>{html.escape(cells[i])}</td>" for _, number, cells in columns)
            + "</tr>"
            for i in range(len(self.frame))
        )
        caption = html.escape(self.caption)
        return (
            f'<div class="mx-table-scroll" role="region" tabindex="0" aria-label="{caption}"><table class="mx-table">'
            f"<caption>{caption}</caption><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table></div>"
        )

    def __repr__(self):
        return f"{self.caption}\n{self.frame.to_string(index=not _counts_rows(self.frame))}"

    def _linked(self, head):
        address = self._links.get(head)
        return f'<a href="{html.escape(address)}">{html.escape(head)}</a>' if address else html.escape(head)

    def _columns(self):
        """Row heads and data columns, each as (title, is it numeric, its cells as text)."""
        frame = self.frame
        columns = [_column(frame.iloc[:, i], self._digits.get(name, 2)) for i, name in enumerate(frame.columns)]
        if _counts_rows(frame):
            return columns[:1], columns[1:]
        levels = [frame.index.get_level_values(i) for i in range(frame.index.nlevels)]
        return [(str(level.name or ""), False, [_cell(value, 2) for value in level]) for level in levels], columns


@contextmanager
def style(theme):
    """The style of the book's pictures in a theme, within a ``with`` block: that of the file, with its colours."""
    token = _theme.set(theme)
    try:
        with matplotlib.style.context([STYLE, colours_of(theme)], after_reset=True):
            yield
    finally:
        _theme.reset(token)


def _shapes(svg):
    """All outlines and positions of a drawing, whatever their colours."""
    return set(re.findall(rb'\s(?:d|x|y)="([^"]*)"', svg))


def sentence(name, text, least):
    """The text without its line breaks; a ValueError names the argument where it has fewer words than ``least``."""
    if not isinstance(text, str) or len(text.split()) < least:
        raise ValueError(f"{name}: expected a text of at least {least} words, got {text!r}; say what there is to see")
    return " ".join(text.split())


def _counts_rows(frame):
    index = frame.index
    plain = isinstance(index, pd.RangeIndex) and index.name is None and index.start == 0 and index.step == 1
    return plain and frame.shape[1] > 1


def _column(series, digits):
    shown = [value for value in series if not _missing(value)]
    number = bool(shown) and all(isinstance(v, numbers.Real) and not _is_bool(v) for v in shown)
    return str(series.name), number, [_cell(value, digits) for value in series]


def _cell(value, digits):
    if _missing(value):
        return "–"
    if _is_bool(value):
        return "yes" if value else "no"
    if not isinstance(value, numbers.Real):
        return str(value)
    if isinstance(value, numbers.Integral) and not isinstance(digits, str):
        text = f"{value:,d}"
    elif math.isinf(value):
        text = "∞" if value > 0 else "-∞"
    else:
        spec = digits if isinstance(digits, str) else f",.{digits}f"
        text = format(float(value), spec)
        if value and not re.search("[1-9]", text):
            text = f"{float(value):.0e}"
    return text.replace("-", "−")


def _is_bool(value):
    return type(value).__name__ in ("bool", "bool_")


def _missing(value):
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, numbers.Real) and value != value)


def _side(number):
    return ' class="mx-number"' if number else ""
