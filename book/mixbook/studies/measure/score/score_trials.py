"""Learned scores against a known truth, beside the estimators that train nothing, on the same samples. All in nats."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from time import process_time

import numpy as np
import pandas as pd
import torch

from mixlib.information.estimate import o_information
from mixlib.information.estimators.score.learned import score_o_information
from mixlib.information.result import Information

MEASURES = ("tc", "dtc", "omega")
RELATIVE, ABSOLUTE = 0.05, 0.02  # what counts as found: within 5% or 0.02 nats, the larger
UNTRAINED = {"gaussian": {}, "gaussian-copula": {}, "plugin": {"bins": 8}, "ksg": {}}


@dataclass(frozen=True)
class System:
    """Samples and what they share: ``draw(samples, rng)`` gives an array (T, N), ``exact`` is the truth in nats."""

    name: str
    draw: Callable
    exact: Information


def untrained(system, seed, *, samples, estimators=UNTRAINED):
    """What estimators without training make of ``system``: a row for each estimator and measure.

    ``estimators`` maps names to options. Counting is left out where it would have more joint states than a third of
    the samples.

    Columns ``system``, ``seed``, ``estimator``, ``measure``, ``exact``,
    ``estimate``, ``error``, ``found`` (whether the error is at most 5% or 0.02 nats, the larger) and ``seconds``, of
    processor time.
    """
    drawn = system.draw(samples, np.random.default_rng(seed))
    rows = []
    for name, options in estimators.items():
        if 3 * options.get("bins", 1) ** drawn.shape[1] > samples:
            continue
        started = process_time()
        result = o_information(drawn, name, error=None, gradient=False, rng=seed, **options)
        rows += _rows(system, seed, name, result, process_time() - started)
    return pd.DataFrame(rows)


def learned(system, seed, *, samples, steps, predictions=2**19):
    """Train on the samples that :func:`untrained` sees with this seed, with the settings of the library but these two.

    Returns
    -------
    DataFrame
        The same columns, a row a measure, and ``stated``, the standard error.
    ScoreEstimate
        With its history.
    """
    drawn = system.draw(samples, np.random.default_rng(seed))
    options = {"steps": steps, "predictions": predictions, "gradient": False, "device": "cpu"}
    with _one_thread():
        started = process_time()
        estimate = score_o_information(drawn, rng=seed, **options)
        seconds = process_time() - started
    stated = (estimate.tc_error, estimate.dtc_error, estimate.standard_error)
    return pd.DataFrame(_rows(system, seed, "score", estimate, seconds)).assign(stated=stated), estimate


@contextmanager
def _one_thread():
    """Sums have one order, so that two runs give the same numbers; networks as small as these are no slower."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _rows(system, seed, name, result, seconds):
    rows = []
    for measure in MEASURES:
        exact, estimate = float(getattr(system.exact, measure)), float(getattr(result, measure))
        error = estimate - exact
        rows.append(
            {"system": system.name, "seed": seed, "estimator": name, "measure": measure, "seconds": seconds}
            | {"exact": exact, "estimate": estimate, "error": error}
            | {"found": bool(abs(error) <= max(RELATIVE * abs(exact), ABSOLUTE))}
        )
    return rows
