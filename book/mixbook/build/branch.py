"""A folder as a branch of its own: ``python book/mixbook branch notebooks _build/html/_notebooks`` pushes it.

The branch has one commit without a past, so that the repository does not grow with each book that is published.
"""

import argparse
import os
import subprocess
import tempfile
from pathlib import Path

NAMED = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "The mixing book"), ("EMAIL", "noreply@github.com"))
}


def main(arguments):
    parser = argparse.ArgumentParser(prog="python book/mixbook branch", description=__doc__)
    parser.add_argument("name", help="the branch, which is replaced")
    parser.add_argument("folder", type=Path, help="what it is to hold")
    parser.add_argument("--remote", default="origin", help="where to push it (default: origin)")
    options = parser.parse_args(arguments)
    if options.name in ("main", "master") or not any(options.folder.glob("*")):
        raise SystemExit(
            f"{options.name} {options.folder}: name another branch than the main one, and a folder with files"
        )
    commit = committed(options.folder, f"What the book of {git('rev-parse', '--short', 'HEAD')} holds")
    git("push", "--force", options.remote, f"{commit}:refs/heads/{options.name}")
    print(f"pushed {commit[:10]} to {options.name}")
    return 0


def committed(folder, message):
    """A commit without parents that holds a folder, whatever git is told to ignore; no branch and no index changes."""
    with tempfile.TemporaryDirectory() as scratch:
        where = {
            "GIT_INDEX_FILE": str(Path(scratch, "index")),
            "GIT_WORK_TREE": str(folder.resolve()),
            "GIT_DIR": git_dir(),
        }
        git("add", "--all", "--force", ".", cwd=folder, **where)
        tree = git("write-tree", **where)
    return git("commit-tree", tree, "-m", message, **NAMED)


def git_dir():
    """The repository's own folder."""
    return git("rev-parse", "--absolute-git-dir")


def git(*arguments, cwd=None, **environment):
    """What git prints, without the last line break."""
    done = subprocess.run(
        ["git", *arguments], cwd=cwd, env=os.environ | environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.strip()
