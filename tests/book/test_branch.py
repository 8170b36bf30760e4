"""A folder becomes a branch with one commit, and nothing else of the checkout changes."""

import subprocess

import pytest

from mixbook.build import branch


def git(folder, *arguments):
    done = subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with a commit, a remote and an ignored folder of notebooks."""
    git(tmp_path, "init", "--bare", "remote.git")
    git(tmp_path, "init", "--initial-branch", "main", "here")
    here = tmp_path / "here"
    (here / ".gitignore").write_text("_build/\n")
    git(here, "add", ".gitignore")
    git(here, "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "--message", "First")
    (here / ".git/info/exclude").write_text("*.ipynb\n")  # as some people tell git for all of their checkouts
    git(here, "remote", "add", "origin", str(tmp_path / "remote.git"))
    notebooks = here / "_build" / "notebooks" / "seam"
    notebooks.mkdir(parents=True)
    (notebooks / "l2.ipynb").write_text("{}")
    monkeypatch.chdir(here)
    return here


def test_the_branch_holds_the_folder_and_has_no_past(checkout, tmp_path):
    before = git(checkout, "status", "--porcelain", "--branch")
    for content in ("{}", '{"cells": []}'):
        (checkout / "_build/notebooks/seam/l2.ipynb").write_text(content)
        assert branch.main(["notebooks", "_build/notebooks"]) == 0
        remote = tmp_path / "remote.git"
        assert git(remote, "ls-tree", "-r", "--name-only", "notebooks") == "seam/l2.ipynb"
        assert git(remote, "show", "notebooks:seam/l2.ipynb") == content
        assert git(remote, "rev-list", "--count", "notebooks") == "1"
    assert git(checkout, "status", "--porcelain", "--branch") == before
    assert git(checkout, "branch", "--list", "notebooks") == ""


@pytest.mark.parametrize(("name", "folder"), [("main", "_build/notebooks"), ("notebooks", "_build/nothing")])
def test_the_main_branch_and_an_empty_folder_are_refused(checkout, tmp_path, name, folder):
    with pytest.raises(SystemExit, match="another branch than the main one, and a folder with files"):
        branch.main([name, folder])
    assert git(tmp_path / "remote.git", "branch", "--list") == ""
