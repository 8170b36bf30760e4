"""A release holds site and runs; who takes it reads at once, and computes no more than what is another there."""

import functools
import hashlib
import http.server
import io
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tarfile
import threading

import pytest

from mixbook.build import footprint, pages, serve, store, take, turns
from small_book import PAGES

ARCHIVE = "mixing-book.tar.gz"
PLAIN = sys._base_executable  # the Python that the environment was made from, without its packages
HOLD = """
import pathlib, sys
sys.path.insert(0, sys.argv[1])
from mixbook.build import turns
turns.take(pathlib.Path(sys.argv[2]))
print("held", flush=True)
sys.stdin.read()
"""
FORM = '{"sources": {}, "runs": {}, "built": "2026-01-01"}'


@pytest.fixture
def released(book):
    """A copy of the small book without a build, and the archive of its release."""
    assert book.build().code == 0  # the settings of the copy are its own
    built = book.command("release")
    assert built.code == 0, built.output
    shutil.move(book.root / "dist", book.root / "release")
    shutil.rmtree(book.root / "_build")
    return book, book.root / "release" / ARCHIVE


def test_a_taken_release_is_the_site_and_only_what_differs_here_is_run(released):
    book, archive = released
    built = book.command("take", str(archive))
    assert built.code == 0, built.output
    assert f"Took {len(PAGES)} runs" in built.output
    assert '<span class="mx-num">0.250</span>' in book.html("part/weights")
    assert book.build().ran == set()
    shutil.rmtree(book.root / "_build")
    book.edit("book/part/weights.csv", "0.25 0.75", "0.75 0.25")
    built = book.command("take", str(archive))
    assert built.code == take.OTHER_SOURCES
    assert "book/part/weights.csv" in built.output
    assert book.build().ran == {"part/weights"}
    assert '<span class="mx-num">0.750</span>' in book.html("part/weights")
    assert "Python 3." in book.html("part/weights")  # where it was computed
    assert book.command("build", "--quiet", "--fresh").code == 0
    assert len(list((book.root / "_build" / "executed" / "part" / "plain").glob("*.ipynb"))) == 1
    finished = store.Store(book.root / "_build" / "executed").newest(pages.Page("part/plain", None)).facts["finished"]
    with tarfile.open(archive) as tar:
        assert finished > json.load(tar.extractfile(take.RECORD))["built"]


def test_a_run_of_another_machine_counts_where_it_was_taken_and_nowhere_else(built_once, monkeypatch):
    runs = store.Store(built_once.root / "_build" / "executed", root=built_once.root)
    page = pages.Page("part/weights", built_once.root / "book" / "part" / "weights.md")
    run = runs.newest(page)
    claims = run.facts["stamp"]["claims"]
    assert runs.find(page, claims).key == run.key
    monkeypatch.setattr(footprint, "version", lambda name: "0")
    assert runs.find(page, claims) is None
    assert runs.find(page, claims, {"another"}) is None
    assert runs.find(page, claims, {run.key}).key == run.key
    assert runs.find(page, {}, {run.key}) is None  # a claim is another


def test_an_archive_that_was_changed_is_refused_and_leaves_everything_as_it_was(
    released, tmp_path, monkeypatch, capsys
):
    _, archive = released
    monkeypatch.setattr(take, "BUILD", tmp_path / "_build")
    content = archive.read_bytes()
    archive.write_bytes(content[:-9] + b"!" + content[-8:])
    assert "was expected" in take.main([str(archive)])  # SHA256SUMS lies beside it
    assert "was expected" in take.main([str(archive), "0" * 64])
    for name, inside in (("outside.tar.gz", "../outside"), ("other.tar.gz", "other/file"), ("empty.tar.gz", "html/a")):
        (tmp_path / "file").write_text("text")
        with tarfile.open(tmp_path / name, "w:gz") as tar:
            tar.add(tmp_path / "file", inside)
        assert "nothing was taken" in take.main([str(tmp_path / name)])
    assert "no such file" in take.main([str(tmp_path / "nowhere.tar.gz")])
    (tmp_path / "text.tar.gz").write_text("text")
    assert "nothing was taken" in take.main([str(tmp_path / "text.tar.gz")])
    assert left(tmp_path / "_build") == []
    assert not (tmp_path / "outside").exists()
    assert capsys.readouterr().out == ""


def test_an_address_needs_a_sum_and_gives_the_same(released, tmp_path, monkeypatch, capsys):
    book, archive = released
    monkeypatch.setattr(take, "BUILD", tmp_path / "_build")
    monkeypatch.setattr(take, "ROOT", book.root)
    serve = functools.partial(Silent, directory=archive.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/{ARCHIVE}"
        assert "needs its sum" in take.main([address])
        assert "File not found" in take.main([address + "x", "0" * 64])
        assert take.main([address, hashlib.sha256(archive.read_bytes()).hexdigest()]) == 0
        server.shutdown()
    assert (tmp_path / "_build" / "html" / "index.html").is_file()
    assert len(take.taken(tmp_path / "_build")) == len(PAGES)
    assert "could not be fetched" in take.main([address, "0" * 64])  # the server is gone


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("[]", "of another form"),
        ('{"sources": [], "runs": {}, "built": ""}', "of another form"),
        ("[" * 100_000, "of another form"),
        ("link", "holds 'html/link'"),
        ("name\n\x1b", r"holds 'name\n\x1b'"),
        ("large", "unpacks to more than 0 GiB"),
        ("short", "is damaged"),
        ("flipped", "is damaged"),
    ],
)
def test_a_damaged_or_hostile_archive_is_refused_in_words(tmp_path, monkeypatch, damage, said):
    monkeypatch.setattr(take, "BUILD", tmp_path / "_build")
    monkeypatch.setattr(take, "LARGEST", 0 if damage == "large" else take.LARGEST)
    archive, form = tmp_path / ARCHIVE, damage if damage[0] in "[{" else FORM
    with tarfile.open(archive, "w:gz") as tar:
        for name, text in (("release.json", form), ("html/index.html", "new"), ("executed/a/b.ipynb", "{}")):
            add(tar, name, text)
        if damage == "link":
            link = tarfile.TarInfo("html/link")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(link)
        if damage.startswith("name"):
            add(tar, damage, "")
    content = bytearray(archive.read_bytes())
    if damage == "short":
        archive.write_bytes(content[:-4])  # all files are there, their sum is not
    if damage == "flipped":
        content[-6] ^= 1
        archive.write_bytes(content)
    assert said in take.main([str(archive)])
    assert left(tmp_path / "_build") == []


@pytest.fixture
def two_sites(tmp_path):
    """An archive with a new site, and a folder of a build with the old one."""
    archive, build = tmp_path / ARCHIVE, tmp_path / "_build"
    with tarfile.open(archive, "w:gz") as tar:
        for name, text in (
            ("release.json", FORM),
            ("html/index.html", "new"),
            ("html/claims.json", "its ledger"),
            ("executed/a/b.ipynb", "{}"),
        ):
            add(tar, name, text)
    (build / "html").mkdir(parents=True)
    (build / "html" / "index.html").write_text("old")
    return archive, build


@pytest.mark.parametrize("stop", ["executed/a/b.ipynb", "release.json", "new/html", "old/html"])
def test_who_is_interrupted_has_the_old_site_or_the_new_one(two_sites, monkeypatch, stop):
    (archive, build), move = two_sites, pathlib.Path.replace
    (build / "taking-killed").mkdir()

    def stopping(path, target):
        if f"{path} {target}".find(stop) >= 0 and "taking-" in str(path) + str(target):
            raise KeyboardInterrupt
        return move(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(pathlib.Path, "replace", stopping)
        patched.setattr(take, "BUILD", build)
        assert "stopped" in take.main([str(archive)])
    assert (build / "html" / "index.html").read_text() == "old"
    assert not [*build.glob("taking-*")]
    take.unpack(archive, build)
    assert (build / "html" / "index.html").read_text() == "new"


KILLED = """
import os, pathlib, signal, sys
sys.path.insert(0, sys.argv[1])
from mixbook.build import take
move = pathlib.Path.replace

def killed(path, target):
    if str(path).endswith("new/html"):
        os.kill(os.getpid(), signal.SIGKILL)
    return move(path, target)

pathlib.Path.replace = killed
take.unpack(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
"""


@pytest.mark.parametrize("then", ["serve", "take", "take another"])
def test_who_is_killed_between_the_old_site_and_the_new_one_has_the_new_one_the_next_time(two_sites, tmp_path, then):
    archive, build = two_sites
    taking = [PLAIN, "-S", "-c", KILLED, str(pages.BOOK), str(archive), str(build)]  # with Python alone
    assert subprocess.run(taking, check=False).returncode == -signal.SIGKILL
    assert not (build / "html").exists()  # the worst moment
    if then == "serve":
        assert "can't be used" in serve.main(["--port", "-1", "--no-open"], build / "html")
    elif then == "take another":
        (tmp_path / "other.tar.gz").write_text("text")
        with pytest.raises(ValueError, match="no release"):
            take.unpack(tmp_path / "other.tar.gz", build)
    else:
        take.unpack(archive, build)
    assert (build / "html" / "index.html").read_text() == "new"
    assert (build / "claims.json").read_text() == "its ledger"
    take.unpack(archive, build)
    assert not [*build.glob("taking-*")]


def test_a_release_is_taken_when_a_build_has_ended(two_sites, capsys):
    archive, build = two_sites
    hold = subprocess.Popen(
        [PLAIN, "-S", "-c", HOLD, str(pages.BOOK), str(build)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert hold.stdout.readline() == "held\n"
    taking = threading.Thread(target=take.unpack, args=(archive, build))
    taking.start()
    taking.join(0.5)
    assert taking.is_alive()
    assert (build / "html" / "index.html").read_text() == "old"
    hold.communicate()
    taking.join(60)
    assert (build / "html" / "index.html").read_text() == "new"
    said = capsys.readouterr().out
    assert f"waiting for process {hold.pid}, which has been building or testing the book since 20" in said
    assert "the other one has ended; going on" in said


def test_a_new_page_counts_and_what_editors_and_readers_leave_does_not(built_once):
    root, there = built_once.root, take.sources(built_once.root)
    assert take.different_here(there, root) == []
    assert take.different_here(there | {"book/part/gone.csv": "0"}, root) == ["book/part/gone.csv"]
    assert take.different_here(there | {"book/part/weights.csv": "0"}, root) == ["book/part/weights.csv"]
    for new in (
        "book/part/weights.md",
        "mixlib/kernels/linear.py",
        "book/_static/mixing.css",
        "book/mixbook/__main__.py",
    ):
        known = {name: sum for name, sum in there.items() if name != new}
        assert take.different_here(known, root) == [new]


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("book/part/new.md", True),  # and in the contents
        ("book/part/unlisted.md", False),
        ("mixlib/kernels/new.py", True),
        ("book/_static/new.css", True),
        ("book/environments/linux-3.11.yml", True),
        *(
            (f"book/part/{left}", False)
            for left in ("weights.md~", ".weights.md.swp", "#weights.md#", "weights.md.orig")
        ),
        *((f"book/part/{left}", False) for left in ("notes.txt", "weights.ipynb", "weights (copy).md", ".DS_Store")),
        *(
            (f"mixlib/kernels/{left}", False)
            for left in ("linear.py~", ".linear.py.swp", "linear.py.orig", ".#linear.py")
        ),
        *((f"book/_static/{left}", False) for left in ("mixing.css~", ".mixing.css.swp", "mixing.css.bak")),
    ],
)
def test_which_new_files_are_sources(tmp_path, name, counts):
    (tmp_path / "_toc.yml").write_text(
        "root: index\nchapters:\n  - file: part/weights\n  - file: part/new\n  - file: part/unlisted-one\n"
    )
    known = take.sources(tmp_path)
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text("new")
    assert take.different_here(known, tmp_path) == ([name] if counts else [])


def test_the_sum_beside_an_archive_counts_whatever_its_name_and_letters(tmp_path, monkeypatch):
    monkeypatch.setattr(take, "BUILD", tmp_path / "_build")
    archive, sums = tmp_path / "a book.tar.gz", tmp_path / "SHA256SUMS"
    archive.write_text("text")
    sums.write_text(f"{'0' * 64}  {archive.name}\n")
    assert "was expected" in take.main([str(archive)])
    sums.write_text(f"{hashlib.sha256(b'text').hexdigest().upper()} *{archive.name}\n")
    assert "no release of this book" in take.main([str(archive)])
    assert "64 hexadecimal digits" in take.main(["http://127.0.0.1:1/book", "abc"])
    assert "could not be fetched" in take.main(["http://127.0.0.1:1/a book", "0" * 64])


def test_nothing_is_packed_of_a_book_that_is_not_built(book):
    book.edit("book/part/weights.csv", "0.25", "0.35")
    built = book.command("release")
    assert built.code == 1
    assert "book/part/weights.md:1: has no run that is up to date: make book" in built.output
    assert not (book.root / "dist").exists()


def left(build):
    """What stands below the folder of a build, but for the lock by which builds take turns."""
    return [path.name for path in build.glob("*") if path.name != turns.LOCK]


def add(tar, name, text):
    member = tarfile.TarInfo(name)
    member.size = len(text)
    tar.addfile(member, io.BytesIO(text.encode()))


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, form, *arguments):
        pass
