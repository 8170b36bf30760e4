"""The stub of a module: its public classes, functions and constants, with the types that their docstrings state."""

import ast
import copy
import re

from tools.stubs.docstrings import results, stated
from tools.stubs.phrases import UnknownPhraseError, python_type
from tools.stubs.syntax import (
    ANY,
    decorator_text,
    is_plain,
    last,
    literal_type,
    of_body,
    only_raises,
    renamed,
    set_on_self,
    yields,
)

CONVENTIONS = {  # what a parameter means wherever it is taken, for those of methods that are not described again
    "rng": "None, int or numpy.random.Generator",
    "progress": "None, bool or callable",
    "weights": "None or array_like",
    "name": "str",
    "path": "path",
    **dict.fromkeys(("n", "d", "k"), "int"),
    **dict.fromkeys(("tokens", "targets", "entropies", "document_starts"), "array_like"),
}
RESULTS = {"to_frame": "pandas.DataFrame", "__len__": "int", "__repr__": "str", "__bool__": "bool"}
VAGUE = ANY, "Any", "object", "dict", "tuple", "list", "str"
SPECIAL = {f"__{name}__" for name in ("init", "call", "getitem", "len", "iter", "enter", "exit", "contains", "add")}
DECORATORS = {"property", "classmethod", "staticmethod", "abstractmethod", "contextmanager", "cached_property"}
TRANSPARENT = {"cache", "lru_cache", "no_grad", "errstate", "outside_graphs"}
FOREIGN = (
    "collections.abc",
    "concurrent.futures",
    "contextlib",
    "dataclasses",
    "functools",
    "matplotlib.axes",
    "numpy",
    "os",
    "pandas",
)
FOREIGN += ("pathlib", "tokenizers", "torch", "transformers", "typing", "distributed", "abc")
GENERIC = {"Mapping": "[typing.Any, typing.Any]", "AbstractContextManager": "[typing.Any]"}
ARRAY, ARRAY_LIKE = re.compile(r"\bArray\b"), re.compile(r"\bArrayLike\b")
KINDS = "numpy.ndarray[typing.Any, DType]", "Tensor"  # what comes out is of the kind that went in


class Stub:
    """The stub of one module."""

    def __init__(self, library, module):
        self.library, self.module, self.tree = library, module, library.trees[module]
        self.imported, self.lines, self.used = library.imports(module), [], {}
        self.own = {n.name for n in self.tree.body if isinstance(n, ast.ClassDef)}

    def text(self):
        """Its lines, with the imports that they need first."""
        for node in self.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                self._class(node)
            elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                self._function(node, "")
            elif isinstance(node, (ast.Assign, ast.AnnAssign)):
                self._constant(node, "")
        body = "\n".join(self.lines)
        heads = ['# mypy: disable-error-code="override, misc"']  # a field may answer what a property asks for
        heads += [f"import {name}" for name in FOREIGN if re.search(rf"\b{re.escape(name)}\.", body)]
        heads += [f"from {home} import {there} as {name}" for name, (home, there) in sorted(self.used.items())]
        ours = [
            name for name in ("AnyArray", "Array", "ArrayLike", "DType", "Tensor") if re.search(rf"\b{name}\b", body)
        ]
        heads += [f"from {self.library.package}._typing import {', '.join(ours)}"] if ours else []
        return "\n".join([*heads, "", body, ""])

    def _type(self, phrase, result=False):
        try:
            found = python_type(phrase, {*self.library.homes, *self.own}, result)
        except UnknownPhraseError as error:
            self.library.unknown.append((self.module, phrase, str(error)))
            return ANY
        for word in set(re.findall(r"(?<![\w.\"-])[A-Z]\w+", found)) - self.own - {"Array", "ArrayLike", "None"}:
            home = self.library.class_of(word, self.module)
            if home is None:  # several of that name
                found = re.sub(rf"\b{word}\b", ANY, found)
            else:
                self.used[word] = home[0], word
        return found

    def _annotation(self, node):
        """An annotation of the source; its names are imported as the source does."""
        for name in {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}:
            if name in self.imported:
                home, there = self.imported[name]
                if not there:
                    node = renamed(node, name, home)
                else:
                    self.used[name] = home, there
        text = ast.unparse(node)
        for bare, full in (("dict", f"dict[{ANY}, {ANY}]"), ("tuple", f"tuple[{ANY}, ...]"), ("list", f"list[{ANY}]")):
            text = re.sub(rf"\b{bare}\b(?!\[)", full, text)
        return re.sub(r"\bCallable\b(?!\[)", f"Callable[..., {ANY}]", text)

    def _constant(self, node, indent):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name) and not target.id.startswith("_"):
                known = isinstance(node, ast.AnnAssign)
                kind = self._annotation(node.annotation) if known else literal_type(node.value)
                self.lines.append(f"{indent}{target.id}: {kind}")

    def _class(self, node):
        held = [self._annotation(base) for base in node.bases if not ast.unparse(base).startswith("_")]
        plain = [text + GENERIC.get(text, "") for text in held if text in self.own or self._has(text)]
        for decorator in node.decorator_list:
            if ast.unparse(decorator).startswith(("dataclass", "dataclasses.dataclass")):
                self.lines.append("@dataclasses." + ast.unparse(decorator).removeprefix("dataclasses."))
        self.lines.append(f"class {node.name}({', '.join(plain)}):" if plain else f"class {node.name}:")
        above = [ast.get_docstring(base) for _, base in self.library.bases(self.module, node)]
        words = {}
        for text in [*reversed(above), ast.get_docstring(node)]:
            words |= stated(text, "Attributes", "Parameters")
        start, is_record = len(self.lines), bool(node.decorator_list) or "NamedTuple" in plain
        settable = {name: self._type(phrase, result=True) for name, phrase in words.items()}
        settable = {name: ARRAY_LIKE.sub("AnyArray", ARRAY.sub("AnyArray", kind)) for name, kind in settable.items()}
        settable = {name: "AnyArray" if kind == "AnyArray | None" else kind for name, kind in settable.items()}
        seen = set()
        for member in node.body:
            if isinstance(member, ast.AnnAssign):
                name = member.target.id
                seen.add(name)
                self._field(member, settable.get(name), is_record)
            elif isinstance(member, ast.Assign):
                for target in member.targets:
                    if isinstance(target, ast.Name) and not target.id.startswith("_"):
                        seen.add(target.id)
                        kind = settable.get(target.id, literal_type(member.value))
                        self.lines.append(f"    {target.id}: typing.ClassVar[{kind}]")
            elif isinstance(member, ast.FunctionDef):
                seen.add(member.name)
                if member.name in SPECIAL or not member.name.startswith("_"):
                    self._function(member, "    ", node, settable)
        inherited = {
            m.name for _, base in self.library.bases(self.module, node) for m in base.body if hasattr(m, "name")
        }
        taken = {arg.arg for m in node.body if getattr(m, "name", "") == "__init__" for arg in m.args.args}
        for name in sorted(set_on_self(node) - seen - inherited):
            self.lines.append(f"    {name}: {settable.get(name, ANY) if name in taken | set(words) else ANY}")
        if len(self.lines) == start:
            self.lines.append("    ...")

    def _above(self, owner):
        return [base.name for _, base in self.library.bases(self.module, owner)]

    def _has(self, text):
        name = text.partition("[")[0]
        return (
            "." in name or name in self.used or name in ("Exception", "object") or name.endswith(("Error", "Warning"))
        )

    def _field(self, node, kind, is_record):
        written = self._annotation(node.annotation)
        if "ClassVar" not in written and kind and written.partition("[")[0] in VAGUE:
            written = kind
        if node.target.id.startswith("_") and not is_record:
            return
        given = ""
        if is_record and node.value is not None and "ClassVar" not in written:
            call = node.value if isinstance(node.value, ast.Call) else None
            words = {word.arg: ast.unparse(word.value) for word in call.keywords} if call else {}
            told = ", ".join(f"{name}={words[name]}" for name in ("default", "init", "kw_only") if name in words)
            optional = call is None or any(name.startswith("default") for name in words)
            given = f" = dataclasses.field({told})" if told else " = ..." if optional else ""
        self.lines.append(f"    {node.target.id}: {written}{given}")

    def _function(self, node, indent, owner=None, settable=None):
        names = {last(decorator) for decorator in node.decorator_list}
        if names & {"setter", "overload"}:
            return
        if names - DECORATORS - TRANSPARENT:  # a compiled function is an object of its own
            self.lines.append(f"{indent}{node.name}: {ANY}")
            return
        docs = [ast.get_docstring(node)]
        if owner is not None:
            docs += [ast.get_docstring(owner)] if node.name == "__init__" else []
            above = self.library.bases(self.module, owner)
            docs += [
                ast.get_docstring(m) for _, base in above for m in base.body if getattr(m, "name", "") == node.name
            ]
        words = {}
        for text in reversed(docs):
            words |= stated(text, "Parameters")
        arguments = copy.deepcopy(node.args)
        bound = owner is not None and "staticmethod" not in names
        typed, every = self._parameters(arguments, words, bound)
        is_property = names & {"property", "cached_property"}
        if is_property and settable and node.name in settable:
            result = settable[node.name]
        else:
            phrases = next((found for text in docs if (found := results(text))), [])
            result = self._result(node, phrases, names)
            if owner is not None and "classmethod" in names and result in (owner.name, *self._above(owner)):
                result = "typing.Self"
        key = ".".join(filter(None, (self.module, owner and owner.name, node.name)))
        self.library.counted[key] = [typed + (result != ANY), every + 1]
        kept = [decorator for decorator in node.decorator_list if last(decorator) in DECORATORS]
        for text, back in self._overloads(arguments, result, bound):
            many = text != ast.unparse(arguments)
            self.lines += [f"{indent}@typing.overload"] if many else []
            self.lines += [f"{indent}@{decorator_text(decorator)}" for decorator in kept]
            self.lines.append(f"{indent}def {node.name}({text}) -> {back}: ...")

    def _parameters(self, arguments, words, bound):
        """Give each parameter its type; how many have one, of how many."""
        typed = every = 0
        ordered = [*arguments.posonlyargs, *arguments.args]
        for argument in [*ordered[bound:], arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]:
            if argument is None:
                continue
            phrase = words.get(argument.arg) or CONVENTIONS.get(argument.arg)
            kind = self._type(phrase) if phrase else ANY
            if "None" in kind or (phrase or "").startswith("integer array"):
                kind = ARRAY.sub("ArrayLike", kind)  # what is read beside the array that decides may be a list
            if argument in (arguments.vararg, arguments.kwarg):
                kind = ANY
            else:
                every += 1
                typed += kind != ANY
            argument.annotation = ast.Name(kind)
        if bound and ordered:
            ordered[0].annotation = None
        pairs = [*zip(ordered[::-1], arguments.defaults[::-1], strict=False)]
        for argument, value in [*pairs, *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]:
            if isinstance(value, ast.Constant) and value.value is None and argument.annotation is not None:
                kind = argument.annotation.id
                argument.annotation.id = kind if kind == ANY or kind.endswith("None") else f"{kind} | None"
        for values in (arguments.defaults, arguments.kw_defaults):
            values[:] = [value and (value if is_plain(value) else ast.Constant(...)) for value in values]
        return typed, every

    def _result(self, node, phrases, names):
        if node.name in RESULTS:
            return RESULTS[node.name]
        if node.name == "__init__":
            return "None"
        kinds = [self._type(phrase, result=True) for phrase in phrases]
        kind = f"tuple[{', '.join(kinds)}]" if len(kinds) > 1 else kinds[0] if kinds else self._inferred(node, names)
        return f"collections.abc.Iterator[{kind}]" if yields(node) else kind

    def _inferred(self, node, names):
        """What the return statements tell by themselves."""
        values = [found.value for found in of_body(node, ast.Return)]
        if "abstractmethod" in names or only_raises(node) or yields(node):
            return ANY
        if not any(values):
            return "None"
        found = {self._kind_of(value) for value in values}
        return found.pop() if len(found) == 1 else ANY

    def _kind_of(self, value):
        if isinstance(value, ast.Name) and value.id == "self":
            return "typing.Self"
        if isinstance(value, ast.JoinedStr):
            return "str"
        if isinstance(value, ast.Constant) and value.value is not None:
            return type(value.value).__name__
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            name = value.func.id
            if name == "cls":
                return "typing.Self"
            if name in ("int", "float", "bool", "str"):
                return name
            if name == "len":
                return "int"
            if not name.startswith("_") and self.library.class_of(name, self.module):
                return self._type(name, result=True)
        return ANY

    def _overloads(self, arguments, result, bound):
        """Signatures and results: one for NumPy arrays and one for tensors, where the one decides on the other."""
        ordered = [*arguments.posonlyargs, *arguments.args][bound:] + arguments.kwonlyargs
        kinds = [argument.annotation.id for argument in ordered]
        if not ARRAY.search(result):
            return [(ast.unparse(arguments), result)]
        deciding = [place for place, kind in enumerate(kinds) if ARRAY.search(kind) and not kind.endswith("None")]
        if result == "Array" and deciding:
            decides = ordered[deciding[0]].annotation
            signatures = []
            for kind in KINDS:
                decides.id = ARRAY.sub(kind, kinds[deciding[0]])
                signatures.append((ast.unparse(arguments), kind))
            decides.id = kinds[deciding[0]]
            return signatures
        known = any(ARRAY.search(kind) or ARRAY_LIKE.search(kind) or kind == ANY for kind in kinds) or bound
        back = "AnyArray" if known else "numpy.ndarray[typing.Any, typing.Any]"
        return [(ast.unparse(arguments), ARRAY.sub(back, result))]
