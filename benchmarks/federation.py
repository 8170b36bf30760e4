"""Fused mixtures against the plain forms in torch and against the speed of copying memory, float32, one thread."""

import json
import math
import subprocess
import sys
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import pandas as pd
from numba import config

from mixlib.federation import mixture_combine, mixture_from_logits, mixture_target_log_prob

CASES = [(1024, 3, 2**15), (256, 3, 2**17), (384, 8, 2**15)]  # positions, specialists, outcomes
PATHS = ("log-probs to mixture", "logits to mixture", "logits to target")
KEPT = " (kept result)"  # the same with `out=`: a fresh result's memory is first cleared by the system
CHECKED = 4  # positions


def speed(rounds=7):
    """CPU milliseconds of the public calls, checks included: a row a case and path.

    The best of some rounds in which ours, torch's and a copy of the input take turns, after one that does not count.
    Bytes are those read and written once; the copy goes into memory that is kept.
    """
    return pd.DataFrame.from_dict({k: v for case in CASES for k, v in _measure(case, rounds).items()}, orient="index")


def _measure(case, rounds):
    given = inputs(*case)
    room, given["out"] = np.zeros_like(given["logits"]), np.zeros_like(given["logits"][0])
    runs = {(path, "mixlib"): lambda run=run: run(given) for path, run in OURS.items()}
    runs |= {(path, "torch"): lambda run=run: run(given) for path, run in _plain().items()}
    runs["copy"] = lambda: np.copyto(room, given["logits"])
    best = _best(runs, rounds, process_time)
    rows = {}
    for path in OURS:
        ours, theirs = best[path, "mixlib"], best[path, "torch"]
        copied = 2 * room.nbytes / best["copy"]
        moved = room.nbytes * (1 if path == PATHS[2] else 1 + 1 / case[1])
        rows[f"{path}, T={case[0]}, N={case[1]}, V={case[2]:,}"] = {
            "mixlib (ms)": 1e3 * ours,
            "torch (ms)": 1e3 * theirs,
            "ratio": theirs / ours,
            "share of copy speed": moved / ours / copied,
            "copy (GB/s)": copied / 1e9,
            "largest error": _error(path, given),
        }
    return rows


def two_threads(rounds=7):
    """How many times quicker two threads are than one, in wall time, at the first case."""
    given, best = inputs(*CASES[0]), {}
    before = config.NUMBA_NUM_THREADS

    def run(path, threads):
        config.NUMBA_NUM_THREADS = threads
        OURS[path](given)

    try:
        runs = {(path, n): lambda path=path, n=n: run(path, n) for path in PATHS for n in (1, 2)}
        best = _best(runs, rounds, perf_counter)
    finally:
        config.NUMBA_NUM_THREADS = before
    return pd.Series({path: best[path, 1] / best[path, 2] for path in PATHS}, name="two threads")


def extra_memory():
    """MiB by which the peak of a fresh process grows beyond the result: a row a case, a column a path."""
    rows = {}
    for case in CASES:
        name = "T={}, N={}, V={:,}".format(*case)
        codes = {path: f"from benchmarks import federation as f; f.measure_memory({case}, {path!r})" for path in PATHS}
        runs = {
            path: subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            for path, code in codes.items()
        }
        rows[name] = {path: json.loads(run.stdout) for path, run in runs.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def measure_memory(case, path):
    """Print what :func:`extra_memory` reports of one call; compiling does not count. Needs Linux."""
    OURS[path](inputs(2, *case[1:]))
    rng, (positions, specialists, outcomes) = np.random.default_rng(0), case
    some = rng.standard_normal((specialists, positions, outcomes), dtype=np.float32)
    if path == PATHS[0]:
        some[:] = -math.log(outcomes)
    given = {"logits": some, "log_probs": some, "targets": rng.integers(0, outcomes, positions)}
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew; it would begin with that of the parent
    before = _peak()
    found = OURS[path](given)
    print(json.dumps(_peak() - before - found.nbytes / 2**20))


def _peak():
    """The largest resident memory of this process so far, in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 2**10


def inputs(positions, specialists, outcomes):
    """Logits (N, T, V), their log-probabilities, and targets (T,)."""
    rng = np.random.default_rng(0)
    logits = rng.standard_normal((specialists, positions, outcomes), dtype=np.float32)
    logits *= 3
    log_probs = np.empty_like(logits)
    for i in range(specialists):
        log_probs[i] = mixture_from_logits(logits[i : i + 1])
    return {"logits": logits, "log_probs": log_probs, "targets": rng.integers(0, outcomes, positions)}


OURS = {
    "log-probs to mixture": lambda given: mixture_combine(given["log_probs"]),
    "logits to mixture": lambda given: mixture_from_logits(given["logits"]),
    PATHS[0] + KEPT: lambda given: mixture_combine(given["log_probs"], out=given["out"]),
    PATHS[1] + KEPT: lambda given: mixture_from_logits(given["logits"], out=given["out"]),
    "logits to target": lambda given: mixture_target_log_prob(given["logits"], given["targets"]),
}


def _plain():
    """The forms that people write."""
    import torch

    torch.set_num_threads(1)

    def mixture(log_probs, out=None):
        return torch.logsumexp(log_probs, 0, out=out).sub_(math.log(len(log_probs)))

    def combine(given, out=None):
        return mixture(torch.from_numpy(given["log_probs"]), out)

    def full(given, out=None):
        return mixture(torch.stack([torch.log_softmax(torch.from_numpy(x), -1) for x in given["logits"]]), out)

    def target(given):
        targets = torch.from_numpy(given["targets"])[:, None]
        each = [torch.log_softmax(torch.from_numpy(x), -1).gather(-1, targets)[:, 0] for x in given["logits"]]
        return mixture(torch.stack(each))

    kept = {
        path + KEPT: lambda given, run=run: run(given, torch.from_numpy(given["out"]))
        for path, run in zip(PATHS, (combine, full), strict=False)
    }
    return dict(zip(PATHS, (combine, full, target), strict=True)) | kept


def _error(path, given):
    """Largest error over the value (or 1) from the formula in float64, at some positions."""
    few = {"log_probs": given["log_probs"][:, :CHECKED], "logits": given["logits"][:, :CHECKED]}
    few |= {"targets": given["targets"][:CHECKED], "out": given["out"][:CHECKED]}
    normalised = path.startswith(PATHS[0])
    x = few["log_probs" if normalised else "logits"].astype(float)
    x = x if normalised else x - np.logaddexp.reduce(x, axis=-1, keepdims=True)
    exact = np.logaddexp.reduce(x, axis=0) - math.log(len(x))
    exact = exact if path != PATHS[2] else np.take_along_axis(exact, few["targets"][:, None], axis=-1)[:, 0]
    return np.max(np.abs(OURS[path](few) - exact) / np.maximum(1, np.abs(exact)))


def _best(runs, rounds, clock):
    best = dict.fromkeys(runs, math.inf)
    for k in range(rounds + 1):
        for name, run in runs.items():
            start = clock()
            run()
            best[name] = min(best[name], clock() - start if k else math.inf)
    return best
