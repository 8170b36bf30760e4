"""Computed numbers in prose: ``{num}`closer:.1%``` is an expression of the page's kernel and the format to show it in.

It is evaluated where it stands, after the code cell before it, or where the names that it uses are defined later,
after the first cell by which all of them are. The values travel with the run, so that showing them runs nothing.
"""

import ast
import builtins
import functools
import itertools
import math
import re
import symtable
from typing import NamedTuple

from docutils import nodes
from IPython.core.inputtransformer2 import TransformerManager

from mixbook.build.located import Mistake, or_near

CODE = (  # which only shows what it holds
    r"^(?P<fence>`{4,}|~{3,}|`{3,}(?!\{)(?=[^`\n]*\n))[^\n]*\n.*?^(?P=fence)[ \t]*$"
    r"|(?<!`)``(?!`).+?(?<!`)``(?!`)"
)
ROLE = re.compile(rf"(?ms){CODE}|\{{num\}}`(?P<num>[^`]+)`")
FAILED = "(not computed)"
PLAIN = re.compile(r"([\\`*_~$<>\[\]])")  # what Markdown would read as its own


class Number(NamedTuple):
    """A role of a page: its cell and line therein, what it shows, and after how many code cells it is evaluated.

    ``place`` is None, and ``unknown`` says which names, where no cell defines what the expression uses.
    """

    cell: int
    line: int
    expression: str
    spec: str
    place: int | None
    unknown: tuple = ()

    @property
    def key(self):
        """What its value is kept under in a run."""
        return f"{self.place} {self.expression}"


def numbers_of(notebook):
    """The numbers in the prose of a notebook, in their order."""
    found, defined = [], _defined(notebook)
    before = 0
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            before += bool(cell.source.strip())
        elif cell.cell_type == "markdown" and "{num}" in cell.source:
            for match in ROLE.finditer(cell.source):
                if match["num"]:
                    expression, spec = split(match["num"])
                    used = _used(expression)
                    known = next((n for n in range(max(before, 1), len(defined)) if used <= defined[n]), None)
                    unknown = tuple(sorted(used - defined[-1])) if known is None else ()
                    line = cell.source.count("\n", 0, match.start()) + 1
                    found.append(Number(index, line, expression, spec, known, unknown))
    return found


def split(text):
    """Expression and format: they part at the first colon whose left side is complete, as in an f-string."""
    text = " ".join(text.split())
    for colon in (n for n, letter in enumerate(text) if letter == ":"):
        if _tree(text[:colon]):
            return text[:colon].strip(), text[colon + 1 :]
    return text, ""


def mistakes(page):
    """What is wrong with the numbers of a page and can be told without running it."""
    notebook = page.notebook()
    known = _defined(notebook)[-1]
    for number in numbers_of(notebook):
        what, fix = _wrong(number, known)
        if what:
            yield mistake(page, number, what, fix)


def mistake(page, number, what, fix, trace=""):
    """A Mistake at the number's place."""
    place = page.where(number.cell, number.line)
    return Mistake.at(place, f"{{num}}`{number.expression}`: {what}", fix, number.cell, trace)


def unshown(page, notebook, told):
    """What is wrong with values that a run has computed; ``told`` maps keys to (value, error)."""
    for number in numbers_of(notebook):
        value, error = told.get(number.key, (None, None))
        if error:
            yield number, mistake(page, number, error, "mend the expression, or the cell that computes what it uses")
        elif value is not None and text_of(value, number.spec) is None:
            what = f"{value!r} has no format {number.spec!r}"
            yield number, mistake(page, number, what, "write a format that fits, such as .2f or .0%; a text takes none")


def filled(notebook, values, write="{{num}}`{}`".format):
    """Put the text of each number in place of its expression.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place, and returned.
    values : dict
        Key of a `Number` to its value.
    write : callable
        Makes Markdown of a text; by default the role again, which shows what it holds. `plain` gives text alone.
    """
    waiting = iter(numbers_of(notebook))

    def text(match):
        if not match["num"]:
            return match[0]
        number = next(waiting)
        shown = text_of(values[number.key], number.spec) if number.key in values else None
        return write(FAILED if shown is None else shown)

    for cell in notebook.cells:
        if cell.cell_type == "markdown" and "{num}" in cell.source:
            cell.source = ROLE.sub(text, cell.source)
    return notebook


def without_code(text):
    """Markdown without fences and spans that show how something is written."""
    return re.sub(f"(?ms){CODE}", "", text)


def plain(text):
    """A text as Markdown that shows it unchanged."""
    return PLAIN.sub(r"\\\1", text)


def text_of(value, spec):
    """A value in its format, or None where it has no such format."""
    try:
        return format(value, spec)
    except (ValueError, TypeError):
        return None


def show(name, rawtext, text, lineno, inliner, options=None, content=None):
    """The role in Sphinx: the page's reader has put the text of the value into it."""
    return [nodes.inline(rawtext, text, classes=["mx-num"])], []


def _wrong(number, known):
    if not _tree(number.expression):
        return "is no expression", "write Python that gives one value, then a colon and its format: closer:.1%"
    if number.unknown:
        name = number.unknown[0]
        return f"no cell defines {name}", f"define it in a cell{or_near(name, known)}"
    if number.place is None:
        return "there is no cell that could compute it", "add a code cell"
    if all(text_of(value, number.spec) is None for value in (math.pi, 3, "text")):
        return f"there is no format {number.spec!r}", "write one of Python, such as .2f, .0%, .1e or ,"
    return None, None


def _tree(text):
    try:
        return ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        return None


def _used(expression):
    """The names that an expression takes from the page."""
    tree = _tree(expression)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)] if tree else []
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)}  # of comprehensions
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)} if tree else set()
    return {node.id for node in names} - own - set(dir(builtins))


def _defined(notebook):
    """The names that are defined after 0, 1, 2, ... of the code cells."""
    cells = (cell.source for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip())
    return list(itertools.accumulate(map(_made_in, cells), frozenset.union, initial=frozenset()))


class _WithoutComprehensions(ast.NodeTransformer):
    """Leaves of each comprehension what it gives a value outside; since Python 3.12 a table of symbols holds it all."""

    def _gone(self, node):
        given = [one for one in ast.walk(node) if isinstance(one, ast.NamedExpr)]
        return ast.Tuple([ast.NamedExpr(one.target, ast.Constant(None)) for one in given], ast.Load())

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _gone


@functools.lru_cache(maxsize=4096)  # a build asks for each cell some times
def _made_in(source):
    """The names that a cell gives a value."""
    for clean in (str, TransformerManager().transform_cell):  # the second takes out what only IPython reads
        try:
            tree = _WithoutComprehensions().visit(ast.parse(clean(source)))
            names = symtable.symtable(ast.unparse(tree), "cell", "exec").get_symbols()
        except SyntaxError:
            continue
        return frozenset(name.get_name() for name in names if name.is_assigned() or name.is_imported())
    return frozenset()  # running it tells why
