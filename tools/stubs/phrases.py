"""The types that docstrings state, ``None or array (..., n)``, as Python's: one vocabulary for all of them."""

import re

SHAPE = re.compile(r" ?\((?=[\w.*^, +()]*\))[^()]*(?:\([^()]*\)[^()]*)*\)$")
ALTERNATIVES = re.compile(r",? or |, ")
OTHER_SHAPE = re.compile(r"of the shape|\((?!str)")  # "array (n,) or (m, n)", "array (..., n), or of the shape of each"
GENERATOR = "numpy.random.Generator"
COUNT = re.compile(r"^([NknT]|\d) ")  # "sequence of N arrays"

PLAIN = {
    "None": "None",
    "int": "int",
    "float": "float",
    "number": "float",
    "bool": "bool",
    "str": "str",
    "object": "object",
    "model": "typing.Any",
    "sparse array": "typing.Any",
    "sparse array of bool": "typing.Any",
    "matplotlib Axes": "matplotlib.axes.Axes",
    "numba dispatcher": "typing.Any",
    "function": "collections.abc.Callable[..., typing.Any]",
    "callable": "collections.abc.Callable[..., typing.Any]",
    "path": "str | os.PathLike[str]",
    "Path": "pathlib.Path",
    "binary file": "typing.BinaryIO",
    "range": "range",
    "tuple": "tuple[typing.Any, ...]",
    "list": "list[typing.Any]",
    "dict": "dict[str, typing.Any]",
    "mapping": "collections.abc.Mapping[str, typing.Any]",
    "lists": "collections.abc.Sequence[typing.Any]",
    "rows": "typing.Any",
    "dtype": "typing.Any",
    "shape": "tuple[int, ...]",
    "the like": "typing.Any",
    "Series of bool": "pandas.Series",
    "array": "Array",
    "tensor": "Array",
    "NumPy array": "Array",
    "int array": "Array",
    "integer array": "Array",
    "integer tensor": "Array",
    "boolean array": "Array",
    "array of bool": "Array",
    "array of str": "Array",
    "array_like": "ArrayLike",
    "sequence": "collections.abc.Sequence[typing.Any]",
    "Generator": GENERATOR,
    "numpy Generator": GENERATOR,
    GENERATOR: GENERATOR,
    "pandas DataFrame": "pandas.DataFrame",
    "DataFrame": "pandas.DataFrame",
    "pandas.DataFrame": "pandas.DataFrame",
    "tokenizers.Tokenizer": "tokenizers.Tokenizer",
    "torch.Generator": "torch.Generator",
    "torch.device": "torch.device",
    "torch.nn.Sequential": "torch.nn.Sequential",
    "torch.distributed.ProcessGroup": "torch.distributed.ProcessGroup",
    "transformers.PreTrainedModel": "transformers.PreTrainedModel",
    "dask.distributed.Client": "distributed.Client",
    "concurrent.futures.Executor": "concurrent.futures.Executor",
}
HOLDERS = {
    "sequence": "collections.abc.Sequence[{}]",
    "iterable": "collections.abc.Iterable[{}]",
    "list": "list[{}]",
    "tuple": "tuple[{}, ...]",
    "pair": "tuple[{0}, {0}]",
}
MAPPINGS = {"dict": "dict[{}, {}]", "mapping": "collections.abc.Mapping[{}, {}]"}


class UnknownPhraseError(ValueError):
    """A type in a docstring that the vocabulary lacks."""


def python_type(phrase, classes=(), result=False):
    """The type that a docstring's phrase means, with full names.

    Parameters
    ----------
    phrase : str
        As after the colon of a parameter, ``None or array (N,), default=None``.
    classes : container of str
        The library's own classes that it may name.
    result : bool, default=False
        Whether it is what comes out: lists and dicts then are these, where a parameter takes any sequence or mapping.

    Raises
    ------
    UnknownPhraseError
        If the vocabulary lacks a word of it.
    """
    phrase = re.sub(r",? (default=.*|optional)$", "", phrase.strip())
    found = dict.fromkeys(_one(part, classes, result) for part in _alternatives(phrase))
    return " | ".join(sorted(found, key=lambda kind: kind == "None"))


def _alternatives(phrase):
    """Split at what stands outside of parentheses and braces; what follows "dict of" is of its values."""
    parts, depth, last, i = [], 0, 0, 0
    while i < len(phrase):
        depth += (phrase[i] in "({") - (phrase[i] in ")}")
        at = ALTERNATIVES.match(phrase, i)
        if at and depth == 0 and not re.match(r"(dict|mapping) of ", phrase[last:]):
            parts.append(phrase[last:i])
            last = i = at.end()
        else:
            i += 1
    parts.append(phrase[last:])
    return [part for i, part in enumerate(parts) if not (i and OTHER_SHAPE.match(part))]


def _one(phrase, classes, result):
    phrase = _singular(phrase)
    bare = SHAPE.sub("", re.sub(r" of int$", "", phrase) if "array" in phrase.partition(" of ")[0] else phrase)
    if bare in PLAIN:
        kind = PLAIN[bare]
        if result:
            return "typing.Any" if kind == "object" else kind
        return kind.replace("dict[", "collections.abc.Mapping[")
    if bare in classes:
        return bare
    if phrase[0] == "{" and phrase[-1] == "}":
        return f"typing.Literal[{phrase[1:-1]}]"
    if re.fullmatch(r'"[\w-]+"', phrase):
        return f"typing.Literal[{phrase}]"
    holder, _, rest = phrase.partition(" of ")
    if phrase.startswith("(") and phrase.endswith(")"):
        parts = re.split(r", (?![^(]*\))", phrase[1:-1])
        return f"tuple[{', '.join(_one(part, classes, result) for part in parts)}]"
    if holder in MAPPINGS and rest:
        key, to, value = rest.partition(" to ")
        if not to:
            key, value = "str", _singular(rest)
        inside = _one(key, classes, result), python_type(value, classes, result)
        return (MAPPINGS[holder] if result else MAPPINGS["mapping"]).format(*inside)
    holder = SHAPE.sub("", holder)
    if holder.removesuffix("s") in HOLDERS and rest:
        if holder.removesuffix("s") == "pair" and " and " in rest:
            rest = rest.partition(" and ")[0]
        inside = _one(_singular(COUNT.sub("", rest)), classes, result)
        kind = HOLDERS[holder.removesuffix("s")]
        return (kind if result else kind.replace("list[", "collections.abc.Sequence[")).format(inside)
    raise UnknownPhraseError(phrase)


def _singular(words):
    return re.sub(r"^((?:int )?array|path|sequence)s\b( of the same shapes$)?", r"\1", words)
