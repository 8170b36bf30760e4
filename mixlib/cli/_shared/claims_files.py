"""Two files of claims side by side: verdicts, numbers, claims that came and went, failed pages, versions, machines."""

from mixlib.reported import as_reported, differing, other_text


class Reported(str):
    """A number that is already text with its tolerance, as a lock holds it."""


def from_lock(text):
    """The claims of a ``findings.lock`` in the form of a ``claims.json``.

    Its lines are ``claim ID: verdict = WORD``, ``claim ID: NAME = NUMBER±TOLERANCE``, the same with ``page NAME`` for
    numbers in prose, and ``used PACKAGE = VERSION``.

    Raises
    ------
    ValueError
        If a line has another form, or if there is no verdict at all.

    Examples
    --------
    >>> from_lock("claim a: verdict = holds\\nclaim a: n = 7\\n")["claims"]
    [{'id': 'a', 'numbers': {'n': '7'}, 'verdict': 'holds'}]
    """
    claims, pages, packages = {}, {}, {}
    for line in filter(None, text.splitlines()):
        key, equals, value = line.partition(" = ")
        kind, _, name = key.partition(" ")
        if line.startswith("#") or kind not in ("claim", "page", "used"):
            continue
        if not equals:
            raise ValueError(f"a line without a value: {line!r}")
        id, _, number = name.partition(": ")
        if kind == "used" and "/" not in name:  # files have another meaning in another checkout
            packages[name] = value
        elif kind == "page":
            pages.setdefault(id, {"numbers": {}})["numbers"][number] = value
        elif kind == "claim":
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
    return {"claims": list(claims.values()), "pages": pages, "environment": settings | {"packages": packages}}


def lines_of(file):
    """Key to text of each verdict and number, as in a lock: what is measured anew, or pending, has none."""
    from mixlib.claims import PENDING

    lines = {}
    for claim in file["claims"]:
        if claim["verdict"] == PENDING:
            continue
        lines[f"claim {claim['id']}: verdict"] = claim["verdict"]
        for name, value in claim.get("numbers", {}).items():
            if name not in claim.get("measured", ()):
                lines[f"claim {claim['id']}: {name}"] = value if isinstance(value, Reported) else as_reported(value)
    for page, found in file.get("pages", {}).items():
        lines |= {f"page {page}: {name}": text for name, text in found["numbers"].items()}
    return lines


def compare(old, new, tolerance=1.0):
    """What differs between two ``claims.json``, as they are read; a build holds its findings against a lock likewise.

    Parameters
    ----------
    old, new : dict
        ``{"claims": [...], "pages": {...}, "environment": {...}}``; numbers in prose stand with the pages, and are
        compared where both files have some.
    tolerance : float, default=1.0
        How far a number may move, in tenths of its last shown digit; larger values hide more.

    Returns
    -------
    dict
        ``verdicts``, ``numbers`` and ``environment`` as lists of ``{"what", "old", "new"}`` (numbers also ``"name"``,
        and both ``"because"``: the packages that the page uses and that changed); ``came`` and ``went`` as lists of
        claims and pages; ``failed`` as a list of ``{"page", "where", "what"}``, a row for each cell; ``not_compared``
        as a list of ``{"page", "why"}``.
    """
    before, after, pages, states = lines_of(old), lines_of(new), new.get("pages", {}), _states(old)
    came, went = _came_and_went(before, after, old, new)
    # of what came or went as a whole, and of files that know nothing of prose, the lines are no differences
    apart = {*came, *went, *(() if old.get("pages") and pages else ("page",))}
    before, after = (
        {key: text for key, text in lines.items() if not apart & {_subject(key), key.partition(" ")[0]}}
        for lines in (before, after)
    )
    page_of = {claim["id"]: claim.get("page") for claim in new["claims"]}
    page_of = {key: page_of.get(_subject(key), _subject(key).removeprefix("page ")) for key in {**before, **after}}
    failed = {page: found["errors"] for page, found in pages.items() if found.get("errors")}
    elsewhere = other_text({page: _text_from(found) for page, found in pages.items()}, states)
    record = {"verdicts": [], "numbers": []}
    for key, was, now in differing(before, after, page_of, elsewhere=elsewhere, failed=failed, factor=tolerance):
        uses = pages.get(page_of[key], {}).get("packages", {})
        row = _difference(_subject(key), was, now)
        row["because"] = [package for package, state in uses.items() if states.get(package) != state]
        if _is_verdict(key):
            record["verdicts"].append(row)
        else:
            record["numbers"].append(row | {"name": key.partition(": ")[2]})
    return record | {
        "came": came,
        "went": went,
        "failed": [{"page": page, **error} for page, errors in failed.items() for error in errors],
        "not_compared": [{"page": page, "why": why} for page, why in elsewhere.items()],
        "environment": list(_environment(old, new)),
    }


def same(differences):
    """Whether no verdict and no number differs or is missing: other versions, and claims that came, are no fault."""
    return not any(differences[key] for key in ("verdicts", "numbers", "went", "failed"))


def told(differences):
    """The result of `compare` as lines of text."""
    for row in differences["failed"]:
        yield f"failed   {row['where']}: {row['what']}"
    for row in differences["verdicts"]:
        yield f"verdict  {row['what']}: {row['old']} -> {row['new']}{_because(row)}"
    for row in differences["numbers"]:
        was, now = (row[side] or "nothing" for side in ("old", "new"))
        yield f"number   {row['what']}: {row['name']}: {was} -> {now}{_because(row)}"
    for key in ("came", "went"):
        yield from (f"{key}     {id}" for id in differences[key])
    for row in differences["not_compared"]:
        yield f"page     {row['page']}: its numbers were not compared, {row['why']}"
    for row in differences["environment"]:
        yield f"made on  {row['what']}: {row['old'] or 'nothing'} -> {row['new'] or 'nothing'}"


def markdown(differences):
    """The result of `compare` as Markdown for an issue or a pull request: what moved first, then what was made on.

    Names and values stand in code spans, so that nothing in them is taken for markup.
    """
    counts = ", ".join(
        f"{len(differences[key])} {what}"
        for key, what in (
            ("verdicts", "verdicts differ"),
            ("numbers", "numbers differ"),
            ("went", "claims are gone"),
            ("failed", "cells failed"),
        )
        if differences[key] or key in ("verdicts", "numbers")
    )
    yield f"{counts}." if same(differences) else f"**{counts}.**"
    for title, rows, head in (
        (
            "Pages that failed",
            [(row["page"], row["where"], row["what"]) for row in differences["failed"]],
            ("page", "cell", "error"),
        ),
        (
            "Verdicts",
            [(row["what"], row["old"], row["new"], _named(row)) for row in differences["verdicts"]],
            ("claim", "was", "is", "what it uses that changed"),
        ),
        (
            "Numbers",
            [(f"{row['what']}: {row['name']}", row["old"], row["new"], _named(row)) for row in differences["numbers"]],
            ("number", "was", "is", "what it uses that changed"),
        ),
        ("Claims that came", [(id,) for id in differences["came"]], ("claim",)),
        ("Claims that went", [(id,) for id in differences["went"]], ("claim",)),
        (
            "Pages whose numbers were not compared",
            [(row["page"], row["why"]) for row in differences["not_compared"]],
            ("page", "why"),
        ),
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


def _named(row):
    return ", ".join(row["because"]) or None


def _because(row):
    return f" (changed: {_named(row)})" if row["because"] else ""


def _came_and_went(before, after, old, new):
    """Claims, and pages with numbers, of which one side holds nothing."""
    ids = [{_subject(key) for key in lines if _is_verdict(key)} for lines in (before, after)]
    came, went = sorted(ids[1] - ids[0]), sorted(ids[0] - ids[1])
    if old.get("pages") and not new.get("pages"):
        went.append("all numbers in prose: build the book again")
    elif old.get("pages"):
        known = {*old["pages"], *(claim.get("page") for claim in new["claims"] if claim["id"] in ids[0])}
        came += [f"page {page}" for page, found in new["pages"].items() if found["numbers"] and page not in known]
    return came, went


def _text_from(found):
    return {name: found.get("packages", {}).get(name) for name in found.get("text_from", ())}


def _is_verdict(key):
    return key.startswith("claim ") and key.endswith(": verdict")


def _subject(key):
    """What a line is about: the id of a claim, or ``page NAME``."""
    return key.removeprefix("claim ").partition(": ")[0]


def _used(file):
    return {name: state for page in file.get("pages", {}).values() for name, state in page.get("packages", {}).items()}


def _states(file):
    """Package or setting to its version: that of the pages' runs, which may come from another machine."""
    environment = file.get("environment", {})
    return {**environment, **environment.get("packages", {}), **_used(file), "packages": None}


def _environment(old, new):
    """What both were made with where it differs; packages also where one of them did without."""
    before, after = _states(old), _states(new)
    packages = old.get("environment", {}).get("packages", {})
    for name in dict.fromkeys([*before, *_used(new)]):
        if before.get(name) != after.get(name) and (name in packages or name in after):
            yield _difference(name, before.get(name), after.get(name))


def _difference(what, old, new):
    return {"what": what, "old": old, "new": new}
