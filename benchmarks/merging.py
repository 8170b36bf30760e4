"""Karcher means of large vectors against linear averages, and against mergekit where that is installed."""

import math
from functools import cache
from time import process_time

import numpy as np
import pandas as pd
import torch

from mixlib.merging import karcher_mean
from mixlib.merging.vectors import combine

INSTALL = "pip install --no-deps mergekit==0.1.5"  # the version that these calls are written for
COUNTS = 2, 4, 8


def karcher(n=10_000_000, rounds=3, least=0.3):
    """CPU seconds for float32 vectors: a row a number of vectors.

    All in turn, several rounds, in each of which everybody may repeat until ``least`` seconds have passed; the quickest
    repetition counts.

    Linear averages are the library's own, in one pass over memory, and the sum of products that is usually written. The
    gradient is that of the Karcher mean's cost at the float32 result, computed in float64.
    """
    rows = {}
    for k in COUNTS:
        vectors = _vectors(k, n)
        runs = {
            "karcher": karcher_mean,
            "linear": lambda tensors: combine(tensors, [1 / len(tensors)] * len(tensors)),
            "linear, sum": lambda tensors: sum(1 / len(tensors) * tensor for tensor in tensors),
        }
        if peer():
            runs["mergekit"] = peer()
        best, results = dict.fromkeys(runs, math.inf), {}
        for _ in range(rounds):
            for name, run in runs.items():
                taken = []
                while sum(taken) < least:
                    start = process_time()
                    results[name] = run(vectors)
                    taken.append(process_time() - start)
                best[name] = min(best[name], *taken)
        row = {f"{name} (s)": taken for name, taken in best.items()}
        row |= {"over linear": best["karcher"] / best["linear"], "gradient": gradient(vectors, results["karcher"])}
        if "mergekit" in best:
            row["mergekit over ours"] = best["mergekit"] / best["karcher"]
            row["gradient, mergekit"] = gradient(vectors, results["mergekit"])
        rows[f"{k} vectors"] = row
    return pd.DataFrame.from_dict(rows, orient="index")


@cache
def peer():
    """The Karcher mean of mergekit with equal weights, or None where it is not installed."""
    try:
        from mergekit.merge_methods.karcher import karcher_merge_tensors
    except ImportError:
        return None
    return lambda tensors: karcher_merge_tensors(tensors, [1 / len(tensors)] * len(tensors))


def gradient(vectors, mean):
    """Length of the Riemannian gradient at a mean of equal weights, in float64, by its definition."""
    u = mean.double() / torch.linalg.vector_norm(mean.double())
    total = torch.zeros_like(u)
    for vector in vectors:
        unit = vector.double() / torch.linalg.vector_norm(vector.double())
        off = unit - (unit @ u) * u
        size = torch.linalg.vector_norm(off)
        total += torch.atan2(size, unit @ u) / size / len(vectors) * off
    return float(torch.linalg.vector_norm(total))


def _vectors(k, n):
    """Vectors of different lengths with a part in common, as models of one architecture have."""
    rng = np.random.default_rng(k)
    common = rng.standard_normal(n, dtype=np.float32)
    return [torch.from_numpy(common + np.float32(0.5 + i) * rng.standard_normal(n, dtype=np.float32)) for i in range(k)]
