"""What each page costs: ``book/costs.lock`` lets the longest page start first where none ever ran."""

import math

from mixbook.build.pages import BOOK, write_atomically

LOCK = BOOK / "costs.lock"
HEAD = """\
# Processor seconds of each page, to a power of two: the longest page starts first, on a first run too.
# Written by `make accept`, where a page has come to cost more than twice or less than half of what stands here.
"""


def read(lock=LOCK):
    """Page name to processor seconds; empty without a lock."""
    if not lock.is_file():
        return {}
    rows = (line for line in lock.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {name: int(seconds) for name, seconds in (row.split(" = ") for row in rows)}


def write(seconds, lock=LOCK):
    """Write the lock for pages that took so many processor ``seconds`` (a dict); what is about right stays.

    Pages that compute nothing are left out: they wait for no other.
    """
    known = read(lock)
    rows = [f"{name} = {rounded(spent, known.get(name))}\n" for name, spent in sorted(seconds.items()) if spent >= 0.1]
    write_atomically(lock, HEAD + "".join(rows))


def longest_first(pages, store, lock=LOCK):
    """The pages in the order to start them, so that none is left to run alone at the end.

    What a page cost is known from its last run, else from the lock. A page that neither knows may be the longest.
    """
    accepted = read(lock)

    def cost(page):
        run = store.newest(page)
        seconds = accepted.get(page.name, math.inf) if run is None else run.cpu_seconds
        return seconds, page.path.stat().st_size

    return sorted(pages, key=cost, reverse=True)


def rounded(seconds, known=None):
    """Processor seconds to a power of two, or what was ``known`` while that is about right."""
    if known and known / 2 <= seconds <= 2 * known:
        return known
    return 2 ** max(round(math.log2(max(seconds, 1))), 0)
