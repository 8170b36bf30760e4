"""The files of a new domain, made from the templates of the project, and its lines in the contents and the registry."""

import re
import textwrap

from mixlib.cli._shared.command import enumerated
from mixlib.cli._shared.edits import insert_after

TEMPLATES = "book/_templates/domain"
PART = "Domains"  # of the contents
BEFORE = "Federation"  # the part of the contents in front of which a new one is made
FINDINGS = {
    "holds": "Of {recipes} recipes, for each of three draws, {outside_percent.max:.0f}% lie outside what the parts "
    "give alone.",
    "fails": "{outside_percent:.0f}% of recipes lie outside what the parts give alone, by up to "
    "{largest_escape.max:.2f} of the distance between these.",
}
CONTENTS, REGISTRY = "_toc.yml", "book/claims.yml"


class DomainFiles:
    """What `mixlib new-domain` writes for a name, a kernel and a title: ``files`` by path, claim and contents.

    Parameters
    ----------
    root : Path
    name : str
        With hyphens, as pages are called.
    kernel : str
        A key of the zoo.
    title : str
    """

    def __init__(self, root, name, kernel, title):
        self.root, self.name, self.kernel, self.title = root, name, kernel, title
        self.module = name.replace("-", "_")
        self.claim_id = f"{re.sub('[^a-z]', '', name)}.between-its-parts"
        self.entry = f"- file: domains/{name}"

    @property
    def paths(self):
        """Module, page and test, below the root."""
        return (
            f"mixlib/domains/{self.module}.py",
            f"book/domains/{self.name}.md",
            f"tests/domains/test_{self.module}.py",
        )

    def files(self):
        """The text of module, page and test by their paths."""
        words = self._words()
        templates = ("module.py", "page.md", "test.py")
        return {path: self._fill(name, words) for path, name in zip(self.paths, templates, strict=True)}

    def claim(self):
        """The entry for the registry."""
        return self._fill("claim.yml", self._words())

    def with_claim(self, registry):
        """The registry with the entry, behind the last one of its part, or behind all."""
        lines = registry.splitlines()
        starts = [number for number, line in enumerate(lines) if line.startswith("- ")]
        of_part = [number for number, line in enumerate(lines) if re.fullmatch(r"\s+part: domains\s*(#.*)?", line)]
        after = next((start for start in starts if of_part and start > of_part[-1]), len(lines))
        while after and (not lines[after - 1].strip() or lines[after - 1].startswith("#")):
            after -= 1  # comments and blank lines above an entry are its own
        return insert_after(registry, after, f"\n{self.claim()}")

    def with_line(self, contents):
        """The contents with the page at the end of the domains; without such a part, with one before the federation."""
        lines = contents.splitlines()
        caption, end = _part(lines, PART)
        if caption is None:
            at, _ = _part(lines, BEFORE)
            at = len(lines) if at is None else at
            return insert_after(contents, at, f"  - caption: {PART}\n    chapters:\n      {self.entry}\n")
        indent = re.match(r"\s*", lines[end - 1])[0]
        if last := [line for line in lines[caption:end] if re.match(r"\s*- file: domains/", line)]:
            indent = re.match(r"\s*", last[-1])[0]
        return insert_after(contents, end, f"{indent}{self.entry}\n")

    def without_line(self, contents):
        """The contents without the page, and without the part where it was the only one."""
        kept = [line for line in contents.splitlines(keepends=True) if line.strip() != self.entry]
        caption, end = _part(kept, PART)
        if caption is not None and not any("- file:" in line for line in kept[caption:end]):
            del kept[caption:end]
        return "".join(kept)

    def without_claim(self, registry):
        """The registry without the entry and the blank line above it."""
        return registry.replace(f"\n{self.claim()}", "", 1)

    def _words(self):
        import numpy as np
        import yaml

        from mixlib.kernels import ZOO

        examples = yaml.safe_load((self.root / TEMPLATES / "kernels.yml").read_text(encoding="utf-8"))
        kernel = ZOO[self.kernel]
        given = examples.get(self.kernel) or _fallback(self.kernel, kernel)
        numbers = np.array(yaml.safe_load(given["parts"]))
        expected = given.get("expected", "holds")
        words, page = f"{self.kernel} kernel", self.root / "book" / "kernels" / f"{self.kernel}.md"
        return {
            "title": self.title,
            "name": self.name,
            "module": self.module,
            "claim": self.claim_id,
            "expected": expected,
            "finding": textwrap.fill(FINDINGS[expected], 116).replace("\n", "\n    "),
            "imports": given.get("imports", kernel.__name__),
            "make": given["kernel"],
            "parts": given["parts"],
            "weights": given["weights"],
            "unit": given.get("unit", "strength"),
            "part_unit": given.get("part_unit", ""),
            "constant_unit": given.get("part_unit") or given.get("unit", "strength"),
            "known": "".join(f"    {line}\n" for line in given["known"].splitlines()),
            "how": given["how"],
            "route": given["route"],
            "typed": given["typed"],
            "tolerance": f"{given.get('tolerance', 1e-7):g}",
            "reference": kernel.reference,
            "samples": "300" if kernel.costly or numbers.shape[1] > 2 else "1000",
            "kernel": self.kernel,
            "kernel_link": f"{{doc}}`{words} <../kernels/{self.kernel}>`" if page.is_file() else words,
        }

    def _fill(self, name, words):
        text = (self.root / TEMPLATES / f"{name}.txt").read_text(encoding="utf-8")
        return re.sub(r"<<(\w+)>>", lambda found: words[found[1]], text)


def _part(lines, caption):
    """The first line of a part of the contents and the one behind its last, or None twice."""
    captions = [number for number, line in enumerate(lines) if re.match(r"\s*- caption:", line)]
    for place, number in enumerate(captions):
        if re.match(rf"\s*- caption: [\"']?{caption}[\"']?\s*(#.*)?$", lines[number]):
            end = captions[place + 1] if len(captions) > place + 1 else len(lines)
            while not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#"):
                end -= 1
            return number, end
    return None, None


def _fallback(name, kernel):
    """The example of a kernel that the templates do not know: the one for comparison, on the first parts it takes."""
    import numpy as np

    from mixlib import hull_escape, simplex

    rule = kernel.for_comparison(2)
    for coordinates in range(1, 6):
        parts = np.arange(1.0, 2 * coordinates + 1).reshape(2, coordinates)
        try:
            mixture = rule(None, parts)
            break
        except ValueError as error:
            refused = error
    else:
        raise ValueError(f"--kernel {name}: takes no two parts of one to five coordinates ({refused})")
    mean = rule.expected()
    drawn = np.broadcast_to(parts, (100, *parts.shape))
    escape = hull_escape(mean(simplex.sample(2, 100, rng=0), drawn), mean(np.eye(2), drawn[:, None])).distance
    return {
        "kernel": f"{kernel.__name__}.for_comparison(2)",
        "parts": str(parts.tolist()),
        "weights": "[0.5, 0.5]",
        "route": "definition",
        "how": "The value of the kernel's own formula, which proves nothing; put in one that owes nothing to it.",
        "known": f"return np.array({mixture.tolist()})",
        "typed": str(mixture.tolist()),
        "expected": "holds" if escape.max() < 1e-9 else "fails",
    }


def changed(written, root):
    """Which of the files and lines of a domain are no longer as they were written, in words."""
    told = []
    for path, text in written.files().items():
        place = root / path
        if not place.is_file():
            told.append(f"{path} is gone")
        elif place.read_text(encoding="utf-8") != text:
            told.append(f"{path} was changed")
    registry = (root / REGISTRY).read_text(encoding="utf-8")
    if f"\n{written.claim()}" not in registry:
        told.append(f"{REGISTRY}: claim {written.claim_id} was changed or is gone")
    if more := [id for id in _claims_of(registry, written.name) if id != written.claim_id]:
        told.append(f"{REGISTRY}: {enumerated(more)} belongs to its page too")
    if written.entry not in map(str.strip, (root / CONTENTS).read_text(encoding="utf-8").splitlines()):
        told.append(f"{CONTENTS}: its line was changed or is gone")
    return told


def taken(written, root):
    """What of this name is there already, in words."""
    told = [f"{path} exists" for path in written.paths if (root / path).exists()]
    registry = (root / REGISTRY).read_text(encoding="utf-8")
    planned = _claims_of(registry, written.name)
    if planned:
        told.append(f"{REGISTRY} has claims for domains/{written.name} ({enumerated(planned)})")
    if re.search(rf"^- id: {re.escape(written.claim_id)}\s*$", registry, re.MULTILINE) and not planned:
        told.append(f"{REGISTRY} has a claim {written.claim_id}")
    if written.entry in map(str.strip, (root / CONTENTS).read_text(encoding="utf-8").splitlines()):
        told.append(f"{CONTENTS} lists it")
    return told


def _claims_of(registry, name):
    """The ids of the claims that a page of this name verifies, or is planned to."""
    import yaml

    if f"domains/{name}" not in registry:
        return []
    rows = yaml.load(registry, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or []
    return [row["id"] for row in rows if isinstance(row, dict) and row.get("page") == f"domains/{name}"]
