"""A report as one HTML file: sections, tables and figures, for light and dark, phone and print.

The file loads nothing and runs nothing, which its content security policy tells the browser too. All text is escaped,
whatever names a user's data have.
"""

import base64
import html
import io
import math
import numbers
import os
import re
import warnings
from pathlib import Path

from mixlib.cli._shared.command import check_folder

UNSHOWN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
PHONE = 40  # rem, the width of a page below which figures are drawn narrow
NARROW = 4.2  # inches, their width then
# those of the book's figures: at least 3:1 against the page, and told apart by lightness too
THEMES = {
    "light": {
        "page": "#fdfcfa",
        "panel": "#f5f3ee",
        "ink": "#1d2430",
        "quiet": "#59636f",
        "line": "#dedbd3",
        "faint": "#d5dae1",
        "cycle": ("#0f5fa8", "#c8500b", "#0b7f65", "#8d3b8f", "#9a7200", "#55606e"),
    },
    "dark": {
        "page": "#14181f",
        "panel": "#1c222b",
        "ink": "#e4e8ee",
        "quiet": "#a3aebb",
        "line": "#343d49",
        "faint": "#39424f",
        "cycle": ("#6db3f2", "#f0965c", "#45c9a5", "#d795d8", "#e0bd4a", "#aab4c1"),
    },
}
STYLE = """
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 2.5rem) 3rem; }
h1 { margin: .5rem 0 1rem; font-size: clamp(1.5rem, 1.2rem + 1.6vw, 2.1rem); line-height: 1.2; text-wrap: balance; }
h2 { margin: 2.5rem 0 .8rem; font-size: 1.3rem; line-height: 1.25; }
h1, h2, p, dd, th, td, figcaption, caption { overflow-wrap: anywhere; }
p, figcaption, caption { max-width: 70ch; }
figure { margin: 1rem 0 1.5rem; }
figure img { display: block; width: 100%; height: auto; }
figcaption, caption { color: var(--quiet); font-size: .95rem; text-align: left; }
caption { padding-bottom: .4rem; }
.scroll { margin: 1rem 0 1.5rem; overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--ink); outline-offset: 3px; }
table { border-collapse: collapse; font-size: .95rem; font-variant-numeric: tabular-nums lining-nums; }
th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
tbody th { font-weight: 400; }
tbody th:not(.number) { min-width: 9rem; }
th.number, td.number { text-align: right; white-space: nowrap; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .2rem 1.2rem; margin: 0 0 1.5rem; }
dt { color: var(--quiet); }
dd { margin: 0; }
footer { margin-top: 3rem; color: var(--quiet); font-size: .9rem; }
@media print {
  main { max-width: none; padding: 0; }
  figure, tr { break-inside: avoid; }
  .scroll { overflow: visible; }
}
"""


class Report:
    """A page that grows from top to bottom; each method adds to its end.

    Parameters
    ----------
    title : str
    summary : str, default=""
        A sentence or two below the title.
    """

    def __init__(self, title, summary=""):
        self.title = title
        self._parts = [f"<h1>{_escape(title)}</h1>"]
        self._tables = 0
        if summary:
            self.text(summary)

    def section(self, title):
        """Begin a section."""
        self._parts.append(f"<h2>{_escape(title)}</h2>")

    def text(self, text):
        """Add a paragraph."""
        self._parts.append(f"<p>{_escape(text)}</p>")

    def facts(self, facts):
        """Add a list of names and what they are, a dict; see :meth:`table` for the values."""
        pairs = (f"<dt>{_escape(name)}</dt><dd>{_cell(value, '')}</dd>" for name, value in facts.items())
        self._parts.append(f"<dl>{''.join(pairs)}</dl>")

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
        formats, self._tables = formats or {}, self._tables + 1
        columns = {name: list(frame.iloc[:, place]) for place, name in enumerate(frame.columns)}
        kinds = {
            name: ' class="number"' if any(map(_is_number, cells)) and not any(map(_is_text, cells)) else ""
            for name, cells in columns.items()
        }
        head = "".join(f'<th scope="col"{kinds[name]}>{_escape(name)}</th>' for name in columns)
        rows = []
        for cells in zip(*columns.values(), strict=True):
            shown = []
            for place, (name, value) in enumerate(zip(columns, cells, strict=True)):
                start, end = ("th scope='row'", "th") if place == 0 else ("td", "td")
                shown.append(f"<{start}{kinds[name]}>{_cell(value, formats.get(name, ''))}</{end}>")
            rows.append(f"<tr>{''.join(shown)}</tr>")
        name = f"table-{self._tables}"
        self._parts.append(
            f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{name}"><table>'
            f'<caption id="{name}">{_escape(caption)}</caption><thead><tr>{head}</tr></thead>'
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
            f'<figure><picture>{"".join(sources)}<img src="{_drawn(draw, size, "light")}" alt="{_escape(alt)}">'
            f"</picture><figcaption>{_escape(caption)}</figcaption></figure>"
        )

    def html(self):
        """The whole file, a str."""
        from mixlib import __version__

        variables = {theme: _variables(colours) for theme, colours in THEMES.items()}
        style = (
            f":root {{ color-scheme: light dark; {variables['light']} }}\n"
            f"@media (prefers-color-scheme: dark) {{ :root {{ {variables['dark']} }} }}{STYLE}"
        )
        return (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n"
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{_escape(self.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
            + "\n".join(self._parts)
            + f"\n<footer>mixlib {__version__}</footer>\n</main>\n</body>\n</html>\n"
        )

    def write(self, path):
        """Write the file; one that is there is replaced when the new one is whole."""
        path = Path(path)
        part = path.with_name(f"part-{path.name}") if path.is_file() or not path.exists() else path
        try:
            part.write_text(self.html(), encoding="utf-8")
            if part != path:
                os.replace(part, path)
        except OSError as error:  # which may name the other file, or none
            raise OSError(error.errno, error.strerror, str(path)) from None
        finally:
            if part != path:
                part.unlink(missing_ok=True)


def check_report(path):
    """Raise a ValueError, before the work begins, if a report cannot be written to ``path``."""
    if path == "-":
        raise ValueError("--report: - is standard output; name a file, such as report.html")
    check_folder(path)


def shown(text):
    """Text without what no page and no picture can show: control characters, and halves of characters."""
    return UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", str(text))


def _escape(text):
    return html.escape(shown(text))


def _cell(value, style):
    if isinstance(value, (tuple, list)):
        # a name that is written from right to left leaves its neighbours alone
        return ", ".join(f"<bdi>{_escape(name)}</bdi>" for name in value)
    if value is None or (_is_number(value) and math.isnan(value)):
        return "–"
    if not _is_number(value):
        return f"<bdi>{_escape(value)}</bdi>"
    style = style or ("," if isinstance(value, numbers.Integral) else ",.4g")
    return _escape(format(value, style).replace("-", "−"))  # a minus is as wide as a plus


def _is_number(value):
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _is_text(value):
    return value is not None and not _is_number(value)


def _variables(colours):
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items() if name != "cycle")


def _drawn(draw, size, theme):
    """A picture as the address of an image that holds it."""
    import matplotlib
    from cycler import cycler
    from matplotlib.figure import Figure

    colours = THEMES[theme]
    settings = {
        "axes.edgecolor": colours["quiet"],
        "axes.facecolor": colours["page"],
        "axes.labelcolor": colours["ink"],
        "axes.prop_cycle": cycler(color=colours["cycle"]),
        "axes.spines.right": False,
        "axes.spines.top": False,
        "figure.facecolor": colours["page"],
        "grid.color": colours["faint"],
        "legend.frameon": False,
        "svg.fonttype": "none",  # text stays text, in the reader's own fonts
        "svg.hashsalt": "mixlib",  # the same picture is the same file
        "text.color": colours["ink"],
        "text.parse_math": False,  # a name with two dollars is no formula
        "xtick.color": colours["quiet"],
        "ytick.color": colours["quiet"],
    }
    target = io.BytesIO()
    # none of a user's settings; what a font lacks the reader's own may have
    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(settings)
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + base64.b64encode(target.getvalue()).decode()
