"""Sweeps of O-information against thoi and hoi where these are installed, and at sizes that they do not reach."""

import contextlib
import io
import json
import logging
import math
import os
import subprocess
import sys
from functools import cache, partial
from itertools import combinations
from time import process_time

import numpy as np
import pandas as pd

from mixlib.information.sweeps import o_information_sweep
from mixlib.information.sweeps.subsets import count_subsets

CASES = [(10, 3, 10), (15, 3, 15), (20, 3, 5), (25, 3, 4), (60, 3, 4)]  # variables, lowest and highest order
LARGE = [(20, None, None), (24, None, 100), (27, None, 100), (60, (3, 4), 100), (100, (3, 4), 100)]  # orders, top
SLOWEST = 50_000  # subsets that hoi can measure in reasonable time
SIZE = 1000  # samples
VERSIONS = {"thoi": "0.2.42", "hoi": "0.0.7"}  # of the peers, that these calls are written for


def seconds(rounds=3, least=0.2):
    """CPU milliseconds from samples to Omega, TC and DTC of all subsets by a Gaussian copula: a row a case.

    All in turn, several rounds, in each of which everybody may repeat until ``least`` seconds have passed; the quickest
    repetition counts. Before the first round everybody has compiled.
    """
    rows = {}
    for n, lowest, highest in CASES:
        table, number = samples(n), count_subsets(n, lowest, highest)
        runs = {"mixlib": _ours, **installed()}
        if number > SLOWEST:
            runs.pop("hoi", None)
        best = dict.fromkeys(runs, math.inf)
        with contextlib.redirect_stderr(io.StringIO()):  # progress bars
            for run in runs.values():
                run(table, lowest, highest)
            for _ in range(rounds):
                for name, run in runs.items():
                    best[name] = min(best[name], _quickest(partial(run, table, lowest, highest), least))
        row = {"subsets": number, "mixlib (ms)": 1e3 * best.pop("mixlib")}
        for name, taken in best.items():
            row |= {f"{name} (ms)": 1e3 * taken, f"{name}, ratio": 1e3 * taken / row["mixlib (ms)"]}
        rows[f"{n} variables, orders {lowest} to {highest}"] = row
    return pd.DataFrame.from_dict(rows, orient="index")


@cache
def installed():
    """The peers that are installed here, a dict of functions of samples, lowest and highest order."""
    made = {"thoi": _thoi(), "hoi": _hoi()}
    return {name: run for name, run in made.items() if run}


def large():
    """CPU seconds and the peak memory of a fresh process, samples and libraries included: a row a case.

    To be called before anything large, since a process inherits the peak of the one that starts it.
    """
    rows = {}
    for n, orders, top in LARGE:
        code = f"from benchmarks import sweep; sweep.measure_one({n}, {orders}, {top})"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        name = f"{n} variables, {'all orders' if orders is None else 'orders {} to {}'.format(*orders)}"
        rows[name + (", all kept" if top is None else f", top {top}")] = json.loads(done.stdout)
    return pd.DataFrame.from_dict(rows, orient="index")


def measure_one(n, orders, top):
    """Print what :func:`large` reports of one case; compiling does not count."""
    import resource

    table = samples(n)
    o_information_sweep(table[:, :10], orders=orders, top=top)
    start = process_time()
    found = o_information_sweep(table, orders=orders, top=top)
    taken = process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(json.dumps({"subsets": found.n_subsets, "CPU seconds": taken, "peak memory (MiB)": peak}))


def disagreement(checked=2000):
    """The largest difference of Omega from one log-determinant for each entropy, over some subsets: a series."""
    rows = {}
    for n, lowest, highest in CASES:
        cov = np.cov(samples(n), rowvar=False)
        found = o_information_sweep(covariance=cov, orders=(lowest, highest))
        some = np.random.default_rng(0).choice(len(found.omega), min(checked, len(found.omega)), replace=False)
        gaps = [abs(found.omega[i] - _direct(cov, found.subsets[i])) for i in some]
        rows[f"{n} variables, orders {lowest} to {highest}"] = max(gaps)
    return pd.Series(rows, name="largest disagreement")


def samples(n):
    """Samples (1000, n) of correlated normals."""
    rng = np.random.default_rng(n)
    return rng.normal(size=(SIZE, n)) @ rng.normal(size=(n, 2 * n)) @ rng.normal(size=(2 * n, n))


def _quickest(run, least):
    taken = []
    while sum(taken) < least:
        start = process_time()
        run()
        taken.append(process_time() - start)
    return min(taken)


def _ours(table, lowest, highest):
    return o_information_sweep(table, orders=(lowest, highest), estimator="gaussian-copula")


def _thoi():
    try:
        from thoi.measures.gaussian_copula import multi_order_measures
    except ImportError:
        return None
    logging.disable(logging.INFO)
    # without its table, which takes longer still
    return lambda t, low, high: multi_order_measures(
        t, low, high, batch_data_collector=lambda subsets, values, batch: values, batch_aggregation=list
    )


def _hoi():
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    try:
        from hoi.metrics import Oinfo
    except ImportError:
        return None
    return lambda t, low, high: Oinfo(t, verbose=False).fit(low, high, method="gc")


def _direct(cov, subset):
    subset = subset[subset >= 0].tolist()

    def h(variables):
        return np.linalg.slogdet(cov[np.ix_(variables, variables)])[1] / 2

    rests = sum(h(list(rest)) for rest in combinations(subset, len(subset) - 1))
    return (len(subset) - 2) * h(subset) + sum(h([i]) for i in subset) - rests
