"""Where estimators of O-information fail: draws whose truth is known, measured again and again. All in bits.

A draw is a function ``draw(rng, **setting)`` that returns samples (T, 3).
"""

import math
import warnings
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree
from scipy.special import digamma, ndtri, roots_hermitenorm
from scipy.stats import norm
from scipy.stats import t as student

from mixlib.information import systems
from mixlib.information.estimate import o_information
from mixlib.information.estimators.gaussian import from_covariance
from mixlib.information.exact import from_pmf
from mixlib.information.result import totals_from_entropy

SUM = systems.sum_with_noise(2, 0.5)  # two independent parts and their noisy sum: strongly synergistic
SPREADS = np.sqrt(np.diag(SUM))
EXACT_SUM = from_covariance(SUM, units="bits").omega


def repeat(draw, estimators, *, seeds=10, **settings):
    """Mean and spread of estimates over seeds, for every combination of settings.

    Parameters
    ----------
    draw : callable
        ``draw(rng, **setting)``; all estimators see the same samples.
    estimators : dict of callables
        Name to a function from samples to a number.
    seeds : int
        How many samples are drawn for each setting.
    **settings
        Values of each argument of ``draw``: a sequence, or a single value.

    Returns
    -------
    DataFrame
        One row a setting and estimator: a column a setting, ``estimator``, ``mean`` and ``sd`` over seeds.
    """
    values = [value if np.iterable(value) else [value] for value in settings.values()]
    rows = []
    for combination in product(*values):
        setting = dict(zip(settings, combination, strict=True))
        drawn = [draw(np.random.default_rng(seed), **setting) for seed in range(seeds)]
        for name, estimate in estimators.items():
            found = [estimate(samples) for samples in drawn]
            rows.append(setting | {"estimator": name, "mean": np.mean(found), "sd": np.std(found, ddof=1)})
    return pd.DataFrame(rows)


def estimator(name, **options):
    """:func:`mixlib.o_information` as a function from samples to Omega in bits."""
    return lambda samples: _quiet(samples, name, error=None, **options).omega


def null_p_values(draw, *, name="plugin", seeds=20, shuffles=99, **setting):
    """P-values (seeds,) of estimates against samples whose columns were shuffled."""
    drawn = (draw(np.random.default_rng(seed), **setting) for seed in range(seeds))
    return np.array([_quiet(samples, name, null=shuffles, error=None, rng=1).p_value for samples in drawn])


def compare(samples=1000, *, seeds=10):
    """Every untrained estimator on five systems: the truth, the mean estimate over seeds, and what "auto" chooses.

    Columns ``truth``, the names of the estimators, ``auto`` (for the first seed). The plug-in cuts columns of more than
    eight values into eight.
    """
    cases = {
        "three columns of noise": (0.0, bells),
        "noisy sum": (EXACT_SUM, sum_in_units),
        "noisy sum, heavy tails": (EXACT_SUM, sum_with_tails),
        "hidden exclusive or": (from_pmf(systems.parity(3), units="bits").omega, lifted_parity),
        "three graders": (from_pmf(graders(), units="bits").omega, grades),
    }
    ways = {name: estimator(name) for name in ("gaussian", "gaussian-copula", "ksg")} | {
        "plugin": estimator("plugin", bins=8)
    }
    rows = {}
    for case, (truth, draw) in cases.items():
        found = repeat(draw, ways, seeds=seeds, samples=samples).set_index("estimator")["mean"]
        chosen = _quiet(draw(np.random.default_rng(0), samples), "auto", error=None).estimator
        rows[case] = {"truth": truth, **found, "auto": chosen}
    return pd.DataFrame.from_dict(rows, orient="index")


def neighbour_sum(samples, *, k=3, floor=-math.inf):
    r"""Omega from entropies that each have neighbours of their own, the obvious and fragile way.

    .. math:: H(X_S) = \psi(T) - \psi(k) + |S| \, \langle \log 2 r_S(t) \rangle_t,

    with the distance :math:`r_S(t)` to the k-th neighbour in the columns of S, in the units of the samples. The
    distances differ from subset to subset, so their errors do not cancel. Entropies below ``floor`` (nats) are raised
    to it: with 0, in the mistaken belief that an entropy cannot be negative.

    Source: Kozachenko & Leonenko 1987.
    """

    @cache
    def entropy(variables):
        points = samples[:, list(variables)]
        distance = cKDTree(points).query(points, [k + 1], p=np.inf)[0]
        value = digamma(len(points)) - digamma(k) + len(variables) * np.log(2 * distance).mean()
        return max(value, floor)

    return float(totals_from_entropy(entropy, samples.shape[1])["omega"]) / math.log(2)


def noise(rng, samples, states=8):
    """Three independent columns of so many states, all alike frequent: Omega 0."""
    return rng.integers(states, size=(samples, 3))


def bells(rng, samples):
    """Three independent standard normals: Omega 0."""
    return rng.standard_normal((samples, 3))


def grades(rng, samples, states=8):
    """Samples of :func:`graders`."""
    return systems.sample(graders(states), samples, rng=rng)


@cache
def graders(states=8, rho=0.6):
    r"""Three graders who each see the same talent through noise of their own, the marks cut into ``states`` grades.

    A joint mass function: standard normals that all correlate by ``rho``, cut at their quantiles. Given the talent
    :math:`z` the marks are independent, so it is :math:`\int \phi(z) \prod_i p(g_i \mid z)\, dz`, by quadrature.
    """
    talents, weights = roots_hermitenorm(80)
    edges = ndtri(np.linspace(0, 1, states + 1))
    below = norm.cdf((edges - math.sqrt(rho) * talents[:, None]) / math.sqrt(1 - rho))
    given = np.diff(below, axis=1)
    joint = np.einsum("z,zi,zj,zk->ijk", weights / weights.sum(), given, given, given)
    return joint / joint.sum()


def lifted_parity(rng, samples, flip=0.0):
    """Standard normals whose signs multiply to -1, but with probability ``flip`` to 1, and are otherwise free."""
    bits = systems.sample(systems.noisy_parity(flip), samples, rng=rng)
    return systems.sign_lift(bits, rng=rng)


def sum_in_units(rng, samples, column=1.0, table=1.0):
    """Two normals and their noisy sum; the last column, or the whole table, multiplied by a change of units."""
    drawn = systems.sample_gaussian(SUM, samples, rng=rng) * table
    drawn[:, 2] *= column
    return drawn


def sum_with_tails(rng, samples, freedom=1.0):
    """The same system, each column stretched to a Student distribution of so many degrees of freedom (1: Cauchy).

    An increasing transform of each column leaves TC, DTC and Omega as they are.
    """
    drawn = systems.sample_gaussian(SUM, samples, rng=rng)
    return student.ppf(norm.cdf(drawn / SPREADS), freedom)


def _quiet(samples, name, **options):
    with warnings.catch_warnings():
        # that states are too many to be counted is what is shown
        warnings.filterwarnings("ignore", message="plugin: ")
        return o_information(samples, name, units="bits", gradient=False, **options)
