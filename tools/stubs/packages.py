"""The stubs of a whole package: of its modules, and of its folders, whose names load on first use."""

import ast

from tools.stubs.library import Library
from tools.stubs.modules import Stub
from tools.stubs.syntax import ANY

TYPES = '''\
"""What the stubs call arrays. A tensor is told by what it can do: torch need not be installed."""

import collections.abc
import typing

import numpy

class SupportsArray(typing.Protocol):
    def __array__(self) -> typing.Any: ...

class TensorLike(typing.Protocol):
    @property
    def shape(self) -> typing.Any: ...
    @property
    def dtype(self) -> typing.Any: ...
    @property
    def device(self) -> typing.Any: ...
    @property
    def requires_grad(self) -> typing.Any: ...
    def detach(self) -> typing.Any: ...

DType = typing.TypeVar("DType", bound=numpy.dtype[typing.Any])
Tensor = typing.TypeVar("Tensor", bound=TensorLike)
AnyArray: typing.TypeAlias = typing.Any  # NumPy array or tensor, as what went in
Array: typing.TypeAlias = numpy.ndarray[typing.Any, typing.Any] | numpy.number[typing.Any] | TensorLike
_Numbers: typing.TypeAlias = collections.abc.Sequence[float | SupportsArray]
_Rows: typing.TypeAlias = collections.abc.Sequence[_Numbers]
ArrayLike: typing.TypeAlias = (
    SupportsArray | TensorLike | float | _Numbers | _Rows | collections.abc.Sequence[_Rows]
)
'''
REGISTRY = "collections.abc.Mapping[str, {}]"
HIDDEN = ("cli", "__main__")  # a command, and no module that somebody imports


def stubs(root, package="mixlib"):
    """Texts of the stubs by their paths below ``root``, and the `Library` with what was found on the way."""
    library = Library(root, package)
    texts = {f"{package}/_typing.pyi": TYPES}
    for module in library.trees:
        parts = module.split(".")[1:]
        if any(part in HIDDEN or part.startswith("_") for part in parts):
            continue
        path = root.joinpath(*module.split("."))
        if path.is_dir():
            name = f"{path.relative_to(root).as_posix()}/__init__.pyi"
            texts[name] = _of_folder(library, module)
        else:
            texts[f"{path.relative_to(root).as_posix()}.pyi"] = Stub(library, module).text()
    return texts, library


def _of_folder(library, package):
    """What a folder offers: names of its modules that load on first use, registries, and what it defines itself."""
    lines, names = Stub(library, package).text().splitlines(), {}
    lines += ["__version__: str"] if package == library.package else []
    for home, name in public_names(library, package):
        names.setdefault(name, home)
    for node in library.trees[package].body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and ast.unparse(node.value.func) == "Registry"
        ):
            lines = [line for line in lines if not line.startswith(f"{node.targets[0].id}: ")]
            lines += _registry(library, package, node)
    lines += [f"from {package} import {name} as {name}" for name in _shown(library, package)]
    lines += [f"from {home} import {name} as {name}" for name, home in sorted(names.items())]
    exported = sorted({*names, *(line.partition(":")[0] for line in lines if ": collections.abc.Mapping[" in line)})
    return "\n".join([*lines, *([f"__all__ = {exported}"] if exported else []), ""])


def _registry(library, package, node):
    options = {word.arg: word.value.value for word in node.value.keywords}
    if "subclass_of" in options:  # each class has arguments of its own
        kind = f"type[{ANY}]"
        return ["import collections.abc", "import typing", f"{node.targets[0].id}: {REGISTRY.format(kind)}"]
    kind = options["constant"].capitalize()
    home = library.class_of(kind, f"{package}.base")[0]
    return ["import collections.abc", f"from {home} import {kind}", f"{node.targets[0].id}: {REGISTRY.format(kind)}"]


def public_names(library, package):
    """``(module, name)`` of the names that a folder offers from its modules."""
    for node in library.trees[package].body:
        call = getattr(node, "value", None)
        called = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
        if called == "lazy_loader.attach":
            options = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
            for home, names in options.get("submod_attrs", {}).items():
                yield from ((f"{package}.{home}", name) for name in names)
        elif called == "attach":
            inside = _inside(library, package, call)
            for home in [*modules_of(library, package), *inside]:
                yield from ((home, name) for name in _exports(library.trees[home]))
        elif isinstance(node, ast.ImportFrom) and _exports(library.trees[package]):
            shown = set(_exports(library.trees[package]))
            yield from ((node.module, alias.name) for alias in node.names if alias.name in shown)


def _shown(library, package):
    """The modules that a folder offers as its names: those that it lists, or all."""
    calls = [node.value for node in library.trees[package].body if isinstance(getattr(node, "value", None), ast.Call)]
    for call in calls:
        if ast.unparse(call.func) == "lazy_loader.attach":
            listed = [word.value for word in call.keywords if word.arg == "submodules"]
            return ast.literal_eval(listed[0]) if listed else []
        if ast.unparse(call.func) == "attach":
            return submodules(library, package)
    return []


def submodules(library, package):
    """Names of the modules and folders below, without private ones."""
    inside = (name.removeprefix(f"{package}.") for name in library.trees if name.startswith(f"{package}."))
    return sorted(name for name in inside if "." not in name and not name.startswith("_") and name not in HIDDEN)


def modules_of(library, package):
    return [f"{package}.{name}" for name in submodules(library, package)]


def _inside(library, package, call):
    for word in call.keywords:
        if word.arg == "inside":
            for part in _parts(library.trees[package], word.value):
                home = f"{package}.{part}"
                yield from modules_of(library, home) or [home]


def _parts(tree, value):
    """The names that ``inside=`` gives, itself or by constants of the file."""
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for element in value.elts:
        if isinstance(element, ast.Starred):
            yield from ast.literal_eval(constants[element.value.id])
        else:
            yield element.value


def _exports(tree):
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "__all__" for target in node.targets):
            if isinstance(node.value, ast.List):
                return tuple(ast.literal_eval(node.value))
            return ()
    kinds = (ast.ClassDef, ast.FunctionDef)
    return tuple(node.name for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_"))
