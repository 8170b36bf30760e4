"""Which estimator fits the data: ``estimator="auto"``."""

import numpy as np

from mixlib.information.estimators.gaussian_copula import GaussianCopula
from mixlib.information.estimators.plugin import TOO_MANY_STATES, Plugin

LOOKED_AT = 2000  # samples; more would only make the look slower
MOST_COLUMNS = 20  # for neighbours, who are all far away in more dimensions


def choose_estimator(table, rng):
    """Name an estimator for ``table`` and say why.

    Discrete columns are counted if their joint states are few enough. Otherwise normal scores are looked at twice:
    given normal margins, no dependence has less total correlation than the Gaussian one, so a Gaussian copula gives
    a lower bound; neighbours err to the low side too, and are chosen if they see clearly more.

    Returns
    -------
    name, why : str
    """
    size = len(table.values)
    continuous = [label for column, label in enumerate(table.labels) if table.looks_continuous(column)]
    if not continuous:
        n_states = Plugin(table.values, table.groups, rng).n_states()
        if n_states <= TOO_MANY_STATES * size or any(table.nominal):
            return "plugin", f"every column is discrete, with {n_states} joint states in {size} samples"
    if any(table.nominal):
        return "ksg", f"categories without an order beside {continuous[0]}, which looks continuous"
    if _sees_more(table, rng):
        return "ksg", "neighbours see clearly more total correlation than a Gaussian copula can"
    if continuous == list(table.labels) and min(_normal_p(table.values)) > 0.01 / len(table.labels):
        return "gaussian", "every column looks normal, and neighbours see no more than covariances do"
    return "gaussian-copula", "not all columns look normal, and neighbours see no more than a Gaussian copula does"


def _sees_more(table, rng):
    """Whether neighbours find more total correlation than the Gaussian copula, by three standard errors."""
    size = len(table.values)
    if len(table.labels) > MOST_COLUMNS or size < 50:
        return False

    from mixlib.information.estimators.ksg import KSG

    values = table.values[rng.permutation(size)[:LOOKED_AT]]
    every = np.arange(len(values))
    rows = [every, *(rng.permutation(every)[: len(every) // 2] for _ in range(20))]
    try:
        neighbours, copula = (make(values, table.groups, rng).totals(rows)["tc"] for make in (KSG, GaussianCopula))
    except np.linalg.LinAlgError:  # dependent columns, which the estimator that is chosen then names
        return False
    excess = neighbours - copula
    return excess[0] > 3 * excess[1:].std()


def _normal_p(values):
    """P-values (N,) that columns are normal, by their skewness and kurtosis: Jarque & Bera 1980."""
    z = (values - values.mean(axis=0)) / values.std(axis=0)
    statistic = len(values) / 6 * ((z**3).mean(axis=0) ** 2 + ((z**4).mean(axis=0) - 3) ** 2 / 4)
    return np.exp(-statistic / 2)
