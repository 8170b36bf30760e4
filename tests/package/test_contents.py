"""What the wheel and the sdist hold, and what they say of themselves."""

import email
import re
import tarfile
import tomllib
import zipfile

import pytest

import mixlib
from package_builds import ROOT, build


def members(path):
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    with tarfile.open(path) as archive:
        return {name.partition("/")[2]: None for name in archive.getnames()}


@pytest.fixture(scope="module")
def held(wheel):
    return members(wheel)


@pytest.fixture(scope="module")
def metadata(held):
    return email.message_from_bytes(next(text for name, text in held.items() if name.endswith("/METADATA")))


def test_the_wheel_holds_the_library_and_nothing_of_the_book(held):
    files = (path for path in (ROOT / "mixlib").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    sources = {path.relative_to(ROOT).as_posix() for path in files}
    inside = {name for name in held if ".dist-info/" not in name}
    assert {name.partition("/")[0] for name in inside} == {"mixlib"}
    assert {name for name in inside if not name.endswith(".pyi")} == sources
    assert not [name for name, text in held.items() if name.endswith(".py") and re.search(rb"import mixbook", text)]


def test_its_metadata_are_those_of_the_project(held, metadata):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert metadata["Name"] == "mixlib"
    assert metadata["Version"] == mixlib.__version__
    assert metadata["License-Expression"] == "MIT"
    assert sorted(metadata["Requires-Python"].split(",")) == sorted(project["requires-python"].split(","))
    assert set(metadata.get_all("Provides-Extra")) == set(project["optional-dependencies"])
    plain = [need for need in metadata.get_all("Requires-Dist") if "extra ==" not in need]
    assert len(plain) == len(project["dependencies"])
    assert not [need for need in plain if need.startswith("torch")]
    assert any(name.endswith("/licenses/LICENSE") for name in held)
    points = next(text for name, text in held.items() if name.endswith("/entry_points.txt"))
    assert b"mixlib = mixlib.cli:main" in points


def test_the_sdist_holds_what_builds_the_wheel_and_no_more(sdist):
    files = {name for name in members(sdist[0]) if name}
    assert {"tools/stubs/__init__.py", "mixlib/py.typed", "LICENSE", "README.md", "pyproject.toml"} <= files
    assert {name.partition("/")[0] for name in files if "/" in name} == {"mixlib", "mixlib.egg-info", "tools"}
    assert not [name for name in files if name.endswith((".pyc", ".machine"))]


@pytest.mark.rare
def test_the_tree_builds_the_wheel_that_the_sdist_builds(tree, held, tmp_path):
    other = members(build("wheel", tree, tmp_path))
    dated = {name for name in other if name.endswith("/RECORD")}
    assert {name for name in other if other[name] != held.get(name)} <= dated
    assert other.keys() == held.keys()
