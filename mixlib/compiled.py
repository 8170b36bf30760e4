"""Compiled functions: compiled at their first call, and kept on disk under a name made of all that is compiled in.

numba's own cache looks at the file of a function alone, so it keeps what a change elsewhere has made wrong. Here the
name of the cache holds a hash of the function's module and of every module that it imports, whole or by name, at its
top or later. Nothing is looked up or locked: other content has another name, and files are written in one step.
"""

import ast
import functools
import hashlib
import importlib.util
import os
import pickle
import pkgutil
import platform
import shutil
import stat
import sys
import tempfile
import threading
import uuid
import warnings
from importlib.metadata import version
from pathlib import Path
from types import FunctionType

import mixlib

KEPT = 8  # contents of one module whose compiled code stays on disk; the newest ones
PACKAGES = ("numba", "llvmlite", "numpy")  # what turns sources into machine code
SETTINGS = ("BOUNDSCHECK", "DEBUGINFO_DEFAULT", "LOOP_VECTORIZE", "OPT", "SLP_VECTORIZE")  # of numba, likewise

_lock = threading.RLock()
_told = []


def compiled(*, patience=0, **options):
    """A decorator for functions that numba compiles when they are first called, and not when they are imported.

    Parameters
    ----------
    patience : int
        How much work may be done without it, see :meth:`Compiled.is_worth`.
    **options
        Of :func:`numba.njit`, without ``cache``.

    Returns
    -------
    callable
        Takes a function and returns it as :class:`Compiled`.
    """
    return lambda function: Compiled(function, patience, options)


class Compiled:
    """A compiled function, for Python and for others that are compiled.

    Attributes
    ----------
    plain : function
        The same in Python, together with all that it calls: for inputs that are not worth the wait for a compiler.
    dispatcher : numba dispatcher
    """

    def __init__(self, function, patience, options):
        functools.update_wrapper(self, function)
        self.patience, self.options = patience, options

    def __call__(self, *arguments):
        return self.dispatcher(*arguments)

    def is_worth(self, work):
        """Whether to compile for so much work, given all that was done so far in this process without.

        For those that have a twin with the same results: a single small input does not wait for a compiler, and many
        of them are not slower than a large one.
        """
        self.patience -= work
        return self.patience < 0

    @property
    def _numba_type_(self):  # what numba asks of a global name in a function that it compiles
        return self.dispatcher._numba_type_

    @property
    def dispatcher(self):
        if "_dispatcher" not in self.__dict__:
            from numba import config, njit

            with _lock:
                if "_dispatcher" not in self.__dict__:
                    dispatcher = njit(**self.options)(self.__wrapped__)
                    if not config.DISABLE_JIT:
                        dispatcher._cache = Cache(self.__wrapped__)
                    self._dispatcher = dispatcher
        return self._dispatcher

    @functools.cached_property
    def plain(self):
        function = self.__wrapped__
        names = dict(function.__globals__)
        for name in function.__code__.co_names:
            if isinstance(names.get(name), Compiled) and names[name] is not self:
                names[name] = names[name].plain
        return FunctionType(function.__code__, names, function.__name__, function.__defaults__)


class Cache:
    """Where numba finds and leaves the machine code of one function: a file for each signature and processor."""

    def __init__(self, function):
        self.function = function
        self.stamp = stamp_of(function.__module__)

    @property
    def cache_path(self):
        """For numba's statistics."""
        return str(next(_folders())[0])

    def load_overload(self, signature, target):
        """The machine code for a signature, or None."""
        from numba.core.compiler import CompileResult

        target.refresh()
        if self.stamp is None:
            return None
        for folder, _ in _folders():
            try:
                kept = (folder / self._name(signature, target.codegen())).read_bytes()
            except OSError:
                continue
            if hashlib.sha256(kept[32:]).digest() == kept[:32]:
                return CompileResult._rebuild(target, *pickle.loads(kept[32:]))
        return None

    def save_overload(self, signature, result):
        """Keep machine code in the first folder that can be written."""
        from numba.core.serialize import dumps

        if self.stamp is None or result.lifted or result.library.has_dynamic_globals:
            return
        payload = dumps(result._reduce())
        name, refused = self._name(signature, result.codegen), []
        for folder, lasting in _folders(make=True):
            try:
                _write(folder / name, hashlib.sha256(payload).digest() + payload)
            except OSError as error:
                refused.append(f"{folder} ({error.strerror or error})")
            else:
                if not lasting:
                    _tell(refused, f"is in {folder} now, for as long as the system leaves it there")
                return
        _tell(refused, "is compiled anew by every process, which takes some seconds")

    def enable(self):
        """Nothing to do."""

    disable = flush = enable

    def _name(self, signature, codegen):
        code = hashlib.sha256(repr((signature, codegen.magic_tuple())).encode()).hexdigest()
        function = self.function
        return Path(f"{function.__module__}-{self.stamp}", f"{function.__qualname__}-{code[:20]}.machine")


def stamp_of(module):
    """A hash of all that is compiled into a module's functions.

    None if a source is not to be had, or has changed since this process imported the library: what runs is then not
    known, and machine code of it must not be kept.
    """
    from numba import config

    found, left = {}, {module}
    while left:
        name = left.pop()
        source = _source(name)
        if source is None:
            return None
        found[name] = source
        left |= {other for other in _imported(name) if other not in found}
    versions = [(package, version(package)) for package in PACKAGES]
    settings = [(name, getattr(config, name, None)) for name in SETTINGS]
    content = sys.version, sys.flags.optimize, platform.machine(), versions, settings, sorted(found.items())
    return hashlib.sha256(repr(content).encode()).hexdigest()[:20]


@functools.cache
def _imported(name):
    """Modules of the library, or of the module's own package, that the source imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(_source(name))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if _is_ours(alias.name, name)}
        elif isinstance(node, ast.ImportFrom):
            package = name if _is_package(name) else name.rpartition(".")[0]
            base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            if _is_ours(base, name):
                found |= {base, *_modules_of(base, [alias.name for alias in node.names])}
    return found


def _modules_of(base, names):
    """Modules that hold these names of a module: none but itself, unless it is a package."""
    if not _is_package(base):
        return set()
    inside = {f"{base}.{found.name}" for found in pkgutil.iter_modules(_spec(base).submodule_search_locations)}
    wanted = {f"{base}.{name}" for name in names}
    return wanted if wanted <= inside else inside  # a name that loads on first use may come from any of them


def _is_ours(name, importer):
    return name.partition(".")[0] in ("mixlib", importer.partition(".")[0])


def _is_package(name):
    spec = _spec(name)
    return spec is not None and spec.submodule_search_locations is not None


@functools.cache
def _spec(name):
    try:
        return importlib.util.find_spec(name)  # imports the packages above, which load nothing else
    except (ImportError, ValueError):  # not installed, or no module at all but a script
        return None


@functools.cache
def _source(name):
    """The source of a module, or None; see :func:`stamp_of`."""
    spec = _spec(name)
    try:
        source = spec.loader.get_source(name)
    except (AttributeError, ImportError, OSError):
        return None
    try:
        file = os.stat(spec.origin)
    except OSError:  # within an archive
        return source
    return source if max(file.st_mtime_ns, file.st_ctime_ns) <= mixlib.IMPORTED else None


def _folders(make=False):
    """Where machine code may be, the best place first, and whether it lasts; ``make`` the one that does not."""
    from numba import config
    from numba.misc.appdirs import AppDirs

    if config.CACHE_DIR:
        yield Path(config.CACHE_DIR, "mixlib"), True
    else:
        yield Path(__file__).parent / "__pycache__" / "compiled", True
        yield Path(AppDirs("mixlib", False).user_cache_dir), True
    temporary = _temporary(make)
    if temporary is not None:
        yield temporary, False


def _temporary(make):
    """A folder among the temporary files; None where there is none, or others could leave code there for us to run."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    try:
        folder = Path(tempfile.gettempdir(), f"mixlib-{user}")
        if make:
            folder.mkdir(mode=0o700, exist_ok=True)
        state = folder.lstat()
    except OSError:
        return None
    shared = hasattr(os, "getuid") and (state.st_uid != user or stat.S_IMODE(state.st_mode) & 0o022)
    return None if shared or not stat.S_ISDIR(state.st_mode) else folder


def _write(path, content):
    """Write a file in one step, and remove the code of old contents of its module."""
    new = not path.parent.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    if new:
        module = path.parent.name.rpartition("-")[0]
        stamped = sorted(path.parent.parent.glob(f"{module}-*"), key=_changed, reverse=True)
        for old in stamped[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)


def _changed(path):
    try:
        return path.stat().st_mtime_ns
    except OSError:  # another process has just removed it
        return 0


def _tell(refused, what):
    """Say once, to whoever called the library, that compiled code cannot be kept where it should be."""
    with _lock:
        if _told:
            return
        _told.append(what)
    frame, level = sys._getframe(), 1
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in ("mixlib", "numba"):
        frame, level = frame.f_back, level + 1
    warnings.warn(
        f"mixlib: compiled code cannot be written to {', '.join(refused)}; it {what}. Set NUMBA_CACHE_DIR to a folder "
        "that can be written",
        RuntimeWarning,
        stacklevel=level,
    )
