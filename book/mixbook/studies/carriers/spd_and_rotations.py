"""Means of directions, rotations, angles and tensors that are scattered around a centre that is known."""

import numpy as np
import pandas as pd
from scipy.spatial.transform import Rotation

from mixlib.carriers.circle import Circle
from mixlib.carriers.orthogonal import Orthogonal, chordal_mean
from mixlib.carriers.spd import METRICS, SPD
from mixlib.carriers.sphere import Sphere

SETS, K = 200, 8  # sets of points a seed, and points in each
REACH = 1.2  # radians from the centre up to which directions, rotations and angles are spread evenly
CLOSE, OUTLIERS, FAR = 0.3, 1 / 8, 1.5  # the other way: most are this close, this share anywhere up to there
NOISES = ("even", "outliers")
SCATTER = {"affine-invariant": 0.5, "log-euclidean": 0.5, "cholesky": 0.5, "bures": 0.2}  # of each coordinate
TENSOR = np.diag([4.0, 1.0, 0.25])
CARRIERS = {"directions": Sphere(), "rotations": Orthogonal(), "angles": Circle()}
SLACK = 1e-6  # of the failure statistic, for rounding


def scattered(name, noise, rng, sets=SETS):
    """Sets of points (sets, K, ...) on a carrier of `CARRIERS`, scattered around a centre, and the centre."""
    d = {"directions": 2, "rotations": 3, "angles": 1}[name]
    ways = rng.normal(size=(sets, K, d))
    even, far = rng.random((2, sets, K, 1))
    lengths = (REACH if noise == "even" else CLOSE) * even ** (1 / d)
    if noise == "outliers":
        lengths = np.where(rng.random((sets, K, 1)) < OUTLIERS, FAR * far, lengths)
    ways *= lengths / np.linalg.norm(ways, axis=-1, keepdims=True)
    if name == "rotations":
        return Rotation.from_rotvec(ways.reshape(-1, 3)).as_matrix().reshape(sets, K, 3, 3), np.eye(3)
    if name == "angles":
        return ways % (2 * np.pi), np.zeros(1)
    return np.concatenate([np.cos(lengths), np.sinc(lengths / np.pi) * ways], axis=-1), np.array([1.0, 0.0, 0.0])


def brought_back(name, points):
    """The arithmetic mean of the vectors or matrices, moved to the nearest point of the carrier."""
    if name == "rotations":
        return chordal_mean(points)
    if name == "angles":
        return np.arctan2(np.sin(points).mean(axis=1), np.cos(points).mean(axis=1))
    total = points.sum(axis=1)
    return total / np.linalg.norm(total, axis=-1, keepdims=True)


def error(name, mean, centre):
    """Mean squared distance in a straight line, which what is off the carrier has too; of angles along the circle."""
    if name == "angles":
        return (CARRIERS[name].distance(mean, centre) ** 2).mean()
    return ((mean - centre) ** 2).sum(axis=tuple(range(1, mean.ndim))).mean()


def compare(name, noise, seed):
    """How three means do on a carrier: shares of sets in which they pass, and mean squared distances to the centre."""
    carrier = CARRIERS[name]
    points, centre = scattered(name, noise, np.random.default_rng(seed))
    karcher, flat, back = carrier.mean(points), carrier.wrong_mean(points), brought_back(name, points)
    return pd.Series(
        {
            "Karcher passes": (carrier.failure(karcher, points) <= 1 + SLACK).mean(),
            "arithmetic passes": (carrier.failure(flat, points) <= 1 + SLACK).mean(),
            "worst arithmetic": carrier.failure(flat, points).max(),
            "Karcher error": (carrier.distance(karcher, centre) ** 2).mean(),
            "brought back error": (carrier.distance(back, centre) ** 2).mean(),
            "arithmetic over Karcher": error(name, flat, centre) / error(name, karcher, centre),
        }
    )


def symmetric_noise(rng, sets=SETS, d=3):
    """Symmetric matrices (sets, K, d, d), normal in every direction alike."""
    noise = rng.normal(size=(sets, K, d, d))
    return (noise + np.swapaxes(noise, -1, -2)) / 2


def tensors(metric, rng, sets=SETS):
    """Positive definite matrices (sets, K, 3, 3) that are scattered evenly around `TENSOR` as a metric sees it."""
    roots, noise = np.sqrt(np.diag(TENSOR)), SCATTER[metric] * symmetric_noise(rng, sets)
    if metric == "affine-invariant":
        return roots[:, None] * exponential(noise) * roots
    if metric == "log-euclidean":
        return exponential(np.diag(np.log(np.diag(TENSOR))) + noise)
    if metric == "cholesky":
        free = SCATTER[metric] * rng.normal(size=noise.shape)
        diagonal = roots * np.exp(np.diagonal(free, axis1=-2, axis2=-1))
        factor = np.tril(free, -1) + diagonal[..., None] * np.eye(3)
        return factor @ np.swapaxes(factor, -1, -2)
    variances = np.diag(TENSOR)
    step = np.eye(3) + noise / np.sqrt((variances[:, None] + variances) / 2)
    return step @ TENSOR @ step


def exponential(matrices):
    """Exponentials of symmetric matrices."""
    values, vectors = np.linalg.eigh(matrices)
    return (vectors * np.exp(values)[..., None, :]) @ np.swapaxes(vectors, -1, -2)


def all_means(points, weights=None):
    """The arithmetic mean of sets of tensors, and that of each metric."""
    means = {"arithmetic": SPD().wrong_mean(points, weights)}
    return means | {metric: SPD(metric=metric).mean(points, weights) for metric in METRICS}


def errors(seed):
    """Mean squared distance to the centre of each mean (rows), as the metric of the noise measures it (columns)."""
    found = {}
    for metric in METRICS:
        points = tensors(metric, np.random.default_rng([seed, METRICS.index(metric)]))
        far = {name: SPD(metric=metric).distance(mean, TENSOR) for name, mean in all_means(points).items()}
        found[metric] = {name: (each**2).mean() for name, each in far.items()}
    return pd.DataFrame(found)


def swelling(seed):
    """Determinant and sum of standard deviations of each mean over the largest of the points: medians, and shares."""
    rng = np.random.default_rng([seed, 99])
    points = np.stack([SPD().sample(K, 3, rng) for _ in range(SETS)])
    rows = {}
    for name, mean in all_means(points).items():
        volume, length = SPD().failure(mean, points), SPD(metric="bures").failure(mean, points)
        rows[name] = {
            "determinant": np.median(volume),
            "deviations": np.median(length),
            "passes": (volume <= 1 + SLACK).mean(),
            "passes by deviations": (length <= 1 + SLACK).mean(),
        }
    return pd.DataFrame(rows).T


def averages(found):
    """A row for each kind of scatter: shares that pass in percent, and errors over those of the Karcher mean."""
    rows = {}
    for (name, noise), each in found.items():
        back = each["brought back error"] / each["Karcher error"]
        rows[f"{name}, {noise}"] = {
            "Karcher passes (%)": 100 * each["Karcher passes"].mean(),
            "arithmetic passes (%)": 100 * each["arithmetic passes"].mean(),
            "arithmetic": each["arithmetic over Karcher"].mean(),
            "brought back": back.mean(),
        }
    return pd.DataFrame(rows).T
