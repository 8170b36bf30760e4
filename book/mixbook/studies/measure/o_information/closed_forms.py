"""Gaussian systems whose total and dual total correlation can be written down, beside what the library computes."""

import numpy as np
import pandas as pd

from mixlib.information import systems
from mixlib.information.estimators.gaussian import from_covariance


def gaussian():
    r"""TC and DTC of Gaussian systems beside their closed forms, in bits, a row a system.

    All forms follow from two: :math:`\mathrm{TC} = -\tfrac12 \log\det R` with the correlation matrix :math:`R`, and
    :math:`\mathrm{DTC} = \tfrac12 \log\det R - \tfrac12 \sum_i \log v_i` with the variance :math:`v_i` of a variable
    given all others. Columns ``tc``, ``dtc``, ``omega``, ``known tc``, ``known dtc``.
    """
    red, syn = systems.equicorrelated(3, 0.6), systems.synergistic(3, 0.6)
    known = {
        "equal correlations .5, n = 3": (systems.equicorrelated(3, 0.5), _equal(3, 0.5)),
        "equal correlations .5, n = 5": (systems.equicorrelated(5, 0.5), _equal(5, 0.5)),
        "equal correlations .7, n = 4": (systems.equicorrelated(4, 0.7), _equal(4, 0.7)),
        "one cause, three noisy looks": (systems.common_cause(3, 0.5), _equal(3, 1 / 1.25)),
        "a chain, each step .8": (systems.autoregressive(3, 0.8), _chain(0.8)),
        "two parts and their noisy sum": (systems.sum_with_noise(2, 0.5), _noisy_sum(0.5)),
        "one between two, rho = .6": (syn, _between(0.6)),
        "the same beside equal correlations .6": (_side_by_side(red, syn), np.add(_equal(3, 0.6), _between(0.6))),
    }
    results = {name: from_covariance(cov, units="bits") for name, (cov, _) in known.items()}
    table = pd.DataFrame(
        [[result.tc, result.dtc, result.omega] for result in results.values()],
        index=results,
        columns=["tc", "dtc", "omega"],
    )
    table[["known tc", "known dtc"]] = [closed for _, closed in known.values()]
    return table


def _equal(n, rho):
    """The eigenvalues are 1 - rho, n - 1 times, and 1 + (n - 1) rho; so det R, and v = det R / det of one fewer."""
    log_det = (n - 1) * np.log2(1 - rho) + np.log2(1 + (n - 1) * rho)
    log_given = np.log2((1 - rho) * (1 + (n - 1) * rho) / (1 + (n - 2) * rho))
    return -log_det / 2, (log_det - n * log_given) / 2


def _chain(rho):
    """Given both neighbours, the middle one varies by (1 - rho^2) / (1 + rho^2); given one, an end by 1 - rho^2."""
    return -np.log2(1 - rho**2), np.log2((1 + rho**2) / (1 - rho**2)) / 2


def _noisy_sum(noise):
    """The sum tells log((2 + s) / s) / 2 of both parts; with noise s, a part given the rest varies by s / (1 + s)."""
    variance = noise**2
    return np.log2(1 + 2 / variance) / 2, np.log2(1 + 1 / variance)


def _between(rho):
    """The middle one correlates by a with the first and b with the last, a^2 = 1/2 and b^2 = rho^2 / 2."""
    a, b = 1 / 2, rho**2 / 2
    log_det = np.log2(1 - a - b)
    return -log_det / 2, np.log2((1 - a) * (1 - b)) / 2 - log_det


def _side_by_side(first, second):
    """Systems that know nothing of each other: their TC and their DTC add."""
    zeros = np.zeros((len(first), len(second)))
    return np.block([[first, zeros], [zeros.T, second]])
