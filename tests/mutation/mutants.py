"""Mutants: the library with one small mistake, which a test should notice.

The mistakes are those of mutmut (its operators, on libcst trees). Its own runner mutates functions in place behind a
switch and leaves decorated ones alone, so compiled functions would never be touched; ours changes the file.

What is left out, because no test should notice it or because it always fails loudly:

- text for people: strings, f-strings, errors and warnings, ``__repr__`` and its like, options of commands;
- type annotations, imports, decorators (what is cached or compiled gives the same without);
- keywords that say how and not what (``QUIET``);
- names that say how work is cut into pieces (``PIECES``), whose results are the same by test, and whether it is
  compiled (``is_worth``);
- Triton kernels (``LEFT_OUT``), which need a GPU;
- of mutmut's operators: other strings, ``None`` for a value, positional arguments left out.
"""

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

import libcst as cst
from mutmut.mutation import mutators

LEFT_OUT = ("federation/fused/on_gpu.py",)
SWAP, WORD, NUMBER = mutators.operator_swap_op, mutators.operator_keywords, mutators.operator_number
OPERATORS = {
    **dict.fromkeys((cst.Integer, cst.Float), (NUMBER,)),
    **dict.fromkeys((cst.Is, cst.IsNot, cst.In, cst.NotIn, cst.Break, cst.Continue), (WORD,)),
    **dict.fromkeys((cst.BinaryOperation, cst.BooleanOperation, cst.ComparisonTarget), (SWAP,)),
    cst.UnaryOperation: (SWAP, mutators.operator_remove_unary_ops),
    cst.AugAssign: (SWAP, mutators.operator_augmented_assignment),
    cst.Name: (mutators.operator_name,),
    cst.IfExp: (mutators.operator_if_exp,),
    cst.Call: (mutators.operator_arg_removal, mutators.operator_symmetric_string_methods_swap),
}
QUIET = {
    "alpha",
    "capsize",
    "linewidth",
    "markersize",
    "zorder",
    "desc",
    "disable",
    "total",
    "encoding",
    "errors",
    "fused",
    "help",
    "indent",
    "leave",
    "repr",
    "stacklevel",
    "xytext",
    "strict",
    "unit",
}
PIECES = {"BLOCK", "CHUNK", "KEPT", "PATIENCE", "SMALL"}
TALKING = {"print", "warn", "add_argument", "add_parser", "explained", "missing", "needed_by", "is_worth"}
TEXT = re.compile(r"__(repr|str|dir|all)__|_repr_\w+_")


@dataclass(frozen=True)
class Mutant:
    """``function`` is a qualified name, of a constant outside of functions; ``before`` and ``after`` are the lines."""

    module: str
    function: str
    line: int
    before: str
    after: str
    source: str = field(repr=False, compare=False)

    @property
    def key(self):
        """What names it after lines have moved."""
        return self.module, self.function, self.before, self.after

    def __str__(self):
        return f"{self.module}:{self.line}: {self.before}  ->  {self.after or '(nothing)'}"


class Places(cst.CSTVisitor):
    """Collects ``(function, node, changed node)`` of all mistakes that can be made in a module."""

    def __init__(self):
        super().__init__()
        self.found, self.scope, self.outside = [], [], True

    def on_visit(self, node):
        if _left_out(node):
            return False
        if type(node) in (cst.FunctionDef, cst.ClassDef) or (self.outside and _assigned(node)):
            self.scope.append((node, _assigned(node) or node.name.value))
            self.outside = type(node) is not cst.FunctionDef
        for operator in OPERATORS.get(type(node), ()):
            where = ".".join(name for _, name in self.scope)
            self.found += [(where, node, new) for new in operator(node) if _counts(operator, node, new)]
        return True

    def on_leave(self, original_node):
        if self.scope and self.scope[-1][0] is original_node:
            self.scope.pop()
            self.outside = not any(isinstance(node, cst.FunctionDef) for node, _ in self.scope)


def _assigned(node):
    """The name that an assignment gives a value to, the first of several."""
    if type(node) not in (cst.Assign, cst.AnnAssign):
        return None
    target = node.targets[0].target if type(node) is cst.Assign else node.target
    target = target.elements[0].value if type(target) is cst.Tuple else target
    return target.value if type(target) is cst.Name else None


def _left_out(node):
    asked = _ASKED.get(type(node))  # not isinstance: nodes have abstract bases, and there are a million
    return asked is not None and asked(node)


def _cuts(node):
    parts = (node.left, *(comparison.comparator for comparison in node.comparisons))
    return any(getattr(part, "value", None) in PIECES for part in parts)


def _tells_or_chooses(node):
    text = any(isinstance(branch, cst.FormattedString) for branch in (node.body, node.orelse))
    return text or "is_worth" in cst.Module([]).code_for_node(node.test)


_ASKED = {
    cst.FunctionDef: lambda node: bool(TEXT.fullmatch(node.name.value)),
    cst.Assign: lambda node: _assigned(node) in PIECES | {"__all__"},
    cst.Comparison: _cuts,
    cst.IfExp: _tells_or_chooses,
    cst.Call: lambda node: getattr(getattr(node.func, "attr", node.func), "value", None) in TALKING,
    cst.Arg: lambda node: node.keyword is not None and node.keyword.value in QUIET,
    **dict.fromkeys(
        (cst.Annotation, cst.Decorator, cst.FormattedString, cst.Import, cst.ImportFrom, cst.Raise), lambda node: True
    ),
}


def _counts(operator, node, new):
    """Of the arguments only those given by keyword are left out: without another one every call fails."""
    if operator is not mutators.operator_arg_removal:
        return True
    gone = [arg for arg in node.args if all(arg is not kept for kept in new.args)]
    return len(new.args) < len(node.args) and gone[0].keyword is not None and gone[0].keyword.value not in QUIET


class Library:
    """All mutants of ``modules`` below ``root``, by default of those of ``mixlib`` whose path contains ``only``."""

    def __init__(self, root, only="", modules=None):
        self.places = []
        for name in modules_of(root) if modules is None else modules:
            if only in name:
                tree = cst.parse_module((Path(root) / name).read_text(encoding="utf-8"))
                text, start = tree.code, 0
                for statement in tree.body:
                    written = tree.code_for_node(statement)
                    start = text.index(written, start)
                    statement.visit(places := Places())
                    self.places += [(name, *place, (tree, text, start, written, statement)) for place in places.found]

    def __len__(self):
        return len(self.places)

    def __getitem__(self, number):
        module, function, node, new, (tree, old, start, written, statement) = self.places[number]
        # of the statement alone: to write all of a module takes a tenth of a second
        changed = tree.code_for_node(statement.deep_replace(node, new))
        source = old[:start] + changed + old[start + len(written) :]
        line, before, after = _difference(old, source)
        return Mutant(module, function, line, before, after, source)

    def in_order(self, seed):
        """All mutants, in the order in which the seed draws them."""
        numbers = list(range(len(self)))
        random.Random(seed).shuffle(numbers)
        return (self[number] for number in numbers)

    def of(self, module, function):
        """The mutants of one function."""
        return [self[n] for n, place in enumerate(self.places) if place[:2] == (module, function)]


def modules_of(root):
    """The modules of the library that are mutated, by their paths below ``root``."""
    names = (path.relative_to(root).as_posix() for path in sorted((Path(root) / "mixlib").rglob("*.py")))
    return [name for name in names if not name.endswith(LEFT_OUT)]


def some_modules(root, seed, count):
    """``count`` of them, drawn by the seed; a long one is as much more likely as it is longer."""
    names, drawn = modules_of(root), random.Random(seed)
    late = {name: drawn.expovariate((Path(root) / name).stat().st_size + 1) for name in names}
    return sorted(names, key=late.get)[:count]


def _difference(old, new):
    """The first line that differs, and all that do, before and after."""
    old, new = old.splitlines(), new.splitlines()
    first = _alike(old, new)
    same = _alike(old[first:][::-1], new[first:][::-1])
    before, after = old[first : len(old) - same], new[first : len(new) - same]
    return first + 1, " ".join(map(str.strip, before)), " ".join(map(str.strip, after))


def _alike(one, other):
    """How many lines both begin with."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
