"""A report as one HTML file: sections, tables and figures, for light and dark, phone and print.

The file loads nothing and runs nothing, which its content security policy tells the browser too. All text is escaped,
whatever names a user's data have.
"""

import base64
import io
import math
import numbers
import warnings

from mixlib.cli._shared.command import check_folder
from mixlib.web.page import foot, heading, page, paragraph, text, write_page
from mixlib.web.style import STYLE, colours_of

PHONE = 40  # rem, the width of a page below which figures are drawn narrow
NARROW = 4.2  # inches, their width then


class Report:
    """A page that grows from top to bottom; each method adds to its end.

    Parameters
    ----------
    title : str
    summary : str, default=""
        A sentence or two below the title.
    """

    def __init__(self, title, summary=""):
        self.title, self._parts = title, []
        if summary:
            self.text(summary)

    def section(self, title):
        """Begin a section."""
        self._parts.append(heading(title))

    def text(self, words):
        """Add a paragraph."""
        self._parts.append(paragraph(words))

    def facts(self, facts):
        """Add a list of names and what they are, a dict; see :meth:`table` for the values."""
        pairs = (f"<dt>{text(name)}</dt><dd>{_cell(value, '')}</dd>" for name, value in facts.items())
        self._parts.append(f'<dl class="mx-page__settings">{"".join(pairs)}</dl>')

    def table(self, frame, *, caption, formats=None):
        """Add a pandas table without its index; the first column heads the rows.

        Parameters
        ----------
        frame : pandas DataFrame
            A cell that is a tuple or list holds several names. A missing value is shown as an en dash.
        caption : str
        formats : dict, optional
            Formats of columns of numbers by name, such as ``".4f"`` or ``".1%"``. Others: four significant digits, and
            integers with a comma between thousands.
        """
        formats = formats or {}
        columns = {name: list(frame.iloc[:, place]) for place, name in enumerate(frame.columns)}
        kinds = {
            name: ' class="mx-number"' if any(map(_is_number, cells)) and not any(map(_is_text, cells)) else ""
            for name, cells in columns.items()
        }
        head = "".join(f'<th scope="col"{kinds[name]}>{text(name)}</th>' for name in columns)
        rows = []
        for cells in zip(*columns.values(), strict=True):
            shown = []
            for place, (name, value) in enumerate(zip(columns, cells, strict=True)):
                start, end = ("th scope='row'", "th") if place == 0 else ("td", "td")
                shown.append(f"<{start}{kinds[name]}>{_cell(value, formats.get(name, ''))}</{end}>")
            rows.append(f"<tr>{''.join(shown)}</tr>")
        self._parts.append(
            f'<div class="mx-table-scroll" role="region" tabindex="0" aria-label="{text(caption)}"><table '
            f'class="mx-table"><caption>{text(caption)}</caption><thead><tr>{head}</tr></thead>'
            f"<tbody>{''.join(rows)}</tbody></table></div>"
        )

    def figure(self, draw, *, alt, caption, size=(8.0, 4.2)):
        """Add a matplotlib picture, drawn for light and dark, and each also narrow for a phone.

        Parameters
        ----------
        draw : callable
            ``draw(figure)`` fills an empty matplotlib Figure; called four times. Colours ``"C0"``, ``"C1"`` and so on
            fit the theme, as do those of axes and text.
        alt : str
            What the picture shows, for readers who cannot see it.
        caption : str
        size : tuple of float, default=(8.0, 4.2)
            Width and height in inches; drawn for a phone it is ``NARROW`` wide and as high.
        """
        narrow = (min(NARROW, size[0]), size[1])
        sources = [
            f'<source media="(prefers-color-scheme: dark) and (max-width: {PHONE}rem)" '
            f'srcset="{_drawn(draw, narrow, "dark")}">',
            f'<source media="(max-width: {PHONE}rem)" srcset="{_drawn(draw, narrow, "light")}">',
            f'<source media="(prefers-color-scheme: dark)" srcset="{_drawn(draw, size, "dark")}">',
        ]
        self._parts.append(
            f'<figure class="mx-figure"><picture>{"".join(sources)}<img src="{_drawn(draw, size, "light")}" '
            f'alt="{text(alt)}"></picture><figcaption>{text(caption)}</figcaption></figure>'
        )

    def html(self):
        """The whole file, a str."""
        from mixlib import __version__

        return page(self.title, [*self._parts, foot(f"mixlib {__version__}")], pictures=True)

    def write(self, path):
        """Write the file; one that is there is replaced when the new one is whole."""
        write_page(path, self.html())


def check_report(path):
    """Raise a ValueError, before the work begins, if a report cannot be written to ``path``."""
    if path == "-":
        raise ValueError("--report: - is standard output; name a file, such as report.html")
    check_folder(path)


def _cell(value, style):
    if isinstance(value, (tuple, list)):
        # a name that is written from right to left leaves its neighbours alone
        return ", ".join(f"<bdi>{text(name)}</bdi>" for name in value)
    if value is None or (_is_number(value) and math.isnan(value)):
        return "–"
    if not _is_number(value):
        return f"<bdi>{text(value)}</bdi>"
    style = style or ("," if isinstance(value, numbers.Integral) else ",.4g")
    return text(format(value, style).replace("-", "−"))  # a minus is as wide as a plus


def _is_number(value):
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _is_text(value):
    return value is not None and not _is_number(value)


def _drawn(draw, size, theme):
    """A picture as the address of an image that holds it."""
    import matplotlib.style
    from matplotlib.figure import Figure

    target = io.BytesIO()
    # none of a user's settings; text stays text, so that what a font lacks the reader's own may have
    plain = {"svg.fonttype": "none", "text.parse_math": False}  # a name with two dollars is no formula
    with matplotlib.style.context([STYLE, colours_of(theme), plain], after_reset=True), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + base64.b64encode(target.getvalue()).decode()
