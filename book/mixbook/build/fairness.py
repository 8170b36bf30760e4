"""What a machine can hold of a fair verdict: the words of a row, and the evidence behind one that holds."""

import re

from mixbook.build.located import Mistake

QUOTE_WORDS = 12
ADDED = ("always", "only", "never", "by itself", "solely", "exclusively")  # what a paraphrase likes to add
HEDGES = ("can", "may", "might", "could", "often", "usually", "tend", "mostly", "typically", "routinely", "fragile")
LEAST_SYSTEMS, LEAST_SEEDS = 2, 3  # of a claim that holds without a theorem


def check_words(row, name, place, *, computed):
    """Mistakes in the words of a row of the registry, one with its lines."""

    def wrong(key, what, fix):
        return Mistake(place, row.lines.get(key, row.line), f"{name}: {what}", fix)

    quote, statement, finding = (str(row.get(key) or "") for key in ("quote", "statement", "finding"))
    if not quote:
        yield wrong("quote", "has no quote", f"add the words that make the claim, at most {QUOTE_WORDS}")
        return
    words = len(quote.replace("…", " ").split())
    if words > QUOTE_WORDS:
        yield wrong("quote", f"its quote has {words} words", f"cut it to {QUOTE_WORDS}; an ellipsis joins fragments")
    if added := [word for word in ADDED if _has(statement, word) and not _has(quote, word)]:
        yield wrong("statement", f"says {added[0]!r}, which its quote does not", "take it out, or quote it")
    hedges = [word for word in HEDGES if _has(quote, word)]
    if hedges and not any(_has(statement, word) for word in HEDGES):
        yield wrong("statement", f"drops the quote's {hedges[0]!r}", "say it as carefully as the document does")
    for key in ("criterion", "finding"):
        if computed and not row.get(key):
            yield wrong(key, f"has no {key}", "see CONTRIBUTING.md, how a claim is added")
    if computed and finding and "{" not in finding and row.get("expected") != "open":  # which computed nothing
        yield wrong("finding", "its finding has no number of the evidence", "name one in braces: {gap:.2f}")


def check_evidence(evidence):
    """What the evidence of a verdict lacks, as (what, fix)."""
    settings = evidence.get("settings") or {}
    systems, seeds = settings.get("systems"), evidence.get("seeds") or []
    if evidence["verdict"] == "open" and settings.get("missing"):
        return
    if not systems:
        yield "no systems in its settings", 'pass settings={"systems": [...]}, of an open claim what is "missing"'
        return
    if evidence["verdict"] != "holds" or settings.get("theorem"):
        return
    tried = len(systems) if isinstance(systems, list) else 1
    if tried < LEAST_SYSTEMS or len(set(seeds)) < LEAST_SEEDS:
        has = f"{tried} system{'s' * (tried != 1)} and {len(set(seeds))} seeds"
        yield (
            f"holds by {has}, without a theorem",
            f"try {LEAST_SYSTEMS} systems and {LEAST_SEEDS} seeds, or name the theorem in settings",
        )


def _has(text, word):
    return re.search(rf"\b{word}s?\b", text, re.IGNORECASE) is not None
