"""Where trained networks lie among all weights: near few directions or not, and where a mean of two lies."""

import numpy as np
import pandas as pd
import torch

from mixbook.studies.carriers.merging.networks import (
    SETS,
    UNITS,
    accuracy,
    architecture,
    beginnings,
    forward,
    pick,
    rank,
    split,
    stack,
    train,
)
from mixlib.merging import align, groups_of, merge, variance_ratio

NETWORKS, WIDTH, FOLDS, DIRECTIONS = 120, 32, 5, 10
KINDS = OWN, ALIGNED, BASE, RANDOM = "own starts", "own starts, aligned", "one base", "random, same norms"
MEANS = "linear", "linear-norms", "karcher"


def families(data, units="ReLU", count=NETWORKS, steps=300, width=WIDTH):
    """States of many networks of one data set by their kind, and the data.

    Each is trained on a random half of the training data: from its own start, or on from one base that was trained on
    all of it. Random ones have the norms that the first kind has, tensor by tensor.
    """
    parts, rng = split(data, 0), np.random.default_rng(7)
    halves = torch.tensor(np.stack([rng.permutation(len(parts.train[1]))[:500] for _ in range(count)]))
    inputs, labels = (each[halves] for each in parts.train)
    own = train(beginnings(count, width, 8, units), inputs, labels, steps, 9, units=units)
    base = train(beginnings(1, width, 10, units), *(each[None] for each in parts.train), steps, 11, units=units)
    start = {name: tensor.expand(count, *tensor.shape[1:]) for name, tensor in base.items()}
    tuned = train(start, inputs, labels, steps, 12, units=units)
    states, groups = [pick(own, i) for i in range(count)], groups_of(architecture(width))
    aligned = stack([align(state, states[0], groups) for state in states])
    noise = {name: torch.tensor(rng.normal(size=tuple(t.shape)), dtype=torch.float32) for name, t in own.items()}
    norms = {name: _norms(own[name]) / _norms(noise[name]) * noise[name] for name in own}
    return dict(zip(KINDS, (own, aligned, tuned, norms), strict=True)), parts


def distances(family, parts, units="ReLU", folds=FOLDS, directions=DIRECTIONS):
    """How far held-out networks and means of two lie from the networks of the other folds: a row a fold.

    ``left`` is what is left of the distance to their centre by their principal directions, ``radius`` that distance,
    ``nearest`` the one to the nearest of them. Of a mean all are over what held-out networks have.
    """
    vectors = _flat(family)
    rows = []
    for held, centre, axes in _fits(vectors, folds, directions):
        apart, fitted = vectors[held] - centre, vectors[~held]
        states = [pick(family, int(i)) for i in np.flatnonzero(held)]
        pairs = list(zip(states[::2], states[1::2], strict=False))
        radius, near = np.linalg.norm(apart, axis=1), _nearest(vectors[held], fitted).mean()
        row = {
            "left": _left(apart, axes).mean() / radius.mean(),
            "left of their length": _left(apart, axes).mean() / np.linalg.norm(vectors[held], axis=1).mean(),
            "accuracy": _accuracy(stack(states), parts, units),
            "spread of radius": radius.std() / radius.mean(),
        }
        for method in MEANS:
            merged = stack([merge(pair, method) for pair in pairs])
            moved = _flat(merged) - centre
            row[f"left, {method}"] = _left(moved, axes).mean() / radius.mean()
            row[f"radius, {method}"] = np.linalg.norm(moved, axis=1).mean() / radius.mean()
            row[f"nearest, {method}"] = _nearest(moved + centre, fitted).mean() / near
            row[f"accuracy, {method}"] = _accuracy(merged, parts, units)
        rows.append(row | _signals(states, pairs, parts.test[0], units))
    return pd.DataFrame(rows)


def _signals(states, pairs, inputs, units):
    """Variance of the second layer's units and effective rank of its activations, in linear means over networks."""
    merged, _ = forward(stack([merge(pair) for pair in pairs]), inputs, units)
    single, _ = forward(stack(states), inputs, units)
    variances = [float(variance_ratio(single[2 * i : 2 * i + 2], mean)) for i, mean in enumerate(merged)]
    ranks = float(rank(merged, units).mean() / rank(single, units).mean())
    return {"variance, linear": np.mean(variances), "rank, linear": ranks}


def curve(family, most=60, folds=FOLDS):
    """Share of the distance to the centre that is left by 0 to so many directions, on held-out networks."""
    vectors, left = _flat(family), []
    for held, centre, axes in _fits(vectors, folds, most):
        apart = vectors[held] - centre
        along = np.cumsum((apart @ axes.T) ** 2, axis=1)
        squares = np.sum(apart**2, axis=1, keepdims=True)
        share = np.hstack([0 * squares, along]) / squares
        left.append(np.sqrt(np.clip(1 - share, 0, None)).mean(axis=0))
    return np.mean(left, axis=0)


def along(family, parts, weights, units="ReLU", pairs=12):
    """Means of two networks with each weight of the second, and networks: pairs of distance to the centre, accuracy.

    The centre is that of all others. Distances are over those of the networks.
    """
    vectors, chosen = _flat(family), np.arange(2 * pairs)
    centre = vectors[2 * pairs :].mean(axis=0)
    radius = np.linalg.norm(vectors[chosen] - centre, axis=1)
    states = [pick(family, int(i)) for i in chosen]
    points = [(r / radius.mean(), _accuracy(stack([s]), parts, units)) for r, s in zip(radius, states, strict=True)]
    found = {}
    for method in MEANS:
        way = []
        for t in weights:
            merged = stack([merge(states[i : i + 2], method, weights=[1 - t, t]) for i in chosen[::2]])
            far = np.linalg.norm(_flat(merged) - centre, axis=1).mean() / radius.mean()
            way.append((far, _accuracy(merged, parts, units)))
        found[method] = np.array(way)
    return found, np.array(points)


def run(weights, **options):
    """Distances of all kinds of networks and data sets; by units, data and kind what is left, and the ways of means."""
    rows, curves, ways = [], {}, {}
    for units in UNITS:
        for data in SETS:
            found, parts = families(data, units, **options)
            for kind, family in found.items():
                rows.append(distances(family, parts, units).assign(units=units, data=data, kind=kind))
                curves[units, data, kind] = curve(family)
            ways |= {(units, data, kind): along(found[kind], parts, weights, units) for kind in (OWN, BASE)}
    return pd.concat(rows).rename_axis("fold").reset_index(), curves, ways


def _flat(family):
    """Networks as vectors (M, n)."""
    return torch.cat([tensor.flatten(1) for tensor in family.values()], dim=1).double().numpy()


def _fits(vectors, folds, directions):
    """For each fold which vectors it holds out, and centre and principal directions of the others."""
    for fold in range(folds):
        held = np.arange(len(vectors)) % folds == fold
        centre = vectors[~held].mean(axis=0)
        _, _, axes = np.linalg.svd(vectors[~held] - centre, full_matrices=False)
        yield held, centre, axes[:directions]


def _left(vectors, axes):
    """Distances from the plane of these axes."""
    return np.linalg.norm(vectors - vectors @ axes.T @ axes, axis=1)


def _nearest(vectors, others):
    """Distance of each to the nearest of the others."""
    squares = np.sum(vectors**2, axis=1)[:, None] + np.sum(others**2, axis=1) - 2 * vectors @ others.T
    return np.sqrt(squares.min(axis=1))


def _norms(tensor):
    return torch.linalg.vector_norm(tensor.flatten(1), dim=1).reshape(-1, *[1] * (tensor.ndim - 1))


def _accuracy(states, parts, units):
    inputs, labels = parts.test
    return accuracy(forward(states, inputs, units)[1], labels)
