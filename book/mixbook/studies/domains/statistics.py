"""Statistics: averages of models on real data, what they are judged by, and what the prior does to them."""

from math import comb

import numpy as np
import pandas as pd

from mixlib.domains import statistics

LEARN = 0.5  # share of the cases to learn from


def load(name):
    """Inputs (n, d) and targets (n,) of a small real data set; of ``iris`` the last measure from the others."""
    from sklearn import datasets

    data = {"diabetes": datasets.load_diabetes, "iris": datasets.load_iris, "wine": datasets.load_wine,
            "breast cancer": datasets.load_breast_cancer}[name]()  # fmt: skip
    return (data.data[:, :3], data.data[:, 3]) if name == "iris" else (data.data, data.target)


def split(name, seed, learn=LEARN):
    """Inputs and targets to learn from, and to be judged on; ``learn`` is a share or a number of cases."""
    inputs, targets = load(name)
    order = np.random.default_rng(seed).permutation(len(targets))
    size = learn if learn > 1 else int(learn * len(targets))
    return inputs[order[:size]], targets[order[:size]], inputs[order[size:]], targets[order[size:]]


def model_average(name, seed, include=0.5, learn=LEARN):
    """Bayesian model averaging over all regressions of a data set.

    Returns
    -------
    weights : array (models,)
    members : array (models, m)
        Their predictions.
    average : array (m,)
    targets : array (m,)
    """
    x, y, cases, targets = split(name, seed, learn)
    weights, predict = statistics.regressions(x, y, include)
    members = predict(cases)
    return weights, members, weights @ members, targets


def classifiers(name, seed):
    """Three classifiers that learn from the same half: chances (3, m, classes) of the other half, and its classes."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y, cases, targets = split(name, seed)
    kinds = LogisticRegression(max_iter=500), GaussianNB(), KNeighborsClassifier(15)
    chances = [make_pipeline(StandardScaler(), kind).fit(x, y).predict_proba(cases) for kind in kinds]
    return np.clip(chances, 1e-6, None), targets


def beyond(value, members):
    """How far values (...) are outside those of the members (k, ...), at most."""
    return float(np.maximum(members.min(axis=0) - value, value - members.max(axis=0)).max())


def judged(seeds):
    """Averages on four data sets, where they are among their members: in what they say, its spread, and its score.

    Returns
    -------
    pandas.DataFrame
        A row a system and seed: ``outside`` (of the members' predictions, at most; 0 or less is inside), ``wider``
        (percent of the cases where the average is more uncertain than each member; NaN for regressions), ``gain``
        (percent of the best member's loss, positive is better than all), ``over_mean`` (of the mean of their losses),
        ``log_outside`` and ``log_gain`` for the logarithmic pool in place of the average (cases in percent, gain).
    """
    rows = []
    for name in ("diabetes", "iris"):
        for seed in seeds:
            weights, members, average, targets = model_average(name, seed)
            losses, loss = ((members - targets) ** 2).mean(axis=1), ((average - targets) ** 2).mean()
            found = beyond(average, members), np.nan, *gains(loss, losses, weights)
            rows.append((f"BMA, {name}", seed, *found, np.nan, np.nan))
    for name in ("wine", "breast cancer"):
        for seed in seeds:
            members, targets = classifiers(name, seed)
            average, even = members.mean(axis=0), np.full(3, 1 / 3)
            log = np.exp(np.log(members).mean(axis=0))
            log /= log.sum(axis=-1, keepdims=True)
            entropy, mixed = (-(p * np.log(p)).sum(axis=-1) for p in (members, average))
            losses, loss, log_loss = (log_loss_of(p, targets) for p in (members, average, log))
            left = np.maximum(members.min(axis=0) - log, log - members.max(axis=0)).max(axis=-1) > 1e-9
            wider = 100 * (mixed > entropy.max(axis=0) + 1e-9).mean()
            found = beyond(average, members), wider, *gains(loss, losses, even)
            rows.append((f"mean of 3, {name}", seed, *found, 100 * left.mean(), gains(log_loss, losses, even)[0]))
    names = "system", "seed", "outside", "wider", "gain", "over_mean", "log_outside", "log_gain"
    return pd.DataFrame(rows, columns=names)


def log_loss_of(chances, targets):
    """The mean log loss (...) of chances (..., m, classes)."""
    return -np.log(chances[..., np.arange(len(targets)), targets]).mean(axis=-1)


def gains(loss, losses, weights):
    """By how many percent a loss is below the best of the members' losses, and below their mean."""
    return 100 * (1 - loss / losses.min()), 100 * (1 - loss / (weights @ losses))


def priors(balls=statistics.BALLS):
    """Priors of the contents of an urn: all alike, a fair coin for each ball, and mostly of one colour."""
    contents = np.arange(balls + 1)
    one_colour = 1 / ((contents + 0.5) * (balls - contents + 0.5))
    return {
        "all contents alike": np.full(balls + 1, 1 / (balls + 1)),
        "a coin for each ball": np.array([comb(balls, k) for k in contents]) / 2**balls,
        "mostly of one colour": one_colour / one_colour.sum(),
    }


def moved_in_urn(balls=statistics.BALLS, drawn=5, white=4):
    """How much weight between contents of an urn each prior moves, from one that holds all alike."""
    first, *others = (statistics.urn(balls, drawn, white, prior)[0] for prior in priors(balls).values())
    return [float(np.abs(other - first).sum() / 2) for other in others]


def moved_by_prior(name, seeds, learn=30, include=0.1):
    """What a prior against many inputs changes, compared with one that holds all models alike.

    Returns
    -------
    pandas.DataFrame
        A row a seed: ``move`` of the average, over the range of the members (median of cases), ``weights`` (how much
        of the weight of the models is elsewhere), ``control`` (the move where the inputs change their order).
    """
    rows = []
    for seed in seeds:
        x, y, cases, _ = split(name, seed, learn)
        even, predict = statistics.regressions(x, y)
        sparse, _ = statistics.regressions(x, y, include)
        turned, predict_turned = statistics.regressions(x[:, ::-1], y)
        members = predict(cases)
        moves = (sparse - even) @ members, turned @ predict_turned(cases[:, ::-1]) - even @ members
        move, control = (float(np.median(np.abs(m) / np.ptp(members, axis=0))) for m in moves)
        rows.append((name, seed, move, np.abs(sparse - even).sum() / 2, control))
    return pd.DataFrame(rows, columns=["data", "seed", "move", "weights", "control"])
