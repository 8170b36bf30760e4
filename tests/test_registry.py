"""What a package finds in its folder, and what it leaves alone until somebody asks for it."""

import importlib
import sys

import pytest

import mixlib.carriers
import mixlib.kernels
from mixlib import registry
from mixlib.carriers import CARRIERS
from mixlib.domains import DOMAINS
from mixlib.federation.combiners import COMBINERS
from mixlib.federation.models import MODELS
from mixlib.information.estimators import ESTIMATORS
from mixlib.kernels import ZOO
from mixlib.registry import Registry

BASE = """
from abc import ABC, abstractmethod

__all__ = ["Tool"]

class Tool(ABC):
    @abstractmethod
    def use(self):
        pass

def helper():
    pass
"""
SHOP = """
from mixlib.registry import Registry, attach

TOOLS = Registry(__name__, subclass_of="Tool")
WORDS = Registry(__name__, constant="WORD")
__getattr__, __dir__ = attach(__name__)
"""
IRON = """
from {name}.base import Tool, helper

class Iron(Tool):
    def use(self): pass

class Steam: pass

class _Cold(Iron): pass

def heat(): pass
"""
SAW = """
from {name}.base import Tool

class Part(Tool): pass

class Blade(Tool):
    def use(self): pass

class Saw(Tool):
    place = 1
    def use(self): pass

WORD = "cut"
"""
FILES = {
    "__init__": SHOP,
    "base": BASE,
    "hot_iron": IRON,
    "saw": SAW,
    "string": 'TEXT = """\nclass Rope: pass\n"""\n',
    "_private": "class Hidden: pass\n",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Makes a package of its own from files, and returns it."""
    monkeypatch.syspath_prepend(tmp_path)
    made = []

    def make(**files):
        name = f"workshop_{tmp_path.name}_{len(made)}"
        (tmp_path / name).mkdir()
        for file, text in (FILES | files).items():
            (tmp_path / name / f"{file}.py").write_text(text.replace("{name}", name))
        made.append(importlib.import_module(name))
        return made[-1]

    yield make
    for module in made:
        for name in [name for name in sys.modules if name.partition(".")[0] == module.__name__]:
            del sys.modules[name]


def loaded(package):
    return {name.partition(".")[2] for name in sys.modules if name.startswith(f"{package.__name__}.")}


def test_entries_are_the_concrete_classes_by_file(package):
    tools = package().TOOLS
    assert list(tools) == ["saw", "hot-iron"]  # the one with a place first
    assert [kind.__name__ for kind in tools.values()] == ["Saw", "Iron"]
    assert tools == dict(tools)
    assert len(tools) == 2
    assert "Saw" in repr(tools)


def test_entries_are_constants_by_file(package):
    assert dict(package().WORDS) == {"saw": "cut"}


def test_one_key_imports_one_file(package):
    shop = package()
    assert loaded(shop) == set()
    assert shop.TOOLS["hot-iron"].__name__ == "Iron"
    assert "saw" in shop.WORDS
    assert "hammer" not in shop.TOOLS
    assert loaded(shop) == {"base", "hot_iron", "saw"}


@pytest.mark.parametrize("key", ["hammer", "hot_iron", "string", "_private", 1, None])
def test_keys_without_an_entry_are_named(package, key):
    shop = package()
    assert key not in shop.TOOLS
    assert shop.TOOLS.get(key) is None
    with pytest.raises(KeyError, match=rf"{key!r}; workshop.* has saw, hot-iron"):
        shop.TOOLS[key]


def test_two_entries_in_a_file_are_refused_unless_one_is_called_as_it(package):
    twice = package(hot_iron=IRON.replace("class Steam:", "class Steam(Iron):")).TOOLS
    with pytest.raises(ValueError, match="hot_iron: defines Iron and Steam, and none is called as the file"):
        list(twice)
    named = package(hot_iron=IRON.replace("class Steam:", "class HotIron(Iron):")).TOOLS
    assert named["hot-iron"].__name__ == "HotIron"


def test_a_class_that_lacks_a_method_is_refused_if_it_is_called_as_the_file(package):
    unfinished = package(saw="from {name}.base import Tool\n\nclass Saw(Tool): pass\n").TOOLS
    with pytest.raises(ValueError, match=r"saw: Saw lacks use, which every Tool defines"):
        list(unfinished)


def test_what_is_made_of_another_entry_has_a_place_of_its_own(package):
    jigsaw = "from {name}.saw import Saw\n\nclass Jigsaw(Saw): pass\n"
    assert list(package(a_jigsaw=jigsaw).TOOLS) == ["saw", "a-jigsaw", "hot-iron"]


REGISTRIES = [ZOO, CARRIERS, DOMAINS, ESTIMATORS, COMBINERS, MODELS]


@pytest.mark.parametrize("found", REGISTRIES, ids=lambda found: found.package)
def test_names_without_imports_are_those_of_the_entries(found):
    assert set(found.names()) == set(found), "a class that is an entry names its own reference"


@pytest.mark.parametrize("given", [{}, {"subclass_of": "Tool", "constant": "WORD"}])
def test_what_an_entry_is_has_to_be_said(given):
    with pytest.raises(ValueError, match="subclass_of: give this or constant"):
        Registry("mixlib.kernels", **given)


def test_public_names_are_found_without_importing(package):
    shop = package()
    names = ["Blade", "Iron", "Part", "Saw", "Steam", "TOOLS", "Tool", "WORDS", "heat"]
    assert shop.__all__ == dir(shop) == names  # Rope stands in a text, and of base only Tool is public
    assert loaded(shop) == set()
    assert shop.heat.__name__ == "heat"
    assert loaded(shop) == {"base", "hot_iron"}
    assert shop.saw.WORD == "cut"
    everything = {}
    exec(f"from {shop.__name__} import *", everything)
    assert everything.keys() >= set(names)


@pytest.mark.parametrize("name", ["Rope", "helper", "_Cold", "Hidden", "_private", "Tools", "__wrapped__"])
def test_other_names_are_attribute_errors(package, name):
    with pytest.raises(AttributeError, match=f"module 'workshop.*' has no attribute '{name}'"):
        getattr(package(), name)


def test_what_was_only_looked_into_is_told_from_what_was_listed(package, monkeypatch):
    monkeypatch.setattr(registry, "LOOKED_INTO", set())
    monkeypatch.setattr(registry, "LISTED", set())
    shop = package()
    folder = shop.__path__[0]
    assert shop.Saw
    assert f"{folder}/hot_iron.py" in registry.LOOKED_INTO
    assert shop.TOOLS["saw"]
    assert not registry.LISTED
    assert len(shop.TOOLS) == 2
    assert sorted(registry.LISTED) == [folder]
    registry.LISTED.clear()
    dir(shop)
    assert sorted(registry.LISTED) == [folder]


@pytest.mark.parametrize("package", [mixlib.kernels, mixlib.carriers], ids=lambda package: package.__name__)
def test_no_name_has_two_homes(package):
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in registry.modules_of(package.__name__)]
    for name in set(package.__all__) - vars(package).keys():
        homes = [m for m in modules if getattr(vars(m).get(name), "__module__", None) == m.__name__]
        assert len(homes) == 1, f"{name}: {homes}"
