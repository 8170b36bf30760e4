"""The Karcher mean as textbooks iterate it, on the vectors themselves, beside that from their inner products."""

from time import process_time

import numpy as np
import pandas as pd

from mixlib.merging import karcher_mean
from mixlib.merging.vectors import combine

TOLERANCE = 1e-9


def textbook(vectors, weights):
    """The Karcher mean of vectors (k, n), and how many rounds through all of them it took."""
    lengths = np.linalg.norm(vectors, axis=1)
    units = vectors / lengths[:, None]
    mean = weights @ units
    mean /= np.linalg.norm(mean)
    for rounds in range(1, 1000):
        cosines = np.clip(units @ mean, -1, 1)
        angles = np.arccos(cosines)
        stretch = weights * angles / np.sin(angles)
        tangent = stretch @ units - (stretch @ cosines) * mean
        size = np.linalg.norm(tangent)
        if size < TOLERANCE:
            return weights @ lengths * mean, rounds
        mean = np.cos(size) * mean + np.sin(size) / size * tangent
    raise RuntimeError(f"textbook: gradient {size:.1e} after {rounds} rounds")


def compare(cells, tensor="2.weight"):
    """A row a set of networks: rounds of the textbook, passes over memory of both, and how far they are apart.

    A pass reads or writes one vector. A textbook's round reads all vectors twice, for angles and for the tangent; the
    linear mean reads each once and writes one.
    """
    rows = []
    for cell in cells:
        vectors = np.stack([state[tensor].double().numpy().ravel() for state in cell.states])
        k = len(vectors)
        weights = np.arange(k, 0, -1) / np.arange(1, k + 1).sum()
        theirs, rounds = textbook(vectors, weights)
        ours = karcher_mean(vectors, weights)
        rows.append(
            {
                "kind": cell.kind,
                "k": k,
                "rounds": rounds,
                "textbook, passes": 2 * k * rounds + 1,
                "inner products, passes": 2 * k + 1,
                "linear, passes": k + 1,
                "apart": np.linalg.norm(ours - theirs) / np.linalg.norm(ours),
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
