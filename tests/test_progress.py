"""``progress`` means one thing everywhere: a bar or none, one on a terminal alone, or lines of text for a callable."""

import inspect
import pkgutil
import sys
from importlib import import_module

import numpy as np
import pytest

import mixlib
from mixlib.federation import (
    CacheModel,
    GRULanguageModel,
    Stream,
    attribute,
    check_trace,
    evaluate,
    generate,
    score_text,
    write_trace,
)
from mixlib.federation.evaluation import over_seeds
from mixlib.federation.pools import POOLS
from mixlib.information import (
    co_information,
    double_redundancy,
    dynamic_o_information,
    mutual_information,
    o_information_sweep,
    phi_id,
    target_sweep,
    transfer_entropy,
)
from mixlib.information.estimators.score.learned import score_o_information
from mixlib.merging import merge_files
from mixlib.merging.files.diagnosed import diagnose_files
from mixlib.merging.files.recipe import Recipe
from mixlib.progress import LINES, Progress, followed
from mixlib.seams import find_seams, shuffle_terms
from texts import folders  # noqa: F401

SAMPLES = np.random.default_rng(0).normal(size=(200, 5)) @ np.triu(np.ones((5, 5)))
TEXT = np.array([0, 1, 2, 1] * 9)
PROSE = {"a": "kelp broth umami", "b": "kelp broth salt", "c": "brass tin copper"}
MEANING = """None, bool or callable, default=None
    Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
    line of text now and then instead.
"""


def scored(progress):
    models = {name: CacheModel(3).fit(TEXT[start:]) for name, start in (("one", 0), ("two", 17))}
    return score_text(models, Stream(TEXT, np.array([0])), fit=Stream(TEXT, np.array([0])), progress=progress)


def checked(progress, folder):
    records = attribute(np.log([[[0.9, 0.1]], [[0.3, 0.7]]]), [0]).records()
    write_trace(folder / "trace.jsonl", records)
    return check_trace(folder / "trace.jsonl", progress=progress)


def learned(progress):
    return score_o_information(SAMPLES, steps=3, predictions=2**10, gradient=False, device="cpu", progress=progress)


def merged(progress, folder):
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    paths = [folder / f"{name}.safetensors" for name in "ab"]
    for path in paths:
        save_file({"w": torch.full((4, 4), float(len(path.stem)))}, path)
    merge_files(paths, folder / "merged.safetensors", overwrite=True, progress=progress)
    return Recipe.of(paths), folder / "merged.safetensors"


def shared(measure, progress, **options):
    return measure(SAMPLES[:60, :3], estimator="ksg", progress=progress, **options)


def swept(progress, **options):
    return o_information_sweep(SAMPLES, top=3, progress=progress, **options)


CASES = {  # by what is called, with the labels of what is done there
    "evaluate": (
        ["evaluation"],
        lambda progress, folder, text: evaluate(
            text, seeds=[0], order=2, vocabulary=300, budget=2000, progress=progress
        ),
    ),
    "score_text": (["scoring"], lambda progress, folder, text: scored(progress)),
    "check_trace": (["checking"], lambda progress, folder, text: checked(progress, folder)),
    "GRULanguageModel.fit": (
        ["training"],
        lambda progress, folder, text: GRULanguageModel(3, 4).fit(TEXT, steps=3, progress=progress),
    ),
    "score_o_information": (["learning scores"], lambda progress, folder, text: learned(progress)),
    "o_information_sweep": (
        ["sweep", "null 1", "errors"],
        lambda progress, folder, text: swept(progress, null=1, error="jackknife"),
    ),
    "target_sweep": (["neighbours"], lambda progress, folder, text: shared(target_sweep, progress, target=0)),
    "mutual_information": (["neighbours"], lambda progress, folder, text: shared(mutual_information, progress)),
    "co_information": (
        ["entropies"],
        lambda progress, folder, text: co_information((SAMPLES > 0).astype(int), 2, "plugin", progress=progress),
    ),
    **{
        function.__name__: (["neighbours"], lambda progress, folder, text, f=function: shared(f, progress))
        for function in (transfer_entropy, dynamic_o_information, phi_id, double_redundancy)
    },
    "generate": (
        ["drawing"],
        lambda progress, folder, text: generate(
            {name: CacheModel(3).fit(TEXT[start:]) for name, start in (("one", 0), ("two", 17))},
            most=5,
            progress=progress,
        ),
    ),
    "merge_files": (["merging"], lambda progress, folder, text: merged(progress, folder)),
    "diagnose_files": (
        ["diagnosing"],
        lambda progress, folder, text: diagnose_files(*merged(False, folder), progress=progress),
    ),
    "find_seams": (["counting terms"], lambda progress, folder, text: find_seams(PROSE, progress=progress)),
    "shuffle_terms": (
        ["dealing terms again"],
        lambda progress, folder, text: shuffle_terms(find_seams(PROSE, progress=False), rounds=5, progress=progress),
    ),
    "greedy": (["triples", "growing"], lambda progress, folder, text: swept(progress, search="greedy")),
    "anneal": (["annealing"], lambda progress, folder, text: swept(progress, search="annealing", steps=2)),
}
WITHIN = {"run", "errors_of", "Drawing.run"}  # what these tell is part of a sweep, or of `generate`
every_case = pytest.mark.parametrize("name", CASES)


@pytest.fixture
def call(name, tmp_path, folders, monkeypatch):  # noqa: F811
    scores = dict.fromkeys(("sea alone", *POOLS, "stacked"), np.log([0.5]))  # what is scored takes long
    monkeypatch.setattr(over_seeds, "all_rows", lambda *given: (scores, [], {}))
    monkeypatch.setattr(over_seeds, "same_domain", lambda *given: {name: scores[name] for name in POOLS})
    return lambda progress: CASES[name][1](progress, tmp_path, folders)


def taking_it():
    """Every function and method of the library that takes ``progress``, by name."""
    for found in pkgutil.walk_packages(mixlib.__path__, "mixlib."):
        if found.name.endswith("__main__"):
            continue
        try:
            module = import_module(found.name)
        except ModuleNotFoundError:  # what only a GPU needs
            continue
        own = [value for value in vars(module).values() if getattr(value, "__module__", "") == module.__name__]
        methods = [part for kind in own if inspect.isclass(kind) for part in vars(kind).values()]
        for value in filter(inspect.isfunction, [*own, *methods]):
            if "progress" in inspect.signature(value).parameters and value.__module__ != "mixlib.progress":
                yield value.__qualname__, value


def test_all_that_take_it_are_tried_and_say_the_same():
    found = {name: function for name, function in taking_it() if not name.rpartition(".")[2].startswith("_")}
    assert set(found) == set(CASES) | WITHIN
    for name, function in found.items():
        assert inspect.signature(function).parameters["progress"].default is None, name
        said = inspect.getdoc(function).partition("\nprogress : ")[2]
        assert said.startswith(MEANING.rstrip()), name


@every_case
def test_a_callable_gets_lines_to_the_end_of_each_piece_of_work(name, call, capsys):
    lines = []
    call(lines.append)
    assert capsys.readouterr().err == ""
    for label in CASES[name][0]:
        own = [line.removeprefix(f"{label}, ") for line in lines if line.startswith(f"{label}, ")]
        done, _, total = own[-1].partition(" of ")
        assert done == total.partition(" ")[0], own[-1]


@every_case
def test_a_bar_is_shown_when_asked_for_and_by_itself_only_on_a_terminal(name, call, capsys, monkeypatch):
    call(True)
    shown = capsys.readouterr().err
    assert all(f"{label}: 100%" in shown for label in CASES[name][0]), shown
    monkeypatch.setattr("tqdm.tqdm", None)  # whatever asks for one fails
    call(None)
    call(False)
    assert capsys.readouterr().err == ""


@every_case
@pytest.mark.parametrize("progress", ["poems", 1, 0.5])
def test_what_is_no_progress_is_named(call, progress):
    with pytest.raises(ValueError, match=r"progress: got .*, expected None, True, False or a function"):
        call(progress)


def test_on_a_terminal_a_bar_comes_after_a_second(monkeypatch):
    asked = []
    monkeypatch.setattr("tqdm.tqdm", lambda **options: asked.append(options))
    for terminal in (False, True):
        monkeypatch.setattr(sys.stderr, "isatty", lambda terminal=terminal: terminal)
        Progress(None, "sweep", 10, "subsets", done=4)
    Progress(True, "sweep", 10)
    assert [(options["delay"], options["initial"], options["unit"]) for options in asked] == [
        (1, 4, " subsets"),
        (0, 0, " steps"),
    ]


def test_long_work_is_told_in_a_hundred_lines_and_news_at_once():
    lines = []
    assert list(followed(range(12_345), lines.append, "counting")) == list(range(12_345))
    assert len(lines) == LINES
    assert lines[0] == "counting, 124 of 12,345 steps"
    assert lines[-1] == "counting, 12,345 of 12,345 steps"
    with Progress(lines.append, "counting", 10**6) as work:
        work.add()
        work.add(note="a find")
    assert lines[LINES:] == ["counting, 2 of 1,000,000 steps: a find"]
