"""Which tests can notice a mutant: those that reach its function, as one run of the tests under coverage has seen.

Coverage does not see compiled functions, nor constants, nor defaults, nor what runs in other processes or at import.
These are reached by the tests of their own module, from the functions that name them, and those perhaps from others,
by the tests of their package, and by those that hold signatures against docstrings.

A run takes minutes, so it is kept in ``_build/mutation`` until the library or a test changes.
"""

import ast
import json
import os
import re
import time
from pathlib import Path

import coverage

UNITS = ("tests",)
NOT_FOR_MUTANTS = (  # pages, the site, copies of the project, commands of their own: too slow, or about other things
    "tests/book",
    "tests/mutation",
    "tests/site",
    "tests/test_chance.py",
    "tests/test_checks_can_fail.py",
    "tests/test_readme.py",
)
OPTIONS = [f"--ignore={name}" for name in NOT_FOR_MUTANTS]
OF_SIGNATURES = ("tests/test_docstrings.py::test_all_public", "tests/test_registry.py")
DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
IMPORTED = re.compile(r"^ *(?:from|import) (mixlib[\w.]*)", re.MULTILINE)
DATA = "MIXLIB_REACH"  # environment variable: where the plug-in leaves what it saw


class Plugin:
    """Of pytest: notes what each test executes, and the seconds of the processor that it takes."""

    def __init__(self, folder):
        self.folder, self.seconds, self.passed = Path(folder), {}, set()
        self.coverage = coverage.Coverage(data_file=str(self.folder / "coverage"), source=["mixlib"], config_file=False)
        self.coverage.start()

    def pytest_runtest_logstart(self, nodeid, location):
        self.coverage.switch_context(nodeid)
        self.seconds[nodeid] = -time.process_time()

    def pytest_runtest_logfinish(self, nodeid, location):
        self.seconds[nodeid] += time.process_time()
        self.coverage.switch_context("")

    def pytest_runtest_logreport(self, report):
        if report.when == "call" and report.passed:
            self.passed.add(report.nodeid)

    def pytest_sessionfinish(self):
        self.coverage.stop()
        self.coverage.save()
        seconds = {nodeid: self.seconds[nodeid] for nodeid in self.seconds if nodeid in self.passed}
        (self.folder / "seconds.json").write_text(json.dumps(seconds), encoding="utf-8")


def pytest_configure(config):
    if folder := os.environ.pop(DATA, None):  # a run that a test starts would write over what was seen
        config.pluginmanager.register(Plugin(folder))


class Names:
    """The functions of the library, their first and last lines, and which functions and constants name what."""

    def __init__(self, root):
        self.root, self.spans, self.naming = Path(root), {}, {}
        self.compiled, self._imports = set(), {}  # with compiled functions, or a part of their stamp
        for path in sorted((self.root / "mixlib").rglob("*.py")):
            module = path.relative_to(root).as_posix()
            self.spans[module] = {}
            text = path.read_text(encoding="utf-8")
            self._imports[module] = {found.replace(".", "/") for found in IMPORTED.findall(text)}
            if "@compiled(" in text:
                self.compiled.add(module)
            self._walk(module, ast.parse(text), ())
        for module in list(self.compiled):
            self._compile_in(module)

    def _compile_in(self, module):
        for name in self._imports[module]:
            for other in (f"{name}.py", f"{name}/__init__.py", f"{name.rpartition('/')[0]}.py"):
                if other in self._imports and other not in self.compiled:
                    self.compiled.add(other)
                    self._compile_in(other)

    def _walk(self, module, node, scope):
        for child in ast.iter_child_nodes(node):
            inner = (*scope, child.name) if isinstance(child, DEFINITIONS) else scope
            if isinstance(child, ast.FunctionDef):
                self.spans[module][".".join(inner)] = child.body[0].lineno, child.end_lineno
            elif isinstance(child, ast.Assign) and not scope and isinstance(child.targets[0], ast.Name):
                inner = (child.targets[0].id,)
            if isinstance(child, ast.Name | ast.Attribute) and scope:
                name = child.id if isinstance(child, ast.Name) else child.attr
                self.naming.setdefault(name, set()).add((module, ".".join(scope)))
            self._walk(module, child, inner)

    def upwards(self, module, function):
        """That function, those that name it, those that name them, and so on; nearest first."""
        found, at = [], 0
        found.append((module, function))
        while at < len(found):
            yield found[at]
            found += sorted(self.naming_of(*found[at]) - set(found))
            at += 1

    def naming_of(self, module, function):
        """Who names it; no file uses the private names of another one."""
        name = _public(function)
        return {place for place in self.naming.get(name, ()) if place[0] == module or not name.startswith("_")}

    def own_tests(self, module):
        """The test files that mirror a module, or else its package."""
        path = Path(module.replace("mixlib", "tests", 1)).with_suffix("")
        for one in (path, path.parent):
            folders = {folder for folder in (one.parent, one.parent.parent) if folder != Path()}
            files = sorted(file for folder in folders for file in (self.root / folder).glob("test_*.py"))
            own = [file for file in files if re.fullmatch(rf"test_{one.name}(_\w+)?", file.stem)]
            if own:
                return [file.relative_to(self.root).as_posix() for file in own]
        return []


def _public(scope):
    """By which name others call a function: that of the class, for what only the class calls."""
    names = scope.split(".")
    return names[0] if names[-1].startswith("_") and not names[0].startswith("_") else names[-1]


class Reach:
    """Tests by what they reach. ``seconds`` maps the ids of all tests that pass to what they take."""

    def __init__(self, names, seconds, reached):
        self.names, self.seconds, self.reached = names, seconds, reached

    def tests_of(self, mutant):
        """Ids of the tests that can notice it: those of the module's own file first, then the cheapest first.

        Of its own file all tests count: they may reach it in a process of their own.
        """
        files = self.names.own_tests(mutant.module)
        own = {test for test in self.seconds if test.partition("::")[0] in files}
        new = set(files) - {test.partition("::")[0] for test in own}  # whole files, since the run
        signature = self._is_signature(mutant)
        first = own | new | ({test for test in self.seconds if test.startswith(OF_SIGNATURES)} if signature else set())
        seen = self._reaching(mutant.module, mutant.function, set())
        at_import = signature or not self.reached.get(f"{mutant.module}:{mutant.function}")
        others = self._of_package(mutant.module) if at_import else set()

        def rank(test):
            return test not in first, test not in seen | new, self.seconds.get(test, 0), test

        return sorted(first | seen | others, key=rank)

    def _is_signature(self, mutant):
        """Whether it is above the body of its function, or outside of functions: it has run at import."""
        first, _ = self.names.spans[mutant.module].get(mutant.function, (mutant.line + 1, 0))
        return mutant.line < first

    def _of_package(self, module):
        folder = Path(module.replace("mixlib", "tests", 1)).parent.as_posix()
        return {test for test in self.seconds if test.partition("::")[0].rpartition("/")[0] == folder}

    def _reaching(self, module, function, seen):
        tests = set(self.reached.get(f"{module}:{function}", ())) & self.seconds.keys()
        if not tests and (module, function) not in seen:
            seen.add((module, function))
            for place in self.names.naming_of(module, function):
                tests |= self._reaching(*place, seen)
        return tests


def measured(project, folder, units=UNITS):
    """Run tests of a copy of the project; returns their seconds, and for each function which of them reach it."""
    folder.mkdir(parents=True, exist_ok=True)
    conftest = project.root / "conftest.py"
    text = conftest.read_text(encoding="utf-8")
    conftest.write_text(f'{text}\npytest_plugins = ["reach"]\n', encoding="utf-8")
    run = project.pytest(*units, *OPTIONS, processor_seconds=3600, **{DATA: str(folder)})
    conftest.write_text(text, encoding="utf-8")
    if not (folder / "seconds.json").is_file():
        raise RuntimeError(f"the tests under coverage came to no end:\n{run.output[-2000:]}")
    data = coverage.CoverageData(str(folder / "coverage"))
    data.read()
    names, reached = Names(project.root), {}
    for path in data.measured_files():
        module = Path(path).relative_to(project.root.resolve()).as_posix()
        contexts = data.contexts_by_lineno(path)
        for function, (first, last) in names.spans.get(module, {}).items():
            tests = {test for line, of in contexts.items() if first <= line <= last for test in of if test}
            reached[f"{module}:{function}"] = sorted(tests)
    seconds = json.loads((folder / "seconds.json").read_text(encoding="utf-8"))
    if 2 * len(set().union(*reached.values())) < len(seconds):
        raise RuntimeError("most tests were seen to reach nothing: what they do was not recorded")
    return seconds, reached
