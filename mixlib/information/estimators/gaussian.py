"""Entropies of Gaussians, from the covariance of samples."""

from functools import cache

import numpy as np

from mixlib.information.estimators.base import EntropyEstimator, reject_dependent, reject_nominal
from mixlib.information.gaussian import entropy_bias, half_log_det
from mixlib.information.groups import columns_of

BATCH = 2**16  # numbers that are ranked and multiplied at a time


class Gaussian(EntropyEstimator):
    """Entropies of Gaussians with the sample covariance, its exact bias for Gaussian samples removed."""

    assumes = "columns that are normal together"
    kinds = ("continuous", "discrete")
    cost = "T N^2 + N^4"
    reference = "cover2006"
    place = 1
    leaves_bias = False

    def __init__(self, values, groups, rng):
        super().__init__((values - values.mean(axis=0)) / values.std(axis=0), groups, rng)

    def check(self, table):
        reject_nominal(table, "a Gaussian estimator")
        reject_dependent(table.values, table.labels)

    def sample(self, rows):
        """The rows of which the covariance is taken, or several sets of them."""
        return self.values[rows]

    def covariances(self, rows):
        """Covariances (R, N, N) of R sets of as many rows (R, T)."""
        chosen = self.sample(rows)
        chosen = chosen - chosen.mean(axis=-2, keepdims=True)
        return chosen.mT @ chosen / (chosen.shape[-2] - 1)

    def entropies(self, rows):
        n_samples = np.array([len(chosen) for chosen in rows])
        cov = np.concatenate([self.covariances(np.stack(same)) for same in _alike(rows, self.values.shape[1])])

        @cache
        def entropy(variables):
            columns = columns_of(self.groups, variables)
            return half_log_det(cov, columns) - entropy_bias(n_samples, len(columns))

        return entropy


def _alike(rows, n_columns):
    """The sets of rows in batches of one length, as many as fit into the cache of a processor."""
    batch = []
    for chosen in rows:
        if batch and (len(chosen) != len(batch[0]) or len(batch) * chosen.size * n_columns > BATCH):
            yield batch
            batch = []
        batch.append(chosen)
    yield batch
