"""Sweeps of O-information against thoi and hoi where these are installed, and at sizes that they do not reach."""

import contextlib
import io
import json
import logging
import os
import subprocess
import sys
from itertools import combinations
from time import process_time

import numpy as np
import pandas as pd

from mixlib.information.sweeps import o_information_sweep

CASES = [(10, 3, 10), (15, 3, 15), (20, 3, 5), (25, 3, 4), (60, 3, 4)]  # variables, lowest and highest order
LARGE = [(20, None, None), (24, None, 100), (27, None, 100), (60, (3, 4), 100), (100, (3, 4), 100)]  # orders, top
SLOWEST = 50_000  # subsets that hoi can measure in reasonable time
SIZE = 1000  # samples


def seconds(rounds=7):
    """CPU seconds from samples to Omega, TC and DTC of all subsets by a Gaussian copula: a row a case.

    The best of some rounds after one that does not count, in which ours and hoi compile.
    """
    rows = {}
    for n, lowest, highest in CASES:
        table = samples(n)
        ours = o_information_sweep(table, orders=(lowest, highest), estimator="gaussian-copula")
        runs = {
            "mixlib": lambda t=table, o=(lowest, highest): o_information_sweep(t, orders=o, estimator="gaussian-copula")
        }
        for name, peer in PEERS.items():
            if (made := peer()) and (name != "hoi" or ours.n_subsets < SLOWEST):
                runs[name] = lambda t=table, low=lowest, high=highest, made=made: made(t, low, high)
        best = {name: _best(run, 1 if name == "hoi" else rounds) for name, run in runs.items()}
        row = {"subsets": ours.n_subsets, "mixlib (ms)": 1e3 * best.pop("mixlib")}
        for name, taken in best.items():
            row |= {f"{name} (ms)": 1e3 * taken, f"{name}, ratio": 1e3 * taken / row["mixlib (ms)"]}
        rows[f"{n} variables, orders {lowest} to {highest}"] = row
    return pd.DataFrame.from_dict(rows, orient="index")


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
    o_information_sweep(table[:, :8], orders=orders and 3, top=top)
    o_information_sweep(table[:, :8], orders=3, top=top)
    start = process_time()
    found = o_information_sweep(table, orders=orders, top=top)
    taken = process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(json.dumps({"subsets": found.n_subsets, "CPU seconds": taken, "peak memory (MiB)": peak}))


def disagreement(checked=2000):
    """The largest difference of Omega from one log-determinant for each entropy, over some subsets: a series."""
    rows = {}
    for n, lowest, highest in CASES[:3]:
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


def _best(run, rounds):
    taken = []
    with contextlib.redirect_stderr(io.StringIO()):  # progress bars
        for _ in range(rounds + 1):
            start = process_time()
            run()
            taken.append(process_time() - start)
    return min(taken[1:])


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


PEERS = {"thoi": _thoi, "hoi": _hoi}


def _direct(cov, subset):
    subset = subset[subset >= 0].tolist()

    def h(variables):
        return np.linalg.slogdet(cov[np.ix_(variables, variables)])[1] / 2

    rests = sum(h(list(rest)) for rest in combinations(subset, len(subset) - 1))
    return (len(subset) - 2) * h(subset) + sum(h([i]) for i in subset) - rests
