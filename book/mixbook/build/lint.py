"""Mistakes in the files of the book that nothing else would notice: in the contents, in front matter, in the registry.

Every build begins with them and lists all at once; ``make lint`` looks for them alone. Nothing is run or rendered.
"""

import difflib
import functools
import re
from pathlib import Path

import yaml
from sphinx_external_toc.parsing import parse_toc_yaml

from mixbook.build import channel, fairness, num
from mixbook.build.contract import WITHOUT, Contract
from mixbook.build.located import Located, Mistake, load, or_near
from mixbook.build.pages import HEAD, KERNEL, ROOT, Page
from mixlib.claims import FIELDS, VERDICTS, WORDS, load_registry

PAGE_ENDINGS = (".md", ".ipynb", ".rst")
KERNELSPEC = "kernelspec: {display_name: Python 3, language: python, name: python3}"
FRONT_KEYS = ("jupytext", "kernelspec", "measured", "text_from", "within", WITHOUT)
CLAIM_KEYS = (*dict.fromkeys([*FIELDS, *WORDS]), "reported_at")
CODE = re.compile(r"^(`{3,}|:{3,})\{code-cell\}.*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
OUTER = re.compile(
    r"^(`{4,}|~{3,})(?!\{code-cell\})[^`\n]*\n.*?^\1[ \t]*$", re.MULTILINE | re.DOTALL
)  # fences that show fences


def setup(app):
    app.add_config_value("mixing_parts", {}, "")
    app.add_config_value("mixing_pages", {}, "")
    app.connect("config-inited", tell, priority=10)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def tell(app, config):
    """Note every mistake before anything is run; each makes the build red, and few stop it."""
    found = at_start()
    channel.add(*found)
    if stops():
        channel.stop("Nothing was run")
    for mistake in channel.heard(found):
        print(mistake, flush=True)


def stops(root=ROOT):
    """Whether something is so wrong that no page can run: contents, settings or registry that nobody can read."""
    try:
        listed = [str(name) for name in parse_toc_yaml(Path(root) / "_toc.yml")]
        parts_of(root)
        load_registry(Path(root) / "book" / "claims.yml")
    except Exception:  # what it is, `mistakes` says
        return True
    return not all((Path(root) / "book" / f"{name}.md").is_file() for name in listed)


@functools.cache
def at_start():
    """All mistakes of this checkout, looked for once: a build asks before jupyter-book begins, and from within."""
    return tuple(mistakes())


def mistakes(root=ROOT):
    """All mistakes, in the order contents, pages, registry; an empty list where there are none."""
    root = Path(root)
    settings, found = load((root / "_config.yml").read_text(encoding="utf-8"), "_config.yml")
    contents, wrong = check_contents(root)
    found += wrong
    for path in _pages(root / "book"):
        name, place = path.relative_to(root / "book").with_suffix("").as_posix(), path.relative_to(root).as_posix()
        if name not in contents or path.suffix != ".md":
            fix = f"add `- file: {name}` to _toc.yml, or move the file out of book/"
            if name in contents:
                fix = f"delete it: {name}.md is the page, and outputs are never kept"
            found.append(Mistake(place, 1, "is not in the contents, so nobody runs or shows it", fix))
        if path.suffix == ".md":
            wrong = check_front_matter(path.read_text(encoding="utf-8"), place)
            found += wrong or num.mistakes(Page(name, path))
    wrong = check_claims(root, contents, {} if settings is None else parts_of(root))
    return found + wrong + ([] if found or wrong else check_contract(root, contents))


def check_contract(root, contents):
    """What pages owe their readers; asked where files can be read."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]
    contract = Contract(root, contents, config.get("mixing_pages") or {})
    listed = [Page(name, root / "book" / f"{name}.md") for name in contents]
    return [mistake for page in listed for mistake in contract.mistakes(page)]


def check_contents(root):
    """The pages that ``_toc.yml`` names, each with its line, and what is wrong with the list."""
    path = root / "_toc.yml"
    toc, found = load(path.read_text(encoding="utf-8"), path.name)
    listed = {}
    if not found:
        try:
            parse_toc_yaml(path)
        except Exception as error:
            if "multiple times" not in str(error):  # which the following says with a line
                found.append(Mistake(path.name, 1, str(error), "write it as in the documentation of jupyter-book"))
    for name, line in _files(toc):
        if name in listed:
            found.append(Mistake(path.name, line, f"page {name} stands on line {listed[name]} as well", "keep one"))
        elif not (root / "book" / f"{name}.md").is_file():
            known = (file.relative_to(root / "book").with_suffix("").as_posix() for file in _pages(root / "book"))
            fix = f"write it{or_near(name, known)}, or take the line out"
            found.append(Mistake(path.name, line, f"page {name} has no file book/{name}.md", fix))
        listed.setdefault(name, line)
    return listed, found


def check_front_matter(text, place):
    """What is wrong with the YAML at the head of a page."""
    has_code = CODE.search(OUTER.sub("", text)) is not None
    head = HEAD.match(text)
    if head is None:
        if re.match(r"---[ \t]*\n", text):
            return [Mistake(place, 1, "the front matter has no end", "close it with a line of three dashes")]
        fix = f"begin the page with {KERNELSPEC} between lines of three dashes"
        return [Mistake(place, 1, "a page with code cells has no front matter", fix)] if has_code else []
    front, found = load(head[1], place, first=2)
    if found:
        return found
    if not isinstance(front, Located):
        return [Mistake(place, 2, "the front matter holds no keys", f"write {KERNELSPEC}, or take it out")]
    found += _keys(front, FRONT_KEYS, place, "front matter")
    if has_code and not isinstance(front.get("kernelspec"), Located):
        line = front.lines.get("kernelspec", 1)
        found.append(Mistake(place, line, "a page with code cells has no kernelspec", f"write {KERNELSPEC}"))
    for key, value in KERNEL.items():
        spec = front.get("kernelspec")
        if isinstance(spec, Located) and spec.get(key) != value:
            what = f"kernelspec has {key} {spec.get(key)!r}"
            found.append(Mistake(place, spec.lines.get(key, spec.line), what, f"every page runs on {key} {value}"))
    form = front.get("jupytext")
    form = form.get("text_representation") if isinstance(form, Located) else None
    if isinstance(form, Located) and form.get("format_name") != "myst":
        line = form.lines.get("format_name", form.line)
        what = f"the page's format is {form.get('format_name')!r}"
        found.append(Mistake(place, line, what, "write format_name: myst, or Jupyter reads another page than the book"))
    return found


def check_claims(root, contents, parts):
    """What is wrong with ``book/claims.yml``: its form, its parts, and where its claims are verified."""
    path, place = root / "book" / "claims.yml", "book/claims.yml"
    if not path.is_file():
        return [Mistake(place, 1, "there is no registry of claims", "write the file; it may be an empty list: []")]
    rows, found = load(path.read_text(encoding="utf-8"), place)
    if found:
        return found
    if not isinstance(rows, list):
        return [Mistake(place, 1, "is no list of claims", "begin each claim with `- id:`")]
    known, closed, current = {}, set(), None
    for row in rows:
        if not isinstance(row, Located):
            found.append(Mistake(place, 1, f"{str(row)[:40]!r} is no claim", "begin each claim with `- id:`"))
            continue
        name = f"claim {row.get('id', '')}".strip()
        found += _keys(row, CLAIM_KEYS, place, name)
        if missing := [key for key in FIELDS if not row.get(key)]:
            fix = f"every claim has {', '.join(FIELDS)}, each in the column of `id`"
            found.append(Mistake(place, row.line, f"{name} lacks {', '.join(missing)}", fix))
            continue
        if row["id"] in known:
            what = f"{name} stands twice, here and on line {known[row['id']]}"
            found.append(Mistake(place, row.lines["id"], what, "give one of them another id"))
        known.setdefault(row["id"], row.lines["id"])
        found += _claim(row, name, place, parts, contents)
        if row["part"] != current:
            if row["part"] in closed:
                what = f"{name} stands outside its part {row['part']}, among the claims of {current}"
                found.append(Mistake(place, row.line, what, "move it to the others of its part"))
            else:
                closed.add(current)
                current = row["part"]
    return found


def _claim(row, name, place, parts, contents):
    """What is wrong with one complete claim."""

    def wrong(key, what, fix):
        return Mistake(place, row.lines[key], f"{name}: {what}", fix)

    part, page, source = row["part"], row["page"], row["source"]
    if not re.fullmatch(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*", str(row["id"])):
        yield wrong("id", "its id has another form than the others", "write field.what-is-claimed, in lower case")
    if row["expected"] not in VERDICTS:
        yield wrong("expected", f"no verdict is called {row['expected']!r}", f"write one of {', '.join(VERDICTS)}")
    if row["expected"] == "not-reproduced" and not row.get("reported_at"):
        yield wrong("expected", "only a larger scale excuses a failed reproduction", "add reported_at")
    if not (isinstance(source, Located) and source.get("document") and source.get("section")):
        yield wrong("source", "its source is incomplete", "write {document: A, section: ...}")
    if parts and part not in parts:
        fix = f"write one of {', '.join(parts)}{or_near(part, parts)}, or add it to mixing_parts in _config.yml"
        yield wrong("part", f"there is no part {part!r}", fix)
    elif parts and page.split("/")[0] not in parts[part]:
        fix = f"a claim of {part} is verified in {', '.join(parts[part])}; change one, or mixing_parts in _config.yml"
        yield wrong("page", f"page {page} is outside its part {part}", fix)
    yield from fairness.check_words(row, name, place, computed=page in contents)
    if page not in contents and (near := difflib.get_close_matches(page, contents, n=1, cutoff=0.92)):
        yield wrong("page", f"there is no page {page}", f"write {near[0]}, or a name for the planned page less like it")


def parts_of(root):
    """The parts of the registry, each with the folders whose pages may verify its claims."""
    settings = yaml.safe_load((Path(root) / "_config.yml").read_text(encoding="utf-8"))
    return settings["sphinx"]["config"]["mixing_parts"]


def _pages(book):
    """All files below ``book`` that look like pages; what begins with a dot or an underscore is something else."""
    for path in sorted(book.rglob("*")):
        hidden = any(part.startswith((".", "_")) for part in path.relative_to(book).parts)
        if path.suffix in PAGE_ENDINGS and not hidden:
            yield path


def _files(value):
    """The (page, line) pairs of a table of contents, in its order."""
    if isinstance(value, Located):
        for key in ("root", "file"):
            if key in value:
                yield str(value[key]), value.lines[key]
        for inner in value.values():
            yield from _files(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _files(inner)


def _keys(mapping, known, place, name):
    for key, line in mapping.repeated:
        yield Mistake(place, line, f"{name}: {key} stands twice, the first one is lost", "keep one")
    for key in mapping:
        if key not in known:
            fix = f"the keys are {', '.join(known)}{or_near(key, known)}"
            yield Mistake(place, mapping.lines[key], f"{name}: nobody reads the key {key!r}", fix)


def main(arguments=()):
    """Print the mistakes; returns whether there are any."""
    found = mistakes()
    print("\n".join(map(str, found)) or "The files of the book: no mistakes")
    return bool(found)
