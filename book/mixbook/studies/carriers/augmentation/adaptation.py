"""A classifier goes from one domain to another, of which it knows inputs and no labels.

All ways use the same classifier, a support vector machine with a Gaussian kernel, the same source inputs with labels
and the same target inputs without. They are judged on other inputs of the target.
"""

import functools

import numpy as np
import ot
import pandas as pd
from scipy.ndimage import rotate
from sklearn.datasets import load_digits, make_moons
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC

TRAIN, TEST, STEPS = 300, 300, 4  # inputs a domain; stations on the way
MOONS, DIGITS = "moons, turned", "digits, turned"
SYSTEMS = {MOONS: 40.0, DIGITS: 30.0}  # by how many degrees
RARE = 0.2  # of the classes of the second half, where the shares of the classes differ


def domains(system, seed, shares_differ=False, degrees=None):
    """Source and target inputs with labels, and test inputs of the target: three pairs."""
    rng = np.random.default_rng(seed)
    degrees = SYSTEMS[system] if degrees is None else degrees
    if system == MOONS:
        inputs, labels = make_moons(3000, noise=0.1, random_state=seed)
        angle = np.deg2rad(degrees)
        turned = (inputs - inputs.mean(axis=0)) @ [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
        turned = turned + inputs.mean(axis=0)
    else:
        inputs, labels, turned = _digits(degrees)
    order = rng.permutation(len(labels))
    source, rest = order[:TRAIN], order[TRAIN:]
    if shares_differ:
        keep = (labels[rest] <= labels.max() // 2) | (rng.random(len(rest)) < RARE)
        rest = rest[keep]
    target, test = rest[:TRAIN], rest[TRAIN : TRAIN + TEST]
    return (inputs[source], labels[source]), (turned[target], labels[target]), (turned[test], labels[test])


@functools.cache
def _digits(degrees):
    """Images of digits, their labels, and the images turned."""
    images, labels = load_digits(return_X_y=True)
    stack = images.reshape(-1, 8, 8) / 16
    turned = rotate(stack, degrees, axes=(1, 2), reshape=False, order=1)
    return images / 16, labels, turned.reshape(len(stack), -1)


def fit(inputs, labels, strength):
    """The classifier of all ways."""
    return SVC(C=strength, gamma="scale").fit(inputs, labels)


def adapt(source, target):
    """The classifiers of every way, by its name; ``target`` are inputs alone."""
    inputs, labels = source
    search = GridSearchCV(SVC(gamma="scale"), {"C": [1.0, 10.0, 100.0]}, cv=3).fit(inputs, labels)
    strength = search.best_params_["C"]
    first = fit(inputs, labels, strength)
    plan = ot.emd(np.full(len(inputs), 1 / len(inputs)), np.full(len(target), 1 / len(target)), ot.dist(inputs, target))
    carried = target[plan.argmax(axis=1)]  # as many inputs here as there: the plan is a permutation
    by_chance = target[np.random.default_rng(0).permutation(len(target))]
    ways = {"as it is": first, "mean and spread aligned": fit(_aligned(inputs, target), labels, strength)}
    ways["self-training"] = _gradual(first, [target] * STEPS, strength)
    times = np.arange(1, STEPS + 1) / STEPS
    for name, end in (("geodesic", carried), ("random pairs", by_chance)):
        stations = [(1 - t) * inputs + t * end for t in times]
        ways[f"{name}, labels carried"] = fit(end, labels, strength)
        ways[f"{name}, self-training"] = _gradual(first, stations, strength)
    return ways


def run(seeds, **options):
    """Accuracy in per cent on the target for every system, way and seed: a table with seeds as columns."""
    rows = {}
    for system in SYSTEMS:
        for seed in seeds:
            source, target, (inputs, labels) = domains(system, seed, **options)
            ways = adapt(source, target[0])
            ways["labels of the target"] = fit(*target, 10.0)
            for name, classifier in ways.items():
                rows.setdefault((system, name), []).append(100 * np.mean(classifier.predict(inputs) == labels))
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(seeds)).set_axis(
        pd.MultiIndex.from_tuples(rows, names=["system", "way"])
    )


def _gradual(classifier, stations, strength):
    """Label each station by the classifier of the one before, and learn from that."""
    for inputs in stations:
        said = classifier.predict(inputs)
        if len(np.unique(said)) > 1:
            classifier = fit(inputs, said, strength)
    return classifier


def _aligned(inputs, target):
    """The inputs with the mean and the covariance of the target, by the symmetric map between both (CORAL)."""
    spread, wanted = (np.cov(x.T) + 1e-2 * np.eye(x.shape[1]) for x in (inputs, target))
    return (inputs - inputs.mean(axis=0)) @ _power(spread, -0.5) @ _power(wanted, 0.5) + target.mean(axis=0)


def _power(matrix, exponent):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * values**exponent) @ vectors.T
