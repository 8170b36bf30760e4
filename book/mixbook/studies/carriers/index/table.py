"""All carriers by presence: right, wrong and flat means, each by the carriers' own statistics and costs."""

from itertools import product

import numpy as np
import pandas as pd

from mixlib import simplex
from mixlib.carriers import CARRIERS
from mixlib.kernels import Linear

K, D = 4, 3  # points of a set, and their dimension
MATCHED = 1e-6  # of the largest distance of two points: the same point
SLACK = 1e-6  # of a statistic, for rounding
POOLED = ("Gaussian", "Quantile", "DiscreteMeasure")  # laws, whose flat mean averages densities and not parameters


def carriers():
    """All carriers, one for each metric."""
    return [carrier for kind in CARRIERS.values() for carrier in kind.variants()]


def address(carrier):
    """The page of the reference that describes a carrier."""
    return f"../api/carriers.html#mixlib.carriers.{type(carrier).__name__}"


def named(labels):
    """Labels that can stand in a list: the metric in brackets."""
    return [label.replace(", ", " (", 1) + ")" * (", " in label) for label in labels]


def drawn(carrier, seed):
    """Points of a carrier and weights, all of them a twentieth or more."""
    return carrier.sample(K, D, rng=seed), 0.2 / K + 0.8 * simplex.sample(K, rng=seed)


def flat_mean(carrier, points, weights):
    """The weighted average without a thought of the carrier: of densities for laws, of coordinates for the rest."""
    if type(carrier).__name__ == "Gaussian":
        return type(carrier)(metric="mixture").mean(points, weights)
    if type(carrier).__name__ in POOLED:
        return carrier.wrong_mean(points, weights)
    return _shaped(Linear()(weights, _flat(points)), points)


def _arrays(points):
    return points if isinstance(points, tuple) else (points,)


def _flat(points):
    return np.concatenate([array.reshape(len(array), -1) for array in _arrays(points)], axis=-1)


def _shaped(vector, points):
    ends = np.cumsum([array[0].size for array in _arrays(points)])[:-1]
    parts = [part.reshape(array.shape[1:]) for part, array in zip(np.split(vector, ends), _arrays(points), strict=True)]
    return type(points)(*parts) if isinstance(points, tuple) else parts[0]


def one(points, i):
    """One of several points."""
    return type(points)(*(array[i] for array in points)) if isinstance(points, tuple) else points[i]


def cost(carrier, centre, points, weights):
    """Weighted squared distance from the points; infinite if the centre is no point of the carrier."""
    try:
        return float(sum(w * carrier.distance(centre, one(points, i)) ** 2 for i, w in enumerate(weights)))
    except ValueError:
        return np.inf


def statistic(carrier, mean, points):
    """The failure statistic; infinite if the mean is no point of the carrier."""
    try:
        return float(carrier.failure(mean, points))
    except ValueError:
        return np.inf


def bend(carrier, points, seed=0):
    """How far a space is from flat at three points: the error of the median law over the squared side.

    In a flat space d(x, m)^2 is (d(x, a)^2 + d(x, b)^2) / 2 - d(a, b)^2 / 4 for the middle m of a and b. The third
    point is tried as it is and moved by an isometry, since samples may lie on one line; the larger error counts.
    """
    third, a, b = (one(points, i) for i in range(3))
    middle, side, found = carrier.geodesic(a, b, 0.5), carrier.distance(a, b), []
    for x in (third, carrier.isometry(D, rng=seed)(third)):
        flat = (carrier.distance(x, a) ** 2 + carrier.distance(x, b) ** 2) / 2 - side**2 / 4
        found.append(float(abs(carrier.distance(x, middle) ** 2 - flat) / side**2))
    return max(found)


def survey(seeds):
    """Every carrier and seed: statistics of the right, the wrong and the flat mean, cost and gap of the flat one."""
    rows = []
    for carrier, seed in product(carriers(), seeds):
        points, weights = drawn(carrier, seed)
        right, flat = carrier.mean(points, weights), flat_mean(carrier, points, weights)
        least = cost(carrier, right, points, weights)
        longest = max(float(carrier.distance(one(points, i), one(points, j))) for i in range(K) for j in range(i))
        rows.append({
            "carrier": carrier.label, "class": type(carrier).__name__, "seed": seed,
            "right": statistic(carrier, right, points),
            "wrong": statistic(carrier, carrier.wrong_mean(points, weights), points),
            "flat": statistic(carrier, flat, points),
            "cost of flat": cost(carrier, flat, points, weights) / least,
            "gap of flat": _gap(carrier, flat, right) / longest,
            "bend": bend(carrier, points, seed),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _gap(carrier, mean, right):
    try:
        return float(carrier.distance(mean, right))
    except ValueError:
        return np.inf


def with_metrics():
    """Classes of carriers that have a choice of metrics, with all their variants."""
    return {name: kind.variants() for name, kind in CARRIERS.items() if hasattr(kind.variants()[0], "metric")}


def shared_points(variants, seed):
    """Points that all metrics take."""
    for carrier in variants:
        points, weights = drawn(carrier, seed)
        try:
            return points, weights, [other.mean(points, weights) for other in variants]
        except ValueError:
            continue
    raise ValueError("variants: no sample is taken by all metrics")


def crossed(variants, seeds):
    """The mean of each metric (rows) judged by each metric (columns): statistics and costs over the least, by seed."""
    labels, n = [carrier.metric for carrier in variants], len(variants)
    statistics, costs, gaps = (np.empty((len(seeds), n, n)) for _ in range(3))
    for s, seed in enumerate(seeds):
        points, weights, means = shared_points(variants, seed)
        for j, judge in enumerate(variants):
            longest = max(float(judge.distance(one(points, i), one(points, h))) for i in range(K) for h in range(i))
            least = cost(judge, means[j], points, weights)
            for i, mean in enumerate(means):
                statistics[s, i, j] = statistic(judge, mean, points)
                costs[s, i, j] = cost(judge, mean, points, weights) / least
                gaps[s, i, j] = _gap(judge, mean, means[j]) / longest
    return labels, statistics, costs, gaps


def curved_in_flat(seed):
    """Cost over the least one, for vectors, of two curved means: coordinate by coordinate geometric, and of directions.

    The vectors are positive, with log-normal coordinates; the mean of directions gets the mean of the lengths.
    """
    euclidean, sphere = CARRIERS["euclidean"](), CARRIERS["sphere"]()
    points, weights = np.random.default_rng(seed).lognormal(size=(K, D)), simplex.sample(K, rng=seed)
    least = cost(euclidean, euclidean.mean(points, weights), points, weights)
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    means = {
        "geometric mean": np.exp(weights @ np.log(points)),
        "mean of directions": sphere.mean(points / lengths, weights) * (weights @ lengths),
    }
    return {name: cost(euclidean, mean, points, weights) / least for name, mean in means.items()}
