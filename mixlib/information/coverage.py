"""Do stated errors keep their word? Estimates are repeated on fresh samples of systems whose truth is known."""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm
from scipy.stats import t as student

from mixlib.arrays import seed_of
from mixlib.information import systems
from mixlib.information.estimate import o_information
from mixlib.information.estimators.gaussian import from_covariance
from mixlib.information.exact import from_pmf
from mixlib.information.result import Information
from mixlib.information.uncertainty import SeriesWarning

MEASURES = ("tc", "dtc", "omega")
FAIR = (0.55, 0.80)  # the share of truths within one standard error; of a normal estimate without bias .683


@dataclass(frozen=True)
class Case:
    """Samples and what they share: ``draw(size, rng)`` gives an array (size, n), ``exact`` is the truth in nats."""

    name: str
    draw: Callable
    exact: Information


def normal(name, cov):
    """A Gaussian of covariance ``cov``."""
    return Case(name, lambda size, rng: systems.sample_gaussian(cov, size, rng=rng), from_covariance(cov))


def stretched(name, cov, freedom=2.0):
    """The same with each column stretched, in order, to a Student distribution; that leaves the truth as it is."""
    spreads = np.sqrt(np.diag(cov))

    def draw(size, rng):
        return student.ppf(norm.cdf(systems.sample_gaussian(cov, size, rng=rng) / spreads), freedom)

    return Case(name, draw, from_covariance(cov))


def discrete(name, pmf):
    """Samples of a joint mass function."""
    return Case(name, lambda size, rng: systems.sample(pmf, size, rng=rng), from_pmf(pmf))


def lifted(name, pmf):
    """Standard normals whose signs have the joint mass function ``pmf`` of fair bits."""

    def draw(size, rng):
        return systems.sign_lift(systems.sample(pmf, size, rng=rng), rng=rng)

    return Case(name, draw, from_pmf(pmf))


def autoregressive_rows(name, cov, memory):
    r"""A Gaussian of covariance ``cov`` whose rows remember: :math:`x_t = a x_{t-1} + \sqrt{1 - a^2}\, e_t`."""

    def draw(size, rng):
        rows = systems.sample_gaussian(cov, size, rng=rng)
        rows[1:] *= math.sqrt(1 - memory**2)
        for t in range(1, size):
            rows[t] += memory * rows[t - 1]
        return rows

    return Case(name, draw, from_covariance(cov))


def coverage(case, estimator="gaussian", *, samples=1000, repetitions=200, rng=0, **options):
    """How often the truth lies within one stated standard error of the estimate.

    Parameters
    ----------
    case : Case
    estimator : str
        As for :func:`mixlib.o_information`, with its ``options``.
    samples : int
        Rows of each draw.
    repetitions : int
        Draws; the share of 200 has a standard error of .033.
    rng : None, int or numpy.random.Generator, default=0
        Each draw has a seed of its own, spawned from this one.

    Returns
    -------
    DataFrame
        A row a measure (TC, DTC, Omega), in nats: ``system``, ``estimator``, ``samples``, ``measure``, ``exact``,
        ``bias`` (of the mean estimate), ``spread`` (standard deviation over draws), ``stated`` (root mean square of
        the stated errors) and ``covered``.
    """
    seeds = np.random.SeedSequence(seed_of(rng)).spawn(repetitions)
    found, stated = np.empty((2, repetitions, len(MEASURES)))
    for row, seed in enumerate(seeds):
        drawn = case.draw(samples, np.random.default_rng(seed))
        generator = np.random.default_rng(seed.spawn(1)[0])
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="plugin: ")  # how errors fare then is what is asked
            warnings.simplefilter("ignore", SeriesWarning)
            result = o_information(drawn, estimator, gradient=False, rng=generator, **options)
        found[row] = [getattr(result, name) for name in MEASURES]
        stated[row] = [result.errors[name] for name in MEASURES]
    exact = np.array([float(getattr(case.exact, name)) for name in MEASURES])
    return pd.DataFrame(
        {
            "system": case.name,
            "estimator": estimator,
            "samples": samples,
            "measure": MEASURES,
            "exact": exact,
            "bias": found.mean(axis=0) - exact,
            "spread": found.std(axis=0, ddof=1),
            "stated": np.sqrt((stated**2).mean(axis=0)),
            "covered": (np.abs(found - exact) <= stated).mean(axis=0),
        }
    )


def served():
    """Six systems for each estimator that it is said to serve, with samples and repetitions that are quickly had.

    Returns
    -------
    dict
        Name of the estimator to a list of cases, samples and repetitions.
    """
    gaussians = {
        "three alike, .6": systems.equicorrelated(3, 0.6),
        "three alike, .95": systems.equicorrelated(3, 0.95),
        "five alike, .3": systems.equicorrelated(5, 0.3),
        "one between two": systems.synergistic(3, 0.6),
        "noisy sum": systems.sum_with_noise(2, 0.5),
        "autoregression of four": systems.autoregressive(4, 0.8),
    }
    counted = {
        "noisy copies": systems.noisy_copy(0.1),
        "noisy exclusive or": systems.noisy_parity(0.1),
        "and": systems.and_gate(),
        "four spins alike": systems.ising(4, 0.3),
        "four spins at odds": systems.ising(4, -0.3),
        "clean copies of an unfair bit": np.diag([0.3, 0.7])[:, :, None] * np.eye(2),
    }
    near = [normal(name, gaussians[name]) for name in ("three alike, .6", "one between two", "autoregression of four")]
    near += [normal("noise", np.eye(3)), normal("three alike, .9", systems.equicorrelated(3, 0.9))]
    near.append(lifted("hidden rule, 3 of 4", systems.noisy_parity(0.25)))
    return {
        "gaussian": ([normal(name, cov) for name, cov in gaussians.items()], 100, 200),
        "gaussian-copula": ([stretched(name, cov) for name, cov in gaussians.items()], 100, 200),
        "plugin": ([discrete(name, pmf) for name, pmf in counted.items()], 300, 200),
        "ksg": (near, 300, 40),
    }
