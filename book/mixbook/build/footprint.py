"""What a page depends on, observed while it runs: modules and files of the project, claims, distributions, the GPU.

A page is up to date while everything in its footprint is as it was. Observing beats reading the imports from the
source: lazy imports, imports inside functions and data files are all seen, and nothing else is.
"""

import functools
import hashlib
import importlib.metadata
import json
import os
import platform
import site
import sys
import sysconfig
from pathlib import Path

MIME = "application/vnd.mixing-book.footprint+json"
NUMBERS = "application/vnd.mixing-book.numbers+json"  # of the prose, which travel beside it
IGNORED = {"_build", "__pycache__", ".git", "claims.yml"}  # claims count one by one, see below
VECTORS = {"avx512f": "AVX-512", "avx2": "AVX2", "avx": "AVX"}  # the widest first
OURS = Path("book", "mixbook", "build")  # what runs the pages is no part of them
KERNEL = Path(__file__).with_name("kernel.py")

_opened = set()


def watch():
    """Start to note every file that this process opens for reading."""

    def note(event, arguments):
        if event == "open" and isinstance(arguments[0], str) and "r" in (arguments[1] or "r"):
            _opened.add(arguments[0])

    sys.addaudithook(note)


def report(root):
    """What the process has touched and the processor time that it took, as JSON through a private mime type."""
    root = Path(root).resolve()
    modules = {getattr(module, "__file__", None) or "" for module in list(sys.modules.values())}
    looked_into, listed = _registries()
    paths = {os.path.abspath(path) for path in (_opened - looked_into) | modules | listed if path}
    claims = sys.modules.get("mixlib.claims")
    torch = sys.modules.get("torch")
    return {
        "files": sorted(filter(None, (_inside(root, path) for path in paths))),
        "claims": {id: claims.fingerprint(entry) for id, entry in claims.verified().items()} if claims else {},
        "distributions": sorted(set(_distributions(paths))),
        "gpu": torch is not None and torch.cuda.is_available(),
        "cpu_seconds": round(sum(os.times()[:4]), 1),
    }


def _registries():
    """Sources that were read for a name that they don't define, and folders of which all modules were asked for."""
    registry = sys.modules.get("mixlib.registry")
    return (registry.LOOKED_INTO, registry.LISTED) if registry else (set(), set())


def _inside(root, path):
    try:
        relative = Path(path).relative_to(root)
    except ValueError:
        return None
    installed = str(relative).startswith(".venv")  # distributions count by their versions
    ignored = installed or IGNORED & set(relative.parts) or relative.is_relative_to(OURS)
    return None if ignored or not os.path.exists(path) else relative.as_posix()


def _distributions(paths):
    owners = importlib.metadata.packages_distributions()
    roots = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()}
    for path in paths:
        for folder in roots:
            if path.startswith(folder + os.sep):
                top = path[len(folder) + 1 :].split(os.sep)[0].split(".")[0]
                yield from owners.get(top, [])


def stamp(root, seen, claims, known=None):
    """The state of all that ``seen`` (a report) names; equal stamps mean that nothing has changed.

    ``claims`` maps ids to fingerprints. ``known`` maps files to hashes that were taken earlier: a file that changes
    while its page runs must count as changed.
    """
    known = known or {}
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "kernel": file_hash(KERNEL),
        "files": {name: known.get(name) or file_hash(Path(root) / name) for name in seen["files"]},
        "claims": {id: claims.get(id) for id in seen["claims"]},
        "distributions": {name: version(name) for name in seen["distributions"]},
        "gpu": gpu() if seen["gpu"] else None,
    }


def of_project(stamp):
    """The part of a stamp that does not depend on the machine and on what is installed there."""
    return {key: stamp[key] for key in ("kernel", "files", "claims")}


def differences(old, new):
    """The names whose state differs between two stamps, for people."""
    changed = [key for key in ("python", "machine", "kernel", "gpu") if old.get(key) != new.get(key)]
    for key in ("files", "claims", "distributions"):
        before, after = old.get(key, {}), new.get(key, {})
        changed += sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return changed


@functools.cache
def version(name):
    """The installed version of a distribution, or None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


@functools.cache
def gpu():
    """The name of the first CUDA device, or None."""
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else None


@functools.cache
def where():
    """What this machine is, in words that a reader can use: system, processor and Python."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
    }


def _processor(cpuinfo=Path("/proc/cpuinfo")):
    """The name of the processor and its widest vectors, which decide how sums are rounded: ``AMD EPYC, AVX2``.

    Linux alone tells both in a file; elsewhere Python may know the name.
    """
    try:
        lines = [line.partition(":") for line in cpuinfo.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return platform.processor()
    first = {}
    for key, _, value in lines:
        first.setdefault(key.strip(), value.strip())
    flags = first.get("flags", "").split()
    vectors = next((name for flag, name in VECTORS.items() if flag in flags), None)
    return ", ".join(filter(None, (first.get("model name") or platform.processor(), vectors)))


def file_hash(path):
    """The SHA-256 of a file's content, of a folder that of the names of its modules; None where there is nothing."""
    path = Path(path)
    try:
        modules = sorted(found.name for found in path.glob("*.py")) if path.is_dir() else None
        return hashlib.sha256(path.read_bytes() if modules is None else repr(modules).encode()).hexdigest()
    except OSError:
        return None


def digest(value):
    """A short name for any JSON value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:20]
