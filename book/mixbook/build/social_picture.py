"""The picture of a page for places that show a link as a card: its title above its first figure, 1200 by 630."""

import base64
import functools
import html
import io
import math
import re

import resvg_py  # matplotlib's SVG as pixels, in a wheel, where cairo would have to be there
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from mixbook.build.footprint import digest
from mixbook.build.pages import BOOK
from mixbook.build.reading import installed
from mixbook.show.display import PALETTE

SIZE = (1200, 630)
MARGIN, TOP, FOOT = 64, 44, 66  # pixels at the sides, above the title, below the figure
LEADING = 1.15
LARGE, SMALL, LEAST = 58, 26, 34  # font sizes: title, foot, the smallest that a long title may shrink to
COLOURS = 128  # of the file: plots have few
MADE_FROM = "Made from"  # where the file says what it shows
LOGO = BOOK / "_static" / "logo.svg"
STILL = re.compile(r'<img class="only-light"(?P<head>[^>]*?) src="data:image/svg\+xml;base64,(?P<data>[^"]+)"')
MOVING = re.compile(r"<svg (?=[^>]*role=\"img\")(?P<head>[^>]*)>.*?</svg>", re.DOTALL)
VIEW = re.compile(r'viewBox="([^"]+)"')
VARIABLE = re.compile(r"var\(--[\w-]+, ([^)]+)\)")


def figure_of(body):
    """The first figure in the HTML of a page, as an SVG in the colours of the light theme, and its text; or two "".

    A figure that stands still comes first where both are there: it was drawn to be read without moving it.
    """
    if found := STILL.search(body):
        return base64.b64decode(found["data"]).decode(), _attribute("alt", found["head"])
    if found := MOVING.search(body):
        return VARIABLE.sub(r"\1", found[0]), _attribute("aria-label", found["head"])
    return "", ""


def draw(path, title, site, figure):
    """Write the picture of a page to ``path``, unless what is there shows the same.

    Parameters
    ----------
    path : pathlib.Path
    title, site : str
        The titles of the page and of the site.
    figure : str
        An SVG, or "" for a page without a figure, whose picture is its title.
    """
    made_from = digest([title, site, figure, SIZE, LOGO.read_text(encoding="utf-8")])
    if _says(path) == made_from:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    notes = PngImagePlugin.PngInfo()
    notes.add_text(MADE_FROM, made_from)
    half = path.with_suffix(".part")
    drawn = picture(title, site, figure).quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    drawn.save(half, format="PNG", pnginfo=notes)
    half.replace(path)


def picture(title, site, figure):
    """The picture itself."""
    light = PALETTE["light"]
    image = Image.new("RGB", SIZE, light["page"])
    pen = ImageDraw.Draw(image)
    size, lines = fitted(title, 2 if figure else 4)
    spacing = round(size * LEADING)
    free = SIZE[1] - TOP - FOOT
    y = TOP if figure else TOP + (free - len(lines) * spacing) // 2
    for line in lines:
        pen.text((MARGIN, y), line, fill=light["ink"], font=serif(size))
        y += spacing
    if figure:
        _put(image, figure, (MARGIN, y + 22, SIZE[0] - MARGIN, SIZE[1] - FOOT - 14))
    image.paste(logo := _logo(), (MARGIN, SIZE[1] - FOOT), logo)
    pen.text((MARGIN + 54, SIZE[1] - FOOT + 3), site, fill=light["pending"], font=_sans(SMALL))
    return image


def fitted(title, most):
    """The largest size at which the title takes at most so many lines, and these; cut where none is small enough."""
    for size in range(LARGE, LEAST - 1, -4):
        lines = _lines(title, serif(size))
        if len(lines) <= most:
            return size, lines
    return LEAST, [*lines[: most - 1], f"{lines[most - 1]} …"]


def _lines(title, font):
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > SIZE[0] - 2 * MARGIN:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _put(image, svg, box):
    """An SVG in the middle of a box, as large as fits."""
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    drawn = _pixels(svg, min(wide, math.floor(high * _shape(svg))))
    image.paste(drawn, (left + (wide - drawn.width) // 2, top + (high - drawn.height) // 2), drawn)


def _shape(svg):
    """The width of an SVG over its height."""
    _, _, wide, high = map(float, VIEW.search(svg)[1].split())
    return wide / high


def _pixels(svg, width):
    png = resvg_py.svg_to_bytes(svg_string=svg, width=width, dpi=96, skip_system_fonts=True)
    return Image.open(io.BytesIO(bytes(png))).convert("RGBA")


@functools.cache
def _logo():
    return _pixels(LOGO.read_text(encoding="utf-8"), 40)


def _says(path):
    """What the picture at ``path`` was made from, or None."""
    if not path.is_file():
        return None
    with Image.open(path) as image:
        return image.info.get(MADE_FROM)


def _attribute(name, head):
    found = re.search(rf'{name}="([^"]*)"', head)
    return html.unescape(found[1]) if found else ""


@functools.cache
def serif(size):
    return ImageFont.truetype(installed("font-source-serif-pro", "files/SourceSerifPro-Semibold.otf"), size)


@functools.cache
def _sans(size):
    return ImageFont.truetype(installed("font-source-sans-pro", "files/SourceSansPro-Regular.otf"), size)
