"""Registries by presence: a package finds its public names and its entries in the files that its folder holds.

Nothing is listed by hand. A file that is put into the folder is found, and no other file is imported before one of its
own names is asked for: what uses one kernel does not depend on the others.
"""

import ast
import functools
import importlib
import importlib.util
import pkgutil
import re
import sys
from collections.abc import Mapping

LOOKED_INTO = set()  # source files that were read for the names that they define, and for nothing else
LISTED = set()  # folders whose modules were all asked for: one more file there is one more entry

LAST = 1000  # the place of an entry that names none


class Registry(Mapping):
    """The entries of a package, one for each of its modules that has one: a class, or a constant.

    A key is the name of the module with hyphens for underscores. Asking for one key imports that module alone; going
    through all imports all, sorted by the entries' own ``place``, where they have one, and by key.

    Parameters
    ----------
    package : str
        The package's ``__name__``.
    subclass_of : str, optional
        Entries are the concrete classes below this one of the package's module ``base``: a module's only one, or the
        one that is called as the module.
    constant : str, optional
        Entries are what the modules call so.

    Raises
    ------
    KeyError
        If no module of the package has an entry for a key.
    ValueError
        If a module defines several such classes and none is called as it, or if the one that is lacks a method.

    Examples
    --------
    >>> from mixlib.kernels import ZOO
    >>> ZOO["log-linear"].__name__, "linear" in ZOO, "quadratic" in ZOO
    ('LogLinear', True, False)
    """

    def __init__(self, package, *, subclass_of=None, constant=None):
        if (subclass_of is None) == (constant is None):
            raise ValueError("subclass_of: give this or constant, one of both; it says what an entry is")
        self.package, self.subclass_of, self.constant = package, subclass_of, constant

    def __getitem__(self, key):
        if key not in self:
            raise KeyError(f"{key!r}; {self.package} has {', '.join(self)}")
        return self._entry(key.replace("-", "_"))

    def __contains__(self, key):
        name = key.replace("-", "_") if isinstance(key, str) and "_" not in key else ""
        # a folder takes as long to read as a small answer to compute
        known = f"{self.package}.{name}" in sys.modules or name in modules_of(self.package)
        return known and self._entry(name) is not None

    def __iter__(self):
        return iter(self._all())

    def __len__(self):
        return len(self._all())

    def __repr__(self):
        return repr(self._all())

    def names(self):
        """The keys, read from the files without importing them: a class that is an entry names its ``reference``."""
        LISTED.update(_folders(self.package))
        entry = re.compile(rf"^{self.constant}\b" if self.constant else r"^    reference\b", re.MULTILINE)
        found = [name for name in modules_of(self.package) if entry.search(_source(f"{self.package}.{name}"))]
        return [name.replace("_", "-") for name in found if name != "base"]

    def _all(self):
        LISTED.update(_folders(self.package))
        found = {name.replace("_", "-"): self._entry(name) for name in modules_of(self.package)}
        found = {key: entry for key, entry in found.items() if entry is not None}
        return dict(sorted(found.items(), key=lambda item: (_place(item[1]), item[0])))

    def _entry(self, name):
        module = importlib.import_module(f"{self.package}.{name}")
        if self.constant:
            return getattr(module, self.constant, None)
        contract = getattr(importlib.import_module(f"{self.package}.base"), self.subclass_of)
        own = [
            value
            for key, value in vars(module).items()
            if isinstance(value, type) and issubclass(value, contract) and not key.startswith("_")
            if value.__module__ == module.__name__
            and not getattr(value, "__abstractmethods__", None)
            and value is not contract
        ]
        namesakes = [kind for kind in own if kind.__name__.lower() == name.replace("_", "")]
        if len(own) > 1 and not namesakes:
            names = " and ".join(kind.__name__ for kind in own)
            raise ValueError(
                f"{module.__name__}: defines {names}, and none is called as the file; a file has one entry, split it"
            )
        if not own:
            _reject_unfinished(module, contract, name)
        return next(iter(namesakes or own), None)


def _place(entry):
    """Where an entry stands: its own place, not that of the class or domain that it makes something of."""
    return vars(entry).get("place", LAST) if isinstance(entry, type) else getattr(entry, "place", LAST)


def _reject_unfinished(module, contract, name):
    """Say which methods a class lacks that is called as its file: it would be missing without a word."""
    for key, value in vars(module).items():
        if isinstance(value, type) and issubclass(value, contract) and key.lower() == name.replace("_", ""):
            lacking = ", ".join(sorted(value.__abstractmethods__))
            raise ValueError(f"{module.__name__}: {key} lacks {lacking}, which every {contract.__name__} defines")


def attach(package, inside=()):
    """What a package needs to offer the public names of its modules, each loaded on its first use.

    A module's public names are those of its ``__all__``, or else its classes and functions without an underscore.
    They are read from its source, without importing it. The modules themselves are names of the package too.

    Parameters
    ----------
    package : str
        The package's ``__name__``.
    inside : sequence of str, default=()
        Folders and modules below the package, ``"folder"`` or ``"folder.module"``, whose public names are its own too.

    Returns
    -------
    __getattr__, __dir__ : callable
        For the package to define; ``__all__`` and ``from package import *`` come with them.
    """

    @functools.cache
    def home(name):
        modules = [] if name.startswith("_") else _modules_with(package, inside)
        return next((module for module in modules if name in _exports(module, name)), None)

    def get(name):
        if name == "__all__":
            return public_names(package, inside)
        if home(name):
            return getattr(importlib.import_module(home(name)), name)
        if not name.startswith("_") and name in modules_of(package):
            return importlib.import_module(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return get, lambda: public_names(package, inside)


def public_names(package, inside=()):
    """The public names of a package's modules and of those ``inside``, and of its own registries, sorted."""
    own = [name for name, value in vars(sys.modules[package]).items() if isinstance(value, Registry)]
    modules = _modules_with(package, inside)
    LISTED.update(path for folder in _folders_with(package, inside) for path in _folders(folder))
    return sorted({*own, *(name for module in modules for name in _exports(module))})


def _modules_with(package, inside):
    """The full names of the modules of a package, of its folders ``inside``, and of the single ones named there."""
    folders = _folders_with(package, inside)
    single = [f"{package}.{part}" for part in inside if f"{package}.{part}" not in folders]
    return [f"{folder}.{name}" for folder in folders for name in modules_of(folder)] + single


def _folders_with(package, inside):
    below = [importlib.import_module(f"{package}.{part}").__name__ for part in inside if "." not in part]
    return [package, *below]


def modules_of(package):
    """The names of a package's modules, without the private ones."""
    found = pkgutil.iter_modules(sys.modules[package].__path__)
    return [module.name for module in found if not module.name.startswith("_")]


def _exports(module, asked_for=None):
    """The public names of a module; nothing if its source does not hold what is ``asked_for``."""
    source = _source(module)
    if asked_for and not re.search(rf"^(class|def|async def) {asked_for}\b|^__all__\b", source, re.MULTILINE):
        return ()
    return _defined(source)


def _source(module):
    loader = importlib.util.find_spec(module).loader
    LOOKED_INTO.add(loader.get_filename(module))
    return loader.get_source(module)


@functools.cache
def _defined(source):
    names = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "__all__" for target in node.targets):
            return tuple(ast.literal_eval(node.value))
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
            names.append(node.name)
    return tuple(names)


def _folders(package):
    return list(sys.modules[package].__path__)
