"""Hull escape against SciPy's non-negative least squares in a loop, and against an exhaustive quadratic programme."""

from itertools import combinations
from time import process_time

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from mixlib import hull_escape

SIZES = [(2, 3), (3, 3), (4, 8), (8, 3), (8, 16)]  # parts and dimensions


def rates(n_instances=20_000, n_loop=2_000, rounds=3):
    """Instances a CPU second, ours and SciPy's in turn, the best of some rounds: a row a size."""
    rows = {}
    for n, d in SIZES:
        mixtures, parts = instances("spread", n, d, n_instances, np.random.default_rng([n, d]))
        hull_escape(mixtures[:1], parts[:1])  # compiles
        ours = theirs = 0.0
        for _ in range(rounds):
            start = process_time()
            hull_escape(mixtures, parts)
            middle = process_time()
            for mixture, corners in zip(mixtures[:n_loop], parts[:n_loop], strict=True):
                by_scipy(mixture, corners)
            ours = max(ours, n_instances / (middle - start))
            theirs = max(theirs, n_loop / (process_time() - middle))
        rows[f"{n} parts, {d} dimensions"] = (ours, theirs, ours / theirs)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["hull_escape", "SciPy nnls, loop", "ratio"])


def disagreements(n_instances=60):
    """Largest gap between our distances and the reference's, over the diameter (and the distance if that is longer)."""
    rows = {}
    for kind in KINDS:
        gaps = []
        for n, d in SIZES:
            mixtures, parts = instances(kind, n, d, n_instances, np.random.default_rng([n, d]))
            spans = np.linalg.norm(parts[:, :, None] - parts[:, None], axis=-1).max(axis=(1, 2))
            exact = np.array([reference(m, p) for m, p in zip(mixtures, parts, strict=True)]) / spans
            gaps.append(np.abs(hull_escape(mixtures, parts).distance - exact) / np.maximum(exact, 1))
        rows[kind] = np.max(gaps)
    return pd.Series(rows, name="largest disagreement")


def by_scipy(mixture, parts):
    """The distance by SciPy: the weights' sum enters as a row of ones, and the solution is normalised."""
    system = np.vstack([(parts - mixture).T, np.ones(len(parts))])
    x, _ = nnls(system, np.append(np.zeros(len(mixture)), 1.0))
    return np.linalg.norm(x @ parts / x.sum() - mixture)


def reference(mixture, parts):
    """The distance by trying every set of parts that may carry weight, each an equality-constrained least squares."""
    best = np.inf
    for size in range(1, len(parts) + 1):
        for chosen in combinations(range(len(parts)), size):
            base, steps = parts[chosen[0]], parts[list(chosen[1:])] - parts[chosen[0]]
            weights = np.linalg.lstsq(steps.T, mixture - base)[0] if size > 1 else np.zeros(0)
            if min([1 - weights.sum(), *weights]) >= -1e-12:
                best = min(best, np.linalg.norm(base + weights @ steps - mixture))
    return best


def instances(kind, n, d, count, rng):
    """Random mixtures (count, d) and parts (count, n, d) of one of the ``KINDS``."""
    parts, mixtures = rng.normal(size=(count, n, d)), rng.normal(size=(count, d))
    if kind == "flat":  # as many directions as a third of the dimensions, turned into general position
        parts = parts[..., : (d + 2) // 3] @ rng.normal(size=(count, (d + 2) // 3, d))
    if kind == "repeated":
        parts[:, n // 2 :] = parts[:, : n - n // 2]
        parts[:, -1] += 1e-3 if n == 2 else 0
    if kind == "inside":
        mixtures = (rng.dirichlet(np.ones(n), size=(count, 1)) @ parts)[:, 0]
    if kind == "far":
        mixtures = 1e4 * mixtures
    if kind == "thin":
        parts[..., -1] *= 1e-7
    return mixtures, parts


KINDS = ("spread", "flat", "repeated", "inside", "far", "thin")
