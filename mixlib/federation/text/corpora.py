"""Real text in domains: what every installation carries, or the reader's own files, split by file."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mixlib.arrays import generator
from mixlib.federation.text.files import shuffled, texts_of
from mixlib.federation.text.installed_sources import readers

__all__ = ["Document", "Split", "from_files", "installed", "split"]

CHARACTERS = 2_200_000  # text taken a domain: about .5 M tokens to train on, and enough files to hold out
LONGEST = 60_000  # characters of one document, so that no file dominates its domain
SHORTEST = 600  # characters below which a document is left out
SECTION = 4_000  # characters of a section, where a domain is a single file
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
    return {domain: _take(domain, reader(rng), characters) for domain, reader in readers().items()}


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
        texts = texts_of(shuffled(files, rng), given, f"domains[{domain!r}]")
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
