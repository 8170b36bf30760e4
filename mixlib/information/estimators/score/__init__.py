"""The estimator that learns the score: ``learned`` is its computation, of ``network`` and ``integrals``."""

from functools import cached_property

import numpy as np

from mixlib.extras import needed_by
from mixlib.information.estimators.base import Estimator, dependence_note, keywords, reject_dependent
from mixlib.information.ranks import normal_scores
from mixlib.information.uncertainty import Uncertainty


class Score(Estimator):
    """A network that learns the score, trained on the rows; its options are those of ``score_o_information``."""

    assumes = "a smooth density that a network learns in time"
    kinds = ("continuous", "discrete", "nominal")
    cost = "minutes: a training, and N conditional scores"
    reference = "bounoua2024"
    place = 5
    error_method = "own"
    bears_repeats = False
    sweep_options = None  # minutes a subset
    leaves_bias = False  # that the size of the sample would tell

    def __init__(self, values, groups, rng, **training):
        super().__init__(values, groups, rng)
        self.training, self.doubt = training, ""

    @classmethod
    def options(cls):
        return [name for name in keywords(_score_o_information()) if name != "rng"]

    def check(self, table):
        reject_dependent(normal_scores(table.values, rng=0), table.labels)
        self.doubt = dependence_note(table)

    @cached_property
    def trained(self):
        """What ``score_o_information`` says of all rows."""
        return self._train(self.values)

    @property
    def note(self):
        kept = "no network was better than the Gaussian copula on held-out samples, so this is its answer"
        return "; ".join(filter(None, (self.doubt, kept if self.trained.step == 0 else "")))

    def totals(self, rows):
        every = len(self.values)
        runs = [self.trained if len(chosen) == every else self._train(self.values[chosen]) for chosen in rows]
        totals = {name: np.array([float(getattr(run, name)) for run in runs]) for name in ("tc", "dtc", "omega")}
        return totals | {"s_information": totals["tc"] + totals["dtc"]}

    def gradient(self):
        return np.asarray(self.trained.gradient, dtype=float)

    def uncertainty(self):
        """That of the network in use, or of the Gaussian copula where its answer was kept."""
        run = self.trained
        names = ("tc", "dtc", "omega")
        errors = dict(zip(names, map(float, (run.tc_error, run.dtc_error, run.standard_error)), strict=True))
        how = "network" if run.step else "jackknife of the copula"
        return Uncertainty(errors, dict(zip(names, map(float, run.bias), strict=True)), how)

    def _train(self, values):
        return _score_o_information()(values, self.groups, rng=self.rng, **self.training)


def _score_o_information():
    with needed_by('estimator="score"'):
        from mixlib.information.estimators.score.learned import score_o_information  # loads torch

    return score_o_information
