"""Measures beside O-information, against hoi where it is installed: CPU time and exactness, Gaussian, one thread."""

import contextlib
import io
import math
import os
from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd

from benchmarks.sweep import _quickest
from mixlib.information import co_information, dynamic_o_information, phi_id, target_sweep, transfer_entropy
from mixlib.information.estimators.gaussian import entropy_bias

SIZE, CHECKED = 1000, 40  # samples, subsets that are held against direct log-determinants


def table(rounds=2, least=0.2):
    """A row a measure: CPU milliseconds and largest error in bits, of ours and of hoi.

    Errors are those against one log-determinant for each entropy in double precision, each with its own convention:
    ours removes the bias of Gaussian samples, hoi does not. In turn, the quickest counts. Each call of hoi compiles
    anew, which is most of its second.
    """
    values, rows = samples(), {}
    for name, (ours, formula, order, count) in CASES.items():
        runs = {"mixlib": partial(ours, values), **({"hoi": _hoi(name, values)} if has_hoi() else {})}
        best = dict.fromkeys(runs, math.inf)
        with contextlib.redirect_stderr(io.StringIO()):  # progress bars
            found = {who: run() for who, run in runs.items()}
            for _ in range(rounds):
                for who, run in runs.items():
                    best[who] = min(best[who], _quickest(run, least))
        few = np.random.default_rng(0).choice(count, min(CHECKED, count), replace=False)
        subsets = [list(combinations(range(values.shape[1] - (name in ABOUT)), order))[place] for place in few]
        errors = {}
        for who, bias in (("mixlib", True), ("hoi", False)):
            if who in found:
                direct = [formula(Direct(values, name in OF_SERIES, bias), subset) for subset in subsets]
                errors[who] = np.abs(np.asarray(found[who])[few] - direct).max()
        rows[name] = {"subsets": count, "mixlib (ms)": 1e3 * best["mixlib"], "mixlib, error": errors["mixlib"]}
        if "hoi" in best:
            rows[name] |= {"hoi (ms)": 1e3 * best["hoi"], "hoi, error": errors["hoi"]}
            rows[name]["ratio"] = best["hoi"] / best["mixlib"]
    return pd.DataFrame.from_dict(rows, orient="index")


class Direct:
    """Mutual information in bits, one log-determinant after the other."""

    def __init__(self, values, series, bias):
        values = np.hstack([values[:-1], values[1:]]) if series else values
        self.n, self.size, self.bias = values.shape[1] // 2, len(values), bias
        centred = values - values.mean(axis=0) if bias else values  # hoi takes the mean of all rows for zero
        self.cov = centred.T @ centred / (self.size - 1)

    def h(self, columns):
        if not columns:
            return 0.0
        half = np.linalg.slogdet(self.cov[np.ix_(columns, columns)])[1] / 2
        return (half - (entropy_bias(self.size, len(columns)) if self.bias else 0.0)) / math.log(2)

    def __call__(self, first, second, given=()):
        a, b, c = list(first), list(second), list(given)
        return self.h(a + c) + self.h(b + c) - self.h(c) - self.h(a + b + c)


def _rsi(of, subset):
    return of(subset, [TARGET]) - sum(of([i], [TARGET]) for i in subset)


def _synergy(of, subset):
    return of(subset, [TARGET]) - max(of([j for j in subset if j != i], [TARGET]) for i in subset)


def _gradient(of, subset):
    rest = sum(of([j for j in subset if j != i], [TARGET]) for i in subset)
    return (1 - len(subset)) * of(subset, [TARGET]) + rest


def _co_information(of, subset):
    sizes = range(1, len(subset) + 1)
    return sum((-1) ** (k - 1) * of.h(list(part)) for k in sizes for part in combinations(subset, k))


def _dynamic(of, subset):
    total = 0.0
    for j in subset:
        rest = [i for i in subset if i != j]
        total += (2 - len(subset)) * of(rest, [j + of.n], [j])
        total += sum(of([k for k in rest if k != i], [j + of.n], [j]) for i in rest)
    return total


def _double(of, subset):
    return min(of([i], [j + of.n]) for i in subset for j in subset)


def _transfer(of, subset):
    i, j = subset
    return of([i], [j + of.n], [j])


N = 12
TARGET = N - 1
ABOUT, OF_SERIES = ("RSI", "synergy (MMI)", "gradient"), ("dynamic O-information", "PhiID, rtr", "transfer entropy")


def _about(name):
    def ours(values):
        found = target_sweep(values, TARGET, 3, by="information", units="bits")
        return found.sort_values("variables")[name].to_numpy()

    return ours


CASES = {  # ours, by definition, order, number of subsets
    "RSI": (_about("rsi"), _rsi, 3, math.comb(N - 1, 3)),
    "synergy (MMI)": (_about("synergy"), _synergy, 3, math.comb(N - 1, 3)),
    "gradient": (_about("gradient"), _gradient, 3, math.comb(N - 1, 3)),
    "co-information": (
        lambda values: co_information(values, 4, units="bits")["co_information"],
        _co_information,
        4,
        math.comb(N, 4),
    ),
    "dynamic O-information": (
        lambda values: dynamic_o_information(values, 3, units="bits")["omega"],
        _dynamic,
        3,
        math.comb(N, 3),
    ),
    "PhiID, rtr": (lambda values: phi_id(values, units="bits")["rtr"], _double, 2, math.comb(N, 2)),
    "transfer entropy": (
        lambda values: transfer_entropy(values, units="bits").to_numpy()[np.triu_indices(N, 1)],
        _transfer,
        2,
        math.comb(N, 2),
    ),
}


def samples():
    """A series (1000, 12) of correlated normals with mean 0 and variance 1."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(SIZE, N)) @ rng.normal(size=(N, N))
    step = 0.3 * rng.normal(size=(N, N)) / math.sqrt(N)
    for t in range(1, SIZE):
        values[t] += values[t - 1] @ step
    return (values - values.mean(axis=0)) / values.std(axis=0)


def has_hoi():
    """Whether hoi is installed here."""
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    try:
        import hoi.metrics  # noqa: F401
    except ImportError:
        return False
    return True


def _hoi(name, values):
    from hoi import metrics

    sources, target = values[:, :TARGET], values[:, TARGET]
    how = {"method": "gauss"}
    kinds = {"RSI": metrics.RSI, "synergy (MMI)": metrics.SynergyMMI, "gradient": metrics.GradientOinfo}
    if name in kinds:
        return lambda: kinds[name](sources, target, verbose=False).fit(3, 3, **how)[:, 0]
    if name == "co-information":
        return lambda: metrics.InfoTopo(values, verbose=False).fit(4, 4, **how)[:, 0]
    if name == "dynamic O-information":
        return lambda: metrics.DOtot(values, verbose=False).fit(3, maxsize=3, **how)[:, 0]
    if name == "PhiID, rtr":
        return lambda: metrics.AtomsPhiID(values, verbose=False).fit(atoms=["rtr"], **how)[:, 0]
    places = np.triu_indices(N, 1)
    return lambda: metrics.TransferEntropy(values, verbose=False).fit(matrix=True, **how)[:, :, 0][places]
