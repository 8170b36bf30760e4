"""The registry of claims: each says what is claimed, by whom, which page looks into it, and the verdict expected."""

import hashlib
import json
import tomllib
from pathlib import Path

import yaml

VERDICTS = ("holds", "corrected", "fails", "not-reproduced", "open")
FIELDS = ("id", "part", "statement", "source", "page", "expected")
WORDS = ("quote", "statement", "criterion", "finding")  # what readers see; a run does not depend on them

_in_use = {}  # what use_registry() was given, by id; empty: a file is looked for


def load_registry(path=None):
    """The registry of claims, read and checked.

    Parameters
    ----------
    path : None or path, default=None
        The YAML file; ``None`` is what :func:`use_registry` was given, else the nearest ``claims.yml`` at or above the
        working folder, or the file that the nearest ``pyproject.toml`` gives as ``claims`` in ``[tool.mixlib]``.

    Returns
    -------
    dict
        Claim id to its entry, in the file's order.

    Raises
    ------
    ValueError
        If there is no such file, or a claim lacks a field, has an unknown verdict word, or comes twice.

    Examples
    --------
    >>> from pathlib import Path
    >>> from mixlib.claims import load_registry
    >>> fields = "part: seam, statement: It is so., source: {document: A}, page: seam, expected: open"
    >>> _ = Path("claims.yml").write_text(f"- {{id: it.is-so, {fields}}}")
    >>> list(load_registry("claims.yml"))
    ['it.is-so']
    """
    if path is None and _in_use:
        return dict(_in_use)
    path = _nearest_registry() if path is None else Path(path)
    try:
        rows = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"{path}: not a readable registry of claims ({error})") from error
    return _checked(rows, path)


def use_registry(rows):
    """A registry for this process, where there is no file of them: a notebook on its own.

    Parameters
    ----------
    rows : list of dict
        The entries as they stand in a ``claims.yml``; they replace those of an earlier call.

    Raises
    ------
    ValueError
        As in :func:`load_registry`.

    Examples
    --------
    >>> from mixlib import claims
    >>> source = {"document": "A", "section": "Journeys"}
    >>> row = {"id": "journey.outside", "part": "domains", "statement": "It is outside.", "source": source}
    >>> claims.use_registry([row | {"page": "journey", "expected": "holds"}])
    >>> claims.verify("journey.outside", stated=True).verdict
    'holds'
    """
    entries = _checked(rows, "rows")
    _in_use.clear()
    _in_use.update(entries)


def fingerprint(entry):
    """A hash of a registry entry without its wording: evidence is out of date when what it was held against changed.

    Parameters
    ----------
    entry : dict
        One claim as it stands in the registry.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> from mixlib.claims import fingerprint
    >>> fingerprint({"id": "a", "expected": "holds"}) == fingerprint({"expected": "holds", "id": "a"})
    True
    >>> fingerprint({"id": "a", "finding": "It is so."}) == fingerprint({"id": "a"})
    True
    """
    kept = {key: value for key, value in entry.items() if key not in WORDS}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()


def _checked(rows, path):
    """The entries by id; ``path`` is what messages call their source."""
    if not isinstance(rows, list):
        raise ValueError(f"{path}: expected a list of claims, got {type(rows).__name__}; begin each claim with '- id:'")
    entries = {}
    for number, row in enumerate(rows, 1):
        missing = [field for field in FIELDS if not (isinstance(row, dict) and row.get(field))]
        if missing:
            name = row.get("id", f"number {number}") if isinstance(row, dict) else f"number {number}"
            raise ValueError(f"{path}: claim {name} lacks {', '.join(missing)}; every claim has {', '.join(FIELDS)}")
        if row["expected"] not in VERDICTS:
            raise ValueError(
                f"{path}: claim {row['id']} expects {row['expected']!r}; the verdicts are {', '.join(VERDICTS)}"
            )
        if row["id"] in entries:
            raise ValueError(f"{path}: claim {row['id']} stands twice; give one of them another id")
        entries[row["id"]] = row
    return entries


def _nearest_registry():
    """The nearest ``claims.yml``, or else the file that a ``pyproject.toml`` names, at or above the working folder."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "claims.yml").is_file():
            return folder / "claims.yml"
        if (folder / "pyproject.toml").is_file():
            settings = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8")).get("tool", {})
            if named := settings.get("mixlib", {}).get("claims"):
                return folder / named
    raise ValueError(
        f"registry: no claims.yml at or above {here}, nor a pyproject.toml there whose [tool.mixlib] says where claims "
        "are; pass registry=PATH or work beside it"
    )
