"""The record of a search that says what it confirms: how many predicates, and whether each is confirmed."""

import re

ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)]|\|)\s*(.+)$", re.MULTILINE)
PREDICATE = re.compile(r"\b(?:predicate|P\d+)\b", re.IGNORECASE)
CONFIRMED = re.compile(r"(?<!not )\bconfirmed\b|✓|✔|✅", re.IGNORECASE)


def confirmed(text):
    """The items of a record that state a predicate, each with whether it is called confirmed.

    Parameters
    ----------
    text : str
        Markdown: a list or a table with a line a predicate.

    Returns
    -------
    dict of str to bool
        "Confirms three predicates" holds if there are three and all are true.
    """
    items = (found[1].strip(" |") for found in ITEM.finditer(text))
    return {item: bool(CONFIRMED.search(item)) for item in items if PREDICATE.search(item)}
