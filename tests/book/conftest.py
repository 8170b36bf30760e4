"""The small book as fixtures, built once, and a copy for each test; and the runs of the pages of the book itself."""

import shutil
from pathlib import Path

import pytest

from mixbook.build import pages, runner
from small_book import PAGES, Project, small_book


@pytest.fixture(scope="session")
def built_once(once, tmp_path_factory):
    """The small book, built once; not to be changed."""

    def build():
        project = small_book(tmp_path_factory.mktemp("small-book"))
        built = project.build()
        assert built.code == 0, built.output
        assert built.ran == set(PAGES)
        return str(project.root)

    return Project(Path(once("small-book", build)))


@pytest.fixture
def book(built_once, tmp_path):
    """A copy of the small book in its built state; its pages don't carry the library, which takes long to pack."""
    shutil.copytree(built_once.root, tmp_path / "copy")
    project = Project(tmp_path / "copy")
    project.edit("_config.yml", 'mixing_library: ""', "mixing_library: mixlib")
    return project


@pytest.fixture(scope="session")
def page_runs():
    """The run of each page of the book, made first where it is out of date."""
    outcome = runner.bring_up_to_date(pages.table_of_contents(), say=lambda line: None)
    assert outcome.errors == []
    return outcome
