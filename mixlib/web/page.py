"""A page that stands alone: its parts as HTML, all that comes from data escaped, in one file that asks for nothing."""

import base64
import contextlib
import hashlib
import html
import math
import numbers
import os
import warnings
from pathlib import Path
from xml.etree import ElementTree

from mixlib.web.style import PALETTE, STYLE, colours_of, variables

HERE = Path(__file__).parent
REST = {  # what only pages have, of each theme: boxes, quiet text, lines
    "light": {"panel": "#f5f3ee", "quiet": "#59636f", "line": "#dedbd3"},
    "dark": {"panel": "#1c222b", "quiet": "#a3aebb", "line": "#343d49"},
}


def page(title, parts, *, styles=("page.css",), scripts=()):
    """The whole page: its title, parts that are HTML already, and files of this folder that it carries.

    A browser keeps it from loading anything, and from running any other script than these.
    """
    style = "\n".join([_themes(), *((HERE / name).read_text(encoding="utf-8") for name in styles)])
    script = "\n".join((HERE / name).read_text(encoding="utf-8") for name in scripts)
    allowed = f"script-src 'sha256-{_digest(script)}'" if script else "script-src 'none'"
    policy = f"default-src 'none'; style-src 'unsafe-inline'; {allowed}; base-uri 'none'; form-action 'none'"
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{text(title)}</title>'
        f'<style>\n{style}</style></head>\n<body><main class="bd-article">\n<h1>{text(title)}</h1>\n'
        + "\n".join(parts)
        + "\n</main>"
        + (f"<script>{script}</script>" if script else "")
        + "</body></html>\n"
    )


def write_page(path, content):
    """Write a page to ``path``, whole or not at all; a lone surrogate has no UTF-8 and shows as a question mark."""
    with whole(path) as part:
        part.write_text(content, encoding="utf-8", errors="replace", newline="\n")


@contextlib.contextmanager
def whole(path):
    """A path beside ``path`` to write to: it takes the place of ``path`` when all is written, and goes otherwise."""
    path = Path(path)
    device = path.exists() and not path.is_file()  # or a pipe, which nothing takes the place of
    part = path if device else path.with_name(f"part-{path.name}")
    try:
        yield part
        if not device:
            os.replace(part, path)
    except OSError as error:  # which may name the other file, or none
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        if not device:
            part.unlink(missing_ok=True)


def text(value):
    """A value as text of a page; signs that HTML cannot hold show as a replacement sign."""
    return html.escape(plain(value))


def plain(value):
    """A value as text without signs that no page and no picture can show."""
    return "".join(s if s.isprintable() or s in "\n\t" or not _control(s) else "\ufffd" for s in str(value))


def heading(title):
    """The title of a section."""
    return f"<h2>{text(title)}</h2>"


def paragraph(words, kind=""):
    """A paragraph of plain text."""
    return f"<p{f' class={chr(34)}{kind}{chr(34)}' if kind else ''}>{text(words)}</p>"


def answer(*sentences):
    """What the reader came for, in a box at the top."""
    return '<div class="mx-page__answer">' + "".join(map(paragraph, sentences)) + "</div>"


def settings(values):
    """Names and values, one a line; a value that is a tuple or list holds several names."""
    rows = "".join(f"<dt>{text(name)}</dt><dd>{_words(value)}</dd>" for name, value in values.items())
    return f'<dl class="mx-page__settings">{rows}</dl>'


def table(frame, *, caption, digits=2):
    """A pandas frame whose index heads the rows, or its first column where the index only counts them.

    Numbers stand on the right, what is missing is a dash, a tuple or list holds several names. ``digits`` is a number
    or a format such as ``".1%"``, or a dict of these by column, where others have 2.
    """
    if type(frame.index).__name__ == "RangeIndex" and frame.index.name is None:  # without pandas, which is slow to load
        names, heads, columns = [frame.columns[0]], frame.iloc[:, 0], frame.iloc[:, 1:]
    else:
        names, heads, columns = [], frame.index, frame
    digits = digits if isinstance(digits, dict) else dict.fromkeys(frame, digits)
    number = {name: any(map(_is_number, cells)) and not any(map(_is_text, cells)) for name, cells in columns.items()}
    side = {name: ' class="mx-number"' if number[name] else "" for name in columns}
    top = "".join(f'<th scope="col">{text(name)}</th>' for name in names) or "<td></td>"
    top += "".join(f'<th scope="col"{side[name]}>{text(name)}</th>' for name in columns)
    rows = "".join(
        f'<tr><th scope="row">{_words(shown(head))}</th>'
        + "".join(
            f"<td{side[name]}>{_words(shown(value, digits.get(name, 2)))}</td>"
            for name, value in zip(columns, row, strict=True)
        )
        + "</tr>"
        for head, row in zip(heads, columns.itertuples(index=False), strict=True)
    )
    return (
        f'<div class="mx-table-scroll" role="region" tabindex="0" aria-label="{text(caption)}"><table class="mx-table">'
        f"<caption>{text(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def shown(value, digits=2):
    """A number with so many digits, or in a format, and a proper minus; what is missing is a dash, all else stays."""
    if value is None:
        return "–"
    if not _is_number(value):
        return value
    if math.isnan(value):
        return "–"
    if isinstance(digits, str):
        return format(value, digits).replace("-", "−")
    if isinstance(value, numbers.Integral):
        return f"{value:,d}".replace("-", "−")
    written = f"{value:,.{digits}f}"
    if value and not any(sign in "123456789" for sign in written):
        written = f"{value:.0e}"
    return written.replace("inf", "∞").replace("-", "−")


def figure(draw, *, alt, caption, size=(7, 3.6), panels=(1, 1), **subplots):
    """A matplotlib picture within the page, whose colours follow the page's theme."""
    import matplotlib.style
    from matplotlib.figure import Figure

    from mixlib.web.drawing import prepare, svg

    # text stays text, so that what a font lacks the reader's own may have; a name with two dollars is no formula
    own = {"svg.fonttype": "none", "text.parse_math": False}
    with matplotlib.style.context([STYLE, colours_of("light"), own], after_reset=True), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # of a user's name, which the font may lack
        canvas = Figure(figsize=size, layout="constrained")
        draw(canvas.subplots(*panels, **subplots))
        root = ElementTree.fromstring(svg(canvas))
    prepare(root, hashlib.sha256(repr((caption, size)).encode()).hexdigest()[:8])
    root.set("role", "img")
    root.set("aria-label", plain(alt))
    width, height = (round(inches * 96) for inches in size)
    root.set("width", str(width))
    root.set("height", str(height))
    drawn = ElementTree.tostring(root, encoding="unicode")
    return (
        f'<figure class="mx-figure" style="--width: {width}px"><div role="region" tabindex="0" '
        f'aria-label="{text(caption)}">{drawn}</div><figcaption>{text(caption)}</figcaption></figure>'
    )


def foot(words):
    """What made the page."""
    return f'<p class="mx-page__foot">{text(words)}</p>'


def _themes():
    """The colours as CSS variables: those that the reader's system asks for, and light ones on paper."""
    rules = {
        theme: " ".join(f"--{name}: {code};" for name, code in (variables(theme) | REST[theme]).items())
        for theme in PALETTE
    }
    dark = f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {rules['dark']} }} }}"
    return f":root {{ {rules['light']} }}\n{dark}"


def _words(value):
    """A value as text, or several names; one that is written from right to left leaves its neighbours alone."""
    names = value if isinstance(value, (tuple, list)) else [value]
    return ", ".join(f"<bdi>{text(name)}</bdi>" for name in names)


def _is_number(value):
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _is_text(value):
    return value is not None and not _is_number(value)


def _control(sign):
    return ord(sign) < 32 or 127 <= ord(sign) < 160 or 0xD800 <= ord(sign) < 0xE000 or 0x202A <= ord(sign) <= 0x2069


def _digest(script):
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode()
