"""Learned scores against a known truth, beside estimators that train nothing. All in nats."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from scipy.linalg import block_diag

from mixlib.information import systems
from mixlib.information.estimate import o_information
from mixlib.information.estimators.gaussian import from_covariance
from mixlib.information.estimators.score.learned import score_o_information
from mixlib.information.exact import from_pmf
from mixlib.information.result import Information

MEASURES = ("tc", "dtc", "omega")
RELATIVE, ABSOLUTE = 0.05, 0.02  # what counts as found: within 5% or .02 nats, the larger
UNTRAINED = {"gaussian-copula": {}, "ksg": {}, "plugin": {"bins": 8}}
GAUSSIANS = {
    "red": lambda rho: systems.equicorrelated(3, rho),
    "syn": lambda rho: systems.synergistic(3, rho),
    "mix": lambda rho: block_diag(systems.equicorrelated(3, rho), systems.synergistic(3, rho)),
}


@dataclass(frozen=True)
class System:
    """Samples and what they share: ``draw(samples, rng)`` gives an array (T, N), ``exact`` is the truth in nats."""

    name: str
    rho: float
    draw: Callable
    exact: Information


def gaussian(name, rho):
    """A Gaussian system: "red" (three alike), "syn" (one between two) or "mix" (both, side by side).

    Source: Bounoua et al. 2024.
    """
    cov = GAUSSIANS[name](rho)
    return System(name, rho, lambda samples, rng: systems.sample_gaussian(cov, samples, rng=rng), from_covariance(cov))


def hidden_parity(rho):
    """Three standard normals, an even number of them positive in ``(1 + rho) / 2`` of the samples: no pair depends.

    With ``rho`` 1 it is the hidden exclusive or: TC log 2, DTC log 4, Omega -log 2.
    """
    signs = systems.noisy_parity((1 - rho) / 2)

    def draw(samples, rng):
        return systems.sign_lift(systems.sample(signs, samples, rng=rng), rng=rng)

    return System("hidden", rho, draw, from_pmf(signs))


def untrained(system, seeds, *, samples=10_000, estimators=UNTRAINED):
    """What estimators without training make of ``system``: a row for each seed, estimator and measure.

    ``estimators`` maps names to options. By default all that apply: columns cut into eight are counted only where
    there are four samples or more a joint state.

    Columns ``system``, ``rho``, ``seed``, ``estimator``, ``measure``, ``exact``, ``estimate``, ``error`` and ``found``
    (whether the error is at most 5% or .02 nats, the larger).
    """
    rows = []
    for seed in seeds:
        drawn = system.draw(samples, np.random.default_rng(seed))
        for name, options in estimators.items():
            if 4 * options.get("bins", 1) ** drawn.shape[1] <= samples:
                rows += _rows(system, seed, name, _measured(drawn, name, seed, options))
    return pd.DataFrame(rows)


def _measured(drawn, name, seed, options):
    return o_information(drawn, name, error=None, gradient=False, rng=seed, **options)


def learned(system, seed, *, steps, samples=10_000, predictions=2**20):
    """Train on the samples that :func:`untrained` sees with this seed.

    Returns
    -------
    DataFrame
        The same columns, a row a measure, and ``stated``, the standard error, and ``monte_carlo``, the part of it that
        is the chance of the integrals.
    ScoreEstimate
        With its history.
    """
    drawn = system.draw(samples, np.random.default_rng(seed))
    options = {"steps": steps, "predictions": predictions, "gradient": False, "device": "cpu"}
    with _one_thread():
        estimate = score_o_information(drawn, rng=seed, **options)
    stated = (estimate.tc_error, estimate.dtc_error, estimate.standard_error)
    rows = pd.DataFrame(_rows(system, seed, "score", estimate))
    return rows.assign(monte_carlo=estimate.monte_carlo, stated=stated), estimate


@contextmanager
def _one_thread():
    """Sums have one order, so that two runs give the same numbers; networks as small as these are no slower."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _rows(system, seed, name, result):
    rows = []
    for measure in MEASURES:
        exact, estimate = float(getattr(system.exact, measure)), float(getattr(result, measure))
        error = estimate - exact
        rows.append(
            {"system": system.name, "rho": system.rho, "seed": seed, "estimator": name, "measure": measure}
            | {"exact": exact, "estimate": estimate, "error": error}
            | {"found": bool(abs(error) <= max(RELATIVE * abs(exact), ABSOLUTE))}
        )
    return rows
