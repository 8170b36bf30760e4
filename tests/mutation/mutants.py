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

import difflib
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
        if isinstance(node, cst.FunctionDef | cst.ClassDef) or (self.outside and _assigned(node)):
            self.scope.append((node, _assigned(node) or node.name.value))
            self.outside = not isinstance(node, cst.FunctionDef)
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
    if not isinstance(node, cst.Assign | cst.AnnAssign):
        return None
    target = node.targets[0].target if isinstance(node, cst.Assign) else node.target
    target = target.elements[0].value if isinstance(target, cst.Tuple) else target
    return target.value if isinstance(target, cst.Name) else None


def _left_out(node):
    if isinstance(node, cst.FunctionDef):
        return bool(TEXT.fullmatch(node.name.value))
    if isinstance(node, cst.Assign):
        return _assigned(node) in PIECES | {"__all__"}
    if isinstance(node, cst.Comparison):
        return any(
            getattr(part, "value", None) in PIECES for part in (node.left, *(c.comparator for c in node.comparisons))
        )
    if isinstance(node, cst.IfExp):
        text = any(isinstance(branch, cst.FormattedString) for branch in (node.body, node.orelse))
        return text or "is_worth" in cst.Module([]).code_for_node(node.test)
    if isinstance(node, cst.Call):
        return getattr(getattr(node.func, "attr", node.func), "value", None) in TALKING
    if isinstance(node, cst.Arg):
        return node.keyword is not None and node.keyword.value in QUIET
    return isinstance(
        node, cst.Annotation | cst.Decorator | cst.FormattedString | cst.Import | cst.ImportFrom | cst.Raise
    )


def _counts(operator, node, new):
    """Of the arguments only those given by keyword are left out: without another one every call fails."""
    if operator is not mutators.operator_arg_removal:
        return True
    gone = [arg for arg in node.args if all(arg is not kept for kept in new.args)]
    return len(new.args) < len(node.args) and gone[0].keyword is not None and gone[0].keyword.value not in QUIET


class Library:
    """All mutants of the modules below ``root/mixlib`` whose path contains ``only``."""

    def __init__(self, root, only=""):
        paths = sorted((Path(root) / "mixlib").rglob("*.py"))
        names = [path.relative_to(root).as_posix() for path in paths]
        self.places = []
        for name in names:
            if only in name and not name.endswith(LEFT_OUT):
                tree = cst.parse_module((Path(root) / name).read_text(encoding="utf-8"))
                tree.visit(places := Places())
                self.places += [(name, tree, *place) for place in places.found]

    def __len__(self):
        return len(self.places)

    def __getitem__(self, number):
        module, tree, function, node, new = self.places[number]
        source = tree.deep_replace(node, new).code
        line, before, after = _difference(tree.code, source)
        return Mutant(module, function, line, before, after, source)

    def in_order(self, seed):
        """All mutants, in the order in which the seed draws them."""
        numbers = list(range(len(self)))
        random.Random(seed).shuffle(numbers)
        return (self[number] for number in numbers)

    def of(self, module, function):
        """The mutants of one function."""
        return [self[n] for n, place in enumerate(self.places) if (place[0], place[2]) == (module, function)]


def _difference(old, new):
    """The first line that differs, and all that do, before and after."""
    old, new = old.splitlines(), new.splitlines()
    changed = [
        part for part in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if part[0] != "equal"
    ]
    first, last = changed[0], changed[-1]
    before, after = old[first[1] : last[2]], new[first[3] : last[4]]
    return first[1] + 1, " ".join(map(str.strip, before)), " ".join(map(str.strip, after))
