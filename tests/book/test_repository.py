"""Where the repository is: from the setting, from the git remote, or nowhere; and the addresses that follow."""

import subprocess
from urllib.parse import parse_qs, urlsplit

import pytest

from mixbook.build import repository
from mixbook.build.repository import Repository


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/Some-One/mixing.book",
        "https://github.com/Some-One/mixing.book.git",
        "https://github.com/Some-One/mixing.book/",
        "https://x-token:secret@github.com/Some-One/mixing.book.git",
        "git@github.com:Some-One/mixing.book.git",
        "ssh://git@github.com/Some-One/mixing.book",
    ],
)
def test_all_ways_of_writing_an_address_are_the_same_repository(address):
    assert repository.parse(address) == Repository("Some-One", "mixing.book")


@pytest.mark.parametrize(
    "address", ["", "../mixing", "/srv/git/mixing.git", "https://example.org/a/b", "git@github.com:a"]
)
def test_other_addresses_are_none(address):
    assert repository.parse(address) is None


def test_a_setting_that_is_no_repository_says_what_to_write(tmp_path):
    with pytest.raises(ValueError, match=r"mixing_repository: 'github.com/a/b'.*https://github.com/owner/name"):
        repository.find("github.com/a/b", tmp_path)


def git(folder, *arguments):
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True)


def test_the_setting_comes_before_the_remote_and_origin_before_others(tmp_path):
    assert repository.find("", tmp_path) is None  # no checkout
    git(tmp_path, "init")
    assert repository.find("", tmp_path) is None  # no remote
    git(tmp_path, "remote", "add", "a", "https://github.com/other/fork")
    assert repository.find("", tmp_path) == Repository("other", "fork")
    git(tmp_path, "remote", "add", "origin", "git@github.com:one/book.git")
    assert repository.find("", tmp_path) == Repository("one", "book")
    assert repository.find("https://github.com/two/book", tmp_path) == Repository("two", "book")


def test_the_remote_of_a_checkout_around_the_project_is_not_its_own(tmp_path):
    git(tmp_path, "init")
    git(tmp_path, "remote", "add", "origin", "https://github.com/one/everything")
    (tmp_path / "project").mkdir()
    assert repository.find("", tmp_path / "project") is None


def test_without_git_there_is_no_remote(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert repository.remote(tmp_path) == ""


def test_addresses_hold_the_page_and_the_claim():
    one = Repository("Some-One", "mixing.book")
    assert one.site == "https://some-one.github.io/mixing.book/"
    assert Repository("Some-One", "some-one.github.io").site == "https://some-one.github.io/"
    assert one.edit("seam/l2") == "https://github.com/Some-One/mixing.book/edit/main/book/seam/l2.md"
    assert one.colab("seam/l2").endswith("/github/Some-One/mixing.book/blob/notebooks/seam/l2.ipynb")
    assert parse_qs(urlsplit(one.binder("seam/l2")).query) == {"urlpath": ["lab/tree/book/seam/l2.md"]}
    asked = parse_qs(urlsplit(one.report("a.b&c")).query)
    assert asked == {"template": ["claim.yml"], "title": ["a.b&c: "], "claim": ["a.b&c"]}
