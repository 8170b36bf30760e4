"""A training set in a few examples a class: who makes them, and how well classifiers learn from them."""

import numpy as np
import pandas as pd
import torch
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_digits, load_wine

from mixbook.studies.paired import paired
from mixlib.arrays import generator
from mixlib.carriers.discrete_measure import Atoms, DiscreteMeasure, free_support_barycenter
from mixlib.carriers.histograms import wasserstein_barycenter

STARTS = 3  # of every method that has starts
PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1)  # of the squared weights, in logistic regression
STEPS = 150


def data(name):
    """Examples (n, d) and labels: digits as pictures in [0, 1], tumours and wines in standard units."""
    load = {"digits": load_digits, "tumours": load_breast_cancer, "wines": load_wine}[name]
    examples, labels = load(return_X_y=True)
    return (examples / 16 if name == "digits" else (examples - examples.mean(0)) / examples.std(0)), labels


def split(name, seed):
    """Training, validation and test sets, a half, a quarter and a quarter: a dict of pairs."""
    examples, labels = data(name)
    order = np.random.default_rng(seed).permutation(len(labels))
    parts = np.split(order, [len(order) // 2, 3 * len(order) // 4])
    return {role: (examples[part], labels[part]) for role, part in zip(("train", "valid", "test"), parts, strict=True)}


def random_examples(examples, m, rng):
    """``m`` examples, drawn by chance."""
    return examples[rng.choice(len(examples), m, replace=False)]


def medoids(examples, m, rng):
    """The ``m`` examples whose squared distances to all others are least, by alternating; the best of some starts."""
    apart, best = cdist(examples, examples, "sqeuclidean"), (np.inf, None)
    for _ in range(STARTS):
        chosen, before = rng.choice(len(examples), m, replace=False), None
        while before is None or (chosen != before).any():
            before, nearest = chosen, apart[:, chosen].argmin(axis=1)
            groups = [np.flatnonzero(nearest == j) for j in range(m)]
            chosen = np.array([group[apart[np.ix_(group, group)].sum(axis=0).argmin()] for group in groups])
        best = min(best, (apart[:, chosen].min(axis=1).sum(), chosen), key=lambda found: found[0])
    return examples[best[1]]


def means(examples, m, rng):
    """The ``m`` centres of k-means: the atoms of the W2-nearest measure of ``m`` atoms and any masses."""
    return _clusters(examples, m, rng).cluster_centers_


def barycenter(examples, m, rng):
    """The ``m`` atoms, of equal masses, of the free-support W2 barycenter of the examples' empirical law."""
    masses = np.full(len(examples), 1 / len(examples))
    return free_support_barycenter(([examples], [masses]), atoms=m, starts=STARTS, rng=rng).positions


def ink(examples, m, rng):
    """Pictures of ``m`` groups of k-means, each averaged by moving ink: debiased W2 barycenters of 8 by 8 pixels."""
    groups, found = _clusters(examples, m, rng).labels_, []
    for j in range(m):
        pictures = examples[groups == j].reshape(-1, 8, 8)
        sums = pictures.sum(axis=(1, 2), keepdims=True)
        found.append(sums.mean() * wasserstein_barycenter(pictures / sums, reg=1.0, tolerance=1e-2).ravel())
    return np.stack(found)


METHODS = {
    "random examples": random_examples,
    "medoids": medoids,
    "k-means": means,
    "W2 barycenter": barycenter,
    "barycenters of ink": ink,
}


def prototypes(name, sizes, seeds, methods=METHODS):
    """The condensed sets of every method, size and seed: a dict of arrays (classes, m, d)."""
    found = {}
    for seed in seeds:
        examples, labels = split(name, seed)["train"]
        classes = [examples[labels == label] for label in np.unique(labels)]
        for method in methods:
            for m in sizes:
                rng = generator([seed, m])
                found[method, m, seed] = np.stack([METHODS[method](own, m, rng) for own in classes])
    return found


def accuracies(name, condensed):
    """Test accuracy in percent of two classifiers that learn from the condensed sets: a row a set and classifier."""
    rows, sets = [], {seed: split(name, seed) for seed in {seed for *_, seed in condensed}}
    for (method, m, seed), examples in condensed.items():
        test, answers = sets[seed]["test"]
        nearest = cdist(test, examples.reshape(-1, examples.shape[-1]), "sqeuclidean").argmin(axis=1) // m
        rows.append((method, m, seed, "nearest neighbour", 100 * np.mean(nearest == answers)))
    for m in {m for _, m, _ in condensed}:
        keys = [key for key in condensed if key[1] == m]
        found = _logistic([condensed[key] for key in keys], [sets[seed] for *_, seed in keys])
        rows += [(*key, "logistic regression", accuracy) for key, accuracy in zip(keys, found, strict=True)]
    return pd.DataFrame(rows, columns=["method", "m", "seed", "classifier", "accuracy"])


def whole_set(name, seeds):
    """The same of the whole training set: percent by classifier and seed."""
    rows = []
    for seed in seeds:
        sets = split(name, seed)
        train, labels = sets["train"]
        nearest = labels[cdist(sets["test"][0], train, "sqeuclidean").argmin(axis=1)]
        rows.append(("nearest neighbour", seed, 100 * np.mean(nearest == sets["test"][1])))
        rows.append(("logistic regression", seed, _logistic([train], [sets], [labels])[0]))
    return pd.DataFrame(rows, columns=["classifier", "seed", "accuracy"])


def gains(table, of, over):
    """The accuracy of one method less that of another, with its standard error over seeds: a row a case."""
    wide = table.pivot_table(index=["classifier", "m", "seed"], columns="method", values="accuracy")
    gap = (wide[of] - wide[over]).groupby(["classifier", "m"])
    rows = pd.DataFrame({"gain": gap.mean(), "error": gap.std(ddof=1) / np.sqrt(gap.count())})
    rows["better"], rows["worse"] = rows["gain"] > 2 * rows["error"], rows["gain"] < -2 * rows["error"]
    return rows


def on_average(tables, of, over, least=1):
    """The gain of one method over another by set, mean over classifiers and sizes of at least so many: paired tests."""
    gaps = {}
    for name, table in tables.items():
        wide = table[table["m"] >= least].pivot_table(index="seed", columns="method", values="accuracy")
        gaps[name] = wide[of] - wide[over]
    return paired(pd.DataFrame(gaps).T)


def quantisation_costs(name, sizes, seeds):
    """Squared W2 distance of a class to its nearest measure of ``m`` atoms: a row a class, size and seed.

    ``by_means`` is what k-means says, ``by_transport`` the transport to its centres with the masses of its groups,
    ``equal_masses`` that of the barycenter with equal masses.
    """
    rows = []
    for seed in seeds:
        examples, labels = split(name, seed)["train"]
        for label in np.unique(labels):
            own = examples[labels == label]
            law = Atoms(own, np.full(len(own), 1 / len(own)))
            for m in sizes:
                found = _clusters(own, m, generator([seed, m]))
                masses = np.bincount(found.labels_, minlength=m) / len(own)
                free = DiscreteMeasure().distance(Atoms(found.cluster_centers_, masses), law) ** 2
                equal = Atoms(barycenter(own, m, generator([seed, m])), np.full(m, 1 / m))
                rows.append((seed, m, found.inertia_ / len(own), free, DiscreteMeasure().distance(equal, law) ** 2))
    return pd.DataFrame(rows, columns=["seed", "m", "by_means", "by_transport", "equal_masses"])


def _clusters(examples, m, rng):
    return KMeans(m, n_init=STARTS, random_state=int(rng.integers(2**31)), tol=0).fit(examples)


def _logistic(sets, splits, labels=None):
    """Test accuracies of softmax regressions, one a set; the penalty of each is chosen on its validation set.

    All sets, of one size, and all penalties are trained in one tensor program.
    """
    if labels is None:
        labels = [np.repeat(np.arange(len(one)), one.shape[1]) for one in sets]
    flat = np.stack([one.reshape(-1, one.shape[-1]) for one in sets])
    x, y = torch.tensor(flat), torch.tensor(np.stack(labels))
    x = torch.cat([x, torch.ones(*x.shape[:2], 1)], dim=-1).repeat_interleave(len(PENALTIES), dim=0)
    y, penalty = y.repeat_interleave(len(PENALTIES), dim=0), torch.tensor(PENALTIES).repeat(len(sets))[:, None, None]
    classes = int(y.max()) + 1
    weights, wanted = torch.zeros(len(x), x.shape[-1], classes, dtype=x.dtype), torch.nn.functional.one_hot(y, classes)
    step = 1 / (x.pow(2).sum(-1).mean(1)[:, None, None] / 2 + penalty)  # below the inverse of the curvature
    ahead, last = weights, weights
    for i in range(STEPS):  # Nesterov's gradient steps
        slope = x.mT @ (torch.softmax(x @ ahead, dim=-1) - wanted) / x.shape[1] + penalty * ahead
        weights, last = ahead - step * slope, weights
        ahead = weights + i / (i + 3) * (weights - last)
    found = []
    for one, of in zip(weights.reshape(len(sets), len(PENALTIES), *weights.shape[1:]).numpy(), splits, strict=True):
        valid, test = (_hits(one, *of[role]) for role in ("valid", "test"))
        found.append(100 * test[valid.argmax()])
    return found


def _hits(weights, examples, labels):
    scores = np.einsum("nd,pdc->pnc", examples, weights[:, :-1]) + weights[:, None, -1]
    return (scores.argmax(axis=-1) == labels).mean(axis=1)
