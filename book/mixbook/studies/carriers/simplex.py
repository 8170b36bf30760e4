"""Averages of probabilities: which pool is right for what the weights mean, and what Fisher's metric measures."""

import numpy as np
import pandas as pd
import torch
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from scipy.stats import norm

from mixlib.arrays import generator
from mixlib.carriers import Gaussian, Quantile, Simplex

OUTCOMES, EXPERTS = 21, 3
NAMED = ["log-linear pool", "Wasserstein"]  # those that the founding document calls right
FLOOR = 0.01  # share of the uniform law in every forecast, so that none excludes what happens
LEVELS = 252  # quantiles by which laws on a scale are moved
CELLS, REACH = 2**14, 32.0  # log-likelihood ratios of all samples together, in nats, and into how many cells


# ---- pools


def pools(laws):
    """Forecasts (rounds, outcomes) of each pool, with equal weights, from laws (rounds, experts, outcomes)."""
    found = {
        "arithmetic mix": Simplex(metric="linear").mean(laws),
        "log-linear pool": Simplex(metric="aitchison").mean(laws),
        "Fisher-Rao": Simplex(metric="fisher-rao").mean(laws),
        "Wasserstein": moved(laws),
    }
    return {name: (1 - FLOOR) * pool + FLOOR / laws.shape[-1] for name, pool in found.items()}


def moved(laws):
    """The Wasserstein barycenter of laws on a scale of whole numbers; what falls between two is split among them."""
    levels = (np.arange(LEVELS) + 0.5) / LEVELS
    quantiles = (np.cumsum(laws, axis=-1)[..., None, :] < levels[:, None]).sum(-1)
    places = Quantile().mean(np.minimum(quantiles, laws.shape[-1] - 1).astype(float))
    below = np.floor(places).astype(int)
    found, rows = np.zeros((len(laws), laws.shape[-1] + 1)), np.arange(len(laws))[:, None]
    np.add.at(found, (rows, below), (1 - (places - below)) / LEVELS)
    np.add.at(found, (rows, below + 1), (places - below) / LEVELS)
    return found[:, :-1]


def random_source(rounds, rng):
    """The weights are chances: each outcome comes from the law of an expert that is drawn by them."""
    laws = rng.dirichlet(np.full(OUTCOMES, 0.2), size=(rounds, EXPERTS)) + 1e-12
    laws /= laws.sum(-1, keepdims=True)
    return laws, draw(laws[np.arange(rounds), rng.integers(EXPERTS, size=rounds)], rng)


def independent_evidence(rounds, rng):
    """The weights are shares of the evidence: each expert saw a noisy signal of the outcome, independent of others."""
    truth = rng.integers(OUTCOMES, size=rounds)
    signals = rng.normal(size=(rounds, EXPERTS, OUTCOMES))
    signals[np.arange(rounds), :, truth] += 1.5
    logs = 1.5 * signals
    return np.exp(logs - logsumexp(logs, axis=-1, keepdims=True)), truth


def steady_move(rounds, rng):
    """The weights are places on a way: the law moves steadily along a scale, and experts know it elsewhere on it."""
    return _shifted(rounds, rng, cancel=True)


def shifted_by_chance(rounds, rng):
    """The weights average errors: each expert knows the shape of the law, and is off by a shift of its own."""
    return _shifted(rounds, rng, cancel=False)


def _shifted(rounds, rng, cancel):
    centre, shifts = rng.uniform(8, 12, size=(rounds, 1, 1)), rng.normal(0, 3, size=(rounds, EXPERTS, 1))
    shifts = shifts - cancel * shifts.mean(axis=1, keepdims=True)
    x = np.arange(OUTCOMES) - centre - np.concatenate([np.zeros((rounds, 1, 1)), shifts], axis=1)
    logs = 2 * x - 3 * np.exp(0.7 * x)  # rises slowly and falls quickly
    laws = np.exp(logs - logsumexp(logs, axis=-1, keepdims=True)) + 1e-12
    laws /= laws.sum(-1, keepdims=True)
    return laws[:, 1:], draw(laws[:, 0], rng)


PROCESSES = {
    "random source": random_source,
    "independent evidence": independent_evidence,
    "steady move": steady_move,
    "shifts by chance": shifted_by_chance,
}


def draw(laws, rng):
    """One outcome of each law (rounds, outcomes)."""
    return (np.cumsum(laws, axis=-1) < rng.random((len(laws), 1))).sum(-1).clip(max=laws.shape[-1] - 1)


def scores(rounds=2000, seeds=range(5)):
    """Losses of all pools in all processes: a row a process, seed and pool, two proper scores, lower is better."""
    rows = []
    for process, make in PROCESSES.items():
        for seed in seeds:
            laws, truth = make(rounds, generator(seed))
            for pool, forecast in pools(laws).items():
                hit = forecast[np.arange(rounds), truth]
                quadratic = (forecast**2).sum(-1) - 2 * hit + 1
                row = {"log loss (nats)": -np.log(hit).mean(), "quadratic loss": quadratic.mean()}
                rows.append({"process": process, "seed": seed, "pool": pool, **row})
    return pd.DataFrame(rows)


def winners(losses):
    """For each process the pool of the lowest loss by both scores in every seed, or None."""
    found = {}
    for process, rows in losses.groupby("process", sort=False):
        best = {
            rows[rows["seed"] == seed].set_index("pool")[score].idxmin()
            for seed in rows["seed"].unique()
            for score in ("log loss (nats)", "quadratic loss")
        }
        found[process] = best.pop() if len(best) == 1 else None
    return found


# ---- Fisher's metric


class Family:
    """Laws with parameters: log-probabilities of finitely many outcomes as a torch function, and random parameters."""

    def __init__(self, log_probs, start):
        self.log_probs, self.start = log_probs, start

    def metric(self, place):
        """Fisher's metric by its definition: the covariance of the scores."""
        place = torch.as_tensor(place)
        score = torch.autograd.functional.jacobian(self.log_probs, place)
        return (score.T @ (self.log_probs(place).exp()[:, None] * score)).numpy()

    def bend(self, place):
        """The second derivative of the Kullback-Leibler divergence from a law to its neighbours, by autograd."""
        place = torch.as_tensor(place)
        here = self.log_probs(place).detach()

        def divergence(other):
            return (here.exp() * (here - self.log_probs(other))).sum()

        return torch.autograd.functional.hessian(divergence, place).numpy()

    def samples_needed(self, a, b, error=0.1):
        """How many samples the best test takes to name the law, one of two equally likely ones, wrongly that often.

        The test is the likelihood ratio. Its error is computed by convolution, for one number of samples after the
        other, so no metric enters.
        """
        logs = [self.log_probs(torch.as_tensor(place)).numpy() for place in (a, b)]
        if not np.isfinite(logs).all():
            raise ValueError(
                f"samples_needed: no law of the family is at {a} or at {b}: choose neighbours that are nearer"
            )
        ratio = np.clip(logs[0] - logs[1], -REACH / 4, REACH / 4)  # a sample that tells more settles it by itself
        waves = [_wave(np.exp(log), ratio) for log in logs]

        def wrong(n):
            sums = [np.fft.irfft(wave**n, CELLS) for wave in waves]
            below, above = sums[0][CELLS // 2 :].sum(), sums[1][1 : CELLS // 2].sum()
            return (below + above + (sums[0][0] + sums[1][0]) / 2) / 2

        number = 1
        while (chance := wrong(number)) > 0.3:  # from below: of too many samples the sums go round the circle
            number *= 4
        while True:
            # the sum of ratios is nearly normal, and its distance from 0 grows with the root of the number
            better = number * (norm.ppf(error) / norm.ppf(chance)) ** 2
            if abs(better - number) <= max(1, 2e-3 * number):
                return better
            number = max(round(better), 1)
            chance = wrong(number)


def _wave(law, ratio):
    """The transform of the law of a log-likelihood ratio, on a circle of cells; between two cells mass is split."""
    place = ratio * (CELLS / REACH)
    below = np.floor(place).astype(int)
    cells = np.zeros(CELLS)
    np.add.at(cells, below % CELLS, law * (1 - (place - below)))
    np.add.at(cells, (below + 1) % CELLS, law * (place - below))
    return np.fft.rfft(cells)


def simplex_family(rng):
    """Laws of five outcomes, by the first four probabilities."""

    def log_probs(place):
        return torch.log(torch.cat([place, 1 - place.sum()[None]]))

    return Family(log_probs, rng.dirichlet(np.full(5, 3.0))[:4])


def normal_family(rng):
    """Normal laws by mean and deviation, read to a twentieth of the deviation."""
    mean, deviation = rng.normal(), np.exp(rng.normal())
    bins = torch.as_tensor(mean + deviation * np.linspace(-6, 6, 241))

    def log_probs(place):
        logs = -(((bins - place[0]) / place[1]) ** 2) / 2
        return logs - torch.logsumexp(logs, 0)

    return Family(log_probs, np.array([mean, deviation]))


def network_family(rng):
    """A small network, by its 27 weights: two inputs, four hidden units, three classes, on ten inputs."""
    inputs = torch.as_tensor(rng.normal(size=(10, 2)))

    def log_probs(place):
        first, biases, second = place[:8].reshape(2, 4), place[8:12], place[12:24].reshape(4, 3)
        logits = torch.tanh(inputs @ first + biases) @ second + place[24:]
        return (torch.log_softmax(logits, -1) - np.log(10)).reshape(-1)

    return Family(log_probs, rng.normal(size=27))


FAMILIES = {"five outcomes": simplex_family, "normal laws": normal_family, "small network": network_family}
KINDS = ("equal Fisher length", "equal straight line")  # of pairs of neighbours


def neighbours(length=0.01, pairs=4, seeds=range(5)):
    """How many samples tell neighbours apart that are equally far by Fisher's metric, or by a straight line.

    A row a family, seed and pair. The straight line is as long as the median of those of the family's seed.
    """
    rows = []
    for name, make in FAMILIES.items():
        for seed in seeds:
            rng = generator(seed)
            centres = [make(rng) for _ in range(pairs)]
            ways = [way / np.linalg.norm(way) for way in (rng.normal(size=len(one.start)) for one in centres)]
            lengths = [np.sqrt(way @ one.metric(one.start) @ way) for one, way in zip(centres, ways, strict=True)]
            straight = np.median([length / per_unit for per_unit in lengths])
            for one, way, per_unit in zip(centres, ways, lengths, strict=True):
                metric, bend = one.metric(one.start), one.bend(one.start)
                apart = dict(zip(KINDS, (length / per_unit, straight), strict=True))
                needed = {kind: one.samples_needed(one.start, one.start + step * way) for kind, step in apart.items()}
                gap = np.abs(metric - bend).max() / np.abs(metric).max()
                rows.append({"family": name, "length": length, "seed": seed, "gap": gap, **needed})
    return pd.DataFrame(rows)


def spreads(pairs):
    """The largest number of samples over the smallest among pairs of one distance: a row a family, length and seed."""
    return pairs.groupby(["family", "length", "seed"], sort=False)[list(KINDS)].agg(lambda n: n.max() / n.min())


def halves(ratios):
    """Whether the excess of a ratio over 1 halves at least, from each length to the next: (families, lengths - 1)."""
    excess = np.asarray(ratios) - 1
    return excess[:, 1:] <= excess[:, :-1] / 2


def far_normals(distances=(0.25, 0.5, 1, 2, 4)):
    """Two pairs of normal laws at equal Fisher distance, of other means or deviations: their Chernoff information.

    That is the rate at which the best test's chance of an error falls with each sample: samples are in proportion to
    its inverse.
    """
    rows, carrier = {}, Gaussian(metric="fisher-rao")
    for distance in distances:
        gap = 2**1.5 * np.sinh(distance / 2**1.5)
        ratio = np.exp(distance / 2**0.5)
        found = [
            carrier.distance(law(0, 1), other).item() for other in (law(gap, 1), law(0, ratio))
        ]  # of the library, against the closed forms used here
        assert np.allclose(found, distance)
        rows[distance] = {"means differ": gap**2 / 8, "deviations differ": chernoff_of_scales(ratio)}
    return pd.DataFrame.from_dict(rows, orient="index")


def law(mean, deviation):
    """A normal law as a point of :class:`mixlib.carriers.Gaussian`."""
    return np.array([float(mean)]), np.array([[float(deviation) ** 2]])


def chernoff_of_scales(ratio):
    """Chernoff information of normal laws of one mean, from the ratio of their deviations."""

    def log_overlap(s):
        return -0.5 * np.log(s + (1 - s) / ratio**2) - (1 - s) * np.log(ratio)

    return -minimize_scalar(log_overlap, bounds=(0, 1), method="bounded").fun
