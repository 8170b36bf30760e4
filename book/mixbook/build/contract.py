"""What every page of a subject owes its reader, as far as its source tells; each breach has its line.

It holds for the folders of ``mixing_pages`` in ``_config.yml``, which says how many processor seconds a page there may
cost. A page that lacks something for a reason says so in its front matter: ``without: {claim: the reason}``.
"""

import ast
import functools
import posixpath
import re

from mixbook.build import costs, findings
from mixbook.build.located import Located, Mistake, load, or_near
from mixbook.build.pages import HEAD
from mixbook.build.store import Store
from mixlib.claims import load_registry

WITHOUT = "without"
MAY_LACK = ("levels", "knobs", "claim", "alt")
LEAST_WORDS = 3  # of a reason
CARD_LINES = 5
DRAWING = ("figure", "moving_figure", "thumbnail")
ALT_WORDS = 5
WITH_KNOBS = "domains"  # the folder whose pages show theirs
FENCE = re.compile(r"^(`{3,}|~{3,}|:{3,})(.*?)\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
# a role, or a span that shows how something is written
INLINE = re.compile(r"(\{[\w:-]+\}`[^`]*`)|(?<!`)(`{1,2})(?!`)(?:(?!\n\n).)+?(?<!`)\2(?!`)", re.DOTALL)
CITED = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
LINKED = re.compile(r"\{(doc|ref)\}`(?:[^`<]*<([^`>]+)>|([^`<]+))`")
POINTED = re.compile(r"\]\(([^)#:\s]+\.md)(?:#[^)\s]*)?\)")
IMAGE = re.compile(r"!\[([^\]]*)\]\(")
LABEL = re.compile(r"^\(([^)\n]+)\)=$", re.MULTILINE)
NOT_DEEP = re.compile(r"Overview|Extend|References|Use it|Run it")  # sections that are no level of their own


class Contract:
    """The contract of the pages of one project, and what it takes to check it."""

    def __init__(self, root, contents, budgets):
        self.root, self.contents, self.budgets = root, contents, budgets
        book = root / "book"
        bibliography = book / "references.bib"
        text = bibliography.read_text(encoding="utf-8") if bibliography.is_file() else ""
        self.keys = set(re.findall(r"^\s*@\w+\{\s*([^,\s]+)\s*,", text, re.MULTILINE))
        sources = [
            (book / f"{name}.md").read_text(encoding="utf-8") for name in contents if (book / f"{name}.md").is_file()
        ]
        self.labels = {label for source in sources for label in LABEL.findall(source)}
        self.costs = costs.read(book / costs.LOCK.name)
        lock = book / findings.LOCK.name
        self.accepted = findings.read(lock) if lock.is_file() else {}
        self.registry = load_registry(book / "claims.yml")

    def mistakes(self, page):
        """Every breach of one Page, in the order of its lines."""
        folder, _, _ = page.name.rpartition("/")
        if page.name.partition("/")[0] not in self.budgets:
            return []
        text = page.path.read_text(encoding="utf-8")
        place = page.path.relative_to(self.root).as_posix()
        cells = [(index, cell.source) for index, cell in enumerate(page.notebook().cells) if cell.cell_type == "code"]
        lacks = {}  # what is lacking: where, what and the repair
        if cells:
            lacks["levels"] = list(_levels(text))
            lacks["claim"] = [] if self._verified(page, cells) else [_no_claim(self.registry, page)]
            lacks["alt"] = [*_alts(page, cells), *_shown_by_itself(page, cells), *_images(text)]
        if folder == WITH_KNOBS:
            called = any(name == "knobs" for _, source in cells for name, _ in _calls(source))
            fix = "call knobs(DOMAINS[...]) of mixbook.show.knobs below the overview"
            lacks["knobs"] = [] if called else [(_line(text, "## Overview"), "shows no knobs", fix)]
        reasons, found = _reasons(text, place)
        for what, breaches in lacks.items():
            if what in reasons and not breaches:
                said = f"{WITHOUT}: gives a reason for lacking {what}, and lacks nothing of it"
                found.append(Mistake(place, reasons[what], said, "take the reason out"))
            elif what not in reasons:
                found += [Mistake(place, *breach) for breach in breaches]
        found += [
            Mistake(place, *breach) for breach in [*_card(text), *self._references(page.name, text), *self._rest(page)]
        ]
        return sorted(found, key=lambda mistake: mistake.line)

    def _verified(self, page, cells):
        """Whether a cell verifies a claim that the registry gives to this page."""
        own = {id for id, row in self.registry.items() if row["page"] == page.name}
        return any(
            name == "verify" and call.args and getattr(call.args[0], "value", None) in own
            for _, source in cells
            for name, call in _calls(source)
        )

    def _references(self, name, text):
        """Citations, links to pages and to places that lead nowhere."""
        prose = _prose(text)
        for found in CITED.finditer(prose):
            for key in re.split(r"\s*,\s*", found[1].strip()):
                if key not in self.keys:
                    fix = f"add it to book/references.bib{or_near(key, self.keys)}"
                    yield _at(prose, found), f"cites {key}, which is no source", fix
        for found in LINKED.finditer(prose):
            target = (found[2] or found[3]).strip()
            if found[1] == "ref":
                if target not in self.labels:
                    fix = f"write ({target})= above the place that is meant{or_near(target, self.labels)}"
                    yield _at(prose, found), f"refers to {target}, which no page has", fix
                continue
            yield from self._page_there(name, target, _at(prose, found))
        for found in POINTED.finditer(prose):
            yield from self._page_there(name, found[1].removesuffix(".md"), _at(prose, found))

    def _page_there(self, name, target, line):
        page = posixpath.normpath(posixpath.join("/" + posixpath.dirname(name), target)).lstrip("/")
        if page not in self.contents:
            fix = f"write a page of _toc.yml, from this folder{or_near(page, self.contents)}"
            yield line, f"links to {target}, which is no page", fix

    def _rest(self, page):
        """Status and costs, which the locks have."""
        own = [id for id, row in self.registry.items() if row["page"] == page.name]
        if any(f"claim {id}: verdict" in self.accepted for id in own) and f"since {page.name}" not in self.accepted:
            yield 1, "has accepted findings and no status, for the lock has no days of it", "make accept"
        allowed, seconds = self.budgets[page.name.partition("/")[0]], self.costs.get(page.name)
        if seconds is None:  # not accepted yet: what its last run took
            run = Store(self.root / "_build" / "executed", root=self.root, say=lambda line: None).newest(page)
            seconds = costs.rounded(run.cpu_seconds) if run else 0
        if seconds > allowed:
            fix = "compute less, or train all in one batch; the budget stands in mixing_pages of _config.yml"
            yield 1, f"costs {seconds:.0f} processor seconds, more than {allowed}", fix


def _levels(text):
    """The sections that a page lacks."""
    prose = _prose(text)
    sections = [(_at(prose, found), found[1].strip()) for found in re.finditer(r"^## (.+)$", prose, re.MULTILINE)]
    first = sections[0][0] if sections else 1
    if not sections or sections[0][1] != "Overview":
        yield first, "its first section is no overview", "begin with ## Overview, in plain words"
    if not any(not NOT_DEEP.match(title) for _, title in sections):
        yield first, "has no third level", "add ## Deep dive, or sections named by what they ask"
    if not any(title.startswith("Extend") for _, title in sections):
        line = sections[-1][0] if sections else 1
        yield line, "does not say how to extend it", "add ## Extend this page at its end"


def _card(text):
    """What is wrong with the first level, as far as lines tell; the build counts its letters."""
    cards = [found for found in FENCE.finditer(text) if found[2].strip() == "{l0}"]
    title = re.search(r"^# .+$", _prose(text), re.MULTILINE)
    if not cards:
        yield (
            _at(text, title) if title else 1,
            "no L0 card",
            f"add ```{{l0}} below the title, at most {CARD_LINES} lines",
        )
        return
    lines = [line for line in cards[0][3].splitlines() if line.strip()]
    if not 1 <= len(lines) <= CARD_LINES:
        yield _at(text, cards[0]), f"the L0 card has {len(lines)} lines", f"write 1 to {CARD_LINES}"
    if title and (between := text[title.end() : cards[0].start()].strip()):
        yield _at(text, cards[0]), f"{between.splitlines()[0][:40]!r} stands above the L0 card", "begin with the card"


def _no_claim(registry, page):
    own = [id for id, row in registry.items() if row["page"] == page.name]
    fix = f"verify {own[0]}" if own else "enter one in book/claims.yml and call verify"
    return 1, "verifies no claim", f"{fix}, or say why in the front matter: {WITHOUT}: {{claim: the reason}}"


def _alts(page, cells):
    """Calls that draw and say nothing to those who don't see it."""
    for index, source in cells:
        for name, call in _calls(source):
            if name not in DRAWING:
                continue
            alt = next((word.value for word in call.keywords if word.arg == "alt"), None)
            told = alt.value if isinstance(alt, ast.Constant) else None
            line = int(page.where(index, call.lineno).rpartition(":")[2])
            if alt is None and not any(word.arg is None for word in call.keywords):
                yield line, f"{name} has no alt text", "say in alt what there is to see"
            elif isinstance(told, str) and len(told.split()) < ALT_WORDS:
                yield line, f"the alt text of {name} has {len(told.split())} words", f"write {ALT_WORDS} or more"


def _shown_by_itself(page, cells):
    """Imports of pyplot, whose pictures go past `figure` and have no text."""
    for index, source in cells:
        for node in _nodes(source):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                modules = [f"{node.module}.{alias.name}" for alias in node.names]
            if any(module.startswith("matplotlib.pyplot") for module in modules):
                line = int(page.where(index, node.lineno).rpartition(":")[2])
                fix = "draw by figure(draw, alt=..., caption=...) of mixbook.show.display"
                yield line, "a picture of pyplot has no alt text", fix


def _images(text):
    prose = _prose(text)
    for found in IMAGE.finditer(prose):
        if not found[1].strip():
            yield _at(prose, found), "an image has no alt text", "write it between the brackets"


def _calls(source):
    """The names of the functions that a cell calls, each with its call."""
    for node in _nodes(source):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "id", getattr(node.func, "attr", "")), node


@functools.lru_cache(maxsize=256)  # several rules ask for each cell of a page
def _nodes(source):
    try:
        return tuple(ast.walk(ast.parse(source)))
    except SyntaxError:  # of which the run tells
        return ()


def _reasons(text, place):
    """What a page says that it lacks, with the line of each reason, and what is wrong with that."""
    head = HEAD.match(text)
    front, _ = load(head[1], place, first=2) if head else (None, [])
    given = front.get(WITHOUT) if isinstance(front, Located) else None
    if given is None:
        return {}, []
    line = front.lines[WITHOUT]
    if not isinstance(given, Located):
        return {}, [Mistake(place, line, f"{WITHOUT}: names nothing", f"write {WITHOUT}: {{claim: the reason}}")]
    found = []
    for what, reason in given.items():
        if what not in MAY_LACK:
            fix = f"it may be {', '.join(MAY_LACK)}{or_near(what, MAY_LACK)}"
            found.append(Mistake(place, given.lines[what], f"{WITHOUT}: no page may lack {what!r}", fix))
        elif len(str(reason or "").split()) < LEAST_WORDS:
            fix = f"write {LEAST_WORDS} words or more"
            found.append(Mistake(place, given.lines[what], f"{WITHOUT}: {what} has no reason", fix))
    return {what: given.lines[what] for what in given if what in MAY_LACK}, found


def _prose(text):
    """The text with blanks for code and front matter, so that places stay where they are."""
    text = HEAD.sub(lambda found: _blank(found[0]), text, count=1) if HEAD.match(text) else text
    text = FENCE.sub(lambda found: found[0] if _is_prose(found[2]) else _blank(found[0]), text)
    return INLINE.sub(lambda found: found[1] or _blank(found[0]), text)


def _is_prose(info):
    """Whether a fence holds text of the page, such as a card or a note."""
    return bool(re.match(r"\{(l0|note|tip|warning|important|admonition|dropdown|figure)\}", info.strip()))


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def _at(text, found):
    return text.count("\n", 0, found.start()) + 1


def _line(text, start):
    return next((number for number, line in enumerate(text.splitlines(), 1) if line.startswith(start)), 1)
