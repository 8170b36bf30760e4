"""Does every variable of a subset belong to it? A null that shuffles one of them and leaves the others alone."""

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from mixlib.arrays import generator
from mixlib.information.ranks import normal_scores
from mixlib.information.sweeps import o_information_sweep
from mixlib.information.sweeps.elimination import measure_subsets


def every_member(samples, orders=(3, 4), *, shuffles=999, rng=0):
    r"""Membership test: whether each member changes the Gaussian-copula Omega of its subset, for all subsets.

    The null of a member ``j`` is that it is independent of the others. They may depend on each other as they like:
    only ``j`` is shuffled, so :math:`\Omega(S \setminus j)` stays, and what is tested is the gradient
    :math:`\Omega(S) - \Omega(S \setminus j)`. A subset counts as a finding if no member can be spared, so its p-value
    is the largest of its members' (an intersection-union test, valid whatever the members have to do with each other).

    Source: Berger 1982 for the largest p-value.

    Parameters
    ----------
    samples : pandas DataFrame (T, N)
        One named column a variable.
    orders : int, pair of int, range or str, default=(3, 4)
        As for :func:`mixlib.o_information_sweep`.
    shuffles : int, default=999
        Of each variable; p-values are multiples of 2 / (shuffles + 1), so a single finding among m subsets can have
        q <= .05 only with more than 40 m shuffles, and f findings with m / f times 40.
    rng : int or numpy.random.Generator, default=0
        Source of the shuffles.

    Returns
    -------
    DataFrame
        One row a subset, the most synergistic first: ``variables``, ``order``, ``omega`` (bits), ``p_value``
        (two-sided), ``q_value`` (Benjamini-Hochberg over all rows) and ``weakest``, the member with the largest
        p-value.

    Raises
    ------
    ValueError
        If ``shuffles`` is below 1, or the samples or orders cannot be swept.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from mixlib.information.membership import every_member
    >>> x, y, z = np.random.default_rng(0).normal(size=(3, 500))
    >>> table = pd.DataFrame({"x": x, "y": y, "sum": x + y + z, "other": z**2})
    >>> every_member(table, orders=3, shuffles=99)[["variables", "weakest", "p_value"]].head(2)
             variables weakest  p_value
    0      (x, y, sum)       x     0.02
    1  (y, sum, other)   other     0.78
    """
    if shuffles < 1:
        raise ValueError(f"shuffles: got {shuffles}, expected at least 1")
    (rng,) = generator(rng).spawn(1)  # shuffles of its own, whatever else that seed has shuffled
    sweep = o_information_sweep(samples, orders=orders, estimator="gaussian-copula", units="bits")
    scores = normal_scores(samples.to_numpy(dtype=float))
    scores = (scores - scores.mean(axis=0)) / scores.std(axis=0)
    subsets, p_values = sweep.subsets, np.zeros((len(sweep.omega), len(samples.columns)))
    for member in range(len(samples.columns)):
        rows = np.flatnonzero((subsets == member).any(axis=1))
        p_values[rows, member] = _p_values_of(member, scores, subsets[rows], shuffles, rng)
    names = np.array(samples.columns, dtype=object)
    found = pd.DataFrame(
        {
            "variables": [tuple(names[subset[subset >= 0]]) for subset in subsets],
            "order": (subsets >= 0).sum(axis=1),
            "omega": sweep.omega,
            "p_value": p_values.max(axis=1),
            "q_value": false_discovery_control(p_values.max(axis=1)),
            "weakest": names[p_values.argmax(axis=1)],
        }
    )
    return found.sort_values("omega", ignore_index=True, kind="stable")


def with_shuffled_copies(samples, rng):
    """Shuffled copies: the table and beside it each column with its rows shuffled, an asterisk at its name.

    Parameters
    ----------
    samples : pandas DataFrame (T, N)
        One named column a variable.
    rng : int or numpy.random.Generator
        Source of the shuffles.

    Returns
    -------
    DataFrame (T, 2 N)
        Both beside each other.

    Examples
    --------
    >>> import pandas as pd
    >>> from mixlib.information.membership import with_shuffled_copies
    >>> list(with_shuffled_copies(pd.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0]}), rng=0))
    ['x', 'y', 'x*', 'y*']
    """
    rng = generator(rng)
    shuffled = pd.DataFrame(rng.permuted(samples.to_numpy(), axis=0), columns=samples.columns, index=samples.index)
    return pd.concat([samples, shuffled.add_suffix("*")], axis=1)


def holds_copy(found):
    """False discoveries: whether each subset of a table of findings has a shuffled copy among its members.

    Parameters
    ----------
    found : pandas DataFrame
        As :func:`every_member` gives it.

    Returns
    -------
    Series of bool
        One for each row.

    Examples
    --------
    >>> import pandas as pd
    >>> from mixlib.information.membership import holds_copy
    >>> holds_copy(pd.DataFrame({"variables": [("x", "y", "z"), ("x", "y", "z*")]})).tolist()
    [False, True]
    """
    return found["variables"].map(lambda names: any(name.endswith("*") for name in names))


def false_alarms(rho, samples, *, draws=100, rng=0):
    r"""False alarms of both nulls, for two columns of correlation ``rho`` and a third independent of them.

    To lowest order Omega has the standard deviation :math:`\rho / T` nats over draws. Of three independent columns it
    has :math:`T^{-3/2}`, which is what the null that shuffles all columns sees.

    Parameters
    ----------
    rho : float
        Between -1 and 1.
    samples : int
        In a draw.
    draws : int, default=100
        How many tables are made and tested.
    rng : int or numpy.random.Generator, default=0
        Source of the tables and shuffles.

    Returns
    -------
    dict
        ``spread``, the standard deviation of Omega over draws in bits, and the share of draws with p <= .05 when
        ``all shuffled`` and when shuffled ``one at a time``.

    Examples
    --------
    >>> from mixlib.information.membership import false_alarms
    >>> sorted(false_alarms(0.5, samples=50, draws=2))
    ['all shuffled', 'one at a time', 'spread']
    """
    rng = generator(rng)
    omegas, lenient, strict = np.empty((3, draws))
    for draw in range(draws):
        x, noise, passenger = rng.standard_normal((3, samples))
        table = pd.DataFrame({"x": x, "y": rho * x + np.sqrt(1 - rho**2) * noise, "passenger": passenger})
        sweep = o_information_sweep(table, orders=3, estimator="gaussian-copula", units="bits", null=39, rng=rng)
        omegas[draw], lenient[draw] = sweep.omega.item(), sweep.p_values.item()
        strict[draw] = every_member(table, 3, shuffles=39, rng=rng)["p_value"].item()
    shares = {"all shuffled": (lenient <= 0.05).mean(), "one at a time": (strict <= 0.05).mean()}
    return {"spread": omegas.std()} | shares


def _p_values_of(member, scores, subsets, shuffles, rng):
    """Two-sided p-values of ``subsets`` (m, k), all holding ``member``, when its column alone is shuffled."""
    correlation = scores.T @ scores / len(scores)
    omega, _ = measure_subsets(correlation, subsets)
    shuffled = rng.permuted(np.tile(scores[:, member], (shuffles, 1)), axis=1)
    below, above = np.zeros((2, len(subsets)), dtype=int)
    for row in shuffled @ scores / len(scores):
        row[member] = 1.0
        correlation[member], correlation[:, member] = row, row
        null, _ = measure_subsets(correlation, subsets)
        below += null <= omega
        above += null >= omega
    return np.minimum(1.0, 2 * (np.minimum(below, above) + 1) / (shuffles + 1))
