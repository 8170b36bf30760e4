"""Packages that only parts of mixlib need, and the command that installs one that is missing."""

import re
from contextlib import contextmanager

EXTRAS = {  # package: extra that has it
    "torch": "torch",
    "pyarrow": "parquet",
    "transformers": "hf",
    "dask": "cluster",
    "distributed": "cluster",
    "ot": "transport",
    "cantera": "chemistry",
}
INDEX_NAMES = {"ot": "POT"}  # where an index calls a package otherwise than Python does


def missing(package, what):
    """An ImportError that says what needs the package, and the command that installs it, from a checkout or not."""
    name = INDEX_NAMES.get(package, package)
    needs = " ".join(f"'{requirement}'" for requirement in _requirements(EXTRAS[package]) or [name])
    return ImportError(f"{what} needs the package {name}, which is not installed: pip install {needs}", name=package)


def explained(error, what):
    """The same for a ModuleNotFoundError; any other error as it is."""
    package = (getattr(error, "name", None) or "").partition(".")[0]
    known = isinstance(error, ModuleNotFoundError) and package in EXTRAS
    return missing(package, what) if known else error


@contextmanager
def needed_by(what):
    """Imports inside that fail say that ``what`` needs the package, and how to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise explained(error, what) from error


def hinting(names):
    """A module's ``__getattr__`` whose failed imports say how to install what is missing."""

    def get(name):
        with needed_by(name):
            return names(name)

    return get


def _requirements(extra):
    """What the extra adds, as ``pyproject.toml`` says it: names that an index knows, unlike mixlib itself."""
    from importlib import metadata  # a tenth of a second, which only a failure should cost

    try:
        lines = metadata.requires("mixlib") or []
    except metadata.PackageNotFoundError:  # used from its source, not installed
        return []
    of_extra = [line.partition(";")[0].strip() for line in lines if re.search(rf"extra == ['\"]{extra}['\"]", line)]
    return sorted(of_extra)
