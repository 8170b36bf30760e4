"""What a docstring says of types: its sections Parameters, Attributes and Returns, by numpydoc's rules."""

import inspect
import re

SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)
ENTRY = re.compile(r"^(?P<names>\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: : (?P<type>.+))?$")


def sections(text):
    """The sections of a docstring by their names."""
    text = inspect.cleandoc(text or "")
    heads = list(SECTION.finditer(text))
    ends = [*(head.start() for head in heads[1:]), len(text)][: len(heads)]
    return {head[1]: text[head.end() : end] for head, end in zip(heads, ends, strict=True)}


def stated(text, *names):
    """Phrase of each name that these sections describe."""
    found = {}
    for name in names:
        for line in sections(text).get(name, "").splitlines():
            entry = ENTRY.match(line)
            if entry and entry["type"]:
                found |= {word.strip(" *"): entry["type"] for word in entry["names"].split(",")}
    return found


def results(text):
    """The phrases of what is returned, or of what is yielded, one for each thing."""
    found = sections(text)
    lines = found.get("Returns", found.get("Yields", "")).splitlines()
    phrases = []
    for line in lines:
        if line and not line[0].isspace():
            entry = ENTRY.match(line)
            named = entry and entry["type"]
            phrases += [entry["type"]] * len(entry["names"].split(",")) if named else [line]
    return phrases
