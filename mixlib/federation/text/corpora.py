"""Real text in domains: what every installation carries, or the reader's own files, split by file."""

import codecs
import importlib.util
import os
import re
import sysconfig
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mixlib.arrays import generator

__all__ = ["Document", "Split", "from_files", "installed", "split"]

CHARACTERS = 2_200_000  # text taken a domain: about .5 M tokens to train on, and enough files to hold out
LONGEST = 60_000  # characters of one document, so that no file dominates its domain
SHORTEST = 600  # characters below which a document is left out
SECTION = 4_000  # characters of a section, where a domain is a single file
CONTROLS = bytes(sorted({*range(32), 127} - set(b"\t\n\v\f\r\b\x1b")))  # what text does not hold
FEWEST = 6  # documents a domain needs to be split


@dataclass(frozen=True)
class Document:
    """Document: a piece of text with its domain and the file it came from.

    Parameters
    ----------
    domain : str
        What kind of text it is.
    source : str
        Where it came from.
    text : str
        The text itself.

    Examples
    --------
    >>> from mixlib.federation import from_files
    >>> document = from_files({"sea": "sea", "land": "land"})["sea"][0]
    >>> document.domain, len(document.text) > 600
    ('sea', True)
    """

    domain: str
    source: str
    text: str


@dataclass(frozen=True)
class Split:
    """Split of documents by role, in random order.

    Attributes
    ----------
    domains : tuple of str
        Their names.
    train : dict of str to list of Document
        Text to train on, by domain.
    reserve : dict of str to list of Document
        Held-out documents, more than are needed, so that near-duplicates can be dropped from them.

    Examples
    --------
    >>> from mixlib.federation import from_files, split
    >>> parts = split(from_files({"sea": "sea", "land": "land"}), held_out=2)
    >>> len(parts.train["sea"]), len(parts.reserve["sea"])
    (18, 6)
    """

    domains: tuple
    train: dict
    reserve: dict


def installed(characters=CHARACTERS, rng=0):
    """Corpora of English technical prose, Python and C++ from the packages that are installed.

    Prose is paragraphs of docstrings in numpy, scipy and torch, and the standard library's language reference.
    Python: the standard library without docstrings and comments. C++: torch's headers without comments; where torch is
    not installed, C: the sources and headers that come with numba and numpy. Files are drawn in an order that ``rng``
    fixes, and only as many are read as ``characters`` a domain need.

    Parameters
    ----------
    characters : int, default=2200000
        Text to take of each domain at most. Less is read faster.
    rng : int or numpy.random.Generator, default=0
        Fixes the order in which files are drawn.

    Returns
    -------
    dict of str to list of Document
        The documents of each domain.

    Raises
    ------
    ValueError
        If one of these installations carries no source files.

    Examples
    --------
    >>> from mixlib.federation import installed
    >>> list(installed(characters=20_000))
    ['prose', 'python', 'c++']
    """
    rng = generator(rng)
    headers = {"c++": _cpp} if _package("torch") else {"c": _c}
    readers = {"prose": _prose, "python": _python} | headers
    return {domain: _take(domain, reader(rng), characters) for domain, reader in readers.items()}


def from_files(domains, characters=CHARACTERS, rng=0):
    """Corpora of the reader's own text: one folder, file, or list of files for each domain.

    A folder gives its files below it, hidden ones left out. A domain that is one single file is cut at blank lines
    (or line ends) into sections of about 4,000 characters, which then count as its documents.

    Parameters
    ----------
    domains : dict of str to path or sequence of paths
        At least two domains.
    characters : int, default=2200000
        Text to take of each domain at most.
    rng : int or numpy.random.Generator, default=0
        Fixes the order in which files are drawn.

    Returns
    -------
    dict of str to list of Document
        The documents of each domain.

    Raises
    ------
    ValueError
        If there are fewer than two domains, or a domain has no files, no text, too little text, or a file that is
        not UTF-8; the message names the domain and the path.

    Examples
    --------
    >>> from mixlib.federation import from_files
    >>> {domain: len(documents) for domain, documents in from_files({"sea": "sea", "land": "land"}).items()}
    {'sea': 24, 'land': 24}
    """
    if not isinstance(domains, Mapping):
        raise ValueError(f"domains: expected {{name: path, ...}}, got {type(domains).__name__}; name each domain")
    if len(domains) < 2:
        raise ValueError(f"domains: expected at least 2 to combine, got {len(domains)} ({', '.join(domains)})")
    rng = generator(rng)
    corpora = {}
    for domain, paths in domains.items():
        files, given = _listed(domain, paths)
        texts = texts_of(_shuffled(files, rng), given, f"domains[{domain!r}]")
        if len(files) == 1:
            texts = ((f"{source} part {i}", part) for source, text in texts for i, part in enumerate(_sections(text)))
        corpora[domain] = _take(domain, texts, characters, where=", ".join(map(str, files[:3])))
        texts.close()  # says what was left out
    return corpora


def split(corpora, held_out=13, rng=0):
    """Split of every domain, by document, into text to train on and a reserve of held-out documents.

    The reserve is three times ``held_out`` documents a domain, at most a third of them.

    Parameters
    ----------
    corpora : dict of str to list of Document
        The documents of each domain.
    held_out : int, default=13
        How many held-out documents a domain are wanted.
    rng : int or numpy.random.Generator, default=0
        Fixes the order of the documents.

    Returns
    -------
    Split
        Training text and reserve, by domain.

    Raises
    ------
    ValueError
        If a domain has fewer than 6 distinct documents.

    Examples
    --------
    >>> from mixlib.federation import from_files, split
    >>> parts = split(from_files({"sea": "sea", "land": "land"}), held_out=2, rng=1)
    >>> parts.domains, len(parts.train["land"]), len(parts.reserve["land"])
    (('sea', 'land'), 18, 6)
    """
    rng = generator(rng)
    train, reserve = {}, {}
    for domain, documents in corpora.items():
        if len(documents) < FEWEST:
            raise ValueError(
                f"corpora[{domain!r}]: {len(documents)} distinct documents of at least {SHORTEST} characters, too few "
                f"to split into training, validation and test; give at least {FEWEST} files, or one longer file"
            )
        order = [documents[i] for i in rng.permutation(len(documents))]
        cut = min(3 * held_out, max(2, len(order) // 3))
        reserve[domain], train[domain] = order[:cut], order[cut:]
    return Split(tuple(corpora), train, reserve)


def excerpt(text, characters, rng):
    """At most ``characters`` of ``text``, from a random line on, whole lines where possible."""
    if len(text) <= characters:
        return text
    starts = [0] + [m.end() for m in re.finditer("\n", text) if m.end() <= len(text) - characters]
    start = starts[rng.integers(len(starts))]
    piece = text[start : start + characters]
    return piece[: piece.rfind("\n") + 1] or piece


def read_text(path):
    """The text of a UTF-8 file, lines ended by a line feed; a ValueError names the first byte that is none."""
    try:
        return path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path}: byte {error.object[error.start]:#04x} at offset {error.start} is not UTF-8; convert the file "
            f"(iconv -t utf-8) or leave it out"
        ) from None


def texts_of(files, given, where):
    """Each file's ``(source, text)``; those that are no text are counted in a warning, unless they are ``given``.

    Raises
    ------
    ValueError
        If a file is text but not UTF-8, or one of ``given``, which somebody named, is no text.
    """
    left_out = []
    try:
        for path in files:
            if not is_binary(path):
                yield str(path), read_text(path)
            elif path in given:
                raise ValueError(f"{path}: is no text but binary data; leave it out")
            else:
                left_out.append(path)
    finally:
        if left_out:
            more = f" and {len(left_out) - 3} more" if len(left_out) > 3 else ""
            named = ", ".join(path.name for path in left_out[:3])
            files = "file is" if len(left_out) == 1 else "files are"
            warnings.warn(f"{where}: {len(left_out)} {files} no text and left out ({named}{more})", stacklevel=2)


def is_binary(path):
    """Whether a file's first 64 KiB hold bytes that no text has; UTF-16 and UTF-32 with their mark count as text."""
    with path.open("rb") as file:
        begin = file.read(2**16)
    if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
        return False
    return b"\0" in begin or len(begin.translate(None, CONTROLS)) < 0.98 * len(begin)


def _take(domain, texts: Iterator, characters, where="the installation"):
    """Documents without exact duplicates until there are ``characters`` of them."""
    seen, documents, total = set(), [], 0
    for source, text in texts:
        text = text.strip()[:LONGEST]
        if len(text) < SHORTEST or text in seen:
            continue
        seen.add(text)
        documents.append(Document(domain, source, text + "\n"))
        total += len(text)
        if total >= characters:
            break
    if not documents:
        raise ValueError(
            f"domains[{domain!r}]: no text of at least {SHORTEST} characters in {where}; "
            f"give files with more text, or leave the domain out"
        )
    return documents


def _listed(domain, paths):
    paths = [Path(p) for p in ([paths] if isinstance(paths, str | os.PathLike) else paths)]
    files = []
    for path in paths:
        if path.is_dir():
            below = (p for p in path.rglob("*") if p.is_file())
            files += [p for p in below if not any(part.startswith(".") for part in p.relative_to(path).parts)]
        elif path.is_file():
            files.append(path)
        else:
            raise ValueError(f"domains[{domain!r}]: {path} does not exist; give a folder or a text file")
    if not files:
        raise ValueError(f"domains[{domain!r}]: no files in {', '.join(map(str, paths)) or 'an empty list'}")
    return sorted(set(files)), {path for path in paths if path.is_file()}


def _sections(text):
    glue = "\n\n" if "\n\n" in text else "\n"
    pieces, size = [], 0
    for piece in text.split(glue):
        pieces.append(piece)
        size += len(piece)
        if size >= SECTION:
            yield glue.join(pieces)
            pieces, size = [], 0
    yield glue.join(pieces)


def _shuffled(items, rng):
    items = sorted(items)
    return [items[i] for i in rng.permutation(len(items))]


def _sources(root, suffixes, without, rng):
    """Readable files below ``root`` in the order that ``rng`` draws, as ``(source, text)``."""
    files = []
    for folder, below, names in os.walk(root):
        below[:] = sorted(name for name in below if name not in without)
        files += [os.path.join(folder, name) for name in names if name.endswith(suffixes)]
    if not files:
        raise ValueError(f"{root}: holds no {' or '.join(suffixes)} files; give your own text with from_files")
    for path in _shuffled(files, rng):
        with open(path, encoding="utf-8", errors="replace") as file:
            yield os.path.relpath(path, root), file.read()


def _package(name):
    """The folder of an installed package, or None."""
    try:
        found = importlib.util.find_spec(name)
    except ImportError:
        found = None
    return found and Path(found.origin).parent


TRIPLE = re.compile(r'(?<![\w"])[rR]?"""(.*?)"""', re.DOTALL)
NOT_PROSE = re.compile(r">>>|[{}<>|=_\\]{2}|^\s*(?:[-*.#@:]|\d+[.)])|:$", re.MULTILINE)


def _prose(rng):
    seen = set()
    packages = [folder for folder in map(_package, ("scipy", "numpy", "torch")) if folder]
    readers = (_sources(folder, (".py",), {"tests", "testing"}, rng) for folder in packages)
    for source, text in _interleaved(_topics(rng), *readers):
        paragraphs = []
        for block in TRIPLE.findall(text):
            for paragraph in re.split(r"\n\s*\n", block):
                line = " ".join(paragraph.split())
                if len(line) >= 80 and line[0].isalpha() and not NOT_PROSE.search(paragraph) and line not in seen:
                    seen.add(line)
                    paragraphs.append(line)
        yield source, "\n".join(paragraphs)


def _topics(rng):
    from pydoc_data.topics import topics

    for name in _shuffled(topics, rng):
        yield f"pydoc_data/topics/{name}", f'"""{topics[name]}"""'


def _interleaved(*streams):
    """One item of each stream in turn until all have ended."""
    streams = list(streams)
    while streams:
        for stream in list(streams):
            item = next(stream, None)
            if item is None:
                streams.remove(stream)
            else:
                yield item


STRING = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
PYTHON = re.compile(
    r'(?P<block>^[ \t]*[rRuU]?)?(?P<keep>"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\'|'
    + STRING
    + r")(?P<end>[ \t]*$)?"
    r"|[ \t]*#[^\n]*",
    re.DOTALL | re.MULTILINE,
)
CPP = re.compile(r"(?P<keep>" + STRING + r")|[ \t]*//[^\n]*|[ \t]*/\*.*?\*/", re.DOTALL)


def _python_code(match):
    docstring = match["block"] is not None and match["end"] is not None  # a string alone on its lines
    return "" if docstring or not match["keep"] else match[0]


def _squeezed(text):
    return re.sub(r"[ \t]*\n(?:[ \t]*\n)+", "\n\n", text)


def _python(rng):
    root = sysconfig.get_path("stdlib")
    without = {"site-packages", "dist-packages", "test", "tests", "idle_test", "pydoc_data", "encodings"}  # tables too
    for source, text in _sources(root, (".py",), without, rng):
        yield source, _squeezed(PYTHON.sub(_python_code, text))


def _cpp(rng):
    # ATen/ops holds thousands of generated headers that differ in a name only
    return _without_comments(_sources(_package("torch") / "include", (".h", ".hpp", ".cuh"), {"ops"}, rng))


def _c(rng):
    folders = (_package(name) for name in ("numba", "numpy"))
    return _without_comments(
        _interleaved(*(_sources(folder, (".c", ".h", ".cpp"), {"tests"}, rng) for folder in folders))
    )


def _without_comments(sources):
    for source, text in sources:
        yield source, _squeezed(CPP.sub(lambda match: match["keep"] or "", text))
