"""What an installation needs and has: each check says in a line what it found, and in another what mends it."""

import importlib
import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import mixlib
from mixlib.extras import INDEX_NAMES

OK, OPTIONAL, BROKEN = "ok", "optional", "broken"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
LEAST_SPACE, ENOUGH_SPACE = 2**26, 2**30  # compiled code takes some megabytes, traces and checkpoints far more
DEVELOPMENT = {"book", "test"}  # extras of who works on the project
MODULES = {"array-api-compat": "array_api_compat", "lazy-loader": "lazy_loader", "pyyaml": "yaml"}
MODULES |= {"pot": "ot", "scikit-learn": "sklearn"}
NAMED = re.compile(r"([\w.-]+)\s*([^;]*)(?:;(.*))?")


class Found(NamedTuple):
    """What a check found.

    Attributes
    ----------
    name : str
        What was looked at.
    status : {"ok", "optional", "broken"}
        Whether it is as it should be; else whether something works without it.
    said : str
        What is there, in a line.
    fix : str
        What to type or do; empty where nothing is wrong.
    """

    name: str
    status: str
    said: str
    fix: str = ""


def python():
    """The interpreter, by the range that the package declares."""
    said = f"{platform.python_version()}, {platform.system()} {platform.machine()}"
    needed = _declared("Requires-Python") or [""]
    if _fits(platform.python_version(), needed[0]) is False:
        return Found(
            "Python", BROKEN, f"{said}; {needed[0]} is needed", "make an environment with a Python of that range"
        )
    return Found("Python", OK, said)


def library():
    """mixlib itself: which of the copies that may be there runs."""
    place = Path(mixlib.__file__).parent
    try:
        installed = importlib.metadata.version("mixlib")
    except importlib.metadata.PackageNotFoundError:
        return Found("mixlib", OPTIONAL, f"{mixlib.__version__}, used from {place}, not installed", "pip install .")
    if installed != mixlib.__version__:
        said = f"{mixlib.__version__} runs from {place}, {installed} is installed"
        return Found("mixlib", OPTIONAL, said, "pip install . in the checkout that you use")
    return Found("mixlib", OK, f"{installed}, {place}")


def dependencies():
    """What the package cannot do without: there, in the declared range, and fit to be imported."""
    for requirement in _declared("Requires-Dist"):
        name, specifier, marker = NAMED.match(requirement).groups()
        if marker is None or "extra" not in marker:
            yield _package(name, specifier.strip(), BROKEN)


def extras():
    """What parts of the package need, an extra a line."""
    grouped = {}
    for requirement in _declared("Requires-Dist"):
        name, specifier, marker = NAMED.match(requirement).groups()
        if marker and (extra := re.search(r"extra == ['\"](\w+)['\"]", marker)):
            grouped.setdefault(extra[1], []).append((name, specifier.strip()))
    for extra in sorted(set(grouped) - DEVELOPMENT):
        each = [_package(name, specifier, OPTIONAL, load=False) for name, specifier in grouped[extra]]
        lacking = [found for found in each if found.status != OK]
        said = ", ".join(f"{found.name} {found.said}" for found in each)
        fix = "pip install " + " ".join(found.fix.removeprefix("pip install ") for found in lacking) if lacking else ""
        yield Found(f"extra {extra}", OPTIONAL if lacking else OK, said, fix)


def torch():
    """torch and what it computes on."""
    if importlib.util.find_spec("torch") is None:
        return Found("GPU", OPTIONAL, "not looked for without torch", "pip install torch")
    try:
        import torch
    except Exception as error:  # a library of the system is missing, or one of another version is there
        return Found("torch", BROKEN, f"does not load: {_line(error)}", "pip install --force-reinstall torch")
    if torch.cuda.is_available():
        device = torch.cuda.get_device_properties(0)
        more = f" and {torch.cuda.device_count() - 1} more" if torch.cuda.device_count() > 1 else ""
        return Found("GPU", OK, f"{device.name}, {device.total_memory / 2**30:.0f} GB{more}, torch {torch.__version__}")
    return Found("GPU", OK, f"none that torch {torch.__version__} finds; everything runs on the processor")


def compiled_code():
    """How much of the code that is compiled at first calls is compiled already."""
    try:
        from mixlib.cli._shared import ahead

        functions, folder = ahead.functions(), ahead.folder()
    except Exception as error:
        return Found("compiled code", BROKEN, f"numba does not load: {_line(error)}", "pip install --upgrade numba")
    place = _existing(folder)
    if not os.access(place, os.W_OK):
        said = f"{folder} may not be written: each process compiles anew, some seconds"
        return Found("compiled code", OPTIONAL, said, "set NUMBA_CACHE_DIR to a folder that you may write")
    count = sum(bool(ahead.kept(function)) for function in functions.values())
    said = f"{count} of {len(functions)} functions, in {folder}"
    short = count < len(functions)
    return Found("compiled code", OPTIONAL if short else OK, said, "mixlib doctor --compile" if short else "")


def browser():
    """A browser for whoever looks at pages in it: only the checks of a site and its reports need one."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        fix = "apt-get install chromium fonts-dejavu-core, or your system's own"
        return Found("Chromium", OPTIONAL, "not found; only checks of pages in a browser need it", fix)
    fonts = shutil.which("fc-list")
    if fonts and not subprocess.run([fonts], capture_output=True, text=True, check=False).stdout.strip():
        return Found("Chromium", OPTIONAL, f"{path}, but the system has no fonts", "apt-get install fonts-dejavu-core")
    return Found("Chromium", OK, path)


def space():
    """Room for compiled code, temporary files and results."""
    wanted = {"temporary files": Path(tempfile.gettempdir()), "this folder": Path.cwd()}
    free = {name: shutil.disk_usage(_existing(path)).free for name, path in wanted.items()}
    name = min(free, key=free.get)
    said = f"{free[name] / 1e9:,.1f} GB free for {name}, {wanted[name]}"
    if free[name] < LEAST_SPACE:
        return Found("disk", BROKEN, said, "make room there, or set TMPDIR to another folder")
    if free[name] < ENOUGH_SPACE:
        return Found("disk", OPTIONAL, said, "make room before you write traces or checkpoints")
    return Found("disk", OK, said)


def every():
    """All checks, one after the other."""
    yield python()
    yield library()
    yield from dependencies()
    yield from extras()
    yield torch()
    yield compiled_code()
    yield browser()
    yield space()


def _declared(field):
    try:
        return importlib.metadata.metadata("mixlib").get_all(field) or []
    except importlib.metadata.PackageNotFoundError:
        return []


def _package(name, specifier, otherwise, load=True):
    fix = f"pip install '{name}{specifier}'"
    module = MODULES.get(name.lower().replace("_", "-"), name.lower().replace("-", "_"))
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Found(INDEX_NAMES.get(module, name), otherwise, "is not installed", fix)
    if _fits(version, specifier) is False:
        return Found(name, otherwise, f"{version}, {specifier} is needed", fix)
    try:
        if load:
            importlib.import_module(module)
    except Exception as error:
        return Found(name, otherwise, f"{version} does not load: {_line(error)}", f"{fix} --force-reinstall")
    return Found(name, OK, version)


def _fits(version, specifier):
    """Whether a version lies in a range; None where nothing can tell, for ``packaging`` is no need of ours."""
    try:
        from packaging.specifiers import SpecifierSet
    except ImportError:
        return None
    return SpecifierSet(specifier).contains(version, prereleases=True)


def _existing(path):
    """The path, or the nearest folder above it that is there."""
    return next(each for each in (path, *path.absolute().parents) if each.exists())


def _line(error):
    return next(iter(str(error).splitlines()), "") or type(error).__name__
