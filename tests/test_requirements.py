"""The pinned environment and the ranges of the package name the same things."""

import re
import tomllib
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
OWN, *_ = (ROOT / "requirements.txt").read_text(encoding="utf-8").split("# What these need in turn")
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
