"""Every public name says what it is, what each parameter and its default do, and has an example that runs."""

import ast
import contextlib
import dataclasses
import doctest
import importlib
import importlib.util
import inspect
import io
import re
import sys

import pytest
from numpydoc.docscrape import ClassDoc, FunctionDoc

from mixbook.build.reference import by_package, flat, of_package
from own_text import write_model, write_text
from paths import everything

DEFAULT = re.compile(r"default=(.+)$")
MODEL = 'from_pretrained("gpt"'


HOMES = {
    package: {name: value for names in modules.values() for name, value in names.items()}
    for package, modules in by_package().items()
}


@pytest.mark.parametrize("package", HOMES)
def test_all_public_names_are_documented(package):
    faults = [f"{name}: {fault}" for name, value in HOMES[package].items() for fault in faults_of(value)]
    assert not faults, "\n".join(["", *faults])


def test_functions_of_domains_have_an_example():
    wanted = ("no docstring", "no example", "the first line")  # names of their parameters say the rest
    names = flat(of_package("mixlib.domains"))
    faults = [f"{name}: {fault}" for name, value in names for fault in faults_of(value) if fault.startswith(wanted)]
    assert len(names) > 50
    assert not faults, "\n".join(["", *faults])


@pytest.mark.parametrize("package", HOMES)
def test_the_examples_run(package, tmp_path, monkeypatch):
    examples = list(examples_of(package))
    monkeypatch.chdir(tmp_path)  # examples write files, and read these as a user's own
    write_text(tmp_path)
    if any(MODEL in line.source for example in examples for line in example.examples):
        pytest.importorskip("transformers", reason="the extra hf is not installed")
        write_model(tmp_path / "gpt")
    monkeypatch.setattr("mixlib.claims.registry._in_use", {})  # examples give the process a registry
    said = io.StringIO()
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    with everything(compiled=False), contextlib.redirect_stdout(said):
        for example in examples:
            runner.run(example)
    assert runner.failures == 0, said.getvalue()


def examples_of(package):
    """The examples of what the reference shows, each docstring with names of its own; without torch, not torch's."""
    finder, torch = doctest.DocTestFinder(exclude_empty=True), importlib.util.find_spec("torch")
    for name, value in flat(of_package(package)):  # modules that are exported whole with their own
        if torch or "torch" not in inspect.getsource(inspect.getmodule(value)):
            yield from finder.find(value, name, globs={})


def faults_of(value):
    """What is missing or wrong in the docstring of a public function or class."""
    text = inspect.getdoc(value) if value.__doc__ else ""
    if not text:
        return ["no docstring"]
    doc = ClassDoc(value) if inspect.isclass(value) else FunctionDoc(value)
    faults = faults_of_first_line(text) + faults_of_parameters(value, doc)
    if not any(">>>" in line for line in doc["Examples"]):
        faults.append("no example: add a section Examples with >>>")
    if inspect.isclass(value):
        return faults + faults_of_methods(value, doc)
    if not (doc["Returns"] or doc["Yields"]) and returns(value):
        faults.append("no section Returns")
    return faults


def faults_of_first_line(text):
    first, _, rest = text.partition("\n")
    if not first.endswith("."):
        return [f"the first line is no sentence: {first!r}"]
    return ["the first line is not alone: leave a line empty after it"] if rest and not rest.startswith("\n") else []


def faults_of_parameters(value, doc):
    """Every parameter has a type, a word on what it does, and its default; fields of results are attributes."""
    described = {name.strip(" *"): entry for entry in doc["Parameters"] for name in entry.name.split(",")}
    attributes = {name.strip() for entry in doc["Attributes"] for name in entry.name.split(",") if entry.type}
    faults = []
    for parameter in parameters_of(value):
        if parameter.name not in described:
            if parameter.name not in attributes:
                faults.append(f"{parameter.name}: is not described")
            continue
        entry = described.pop(parameter.name)
        if not any(line.strip() for line in entry.desc):
            faults.append(f"{parameter.name}: nothing says what it does")
        if not entry.type and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            faults.append(f"{parameter.name}: no type")
        faults += faults_of_default(value, parameter, entry.type)
    return faults + [f"{name}: is no parameter" for name in described]


def parameters_of(value):
    if inspect.isclass(value) and issubclass(value, BaseException) and "__init__" not in vars(value):
        return []
    hidden = (
        [field.name for field in dataclasses.fields(value) if not field.repr] if dataclasses.is_dataclass(value) else []
    )
    parameters = inspect.signature(value).parameters.values()
    return [parameter for parameter in parameters if parameter.name not in hidden]


def faults_of_default(value, parameter, stated):
    """The default stands at the end of the parameter's first line, and is that of the signature."""
    if not (written := DEFAULT.search(stated)):
        return (
            [] if parameter.default is parameter.empty else [f"{parameter.name}: write default={parameter.default!r}"]
        )
    if parameter.default is parameter.empty:
        return [f"{parameter.name}: has no default"]
    default, text = parameter.default, written[1].strip()
    if dataclasses.is_dataclass(value):
        fields = {field.name: field.default_factory for field in dataclasses.fields(value)}
        if (factory := fields[parameter.name]) is not dataclasses.MISSING:
            default = factory()
    if callable(default) and not dataclasses.is_dataclass(default):
        return []  # a function that another one makes has no name to compare
    with contextlib.suppress(ValueError, SyntaxError):
        return [] if ast.literal_eval(text) == default else [f"{parameter.name}: default={text}, but it is {default!r}"]
    return [] if text == repr(default) else [f"{parameter.name}: default={text}, but it is {default!r}"]


def returns(function):
    """Whether a function's own body, without those of functions within, returns something."""
    tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(inspect.unwrap(function))))
    waiting = list(tree.body[0].body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            continue
        if (isinstance(node, ast.Return) and node.value is not None) or isinstance(node, ast.Yield):
            return True
        waiting += ast.iter_child_nodes(node)
    return False


def faults_of_methods(cls, doc):
    """Public methods have a first line and an example, their own or the class's; overrides share their base's."""
    faults = []
    for name, member in vars(cls).items():
        method = getattr(member, "__func__", member)
        if name.startswith("_") or not inspect.isfunction(method):
            continue
        if any(hasattr(base, name) for base in cls.__mro__[1:]):
            text = inspect.getdoc(getattr(cls, name))
        else:
            text = inspect.getdoc(method)
            if ">>>" not in (text or "") and not any(f"{name}(" in line for line in doc["Examples"]):
                faults.append(f"{name}: no example shows it")
        faults += [f"{name}: {fault}" for fault in (faults_of_first_line(text) if text else ["no docstring"])]
    return faults


GOOD = '''"""The power of a number.

    Parameters
    ----------
    base : float
        What is multiplied.
    exponent : int, default=2
        How often; higher is more.

    Returns
    -------
    float
        The power.

    Examples
    --------
    >>> 2**3
    8
    """'''


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("", "", None),
        ("default=2", "default=3", "default=3, but it is 2"),
        (", default=2", "", "write default=2"),
        ("base : float", "base : float, default=1.0", "has no default"),
        ("exponent : int, default=2", "power : int, default=2", "exponent: is not described"),
        ("exponent : int, default=2", "power : int, default=2", "power: is no parameter"),
        ("base : float", "base", "no type"),
        ("        What is multiplied.\n", "", "nothing says"),
        ("Examples\n    --------", "Notes\n    -----", "no example"),
        ("Returns\n    -------", "Notes\n    -----", "no section Returns"),
        ("number.", "number", "no sentence"),
        ("number.\n", "number.\n    More.", "is not alone"),
    ],
)
def test_each_fault_is_found(tmp_path, monkeypatch, old, new, fault):
    docstring = GOOD.replace(old, new)
    (tmp_path / "powers.py").write_text(f"def power(base, exponent=2):\n    {docstring}\n    return base**exponent\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "powers", raising=False)
    found = faults_of(importlib.import_module("powers").power)
    assert any(fault in text for text in found) if fault else not found
