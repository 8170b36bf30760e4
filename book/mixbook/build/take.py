"""Read before computing: ``python book/mixbook take ARCHIVE [SHA256]`` takes the runs and the site of a release.

Standard library alone, since the set-up of everything else is what this saves. ``make book RUNS=ARCHIVE`` types it.
A build that is under way ends first. Who is killed between the old site and the new one has the new one the next time:
`recover` finds it.
"""

import gzip
import hashlib
import http.client
import json
import re
import shutil
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from pathlib import Path

from mixbook.build.turns import turn

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "_build"
RECORD = "release.json"  # in the archive: what it was built from, and the key of each page's run
TAKEN = "taken.json"  # below _build: the record of the archive that was taken
FOLDERS = ("executed", "html")
SOURCES = ("book", "mixlib", "_config.yml", "_toc.yml", "requirements.txt")
FOUND = re.compile(  # what a build finds by its being there, besides the pages of the contents
    r"(mixlib|book)/(.+/)?\w+\.py|book/(_static|_templates)/(.+/)?[\w-]+\.\w+|book/environments/\w[^~]*\.yml"
)
OTHER_SOURCES = 3  # exit status: the site has to be written anew
CHUNK, TIMEOUT = 1 << 20, 30
LARGEST = 4 << 30  # bytes that an archive may unpack to, some twenty times what a release holds
TAKING = "taking-"  # a folder below _build in which an archive is unpacked, and the old site is put aside
USAGE = (
    "usage: make book RUNS=mixing-book.tar.gz, a file or an address; for an address also SHA256=… "
    "(it stands in SHA256SUMS of the release)"
)


def main(arguments):
    """Take an archive; returns 0 where its site is that of this checkout, 3 where pages have to be written anew."""
    if not 1 <= len(arguments) <= 2 or not arguments[0]:
        return USAGE
    if not hasattr(tarfile, "data_filter"):
        return f"Python 3.11.4 or newer is needed, this is {sys.version.split()[0]}: make book RUNS=… PYTHON=python3.12"
    started = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory(prefix="mixing-book-") as folder:
            archive, sha256 = _checked(arguments[0], "".join(arguments[1:]).strip().lower(), Path(folder))
            record = unpack(archive, BUILD, sha256)
    except (OSError, ValueError) as error:
        return f"{arguments[0]}: {error}; nothing was taken"
    except KeyboardInterrupt:
        return "\nstopped; the site is as it was"
    differing = different_here(record["sources"], ROOT)
    seconds = time.perf_counter() - started
    print(f"Took {len(record['runs'])} runs of {record['built'][:10]} from {arguments[0]} in {seconds:.0f} s")
    if not differing:
        print(f"Each page says when and where it was computed.\nOpen {BUILD / 'html' / 'index.html'}, or: make serve")
        return 0
    shown = ", ".join(differing[:3]) + (f" and {len(differing) - 3} more" if len(differing) > 3 else "")
    print(f"The files here are not those of the release ({shown}): pages that use them are run, the rest is taken")
    return OTHER_SOURCES


def unpack(archive, build, sha256=""):
    """Put runs and site of an archive below ``build``, when it is its turn; returns its record.

    All of it is unpacked and looked at before anything is put in its place. The site comes last, by its name alone:
    who is interrupted has the old one, and runs that are true wherever they come from.

    Raises
    ------
    ValueError
        If it holds anything else than runs and a site, or is damaged.
    """
    with turn(build):
        recover(build)
        for left in build.glob(f"{TAKING}*"):  # by one that was killed
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=build, prefix=TAKING) as folder:
            return _put(archive, build, sha256, Path(folder, "new"), Path(folder, "old"))


def recover(build=BUILD):
    """Put the new site in its place where somebody was killed after the old one had been put aside."""
    if (build / "html").exists() or not any(build.glob(f"{TAKING}*")):
        return
    with turn(build):  # whoever takes a release now has it
        for aside in build.glob(f"{TAKING}*/old/html"):
            new = aside.parents[1] / "new" / "html"
            if not (build / "html").exists():
                (new if new.is_dir() else aside).replace(build / "html")
                _take_ledger(build)


def _put(archive, build, sha256, new, old):
    old.mkdir()
    try:
        _extract(archive, new)
    except (EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError) as error:
        raise ValueError(f"is damaged, or no release of this book ({error})") from None
    if not (new / RECORD).is_file() or not all((new / name).is_dir() for name in FOLDERS):
        raise ValueError("is no release of this book: make release writes one")
    record = _record(new / RECORD) | {"sha256": sha256}
    (new / RECORD).write_text(json.dumps(record), encoding="utf-8")
    for path in sorted((new / "executed").rglob("*.ipynb")):
        target = build / path.relative_to(new)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    (new / RECORD).replace(build / TAKEN)
    for name in ("claims.json", ".doctrees", "html"):  # ledger and state of Sphinx are those of another site
        if (build / name).exists():
            (build / name).replace(old / name)
    try:
        (new / "html").replace(build / "html")
    except BaseException:
        if (old / "html").exists():
            (old / "html").replace(build / "html")
        raise
    _take_ledger(build)
    return record


def _take_ledger(build):
    if (build / "html" / "claims.json").is_file():
        shutil.copy(build / "html" / "claims.json", build)


def _extract(archive, folder):
    """Unpack what a release may hold, to the last byte, so that the sum in the archive itself is looked at, too."""
    size = 0
    with gzip.open(archive) as stream, tarfile.open(fileobj=stream, mode="r:") as tar:
        for member in tar:
            top = member.name.split("/")[0]
            if not (member.isfile() or member.isdir()) or (top not in FOLDERS and member.name != RECORD):
                raise ValueError(f"holds {member.name!r}, which is no part of a release of this book")
            size += member.size
            if size > LARGEST:
                raise ValueError(f"unpacks to more than {LARGEST >> 30} GiB, which no release of this book does")
            tar.extract(member, folder, filter="data")
        while stream.read(CHUNK):
            pass


def _record(path):
    """What an archive says of itself."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        whole = all(isinstance(record[key], kind) for key, kind in (("sources", dict), ("runs", dict), ("built", str)))
    except (ValueError, KeyError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise ValueError(f"its {RECORD} is of another form; take a newer release")
    return record


def taken(build=BUILD):
    """Keys of the runs that were taken from a release: true as long as the sources are, on whatever machine."""
    try:
        return frozenset(json.loads((build / TAKEN).read_text(encoding="utf-8"))["runs"].values())
    except (OSError, ValueError, KeyError, AttributeError):
        return frozenset()


def sources(root=ROOT):
    """File name to SHA-256 of everything that the site is made from."""
    found = (path for name in SOURCES for path in sorted([root / name, *(root / name).rglob("*")]))
    kept = (path for path in found if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & {*path.parts})
    return {path.relative_to(root).as_posix(): file_sum(path) for path in kept}


def different_here(released, root=ROOT):
    """Names of the files that are not those of a release, a mapping as `sources` gives it.

    One that the release does not know counts where a build finds it by its being there: a page of the contents, a
    module, what is copied to the site. Notes, notebooks and what editors leave beside a file are no part of a site.
    """
    here = sources(root)
    new = {name for name in here.keys() - released.keys() if FOUND.fullmatch(name) or _is_page(name, root)}
    return sorted(new | {name for name in released if here.get(name) != released[name]})


def _is_page(name, root):
    page = re.fullmatch(r"book/(.+)\.md", name)
    contents = (root / "_toc.yml").read_text(encoding="utf-8")  # no package that reads YAML is there
    return bool(page and re.search(rf"\b(file|root): *[\"']?{re.escape(page[1])}(?![\w/-])", contents))


def file_sum(path):
    """The SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checked(source, expected, folder):
    """The archive as a file of this machine, and its sum, which is the expected one."""
    remote = urllib.parse.urlsplit(source).scheme in ("http", "https")
    if remote and not expected:
        raise ValueError("an address needs its sum, too: SHA256=…, from SHA256SUMS of the release")
    if expected and not re.fullmatch("[0-9a-f]{64}", expected):
        raise ValueError(f"SHA256={expected} is no SHA-256, which has 64 hexadecimal digits")
    path = _fetched(source, folder) if remote else Path(source).expanduser()
    if not path.is_file():
        raise ValueError("no such file")
    expected = expected or _listed(path)
    found = file_sum(path)
    if expected and found != expected:
        raise ValueError(f"its SHA-256 is {found}, and {expected} was expected: fetch it again")
    return path, found


def _listed(path):
    """The sum that a SHA256SUMS beside the file gives it, or nothing."""
    sums = path.with_name("SHA256SUMS")
    text = sums.read_text(encoding="utf-8") if sums.is_file() else ""
    lines = (line.strip().partition(" ") for line in text.splitlines())  # sum, space, space or *, name
    return next((found.lower() for found, _, name in lines if name[:1] in " *" and name[1:] == path.name), "")


def _fetched(address, folder):
    path, shown = folder / "archive", sys.stderr.isatty()
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT) as answer, open(path, "wb") as file:
            size, done = int(answer.headers.get("Content-Length") or 0), 0
            while block := answer.read(CHUNK):
                done += file.write(block)
                if shown:
                    whole = f" of {size / 2**20:.0f}" if size else ""
                    print(f"\r{done / 2**20:.0f}{whole} MiB", end="", file=sys.stderr, flush=True)
    except (urllib.error.URLError, TimeoutError, http.client.HTTPException) as error:
        raise ValueError(f"could not be fetched ({getattr(error, 'reason', error)})") from None
    if shown:
        print(file=sys.stderr)
    return path
