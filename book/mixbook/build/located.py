"""YAML that remembers the line of every key, and the one form in which mistakes of the book are told."""

import difflib
from typing import NamedTuple

import yaml


class Mistake(NamedTuple):
    """What is wrong, where, and what to do; printed as ``book/page.md:12: what: fix``.

    One that a run of a page found has the ``cell`` (its index) and the traceback.
    """

    path: str
    line: int
    what: str
    fix: str
    cell: int = 0
    trace: str = ""

    @classmethod
    def at(cls, place, *rest):
        """From a place in the form ``book/page.md:12``."""
        path, line = place.rsplit(":", 1)
        return cls(path, int(line), *rest)

    def __str__(self):
        return f"{self.path}:{self.line}: {self.what}: {self.fix}"


def or_near(name, known):
    """`` (did you mean ...?)``, or nothing where no known name is like it."""
    near = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.6)
    return f" (did you mean {near[0]}?)" if near else ""


class Located(dict):
    """A mapping that knows its own ``line`` and, in ``lines``, that of each key; ``repeated`` holds (key, line)."""

    def __init__(self, line):
        super().__init__()
        self.line, self.lines, self.repeated = line, {}, []


def load(text, path, first=1):
    """Values of a YAML text with their lines.

    Parameters
    ----------
    text : str
    path : str
        How mistakes name the file.
    first : int, default=1
        The line of the file on which the text begins.

    Returns
    -------
    value : object or None
        Mappings are `Located`; None where the text is no YAML.
    mistakes : list of Mistake
    """
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        return (None if node is None else _value(loader, node, first)), []
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = first + (mark.line if mark else 0)
        # a parser notices bad indentation only where the next thing begins; what it was reading says where to look
        context = getattr(error, "context_mark", None)
        since = f", in what begins on line {first + context.line}" if context and context.line + first != line else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        return None, [Mistake(path, line, f"no YAML ({problem}{since})", _repair(problem))]


def _repair(problem):
    if "\\t" in problem:
        return "indent with spaces, a tab is not allowed"
    if "mapping values" in problem:
        return "put a text that holds a colon in quotes, and let the keys of one entry begin in the same column"
    if "block end" in problem or "block mapping" in problem or "expected ':'" in problem:
        return "let the keys of one entry begin in the same column"
    return "close what is open (quotes, brackets), and put texts with special characters in quotes"


def _value(loader, node, first):
    if isinstance(node, yaml.MappingNode):
        found = Located(first + node.start_mark.line)
        for key, value in node.value:
            name, line = loader.construct_object(key, deep=True), first + key.start_mark.line
            if not isinstance(name, str | int | float | bool | None):
                name = str(name)
            if name in found:
                found.repeated.append((name, line))
            found[name], found.lines[name] = _value(loader, value, first), line
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, item, first) for item in node.value]
    return loader.construct_object(node, deep=True)
