"""What the book found: verdicts and numbers as lines of text, and what changed since somebody accepted them.

``book/findings.lock`` has a line for each verdict, each number of a claim and each value that a sentence shows, for
what they were computed with, and for the days on which a page's findings were first and last accepted as new ones.
"""

import collections
import dataclasses
import datetime
import math
import re
from typing import NamedTuple

from mixbook.build import num
from mixbook.build.ledger import evidence_of
from mixbook.build.located import Mistake
from mixbook.build.pages import BOOK, write_atomically
from mixlib.reported import WITHIN, as_reported, differing, moved, other_text

LOCK = BOOK / "findings.lock"
HEAD = """\
# What the book found, and how far each number may move: a tenth of the last digit shown, a quarter of a spread, or
# what its page allows, of training and searches whose last digits depend on the processor.
# Written by `make accept`; `make book` says what changed since, and `make test` is red until it is accepted.
"""
MEASURED = "measured"  # front matter: names of timings and the like, which no two runs share
WITHIN_OF = "within"  # front matter: names of numbers that training or a search found, each with how far it may move
TEXT_FROM = "text_from"  # front matter: distributions (or python) whose own files are the data of the page
GLUED = re.compile(r"\{glue:text\}`([^`:]+)(?::([^`]*))?`")
NOTHING = "Nothing changed since the findings were accepted"
NAMED = 4  # of what changed, behind each number
SHORT = 8  # digits of a hash


class Change(NamedTuple):
    """A line that differs; ``old`` or ``new`` is None where it came or went. ``because`` names what else changed."""

    key: str
    old: str | None
    new: str | None
    because: tuple = ()

    def __str__(self):
        more = f" and {len(self.because) - NAMED} more" if len(self.because) > NAMED else ""
        because = (
            f"changed: {', '.join(self.because[:NAMED])}{more}" if self.because else "nothing that it uses changed"
        )
        return f"{self.key}: {self.old or 'nothing'} -> {self.new or 'nothing'} ({because})"


@dataclasses.dataclass
class Findings:
    """What pages found: ``lines`` maps keys to texts, ``page_of`` keys to pages, ``used`` pages to states of things."""

    lines: dict = dataclasses.field(default_factory=dict)
    page_of: dict = dataclasses.field(default_factory=dict)
    used: dict = dataclasses.field(default_factory=dict)
    text_from: dict = dataclasses.field(default_factory=dict)
    mistakes: list = dataclasses.field(default_factory=list)
    failed: dict = dataclasses.field(default_factory=dict)  # page -> the mistakes that its run ended with
    otherwise: dict = dataclasses.field(default_factory=dict)  # page -> what its words say and its text does not

    def add(self, page, key, text):
        """Keep a line; of one value in two formats the longer text has the smaller tolerance, and counts."""
        self.lines[key] = max(self.lines.get(key, ""), text, key=len)
        self.page_of[key] = page.name

    def elsewhere(self, accepted):
        """Page name to why its numbers can't be held against the lock: they were made from another text."""
        text_from = {
            name: {source: self.used[name].get(f"used {source}") for source in sources}
            for name, sources in self.text_from.items()
        }
        return other_text(text_from, {key.removeprefix("used "): state for key, state in accepted.items()})

    def other_text(self, lock=LOCK):
        """`elsewhere`, by the lock; where there is none, all text is as good as any."""
        return self.elsewhere(read(lock)) if lock.is_file() else {}

    def by_page(self):
        """What a file of claims says of the pages: numbers in prose, packages, sources of text, what went wrong."""
        return {
            name: {
                "numbers": {
                    key.removeprefix(f"page {name}: "): text
                    for key, text in self.lines.items()
                    if key.startswith(f"page {name}: ")
                },
                "packages": {
                    key.removeprefix("used "): state for key, state in sorted(states.items()) if "/" not in key
                },
                "text_from": list(self.text_from[name]),
                "errors": [
                    {"where": f"{mistake.path}:{mistake.line}", "what": mistake.what}
                    for mistake in self.failed.get(name, ())
                ],
            }
            for name, states in self.used.items()
        }


def collect(pages, runs):
    """The Findings of these pages."""
    found, made = Findings(), {page.name: {} for page in pages}
    front = {page.name: page.notebook().metadata for page in pages}
    measured = {name: set(matter.get(MEASURED) or ()) for name, matter in front.items()}
    within = {name: _distances(matter.get(WITHIN_OF)) for name, matter in front.items()}
    for page, _, _, evidence in evidence_of(pages, runs):
        claim = f"claim {evidence['id']}"
        found.add(page, f"{claim}: verdict", evidence["verdict"])
        for name, value in evidence["numbers"]:
            made[page.name][name] = value
            if name not in measured[page.name]:
                found.add(page, f"{claim}: {name}", as_reported(value, within=within[page.name].get(name)))
    for page in pages:
        glued = _glued(runs[page.name])
        made[page.name] |= glued
        allowed = within[page.name]
        for name, spec in GLUED.findall(page.path.read_text(encoding="utf-8")):
            if name in glued and name not in measured[page.name]:
                found.add(page, f"page {page.name}: {name}", as_reported(glued[name], spec, allowed.get(name)))
        for name, value, spec in _in_prose(page, runs[page.name].facts.get("numbers", {})):
            made[page.name][name] = value
            if name not in measured[page.name]:
                found.add(page, f"page {page.name}: {name}", as_reported(value, spec, allowed.get(name)))
        found.used[page.name] = _used(page, runs[page.name].facts)
        if runs[page.name].errors:
            found.failed[page.name] = runs[page.name].errors
        if told := runs[page.name].facts.get("otherwise"):
            found.otherwise[page.name] = told["words"]
        found.text_from[page.name] = front[page.name].get(TEXT_FROM) or ()
        known = {name.removeprefix("used ") for name in found.used[page.name]}
        found.mistakes += _unknown(page, MEASURED, measured[page.name] - made[page.name].keys(), made[page.name])
        found.mistakes += _wrong_distances(page, front[page.name].get(WITHIN_OF), made[page.name])
        found.mistakes += _unknown(page, TEXT_FROM, set(found.text_from[page.name]) - known, known)
        if runs[page.name].errors:  # what is missing is missing for a reason that is told
            found.mistakes = [mistake for mistake in found.mistakes if mistake.path != f"book/{page.name}.md"]
    return found


def verdicts(found):
    """Claim id to the verdict that was computed."""
    ending = ": verdict"
    return {
        key.removeprefix("claim ").removesuffix(ending): text
        for key, text in found.lines.items()
        if key.endswith(ending)
    }


def changes(found, lock=LOCK, *, whole=True, of=None):
    """What differs from the lock, as a list of Change; with ``whole``, also what stands in the lock alone.

    ``of`` names the one page whose findings are asked for.

    Raises
    ------
    ValueError
        If there is no lock yet.
    """
    accepted = read(lock)
    lines = {key: text for key, text in accepted.items() if not key.startswith(("used ", "since "))}
    elsewhere = found.elsewhere(accepted)
    changed = []
    for key, old, new in differing(lines, found.lines, found.page_of, elsewhere=elsewhere, failed=found.failed):
        page = found.page_of.get(key, key.partition(": ")[0].removeprefix("page "))
        if of not in (None, page) or (new is None and not whole):
            continue
        states = found.used.get(page, {})
        because = [name.removeprefix("used ") for name, state in states.items() if accepted.get(name) != state]
        because.sort(key=lambda name: ("/" not in name, name))  # what the project has changed comes first
        changed.append(Change(key, old, new, tuple(because)))
    return changed


def new_pages(found, lock=LOCK):
    """The names of pages of which the lock holds nothing, not even a claim: there is nothing that could have moved."""
    accepted = read(lock)
    known = {key.removeprefix("since ") for key in accepted if key.startswith("since ")}
    known |= {page for key, page in found.page_of.items() if key in accepted}
    return set(found.page_of.values()) - known


def report(found, lock=LOCK, *, of=None):
    """What changed since the findings were accepted, for people; ``of`` names the one page that is asked for."""
    if not lock.is_file():
        return str(_nothing_accepted(lock))
    changed, elsewhere = changes(found, lock, of=of), found.elsewhere(read(lock))
    new = new_pages(found, lock)
    waiting = collections.Counter(found.page_of[change.key] for change in changed if change.key in found.page_of)
    changed = [change for change in changed if found.page_of.get(change.key) not in new]
    of_text = [change for change in changed if found.page_of.get(change.key) in elsewhere]  # its verdicts alone
    changed = [change for change in changed if change not in of_text]
    lines = [f"  {change}" for change in changed]
    lines += [f"  not compared, {why}: {', '.join(names)}" for why, names in by_text(elsewhere).items()]
    lines += [f"  with this text {change.key}: {change.old} -> {change.new}" for change in of_text]
    lines += [
        f"  with this text the words of {word['where']} are not true: {word['what']}"
        for words in found.otherwise.values()
        for word in words
    ]
    lines += [
        f"  page {name}: new, nobody has accepted its {waiting[name]} findings yet: make accept"
        for name in sorted(new & waiting.keys())
    ]
    if not changed:
        return "\n".join([NOTHING, *lines])
    head = f"What changed since the findings were accepted ({len(changed)}):"
    return "\n".join([head, *lines, "If this is right: make accept, and commit book/findings.lock"])


def by_text(elsewhere):
    """Why numbers can't be compared, to the names of the pages of which that is so."""
    names_of = collections.defaultdict(list)
    for name, why in sorted(elsewhere.items()):
        names_of[why].append(name)
    return names_of


def read(lock=LOCK):
    """Key to text for each line of a lock."""
    if not lock.is_file():
        raise _nothing_accepted(lock)
    rows = (line for line in lock.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return dict(row.split(" = ", 1) for row in rows)


def write(found, lock=LOCK):
    """Accept the findings: write the lock, and return what changed.

    A number that did not move keeps its line, so that the file's history shows what did.
    """
    known = read(lock) if lock.is_file() else {}
    changed = changes(found, lock) if known else [Change(key, None, text) for key, text in found.lines.items()]
    lines = {key: _kept(known.get(key), text) for key, text in found.lines.items()}
    used = {key: state for page in found.used.values() for key, state in page.items()}
    since = _since(found, known, changed)
    rows = [f"{key} = {text}\n" for part in (lines, since, used) for key, text in sorted(part.items())]
    write_atomically(lock, HEAD + "".join(rows))
    return changed


def _since(found, known, changed):
    """The first and the last day on which findings of a page were accepted that were not in the lock before."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    pages = {found.page_of.get(change.key, change.key.partition(": ")[0].removeprefix("page ")) for change in changed}
    days = {}
    for page in dict.fromkeys(found.page_of.values()):
        first, last = known.get(f"since {page}", f"{today} {today}").split()
        days[f"since {page}"] = f"{first} {today if page in pages else last}"
    return days


def _kept(old, new):
    """The line to write: the old one while its number has not moved and the format allows it the same tolerance."""
    if old is None or moved(old, new):
        return new
    pairs = zip(WITHIN.findall(old), WITHIN.findall(new), strict=True)
    same = all(0.5 < float(a) / float(b) < 2 or float(a) > abs(float(value)) for (value, a), (_, b) in pairs)
    return old if same else new


def _nothing_accepted(lock):
    return ValueError(f"book/{lock.name}: no findings were accepted yet: make accept")


def _used(page, facts):
    stamp = facts["stamp"]
    files = {f"book/{page.name}.md": facts["code"], **stamp["files"]}
    states = {name: str(hash)[:SHORT] for name, hash in files.items()}
    states |= {"python": stamp["python"], "machine": stamp["machine"], **stamp["distributions"]}
    return {f"used {name}": str(state) for name, state in states.items()}


def _wrong_distances(page, allowed, made):
    """What a page allows to move and does not have, or by nothing that is a distance, or what is no single number."""
    if allowed is not None and not isinstance(allowed, dict):
        what = f"{WITHIN_OF}: {allowed!r} names no distances"
        yield Mistake(f"book/{page.name}.md", _line(page, WITHIN_OF), what, f"write {WITHIN_OF}: {{name: 0.1}}")
        return
    yield from _unknown(page, WITHIN_OF, (allowed or {}).keys() - made.keys(), made)
    for name, distance in (allowed or {}).items():
        if name not in _distances(allowed):
            what = f"{WITHIN_OF}: {name} has {distance!r}"
            yield Mistake(f"book/{page.name}.md", _line(page, WITHIN_OF), what, "write how far it may move, above 0")
        elif not isinstance(made.get(name, 0.0), float):
            what = f"{WITHIN_OF}: {name} is no single number with digits"
            yield Mistake(
                f"book/{page.name}.md", _line(page, WITHIN_OF), what, "counts, words and spreads have their own"
            )


def _distances(allowed):
    """What can be read of how far numbers may move."""
    given = allowed.items() if isinstance(allowed, dict) else ()
    return {
        name: distance
        for name, distance in given
        if isinstance(distance, int | float) and not isinstance(distance, bool) and 0 < distance < math.inf
    }


def _line(page, key):
    lines = page.path.read_text(encoding="utf-8").splitlines()
    return next((n for n, text in enumerate(lines, 1) if text.startswith(f"{key}:")), 1)


def _unknown(page, key, names, known):
    line = _line(page, key)
    for name in sorted(names):
        fix = f"the page has {', '.join(sorted(known)) or 'none'}"
        yield Mistake(f"book/{page.name}.md", line, f"{key}: nothing on the page is called {name!r}", fix)


def _glued(run):
    """Name to value of everything that a run glued."""
    values = {}
    for cell in run.notebook.cells:
        for output in cell.get("outputs", []):
            glue = output.get("metadata", {}).get("scrapbook")
            if glue and (text := output["data"].get(f"{glue.get('mime_prefix', '')}text/plain")) is not None:
                values[glue["name"]] = _value(text)
    return values


def _in_prose(page, values):
    """Expression, value and format of each number in prose; one that has another value later has a count behind it."""
    known = {}
    for number in num.numbers_of(page.notebook()):
        if number.key in values:
            value, found = values[number.key], known.setdefault(number.expression, [])
            if value not in found:
                found.append(value)
            count = found.index(value) + 1
            yield number.expression if count == 1 else f"{number.expression} ({count})", value, number.spec


def _value(text):
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text.strip("'\"")
