"""Sphinx extension: the reference of the library, one page a package, of what is there.

``.. reference:: mixlib.kernels`` shows every public name whose file lies in that package, a section a file;
``.. reference:: mixlib.domains registered`` shows those of its modules that its registry holds, ``others`` the others.
``.. reference-index::`` lists the pages with their names. A package that exports names and has no page is a mistake.
"""

import functools
import importlib
import inspect
import pkgutil
import re
import types
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.domains.python import PyObject
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

import mixlib
from mixbook.build import channel
from mixbook.build.footprint import digest, file_hash
from mixbook.build.located import Mistake
from mixlib.registry import Registry

FOLDER = "api"  # of the pages, below book/
CONTENTS = 3  # levels beside a page: its modules and their names; methods stand with their class
CLASSES = ("class", "exception")
CALLABLES = ("function", "method", *CLASSES)
ASKED_FOR = re.compile(r"^\.\. reference:: *(\S+)(?: +(registered|others))?$", re.MULTILINE)


def setup(app):
    for field in PyObject.doc_field_types:
        if field.name == "variable":  # Sphinx calls attributes so
            field.label = "Attributes"
    app.add_directive("reference", Reference)
    app.add_directive("reference-index", ReferenceIndex)
    app.connect("autodoc-process-signature", shorten_signature)
    app.connect("missing-reference", find_by_last_word)
    app.connect("env-updated", check_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def exported(module):
    """What a package exports by ``__all__``, or a plain module defines: public functions and classes by name."""
    names = getattr(module, "__all__", None)
    if names is None and not hasattr(module, "__path__"):
        names = [name for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__]
    values = {name: getattr(module, name) for name in names or () if not name.startswith("_")}
    return {name: value for name, value in values.items() if inspect.isfunction(value) or inspect.isclass(value)}


def packages():
    """The library and all packages in it."""
    inside = (module.name for module in pkgutil.walk_packages(mixlib.__path__, "mixlib.") if module.ispkg)
    return [importlib.import_module(name) for name in ("mixlib", *inside)]


@functools.cache
def public_names():
    """Each function and class that a package exports, or a module that mixlib exports, by its shortest dotted name."""
    modules = [value for name in mixlib.__all__ if isinstance(value := getattr(mixlib, name), types.ModuleType)]
    shortest = {}
    for module in sorted({*packages(), *modules}, key=lambda module: (module.__name__.count("."), module.__name__)):
        for name, value in exported(module).items():
            shortest.setdefault(value, f"{module.__name__}.{name}")
    return {name: value for value, name in shortest.items()}


@functools.cache
def by_package():
    """The public names by the package that their file lies in, then by that file's module."""
    found = {}
    for name, value in public_names().items():
        module = importlib.import_module(value.__module__)
        found.setdefault(module.__package__, {}).setdefault(module.__name__, {})[name] = value
    return found


def of_package(package, part=None):
    """What the page of a package, or of a part of it, shows: modules, each with its public names.

    Modules that the package exports are shown whole; all that are there, where a registry holds one entry of each or
    where nothing is exported.
    """
    found = {name: dict(names) for name, names in by_package().get(package, {}).items()}
    taken = set(public_names().values())
    holder = importlib.import_module(package)
    names = getattr(holder, "__all__", [])
    whole = [value for name in names if isinstance(value := getattr(holder, name), types.ModuleType)]
    registries = [value for value in vars(holder).values() if isinstance(value, Registry)]
    if not (found or whole) or any(registry.constant for registry in registries):
        whole = [importlib.import_module(f"{package}.{m.name}") for m in pkgutil.iter_modules(holder.__path__)]
    for module in whole:
        if not hasattr(module, "__path__"):
            rest = {f"{module.__name__}.{n}": v for n, v in exported(module).items() if v not in taken}
            if rest:
                found.setdefault(module.__name__, {}).update(rest)
    if part is not None:
        held = {f"{package}.{name.replace('-', '_')}" for registry in registries for name in registry}
        found = {name: names for name, names in found.items() if (name in held) == (part == "registered")}
    return dict(sorted(found.items()))


class Reference(SphinxDirective):
    """A list of the names of a package, each with its first line, and then their docstrings, a section a module."""

    required_arguments, optional_arguments = 1, 1

    def run(self):
        package = self.arguments[0]
        modules = of_package(*self.arguments)
        self.env.metadata[self.env.docname]["tocdepth"] = CONTENTS
        for path in Path(importlib.import_module(package).__file__).parent.glob("*.py"):
            self.env.note_dependency(str(path))
        overview = [f"* :py:obj:`{short(name)} <{name}>`: {first_line(value)}" for name, value in flat(modules)]
        shown = self._parsed(overview, nodes.container(classes=["mx-names"]))
        for module, names in modules.items():
            section = nodes.section(ids=[nodes.make_id(module)], names=[module])
            section += nodes.title("", title_of(module))
            lines = [line for name, value in names.items() for line in directive_of(name, value)]
            shown += self._parsed(lines, section)
        return shown

    def _parsed(self, lines, parent):
        source = self.get_source_info()[0]
        self.state.nested_parse(StringList(lines, source), self.content_offset, parent, match_titles=1)
        return [parent]


class ReferenceIndex(SphinxDirective):
    """The pages of the reference, each with the names on it."""

    def run(self):
        lines, asked = [], pages_of(Path(self.env.srcdir))
        for page, (package, part) in sorted(asked.items(), key=lambda pair: self._place(pair[0])):
            about = importlib.import_module(package).__doc__.partition("\n")[0]
            names = ", ".join(f":py:obj:`{short(name)} <{name}>`" for name, _ in flat(of_package(package, part)))
            lines += [f":doc:`{FOLDER}/{page}`", f"   {about}", "", f"   {names}", ""]
        parent = nodes.container(classes=["mx-names"])
        self.state.nested_parse(StringList(lines, self.get_source_info()[0]), self.content_offset, parent)
        return [parent]

    def _place(self, page):
        """Where the contents list a page."""
        listed = list(self.config.external_site_map)
        return listed.index(f"{FOLDER}/{page}") if f"{FOLDER}/{page}" in listed else len(listed)


def flat(modules):
    return [pair for names in modules.values() for pair in names.items()]


def short(name):
    return name.rpartition(".")[2]


def first_line(value):
    """The first line of a docstring."""
    return (inspect.getdoc(value) or "").partition("\n")[0]


def title_of(module):
    """What a module's docstring says that it is about: its first line, up to the first stop."""
    return re.split(r"[:.,;](?:\s|$)", importlib.import_module(module).__doc__.strip(), maxsplit=1)[0]


def directive_of(name, value):
    """The lines that have autodoc show a function, or a class with its methods."""
    if inspect.isfunction(value):
        return [f".. autofunction:: {name}", ""]
    special = ["   :special-members: __call__"] if "__call__" in vars(value) else []
    return [f".. autoclass:: {name}", "   :members:", *special, ""]


def shorten_signature(app, what, name, obj, options, signature, return_annotation):
    """A result, which no reader makes, is shown without arguments; a default that a function makes, as …."""
    text = inspect.getdoc(obj) or ""
    if what == "class" and "\nAttributes\n" in text and "\nParameters\n" not in text:
        return "", return_annotation
    return signature and signature.replace("=<factory>", "=…"), return_annotation


def find_by_last_word(app, env, node, contnode):
    """A name that a docstring gives without its package is that of the one public name that ends so."""
    if node.get("refdomain") != "py":
        return None
    kinds = CLASSES if node["reftype"] in CLASSES else CALLABLES  # words of a type are looked for among classes
    objects = {n: o for n, o in env.get_domain("py").objects.items() if o.objtype in kinds and not o.aliased}
    ends = [name for name in objects if short(name) == short(node["reftarget"])]
    if len(ends) != 1:
        return None
    entry = objects[ends[0]]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, contnode, ends[0])


def pages_of(book):
    """The pages of the reference, each with the package that it shows, and which part of it."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted((Path(book) / FOLDER).glob("*.md"))}
    return {name: (asked[1], asked[2]) for name, text in texts.items() if (asked := ASKED_FOR.search(text))}


def missing_pages(book):
    """Packages that export names and have no page."""
    return sorted(set(by_package()) - {package for package, _ in pages_of(book).values()})


def _state(book):
    """A digest of the library and of the pages of the reference."""
    files = [*Path(mixlib.__file__).parent.rglob("*.py"), *sorted((Path(book) / FOLDER).glob("*.md"))]
    return digest({str(path): file_hash(path) for path in files})


def check_pages(app, env):
    """Name every package whose names nobody can look up."""
    looked_at = _state(app.srcdir)
    if FOLDER in env.found_docs and getattr(env, "mixing_reference", None) != looked_at:
        env.mixing_reference = looked_at  # kept where nothing was wrong: a build with mistakes starts afresh
        for package in missing_pages(app.srcdir):
            place = f"book/{FOLDER}/{short(package)}.md"
            fix = f"write it, with `.. reference:: {package}`, and add it to _toc.yml"
            channel.add(Mistake(f"book/{FOLDER}.md", 1, f"the reference has no page of {package}, {place}", fix))
    return []
