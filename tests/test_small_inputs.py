"""Small inputs wait for no compiler, and get what large ones get."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch

import mixlib
from benchmarks.first_calls import CALLS, code_of
from mixbook.build.pages import ROOT
from mixbook.studies.federation.regimes.tempered import tempered_pools
from mixlib.federation import (
    CacheModel,
    GeometricMixing,
    KneserNey,
    Predictions,
    log_probs_along,
    mixture_combine,
    mixture_from_logits,
    mixture_target_log_prob,
)
from mixlib.federation.audit.disagreement import divergences
from mixlib.information.estimators import ksg
from mixlib.information.sweeps.elimination import measure_side_by_side, measure_subsets
from mixlib.information.sweeps.selection import empty_profile, select_best, tally
from paths import everything

LOADS = ("interaction_share", "profile")  # scipy.stats, for Sobol sequences

EVERY_CALL = """
import json, sys
import numpy as np
found = {}
for name, code in json.load(sys.stdin).items():
    exec(code, {"np": np, "rng": np.random.default_rng(0), "mixlib": __import__("mixlib")})
    for package in ("numba", "torch", "scipy.stats"):
        if package in sys.modules and package not in found:
            found[package] = name
print(json.dumps(found))
"""


def test_no_first_call_loads_a_compiler_or_what_else_takes_long():
    calls = {name: code_of(name) for name in sorted(CALLS, key=lambda name: name in LOADS)}
    command, given = [sys.executable, "-c", EVERY_CALL], json.dumps(calls)
    done = subprocess.run(command, input=given, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) in ({}, {"scipy.stats": LOADS[0]}, {"scipy.stats": LOADS[1]})


def both(call):
    """What a call gives on the path of small inputs, and on that of large ones."""
    results = []
    for compiled in (False, True):
        with everything(compiled=compiled):
            results.append(call())
    return results


@pytest.mark.parametrize("design", ["substitution", "addition"])
@pytest.mark.parametrize("shape", [(40, 4, 3), (5, 9, 2), (3, 2, 6), (2, 70, 3), (1, 1, 1)])
def test_hulls(shape, design):
    rng = np.random.default_rng(sum(shape))
    parts = rng.normal(size=shape) + (shape[1] == 1)
    mixture = rng.normal(size=(shape[0], shape[2])) * rng.choice([0.1, 1, 10], size=(shape[0], 1))
    parts[0, -1] = parts[0, 0] if shape[1] > 2 else parts[0, -1]  # corners that coincide
    if shape[1] == 1 and design == "substitution":
        pytest.skip("one part has no hull")
    small, large = both(lambda: mixlib.hull_escape(mixture, parts, design=design))
    for name in ("distance", "off_affine", "in_affine", "weights", "inside"):
        np.testing.assert_allclose(getattr(small, name), getattr(large, name), rtol=1e-13, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("groups", [[[0], [1], [2], [3]], [[0, 2], [1], [3]], [[0, 1, 2, 3]]])
@pytest.mark.parametrize("ties", [False, True])
def test_neighbours_are_counted_alike(groups, ties):
    points = np.random.default_rng(0).normal(size=(60, 4))
    points = points.round() if ties else points
    small, large = both(lambda: ksg.neighbour_counts(points, groups, 3))
    np.testing.assert_array_equal(small, large)


SWEEPS = {
    "few orders": {"orders": "3-5"},
    "all orders": {"orders": "all"},
    "the best": {"orders": (3, 4), "top": 7},
    "copula": {"orders": 3, "estimator": "gaussian-copula", "null": 2, "top": 5},
    "annealing": {"orders": 4, "top": 5, "search": "annealing", "steps": 30},
    "greedy": {"orders": (3, 5), "top": 4, "search": "greedy"},
    "ksg": {"orders": 3, "estimator": "ksg", "top": 3},
}


@pytest.mark.parametrize("options", SWEEPS.values(), ids=SWEEPS)
def test_sweeps(options):
    samples = np.random.default_rng(1).normal(size=(60, 10)) @ (np.eye(10) + 0.2)  # all orders: the tree
    small, large = both(lambda: mixlib.o_information_sweep(samples, **options))
    np.testing.assert_array_equal(small.subsets, large.subsets)
    for name in ("omega", "tc", "p_values", "q_values", "profile"):
        found, expected = getattr(small, name), getattr(large, name)
        assert (found is None) == (expected is None)
        if found is not None:
            np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12, err_msg=name)


def test_dependent_subsets_are_told_alike():
    values = np.random.default_rng(2).normal(size=(50, 6))
    values[:, 5] = values[:, 0] + values[:, 1]
    subsets = np.array([[0, 1, 5, -1], [0, 1, 2, -1], [0, 1, 2, 5], [2, 3, 4, 5]])
    correlation = np.corrcoef(values, rowvar=False)
    small, large = measure_side_by_side(correlation, subsets), measure_subsets(correlation, subsets)
    np.testing.assert_array_equal(np.isnan(small), np.isnan(large))
    assert np.isnan(small[0]).tolist() == [True, False, True, False]
    np.testing.assert_allclose(small, large, rtol=1e-12)


def test_the_best_and_the_profile_are_the_same_to_the_last_bit_block_after_block():
    rng = np.random.default_rng(3)
    omega = rng.normal(size=(6, 50)).round(1)  # with ties
    omega[rng.random(omega.shape) < 0.2] = np.nan
    levels = rng.integers(3, size=50).astype(np.uint8)

    def look_through():
        keys, values, profile = np.full(9, 2**62), np.full(9, np.inf), empty_profile(3, 5)
        for block, row in enumerate(omega):
            tally(row, levels, 0, profile)
            select_best(row, 50 * block, -1.0, keys, values)
        order = np.lexsort((keys, values))
        return keys[order], values[order], profile

    for small, large in zip(*both(look_through), strict=True):
        np.testing.assert_array_equal(small, large)


def logits(kind, seed=0):
    x = np.random.default_rng(seed).normal(scale=4, size=(3, 5, 70)).astype(np.float64)
    x[0, 1, 3:], x[:, 2, 7], x[1, 3] = -np.inf, -np.inf, x[1, 3] * 300
    kinds = {"float64": x, "float32": x.astype(np.float32), "float16": x.clip(-60000).astype(np.float16)}
    return torch.from_numpy(x).to(getattr(torch, kind[6:])) if kind.startswith("torch.") else kinds[kind]


KINDS = {"float64": 1e-13, "float32": 1e-5, "float16": 2e-3, "torch.float32": 1e-5, "torch.bfloat16": 1e-2}


@pytest.mark.parametrize(("kind", "error"), KINDS.items())
def test_mixtures(kind, error):
    x, targets = logits(kind), np.array([0, 1, 2, 3, 69])
    targets = torch.from_numpy(targets) if kind.startswith("torch") else targets
    weights = np.random.default_rng(1).dirichlet(np.ones(3), size=5).T
    weights[:, 0] = [0, 0.5, 0.5]
    calls = [
        lambda: mixture_from_logits(x),
        lambda: mixture_from_logits(list(x), weights, temperatures=[1.0, 0.5, 2.0]),
        lambda: mixture_target_log_prob(x, targets, [0.2, 0.3, 0.5], temperatures=[1.0, 0.5, 2.0]),
        lambda: mixture_from_logits(x, out=x[0] + 0),
    ]
    for call in calls:
        small, large = both(call)
        assert (type(small), small.dtype) == (type(large), large.dtype)
        small, large = (np.asarray(y.float() if torch.is_tensor(y) else y, dtype=float) for y in (small, large))
        np.testing.assert_array_equal(np.isinf(small), np.isinf(large))
        fine = np.isfinite(large)
        np.testing.assert_allclose(small[fine], large[fine], rtol=error, atol=error)


def test_mixtures_of_log_probabilities_and_what_is_refused():
    rows = np.log(np.random.default_rng(0).dirichlet(np.ones(9), size=(2, 4)))
    rows[0, 0] = [0, *[-np.inf] * 8]
    small, large = both(lambda: mixture_combine(rows))
    np.testing.assert_allclose(small, large, rtol=1e-14)
    for fault in (np.nan, np.inf, -np.inf, 3.0):
        wrong = rows.copy()
        wrong[1, 2] = fault
        for compiled in (False, True):
            with everything(compiled=compiled), pytest.raises(ValueError, match="log_probs: "):
                mixture_combine(wrong)


def test_gradients_of_mixtures():
    def gradient():
        x = logits("torch.float64").requires_grad_()
        mixture_target_log_prob(x, torch.arange(5)).sum().backward()
        return x.grad.numpy()

    np.testing.assert_allclose(*both(gradient), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", [KneserNey, CacheModel])
def test_specialists(kind):
    rng = np.random.default_rng(4)
    tokens, starts = rng.integers(7, size=90) ** 2 % 11, [0, 1, 30]

    def scores():
        model = kind(11).fit(tokens, starts)
        heard = tokens[::-1].copy()
        return model.log_probs(heard, starts, dtype=np.float64), model.target_log_probs(heard, starts)

    for small, large in zip(*both(scores), strict=True):
        np.testing.assert_allclose(small, large, rtol=1e-13)


def test_rows_of_specialists():
    rng = np.random.default_rng(5)
    rows, targets = np.log(rng.dirichlet(np.full(30, 0.1), size=(3, 20)) + 1e-60), rng.integers(30, size=20)
    rows -= np.logaddexp.reduce(rows, axis=-1, keepdims=True)
    text = Predictions.from_rows(rows, targets, [0, 8])
    small, large = both(lambda: log_probs_along(GeometricMixing(3).fit(text), text))
    np.testing.assert_allclose(small, large, rtol=1e-12)
    np.testing.assert_allclose(*both(lambda: divergences(rows)), rtol=1e-11, atol=1e-14)
    small, large = both(lambda: tempered_pools(rows, targets))
    for name in ("singles", "product", "log_pool", "mixture"):
        np.testing.assert_allclose(getattr(small, name), getattr(large, name), rtol=1e-12, atol=1e-13)
