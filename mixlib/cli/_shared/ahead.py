"""Compiled code before somebody waits for it: the functions that there are, and calls large enough to compile each."""

import functools
import importlib
import re
import warnings
from pathlib import Path

import numpy as np

import mixlib
from mixlib.compiled import Cache, Compiled
from mixlib.progress import Progress

MARK = re.compile(r"^@compiled\(", re.MULTILINE)


def functions():
    """The compiled functions of the library, of modules whose imports are there: name to :class:`Compiled`."""
    root = Path(mixlib.__file__).parent
    found = {}
    for path in sorted(root.rglob("*.py")):
        if MARK.search(path.read_text(encoding="utf-8")):
            module = ".".join(["mixlib", *path.relative_to(root).with_suffix("").parts])
            names = vars(importlib.import_module(module))
            own = {name: value for name, value in names.items() if isinstance(value, Compiled)}
            found |= {f"{module}.{name}": value for name, value in own.items() if value.__module__ == module}
    return found


def kept(function):
    """The files with machine code of a compiled function as its source is now."""
    cache = Cache(function.__wrapped__)
    folder = Path(cache.cache_path, f"{function.__module__}-{cache.stamp}")
    return sorted(folder.glob(f"{function.__qualname__}-*.machine"))


def folder():
    """Where machine code is kept, if it can be written there."""
    return Path(Cache(next(iter(functions().values())).__wrapped__).cache_path)


def compile_all(bar=None):
    """Call what compiles on inputs just large enough for it; the code that was kept already is loaded."""
    for function in functions().values():
        function.patience = 0  # here small inputs are worth a compiler
    with Progress(bar, "compiling", total=len(CALLS), unit="groups") as work:
        for name, call in CALLS.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of samples that mean nothing
                call(np.random.default_rng(0))
            work.add(note=name)


def _rows(rng, columns, dtype=float):
    return np.log(rng.dirichlet(np.ones(columns), size=(3, 40))).astype(dtype)


def _hulls(rng):
    for design in ("substitution", "addition"):
        mixlib.hull_escape(rng.random((8, 3)), rng.random((8, 5, 3)), design=design)


def _sweeps(rng):
    samples, sweep = rng.normal(size=(60, 20)), functools.partial(mixlib.o_information_sweep, progress=False)
    sweep(samples, orders="3-5", top=5)  # by prefixes
    sweep(samples, orders=(3, 5), top=5, null=1)
    sweep(samples[:, :14])  # a tree of all orders, everything kept
    for search in ("greedy", "annealing"):
        sweep(samples, orders=5, top=5, search=search, steps=3000)


def _nearest_neighbours(rng):
    mixlib.o_information(rng.normal(size=(100, 3)), estimator="ksg")


def _pools(rng):
    from mixlib.federation import mixture_combine, mixture_from_logits, mixture_target_log_prob

    for dtype in (np.float64, np.float32):
        rows = _rows(rng, 512, dtype)
        mixture_combine(rows)
        mixture_from_logits(rows)
        mixture_target_log_prob(rows, rng.integers(512, size=40))


def _combiners(rng):
    from mixlib.federation import GeometricMixing, Predictions, log_probs_along
    from mixlib.federation.audit.disagreement import divergences
    from mixlib.federation.fused.row_sums import add_powers

    rows = _rows(rng, 2048)
    text = Predictions.from_rows(rows, rng.integers(2048, size=40))
    log_probs_along(GeometricMixing(3).fit(text), text)
    divergences(rows)
    add_powers(rows[0], np.ones(2), np.empty((2, 40)))


def _models(rng):
    from mixlib.federation import CacheModel, KneserNey

    tokens = rng.integers(20, size=300)
    for kind in (KneserNey, CacheModel):
        model = kind(20).fit(tokens)
        model.log_probs(tokens), model.target_log_probs(tokens)


def _densities(rng):
    from mixlib.carriers import density_barycenter

    density_barycenter(np.linspace(0, 1, 50), rng.random((3, 50)))


CALLS = {
    "hull escape": _hulls,
    "sweeps": _sweeps,
    "nearest neighbours": _nearest_neighbours,
    "pools": _pools,
    "combiners": _combiners,
    "specialists": _models,
    "densities": _densities,
}
