"""Build a page again whenever something that it is made of is saved: ``python book/mixbook watch kernels/linear``."""

import subprocess
import sys

import watchfiles

from mixbook.build.page import named
from mixbook.build.pages import BOOK, ROOT
from mixbook.build.runner import BUILD
from mixbook.build.store import Store

ALWAYS = (ROOT / "_config.yml", BOOK / "claims.yml", BOOK / "references.bib")
FOLDERS = ("book", "mixlib")


def main(arguments):
    """Build the page, then again at each save, until Ctrl-C; returns what is wrong with the arguments."""
    page = named(arguments)
    if isinstance(page, str):
        return page
    build(page)
    for _ in watchfiles.watch(
        *(ROOT / folder for folder in FOLDERS), watch_filter=lambda _, path: concerns(page, path)
    ):
        build(page)


def build(page):
    """One build in a process of its own, which has every module as it is now."""
    subprocess.run([sys.executable, str(BOOK / "mixbook"), "page", page.name], check=False)
    print(f"\nwatching {page.name} and what it uses; Ctrl-C ends it", flush=True)


def concerns(page, path):
    """Whether a file is the page, or belongs to its look or to what its last run used."""
    run = Store(BUILD / "executed").newest(page)
    used = {ROOT / name for name in run.facts["seen"]["files"]} if run else set()
    path = ROOT / path
    return path in {page.path, *ALWAYS} | used or path.is_relative_to(BOOK / "_static")
