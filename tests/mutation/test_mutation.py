"""A few mutants at every run of the tests, drawn by the content of the sources; and the tool that tries them."""

import itertools

import pytest

import mutants
import reach
import rotation
import trial
from mixbook.build.pages import ROOT
from small_book import copy_project

SAMPLE = 6
MODULES = 30  # that they are drawn from: to read all takes a quarter of a minute
FILES = 2  # with tests of a mutant
LIMIT = 5  # seconds of the processor for them
WAITING = {f"tests/federation/{name}.py" for name in ("test_distributed", "models/test_served", "fused/test_on_gpu")}


def test_a_sample_of_all_mutants_is_noticed(tmp_path):
    """Those whose tests wait, for a compiler, a server or each other, are for ``make audit``."""
    library = mutants.Library(ROOT, modules=mutants.some_modules(ROOT, rotation.chosen, MODULES))
    project, names, trials = copy_project(tmp_path / "project"), reach.Names(ROOT), []
    explained = trial.explanations()
    print(f"drawn with --rotation={rotation.chosen}")
    for mutant in library.in_order(rotation.chosen):
        above = itertools.chain.from_iterable(map(names.own_tests, _modules(names, mutant)))
        tests = list(itertools.islice(dict.fromkeys(above), FILES))
        if not tests or WAITING & {*tests} or mutant.key in explained or mutant.module in names.compiled:
            continue
        found = trial.try_out(project, mutant, tests, LIMIT)
        if found.fate == trial.SLOW:
            continue
        trials.append(found)
        print(found)
        if len(trials) == SAMPLE:
            break
    green = trial.quietly(project, sorted({found.by for found in trials if found.by}), 10 * LIMIT)
    assert green.code == 0, green.output
    assert trial.enough(trials), trial.summary(trials)


def _modules(names, mutant):
    return (module for module, _ in names.upwards(mutant.module, mutant.function))


def test_what_is_explained_or_left_out_still_exists():
    assert all((ROOT / "mixlib" / name).is_file() for name in mutants.LEFT_OUT)
    explained = trial.explanations()
    library = mutants.Library(ROOT, modules=sorted({module for module, *_ in explained}))
    for module, function in {key[:2] for key in explained}:
        known = {mutant.key for mutant in library.of(module, function)}
        gone = [key for key in explained if key[:2] == (module, function) and key not in known]
        assert gone == [], "change or remove it in explained.yml"
    assert all(len(why) > 20 for why in explained.values()), "say why no test can notice it"


SOURCE = '''"""A module with 2 numbers in its docstring."""

LIMIT = 3
CHUNK = 4


class Counter:
    step: int = 1

    @cached(maxsize=5)
    def upto(self, n: Literal[6], axis=-1):
        """Raises over 7."""
        if n > LIMIT and not self.open:
            raise ValueError(f"n: {n + 8} is over {9}")
        print("n", n + 10)
        self.n += total(n, axis=axis, strict=True)

    def __repr__(self):
        return "x" * 11
'''
MADE = {
    ("LIMIT", "LIMIT = 3", "LIMIT = 4"),
    ("Counter.step", "step: int = 1", "step: int = 2"),
    ("Counter.upto", "def upto(self, n: Literal[6], axis=-1):", "def upto(self, n: Literal[6], axis=+1):"),
    ("Counter.upto", "def upto(self, n: Literal[6], axis=-1):", "def upto(self, n: Literal[6], axis=-2):"),
    ("Counter.upto", "if n > LIMIT and not self.open:", "if n >= LIMIT and not self.open:"),
    ("Counter.upto", "if n > LIMIT and not self.open:", "if n > LIMIT or not self.open:"),
    ("Counter.upto", "if n > LIMIT and not self.open:", "if n > LIMIT and self.open:"),
    ("Counter.upto", "self.n += total(n, axis=axis, strict=True)", "self.n = total(n, axis=axis, strict=True)"),
    ("Counter.upto", "self.n += total(n, axis=axis, strict=True)", "self.n -= total(n, axis=axis, strict=True)"),
    ("Counter.upto", "self.n += total(n, axis=axis, strict=True)", "self.n += total(n, strict=True)"),
}


def test_mistakes_are_made_in_what_is_computed_alone(tmp_path):
    module = tmp_path / "mixlib" / "counter.py"
    module.parent.mkdir()
    module.write_text(SOURCE)
    library = mutants.Library(tmp_path)
    assert {mutant.key[1:] for mutant in library.in_order(0)} == MADE
    assert {mutant.line for mutant in library.of("mixlib/counter.py", "LIMIT")} == {3}


@pytest.fixture
def project(tmp_path):
    """A copy of the project with one more module and tests of it."""
    copy = copy_project(tmp_path)
    (tmp_path / "mixlib" / "counter.py").write_text(
        "STEP = 3\n\n\ndef total(n):\n    while n > 9:\n        n -= STEP\n    return n\n\n\n"
        "def unseen(n):\n    return total(n) + 1\n"
    )
    (tmp_path / "tests" / "test_counter.py").write_text(
        "from mixlib.counter import total\n\n\ndef test_small():\n    assert total(13) == 7\n"
        "\n\ndef test_other():\n    assert 1 < 2\n"
    )
    return copy


def test_a_mutant_is_killed_survives_or_never_ends(project):
    tests = ["tests/test_counter.py"]
    made = {mutant.after: mutant for mutant in mutants.Library(project.root, only="counter").in_order(0)}
    fates = {after: trial.try_out(project, mutant, tests, limit=1) for after, mutant in made.items()}
    assert {after: found.fate for after, found in fates.items()} == {
        "STEP = 4": trial.KILLED,
        "while n >= 9:": trial.SURVIVED,
        "while n > 10:": trial.KILLED,
        "n += STEP": trial.TIMED_OUT,
        "n = STEP": trial.KILLED,
        "return total(n) - 1": trial.SURVIVED,
        "return total(n) + 2": trial.SURVIVED,
    }
    assert fates["n = STEP"].by == "tests/test_counter.py::test_small"
    assert trial.try_out(project, made["n = STEP"], [], limit=1).fate == trial.UNREACHED
    (project.root / "tests" / "test_endless.py").write_text("def test_endless():\n    while True:\n        pass\n")
    assert trial.try_out(project, made["n = STEP"], ["tests/test_endless.py"], limit=1).fate == trial.SLOW
    with pytest.raises(RuntimeError, match="do not run without it either"):
        trial.try_out(project, made["n = STEP"], ["tests/test_nothing.py"], limit=3)


def test_tests_are_those_that_reach_a_function_or_who_names_it(project, tmp_path):
    seconds, reached = reach.measured(project, tmp_path / "reach", units=["tests/test_counter.py"])
    assert seconds.keys() == {"tests/test_counter.py::test_small", "tests/test_counter.py::test_other"}
    known = reach.Reach(reach.Names(project.root), seconds, reached)
    library = mutants.Library(project.root, only="counter")
    for function in ("total", "STEP", "unseen"):  # the latter as constants and compiled functions are, for coverage
        (mutant, *_) = library.of("mixlib/counter.py", function)
        first, second = known.tests_of(mutant)
        assert (first.endswith("small"), second.endswith("other")) == (True, True) or function == "unseen"


def test_few_enough_may_survive():
    def trials(noticed, survived):
        return [trial.Trial(None, trial.KILLED)] * noticed + [trial.Trial(None, trial.SURVIVED)] * survived

    assert trial.enough(trials(4, 6))
    assert not trial.enough(trials(3, 7))
    assert trial.enough(trials(236, 64))  # as likely as 1 in 600 at 85%
    assert not trial.enough(trials(233, 67))
    assert trial.count([*trials(3, 1), trial.Trial(None, trial.EXPLAINED)]) == (3, 4)
