"""The small book as fixtures: built once, and a copy for each test."""

import shutil

import pytest

from small_book import PAGES, Project, small_book


@pytest.fixture(scope="session")
def built_once(tmp_path_factory):
    """The small book, built once; not to be changed."""
    project = small_book(tmp_path_factory.mktemp("small-book"))
    built = project.build()
    assert built.code == 0, built.output
    assert built.ran == set(PAGES)
    return project


@pytest.fixture
def book(built_once, tmp_path):
    """A copy of the small book in its built state."""
    shutil.copytree(built_once.root, tmp_path / "copy")
    return Project(tmp_path / "copy")
