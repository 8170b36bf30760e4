"""The prose of a page: Markdown, MyST or a notebook without its code, directives and mathematics, or a plain text."""

import html
import json
import re
from pathlib import Path

MARKDOWN = (".md", ".markdown", ".mdown", ".myst", ".qmd", ".rmd")
NOTEBOOK = ".ipynb"
# directives whose body is prose of the page; those of all others are left out
READ = ("note", "tip", "hint", "important", "warning", "caution", "attention", "danger", "seealso", "admonition")
READ += ("dropdown", "epigraph", "margin", "sidebar")
SPOKEN = ("term", "abbr")  # roles whose content is a word of the sentence
FENCE = re.compile(r"[ \t]*(?:>[ \t]*)*(`{3,}|~{3,}|:{3,})[ \t]*(.*?)[ \t]*$")
OPTION = re.compile(r"[ \t]*:[\w-]+:.*$")
CUT = tuple(
    (re.compile(pattern, flags), kept)
    for pattern, flags, kept in (
        (r"<!--.*?-->", re.DOTALL, " "),
        (r"<(script|style)\b.*?</\1>", re.DOTALL | re.IGNORECASE, " "),
        (r"\$\$.*?\$\$|\\\[.*?\\\]|\\\(.*?\\\)", re.DOTALL, " "),
        (r"\\begin\{(\w+\*?)\}.*?\\end\{\1\}", re.DOTALL, " "),
        (r"^[ \t]*(?:\([^)\n]*\)=|%.*|\[[^\]\n]+\]:[ \t]+\S.*)$", re.MULTILINE, " "),
        (rf"\{{(?:{'|'.join(SPOKEN)})\}}`([^`<]+)`", 0, r"\1"),
        (r"\{[\w:+.-]+\}`([^`<]*\S)\s*<[^`]*>`", 0, r"\1"),  # a role with a text of its own
        (r"\{[\w:+.-]+\}`[^`]*`", 0, " "),
        (r"(`+)(?!`)(?:(?!\n\n).)+?(?<!`)\1(?!`)", re.DOTALL, " "),
        (r"(?<![\\$])\$(?=\S)(?:\\.|[^$\\]){1,400}?(?<=\S)\$(?!\d)", 0, " "),
        (r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])?", 0, " "),
        (r"\[([^\]\n]+)\](?:\([^)\s]*(?:\s+[\"'][^)]*)?\)|\[[^\]\n]*\]|\{[^}\n]*\})", 0, r"\1"),
        (r"<?\b(?:https?|ftp|mailto|file):[^\s>)]*>?", 0, " "),
        (r"</?[A-Za-z][^<>]*>", 0, " "),
    )
)


def read_prose(path):
    """The prose of a file: by its ending Markdown or MyST, a Jupyter notebook, or else plain text.

    Parameters
    ----------
    path : str or Path
        A text in UTF-8. Of a notebook the Markdown cells are read.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the file is no text in UTF-8, is no notebook though it ends so, or holds no word outside of code.

    Examples
    --------
    >>> from pathlib import Path
    >>> from mixlib.seams import read_prose
    >>> _ = Path("dashi.md").write_text("# Dashi\\n\\nKelp and `dried` bonito.")
    >>> read_prose("dashi.md").split()
    ['#', 'Dashi', 'Kelp', 'and', 'bonito.']
    """
    path = Path(path)
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError(f"{path}: is in UTF-16; save it in UTF-8")
    if b"\0" in data or data.startswith(b"%PDF"):
        raise ValueError(f"{path}: is no text file; save what it says as text or Markdown, and name that")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: byte {error.start} is no UTF-8; save the file in UTF-8, or name another") from None
    if not text.strip():
        raise ValueError(f"{path}: is empty; name a page with prose")
    as_plain = path.suffix.lower() not in (*MARKDOWN, NOTEBOOK)
    if path.suffix.lower() == NOTEBOOK:
        text = prose_of(_markdown_cells(text, path))
    elif path.suffix.lower() in MARKDOWN:
        text = prose_of(text)
    if not re.search(r"[^\W\d_]{3}", text):
        where = "" if as_plain else " outside of code and directives"
        raise ValueError(f"{path}: holds no word of three letters{where}; name a page with prose")
    return text


def prose_of(markdown):
    """Markdown or MyST without what is no prose: front matter, code, directives, mathematics, roles, addresses, tags.

    The text of links stays, and so does what stands in notes, tips, warnings and the like.

    Parameters
    ----------
    markdown : str
        The text of a page; what never closes, a fence or a front matter, is treated as in CommonMark.

    Returns
    -------
    str

    Examples
    --------
    >>> from mixlib.seams import prose_of
    >>> prose_of("See [the broth](a.md) of {doc}`kelp <b>`, $u$ and `code`.").split()
    ['See', 'the', 'broth', 'of', 'kelp,', 'and', '.']
    """
    text = markdown.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"\A---[ \t]*\n.*?^(?:---|\.\.\.)[ \t]*$", "", text, count=1, flags=re.DOTALL | re.MULTILINE)
    text = _without_fences(text.split("\n"))
    for pattern, kept in CUT:
        text = pattern.sub(kept, text)
    return html.unescape(text)


def _without_fences(lines):
    """The lines outside of fences, and those inside of notes; an open fence runs to the end, as in CommonMark."""
    kept, number = [], 0
    while number < len(lines):
        found = FENCE.match(lines[number])
        if found is None or (found[1][0] == "`" and "`" in found[2]):  # a code span that is alone on its line
            kept.append(lines[number])
            number += 1
            continue
        closing = re.compile(rf"[ \t]*(?:>[ \t]*)*{re.escape(found[1][0])}{{{len(found[1])},}}[ \t]*$")
        end = next((i for i in range(number + 1, len(lines)) if closing.match(lines[i])), len(lines))
        name = re.match(r"\{(\w+)\}[ \t]*(.*)", found[2])
        if name and name[1] in READ:
            body = lines[number + 1 : end]
            while body and OPTION.match(body[0]):
                body = body[1:]
            kept += [name[2], _without_fences(body)]
        number = end + 1
    return "\n".join(kept)


def _markdown_cells(text, path):
    try:
        cells = json.loads(text)["cells"]
        sources = [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]
        return "\n\n".join(source if isinstance(source, str) else "".join(source) for source in sources)
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path}: is no notebook of format 4; save it again in Jupyter, or name a text") from None
