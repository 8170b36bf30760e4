"""The Karcher mean as textbooks iterate it, on the vectors themselves, beside that from their inner products."""

from time import process_time

import numpy as np
import pandas as pd

from mixlib.merging import karcher_mean
from mixlib.merging.vectors import combine

TOLERANCE = 1e-9


def textbook(vectors, weights):
    """The means (rounds + 1, n) that a textbook's iteration on vectors (k, n) goes through, to the Karcher mean."""
    lengths = np.linalg.norm(vectors, axis=1)
    units = vectors / lengths[:, None]
    mean = weights @ units
    mean /= np.linalg.norm(mean)
    means = []
    for _ in range(1000):
        means.append(weights @ lengths * mean)
        cosines = np.clip(units @ mean, -1, 1)
        angles = np.arccos(cosines)
        stretch = weights * angles / np.sin(angles)
        tangent = stretch @ units - (stretch @ cosines) * mean
        size = np.linalg.norm(tangent)
        if size < TOLERANCE:
            return np.array(means)
        mean = np.cos(size) * mean + np.sin(size) / size * tangent
    raise RuntimeError(f"textbook: gradient {size:.1e} after {len(means)} rounds")


def compare(cells, tensor="2.weight"):
    """A row a set of networks and weights: rounds, passes over memory, and what is missed by less than the whole.

    Rounds are those of the textbook that move the mean; the first guess, the average brought to the sphere, is none.
    A pass reads or writes one vector. A textbook's round reads all vectors twice, for angles and for the tangent; the
    linear mean reads each once and writes one. Misses are over the length of the mean: of the first guess, of one
    round, and of the mean from inner products.
    """
    rows = []
    for cell in cells:
        vectors = np.stack([state[tensor].double().numpy().ravel() for state in cell.states])
        k = len(vectors)
        for weights in (np.full(k, 1 / k), np.arange(k, 0, -1) / np.arange(1, k + 1).sum()):
            steps = textbook(vectors, weights)
            ours, theirs = karcher_mean(vectors, weights), steps[-1]
            missed = [np.linalg.norm(m - theirs) / np.linalg.norm(theirs) for m in (steps[0], steps[:2][-1], ours)]
            rows.append(
                {
                    "kind": cell.kind,
                    "units": cell.units,
                    "seed": cell.seed,
                    "k": k,
                    "rounds": len(steps) - 1,
                    "textbook, passes": 2 * k * len(steps) + 1,
                    "inner products, passes": 2 * k + 1,
                    "linear, passes": k + 1,
                    "missed by the guess": missed[0],
                    "missed by one round": missed[1],
                    "apart": missed[2],
                }
            )
    return pd.DataFrame(rows)


def seconds_over_linear(k=4, n=1_000_000, rounds=5):
    """Processor time of a Karcher mean of float32 vectors over that of their linear mean, the quickest of rounds."""
    rng = np.random.default_rng(0)
    common = rng.standard_normal(n, dtype=np.float32)
    vectors = [common + rng.standard_normal(n, dtype=np.float32) for _ in range(k)]
    best = [np.inf, np.inf]
    for _ in range(rounds):
        for i, run in enumerate((karcher_mean, lambda vectors: combine(vectors, [1 / k] * k))):
            start = process_time()
            run(vectors)
            best[i] = min(best[i], process_time() - start)
    return best[0] / best[1]
