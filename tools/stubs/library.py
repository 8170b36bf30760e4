"""The modules of a package as syntax trees, read without importing them."""

import ast
import functools
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(eq=False)
class Library:
    """The modules of a package as syntax trees, and what is known of their classes.

    Parameters
    ----------
    root : Path
        The folder that holds the package.
    package : str
        Its name.
    """

    root: Path
    package: str
    trees: dict = field(init=False)
    unknown: list = field(init=False, default_factory=list)  # phrases outside of the vocabulary, with their places
    counted: dict = field(init=False, default_factory=dict)  # [typed, all] parameters and results of each function

    def __post_init__(self):
        paths = sorted((self.root / self.package).rglob("*.py"))
        self.trees = {self._name(path): ast.parse(path.read_text(encoding="utf-8")) for path in paths}
        self.homes = {}  # of a class, where only one module has one of that name
        for name, tree in self.trees.items():
            for node in tree.body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    self.homes.setdefault(node.name, []).append(name)

    def _name(self, path):
        parts = path.relative_to(self.root).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @functools.cache  # noqa: B019, a library lives as long as a build
    def imports(self, module):
        """Where a module's names come from, ``{name: (module, name there)}``."""
        found = {}
        for node in ast.walk(self.trees[module]):
            if isinstance(node, ast.ImportFrom) and not node.level:
                found |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
            elif isinstance(node, ast.Import):
                found |= {alias.asname: (alias.name, "") for alias in node.names if alias.asname}
        return found

    def class_of(self, name, module):
        """Module and tree of a class that a module defines or imports, or of the library's only one of that name."""
        imported = self.imports(module).get(name, (None, None))
        for home in (module, imported[0], *(self.homes.get(name, ()) if len(self.homes.get(name, ())) == 1 else ())):
            for node in self.trees[home].body if home in self.trees else ():
                if isinstance(node, ast.ClassDef) and node.name == name:
                    return home, node
        return None

    def bases(self, module, node):
        """The library's classes above a class, the nearest first."""
        for base in node.bases:
            if found := self.class_of(ast.unparse(base), module):
                yield found
                yield from self.bases(*found)
