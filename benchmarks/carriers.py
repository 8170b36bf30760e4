"""Means of laws against POT: Gaussians under Bures alone and in batches, and laws on a grid of the line."""

from time import process_time

import numpy as np
import pandas as pd

from mixlib.carriers import Gaussian, Quantile, density_barycenter, from_density, to_density

K, RESIDUAL = 10, 1e-10  # laws of a problem, and the relative residual that everybody has to reach
SINGLE, BATCHES = (10, 100, 500), ((300, 2), (300, 10))  # dimensions; problems and dimension


def bures(dimensions=SINGLE, rounds=3):
    """CPU milliseconds of one barycenter of ten Gaussians, and the residual that was reached: a row a dimension."""
    rows = {}
    for d in dimensions:
        laws = random_laws(1, d)
        one, weights = (laws[0][0], laws[1][0]), np.full(K, 1 / K)
        run, theirs = _ours(one), _pot(one, weights)
        taken = _in_turn({"mixlib": run, "POT": theirs}, rounds * (1 if d > 100 else 10 if d > 10 else 50))
        rows[f"d = {d}"] = _row(taken, {"mixlib": run(), "POT": theirs()}, one)
    return pd.DataFrame.from_dict(rows, orient="index")


def batches(cases=BATCHES, rounds=3):
    """The same of many problems, at once and by POT one after the other: a row a case."""
    rows = {}
    for number, d in cases:
        laws, weights = random_laws(number, d), np.full(K, 1 / K)
        each = [(laws[0][i], laws[1][i]) for i in range(number)]
        # the residual that POT reaches is set by the problem that is hardest to it
        eps = min(_eps(one, weights) for one in each[:10])
        loop = [_pot(one, weights, eps) for one in each]

        def theirs(loop=loop):
            return tuple(np.stack(part) for part in zip(*[run() for run in loop], strict=True))

        run = _ours(laws)
        taken = _in_turn({"mixlib": run, "POT": theirs}, rounds)
        rows[f"{number} problems, d = {d}"] = _row(taken, {"mixlib": run(), "POT": theirs()}, laws)
    return pd.DataFrame.from_dict(rows, orient="index")


def on_a_grid(rounds=200):
    """CPU milliseconds from two densities on 200 bins to their barycenter's, and its error: a row a method.

    The laws are N(0, 1) and N(10, 1). The error is the integral of the absolute difference to N(5, 1).
    """
    import ot

    grid = np.linspace(-5, 15, 200)
    step, cost = grid[1] - grid[0], ot.dist(grid[:, None])
    cost /= cost.max()

    def normal(mean):
        return np.exp(-((grid - mean) ** 2) / 2) / np.sqrt(2 * np.pi)

    pair = np.stack([normal(0), normal(10)])
    mass = pair.T / pair.sum(axis=1)
    density_barycenter(grid, np.tile(pair, (2000, 1, 1)))  # large enough for compiled code, which then stays
    runs = {
        "mixlib, densities": lambda: density_barycenter(grid, pair),
        "mixlib, quantiles": lambda: to_density(Quantile().mean(from_density(grid, pair)), grid),
        "POT, debiased Sinkhorn": lambda: ot.bregman.barycenter_debiased(mass, cost, reg=1e-3) / step,
    }
    taken = _in_turn(runs, rounds)
    errors = {name: float(np.abs(run() - normal(5)).sum() * step) for name, run in runs.items()}
    first = taken["mixlib, densities"]
    rows = {
        name: {"CPU (ms)": 1e3 * seconds, "ratio": seconds / first, "L1 error": errors[name]}
        for name, seconds in taken.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def random_laws(number, d):
    """Means (number, 10, d) and covariances (number, 10, d, d), with square roots of normal entries."""
    rng = np.random.default_rng(d)
    roots = rng.normal(size=(number, K, d, d))
    covariances = roots @ np.swapaxes(roots, -1, -2) / d + 0.1 * np.eye(d)
    return rng.normal(size=(number, K, d)), covariances


def _ours(laws):
    carrier = Gaussian(tolerance=RESIDUAL)
    return lambda: carrier.mean(laws)


def _pot(laws, weights, eps=None):
    import ot

    eps = _eps(laws, weights) if eps is None else eps
    return lambda: ot.gaussian.bures_wasserstein_barycenter(*laws, weights, eps=eps)


def _eps(laws, weights):
    """POT's tolerance, an absolute one of the last step, at which its residual is just small enough."""
    import ot

    eps = RESIDUAL / 2 * np.linalg.norm(laws[1].mean(axis=0))
    while Gaussian().residual(ot.gaussian.bures_wasserstein_barycenter(*laws, weights, eps=eps), laws) > RESIDUAL:
        eps /= 2
    return eps


def _row(taken, means, laws):
    row = {f"{name} (ms)": 1e3 * seconds for name, seconds in taken.items()}
    row |= {"ratio": taken["POT"] / taken["mixlib"]}
    return row | {f"residual, {name}": float(np.max(Gaussian().residual(mean, laws))) for name, mean in means.items()}


def _in_turn(runs, rounds):
    """CPU seconds of each, the median of some rounds in which they take turns."""
    taken = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start = process_time()
            run()
            taken[name].append(process_time() - start)
    return {name: float(np.median(each)) for name, each in taken.items()}
