"""Two files of claims side by side: verdicts, numbers, claims that came and went, versions and machines."""

from mixlib.reported import as_reported, moved


class Reported(str):
    """A number that is already text with its tolerance, as a lock holds it."""


def from_lock(text):
    """The claims of a ``findings.lock`` in the form of a ``claims.json``.

    Its lines are ``claim ID: verdict = WORD``, ``claim ID: NAME = NUMBER±TOLERANCE`` and ``used PACKAGE = VERSION``.

    Raises
    ------
    ValueError
        If a line has another form, or if there is no verdict at all.

    Examples
    --------
    >>> from_lock("claim a: verdict = holds\\nclaim a: n = 7\\n")["claims"]
    [{'id': 'a', 'numbers': {'n': '7'}, 'verdict': 'holds'}]
    """
    claims, packages = {}, {}
    for line in filter(None, text.splitlines()):
        key, equals, value = line.partition(" = ")
        kind, _, name = key.partition(" ")
        if line.startswith("#") or kind not in ("claim", "used"):
            continue
        if not equals:
            raise ValueError(f"a line without a value: {line!r}")
        if kind == "used" and "/" not in name:  # files have another meaning in another checkout
            packages[name] = value
        elif kind == "claim":
            id, _, number = name.partition(": ")
            claim = claims.setdefault(id, {"id": id, "numbers": {}})
            if number == "verdict":
                claim["verdict"] = value
            else:
                claim["numbers"][number] = Reported(value)
    if not claims:
        raise ValueError("it holds no claims")
    if missing := [id for id, claim in claims.items() if "verdict" not in claim]:
        raise ValueError(f"it holds no verdict of {missing[0]}")
    settings = {name: packages.pop(name) for name in ("python", "machine") if name in packages}
    return {"claims": list(claims.values()), "environment": settings | {"packages": packages}}


def compare(old, new, tolerance=1.0):
    """What differs between two ``claims.json``, as they are read.

    Parameters
    ----------
    old, new : dict
        ``{"claims": [...], "environment": {...}}``.
    tolerance : float, default=1.0
        How far a number may move, in tenths of its last shown digit; larger values hide more.

    Returns
    -------
    dict
        ``verdicts``, ``numbers`` and ``environment`` as lists of ``{"what", "old", "new"}`` (numbers also ``"name"``);
        ``came`` and ``went`` as lists of ids.
    """
    before, after = ({claim["id"]: claim for claim in file["claims"]} for file in (old, new))
    both = [id for id in after if id in before]
    return {
        "verdicts": [
            _difference(id, before[id]["verdict"], after[id]["verdict"])
            for id in both
            if before[id]["verdict"] != after[id]["verdict"]
        ],
        "numbers": [row for id in both for row in _numbers(id, before[id], after[id], tolerance)],
        "came": [id for id in after if id not in before],
        "went": [id for id in before if id not in after],
        "environment": list(_environment(old.get("environment", {}), new.get("environment", {}))),
    }


def told(differences):
    """The result of `compare` as lines of text."""
    for row in differences["verdicts"]:
        yield f"verdict  {row['what']}: {row['old']} -> {row['new']}"
    for row in differences["numbers"]:
        yield f"number   {row['what']}: {row['name']}: {row['old']} -> {row['new']}"
    for key in ("came", "went"):
        yield from (f"{key}     {id}" for id in differences[key])
    for row in differences["environment"]:
        yield f"made on  {row['what']}: {row['old']} -> {row['new']}"


def markdown(differences):
    """The result of `compare` as Markdown for an issue or a pull request: what moved first, then what was made on.

    Names and values stand in code spans, so that nothing in them is taken for markup.
    """
    counts = f"{len(differences['verdicts'])} verdicts and {len(differences['numbers'])} numbers differ."
    yield f"**{counts}**" if differences["verdicts"] else counts
    for title, rows, head in (
        (
            "Verdicts",
            [(row["what"], row["old"], row["new"]) for row in differences["verdicts"]],
            ("claim", "was", "is"),
        ),
        (
            "Numbers",
            [(f"{row['what']}: {row['name']}", row["old"], row["new"]) for row in differences["numbers"]],
            ("number", "was", "is"),
        ),
        ("Claims that came", [(id,) for id in differences["came"]], ("claim",)),
        ("Claims that went", [(id,) for id in differences["went"]], ("claim",)),
        (
            "Made with",
            [(row["what"], row["old"], row["new"]) for row in differences["environment"]],
            ("package or setting", "was", "is"),
        ),
    ):
        if rows:
            yield f"\n### {title}\n\n| {' | '.join(head)} |\n|{'---|' * len(head)}"
            yield from (f"| {' | '.join(map(_code, row))} |" for row in rows)


def _code(value):
    text = "none" if value is None else str(value).replace("|", "\\|").replace("`", "'").replace("\n", " ")
    return f"`{text}`"


def _numbers(id, before, after, tolerance):
    old, new = (claim.get("numbers", {}) for claim in (before, after))
    measured = {*before.get("measured", ()), *after.get("measured", ())}  # timings and the like
    for name in dict.fromkeys([*old, *new]):
        if name in measured:
            continue
        values = [_reported(side[name]) if name in side else None for side in (old, new)]
        if None in values or moved(*values, factor=tolerance):
            yield _difference(id, *values) | {"name": name}


def _reported(value):
    return value if isinstance(value, Reported) else as_reported(value)


def _environment(old, new):
    for name in (name for name in old if name in new):
        before, after = old[name], new[name]
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _environment(before, after)
        elif before != after:
            yield _difference(name, before, after)


def _difference(what, old, new):
    return {"what": what, "old": old, "new": new}
