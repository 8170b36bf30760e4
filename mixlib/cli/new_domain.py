"""``mixlib new-domain``: module, page, claim, test and contents of a new domain, as an example that works at once."""

import difflib
import keyword
import re
from pathlib import Path

from mixlib.cli._shared.command import Command, enumerated, write_json

LONGEST = 40  # letters of a title: it stands in headings and in the contents


def add_options(command):
    """Add the options to the parser."""
    command.add_argument("name", help="what the domain is called: small letters, digits and hyphens, such as cold-brew")
    command.add_argument("--kernel", metavar="KERNEL", help="a kernel of the zoo (default: linear)")
    command.add_argument("--title", metavar="TEXT", help="the heading of its page (default: the name)")
    command.add_argument(
        "--remove", action="store_true", help="take it out again, if nobody has changed what was written"
    )
    command.add_argument("--json", action="store_true", help="print the files and the claim as JSON")


def run(arguments):
    """Write or take out the files of a domain; says what was done and what comes next."""
    from mixlib.cli._shared.domain_files import CONTENTS, REGISTRY, TEMPLATES, DomainFiles
    from mixlib.cli._shared.edits import apply, project_at

    root = project_at(Path.cwd())
    if not (root / TEMPLATES).is_dir():
        raise ValueError(f"{root / TEMPLATES}: is missing, the templates of a domain; get them back from the source")
    name = _checked_name(arguments.name)
    if arguments.remove:
        if (arguments.kernel, arguments.title) != (None, None):
            raise ValueError("--remove: goes with the name alone; leave --kernel and --title out")
        written = _remove(root, name)
    else:
        kernel = _checked_kernel("linear" if arguments.kernel is None else arguments.kernel)
        title = _checked_title(name.replace("-", " ").capitalize() if arguments.title is None else arguments.title)
        written = _new(root, DomainFiles(root, name, kernel, title))
    changes, said = written
    apply({root / path: text for path, text in changes.items()})
    if arguments.json:
        write_json({"domain": name, "removed": arguments.remove, "root": str(root), "files": list(changes)}, "-")
        return 0
    shared, own = ("took out of", "deleted") if arguments.remove else ("added to", "wrote")
    for path in changes:
        print(shared if path in (CONTENTS, REGISTRY) else own, path)
    print(f"\n{said}")
    return 0


def _new(root, files):
    """What to write for a new domain, and what to say."""
    from mixlib.cli._shared.domain_files import CONTENTS, REGISTRY, taken

    if found := taken(files, root):
        raise ValueError(f"name: {files.name!r} is taken: {'; '.join(found)}; choose another name")
    changes = files.files()
    changes[REGISTRY] = files.with_claim((root / REGISTRY).read_text(encoding="utf-8"))
    changes[CONTENTS] = files.with_line((root / CONTENTS).read_text(encoding="utf-8"))
    said = (
        f"make test passes as it is. Look at it: make page P=domains/{files.name}\n"
        "Then put in your parts, constants and known value, your words and claims; book/extend.md goes through it.\n"
        f"When they are yours: make accept. Not wanted after all: mixlib new-domain {files.name} --remove"
    )
    return changes, said


def _remove(root, name):
    """What to take out of an untouched domain, and what to say."""
    from mixlib.cli._shared.domain_files import CONTENTS, REGISTRY, DomainFiles, changed
    from mixlib.kernels import ZOO

    page = root / "book" / "domains" / f"{name}.md"
    if not page.is_file():
        raise ValueError(f"name: there is no book/domains/{name}.md; nothing was removed")
    heading = re.search(r"^# (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    title = heading[1] if heading else name
    # which kernel it was written for stands nowhere: the one of which least was changed
    tried = [DomainFiles(root, name, kernel, title) for kernel in ZOO.names()]
    files = min(tried, key=lambda one: sum(_text(root / path) != text for path, text in one.files().items()))
    if told := changed(files, root):
        raise ValueError(
            f"name: {name!r} is not as it was written: {'; '.join(told)}; nothing was removed. What is yours, you "
            f"delete yourself: {enumerated(files.paths)}, its claims in {REGISTRY}, its line in {CONTENTS}"
        )
    changes = dict.fromkeys(files.paths)
    changes[REGISTRY] = files.without_claim((root / REGISTRY).read_text(encoding="utf-8"))
    changes[CONTENTS] = files.without_line((root / CONTENTS).read_text(encoding="utf-8"))
    lock = root / "book" / "findings.lock"
    accepted = lock.is_file() and f"claim {files.claim_id}: " in lock.read_text(encoding="utf-8")
    said = "Its findings had been accepted: make accept takes them out of book/findings.lock" if accepted else ""
    return changes, said or "All is as it was before"


def _text(path):
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _checked_name(given):
    name = given.replace("_", "-")
    module = name.replace("-", "_")
    if keyword.iskeyword(module):
        raise ValueError(f"name: {given!r} is a word of Python, and no module can be called so; choose another name")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise ValueError(
            f"name: got {given!r}; a module is called so: begin with a small letter, go on with small letters, "
            "digits and single hyphens, such as cold-brew"
        )
    return name


def _checked_kernel(given):
    from mixlib.kernels import ZOO

    known = ZOO.names()
    if given not in known:
        near = difflib.get_close_matches(given, known, n=2, cutoff=0.4)
        near += [name for name in known if given.lower() in name.split("-") and name not in near]
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise ValueError(f"--kernel: there is no kernel {given!r}; {hint}The kernels are {', '.join(known)}")
    return given


def _checked_title(given):
    title = " ".join(given.split())
    if len(title) > LONGEST or not re.fullmatch(r"\w[\w ,.'&()!?–-]*", title) or "_" in title:
        raise ValueError(
            f"--title: got {given!r}; expected 1 to {LONGEST} letters, digits, spaces and simple punctuation, "
            "begun by a letter or digit"
        )
    return title


COMMAND = Command(
    summary="write module, page, claim and test of a new domain of the book, an example that works at once",
    examples=(
        'mixlib new-domain coffee --kernel multiplicative-synergistic --title "Coffee"',
        "mixlib new-domain coffee --remove",
    ),
    add_options=add_options,
    run=run,
)
