"""The pinned environment and the ranges of the package name the same things."""

import importlib.metadata
import re
import tomllib
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
OWN, *_ = (ROOT / "requirements.txt").read_text(encoding="utf-8").split("# What these need in turn")
OLDEST = "3.11.0"  # systems stay at an early patch release for years
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RANGES = [Requirement(text) for text in chain(PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())]


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pins():
    lines = (line.partition("#")[0].strip() for line in OWN.splitlines())
    return [Requirement(line) for line in lines if line]


def test_what_the_project_uses_itself_is_installed_without_pins_too():
    known = {plain(range.name) for range in RANGES}
    assert sorted(pin.name for pin in pins() if plain(pin.name) not in known) == []


def test_every_pin_lies_in_the_range_that_the_package_allows():
    versions = {plain(pin.name): str(next(iter(pin.specifier)).version) for pin in pins()}
    outside = [
        f"{range}: {versions[plain(range.name)]}"
        for range in RANGES
        if plain(range.name) in versions and not range.specifier.contains(versions[plain(range.name)], prereleases=True)
    ]
    assert outside == []


def test_every_pin_runs_on_the_oldest_python():
    assert SpecifierSet(PROJECT["requires-python"]).contains(OLDEST)
    pinned = dict(
        re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    )
    pinned = {plain(name): version for name, version in pinned.items()}
    needed = {
        f"{found.name}=={found.version}": found.metadata["Requires-Python"]
        for found in importlib.metadata.distributions()
        if pinned.get(plain(found.name)) == found.version  # with other versions it is not the pins that are tried
    }
    assert {pin: need for pin, need in needed.items() if need and not SpecifierSet(need).contains(OLDEST)} == {}
