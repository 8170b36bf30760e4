"""Entropies of Gaussians, from the covariance of normal scores: right after any increasing transform of the columns."""

from mixlib.information.estimators.base import Estimator, dependence, reject_dependent, reject_nominal
from mixlib.information.estimators.gaussian import Gaussian
from mixlib.information.ranks import normal_scores


class GaussianCopula(Gaussian):
    """The same of normal scores, ranked anew among the rows that are used."""

    assumes = "columns that are normal together after an increasing transform of each"
    cost = "T N log T + T N^2 + N^4"
    reference = "ince2017"
    place = 2
    leaves_bias = True  # ranks of few samples blur strong dependence

    def __init__(self, values, groups, rng):
        Estimator.__init__(self, values, groups, rng)

    def check(self, table):
        reject_nominal(table, "a Gaussian estimator")
        reject_dependent(normal_scores(table.values), table.labels)
        tied = [name for name, count in zip(table.labels, table.distinct, strict=True) if count < len(table.values) / 2]
        ties = f"ties share the mean of their ranks, so the scores of {', '.join(tied)} are not normal" if tied else ""
        self.note = "; ".join(filter(None, (ties, dependence(table.values, table.labels))))

    def sample(self, rows):
        return normal_scores(self.values[rows])
