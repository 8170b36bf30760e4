"""The ledger: claims and their verdicts, collected from the evidence in the outputs of the pages."""

import collections
import json
import platform
import re

from mixbook.build import footprint, records
from mixbook.build.cards import words
from mixbook.build.located import Mistake
from mixbook.build.pages import BOOK, write_atomically
from mixlib.claims import MIME, PENDING, UNVERIFIED, VERDICTS, format_number, load_registry

PACKAGES = ("mixlib", "numpy", "scipy", "torch", "numba", "POT", "tokenizers", "pandas", "matplotlib")


def claims_of(pages, runs, registry=None):
    """Every claim of the registry with the verdict that its page computed; ``pending`` without a page."""
    registry = load_registry(BOOK / "claims.yml") if registry is None else registry
    found = {}
    for page, run, place, evidence in evidence_of(pages, runs):
        if evidence["id"] not in found and _belongs(registry, evidence, page):
            found[evidence["id"]] = {**evidence, "cell": place, "run": run.facts, "measured": _measured(page, evidence)}
    built = {page.name for page in pages}
    return [_row(entry, found.get(id), built) for id, entry in registry.items()]


def mistakes_of(pages, runs, registry=None, *, other_text=()):
    """What is wrong with the evidence of these pages, as Mistakes: flips, claims without a verdict, or with two.

    ``other_text`` names pages that learned another text than that of the registry's verdicts: a flip is none there.
    """
    registry = load_registry(BOOK / "claims.yml") if registry is None else registry
    places = {}
    for page, _, place, evidence in evidence_of(pages, runs):
        id = evidence["id"]
        if id in places:
            yield Mistake.at(place, f"claim {id} is verified twice, first at {places[id]}", "keep one of them")
        elif not _belongs(registry, evidence, page):
            gives = f"claim {id} is verified here, but claims.yml gives it to {registry[id]['page']!r}"
            yield Mistake.at(place, gives, "change its `page` or move the call")
        elif evidence["verdict"] != registry[id]["expected"] and page.name not in other_text:
            numbers = ", ".join(f"{name} = {format_number(value)}" for name, value in evidence["numbers"])
            yield Mistake.at(
                place,
                f"claim {id}: the evidence says {evidence['verdict']!r}, the registry expects "
                f"{registry[id]['expected']!r}{f' ({numbers})' if numbers else ''}",
                "change `expected` in claims.yml if the evidence is right, else mend what computed it",
            )
        elif why := words(registry[id], evidence)[1]:
            yield Mistake.at(place, f"claim {id}: {why}", "name a number that the page passes to verify")
        places.setdefault(id, place)
    for page in pages:
        if not runs[page.name].errors:  # which would be why
            for id, entry in registry.items():
                if entry["page"] == page.name and id not in places:
                    yield Mistake.at(page.where(0), f"no cell verifies claim {id}", "call verify, or change its `page`")


def evidence_of(pages, runs):
    """What each call of ``verify`` left in the outputs: page, run, place as ``page.md:line``, evidence."""
    for page in pages:
        run = runs[page.name]
        for index, cell in enumerate(run.onto(page.notebook()).cells):
            for output in cell.get("outputs", []):
                evidence = output.get("data", {}).get(MIME)
                if evidence is not None:
                    lines, quoted = cell.source.splitlines(), f"[\"']{re.escape(evidence['id'])}[\"']"
                    line = next((n for n, text in enumerate(lines, 1) if re.search(quoted, text)), 1)
                    yield page, run, page.where(index, line), evidence


def _belongs(registry, evidence, page):
    return registry[evidence["id"]]["page"] == page.name


def _measured(page, evidence):
    """The numbers that the page's front matter says are timings and the like, which no two runs share."""
    names = page.notebook().metadata.get("measured") or ()
    return [name for name, _ in evidence["numbers"] if name in names]


def _row(entry, evidence, built):
    row = {name: entry.get(name) for name in ("id", "part", "quote", "statement", "source", "page", "criterion")}
    word = UNVERIFIED if entry["page"] in built else PENDING
    row |= {"verdict": word, "expected": entry["expected"], "finding": None}
    row |= {"numbers": {}, "seeds": None, "settings": {}}
    if evidence is not None:
        row |= {name: evidence[name] for name in ("verdict", "seeds", "stated", "corrected")}
        row["settings"] = evidence.get("settings") or {}
        row["finding"] = words(entry, evidence)[0]["finding"]
        row["numbers"] = dict(evidence["numbers"])
        row["measured"] = evidence["measured"]
        row["otherwise"] = records.otherwise(entry["id"], entry["page"], evidence["verdict"])
        versions = evidence["run"]["stamp"]["distributions"]
        row["cell"] = evidence["cell"]
        row["versions"] = {name: versions[name] for name in PACKAGES if name in versions}
        row["gpu"] = evidence["run"]["stamp"]["gpu"]
        row["verified_at"] = evidence["run"]["finished"]
    return row


def flipped(claim):
    """Whether a row of the ledger says something else than was expected."""
    return claim["verdict"] not in (PENDING, claim["expected"])


def write_claims(claims, path, distributions=PACKAGES, pages=None):
    """Write ``claims.json``: claims, what ``pages`` found besides, the environment with the ``distributions`` used."""
    environment = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.system(),
        "packages": {name: footprint.version(name) for name in sorted({*PACKAGES, *distributions}, key=str.lower)},
        "gpu": next((claim["gpu"] for claim in claims if claim.get("gpu")), None),
    }
    record = {"claims": claims, "pages": pages or {}, "environment": environment}
    write_atomically(path, json.dumps(record, indent=1, ensure_ascii=False))


def scoreboard(claims):
    """How many claims have each verdict, in the order of the verdicts, those without one last."""
    counts = collections.Counter(claim["verdict"] for claim in claims)
    return {
        word: counts[word]
        for word in (*VERDICTS, UNVERIFIED, PENDING)
        if counts[word] or word not in ("open", UNVERIFIED)
    }
