"""The package as it is published: an sdist of the tree, and the wheel that is built from it."""

import tarfile
import zipfile

import pytest

from package_builds import build, clean_tree


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    return clean_tree(tmp_path_factory.mktemp("package") / "tree")


@pytest.fixture(scope="session")
def sdist(tree):
    """The sdist, and the folder that it unpacks to."""
    path = build("sdist", tree, tree.parent)
    with tarfile.open(path) as archive:
        archive.extractall(tree.parent / "unpacked", filter="data")
    return path, next((tree.parent / "unpacked").iterdir())


@pytest.fixture(scope="session")
def wheel(sdist, tree):
    """The wheel, built from the unpacked sdist."""
    return build("wheel", sdist[1], tree.parent)


@pytest.fixture(scope="session")
def unpacked(wheel, tree):
    """A folder with what the wheel holds."""
    folder = tree.parent / "wheel"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder
