"""Estimators: what each makes of the rows of a table. The k-nearest-neighbour one is in ``ksg.py``."""

import inspect
import warnings
from abc import ABC, abstractmethod
from functools import cache, cached_property

import numpy as np

from mixlib.arrays import whole
from mixlib.extras import needed_by
from mixlib.information.copula import mean_ranks, normal_scores
from mixlib.information.dependence import SMALLEST, are_dependent, fewest_dependent
from mixlib.information.gaussian import entropy_bias, half_log_det
from mixlib.information.groups import columns_of
from mixlib.information.measures import gradient_from_entropy, totals_from_entropy
from mixlib.information.uncertainty import Uncertainty

BATCH = 2**16  # numbers that are ranked and multiplied at a time
TOO_MANY_STATES = 1 / 3  # of the samples: beyond, Miller-Madow leaves a bias that the standard error does not cover


class Estimator(ABC):
    """What :func:`mixlib.o_information` asks of an estimator; made for one table.

    Attributes
    ----------
    error_method : str
        How standard errors are found by default: "jackknife", "bootstrap" or "own" (by ``uncertainty()``).
    bears_repeats : bool
        Whether rows may be given twice, as a bootstrap does.
    leaves_bias : bool
        Whether a bias is left that leaving out samples betrays.
    slowest_bias : float
        The least power of the number of samples by which that bias may fall.
    fewest : int
        Samples that it can do with.
    note : str
        What makes the result doubtful, if anything.
    """

    error_method = "jackknife"
    bears_repeats = True
    leaves_bias = True
    slowest_bias = 1.0
    fewest = 4
    note = ""

    def __init__(self, values, groups, rng):
        self.values, self.groups, self.rng = values, groups, rng

    @classmethod
    def options(cls):
        """Names of the options that :func:`mixlib.o_information` may pass on."""
        return _keywords(cls)

    def check(self, table):  # noqa: B027, a hook that most estimators do not need
        """Refuse a table that the estimator is not for, and say what is doubtful."""

    @abstractmethod
    def totals(self, rows):
        """TC, DTC, Omega and S in nats, a dict of arrays (R,): one entry for each of R arrays of row numbers."""

    @abstractmethod
    def gradient(self):
        """What each variable adds to Omega in nats, from all rows: an array (n,)."""


class _EntropyEstimator(Estimator):
    """One that balances entropies: ``entropies(rows)`` maps a sorted tuple of variables to an array (R,)."""

    def totals(self, rows):
        return totals_from_entropy(self.entropies(rows), len(self.groups))

    def gradient(self):
        return gradient_from_entropy(self.entropies([np.arange(len(self.values))]), len(self.groups))[0]


class Gaussian(_EntropyEstimator):
    """Entropies of Gaussians with the sample covariance, its exact bias for Gaussian samples removed."""

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


class GaussianCopula(Gaussian):
    """The same of normal scores, ranked anew among the rows that are used."""

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


class Plugin(_EntropyEstimator):
    r"""Entropies of relative frequencies plus :math:`(m - 1) / 2T` for ``m`` seen values (Miller-Madow).

    ``correction=None`` leaves Miller-Madow out. ``bins`` cuts columns with more values into so many of equal counts.
    """

    def __init__(self, values, groups, rng, *, correction="miller-madow", bins=None):
        super().__init__(values, groups, rng)
        if correction not in ("miller-madow", None):
            raise ValueError(f"correction: got {correction!r}, expected 'miller-madow' or None")
        self.correction, self.bins = correction, None if bins is None else whole(bins, "bins", 2)
        self.codes = [self._code(column) for column in values.T]
        self.states = cache(self._states)

    def check(self, table):
        for column, label in enumerate(table.labels):
            if self.bins is None and table.looks_continuous(column):
                raise ValueError(
                    f"samples: {label} has {table.distinct[column]} different values in {len(table.values)} samples "
                    "and looks continuous; the plug-in estimator counts discrete states, use "
                    "estimator='gaussian-copula', or cut columns with bins=4"
                )
        n_states = self.n_states()
        if n_states > TOO_MANY_STATES * len(table.values):
            self.note = f"{n_states} joint states in {len(table.values)} samples are too many to be counted well"
            warnings.warn(
                f"plugin: {len(table.values)} samples show {n_states} joint states, too many to be counted well; "
                "entropies are biased. Use more samples or fewer states.",
                stacklevel=3,
            )

    def n_states(self):
        """How many joint states occur."""
        return int(self.states(tuple(range(len(self.groups)))).max()) + 1

    def entropies(self, rows):
        n = np.array([len(chosen) for chosen in rows])

        @cache
        def entropy(variables):
            joint = self.states(variables)
            counts = np.stack([np.bincount(joint[chosen], minlength=joint.max() + 1) for chosen in rows])
            logs = np.log(np.maximum(counts, 1))
            frequencies = np.log(n) - (counts * logs).sum(axis=-1) / n
            if self.correction is None:
                return frequencies
            return frequencies + ((counts > 0).sum(axis=-1) - 1) / (2 * n)

        return entropy

    def _code(self, column):
        codes = np.unique(column, return_inverse=True)[1]
        if self.bins is None or codes.max() < self.bins:
            return codes
        levels = np.floor(self.bins * (mean_ranks(column[:, None])[:, 0] - 0.5) / len(column))
        return np.unique(levels, return_inverse=True)[1]

    def _states(self, variables):
        """An integer a row that numbers the joint states that occur."""
        first, *others = columns_of(self.groups, variables)
        joint = self.codes[first]
        for column in others:
            joint = np.unique(joint * (self.codes[column].max() + 1) + self.codes[column], return_inverse=True)[1]
        return joint


class Score(Estimator):
    """A network that learns the score, trained on the rows; its options are those of ``score_o_information``."""

    error_method = "own"
    bears_repeats = False
    leaves_bias = False  # that the size of the sample would tell

    def __init__(self, values, groups, rng, **training):
        super().__init__(values, groups, rng)
        self.training, self.doubt = training, ""

    @classmethod
    def options(cls):
        return [name for name in _keywords(_score_o_information()) if name != "rng"]

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


def _alike(rows, n_columns):
    """The sets of rows in batches of one length, as many as fit into the cache of a processor."""
    batch = []
    for chosen in rows:
        if batch and (len(chosen) != len(batch[0]) or len(batch) * chosen.size * n_columns > BATCH):
            yield batch
            batch = []
        batch.append(chosen)
    yield batch


def reject_nominal(table, who):
    """Raise a ValueError if a column's numbers stand for categories without an order."""
    for label, nominal in zip(table.labels, table.nominal, strict=True):
        if nominal:
            raise ValueError(
                f"samples: {label} holds categories without an order, which {who} cannot use; use "
                "estimator='plugin', 'ksg' or 'score', or order them with pandas.Categorical(..., ordered=True)"
            )


def reject_dependent(values, labels):
    """Raise a ValueError if a column is a linear function of others: what continuous columns then share is infinite."""
    found = dependence(values, labels)
    if found:
        raise ValueError(f"samples: {found}")


def dependence(values, labels):
    """Which column is a linear function of which others, in words; nothing if none is."""
    correlation = np.corrcoef(values, rowvar=False)
    equal = np.argwhere(np.triu(1 - correlation**2 <= SMALLEST, k=1))
    if len(equal):
        first, second = (labels[k] for k in equal[0])
        return f"{first} and {second} are duplicates up to scale, so their information is infinite; drop one"
    if not are_dependent(correlation):
        return ""
    *others, last = (labels[member] for member in fewest_dependent(correlation, range(len(labels))))
    return f"{last} is a linear function of {', '.join(others)}, so their information is infinite; drop it"


def dependence_note(table):
    """The same of a table whose ties are broken at random: only continuous columns then share without end."""
    continuous = all(map(table.looks_continuous, range(len(table.labels))))
    return dependence(table.values, table.labels) if continuous else ""


def _keywords(function):
    parameters = inspect.signature(function).parameters.values()
    return [parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY]


def _score_o_information():
    with needed_by('estimator="score"'):
        from mixlib.information.score import score_o_information  # loads torch

    return score_o_information
