"""Seams between pages: those of the book, and collections whose authors linked related pages by hand."""

import ast
import importlib.util
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mixlib.seams import find_seams, prose_of, shuffle_terms

PACKAGES = ("sklearn", "scipy")  # whose documentation is a collection
LEAST = 150  # words of a page that takes part
DRAWN = 120  # pages of one draw
SEEDS = tuple(range(5))
SALIENT = (100, 200)
SECTION = re.compile(r"^([A-Z][A-Za-z ]+)\n-{3,}$", re.MULTILINE)
NO_PROSE = ("See Also", "References", "Examples")  # sections left out: the links, names of authors, code
WORD = re.compile(r"[^\W\d_]{3,}")
# pages of the book that speak of all others, or of none
ABOUT_ALL = ("index", "ledger", "journal", "extend", "limits", "references", "api", "seams", "atlas")


@dataclass(frozen=True, eq=False)
class Pages:
    """A collection: the prose of its pages by name, and which pairs of them are linked (n, n)."""

    prose: dict
    linked: Any

    def draw(self, count, rng):
        """Some of the pages, as a collection of its own."""
        kept = np.sort(rng.choice(len(self.prose), min(count, len(self.prose)), replace=False))
        names = np.array(list(self.prose), dtype=object)[kept]
        return Pages({name: self.prose[name] for name in names}, self.linked[np.ix_(kept, kept)])


@cache
def documentation(package):
    """The docstrings of a package's public functions and classes as pages, linked where one says "See Also".

    They are read from its source; nothing of it runs. The links themselves, literature and examples are left out.
    """
    prose, mentions = {}, {}
    root = Path(importlib.util.find_spec(package).origin).parent
    for path in sorted(root.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if {"tests", "_lib", "externals", "_external"} & set(path.parts) or "See Also" not in source:
            continue
        for node in ast.parse(source).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                text, links = _split(ast.get_docstring(node) or "")
                if len(WORD.findall(text)) >= LEAST and node.name not in prose:
                    prose[node.name], mentions[node.name] = text, links
    return Pages(prose, _linked(prose, mentions))


def book_pages(root):
    """The pages of the book that have a subject of their own, linked where one links to the other.

    Parameters
    ----------
    root : Path
        The folder of the pages.
    """
    prose, mentions = {}, {}
    for path in sorted(root.rglob("*.md")):
        name = path.relative_to(root).with_suffix("").as_posix()
        if name.split("/")[-1] in ABOUT_ALL or name.split("/")[0] in (*ABOUT_ALL, "seam") or "/_" in f"/{name}":
            continue
        text = path.read_text(encoding="utf-8")
        prose[name] = prose_of(re.sub(r"(?m)^```\{l0\}\n(.*?)^```", r"\1", text, flags=re.DOTALL))
        targets = re.findall(r"\{doc\}`(?:[^<`]*<)?([^>`]+)>?`", text) + re.findall(r"\]\(([^)#\s]+)\.md", text)
        mentions[name] = {_resolved(target, path.parent, root) for target in targets}
    return Pages(prose, _linked(prose, mentions))


def _resolved(target, folder, root):
    place = root / target.lstrip("/") if target.startswith("/") else folder / target
    return place.resolve().relative_to(root.resolve()).as_posix() if root.resolve() in place.resolve().parents else ""


def _split(docstring):
    """The prose of a docstring, and the names that it tells to see also."""
    head, *rest = SECTION.split(docstring)
    sections = dict(zip(rest[::2], rest[1::2], strict=True))
    links = re.findall(r"^([\w., ]+?)(?:\s*:.*)?$", sections.get("See Also", ""), re.MULTILINE)
    names = {name.strip().split(".")[-1] for line in links for name in line.split(",")}
    text = "\n".join([head, *(body for title, body in sections.items() if title not in NO_PROSE)])
    return prose_of(text), names


def _linked(prose, mentions):
    names = list(prose)
    one_way = np.array([[other in mentions[name] for other in names] for name in names], dtype=bool)
    return (one_way | one_way.T) & ~np.eye(len(names), dtype=bool)


@dataclass(frozen=True, eq=False)
class Ranked:
    """All pairs of a collection: whether they are linked, and what might rank them.

    Attributes
    ----------
    frame : pandas.DataFrame
        A row a pair: ``first``, ``second``, ``linked``, ``shared`` salient terms, ``score``, ``words`` (the logarithm
        of the product of both numbers of words), ``chance`` (shared terms when they are dealt again) and ``p``.
    """

    frame: Any

    def chance_of_linked_first(self, column):
        """How often a linked pair is above one that is not, ties counting half: the area under the ROC curve."""
        ranks = self.frame[column].rank().to_numpy()
        linked = self.frame["linked"].to_numpy()
        count = linked.sum()
        return (ranks[linked].sum() - count * (count + 1) / 2) / (count * (len(linked) - count))

    def linked_among_first(self, column):
        """The share of linked pairs among as many of the highest as there are linked ones."""
        count = int(self.frame["linked"].sum())
        return self.frame.sort_values(column, ascending=False, kind="stable")["linked"].head(count).mean()


def rank(pages, salient, rounds=5, rng=0):
    """The pairs of a collection, ranked by what they share and by what they would share by chance."""
    found = find_seams(pages.prose, salient=salient)
    null = shuffle_terms(found, rounds=rounds, rng=rng)
    one, other = np.triu_indices(len(found.names), 1)
    words = np.log([len(WORD.findall(text)) for text in pages.prose.values()])
    names = np.array(found.names, dtype=object)
    columns = {"first": names[one], "second": names[other], "linked": pages.linked[one, other]}
    columns |= {
        "shared": found.shared[one, other],
        "score": found.scores[one, other],
        "words": words[one] + words[other],
    }
    columns |= {"chance": null.mean[one, other], "p": null.p_values[one, other]}
    return Ranked(pd.DataFrame(columns))


def trials(drawn=DRAWN, seeds=SEEDS):
    """How well linked pairs of documentation are found: a row a package, number of salient terms and draw.

    Returns
    -------
    pandas.DataFrame
        ``package``, ``salient``, ``seed``, ``links``, the chance that a linked pair is above another by ``shared``,
        ``score``, ``words`` and ``chance``, and ``found``, the share of linked ones among the first by ``shared``.
    """
    rows = []
    for package in PACKAGES:
        for seed in seeds:
            pages = documentation(package).draw(drawn, np.random.default_rng(seed))
            for salient in SALIENT:
                ranked = rank(pages, salient, rng=seed)
                above = {name: ranked.chance_of_linked_first(name) for name in ("shared", "score", "words", "chance")}
                row = {"package": package, "salient": salient, "seed": seed, "links": int(ranked.frame["linked"].sum())}
                rows.append(row | above | {"found": ranked.linked_among_first("shared")})
    return pd.DataFrame(rows)


def arbitrary(words, salient, most=40):
    """How many salient terms arbitrary texts of about so many words share: pages of documentation, joined in order.

    Parameters
    ----------
    words : int
        Of three letters or more, stop words among them; a text begins with a page and is cut behind its last word.
    salient : sequence of int
        Numbers of salient terms.
    most : int, default=40
        Texts of a package, taken evenly.

    Returns
    -------
    dict of int to array
        By number of salient terms: one number for each pair of texts of one package without a link between them.
    """
    shared = {count: [] for count in salient}
    for package in PACKAGES:
        pages = documentation(package)
        texts, members, open_text = [], [], []
        for number, text in enumerate(pages.prose.values()):
            open_text.append(number)
            joined = " ".join([*(texts_of(pages)[i] for i in open_text[:-1]), text])
            ends = [found.end() for found in WORD.finditer(joined)]
            if len(ends) >= words:
                texts.append(joined[: ends[words - 1]])
                members.append(open_text)
                open_text = []
        kept = np.unique(np.linspace(0, len(texts) - 1, min(most, len(texts))).astype(int))
        named = {str(number): texts[number] for number in kept}
        one, other = np.triu_indices(len(kept), 1)
        apart = np.array(
            [
                not pages.linked[np.ix_(members[kept[i]], members[kept[j]])].any()
                for i, j in zip(one, other, strict=True)
            ],
            dtype=bool,
        )
        for count in salient:
            shared[count].append(find_seams(named, salient=count).shared[one, other][apart])
    return {count: np.concatenate(found) for count, found in shared.items()}


def texts_of(pages):
    """The texts of a collection in its order."""
    return list(pages.prose.values())


def heaviest_terms(pages, pairs, count):
    """The terms that weigh most in each of some pairs, as a text with commas: a list in the order of ``pairs``."""
    found = find_seams(pages.prose)
    return [", ".join(found.terms(row.first, row.second, top=count)["term"]) for row in pairs.itertuples()]
