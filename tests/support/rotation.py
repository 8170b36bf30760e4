"""Which part of a long check `make test` runs: a sample that each change of the sources draws anew.

`pytest --audit` runs everything. Otherwise the seed is a hash of the sources: the same tree draws the same sample, so
nothing is red once and green the next time.
"""

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("mixlib", "book", "tests")

whole = False  # set by --audit
chosen = None  # the seed of this run, set by conftest.py


def seed(root=ROOT):
    """A short hash of the names and the contents of all sources."""
    found = hashlib.sha256()
    for path in sorted(path for folder in SOURCES for path in (root / folder).rglob("*") if path.is_file()):
        name = path.relative_to(root)
        if not any(part.startswith((".", "_build", "__pycache__")) for part in name.parts):
            found.update(f"{name.as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()[:12]


def shuffled(names, of=str):
    """All of ``names``, in the order that the seed gives; ``of`` is what to call one of them."""
    if chosen is None:
        raise RuntimeError("drawn before pytest has read its options: draw in a test module, not in a conftest.py")
    return sorted(names, key=lambda name: hashlib.sha256(f"{chosen} {of(name)}".encode()).digest())


def draw(names, count, of=str):
    """So many of ``names`` as the seed chooses, in their own order; all of them under ``--audit``."""
    names = list(names)
    drawn = names if whole else shuffled(names, of)[:count]
    return [name for name in names if name in drawn]
