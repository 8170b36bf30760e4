"""Whether trained networks lie near a set of few dimensions, and whether their mean lies off it."""

import numpy as np
import pandas as pd
import torch

from mixbook.studies.carriers.merging.networks import SETS, architecture, beginnings, forward, pick, split, stack, train
from mixlib.merging import align, groups_of, merge

NETWORKS, WIDTH, FOLDS, DIRECTIONS = 120, 32, 5, 10
KINDS = "own starts", "own starts, aligned", "one base", "random, same norms"


def families(data, count=NETWORKS, steps=300, width=WIDTH):
    """States of many networks of one data set by their kind, and the data.

    Each is trained on a random half of the training data: from its own start, or on from one base that was trained on
    all of it. Random ones have the norms that the first kind has, tensor by tensor.
    """
    parts, rng = split(data, 0), np.random.default_rng(7)
    halves = torch.tensor(np.stack([rng.permutation(len(parts.train[1]))[:500] for _ in range(count)]))
    inputs, labels = (each[halves] for each in parts.train)
    own = train(beginnings(count, width, 8), inputs, labels, steps, 9)
    base = train(beginnings(1, width, 10), *(each[None] for each in parts.train), steps, 11)
    start = {name: tensor.expand(count, *tensor.shape[1:]) for name, tensor in base.items()}
    tuned = train(start, inputs, labels, steps, 12)
    states, groups = [pick(own, i) for i in range(count)], groups_of(architecture(width))
    aligned = stack([align(state, states[0], groups) for state in states])
    noise = {name: torch.tensor(rng.normal(size=tuple(t.shape)), dtype=torch.float32) for name, t in own.items()}
    norms = {name: _norms(own[name]) / _norms(noise[name]) * noise[name] for name in own}
    return dict(zip(KINDS, (own, aligned, tuned, norms), strict=True)), parts


def distances(family, parts, folds=FOLDS, directions=DIRECTIONS):
    """How far held-out networks and means of two are from a fit of the others by few directions: a row a fold.

    All distances are those that are left after the principal directions of the networks of the other folds, over the
    distance of held-out networks to the centre. The radius of a mean is its distance to the centre over theirs.
    """
    vectors = torch.cat([tensor.flatten(1) for tensor in family.values()], dim=1).double().numpy()
    rows = []
    for fold in range(folds):
        held = np.arange(len(vectors)) % folds == fold
        centre = vectors[~held].mean(axis=0)
        _, _, axes = np.linalg.svd(vectors[~held] - centre, full_matrices=False)
        apart = vectors[held] - centre
        states = [pick(family, int(i)) for i in np.flatnonzero(held)]
        pairs = list(zip(states[::2], states[1::2], strict=False))
        row = {"networks": _left(apart, axes[:directions]).mean() / np.linalg.norm(apart, axis=1).mean()}
        row["of their length"] = _left(apart, axes[:directions]).mean() / np.linalg.norm(vectors[held], axis=1).mean()
        row["accuracy"] = _accuracy(states, parts)
        row["spread of radius"] = np.linalg.norm(apart, axis=1).std() / np.linalg.norm(apart, axis=1).mean()
        for method in ("linear", "karcher"):
            merged = [merge(pair, method) for pair in pairs]
            moved = torch.cat([t.flatten(1) for t in stack(merged).values()], dim=1).double().numpy() - centre
            row[f"{method} mean"] = _left(moved, axes[:directions]).mean() / np.linalg.norm(apart, axis=1).mean()
            row[f"radius, {method}"] = np.linalg.norm(moved, axis=1).mean() / np.linalg.norm(apart, axis=1).mean()
            row[f"accuracy, {method}"] = _accuracy(merged, parts)
        rows.append(row)
    return pd.DataFrame(rows)


def curve(family, most=60, folds=FOLDS):
    """Share of the distance to the centre that is left by 0 to so many directions, on held-out networks."""
    vectors = torch.cat([tensor.flatten(1) for tensor in family.values()], dim=1).double().numpy()
    left = []
    for fold in range(folds):
        held = np.arange(len(vectors)) % folds == fold
        centre = vectors[~held].mean(axis=0)
        _, _, axes = np.linalg.svd(vectors[~held] - centre, full_matrices=False)
        apart = vectors[held] - centre
        along = np.cumsum((apart @ axes[:most].T) ** 2, axis=1)
        squares = np.sum(apart**2, axis=1, keepdims=True)
        share = np.hstack([0 * squares, along]) / squares
        left.append(np.sqrt(np.clip(1 - share, 0, None)).mean(axis=0))
    return np.mean(left, axis=0)


def run(**options):
    """Distances of all kinds on all data sets, and the curves of what is left."""
    rows, curves = [], {}
    for data in SETS:
        found, parts = families(data, **options)
        for kind, family in found.items():
            rows.append(distances(family, parts).assign(data=data, kind=kind))
            curves[data, kind] = curve(family)
    return pd.concat(rows, ignore_index=True), curves


def _left(vectors, axes):
    """Distances from the plane of these axes."""
    return np.linalg.norm(vectors - vectors @ axes.T @ axes, axis=1)


def _norms(tensor):
    return torch.linalg.vector_norm(tensor.flatten(1), dim=1).reshape(-1, *[1] * (tensor.ndim - 1))


def _accuracy(states, parts):
    inputs, labels = parts.test
    return float((forward(stack(states), inputs)[1].argmax(-1) == labels).double().mean())
