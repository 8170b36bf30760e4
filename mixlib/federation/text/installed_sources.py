"""Text that every installation carries: docstrings as prose, Python without them, C++ or C without comments."""

import importlib.util
import os
import re
import sysconfig
from pathlib import Path

from mixlib.federation.text.files import shuffled

__all__ = []  # for corpora.installed, which offers them

TRIPLE = re.compile(r'(?<![\w"])[rR]?"""(.*?)"""', re.DOTALL)
NOT_PROSE = re.compile(r">>>|[{}<>|=_\\]{2}|^\s*(?:[-*.#@:]|\d+[.)])|:$", re.MULTILINE)
STRING = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
PYTHON = re.compile(
    r'(?P<block>^[ \t]*[rRuU]?)?(?P<keep>"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\'|'
    + STRING
    + r")(?P<end>[ \t]*$)?"
    r"|[ \t]*#[^\n]*",
    re.DOTALL | re.MULTILINE,
)
CPP = re.compile(r"(?P<keep>" + STRING + r")|[ \t]*//[^\n]*|[ \t]*/\*.*?\*/", re.DOTALL)


def readers():
    """By domain, a function of ``rng`` that yields ``(source, text)``: English prose, Python, and C++ or C."""
    headers = {"c++": _cpp} if _package("torch") else {"c": _c}
    return {"prose": _prose, "python": _python} | headers


def _prose(rng):
    seen = set()
    packages = [folder for folder in map(_package, ("scipy", "numpy", "torch")) if folder]
    docstrings = (_sources(folder, (".py",), {"tests", "testing"}, rng) for folder in packages)
    for source, text in _interleaved(_topics(rng), *docstrings):
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

    for name in shuffled(topics, rng):
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


def _sources(root, suffixes, without, rng):
    """Readable files below ``root`` in the order that ``rng`` draws, as ``(source, text)``."""
    files = []
    for folder, below, names in os.walk(root):
        below[:] = sorted(name for name in below if name not in without)
        files += [os.path.join(folder, name) for name in names if name.endswith(suffixes)]
    if not files:
        raise ValueError(f"{root}: holds no {' or '.join(suffixes)} files; give your own text with from_files")
    for path in shuffled(files, rng):
        with open(path, encoding="utf-8", errors="replace") as file:
            yield os.path.relpath(path, root), file.read()


def _package(name):
    """The folder of an installed package, or None."""
    try:
        found = importlib.util.find_spec(name)
    except ImportError:
        found = None
    return found and Path(found.origin).parent
