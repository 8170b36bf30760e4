"""Two files of claims side by side: verdicts, numbers, claims that came and went, versions and machines."""

from mixlib.reported import as_reported, moved


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


def _numbers(id, before, after, tolerance):
    old, new = (claim.get("numbers", {}) for claim in (before, after))
    measured = {*before.get("measured", ()), *after.get("measured", ())}  # timings and the like
    for name in dict.fromkeys([*old, *new]):
        if name in measured:
            continue
        values = [as_reported(side[name]) if name in side else None for side in (old, new)]
        if None in values or moved(*values, factor=tolerance):
            yield _difference(id, *values) | {"name": name}


def _environment(old, new):
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _environment(before, after)
        elif before != after:
            yield _difference(name, before, after)


def _difference(what, old, new):
    return {"what": what, "old": old, "new": new}
