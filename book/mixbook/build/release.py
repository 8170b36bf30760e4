"""What a release offers: ``python book/mixbook release [FOLDER]`` packs the built site with the runs that it shows."""

import datetime
import io
import json
import tarfile
from pathlib import Path

from mixbook.build import pages, runner, take
from mixbook.build.store import Store

ARCHIVE, SUMS = "mixing-book.tar.gz", "SHA256SUMS"


def main(arguments=()):
    """Pack site and runs of the last build, and write the sums of everything in the folder."""
    folder = Path(arguments[0] if arguments else pages.ROOT / "dist")
    store, claims = Store(runner.BUILD / "executed"), runner.claim_fingerprints()
    runs = {page.name: store.find(page, claims) for page in pages.table_of_contents()}
    if stale := [
        f"book/{name}.md:1: has no run that is up to date: make book" for name, run in runs.items() if not run
    ]:
        return "\n".join([*stale, "nothing was packed"])
    site = runner.BUILD / "html"
    if not (site / "index.html").is_file() or (runner.BUILD / "unfinished").exists():
        return "the site was not built to its end: make book; nothing was packed"
    folder.mkdir(parents=True, exist_ok=True)
    pack(folder / ARCHIVE, site, store, runs)
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != SUMS)
    pages.write_atomically(folder / SUMS, "".join(f"{take.file_sum(path)}  {path.name}\n" for path in files))
    for path in files:
        print(f"{path.stat().st_size / 2**20:8.1f} MiB  {path}")
    return 0


def pack(archive, site, store, runs):
    """Write one archive with the site, the run of each page, and a record of what both were made from."""
    record = {
        "built": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "sources": take.sources(),
        "runs": {name: run.key for name, run in runs.items()},
    }
    half = archive.with_suffix(".part")
    with tarfile.open(half, "w:gz", compresslevel=6) as tar:
        text = json.dumps(record, indent=1).encode()
        head = tarfile.TarInfo(take.RECORD)
        head.size = len(text)
        tar.addfile(head, io.BytesIO(text))
        tar.add(site, "html", filter=_nobody)
        for name, key in record["runs"].items():
            tar.add(store.folder / name / f"{key}.ipynb", f"executed/{name}/{key}.ipynb", filter=_nobody)
    half.replace(archive)


def _nobody(member):
    """Whose files these are on this machine is nobody's business."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
