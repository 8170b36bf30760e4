"""What the syntax tree of a function or a class tells by itself."""

import ast
import copy

ANY = "typing.Any"


def last(decorator):
    return ast.unparse(decorator).partition("(")[0].rpartition(".")[2]


def decorator_text(node):
    homes = {"abstractmethod": "abc", "contextmanager": "contextlib", "cached_property": "functools"}
    return f"{homes[last(node)]}.{last(node)}" if last(node) in homes else last(node)


def renamed(node, name, home):
    node = copy.deepcopy(node)
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id == name:
            part.id = home
    return node


def is_plain(value):
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError):
        return False
    return isinstance(value, (ast.Constant, ast.UnaryOp, ast.Tuple))


def literal_type(value):
    try:
        found = ast.literal_eval(value)
    except (ValueError, TypeError):
        return ANY
    kind = type(found).__name__
    parameters = {
        "tuple": "[typing.Any, ...]",
        "dict": "[typing.Any, typing.Any]",
        "list": "[typing.Any]",
        "set": "[typing.Any]",
    }
    return ANY if found is None else kind + parameters.get(kind, "")


def of_body(node, kind):
    """Nodes of a kind in a function's own body."""
    waiting = list(node.body)
    while waiting:
        part = waiting.pop()
        if isinstance(part, kind):
            yield part
        if not isinstance(part, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            waiting += ast.iter_child_nodes(part)


def yields(node):
    return any(of_body(node, (ast.Yield, ast.YieldFrom)))


def only_raises(node):
    return isinstance(node.body[-1], ast.Raise) and not any(of_body(node, ast.Return))


def set_on_self(node):
    """Public attributes that a class's methods give to ``self``."""
    found = set()
    for member in node.body:
        if isinstance(member, ast.FunctionDef):
            for part in of_body(member, ast.Attribute):
                if isinstance(part.ctx, ast.Store) and ast.unparse(part.value) == "self" and part.attr[0] != "_":
                    found.add(part.attr)
    return found
